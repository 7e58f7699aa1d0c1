"""The exercises of the gauges for DINO: teacher entropy and divergence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from lesson_code.checker.exercise import (
    Exercise,
    Probe,
    Seen,
    gradient,
    half,
    normal,
    precise,
    refuses,
    value,
)
from lesson_code.teacher_entropy import teacher_divergence, teacher_entropy

_PAGE = "module-1/beyond-1.3/teacher-entropy.md"
_STUDENT, _TEACHER = normal(1, 6, 5, scale=0.3), normal(2, 6, 5, scale=0.3)
_CENTER = normal(3, 5, scale=0.3)
_ROW = torch.tensor([[0.04, 0.0]])
_CERTAIN = torch.tensor([[9.0, 0.0]])

_ALIASES = {
    "teacher_output": ("teacher", "t", "g_t", "g", "teacher_out", "teacher_logits"),
    "temperature_t": ("temp_t", "t_t", "tau_t", "tau", "temperature", "teacher_temp"),
    "center": ("c", "centre", "teacher_center"),
}
_HALF = (
    "In float16 it overflows: outputs over a small temperature leave its range, which ends at "
    "65,504. Compute in float32 at least: `output.float()`."
)


def _afterwards(
    function: Callable[..., Any], temperatures: dict[str, float], **arguments: torch.Tensor
) -> Seen:
    now = {key: tensor.clone() for key, tensor in arguments.items()}
    function(**now, **temperatures)
    return {
        f"{key} afterwards": "as before" if torch.equal(now[key], before) else "changed"
        for key, before in arguments.items()
    }


# --- teacher_entropy ------------------------------------------------------------------------


def _entropy_afterwards(function: Callable[..., Any]) -> Seen:
    return _afterwards(function, {"temperature_t": 0.04}, teacher_output=_TEACHER, center=_CENTER)


_ENTROPY = Exercise(
    reference=teacher_entropy,
    family="teacher_entropy",
    page=_PAGE,
    aliases=_ALIASES,
    hints=(
        "First make the very probabilities that the loss makes of the teacher's output: with its "
        "center and its temperature.",
        "The entropy of one image is minus the sum over the prototypes of p ln p. What should "
        "p ln p be where p has been rounded to 0?",
        "`torch.special.entr(p)` is -p ln p, and 0 at 0.",
        "Sum over the prototypes first, then average over the images: "
        "`torch.special.entr(p).sum(dim=1).mean()`. The teacher gets no gradient.",
    ),
    probes=(
        value("one image, two prototypes", teacher_output=_ROW, temperature_t=0.04, center=None),
        value(
            "one image, and a center",
            teacher_output=torch.tensor([[0.08, 0.0]]),
            temperature_t=0.04,
            center=torch.tensor([0.12, 0.0]),
        ),
        value(
            "two images that disagree",
            teacher_output=torch.tensor([[0.08, 0.0, 0.0], [0.0, 0.04, 0.1]]),
            temperature_t=0.04,
            center=None,
        ),
        value("no opinion", teacher_output=torch.zeros(2, 4), temperature_t=0.04, center=None),
        value("certain", teacher_output=_CERTAIN, temperature_t=0.04, center=None),
        value(
            "six images, five prototypes", teacher_output=_TEACHER, temperature_t=0.04, center=None
        ),
        value(
            "six images, and a center", teacher_output=_TEACHER, temperature_t=0.07, center=_CENTER
        ),
        value(
            "a center of shape (1, K)",
            teacher_output=_TEACHER,
            temperature_t=0.2,
            center=_CENTER[None],
        ),
        value("temperature of 2", teacher_output=3 * _TEACHER, temperature_t=2.0, center=_CENTER),
        gradient(
            "gradient of the teacher",
            of=("teacher_output",),
            teacher_output=_TEACHER,
            temperature_t=0.2,
            center=None,
        ),
        Probe(
            "arguments afterwards",
            _entropy_afterwards,
            "six images and a center, as above; are they still the same after the call?",
        ),
        replace(
            value("default temperature", teacher_output=_TEACHER),
            remark="Called without a temperature it does not use the documented one, 0.04, which "
            "is the teacher's.",
        ),
        precise("float64", teacher_output=_TEACHER, temperature_t=0.04, center=_CENTER),
        half(
            "float16, large outputs",
            _HALF,
            dtype=torch.float16,
            teacher_output=torch.tensor([[900.0, 899.98]]),
            temperature_t=0.01,
            center=None,
        ),
        refuses(
            "a temperature of 0",
            "A temperature of 0 is accepted, and the entropy is NaN then. An error that names the "
            "argument saves a search.",
            teacher_output=_TEACHER,
            temperature_t=0.0,
            center=None,
        ),
    ),
)

# --- teacher_divergence ---------------------------------------------------------------------


def _divergence_afterwards(function: Callable[..., Any]) -> Seen:
    return _afterwards(
        function,
        {"temperature_s": 0.1, "temperature_t": 0.04},
        student_output=_STUDENT,
        teacher_output=_TEACHER,
        center=_CENTER,
    )


_DIVERGENCE = Exercise(
    reference=teacher_divergence,
    family="teacher_entropy",
    page=_PAGE,
    aliases={
        "student_output": ("student", "s", "g_s", "student_out", "student_logits"),
        **_ALIASES,
        "temperature_s": ("temp_s", "t_s", "tau_s", "student_temp"),
    },
    hints=(
        "Two distributions: the target of the loss, with the center and the teacher's "
        "temperature, and the student's prediction with its own. Which gets a gradient?",
        "KL(P_t || P_s) sums P_t times the difference of two logarithms, ln P_t - ln P_s, over "
        "the prototypes, and is averaged over the images.",
        "Take the student's logarithm with `F.log_softmax`; a plain `log` of a softmax is minus "
        "infinity where a probability is rounded to 0.",
        '`F.kl_div(log_p_s, p_t, reduction="batchmean")`: the student\'s *logarithm* first, the '
        "teacher's *probabilities* second, and `batchmean`, for the default divides by K too.",
    ),
    probes=(
        value(
            "one image, two prototypes",
            student_output=torch.tensor([[0.0, 0.2]]),
            teacher_output=_ROW,
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        value(
            "one image, and a center",
            student_output=torch.tensor([[0.0, 0.1]]),
            teacher_output=torch.tensor([[0.08, 0.0]]),
            temperature_s=0.1,
            temperature_t=0.04,
            center=torch.tensor([0.2, 0.0]),
        ),
        value(
            "both agree",
            student_output=torch.tensor([[0.2, 0.0]]),
            teacher_output=torch.tensor([[0.08, 0.0]]),
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        value(
            "equal outputs",
            student_output=torch.tensor([[0.2, 0.0]]),
            teacher_output=torch.tensor([[0.2, 0.0]]),
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        value(
            "two images that disagree",
            student_output=torch.tensor([[0.0, 0.2, 0.1], [0.1, 0.0, 0.3]]),
            teacher_output=torch.tensor([[0.1, 0.0, 0.05], [0.0, 0.05, 0.02]]),
            temperature_s=0.1,
            temperature_t=0.05,
            center=None,
        ),
        value(
            "six images, five prototypes",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        value(
            "six images, and a center",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.07,
            center=_CENTER,
        ),
        value(
            "a center of shape (1, K)",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.2,
            temperature_t=0.04,
            center=_CENTER[None],
        ),
        value(
            "temperatures of 2 and 0.5",
            student_output=3 * _STUDENT,
            teacher_output=3 * _TEACHER,
            temperature_s=2.0,
            temperature_t=0.5,
            center=_CENTER,
        ),
        value(
            "a certain teacher",
            student_output=torch.tensor([[0.1, 0.0]]),
            teacher_output=_CERTAIN,
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        value(
            "a student that excludes a prototype",
            student_output=torch.tensor([[4.0, 0.0]]),
            teacher_output=_ROW,
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        gradient(
            "which way one image is pushed",
            of=("student_output", "teacher_output"),
            student_output=torch.tensor([[0.0, 0.1]]),
            teacher_output=_ROW,
            temperature_s=0.1,
            temperature_t=0.04,
            center=None,
        ),
        gradient(
            "which way six images are pushed",
            of=("student_output", "teacher_output"),
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.04,
            center=_CENTER,
        ),
        Probe(
            "arguments afterwards",
            _divergence_afterwards,
            "six images and a center, as above; are they still the same after the call?",
        ),
        replace(
            value("defaults", student_output=_STUDENT, teacher_output=_TEACHER),
            remark="Called without temperatures and center it does not use the documented ones: "
            "0.1 for the student, 0.04 for the teacher, no center.",
        ),
        precise(
            "float64",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.04,
            center=_CENTER,
        ),
        half(
            "float16, large outputs",
            _HALF,
            dtype=torch.float16,
            student_output=torch.tensor([[900.0, 890.0]]),
            teacher_output=torch.tensor([[900.0, 899.0]]),
            temperature_s=0.01,
            temperature_t=0.01,
            center=None,
        ),
        refuses(
            "a temperature of 0",
            "A temperature of 0 is accepted, and the divergence is NaN then. An error that names "
            "the argument saves a search.",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.0,
            center=None,
        ),
    ),
)

EXERCISES = (_ENTROPY, _DIVERGENCE)
