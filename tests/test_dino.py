"""The DINO loss against loops, closed forms, invariances, its gradient, a peer and bad input."""

import itertools
import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from helpers import HALVES, assert_same, lightly, normal, softmax
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import CenteringMechanism, dino_loss, multi_crop_dino_loss
from lesson_code.dino import teacher_targets

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def log_softmax(row: list[float], temperature: float) -> list[float]:
    top = max(row)
    total = math.log(math.fsum(math.exp((z - top) / temperature) for z in row))
    return [(z - top) / temperature - total for z in row]


def loop(student, teacher, temperature_s=0.1, temperature_t=0.04, center=None) -> float:
    """Spell algorithm 1 of DINO out, one number at a time."""
    offsets = [0.0] * teacher.shape[1] if center is None else center.flatten().tolist()
    total = 0.0
    for g_s, g_t in zip(student.tolist(), teacher.tolist()):
        p_t = softmax([z - c for z, c in zip(g_t, offsets)], temperature_t)
        log_p_s = log_softmax(g_s, temperature_s)
        total -= math.fsum(p * log_p for p, log_p in zip(p_t, log_p_s))
    return total / len(student)


def crop_loop(students, teachers, *args, **kwargs) -> float:
    """Spell equation 3 of DINO out over all pairs of two different crops."""
    terms = [
        loop(students[v], teachers[g], *args, **kwargs)
        for g, v in itertools.product(range(len(teachers)), range(len(students)))
        if v != g
    ]
    return math.fsum(terms) / len(terms)


