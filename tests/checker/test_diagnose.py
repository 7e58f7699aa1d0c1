"""Hints about a wrong function that is like no bug."""

import pytest
import torch

from lesson_code.checker.answers import Answers
from lesson_code.checker.diagnose import diagnosis
from lesson_code.checker.exercise import Probe

RIGHT = {
    "one": {"value": torch.tensor(2.0)},
    "two": {"value": torch.tensor(3.0)},
    "three": {"value": torch.tensor(-1.5)},
    "pushed": {"gradient in x": torch.tensor([1.0, -2.0])},
    "kept": {"x afterwards": torch.tensor([4.0, 5.0])},
}
PROBES = [Probe(name, lambda _: {}) for name in RIGHT]


def given(seen):
    """Answers that were given already."""
    told = Answers(None)
    told.seen = seen
    return told


def answers(change, gradient=None, kept=None):
    """The right answers with each value changed, another gradient or another argument."""
    seen = {name: dict(items) for name, items in RIGHT.items()}
    for name in ("one", "two", "three"):
        seen[name] = {"value": change(RIGHT[name]["value"])}
    if gradient is not None:
        seen["pushed"] = {"gradient in x": gradient}
    if kept is not None:
        seen["kept"] = {"x afterwards": kept}
    return seen


def said(*arguments, **others):
    return diagnosis(given(answers(*arguments, **others)), given(RIGHT), PROBES)


def same(value):
    return value


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda value: 2.5 * value, "it is 2.5 times the expected value"),
        (lambda value: (2.5 * value).item(), "it is 2.5 times the expected value"),
        (lambda value: -value, "minus the expected value: the sign is wrong"),
        (lambda value: value + 0.125, "it is 0.125 more than expected"),
        (lambda value: value - 2.0, "it is 2 less than expected"),
        (lambda value: torch.stack([value - 1, value + 1]), "their mean is right"),
        (lambda value: torch.stack([value - 1, torch.ones(())]), "their sum is right"),
        (lambda value: value.view(1, 1), "their mean is right"),
        (lambda value: torch.zeros(2, 3), "shape (2, 3), and a single number is expected"),
    ],
)
def test_a_pattern_in_the_values_is_told(change, hint):
    assert hint in said(change)


def test_without_a_pattern_the_size_is_told():
    assert said(torch.square) == "Its value is too large, by 2 to 6, on 3 of 3 probes."
    assert said(torch.tanh).startswith(
        "Its value is off by 0.595 to 2, on 3 of 3 probes, both ways"
    )
    assert said(same) == ""


def test_a_pattern_must_hold_everywhere():
    """Two probes of three are no pattern."""
    seen = answers(lambda value: 2.0 * value)
    seen["three"] = {"value": torch.tensor(7.0)}
    assert "times the expected" not in diagnosis(given(seen), given(RIGHT), PROBES)


def test_gradients_or_an_argument_alone():
    lost = said(same, gradient=torch.zeros(2))
    assert lost.startswith("All values are right, but no gradient reaches x")
    assert said(same, gradient=torch.ones(2)).endswith("but the gradient in x is not.")
    assert "it changes x, which is the caller's" in said(same, kept=torch.ones(2))


def test_an_error_in_a_probe_is_no_pattern():
    seen = answers(lambda value: 2.0 * value)
    seen["two"] = {"raised": "ValueError"}
    assert "2 times" not in diagnosis(given(seen), given(RIGHT), PROBES)


def test_where_gradients_point_is_said():
    for way, gradient in (("about the right way", [1.0, -1.0]), ("the opposite way", [-1.0, 1.0])):
        assert way in said(torch.square, gradient=torch.tensor(gradient))


def test_what_is_right_of_rows_is_said():
    rows = torch.tensor([[1.0, 2.0, -2.0], [0.5, -1.0, 1.8]])
    hints = {"lengths are 2 times": 2 * rows, "right order": rows.clamp(max=1.5)}
    for hint, mine in hints.items():
        seen = ({"one": {"value": each}} for each in (mine, rows))
        assert hint in diagnosis(*map(given, seen), PROBES[:1])
