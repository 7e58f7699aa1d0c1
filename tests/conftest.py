"""Settings shared by all tests: hypothesis draws the same examples in every run, one thread."""

import signal

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


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Start each test from the same random state, so that their order does not matter."""
    torch.manual_seed(0)
