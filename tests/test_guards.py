"""Each check passes what it should, and refuses the rest by a message that names the argument.

The guards call a check before the function, and leave everything else about it as it was.
"""

import inspect
import math

import pytest
import torch
from torch import nn

from lesson_code import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_labels,
    check_matrices,
    check_positive,
)
from lesson_code.guards import first_output, guard, guard_methods

NAN, INF = math.nan, math.inf


def test_batches_and_matrices_of_one_shape_pass() -> None:
    check_batches(x=torch.zeros(3, 2, 4, 4), y=torch.zeros(3, 2, 4, 4))
    check_batches(x=torch.zeros(1))
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        check_matrices(x=torch.zeros(1, 1, dtype=dtype))
    check_matrices(x=torch.full((2, 2), NAN), y=torch.zeros(2, 2))  # NaN is not its concern


@pytest.mark.parametrize("check", [check_batches, check_matrices])
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ([[1.0, 2.0]], "second must be a tensor, got list"),
        (torch.zeros(0, 3), r"second must be a non-empty batch, got shape \(0, 3\)"),
        (torch.zeros(2, 0), r"second must be a non-empty batch, got shape \(2, 0\)"),
        (torch.zeros(2, 3, dtype=torch.int64), "second must be floating point, got torch.int64"),
        (torch.zeros(2, 3, dtype=torch.bool), "second must be floating point, got torch.bool"),
        (torch.zeros(2, 3, dtype=torch.complex64), "second must be floating point"),
        (torch.zeros(3, 2), r"second must have the shape of first, \(2, 3\), got \(3, 2\)"),
        (torch.zeros(2, 3, device="meta"), "second must be on cpu like first, got meta"),
    ],
)
def test_what_both_refuse(check, second, expected) -> None:
    with pytest.raises(ValueError, match=f"^{expected}"):
        check(first=torch.zeros(2, 3), second=second)


def test_only_matrices_need_two_dimensions() -> None:
    check_batches(x=torch.zeros(5))
    for shape in [(), (5,), (2, 3, 4)]:
        with pytest.raises(ValueError, match="^x must be a non-empty matrix, got") as refused:
            check_matrices(x=torch.zeros(shape))
        assert str(refused.value).endswith(f"got shape {shape}")
    with pytest.raises(ValueError, match=r"^x must be a non-empty batch, got shape \(\)"):
        check_batches(x=torch.tensor(1.0))


def test_positive() -> None:
    check_positive(temperature=1e-300, size=3)
    for bad in (0, -1, 0.0, -0.0, NAN, INF, -INF):
        with pytest.raises(ValueError, match=f"^temperature must be a finite .* got {bad}$"):
            check_positive(fine=1, temperature=bad)


def test_counts() -> None:
    check_counts(K=1, dim=65536)
    for bad in (0, -1, 2.0, 2.5, NAN, "3", None):
        with pytest.raises(ValueError, match=f"^K must be a whole number above 0, got {bad}$"):
            check_counts(dim=2, K=bad)


def test_fraction() -> None:
    check_fraction(zero=0, one=1, half=0.5)
    for bad in (-1e-9, 1 + 1e-9, NAN, INF, -INF):
        with pytest.raises(ValueError, match=f"^m must be from 0 to 1, got {bad}$"):
            check_fraction(fine=0.5, m=bad)


def test_finite() -> None:
    check_finite(x=torch.zeros(2), y=torch.full((3,), torch.finfo(torch.float32).max))
    for bad in (NAN, INF, -INF):
        with pytest.raises(ValueError, match="^y must be finite, got NaN or infinity$"):
            check_finite(x=torch.zeros(2), y=torch.tensor([0.0, bad]))


def test_labels() -> None:
    check_labels(torch.tensor([0, 4, 2]), rows=3, classes=5)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 2], "labels must be a tensor, got list"),
        (torch.tensor([0, 1]), r"labels must have shape \(3,\), got \(2,\)"),
        (torch.tensor([[0, 1, 2]]), r"labels must have shape \(3,\), got \(1, 3\)"),
        (torch.tensor([0.0, 1.0, 2.0]), "labels must be torch.int64 .* got torch.float32"),
        (torch.tensor([0, 1, 2], dtype=torch.int32), "labels must be torch.int64 .* torch.int32"),
        (torch.tensor([0, 1, 5]), "labels must be from 0 to 4, got 0 to 5"),
        (torch.tensor([0, -1, 2]), "labels must be from 0 to 4, got -1 to 2"),
    ],
)
def test_labels_refused(labels, expected) -> None:
    with pytest.raises(ValueError, match=f"^{expected}"):
        check_labels(labels, rows=3, classes=5)


