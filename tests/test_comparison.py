"""Side by side: the three losses agree with the lesson's own and with values known by hand."""

import math

import pytest
import torch
import torch.nn.functional as F
from helpers import normal

from lesson_code import BYOL, SSLComparison, dino_loss, regression_loss, simclr_loss

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def four(n: int = 6, d: int = 5) -> list[torch.Tensor]:
    return [normal(n, d, seed=seed) for seed in range(4)]


# --- SimCLR ---------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_simclr_is_the_lesson_own(temperature: float) -> None:
    z1, z2, *_ = four()
    actual = SSLComparison.simclr_loss(z1, z2, temperature)
    assert torch.equal(actual, simclr_loss(z1, z2, temperature))
    assert torch.equal(SSLComparison.simclr_loss(z1, z2), simclr_loss(z1, z2, 0.5))


def test_simclr_on_orthonormal_aligned_views() -> None:
    """ln(e^(1/T) + 2N - 2) - 1/T: 2.2397 for N = 32, T = 1/2; 4.2397 with a wrong positive."""
    z = torch.eye(32, 128, dtype=torch.float64)
    expected = math.log(math.exp(2) + 62) - 2
    actual = SSLComparison.simclr_loss(z, z)
    assert actual.item() == pytest.approx(expected, abs=1e-12)
    assert actual.item() == pytest.approx(2.2397, abs=1e-4)


def test_simclr_falls_as_the_views_come_together() -> None:
    z1, z2, *_ = four()
    losses = [
        SSLComparison.simclr_loss(z1, torch.lerp(z2, z1, share)).item() for share in (0.0, 0.5, 1.0)
    ]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] - losses[2] > 0.5


# --- BYOL -----------------------------------------------------------------------------------


def test_byol_is_the_mean_of_both_directions() -> None:
    p1, z2, p2, z1 = four()
    cosines = [F.cosine_similarity(p, z).mean() for p, z in ((p1, z2), (p2, z1))]
    expected = 2 - cosines[0] - cosines[1]
    actual = SSLComparison.byol_loss(p1, z2, p2, z1)
    torch.testing.assert_close(actual, expected, **EXACT)
    halves = (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2
    assert torch.equal(actual, halves)


def test_byol_values() -> None:
    p = torch.eye(3, dtype=torch.float64)
    orthogonal = p.roll(1, 0)
    for z, z_other, expected in [(p, p, 0), (orthogonal, p, 1), (orthogonal, orthogonal, 2),
                                 (-p, p, 2), (-p, -p, 4)]:  # fmt: skip
        actual = SSLComparison.byol_loss(p, z, 5 * p, 2 * z_other)
        assert actual.item() == pytest.approx(expected, abs=1e-12)


def test_byol_pairs_a_prediction_with_the_other_view() -> None:
    """p1 meets z2 and p2 meets z1, as the order of the arguments says."""
    p1, z2, p2, z1 = four()
    nothing = SSLComparison.byol_loss(z2, z2, z1, z1)
    assert nothing.item() == pytest.approx(0, abs=1e-12)
    assert SSLComparison.byol_loss(z2, z1, z1, z2) > 1
    swapped = SSLComparison.byol_loss(p2, z1, p1, z2)
    torch.testing.assert_close(swapped, SSLComparison.byol_loss(p1, z2, p2, z1), **EXACT)


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


# --- DINO -----------------------------------------------------------------------------------


def test_dino_is_the_lesson_own() -> None:
    student, teacher, *_ = four()
    center = normal(5, seed=9)
    for arguments in [(), (0.2, 0.1), (0.2, 0.1, center)]:
        actual = SSLComparison.dino_loss(student, teacher, *arguments)
        assert torch.equal(actual, dino_loss(student, teacher, *arguments))
    assert torch.equal(
        SSLComparison.dino_loss(student, teacher), dino_loss(student, teacher, 0.1, 0.04)
    )


def test_dino_by_hand() -> None:
    """Teacher at 3 to 1, student at 1 to 4, both after their temperatures."""
    teacher = 0.04 * torch.tensor([[math.log(3), 0.0]], dtype=torch.float64)
    student = 0.1 * torch.tensor([[0.0, math.log(4)]], dtype=torch.float64)
    expected = 0.75 * math.log(5) + 0.25 * math.log(5 / 4)
    actual = SSLComparison.dino_loss(student, teacher)
    assert actual.item() == pytest.approx(expected, abs=1e-12)


def test_dino_gradient_reaches_the_student_only() -> None:
    student, teacher, *_ = (x.requires_grad_() for x in four())
    SSLComparison.dino_loss(student, teacher).backward()
    assert student.grad is not None
    assert teacher.grad is None


def test_dino_of_a_student_that_is_sure_and_wrong() -> None:
    """Its share of the right output is below every number of float32; the loss is 400."""
    sure = torch.tensor([[40.0, 0.0]])
    loss = SSLComparison.dino_loss(sure, sure.flip(1))
    assert loss.item() == pytest.approx(400, rel=1e-6)


# --- all three ------------------------------------------------------------------------------


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


# --- bad input ------------------------------------------------------------------------------

A, B, C, D = four()


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("simclr_loss", {"z1": A, "z2": B[:3]}, "z2"),
        ("simclr_loss", {"z1": A.long(), "z2": B}, "z1"),
        ("simclr_loss", {"z1": A, "z2": B.to("meta")}, "z2"),
        ("simclr_loss", {"z1": A, "z2": B, "temperature": 0.0}, "temperature"),
        ("byol_loss", {"p1": A, "z2": B, "p2": C, "z1": D[:3]}, "z1"),
        ("byol_loss", {"p1": A, "z2": B[:, :2], "p2": C, "z1": D}, "z2"),
        ("byol_loss", {"p1": A[:0], "z2": B[:0], "p2": C[:0], "z1": D[:0]}, "p1"),
        ("byol_loss", {"p1": A, "z2": B, "p2": C.int(), "z1": D}, "p2"),
        ("byol_loss", {"p1": A, "z2": B, "p2": C.to("meta"), "z1": D}, "p2"),
        ("dino_loss", {"student_out": A, "teacher_out": B[:3]}, "teacher_out"),
        ("dino_loss", {"student_out": A.long(), "teacher_out": B}, "student_out"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "temp_s": -1.0}, "temp_s"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "temp_t": math.nan}, "temp_t"),
        ("dino_loss", {"student_out": A, "teacher_out": B, "center": torch.ones(4)}, "center"),
    ],
)
def test_bad_input(method: str, arguments: dict, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must"):
        getattr(SSLComparison, method)(**arguments)
