"""The exercises of the DINO loss: one pair of crops, and all pairs of many crops."""

import torch

from lesson_code.dino import dino_loss, multi_crop_dino_loss
from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.checker.exercises._advice import AFTERWARDS, FROZEN_TEACHER, OVERFLOWS
from lesson_code.checker.exercises._advice import ROUNDED_TO_ZERO


_DEFAULTS = (
    "Called without temperatures and center it does not use the documented ones: 0.1 for the "
    "student, 0.04 for the teacher, no center."
)
_TWO_TEACHERS = "It is right for two crops of the teacher, as DINO has them, and not for three."

# --- dino_loss ------------------------------------------------------------------------------

_STUDENT, _TEACHER = normal(1, 6, 5, scale=0.3), normal(2, 6, 5, scale=0.3)
_CENTER = normal(3, 5, scale=0.3)
_LEAD = torch.tensor([[0.1, 0.0]])


_pair = Calls(
    dino_loss,
    student_output=_STUDENT,
    teacher_output=_TEACHER,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
)

_DINO_LOSS = Exercise(
    reference=dino_loss,
    form="scale",
    probes=(
        _pair.value("one image, two prototypes", [[0.1, 0.0]], [[0.08, 0.0]]),
        _pair.value("one image, and a center", [[0.1, 0.0]], [[0.08, 0.0]], center=[0.12, 0.0]),
        _pair.value(
            "two images that disagree",
            [[0.0, 0.2, 0.1], [0.1, 0.0, 0.3]],
            [[0.1, 0.0, 0.05], [0.0, 0.05, 0.02]],
            temperature_t=0.05,
        ),
        _pair.value("a student without opinion", torch.zeros(2, 4), _TEACHER[:2, :4]),
        _pair.value("six images, five prototypes"),
        _pair.value("six images, and a center", center=_CENTER),
        _pair.value(
            "a center of shape (1, K)", temperature_s=0.2, temperature_t=0.07, center=_CENTER[None]
        ),
        _pair.value(
            "temperatures of 2 and 0.5",
            3 * _STUDENT,
            3 * _TEACHER,
            2.0,
            temperature_t=0.5,
            center=_CENTER,
        ),
        _pair.value("outputs around 9", [[9.5, 5.0]], _LEAD, remark=ROUNDED_TO_ZERO),
        _pair.value("outputs far apart", [[50.0, -50.0]], _LEAD, remark=ROUNDED_TO_ZERO),
        _pair.gradient(
            "which way one image is pushed", "student_output", [[0.1, 0.0]], [[0.0, 0.04]]
        ),
        _pair.gradient("which way six images are pushed", "student_output", center=_CENTER),
        _pair.gradient(
            "which way the teacher is pushed",
            "teacher_output",
            center=_CENTER,
            remark=FROZEN_TEACHER,
        ),
        _pair.unchanged("arguments afterwards", center=_CENTER, shows=AFTERWARDS),
        Calls(dino_loss).value("defaults", _STUDENT, _TEACHER, remark=_DEFAULTS),
        _pair.precise("float64", center=_CENTER),
        _pair.half(
            "float16, large outputs",
            OVERFLOWS,
            [[900.0, 890.0]],
            [[900.0, 899.0]],
            0.01,
            temperature_t=0.01,
        ),
        _pair.refuses("a temperature of 0", "the loss is NaN then", temperature_t=0.0),
    ),
)

# --- multi_crop_dino_loss -------------------------------------------------------------------


def _crops(seed: int, count: int, n: int = 4, k: int = 5) -> list[torch.Tensor]:
    return [normal(seed + i, n, k, scale=0.3) for i in range(count)]


def _row(*numbers: float) -> torch.Tensor:
    return torch.tensor([numbers])


_SEVEN_CROPS = (
    "5 student crops, 2 teacher crops\n"
    "temperature_s = 0.1\ntemperature_t = 0.04\ncenter = a tensor of shape (5,), float32"
)

_multi_crop = Calls(
    multi_crop_dino_loss,
    student_outputs=_crops(10, 5),
    teacher_outputs=_crops(20, 2),
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
)

_MULTI_CROP = Exercise(
    reference=multi_crop_dino_loss,
    form="scale",
    probes=(
        # More crops of the student than of the teacher: no pairing in turn can hide.
        _multi_crop.value(
            "two global crops and a local one",
            [_row(0.1, 0.0), _row(0.0, 0.2), _row(0.3, 0.0)],
            [_row(0.04, 0.0), _row(0.0, 0.08)],
        ),
        _multi_crop.value(
            "two crops, two prototypes",
            [_row(0.1, 0.0), _row(0.0, 0.2)],
            [_row(0.04, 0.0), _row(0.0, 0.08)],
        ),
        _multi_crop.value(
            "three global crops",
            [_row(0.1, 0.0), _row(0.0, 0.2), _row(0.3, 0.0)],
            [_row(0.04, 0.0), _row(0.0, 0.08), _row(0.12, 0.0)],
            remark=_TWO_TEACHERS,
        ),
        _multi_crop.value(
            "two crops, and a center",
            [_row(0.1, 0.0), _row(0.0, 0.2)],
            [_row(0.04, 0.0), _row(0.0, 0.08)],
            center=[0.12, 0.0],
        ),
        _multi_crop.value("two and five crops of four images"),
        _multi_crop.value("five crops, and a center", center=_CENTER),
        _multi_crop.value(
            "three and four crops",
            _crops(30, 4, n=3),
            _crops(40, 3, n=3),
            0.2,
            temperature_t=0.07,
            center=_CENTER[None],
            remark=_TWO_TEACHERS,
        ),
        _multi_crop.value(
            "temperatures of 2 and 0.5",
            [3 * crop for crop in _crops(10, 4)],
            [3 * crop for crop in _crops(20, 2)],
            2.0,
            temperature_t=0.5,
        ),
        _multi_crop.value(
            "outputs far apart",
            [_row(50.0, -50.0), _row(-50.0, 50.0)],
            [_row(0.0, 0.1), _row(0.1, 0.0)],
            remark=ROUNDED_TO_ZERO,
        ),
        _multi_crop.gradient(
            "which way five crops are pushed", "student_outputs", center=_CENTER, shows=_SEVEN_CROPS
        ),
        _multi_crop.gradient(
            "which way the teacher is pushed",
            "teacher_outputs",
            center=_CENTER,
            shows=_SEVEN_CROPS,
            remark=FROZEN_TEACHER,
        ),
        _multi_crop.unchanged("arguments afterwards", center=_CENTER, shows=AFTERWARDS),
        Calls(multi_crop_dino_loss).value(
            "defaults", _crops(10, 4), _crops(20, 2), remark=_DEFAULTS
        ),
        _multi_crop.precise("float64", _crops(10, 4), center=_CENTER),
        _multi_crop.half(
            "float16, large outputs",
            OVERFLOWS,
            [_row(900.0, 890.0), _row(890.0, 900.0)],
            [_row(900.0, 899.0), _row(899.0, 900.0)],
            0.01,
            temperature_t=0.01,
        ),
        _multi_crop.refuses(
            "one crop for both",
            "A single crop, seen by both, leaves no pair of two different crops. An error says so "
            "at once; a loss of NaN, or of 0, does not.",
            _crops(10, 1),
            _crops(20, 1),
        ),
    ),
)

EXERCISES = (_DINO_LOSS, _MULTI_CROP)
