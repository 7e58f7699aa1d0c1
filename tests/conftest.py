"""Settings shared by all tests: hypothesis draws the same examples in every run, one thread."""

import hashlib
import signal
import zlib

import hypothesis
import pytest
import torch

hypothesis.settings.register_profile(
    "book", derandomize=True, database=None, deadline=None, max_examples=50
)
hypothesis.settings.load_profile("book")

# Tests may run beside each other, one process a core; more threads than cores only wait.
torch.set_num_threads(1)

# A shell that runs the suite in the background lets it ignore Ctrl-C, and so all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CODE = ("docs/**/*.md", "theme/**/*", "lesson_code/**/*.py", "scripts/**/*.py", "tests/**/*.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "of the tests marked in_turn run one in N; any change of a file deals anew (all of them)"
    parser.addoption("--one-in", type=int, default=1, metavar="N", help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of the same parameters have their turn together, as those that look at one page."""
    parts, code = config.getoption("one_in"), hashlib.sha256()
    for file in sorted(path for glob in CODE for path in config.rootpath.glob(glob)):
        code.update(file.read_bytes() if file.is_file() else b"")
    turn = int(code.hexdigest(), 16)

    def waits(item: pytest.Item) -> bool:
        which = zlib.crc32(item.callspec.id.encode()) if hasattr(item, "callspec") else 0
        return item.get_closest_marker("in_turn") is not None and (which + turn) % parts != 0

    config.hook.pytest_deselected(items=[item for item in items if waits(item)])
    items[:] = [item for item in items if not waits(item)]


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Start each test from the same random state, so that their order does not matter."""
    torch.manual_seed(0)
