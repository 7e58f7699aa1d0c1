"""The proof that the tests bite: each known-wrong variant must fail its concept's own tests.

``tests/mistakes/harness.py`` says how it works and how to add a variant.
"""

import pytest
import torch
from mistakes.harness import Mistake, all_mistakes, run

from lesson_code import simclr_loss

MISTAKES = all_mistakes()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_rejected(mistake: Mistake) -> None:
    """Some test says no to the variant, and none fails for want of a working variant."""
    outcome = run(mistake.rejected_by, mistake)
    assert outcome.exit_code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), (
        f"{mistake.rejected_by} could not run: {list(map(str, outcome.failures))}"
    )
    assert outcome.failures, (
        f"all {outcome.passed} tests of {mistake.rejected_by} accept: {mistake.why}"
    )
    broken = [str(failure) for failure in outcome.failures if failure.broken()]
    assert not broken, f"the variant is broken rather than wrong: {broken}"
    assert any(failure.rejects() for failure in outcome.failures), outcome.failures


@pytest.mark.parametrize("module", sorted({mistake.rejected_by for mistake in MISTAKES}))
def test_the_real_thing_passes(module: str) -> None:
    """The control: the same run with nothing replaced passes, so a rejection means something."""
    outcome = run(module)
    assert outcome.exit_code == pytest.ExitCode.OK, list(map(str, outcome.failures))
    assert outcome.passed


def test_names_are_unique() -> None:
    """Two variants of one name would hide each other in a report."""
    names = [mistake.name for mistake in MISTAKES]
    assert len(names) == len(set(names))


# --- the harness itself ---------------------------------------------------------------------


def variant(function, replaces: str = "simclr_loss") -> Mistake:
    return Mistake("probe", replaces, "test_simclr", "a probe of the harness", function)


def test_the_right_function_is_not_rejected() -> None:
    """Also under another name, and though it is put in place like a mistake."""

    def same(z_i, z_j, temperature=0.5):
        return simclr_loss(z_i, z_j, temperature)

    outcome = run("test_simclr", variant(same))
    assert outcome.exit_code == pytest.ExitCode.OK and not outcome.failures


def test_a_variant_that_does_not_run_is_no_mistake() -> None:
    """A function that fails with a NameError is rejected for the wrong reason."""

    def broken(z_i, z_j, temperature=0.5):
        return not_defined(z_i)  # noqa: F821

    failures = run("test_simclr", variant(broken)).failures
    assert failures and all(failure.broken() for failure in failures)
    assert not any(failure.rejects() for failure in failures)


def test_a_name_that_the_tests_do_not_use_is_an_error() -> None:
    outcome = run("test_simclr", variant(simclr_loss, replaces="MoCo"))
    assert outcome.exit_code == pytest.ExitCode.USAGE_ERROR


def test_nothing_is_left_behind() -> None:
    """After a run the tests see the real function, the seed and the settings as before."""
    import hypothesis
    import test_simclr

    profile = hypothesis.settings.get_current_profile_name()
    state = torch.get_rng_state()
    run("test_simclr", variant(lambda *_: torch.zeros(())))
    assert test_simclr.simclr_loss is simclr_loss
    assert hypothesis.settings.get_current_profile_name() == profile
    assert torch.equal(torch.get_rng_state(), state)
