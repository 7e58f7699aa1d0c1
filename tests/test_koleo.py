"""KoLeo: closed forms, a loop, a peer, invariances, gradient, extremes, bad input."""

import math

import pytest
import torch
from helpers import assert_same, lightly, normal, rotation, unit_rows

from lesson_code import koleo_loss


def loop(z: torch.Tensor) -> float:
    """Each row's nearest among all others, one number at a time."""
    rows = [[c / math.hypot(*row) for c in row] for row in z.tolist()]
    nearest = [min(math.dist(a, b) for b in rows if b is not a) for a in rows]
    return -sum(map(math.log, nearest)) / len(rows)


def test_by_hand() -> None:
    """Opposite rows are 2 apart, axes the root of 2; of a fan each row has its own nearest."""
    opposite = torch.tensor([[1.0, 0.0], [-3.0, 0.0]])
    assert koleo_loss(opposite).item() == pytest.approx(-math.log(2))
    assert koleo_loss(5 * torch.eye(4)).item() == pytest.approx(-math.log(2) / 2)
    fan = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0]]).double()
    by_hand = -(math.log(0.8) + 2 * math.log(0.4) + math.log(2)) / 8
    assert koleo_loss(fan).item() == pytest.approx(by_hand, abs=1e-7)


@pytest.mark.parametrize(("rows", "columns"), [(2, 1), (9, 4), (40, 16)])
def test_loop_and_invariances(rows: int, columns: int) -> None:
    z = normal(rows, columns)
    z[0] = -z[1]
    for same in (z, z.flip(0), z @ rotation(columns), z * torch.arange(1, rows + 1)[:, None]):
        assert koleo_loss(same).item() == pytest.approx(loop(z), abs=1e-6)


def test_a_peer_agrees() -> None:
    z = normal(12, 8, dtype=torch.float32)
    assert_same(koleo_loss, lightly().KoLeoLoss(), z, atol=1e-5, rtol=1e-5)


def test_gradient() -> None:
    z = unit_rows(6, 3).requires_grad_()
    assert torch.autograd.gradcheck(koleo_loss, (z,))
    (gradient,) = torch.autograd.grad(koleo_loss(z), z)
    assert koleo_loss(z - 1e-3 * gradient) < koleo_loss(z)


def test_equal_rows_and_eps() -> None:
    z = torch.ones(3, 4).requires_grad_()
    assert koleo_loss(z).item() == pytest.approx(-math.log(1e-8))
    assert koleo_loss(z, eps=0.5).item() == pytest.approx(math.log(2))
    koleo_loss(z).backward()
    assert z.grad.isfinite().all()


def test_types_nan_and_bad_input() -> None:
    z = normal(6, 4)
    before, half = z.clone(), (300 * z).half()
    assert koleo_loss(z).dtype == torch.float64 and torch.equal(z, before)
    torch.testing.assert_close(koleo_loss(half), koleo_loss(half.float()))
    z[2, 1] = math.nan
    assert koleo_loss(z).isnan() and koleo_loss(z.to("meta")).is_meta
    for bad, eps, words in (
        (normal(4, 3), 0.0, "eps must be a finite number above 0"),
        (normal(4), 1e-8, "z must be a non-empty matrix"),
        (normal(1, 4), 1e-8, r"z must have at least 2 rows, got shape \(1, 4\)"),
        (normal(4, 3).long(), 1e-8, "z must be floating point"),
    ):
        with pytest.raises(ValueError, match=words):
            koleo_loss(bad, eps)
