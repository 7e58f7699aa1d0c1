"""A pytest plugin for the runs on mutants: which test noticed, and what it noticed.

mutmut looks at the exit status of pytest only. A mutant that cannot even run, because it hands
``None`` to a function that takes none, says little about the tests; so the first failure of each
run is written down, and ``outcomes`` sorts the mutants by it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import hypothesis
import pytest

#: In the folder in which mutmut runs the tests; one file for each mutant that failed.
NOTES = Path("noticed")


def pytest_configure(config: pytest.Config) -> None:
    """Draw what the ordinary tests draw, but do not look for the smallest example that fails."""
    book = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
    hypothesis.settings.register_profile(
        "mutants",
        book,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        report_multiple_bugs=False,
    )
    hypothesis.settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order of the file, so that the same test is the first to fail in every run."""
    first = {item.path: position for position, item in reversed(list(enumerate(items)))}
    order = sorted(first, key=lambda path: path.name)
    items.sort(key=lambda item: (order.index(item.path), item.location[1] or 0, item.name))


def pytest_exception_interact(
    node: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
) -> None:
    """Write down the first failure of a run on a mutant."""
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if "__mutmut_" not in mutant or call.excinfo is None:
        return
    NOTES.mkdir(exist_ok=True)
    noticed = {
        "test": node.nodeid,
        "error": [kind.__name__ for kind in type(call.excinfo.value).__mro__],
    }
    (NOTES / f"{mutant}.json").write_text(json.dumps(noticed), encoding="utf-8")
