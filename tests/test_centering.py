"""Centering against its recurrence, closed forms, as a state that is saved, and bad input."""

import copy
import io
import math

import pytest
import torch
from helpers import assert_unchanged, lightly, normal, snapshot
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import CenteringMechanism

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def started(k: int = 4, momentum: float = 0.9) -> CenteringMechanism:
    """A float64 center that has seen a batch."""
    centering = CenteringMechanism(k, momentum).double()
    centering.update_center(normal(6, k, seed=9))
    return centering


def test_starts_at_zero_as_a_row() -> None:
    centering = CenteringMechanism(5)
    assert torch.equal(centering.center, torch.zeros(1, 5))
    assert centering.momentum == 0.9
    teacher = normal(3, 5, dtype=torch.float32)
    assert torch.equal(centering.apply_centering(teacher), teacher)


def test_by_hand() -> None:
    """From zero with momentum 0.75: a quarter of the batch mean, then three quarters of that."""
    centering = CenteringMechanism(2, 0.75).double()
    batch = torch.tensor([[1.0, 4.0], [3.0, -8.0]], dtype=torch.float64)
    centering.update_center(batch)
    assert centering.center.tolist() == [[0.5, -0.5]]
    centering.update_center(torch.tensor([[4.5, 0.5]], dtype=torch.float64))
    assert centering.center.tolist() == [[1.5, -0.25]]
    assert centering.apply_centering(batch).tolist() == [[-0.5, 4.25], [1.5, -7.75]]


@given(
    momentum=st.floats(0, 1),
    steps=st.integers(1, 6),
    n=st.integers(1, 5),
    k=st.integers(1, 6),
    seed=st.integers(0, 10**6),
)
def test_follows_the_recurrence(momentum, steps, n, k, seed) -> None:
    centering = CenteringMechanism(k, momentum).double()
    expected = [0.0] * k
    for step in range(steps):
        batch = normal(n, k, seed=seed + step)
        centering.update_center(batch)
        means = [math.fsum(column) / n for column in batch.T.tolist()]
        expected = [momentum * c + (1 - momentum) * mean for c, mean in zip(expected, means)]
    torch.testing.assert_close(
        centering.center, torch.tensor([expected], dtype=torch.float64), **EXACT
    )


def test_momentum_one_keeps_and_zero_replaces() -> None:
    batch = normal(6, 4, seed=3)
    for momentum in (0.0, 1.0):
        centering = started(momentum=momentum)
        before = centering.center.clone()
        centering.update_center(batch)
        expected = before if momentum == 1.0 else batch.mean(dim=0, keepdim=True)
        assert torch.equal(centering.center, expected)


def test_applying_subtracts_and_changes_nothing() -> None:
    centering = started()
    center, teacher = centering.center.clone(), normal(5, 4)
    centered = centering.apply_centering(teacher)
    for i in range(5):
        torch.testing.assert_close(centered[i], teacher[i] - center[0], **EXACT)
    assert torch.equal(centering.center, center)


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_makes_no_difference(training: bool) -> None:
    centering = CenteringMechanism(2).double().train(training)
    centering.update_center(torch.ones(3, 2, dtype=torch.float64))
    torch.testing.assert_close(
        centering.center, torch.full((1, 2), 0.1, dtype=torch.float64), **EXACT
    )


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.9, 1.0])
def test_equals_lightly(momentum: float) -> None:
    peers = lightly("models.modules.center")
    ours, theirs = CenteringMechanism(4, momentum).double(), peers.Center((1, 4), momentum=momentum)
    for seed in range(3):
        batch = normal(6, 4, seed=seed)
        ours.update_center(batch)
        theirs.update(batch)
    torch.testing.assert_close(ours.center, theirs.value, **EXACT)


def test_the_center_is_saved_and_restored() -> None:
    centering, fresh = started(), CenteringMechanism(4).double()
    assert list(centering.state_dict()) == ["center"]
    file = io.BytesIO()
    torch.save(centering.state_dict(), file)
    file.seek(0)
    fresh.load_state_dict(torch.load(file))
    batch = normal(6, 4, seed=4)
    for one in (centering, fresh):
        one.update_center(batch)
    assert torch.equal(centering.center, fresh.center)


