"""Public code that the checker was not made with: what it must reach, and that it is counted."""

import pytest
from proofs import public

from lesson_code.checker import check

NO_PEER = "lightly is not installed: what it publishes is left out"


@pytest.fixture(scope="module")
def every():
    return list(public.judged())


def test_the_bars_are_reached(every):
    reached = {name: number / total for name, (number, total) in public.figures(every).items()}
    shown = "\n".join(f"{what}: {case.exercise}, {case.says}" for case, _, what in every)
    assert reached["right code accepted"] >= 0.95, shown
    assert reached["mistakes of the bank named"] >= 0.85, shown
    assert reached["unknown ones with a direction"] >= 0.8, shown
    assert reached["false name"] == reached["wrongly accepted"] == 0, shown


def test_each_case_has_a_source_and_the_peer_is_among_them(every):
    assert all(case.source.startswith("https://") for case, _, _ in every)
    pytest.importorskip("lightly", reason=NO_PEER)
    assert sum("lightly's" in case.says for case, _, _ in every) >= 9


def test_outcomes_are_told_apart():
    """Right code filed as a mistake is wrongly accepted, wrong code filed as right refused."""
    from lesson_code import simclr_loss

    verdict = check("simclr_loss", simclr_loss)
    mistake = public.Case("simclr_loss", "unknown", "https://", "", "", simclr_loss)
    assert public.outcome(mistake, verdict) == "wrongly accepted"
    wrong = check("simclr_loss", lambda z_i, z_j, temperature=0.5: -simclr_loss(z_i, z_j))
    filed = public.Case("simclr_loss", "right", "https://", "", "", None)
    assert public.outcome(filed, wrong) in ("refused", "false name")
