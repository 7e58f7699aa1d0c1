"""Teacher entropy, divergence and marginal entropy against loops, the loss and a peer."""

import math
import warnings
from functools import partial

import pytest
import torch
from helpers import HALVES, lightly, normal, softmax
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import dino_loss, marginal_entropy, teacher_divergence, teacher_entropy

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def entropy(p: list[float]) -> float:
    return -math.fsum(x * math.log(x) for x in p if x > 0)


def targets(teacher, temperature=0.04, center=None) -> list[list[float]]:
    """Return the rows of P_t, one number at a time."""
    offsets = [0.0] * teacher.shape[1] if center is None else center.flatten().tolist()
    return [softmax([z - c for z, c in zip(row, offsets)], temperature) for row in teacher.tolist()]


def entropy_loop(teacher, temperature=0.04, center=None) -> float:
    rows = targets(teacher, temperature, center)
    return math.fsum(entropy(row) for row in rows) / len(rows)


def marginal_loop(teacher, temperature=0.04, center=None) -> float:
    rows = targets(teacher, temperature, center)
    return entropy([math.fsum(column) / len(rows) for column in zip(*rows)])


def divergence_loop(student, teacher, temperature_s=0.1, temperature_t=0.04, center=None) -> float:
    total = 0.0
    for p_t, row in zip(targets(teacher, temperature_t, center), student.tolist()):
        p_s = softmax(row, temperature_s)
        total += math.fsum(p * math.log(p / q) for p, q in zip(p_t, p_s) if p > 0)
    return total / len(student)


def three(student, teacher, temperature_s=0.1, temperature_t=0.04, center=None) -> list:
    """All that this file is about, for one pair."""
    options = temperature_t, center
    divergence = teacher_divergence(student, teacher, temperature_s, *options)
    return [teacher_entropy(teacher, *options), marginal_entropy(teacher, *options), divergence]


def three_loops(student, teacher, temperature_s=0.1, temperature_t=0.04, center=None) -> list:
    options = temperature_t, center
    divergence = divergence_loop(student, teacher, temperature_s, *options)
    return [entropy_loop(teacher, *options), marginal_loop(teacher, *options), divergence]


