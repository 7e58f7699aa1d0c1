"""Settings shared by the tests of the lab."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def no_figure_left() -> Iterator[None]:
    """Close what a test drew, so that the next one counts its own figures only."""
    yield
    plt.close("all")
