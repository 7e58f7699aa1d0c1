"""Side by side: the three losses agree with the lesson's own, in value and in gradient."""

import math

import pytest
import torch
import torch.nn.functional as F
from helpers import normal

from lesson_code import BYOL, SSLComparison, dino_loss, regression_loss, simclr_loss

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def four(n: int = 6, d: int = 5) -> list[torch.Tensor]:
    return [normal(n, d, seed=seed) for seed in range(4)]


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_simclr_is_the_lesson_own(temperature: float) -> None:
    z1, z2, *_ = four()
    actual = SSLComparison.simclr_loss(z1, z2, temperature)
    assert torch.equal(actual, simclr_loss(z1, z2, temperature))
    assert torch.equal(SSLComparison.simclr_loss(z1, z2), simclr_loss(z1, z2, 0.5))


def test_byol_is_the_mean_of_both_directions() -> None:
    p1, z2, p2, z1 = four()
    cosines = [F.cosine_similarity(p, z).mean() for p, z in ((p1, z2), (p2, z1))]
    expected = 2 - cosines[0] - cosines[1]
    actual = SSLComparison.byol_loss(p1, z2, p2, z1)
    torch.testing.assert_close(actual, expected, **EXACT)
    halves = (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2
    assert torch.equal(actual, halves)


def test_byol_gradient_reaches_predictions_only() -> None:
    p1, z2, p2, z1 = (x.requires_grad_() for x in four())
    SSLComparison.byol_loss(p1, z2, p2, z1).backward()
    assert p1.grad is not None
    assert p2.grad is not None
    assert z1.grad is None
    assert z2.grad is None


def test_byol_agrees_with_the_module() -> None:
    """On what a BYOL network computes, the function gives the loss of the network."""
    byol = BYOL(torch.nn.Linear(4, 6), 8, 5).double()
    x1, x2 = normal(7, 4, seed=1), normal(7, 4, seed=2)
    expected = byol(x1, x2)
    p1, p2 = (byol.online_predictor(byol.online_network(x)) for x in (x1, x2))
    z1, z2 = (byol.target_network(x) for x in (x1, x2))
    torch.testing.assert_close(SSLComparison.byol_loss(p1, z2, p2, z1), expected, **EXACT)


def test_dino_is_the_lesson_own() -> None:
    student, teacher, *_ = four()
    center = normal(5, seed=9)
    for arguments in [(), (0.2, 0.1), (0.2, 0.1, center)]:
        actual = SSLComparison.dino_loss(student, teacher, *arguments)
        assert torch.equal(actual, dino_loss(student, teacher, *arguments))
    assert torch.equal(
        SSLComparison.dino_loss(student, teacher), dino_loss(student, teacher, 0.1, 0.04)
    )


def test_dino_gradient_reaches_the_student_only() -> None:
    student, teacher, *_ = (x.requires_grad_() for x in four())
    SSLComparison.dino_loss(student, teacher).backward()
    assert student.grad is not None
    assert teacher.grad is None


def test_arguments_are_left_alone() -> None:
    given = [3 * x for x in four()]
    center = normal(5, seed=9)
    before = [x.clone() for x in (*given, center)]
    SSLComparison.simclr_loss(given[0], given[1])
    SSLComparison.byol_loss(*given)
    SSLComparison.dino_loss(given[0], given[1], center=center)
    assert all(torch.equal(x, y) for x, y in zip((*given, center), before, strict=True))


def test_an_object_works_like_the_class() -> None:
    a, b, c, d = four()
    losses = SSLComparison()
    assert torch.equal(losses.simclr_loss(a, b), SSLComparison.simclr_loss(a, b))
    assert torch.equal(losses.byol_loss(a, b, c, d), SSLComparison.byol_loss(a, b, c, d))
    assert torch.equal(losses.dino_loss(a, b), SSLComparison.dino_loss(a, b))


A, B, C, D = four()


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("simclr_loss", {"z1": A, "z2": B[:3]}, "z2"),
        ("simclr_loss", {"z1": A, "z2": B, "temperature": 0.0}, "temperature"),
        ("byol_loss", {"p1": A, "z2": B, "p2": C, "z1": D[:3]}, "z1"),
        ("byol_loss", {"p1": A, "z2": B[:, :2], "p2": C, "z1": D}, "z2"),
        ("byol_loss", {"p1": A, "z2": B, "p2": C.int(), "z1": D}, "p2"),
        ("dino_loss", {"student_out": A, "teacher_out": B[:3]}, "teacher_out"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "temp_s": -1.0}, "temp_s"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "temp_t": math.nan}, "temp_t"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "center": torch.ones(4)}, "center"),
    ],
)
def test_bad_input(method: str, arguments: dict, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must"):
        getattr(SSLComparison, method)(**arguments)