def _no_zero(b: float) -> None:
    if b == 0:
        raise ValueError("b must not be 0")


@guard(_no_zero)
def divide(a: float, b: float = 2.0, *, twice: bool = False) -> float:
    """A quotient."""
    return a / b / (2 if twice else 1)


@pytest.mark.parametrize(
    "call", [lambda: divide(1, 0), lambda: divide(1, b=0), lambda: divide(b=0, a=1)]
)
def test_a_guard_refuses_however_the_argument_is_given(call) -> None:
    with pytest.raises(ValueError, match="b must not be 0"):
        call()


def test_a_guarded_function_is_the_function() -> None:
    assert (divide(1), divide(3, 3.0), divide(a=8, twice=True)) == (0.5, 1.0, 2.0)
    assert divide.__name__ == "divide" and divide.__doc__ == "A quotient."
    assert list(inspect.signature(divide).parameters) == ["a", "b", "twice"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: divide(), r"divide\(\) missing 1 required positional argument: 'a'"),
        (lambda: divide(1, 2, 3), r"divide\(\) takes from 1 to 2 positional arguments"),
        (lambda: divide(1, c=0), r"divide\(\) got an unexpected keyword argument 'c'"),
        (lambda: divide(1, a=1), r"divide\(\) got multiple values for argument 'a'"),
    ],
)
def test_a_call_that_does_not_fit_gets_pythons_own_message(call, message) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_a_default_is_checked_too() -> None:
    @guard(_no_zero)
    def with_zero(b: float = 0.0) -> float:
        return b

    with pytest.raises(ValueError, match="b must not be 0"):
        with_zero()


def test_a_check_of_no_parameter_is_an_error_at_once() -> None:
    with pytest.raises(TypeError, match="no_b has no parameter 'b' to check"):

        @guard(_no_zero)
        def no_b(a: float) -> float:
            return a


def _same_width(self: "Scale", x: torch.Tensor) -> None:
    if x.shape[-1] != self.width:
        raise ValueError(f"x must have {self.width} columns")


@guard_methods(__init__=lambda width: check_counts(width=width), forward=_same_width, add=_no_zero)
class Scale(nn.Module):
    """A module with a guarded constructor, method and static method."""

    def __init__(self, width: int = 0) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    @staticmethod
    def add(a: float, b: float) -> float:
        return a + b


def test_methods_are_guarded_with_self_and_without() -> None:
    assert torch.equal(Scale(2)(torch.ones(1, 2)), torch.full((1, 2), 2.0))
    assert Scale.add(1, 2) == Scale(1).add(1, 2) == 3
    with pytest.raises(ValueError, match="width must be a whole number above 0, got 0"):
        Scale()
    with pytest.raises(ValueError, match="x must have 3 columns"):
        Scale(3)(torch.ones(1, 2))
    with pytest.raises(ValueError, match="b must not be 0"):
        Scale(1).add(1, 0)


def test_a_guard_stays_when_a_subclass_calls_the_method() -> None:
    class Half(Scale):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) / 2

    with pytest.raises(ValueError, match="x must have 3 columns"):
        Half(3)(torch.ones(1, 2))


def test_a_guarded_function_compiles_as_one_graph() -> None:
    @guard(_no_zero)
    def half(x: torch.Tensor, b: float = 2.0) -> torch.Tensor:
        return x / b

    compiled = torch.compile(half, fullgraph=True, backend="eager")
    assert torch.equal(compiled(torch.ones(2)), torch.full((2,), 0.5))


def test_an_encoder_is_tried_without_a_trace() -> None:
    """Neither its statistics, nor its mode, nor the random numbers of what follows change."""
    encoder = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(), nn.Linear(3, 2))
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    random = torch.get_rng_state()
    features = first_output(encoder, torch.ones(4, 3))
    assert features.shape == (4, 2) and not features.requires_grad
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.state_dict().items())
    assert encoder.training and torch.equal(torch.get_rng_state(), random)


def test_guards_of_a_method_that_the_class_does_not_define_are_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        guard_methods(missing=_no_zero)(type("Empty", (), {}))