def test_the_center_moves_with_the_module() -> None:
    parent = torch.nn.Module()
    parent.centering = CenteringMechanism(3)
    assert parent.to("meta").centering.center.device.type == "meta"
    assert CenteringMechanism(3).double().center.dtype == torch.float64


def test_a_copy_is_independent() -> None:
    centering = started()
    before = snapshot(centering)
    copy.deepcopy(centering).update_center(normal(6, 4, seed=5))
    assert_unchanged(centering, before)


def test_two_instances_share_nothing() -> None:
    CenteringMechanism(4).update_center(normal(6, 4, dtype=torch.float32))
    assert torch.equal(CenteringMechanism(4).center, torch.zeros(1, 4))


def test_nothing_to_train() -> None:
    """No parameter, and an update keeps no graph of the network behind the outputs."""
    centering = CenteringMechanism(4).double()
    assert not list(centering.parameters())
    teacher = normal(6, 4).requires_grad_()
    centering.update_center(teacher * 2)
    assert not centering.center.requires_grad
    centering.apply_centering(teacher).sum().backward()
    assert torch.equal(teacher.grad, torch.ones_like(teacher))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_outputs_enter_a_float32_center(dtype: torch.dtype) -> None:
    """300 rows of 300 sum to 90,000, above the largest number of float16."""
    centering = CenteringMechanism(2, 0.0)
    teacher = torch.full((300, 2), 300.0, dtype=dtype)
    centering.update_center(teacher)
    assert centering.center.dtype == torch.float32
    assert torch.equal(centering.center, teacher[:1].float())
    assert torch.equal(centering.apply_centering(teacher), torch.zeros(300, 2))


def with_entry(value: float, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    batch = normal(6, 4, dtype=dtype)
    batch[2, 3] = value
    return batch


BAD = {
    "NaN": with_entry(math.nan),
    "infinity": with_entry(math.inf),
    "minus infinity": with_entry(-math.inf),
    "wide": normal(6, 5),
    "narrow": normal(6, 1),
    "row": normal(4),
    "stacked": normal(2, 6, 4),
    "empty": normal(0, 4),
    "integers": torch.ones(6, 4, dtype=torch.long),
    "list": [[1.0] * 4],
    "other device": torch.ones(6, 4, dtype=torch.float64, device="meta"),
}


@pytest.mark.parametrize("name", BAD)
def test_update_refuses(name: str) -> None:
    centering = started()
    before = snapshot(centering)
    with pytest.raises(ValueError, match=r"^teacher_output must"):
        centering.update_center(BAD[name])
    assert_unchanged(centering, before)


@pytest.mark.parametrize("name", [name for name in BAD if "N" not in name and "inf" not in name])
def test_apply_refuses(name: str) -> None:
    with pytest.raises(ValueError, match=r"^teacher_output must"):
        started().apply_centering(BAD[name])


def test_a_mean_too_large_for_the_center_is_refused() -> None:
    """1e300 is finite in float64 but infinite in a float32 center."""
    centering = CenteringMechanism(4)
    with pytest.raises(ValueError, match=r"^teacher_output must"):
        centering.update_center(with_entry(1e300))
    assert torch.equal(centering.center, torch.zeros(1, 4))


def test_applying_passes_nan_on() -> None:
    centered = started().apply_centering(with_entry(math.nan))
    assert centered.isnan().sum() == 1


@pytest.mark.parametrize("momentum", [-0.1, 1.1, math.nan])
def test_bad_momentum(momentum: float) -> None:
    with pytest.raises(ValueError, match=r"^momentum must"):
        CenteringMechanism(4, momentum)
    centering = started()
    centering.momentum = momentum
    before = snapshot(centering)
    with pytest.raises(ValueError, match=r"^momentum must"):
        centering.update_center(normal(6, 4))
    assert_unchanged(centering, before)


@pytest.mark.parametrize("output_dim", [0, -1, 2.5])
def test_bad_size(output_dim) -> None:
    with pytest.raises(ValueError, match=r"^output_dim must"):
        CenteringMechanism(output_dim)
