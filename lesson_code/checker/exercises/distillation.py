"""The exercise of knowledge distillation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from lesson_code.distillation import knowledge_distillation_loss
from lesson_code.checker.exercise import Calls, Exercise, NoPlace, Other, Probe, normal
from lesson_code.checker.exercises._advice import FROZEN_TEACHER, ROUNDED_TO_ZERO

_STUDENT, _TEACHER = normal(1, 8, 5), normal(2, 8, 5)
_LABELS = torch.tensor([0, 3, 1, 4, 2, 2, 0, 1])
_UNDECIDED, _SURE = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]])
_ONE = torch.tensor([1])


def _one_head(function: Callable[..., Any], labels: Any = None, **given: Any) -> Any:
    heads = dict.fromkeys(("student", "distilled"), given.pop("student_logits"))
    given = {"temperature": 3.0, "alpha": 0.7} | given
    return function(**heads, teacher=given.pop("teacher_logits"), labels=labels, **given)


def _by_a_teacher(function: Callable[..., Any], labels: Any = None, **given: Any) -> Any:
    if labels is None:
        raise NoPlace("always needs labels")
    # Its slope is 1 on both sides: what it returns is a new tensor of what it is given.
    networks = {"teacher": nn.LeakyReLU(1.0), "criterion": nn.CrossEntropyLoss(), "way": "soft"}
    networks |= {"inputs": given.pop("teacher_logits"), "labels": labels}
    return function(**{"temperature": 3.0, "alpha": 0.7} | given, **networks)


_loss = Calls(
    knowledge_distillation_loss,
    student_logits=_STUDENT,
    teacher_logits=_TEACHER,
    alpha=0.7,
    labels=None,
)

_ALWAYS_LABELS = (
    "It always needs labels. The published one returns the soft term alone where there are none."
)


def _with_labels_first(*probes: Probe) -> tuple[Probe, ...]:
    """Those without labels behind the others: most published losses always have labels."""
    without = [each for each in probes if each.arguments.get("labels", 0) is None]
    late = [each if each.remark else replace(each, beyond=_ALWAYS_LABELS) for each in without]
    return (*(each for each in probes if each not in without), *late)


EXERCISES = (
    Exercise(
        reference=knowledge_distillation_loss,
        optional=("alpha", "labels"),
        complements={"alpha": "alpha a w weight lam"},
        others=(
            Other(
                "kd_of_two_heads",
                "student: 'Tensor', distilled: 'Tensor', teacher: 'Tensor', labels: 'Tensor', "
                "temperature: float, alpha: float",
                _one_head,
                "The student's logits were handed over for both heads.",
                published={
                    "kd-mean-over-classes-too": "It divides by the number of logits, as DeiT's "
                    "code does: the soft term weighs less, the more classes there are."
                },
            ),
            Other(
                "kd_by_a_teacher",
                "inputs: 'Tensor', student_logits: 'Tensor', labels: 'Tensor', teacher: 'Module', "
                "temperature: float, alpha: float, criterion: 'Module' = None, way: str = None",
                _by_a_teacher,
                "For the teacher it was given a network that returns the logits which it is given.",
            ),
        ),
        form="scale",
        probes=_with_labels_first(
            _loss.value("one image, T = 1, no labels", _UNDECIDED, _SURE, 1.0, alpha=0.25),
            _loss.value("one image, T = 2, no labels", [[0.0, 1.0]], _SURE, 2.0, alpha=0.25),
            _loss.value(
                "one image, T = 1, with its label",
                [[0.0, 1.0]],
                _SURE,
                1.0,
                alpha=0.25,
                labels=_ONE,
            ),
            _loss.value(
                "one image, T = 2, with its label",
                [[0.0, 1.0]],
                _SURE,
                2.0,
                alpha=0.25,
                labels=_ONE,
            ),
            _loss.value("equal logits", _SURE, _SURE, 3.0, alpha=0.5),
            _loss.value(
                "two images, three classes",
                [[0.0, 1.0, 2.0], [1.0, -1.0, 0.5]],
                [[0.0, 3.0, 1.0], [2.0, 0.0, 0.0]],
                2.0,
                alpha=0.5,
                labels=[1, 0],
            ),
            _loss.value("alpha of 0", temperature=3.0, alpha=0.0, labels=_LABELS),
            _loss.value("alpha of 1", temperature=3.0, alpha=1.0, labels=_LABELS),
            _loss.value("eight images, no labels", temperature=3.0),
            _loss.value("eight images, T = 4", temperature=4.0, labels=_LABELS),
            _loss.value("eight images, T = 0.5", temperature=0.5, labels=_LABELS),
            _loss.value(
                "a student that excludes a class",
                [[200.0, -200.0]],
                [[1.0, 0.0]],
                1.0,
                remark=ROUNDED_TO_ZERO,
            ),
            _loss.value(
                "a teacher that excludes a class",
                [[1.0, 0.0]],
                [[200.0, -200.0]],
                1.0,
                remark=ROUNDED_TO_ZERO,
            ),
            _loss.value(
                "logits around 100", [[100.0, 84.0]], [[84.0, 100.0]], 1.0, remark=ROUNDED_TO_ZERO
            ),
            _loss.gradient(
                "which way one image is pushed", "student_logits", _UNDECIDED, _SURE, 2.0
            ),
            _loss.gradient(
                "which way eight images are pushed",
                "student_logits",
                temperature=3.0,
                labels=_LABELS,
            ),
            _loss.gradient(
                "which way the teacher is pushed",
                "teacher_logits",
                temperature=3.0,
                labels=_LABELS,
                remark=FROZEN_TEACHER,
            ),
            _loss.unchanged(
                "arguments afterwards",
                temperature=3.0,
                labels=_LABELS,
                shows="eight images, as above; are the arguments still the same after the call?",
            ),
            Calls(knowledge_distillation_loss).value(
                "defaults",
                _STUDENT,
                _TEACHER,
                labels=_LABELS,
                remark="Called without temperature and alpha it does not use the documented ones, "
                "3 and 0.7. Other defaults are no error; say which you have.",
            ),
            _loss.precise("float64", temperature=3.0, labels=_LABELS),
            _loss.half(
                "float16, large logits",
                "In float16 it overflows: logits over a small temperature leave its range, which "
                "ends at 65,504. Compute in float32 at least: `logits.float()`.",
                [[900.0, 899.0]],
                [[900.0, 890.0]],
                0.01,
            ),
            _loss.refuses("a temperature of 0", "the loss is NaN then", temperature=0.0),
            _loss.refuses(
                "an alpha above 1",
                "rewards being wrong about the labels",
                temperature=3.0,
                alpha=1.5,
                labels=_LABELS,
            ),
        ),
    ),
)