def pair(n: int = 6, k: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Student and teacher outputs of one pair of crops, about as large as cosines."""
    return normal(n, k, seed=seed) / 3, normal(n, k, seed=seed + 1000) / 3


# --- values ---------------------------------------------------------------------------------


def test_entropies_by_hand() -> None:
    """Two images, each 3 to 1 for another prototype: undecided alone, even together."""
    teacher = 0.04 * torch.tensor([[math.log(3), 0.0], [0.0, math.log(3)]], dtype=torch.float64)
    alone = 0.75 * math.log(4 / 3) + 0.25 * math.log(4)
    assert teacher_entropy(teacher).item() == pytest.approx(alone, abs=1e-12)
    assert marginal_entropy(teacher).item() == pytest.approx(math.log(2), abs=1e-12)


def test_divergence_by_hand() -> None:
    """Teacher at 3 to 1, student at 1 to 4, both after their temperatures."""
    teacher = 0.04 * torch.tensor([[math.log(3), 0.0]], dtype=torch.float64)
    student = 0.1 * torch.tensor([[0.0, math.log(4)]], dtype=torch.float64)
    expected = 0.75 * math.log(0.75 / 0.2) + 0.25 * math.log(0.25 / 0.8)
    assert teacher_divergence(student, teacher).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(1, 5),
    k=st.integers(1, 7),
    temperature_s=st.floats(0.02, 5),
    temperature_t=st.floats(0.02, 5),
    centered=st.sampled_from([(), (1,), None]),
    seed=st.integers(0, 10**6),
)
def test_equals_the_loops(n, k, temperature_s, temperature_t, centered, seed) -> None:
    """Without a center, and with one as a row or as a matrix of one row."""
    student, teacher = pair(n, k, seed)
    center = None if centered is None else normal(*centered, k, seed=seed + 1)
    options = temperature_s, temperature_t, center
    actual = [value.item() for value in three(student, teacher, *options)]
    assert actual == pytest.approx(three_loops(student, teacher, *options), rel=1e-9, abs=1e-12)


def test_defaults() -> None:
    student, teacher = pair()
    assert torch.equal(teacher_entropy(teacher), teacher_entropy(teacher, 0.04, None))
    assert torch.equal(marginal_entropy(teacher), marginal_entropy(teacher, 0.04, None))
    explicit = teacher_divergence(student, teacher, 0.1, 0.04, None)
    assert torch.equal(teacher_divergence(student, teacher), explicit)
    values = teacher_entropy(teacher), marginal_entropy(teacher), explicit
    assert all(value.shape == () for value in values)


# --- the two collapses, and health ----------------------------------------------------------


@pytest.mark.parametrize("k", [2, 64, 4096, 65536])
def test_uniform_collapse(k: int) -> None:
    """All three entropies of the paper's second collapse are ln K, the plateau of the loss."""
    teacher = torch.full((3, k), 0.7)
    assert teacher_entropy(teacher).item() == pytest.approx(math.log(k), rel=1e-5)
    assert marginal_entropy(teacher).item() == pytest.approx(math.log(k), rel=1e-5)
    assert teacher_divergence(teacher, teacher).item() == pytest.approx(0, abs=1e-5)


# --- the decomposition of the loss ----------------------------------------------------------


@pytest.mark.parametrize("temperatures", [(0.1, 0.04), (0.1, 0.1), (0.5, 2.0)])
@pytest.mark.parametrize("centered", [False, True])
def test_entropy_and_divergence_make_up_the_loss(temperatures, centered) -> None:
    """Equation 5 of DINO."""
    student, teacher = pair(8, 16)
    center = normal(16, seed=7) / 3 if centered else None
    parts = teacher_entropy(teacher, temperatures[1], center)
    parts = parts + teacher_divergence(student, teacher, *temperatures, center)
    whole = dino_loss(student, teacher, *temperatures, center)
    torch.testing.assert_close(parts, whole, **EXACT)


def test_nothing_warns() -> None:
    """torch warns, on the reader's screen too, where a softmax is not told its dimension."""
    student, teacher = pair()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        teacher_divergence(student, teacher)


def test_divergence_has_the_gradient_of_the_loss() -> None:
    """The entropy does not depend on the student."""
    gradients = []
    for function in (dino_loss, teacher_divergence):
        student, teacher = (z.requires_grad_() for z in pair())
        center = (normal(5, seed=7) / 3).requires_grad_()
        function(student, teacher, 0.2, 0.05, center).backward()
        assert teacher.grad is None and center.grad is None
        gradients.append(student.grad)
    torch.testing.assert_close(*gradients, **EXACT)


def test_entropies_carry_no_gradient() -> None:
    _, teacher = pair()
    center = normal(5, seed=7).requires_grad_()
    for measure in (teacher_entropy, marginal_entropy):
        assert not measure(teacher.requires_grad_(), center=center).requires_grad


# --- what must not matter, and what must ----------------------------------------------------


def test_no_argument_is_changed() -> None:
    arguments = [*pair(), normal(1, 5, seed=7)]
    before = [x.clone() for x in arguments]
    three(*arguments[:2], center=arguments[2])
    for now, then in zip(arguments, before):
        assert torch.equal(now, then)


# --- numbers at the edge --------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_finite_at_every_scale_and_precision(dtype, scale) -> None:
    """Outputs that differ by thousands make probabilities of exactly 0."""
    student, teacher = (scale * normal(4, 9, seed=seed).to(dtype) for seed in (0, 1))
    values = three(student.requires_grad_(), teacher)
    assert all(value.isfinite() and value >= -1e-6 for value in values)
    values[2].backward()
    assert student.grad is not None and student.grad.isfinite().all()


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_is_computed_in_float32(dtype) -> None:
    student, teacher = (z.to(dtype) for z in pair(8, 64))
    actual = three(student, teacher)
    assert all(value.dtype == torch.float32 for value in actual)
    torch.testing.assert_close(actual, three(student.float(), teacher.float()))
    for value, exact in zip(actual, three(student.double(), teacher.double())):
        assert value.item() == pytest.approx(exact.item(), rel=1e-5)


@pytest.mark.parametrize("where", [0, 1])
def test_nan_in_is_nan_out(where: int) -> None:
    outputs = pair()
    outputs[where][2, 1] = math.nan
    assert [value.isnan().item() for value in three(*outputs)] == [bool(where)] * 2 + [True]


# --- devices and bad input ------------------------------------------------------------------

FINE = torch.ones(4, 3)
OF_THE_TEACHER = [teacher_entropy, marginal_entropy, partial(teacher_divergence, FINE)]


def test_everything_is_made_on_the_device_of_the_input() -> None:
    z = torch.empty(4, 3, device="meta")
    center = torch.empty(3, device="meta")
    assert all(value.device.type == "meta" for value in three(z, z, center=center))


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (torch.ones(4), "teacher_output must be a non-empty matrix"),
        (FINE.long(), "teacher_output must be floating point"),
    ],
)
def test_bad_teachers_are_refused(teacher, message) -> None:
    for measure in OF_THE_TEACHER:
        with pytest.raises(ValueError, match=f"^{message}"):
            measure(teacher)


@pytest.mark.parametrize(
    ("student", "message"),
    [
        (torch.ones(4), "student_output must be a non-empty matrix"),
        (torch.ones(5, 3), "teacher_output must have the shape"),
    ],
)
def test_bad_students_are_refused(student, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        teacher_divergence(student, FINE)


@pytest.mark.parametrize("center", [torch.ones(4), torch.ones(4, 3), torch.ones(3).long()])
def test_bad_centers_are_refused(center) -> None:
    for measure in OF_THE_TEACHER:
        with pytest.raises(ValueError, match="^center must"):
            measure(FINE, center=center)


@pytest.mark.parametrize("temperature", [0, -0.5, math.nan, math.inf])
def test_bad_temperatures_are_refused(temperature) -> None:
    for measure in OF_THE_TEACHER:
        with pytest.raises(ValueError, match="^temperature_t must be a finite number above 0"):
            measure(FINE, temperature_t=temperature)
    with pytest.raises(ValueError, match="^temperature_s must be a finite number above 0"):
        teacher_divergence(FINE, FINE, temperature)


# --- peers ----------------------------------------------------------------------------------


def test_parts_add_up_to_the_loss_of_lightly() -> None:
    student, teacher = (z.float() for z in pair(16, 32))
    other = normal(16, 32, seed=3, dtype=torch.float32) / 3
    peer = lightly().DINOLoss(output_dim=32, teacher_temp=0.04, student_temp=0.1)
    theirs = peer([teacher, teacher], [other, student, student], teacher_temp=0.04)
    # Their terms: teacher 1 with crops 2 and 3, teacher 2 with crops 1 and 3.
    divergences = [teacher_divergence(s, teacher) for s in (student, student, other, student)]
    ours = teacher_entropy(teacher) + torch.stack(divergences).mean()
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
