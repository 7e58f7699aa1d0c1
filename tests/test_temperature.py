"""Temperature by hand, of any shape, its gradient, half precision and bad input."""

import math

import pytest
import torch
import torch.nn.functional as F
from helpers import normal

from lesson_code import temperature_scaling

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def test_by_hand() -> None:
    """Odds of 4 to 1 become 2 to 1 at T = 2, and 16 to 1 at T = 1/2."""
    logits = torch.tensor([math.log(4), 0.0], dtype=torch.float64)
    for temperature, share in [(1.0, 4 / 5), (2.0, 2 / 3), (0.5, 16 / 17)]:
        p = F.softmax(temperature_scaling(logits, temperature), dim=0)
        assert p[0].item() == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("shape", [(1,), (3,), (4, 3), (2, 4, 3)])
def test_any_shape(shape: tuple[int, ...]) -> None:
    logits = normal(*shape)
    torch.testing.assert_close(temperature_scaling(logits, 0.7), logits / 0.7, **EXACT)


def test_temperature_one_changes_nothing_and_input_is_kept() -> None:
    logits = normal(4, 3)
    before = logits.clone()
    assert torch.equal(temperature_scaling(logits, 1.0), logits)
    temperature_scaling(logits, 3.0)
    assert torch.equal(logits, before)


def test_gradient() -> None:
    logits = normal(3, 4).requires_grad_()
    temperature_scaling(logits, 4.0).sum().backward()
    torch.testing.assert_close(logits.grad, torch.full_like(logits, 0.25), **EXACT)
    assert torch.autograd.gradcheck(lambda z: temperature_scaling(z, 0.3), logits)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("temperature", [0.01, 0.04, 100.0])
def test_half_precision_does_not_overflow(dtype: torch.dtype, temperature: float) -> None:
    """2,000 / 0.01 is 200,000, far above the largest number of float16."""
    logits = torch.tensor([[2000.0, 0.0, -2000.0]], dtype=dtype)
    scaled = temperature_scaling(logits, temperature)
    assert scaled.dtype == torch.float32
    assert torch.isfinite(F.softmax(scaled, dim=1)).all()
    torch.testing.assert_close(scaled, logits.float() / temperature)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_full_precision_keeps_its_type(dtype: torch.dtype) -> None:
    assert temperature_scaling(normal(2, 3, dtype=dtype), 2.0).dtype == dtype


def test_nan_passes_through() -> None:
    scaled = temperature_scaling(torch.tensor([[1.0, math.nan]]), 2.0)
    assert scaled[0, 0] == 0.5
    assert scaled[0, 1].isnan()


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_bad_temperature(temperature: float) -> None:
    with pytest.raises(ValueError, match=r"^temperature must"):
        temperature_scaling(normal(2, 3), temperature)


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (torch.ones(2, dtype=torch.long), "be a floating-point tensor, got torch.int64$"),
        (torch.ones(2, 3, dtype=torch.bool), "be a floating-point tensor, got torch.bool$"),
        ([1.0], "be a floating-point tensor, got list$"),
        (torch.ones(0), "not be empty"),
    ],
    ids=["integers", "booleans", "list", "empty"],
)
def test_bad_logits(logits, message: str) -> None:
    """Told are the type of what is no tensor, the numbers' type of what is one."""
    with pytest.raises(ValueError, match=f"^logits must {message}"):
        temperature_scaling(logits, 1.0)
