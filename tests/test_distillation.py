"""Distillation against a loop, by hand, its gradient, extreme input and bad input."""

import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from helpers import HALVES, normal, softmax
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import knowledge_distillation_loss

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def loop(
    student: torch.Tensor,
    teacher: torch.Tensor,
    temperature: float,
    alpha: float = 1.0,
    labels: torch.Tensor | None = None,
) -> float:
    """Spell the loss out, one number at a time."""
    total = 0.0
    for i, (z_s, z_t) in enumerate(zip(student.tolist(), teacher.tolist())):
        p_s, p_t = softmax(z_s, temperature), softmax(z_t, temperature)
        kl = math.fsum(t * (math.log(t) - math.log(s)) for s, t in zip(p_s, p_t))
        soft = temperature**2 * kl
        if labels is None:
            total += soft
        else:
            hard = -math.log(softmax(z_s, 1.0)[int(labels[i])])
            total += alpha * soft + (1 - alpha) * hard
    return total / len(student)


def case(n: int = 8, c: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Student logits, teacher logits, labels."""
    labels = torch.randint(c, (n,), generator=torch.Generator().manual_seed(seed))
    return normal(n, c, seed=seed), normal(n, c, seed=seed + 1000), labels


def test_by_hand() -> None:
    """An undecided student, a teacher at 3 to 1: KL = 3/4 ln 3/2 + 1/4 ln 1/2; CE = ln 2."""
    student = torch.zeros(1, 2, dtype=torch.float64)
    teacher = torch.tensor([[math.log(3), 0.0]], dtype=torch.float64)
    kl = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    soft = knowledge_distillation_loss(student, teacher, 1.0)
    assert soft.item() == pytest.approx(kl, abs=1e-12)
    mixed = knowledge_distillation_loss(student, teacher, 1.0, 0.25, torch.tensor([1]))
    assert mixed.item() == pytest.approx(0.25 * kl + 0.75 * math.log(2), abs=1e-12)
    # Twice the logits at twice the temperature: the same KL, four times the soft term.
    scaled = knowledge_distillation_loss(2 * student, 2 * teacher, 2.0)
    assert scaled.item() == pytest.approx(4 * kl, abs=1e-12)


@given(
    n=st.integers(1, 6),
    c=st.integers(1, 7),
    temperature=st.floats(0.1, 30),
    alpha=st.floats(0, 1),
    seed=st.integers(0, 10**6),
)
def test_equals_the_loop(n, c, temperature, alpha, seed) -> None:
    student, teacher, labels = case(n, c, seed)
    for given_labels in (labels, None):
        expected = loop(student, teacher, temperature, alpha, given_labels)
        actual = knowledge_distillation_loss(student, teacher, temperature, alpha, given_labels)
        assert actual.item() == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_defaults() -> None:
    student, teacher, labels = case()
    default = knowledge_distillation_loss(student, teacher, labels=labels)
    assert torch.equal(default, knowledge_distillation_loss(student, teacher, 3.0, 0.7, labels))
    assert default.shape == ()


def test_a_constant_added_to_a_row_changes_nothing() -> None:
    student, teacher, labels = case()
    expected = knowledge_distillation_loss(student, teacher, labels=labels)
    moved = knowledge_distillation_loss(
        student + normal(8, 1, seed=1), teacher + 50 * normal(8, 1, seed=2), labels=labels
    )
    torch.testing.assert_close(moved, expected, **EXACT)


def test_no_argument_is_changed() -> None:
    arguments = case()
    before = [x.clone() for x in arguments]
    knowledge_distillation_loss(arguments[0], arguments[1], labels=arguments[2])
    for now, then in zip(arguments, before):
        assert torch.equal(now, then)


def test_nothing_warns() -> None:
    """torch warns, on the reader's screen too, where a softmax is not told its dimension."""
    student, teacher, labels = case()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        knowledge_distillation_loss(student, teacher, labels=labels)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_gradient_in_closed_form(temperature: float) -> None:
    """T^2 times (p_s - p_t) / T for the soft term, p_s - onehot(y) for the hard one."""
    student, teacher, labels = case()
    student.requires_grad_()
    knowledge_distillation_loss(student, teacher, temperature, 0.6, labels).backward()
    with torch.no_grad():
        p_s, p_t = (F.softmax(z / temperature, dim=1) for z in (student, teacher))
        hard = F.softmax(student, dim=1) - F.one_hot(labels, 5)
        expected = (0.6 * temperature * (p_s - p_t) + 0.4 * hard) / 8
    torch.testing.assert_close(student.grad, expected, **EXACT)


def test_no_gradient_reaches_the_teacher() -> None:
    student, teacher, labels = case()
    student.requires_grad_()
    teacher.requires_grad_()
    knowledge_distillation_loss(student, teacher, labels=labels).backward()
    assert teacher.grad is None
    assert student.grad.abs().sum() > 0


@pytest.mark.parametrize("temperature", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("dtype", [*HALVES, torch.float32])
def test_finite_where_a_plain_softmax_is_zero(dtype: torch.dtype, temperature: float) -> None:
    """Logits 2,000 apart: the student gives the teacher's class a probability of zero."""
    student = torch.tensor([[1000.0, -1000.0, 0.0]], dtype=dtype).requires_grad_()
    teacher = torch.tensor([[-1000.0, 1000.0, 0.0]], dtype=dtype)
    loss = knowledge_distillation_loss(student, teacher, temperature, 0.5, torch.tensor([1]))
    loss.backward()
    assert loss.dtype == torch.float32
    assert torch.isfinite(loss)
    assert torch.isfinite(student.grad).all()
    exact = knowledge_distillation_loss(
        student.detach().double(), teacher.double(), temperature, 0.5, torch.tensor([1])
    )
    torch.testing.assert_close(loss.double(), exact, rtol=1e-5, atol=0)


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_agrees(dtype: torch.dtype) -> None:
    student, teacher, labels = case()
    student, teacher = student.to(dtype), teacher.to(dtype)
    actual = knowledge_distillation_loss(student, teacher, labels=labels)
    exact = knowledge_distillation_loss(student.double(), teacher.double(), labels=labels)
    torch.testing.assert_close(actual.double(), exact, rtol=1e-5, atol=0)


@pytest.mark.parametrize("which", [0, 1])
def test_nan_in_nan_out(which: int) -> None:
    inputs = [*case()[:2]]
    inputs[which][0, 0] = math.nan
    assert knowledge_distillation_loss(*inputs).isnan()


S, T, Y = case()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"alpha": 1.1}, "alpha"),
        ({"alpha": 1.5, "labels": None}, "alpha"),
        ({"teacher_logits": T[:4]}, "teacher_logits"),
        ({"student_logits": S[None]}, "student_logits"),
        ({"labels": Y[:4]}, "labels"),
        ({"labels": Y.to("meta")}, "labels"),
        ({"labels": torch.full_like(Y, 5)}, "labels"),
    ],
)
def test_bad_input(change: dict, name: str) -> None:
    arguments = {"student_logits": S, "teacher_logits": T, "labels": Y} | change
    with pytest.raises(ValueError, match=rf"^{name} must"):
        knowledge_distillation_loss(**arguments)
