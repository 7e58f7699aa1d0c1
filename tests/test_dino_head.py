"""DINO's head: its formula; what is trained, copied and saved; bad input."""

import copy

import pytest
import torch
import torch.nn.functional as F
from helpers import normal

from lesson_code import ema_update
from lesson_code.dino_head import DINOHead

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def head() -> DINOHead:
    torch.manual_seed(0)
    return DINOHead(6, 9, hidden_dim=8, bottleneck_dim=4).double()


def directions(one: DINOHead) -> torch.Tensor:
    """The unnormalized directions, the only trained tensor of the last layer."""
    return one.last_layer.parametrizations.weight.original1


def test_equals_the_formula() -> None:
    one, x = head(), normal(5, 6)
    with torch.no_grad():
        h = x
        for index in (0, 2, 4):
            h = h @ one.mlp[index].weight.T + one.mlp[index].bias
            if index < 4:
                h = h * torch.special.ndtr(h)  # GELU is x times the normal distribution
        expected = F.cosine_similarity(h[:, None], directions(one)[None], dim=2, eps=0.0)
        torch.testing.assert_close(one(x), expected, **EXACT)


def test_defaults_and_shapes() -> None:
    one = DINOHead(384, 1024)
    assert [tuple(one.mlp[i].weight.shape) for i in (0, 2, 4)] == [
        (2048, 384), (2048, 2048), (256, 2048),
    ]  # fmt: skip
    assert one.last_layer.weight.shape == (1024, 256)
    assert one.last_layer.bias is None
    assert one(torch.randn(3, 384)).shape == (3, 1024)
    assert not any(isinstance(m, torch.nn.BatchNorm1d) for m in one.modules())
    for index in (0, 2, 4):
        assert one.mlp[index].weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert not one.mlp[index].bias.any()


def test_sizes_are_those_asked_for() -> None:
    shapes = [tuple(p.shape) for p in head().parameters() if p.ndim == 2]
    assert sorted(shapes) == [(4, 8), (8, 6), (8, 8), (9, 1), (9, 4)]


def test_the_perceptron_has_biases() -> None:
    one, x = head(), normal(5, 6)
    before = one(x)
    assert sorted(p.shape[0] for p in one.parameters() if p.ndim == 1) == [4, 8, 8]
    with torch.no_grad():
        for parameter in one.parameters():
            if parameter.ndim == 1:
                parameter.fill_(0.1)
    assert not torch.allclose(one(x), before)


def test_a_forward_pass_changes_nothing() -> None:
    one, x = head(), normal(5, 6)
    before, features = copy.deepcopy(one.state_dict()), x.clone()
    one(x)
    assert torch.equal(x, features)
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_two_heads_share_nothing() -> None:
    one, other, x = head(), head(), normal(5, 6)
    before = other(x)
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.add_(1.0)
    assert torch.equal(other(x), before)


def test_the_gain_stays_one_under_training() -> None:
    one, x = head(), normal(5, 6)
    optimizer = torch.optim.AdamW(one.parameters(), lr=0.1, weight_decay=0.5)
    before = directions(one).clone()
    for _ in range(3):
        optimizer.zero_grad()
        one(x)[:, 0].sum().backward()
        optimizer.step()
    lengths = one.last_layer.weight.norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), **EXACT)
    assert not torch.equal(directions(one), before)


def test_gradcheck() -> None:
    assert torch.autograd.gradcheck(head(), normal(3, 6).requires_grad_())


def test_copy_state_dict_and_average() -> None:
    """A teacher starts as a copy, follows by EMA, and loads what a student saved."""
    student, x = head(), normal(5, 6)
    teacher = copy.deepcopy(student)
    assert torch.equal(teacher(x), student(x))
    with torch.no_grad():
        for parameter in student.parameters():
            if parameter.requires_grad:
                parameter.add_(1.0)
    before = directions(teacher).clone()
    ema_update(teacher, student, 0.75)
    torch.testing.assert_close(directions(teacher), before + 0.25, **EXACT)
    teacher.load_state_dict(student.state_dict())
    assert torch.equal(teacher(x), student(x))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_finite_at_zero(dtype: torch.dtype) -> None:
    """Zero features give a zero bottleneck, whose direction must not become NaN."""
    one = DINOHead(6, 9, 8, 4).to(dtype)
    assert torch.isfinite(one(torch.zeros(2, 6, dtype=dtype))).all()
    assert torch.isfinite(one(normal(2, 6, dtype=dtype))).all()


@pytest.mark.parametrize(
    ("dtype", "scale"), [(torch.float32, 1e-9), (torch.float64, 1e-9), (torch.float16, 2.0**-8)]
)
def test_only_the_direction_of_the_bottleneck_counts(dtype: torch.dtype, scale: float) -> None:
    """Also of a short one: nothing is added to a length that is small but not zero."""
    one, x = head(), normal(5, 6)
    with torch.no_grad():
        one.mlp[4].weight.div_(one.mlp(x).norm(dim=1).min())  # lengths of about 1
        one, x = one.to(dtype), x.to(dtype)
        before = one(x)
        one.mlp[4].weight.mul_(scale)
        after = one(x)
    close = {"rtol": 0.0, "atol": 0.02} if dtype == torch.float16 else {"rtol": 1e-5, "atol": 1e-6}
    assert before.abs().max() > 0.5
    torch.testing.assert_close(after, before, **close)


@pytest.mark.parametrize(
    "x",
    [
        normal(5, 7),
        normal(6),
        normal(0, 6),
        torch.ones(5, 6, dtype=torch.long),
        torch.ones(5, 6, dtype=torch.float64, device="meta"),
        [[1.0] * 6],
    ],
    ids=["columns", "vector", "empty", "integers", "device", "list"],
)
def test_bad_input(x) -> None:
    with pytest.raises(ValueError, match=r"^x must"):
        head()(x)


@pytest.mark.parametrize("name", ["in_dim", "out_dim", "hidden_dim", "bottleneck_dim"])
@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_bad_size(name: str, size) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must"):
        DINOHead(**({"in_dim": 6, "out_dim": 9} | {name: size}))