def pair(n: int = 6, k: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Student and teacher outputs of one pair of crops, about as large as cosines."""
    return normal(n, k, seed=seed) / 3, normal(n, k, seed=seed + 1000) / 3


def crops(count: int, n: int = 6, k: int = 5, seed: int = 0) -> list[torch.Tensor]:
    return [normal(n, k, seed=seed + i) / 3 for i in range(count)]


# --- values ---------------------------------------------------------------------------------


def test_by_hand() -> None:
    """Teacher at 3 to 1, student at 1 to 4, both after their temperatures."""
    teacher = 0.04 * torch.tensor([[math.log(3), 0.0]], dtype=torch.float64)
    student = 0.1 * torch.tensor([[0.0, math.log(4)]], dtype=torch.float64)
    expected = 0.75 * math.log(5) + 0.25 * math.log(5 / 4)
    assert dino_loss(student, teacher).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(1, 5),
    k=st.integers(1, 7),
    temperature_s=st.floats(0.02, 5),
    temperature_t=st.floats(0.02, 5),
    centered=st.sampled_from([(), (1,), None]),
    seed=st.integers(0, 10**6),
)
def test_equals_the_loop(n, k, temperature_s, temperature_t, centered, seed) -> None:
    """Without a center, and with one as a row or as a matrix of one row."""
    student, teacher = pair(n, k, seed)
    center = None if centered is None else normal(*centered, k, seed=seed + 1)
    expected = loop(student, teacher, temperature_s, temperature_t, center)
    actual = dino_loss(student, teacher, temperature_s, temperature_t, center)
    assert actual.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_defaults() -> None:
    student, teacher = pair()
    assert torch.equal(dino_loss(student, teacher), dino_loss(student, teacher, 0.1, 0.04, None))
    assert dino_loss(student, teacher).shape == ()
    students, teachers = crops(4), crops(2, seed=50)
    default = multi_crop_dino_loss(students, teachers)
    assert torch.equal(default, multi_crop_dino_loss(students, teachers, 0.1, 0.04, None))
    assert default.shape == ()


@pytest.mark.parametrize("k", [2, 4096, 8192])
def test_a_student_without_opinion_pays_ln_k(k: int) -> None:
    """Whatever the teacher says: the plateau that tells of a uniform collapse."""
    student = torch.full((3, k), 0.7, dtype=torch.float64)
    for scale in (0.0, 1.0, 100.0):
        teacher = scale * normal(3, k)
        assert dino_loss(student, teacher).item() == pytest.approx(math.log(k), abs=1e-10)


# --- the center -----------------------------------------------------------------------------


def test_the_center_is_subtracted_before_the_temperature_divides() -> None:
    student, teacher = pair()
    center = normal(1, 5, seed=7) / 3
    centered = dino_loss(student, teacher, center=center)
    torch.testing.assert_close(centered, dino_loss(student, teacher - center), **EXACT)
    assert abs(centered - dino_loss(student, teacher)) > 0.1
    assert torch.equal(centered, dino_loss(student, teacher, center=center[0]))


def test_constants_change_nothing() -> None:
    """Added to the center, to a row of the teacher's or of the student's outputs."""
    student, teacher = pair()
    center = normal(5, seed=7)
    expected = dino_loss(student, teacher, center=center)
    for moved in (
        dino_loss(student, teacher, center=center + 3.0),
        dino_loss(student, teacher + normal(6, 1, seed=8), center=center),
        dino_loss(student + normal(6, 1, seed=9), teacher, center=center),
    ):
        torch.testing.assert_close(moved, expected, **EXACT)


def test_no_argument_is_changed() -> None:
    """Above all not the center: it is updated after the loss, by its owner."""
    arguments = [*pair(), normal(1, 5, seed=7)]
    before = [x.clone() for x in arguments]
    dino_loss(arguments[0], arguments[1], center=arguments[2])
    multi_crop_dino_loss(arguments[:1] * 3, arguments[1:2] * 2, center=arguments[2])
    for now, then in zip(arguments, before):
        assert torch.equal(now, then)


def test_the_lists_of_crops_are_not_changed() -> None:
    students, teachers = crops(4), crops(2, seed=50)
    before = [list(students), list(teachers)]
    multi_crop_dino_loss(students, teachers, center=normal(5, seed=7))
    for now, then in zip((students, teachers), before):
        assert len(now) == len(then)
        assert all(one is other for one, other in zip(now, then))


def test_the_center_may_move_between_loss_and_backward() -> None:
    """The usual order of a step: loss, center, backward."""
    gradients = []
    for moves in (False, True):
        student, teacher = pair()
        centering = CenteringMechanism(5).double()
        loss = dino_loss(student.requires_grad_(), teacher, center=centering.center)
        if moves:
            centering.update_center(100 * teacher)
        loss.backward()
        gradients.append(student.grad)
    assert torch.equal(*gradients)


# --- targets --------------------------------------------------------------------------------


def test_targets() -> None:
    _, teacher = pair()
    targets = teacher_targets(teacher.requires_grad_(), 0.04, normal(5, seed=7))
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(6, dtype=torch.float64), **EXACT)
    assert not targets.requires_grad


def test_nothing_warns() -> None:
    """torch warns, on the reader's screen too, where a softmax is not told its dimension."""
    student, teacher = normal(4, 3), normal(4, 3, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        teacher_targets(teacher)
        dino_loss(student, teacher)
        multi_crop_dino_loss([student, teacher], [teacher])


# --- gradients ------------------------------------------------------------------------------


def test_gradient_in_closed_form() -> None:
    """(p_s - p_t) / tau_s for the student, none for teacher and center."""
    student, teacher = (z.requires_grad_() for z in pair())
    center = (normal(5, seed=7) / 3).requires_grad_()
    dino_loss(student, teacher, 0.2, 0.05, center).backward()
    with torch.no_grad():
        p_s, p_t = F.softmax(student / 0.2, dim=1), F.softmax((teacher - center) / 0.05, dim=1)
    torch.testing.assert_close(student.grad, (p_s - p_t) / 0.2 / 6, **EXACT)
    assert teacher.grad is None
    assert center.grad is None


def test_gradcheck() -> None:
    student, teacher = pair(3, 4)
    student.requires_grad_()
    center = normal(4, seed=7)
    assert torch.autograd.gradcheck(lambda z: dino_loss(z, teacher, 0.5, 0.2, center), student)
    students = [z.requires_grad_() for z in crops(3, 3, 4)]
    teachers = crops(2, 3, 4, seed=50)
    assert torch.autograd.gradcheck(
        lambda *z: multi_crop_dino_loss(z, teachers, 0.5, 0.2, center), students
    )


def test_multi_crop_gradient_reaches_each_student_crop_and_no_teacher() -> None:
    students = [z.requires_grad_() for z in crops(4)]
    teachers = [z.requires_grad_() for z in crops(2, seed=50)]
    multi_crop_dino_loss(students, teachers).backward()
    assert all(z.grad is not None and z.grad.abs().sum() > 0 for z in students)
    assert all(z.grad is None for z in teachers)


# --- many crops -----------------------------------------------------------------------------


@given(
    n=st.integers(1, 4),
    k=st.integers(1, 5),
    globals_=st.integers(1, 3),
    more=st.integers(0, 4),
    centered=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_multi_crop_equals_the_loop(n, k, globals_, more, centered, seed) -> None:
    more = max(more, 2 - globals_)  # one crop alone has no pair
    students, teachers = crops(globals_ + more, n, k, seed), crops(globals_, n, k, seed + 99)
    center = normal(1, k, seed=seed + 7) if centered else None
    expected = crop_loop(students, teachers, 0.2, 0.05, center)
    actual = multi_crop_dino_loss(students, teachers, 0.2, 0.05, center)
    assert actual.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_crop_does_not_predict_itself() -> None:
    """What a student says about its own crop to its own teacher has no influence.

    One hot outputs: the two global crops disagree, so each pair of different crops costs
    1 / tau_s, up to what the other outputs add; same-crop pairs would cost nothing.
    """
    one, other = torch.eye(2, dtype=torch.float64).split(1)
    loss = multi_crop_dino_loss([one, other], [one, other])
    assert loss.item() == pytest.approx(10 + math.log1p(math.exp(-10)), abs=1e-9)


def test_tuples_and_stacks_are_lists_too() -> None:
    students, teachers = crops(4), crops(2, seed=50)
    expected = multi_crop_dino_loss(students, teachers)
    assert torch.equal(multi_crop_dino_loss(tuple(students), tuple(teachers)), expected)
    stacked = multi_crop_dino_loss(torch.stack(students), torch.stack(teachers))
    torch.testing.assert_close(stacked, expected, **EXACT)


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 6])
@pytest.mark.parametrize("temperatures", [(0.1, 0.04), (0.3, 0.2)])
def test_equals_lightly(count: int, temperatures: tuple[float, float]) -> None:
    """Value and student gradient of lightly's DINOLoss, which takes the teacher first."""
    center = normal(1, 5, seed=7) / 3
    peer = lightly().DINOLoss(5, student_temp=temperatures[0]).double()
    peer.center.copy_(center[None])
    assert_same(
        lambda *ours: multi_crop_dino_loss(ours, crops(2, seed=50), *temperatures, center),
        lambda *theirs: peer(crops(2, seed=50), theirs, teacher_temp=temperatures[1]),
        *crops(count),
        rtol=1e-6,  # lightly turns its temperature into a float32 tensor
        atol=1e-8,
    )


# --- extreme input --------------------------------------------------------------------------


@pytest.mark.parametrize("temperatures", [(0.001, 0.001), (0.1, 0.04), (100.0, 100.0)])
@pytest.mark.parametrize("dtype", [*HALVES, torch.float32])
def test_finite_where_a_plain_softmax_is_zero(dtype: torch.dtype, temperatures) -> None:
    student = torch.tensor([[1000.0, -1000.0, 0.0]], dtype=dtype).requires_grad_()
    teacher = torch.tensor([[-1000.0, 1000.0, 0.0]], dtype=dtype)
    loss = dino_loss(student, teacher, *temperatures)
    assert loss.dtype == torch.float32
    exact = loop(student.detach().double(), teacher.double(), *temperatures)
    assert loss.item() == pytest.approx(exact, rel=1e-5)
    multi = multi_crop_dino_loss([student, student], [teacher, teacher], *temperatures)
    assert multi.item() == pytest.approx(exact, rel=1e-5)
    loss.backward()
    assert torch.isfinite(student.grad).all()


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_agrees(dtype: torch.dtype) -> None:
    student, teacher = (z.to(dtype) for z in pair())
    center = normal(5, seed=7, dtype=torch.float32)
    exact = loop(student.double(), teacher.double(), center=center.double())
    actual = dino_loss(student, teacher, center=center)
    assert actual.item() == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_nan_in_nan_out(which: int) -> None:
    inputs = [*pair(), normal(5)]
    inputs[which].view(-1)[0] = math.nan
    assert dino_loss(inputs[0], inputs[1], center=inputs[2]).isnan()
    assert multi_crop_dino_loss(inputs[:1] * 2, inputs[1:2] * 2, center=inputs[2]).isnan()


# --- bad input ------------------------------------------------------------------------------

S, T = pair()
SHARED = [
    ({"temperature_s": 0.0}, "temperature_s"),
    ({"temperature_t": 0.0}, "temperature_t"),
    ({"center": torch.zeros(4)}, "center"),
    ({"center": torch.zeros(1)}, "center"),
    ({"center": torch.zeros(6, 5)}, "center"),
    ({"center": torch.zeros(5, 1)}, "center"),
    ({"center": torch.zeros(1, 1, 5)}, "center"),
    ({"center": torch.tensor(0.0)}, "center"),
    ({"center": torch.zeros(5, dtype=torch.long)}, "center"),
    ({"center": torch.zeros(5, device="meta")}, "center"),
    ({"center": [0.0] * 5}, "center"),
]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        *SHARED,
        ({"teacher_output": T[:3]}, "teacher_output"),
        ({"student_output": S[0]}, "student_output"),
    ],
)
def test_bad_input(change: dict, name: str) -> None:
    arguments = {"student_output": S, "teacher_output": T} | change
    with pytest.raises(ValueError, match=rf"^{name} must"):
        dino_loss(**arguments)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        *SHARED,
        ({"teacher_outputs": []}, "teacher_outputs"),
        ({"student_outputs": []}, "student_outputs"),
        ({"student_outputs": [S]}, "student_outputs"),
        ({"student_outputs": [S], "teacher_outputs": [T]}, "student_outputs"),
        ({"student_outputs": [S, S], "teacher_outputs": [T, T, T]}, "student_outputs"),
        ({"student_outputs": [S, S, S[:3]]}, r"student_outputs\[2\]"),
        ({"teacher_outputs": [T, T[:3]]}, r"teacher_outputs\[1\]"),
        ({"student_outputs": torch.cat([S, S])}, r"student_outputs\[0\]"),
    ],
)
def test_bad_multi_crop_input(change: dict, name: str) -> None:
    arguments = {"student_outputs": [S, S, S], "teacher_outputs": [T, T]} | change
    with pytest.raises(ValueError, match=rf"^{name} must"):
        multi_crop_dino_loss(**arguments)


@pytest.mark.parametrize(
    ("name", "changed"),
    [("teacher_output", {"teacher_output": [1.0]}), ("temperature_t", {"temperature_t": 0.0})],
)
def test_targets_of_bad_arguments_are_refused(name, changed):
    with pytest.raises(ValueError, match=f"^{name} must"):
        teacher_targets(**{"teacher_output": torch.zeros(2, 3)} | changed)
