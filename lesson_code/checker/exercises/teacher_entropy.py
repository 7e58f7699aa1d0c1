"""The exercises of the gauges for DINO: teacher entropy and divergence."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.checker.exercises._advice import OVERFLOWS
from lesson_code.teacher_entropy import teacher_divergence, teacher_entropy

_STUDENT, _TEACHER = normal(1, 6, 5, scale=0.3), normal(2, 6, 5, scale=0.3)
_CENTER = normal(3, 5, scale=0.3)
_ROW = torch.tensor([[0.04, 0.0]])
_CERTAIN = torch.tensor([[9.0, 0.0]])

_AFTERWARDS = "six images and a center, as above; are they still the same after the call?"

# --- teacher_entropy ------------------------------------------------------------------------


_entropy = Calls(teacher_entropy, teacher_output=_TEACHER, temperature_t=0.04, center=None)

_ENTROPY = Exercise(
    reference=teacher_entropy,
    probes=(
        _entropy.value("one image, two prototypes", _ROW),
        _entropy.value("one image, and a center", [[0.08, 0.0]], center=[0.12, 0.0]),
        _entropy.value("two images that disagree", [[0.08, 0.0, 0.0], [0.0, 0.04, 0.1]]),
        _entropy.value("no opinion", torch.zeros(2, 4)),
        _entropy.value("certain", _CERTAIN),
        _entropy.value("six images, five prototypes"),
        _entropy.value("six images, and a center", temperature_t=0.07, center=_CENTER),
        _entropy.value("a center of shape (1, K)", temperature_t=0.2, center=_CENTER[None]),
        _entropy.value("temperature of 2", 3 * _TEACHER, 2.0, _CENTER),
        _entropy.gradient("gradient of the teacher", "teacher_output", temperature_t=0.2),
        _entropy.unchanged("arguments afterwards", center=_CENTER, shows=_AFTERWARDS),
        Calls(teacher_entropy).value(
            "default temperature",
            _TEACHER,
            remark="Called without a temperature it does not use the documented one, 0.04, which "
            "is the teacher's.",
        ),
        _entropy.precise("float64", center=_CENTER),
        _entropy.half("float16, large outputs", OVERFLOWS, [[900.0, 899.98]], 0.01),
        _entropy.refuses("a temperature of 0", "the entropy is NaN then", temperature_t=0.0),
    ),
)

# --- teacher_divergence ---------------------------------------------------------------------


_divergence = Calls(
    teacher_divergence,
    student_output=_STUDENT,
    teacher_output=_TEACHER,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
)

_DIVERGENCE = Exercise(
    reference=teacher_divergence,
    probes=(
        _divergence.value("one image, two prototypes", [[0.0, 0.2]], _ROW),
        _divergence.value(
            "one image, and a center", [[0.0, 0.1]], [[0.08, 0.0]], center=[0.2, 0.0]
        ),
        _divergence.value("both agree", [[0.2, 0.0]], [[0.08, 0.0]]),
        _divergence.value("equal outputs", [[0.2, 0.0]], [[0.2, 0.0]]),
        _divergence.value(
            "two images that disagree",
            [[0.0, 0.2, 0.1], [0.1, 0.0, 0.3]],
            [[0.1, 0.0, 0.05], [0.0, 0.05, 0.02]],
            temperature_t=0.05,
        ),
        _divergence.value("six images, five prototypes"),
        _divergence.value("six images, and a center", temperature_t=0.07, center=_CENTER),
        _divergence.value("a center of shape (1, K)", temperature_s=0.2, center=_CENTER[None]),
        _divergence.value(
            "temperatures of 2 and 0.5",
            3 * _STUDENT,
            3 * _TEACHER,
            2.0,
            temperature_t=0.5,
            center=_CENTER,
        ),
        _divergence.value("a certain teacher", [[0.1, 0.0]], _CERTAIN),
        _divergence.value("a student that excludes a prototype", [[4.0, 0.0]], _ROW),
        _divergence.gradient(
            "which way one image is pushed", "student_output teacher_output", [[0.0, 0.1]], _ROW
        ),
        _divergence.gradient(
            "which way six images are pushed", "student_output teacher_output", center=_CENTER
        ),
        _divergence.unchanged("arguments afterwards", center=_CENTER, shows=_AFTERWARDS),
        Calls(teacher_divergence).value(
            "defaults",
            _STUDENT,
            _TEACHER,
            remark="Called without temperatures and center it does not use the documented ones: "
            "0.1 for the student, 0.04 for the teacher, no center.",
        ),
        _divergence.precise("float64", center=_CENTER),
        _divergence.half(
            "float16, large outputs",
            OVERFLOWS,
            [[900.0, 890.0]],
            [[900.0, 899.0]],
            0.01,
            temperature_t=0.01,
        ),
        _divergence.refuses("a temperature of 0", "the divergence is NaN then", temperature_t=0.0),
    ),
)

EXERCISES = (_ENTROPY, _DIVERGENCE)
