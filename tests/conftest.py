"""Settings shared by all tests: hypothesis draws the same examples in every run, one thread."""

import hypothesis
import pytest
import torch

hypothesis.settings.register_profile(
    "book", derandomize=True, database=None, deadline=None, max_examples=50
)
hypothesis.settings.load_profile("book")

# Tests may run beside each other, one process a core; more threads than cores only wait.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Start each test from the same random state, so that their order does not matter."""
    torch.manual_seed(0)
