"""The perceptron against its formula, its batch statistics, its lazy form, and bad input."""

import copy

import pytest
import torch
from helpers import assert_unchanged, normal, snapshot
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.parameter import is_lazy

from lesson_code import MLP

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def formula(mlp: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Spell out linear, normalization by the batch's own statistics, ReLU, linear."""
    state = mlp.state_dict()
    weights = [tensor for tensor in state.values() if tensor.ndim == 2]
    biases = [state["hidden.bias"], state["norm.weight"], state["norm.bias"]]
    hidden = x @ weights[0].T + biases[0]
    mean = hidden.sum(dim=0) / len(x)
    variance = (hidden - mean).square().sum(dim=0) / len(x)
    hidden = (hidden - mean) / (variance + 1e-5).sqrt() * biases[1] + biases[2]
    return hidden.clamp(min=0) @ weights[1].T


def drawn(in_dim: int = 3, hidden_dim: int = 6, out_dim: int = 4) -> MLP:
    """An MLP whose every parameter, those of the normalization included, is random."""
    mlp = MLP(in_dim, hidden_dim, out_dim).double()
    with torch.no_grad():
        for seed, parameter in enumerate(mlp.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=seed))
    return mlp


@given(
    n=st.integers(2, 6),
    in_dim=st.integers(1, 5),
    hidden_dim=st.integers(1, 6),
    out_dim=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
def test_equals_the_formula(n, in_dim, hidden_dim, out_dim, seed) -> None:
    mlp, x = drawn(in_dim, hidden_dim, out_dim), normal(n, in_dim, seed=seed)
    torch.testing.assert_close(mlp(x), formula(mlp, x), **EXACT)


def test_by_hand() -> None:
    """Two rows are normalized to -1 and 1, of which ReLU keeps the 1."""
    mlp = MLP(1, 1, 1).double()
    with torch.no_grad():
        mlp.hidden.weight.fill_(5.0)
        mlp.output.weight.fill_(3.0)
    out = mlp(torch.tensor([[10.0], [30.0]], dtype=torch.float64))
    torch.testing.assert_close(out, torch.tensor([[0.0], [3.0]], dtype=torch.float64))


def test_parameters_are_those_of_the_official_code() -> None:
    """Bias in the first linear layer, none in the second, no normalization of the output."""
    shapes = {name: tuple(p.shape) for name, p in MLP(3, 6, 4).named_parameters()}
    assert shapes == {
        "hidden.weight": (6, 3),
        "hidden.bias": (6,),
        "norm.weight": (6,),
        "norm.bias": (6,),
        "output.weight": (4, 6),
    }


def test_running_statistics_and_evaluation_mode() -> None:
    """A tenth of each batch's mean and unbiased variance; evaluation uses these alone."""
    mlp, x = drawn(), normal(8, 3)
    hidden = x @ mlp.hidden.weight.T + mlp.hidden.bias
    mlp(x)
    torch.testing.assert_close(mlp.norm.running_mean, 0.1 * hidden.mean(dim=0), **EXACT)
    torch.testing.assert_close(mlp.norm.running_var, 0.9 + 0.1 * hidden.var(dim=0), **EXACT)
    mlp.eval()
    before = snapshot(mlp)
    together = mlp(x)
    torch.testing.assert_close(torch.cat([mlp(row) for row in x.split(1)]), together, **EXACT)
    assert_unchanged(mlp, before)


def test_gradcheck() -> None:
    mlp = drawn()
    assert torch.autograd.gradcheck(mlp, normal(4, 3).requires_grad_())


def test_the_size_may_be_left_open() -> None:
    try:
        out = MLP(None, 6, 4)(normal(5, 3, dtype=torch.float32))
    except TypeError:
        pytest.fail("in_dim of None is refused")
    assert out.shape == (5, 4)


def test_an_open_size_is_that_of_the_first_batch() -> None:
    mlp = MLP(None, 6, 4)
    assert is_lazy(mlp.hidden.weight)
    assert mlp(normal(5, 3, dtype=torch.float32)).shape == (5, 4)
    assert mlp.hidden.weight.shape == (6, 3)
    with pytest.raises(ValueError, match=r"^x must have 3 columns"):
        mlp(normal(5, 2, dtype=torch.float32))


def test_open_and_given_size_start_alike() -> None:
    """Both draw the first layer from the same distribution: uniform within 1 / sqrt(in_dim)."""
    torch.manual_seed(0)
    lazy, plain = MLP(None, 500, 2), MLP(100, 500, 2)
    lazy(torch.randn(2, 100))
    for mlp in (lazy, plain):
        assert mlp.hidden.weight.abs().max().item() == pytest.approx(0.1, rel=1e-3)
        assert mlp.hidden.weight.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.01)


def test_a_state_dict_closes_an_open_size() -> None:
    plain, x = drawn().float(), normal(5, 3, dtype=torch.float32)
    for lazy in (MLP(None, 6, 4), copy.deepcopy(MLP(None, 6, 4))):
        lazy.load_state_dict(plain.state_dict())
        assert torch.equal(copy.deepcopy(lazy)(x), copy.deepcopy(plain)(x))


@pytest.mark.parametrize(
    "x",
    [
        normal(1, 3),
        normal(5, 2),
        normal(5, 4),
        normal(3),
        normal(2, 5, 3),
        normal(0, 3),
        torch.ones(5, 3, dtype=torch.long),
        torch.ones(5, 3, dtype=torch.float64, device="meta"),
        [[1.0] * 3] * 5,
    ],
    ids=["one row", "narrow", "wide", "vector", "stack", "empty", "integers", "device", "list"],
)
def test_bad_input(x) -> None:
    mlp = drawn()
    before = snapshot(mlp)
    with pytest.raises(ValueError, match=r"^x must"):
        mlp(x)
    assert_unchanged(mlp, before)


def test_one_row_is_fine_in_evaluation_mode() -> None:
    assert drawn().eval()(normal(1, 3)).shape == (1, 4)


@pytest.mark.parametrize("name", ["in_dim", "hidden_dim", "out_dim"])
@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_bad_size(name: str, size) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must"):
        MLP(**({"in_dim": 3, "hidden_dim": 6, "out_dim": 4} | {name: size}))
