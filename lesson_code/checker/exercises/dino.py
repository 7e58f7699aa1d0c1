"""The exercises of the DINO loss: one pair of crops, and all pairs of many crops."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from lesson_code.dino import dino_loss, multi_crop_dino_loss
from lesson_code.checker.exercise import Calls, Exercise, Probe, ReaderError, Seen, normal
from lesson_code.checker.exercises._advice import FROZEN_TEACHER, ROUNDED_TO_ZERO

_PAGE = "module-1/1.3-contrast-to-distillation/dino-loss.md"

_ALIASES = {
    "temperature_s": "temp_s t_s tau_s tps student_temp ts",
    "temperature_t": "temp_t t_t tau_t tpt teacher_temp tt",
    "center": "c centre teacher_center",
}

_HALF = (
    "In float16 it overflows: outputs over a small temperature leave its range, which ends at "
    "65,504. Compute in float32 at least: `output.float()`."
)
_DEFAULTS = (
    "Called without temperatures and center it does not use the documented ones: 0.1 for the "
    "student, 0.04 for the teacher, no center."
)
_TWO_TEACHERS = "It is right for two crops of the teacher, as DINO has them, and not for three."
_ZERO = (
    "A temperature of 0 is accepted, and the loss is NaN then. An error that names the argument "
    "saves a search."
)

# --- dino_loss ------------------------------------------------------------------------------

_STUDENT, _TEACHER = normal(1, 6, 5, scale=0.3), normal(2, 6, 5, scale=0.3)
_CENTER = normal(3, 5, scale=0.3)
_LEAD = torch.tensor([[0.1, 0.0]])


def _afterwards(name: str, **arguments: Any) -> Probe:
    """Whether tensors, and tensors in lists, are as before after the call."""

    def ask(function: Callable[..., Any]) -> Seen:
        given = {key: _copied(item) for key, item in arguments.items()}
        objects = {key: list(item) for key, item in given.items() if isinstance(item, list)}
        function(**given)
        return {
            f"{key} afterwards": _state(given[key], objects.get(key), before)
            for key, before in arguments.items()
            if isinstance(before, (torch.Tensor, list))
        }

    return Probe(name, ask, "arguments as above; are they still the same after the call?")


def _copied(item: Any) -> Any:
    if isinstance(item, torch.Tensor):
        return item.clone()
    return [each.clone() for each in item] if isinstance(item, list) else item


def _state(now: Any, crops: list[torch.Tensor] | None, before: Any) -> str:
    if crops is None:
        return "as before" if torch.equal(now, before) else "changed"
    if len(now) != len(before):
        return f"a list of {len(now)}"
    same = all(torch.equal(one, other) for one, other in zip(crops, before, strict=True))
    return "as before" if same else "changed"


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
    page=_PAGE,
    aliases={
        "student_output": "student s g_s student_out student_logits z_s y_s",
        "teacher_output": "teacher t g_t teacher_out teacher_logits z_t y_t",
        **_ALIASES,
    },
    known_as="dino",
    minutes=15,
    form="scale",
    hints=(
        "Two distributions over K prototypes, and a cross-entropy. Which of the two is the "
        "target, and who may learn from it?",
        "The target is a softmax of the teacher's output after two steps: subtract the center, "
        "then divide by temperature_t. Cut the gradient with `detach`.",
        "The prediction enters as a logarithm: `F.log_softmax(student_output / temperature_s, "
        "dim=1)`. The student is not centered.",
        "For each image take minus the sum over the prototypes of target times log prediction; "
        "then the mean over the batch: `-(p_t * log_p_s).sum(dim=1).mean()`.",
    ),
    probes=(
        _pair.value(
            "one image, two prototypes", torch.tensor([[0.1, 0.0]]), torch.tensor([[0.08, 0.0]])
        ),
        _pair.value(
            "one image, and a center",
            torch.tensor([[0.1, 0.0]]),
            torch.tensor([[0.08, 0.0]]),
            center=torch.tensor([0.12, 0.0]),
        ),
        _pair.value(
            "two images that disagree",
            torch.tensor([[0.0, 0.2, 0.1], [0.1, 0.0, 0.3]]),
            torch.tensor([[0.1, 0.0, 0.05], [0.0, 0.05, 0.02]]),
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
        replace(
            _pair.value("outputs around 9", torch.tensor([[9.5, 5.0]]), _LEAD),
            remark=ROUNDED_TO_ZERO,
        ),
        replace(
            _pair.value("outputs far apart", torch.tensor([[50.0, -50.0]]), _LEAD),
            remark=ROUNDED_TO_ZERO,
        ),
        _pair.gradient(
            "which way one image is pushed",
            "student_output",
            torch.tensor([[0.1, 0.0]]),
            torch.tensor([[0.0, 0.04]]),
        ),
        _pair.gradient("which way six images are pushed", "student_output", center=_CENTER),
        replace(
            _pair.gradient("which way the teacher is pushed", "teacher_output", center=_CENTER),
            remark=FROZEN_TEACHER,
        ),
        _afterwards(
            "arguments afterwards",
            student_output=_STUDENT,
            teacher_output=_TEACHER,
            temperature_s=0.1,
            temperature_t=0.04,
            center=_CENTER,
        ),
        replace(Calls(dino_loss).value("defaults", _STUDENT, _TEACHER), remark=_DEFAULTS),
        _pair.precise("float64", center=_CENTER),
        _pair.half(
            "float16, large outputs",
            _HALF,
            torch.tensor([[900.0, 890.0]]),
            torch.tensor([[900.0, 899.0]]),
            0.01,
            temperature_t=0.01,
        ),
        _pair.refuses("a temperature of 0", _ZERO, temperature_t=0.0),
    ),
)

# --- multi_crop_dino_loss -------------------------------------------------------------------


def _crops(seed: int, count: int, n: int = 4, k: int = 5) -> list[torch.Tensor]:
    return [normal(seed + i, n, k, scale=0.3) for i in range(count)]


def _pushes(name: str, of: str) -> Probe:
    """The gradient in each crop of the student, or of the teacher."""

    def ask(function: Callable[..., Any]) -> Seen:
        given = {
            "student_outputs": [crop.clone().requires_grad_() for crop in _crops(10, 5)],
            "teacher_outputs": [crop.clone().requires_grad_() for crop in _crops(20, 2)],
        }
        result = function(**given, temperature_s=0.1, temperature_t=0.04, center=_CENTER.clone())
        if result is None:
            raise ReaderError("returns None")
        if isinstance(result, torch.Tensor) and result.requires_grad:
            torch.autograd.backward(result.sum())
        return {
            f"gradient in {of}[{i}]": torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
            for i, leaf in enumerate(given[of])
        }

    shows = (
        "5 student crops, 2 teacher crops\n"
        "temperature_s = 0.1\ntemperature_t = 0.04\ncenter = a tensor of shape (5,), float32"
    )
    return Probe(name, ask, shows)


def _row(*numbers: float) -> torch.Tensor:
    return torch.tensor([numbers])


_multi_crop = Calls(multi_crop_dino_loss, temperature_s=0.1, temperature_t=0.04, center=None)

_MULTI_CROP = Exercise(
    reference=multi_crop_dino_loss,
    page=_PAGE,
    aliases={
        "student_outputs": "students student s student_out views student_output",
        "teacher_outputs": "teachers teacher t teacher_out targets teacher_output",
        **_ALIASES,
    },
    known_as="dinoloss multicrop_dino_loss dino_multi_crop_loss",
    minutes=30,
    difficulty=3,
    form="scale",
    hints=(
        "Which pairs of a teacher crop and a student crop are there, and which of them would be "
        "too easy?",
        "Two loops: g over the teacher's crops, v over the student's. The first crops of the "
        "student are those of the teacher, so skip v == g.",
        "A pair costs what `dino_loss` says: the cross-entropy of the teacher's centered and "
        "sharpened target with the student's log-softmax, as a mean over the batch.",
        "Divide by the number of pairs that were counted, not by the number of crops: collect the "
        "terms in a list and take `torch.stack(terms).mean()`.",
    ),
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
        replace(
            _multi_crop.value(
                "three global crops",
                [_row(0.1, 0.0), _row(0.0, 0.2), _row(0.3, 0.0)],
                [_row(0.04, 0.0), _row(0.0, 0.08), _row(0.12, 0.0)],
            ),
            remark=_TWO_TEACHERS,
        ),
        _multi_crop.value(
            "two crops, and a center",
            [_row(0.1, 0.0), _row(0.0, 0.2)],
            [_row(0.04, 0.0), _row(0.0, 0.08)],
            center=torch.tensor([0.12, 0.0]),
        ),
        _multi_crop.value("two and five crops of four images", _crops(10, 5), _crops(20, 2)),
        _multi_crop.value("five crops, and a center", _crops(10, 5), _crops(20, 2), center=_CENTER),
        replace(
            _multi_crop.value(
                "three and four crops",
                _crops(30, 4, n=3),
                _crops(40, 3, n=3),
                0.2,
                temperature_t=0.07,
                center=_CENTER[None],
            ),
            remark=_TWO_TEACHERS,
        ),
        _multi_crop.value(
            "temperatures of 2 and 0.5",
            [3 * crop for crop in _crops(10, 4)],
            [3 * crop for crop in _crops(20, 2)],
            2.0,
            temperature_t=0.5,
        ),
        replace(
            _multi_crop.value(
                "outputs far apart",
                [_row(50.0, -50.0), _row(-50.0, 50.0)],
                [_row(0.0, 0.1), _row(0.1, 0.0)],
            ),
            remark=ROUNDED_TO_ZERO,
        ),
        _pushes("which way five crops are pushed", "student_outputs"),
        replace(
            _pushes("which way the teacher is pushed", "teacher_outputs"), remark=FROZEN_TEACHER
        ),
        _afterwards(
            "arguments afterwards",
            student_outputs=_crops(10, 4),
            teacher_outputs=_crops(20, 2),
            temperature_s=0.1,
            temperature_t=0.04,
            center=_CENTER,
        ),
        replace(
            Calls(multi_crop_dino_loss).value("defaults", _crops(10, 4), _crops(20, 2)),
            remark=_DEFAULTS,
        ),
        replace(
            _multi_crop.value(
                "float64",
                [crop.double() for crop in _crops(10, 4)],
                [crop.double() for crop in _crops(20, 2)],
                center=_CENTER.double(),
            ),
            remark="For float64 outputs it computes in float32 somewhere. New tensors take the "
            "type of the outputs with `torch.zeros_like(x)`, `x.new_zeros(n)` or `dtype=x.dtype`.",
            rtol=1e-8,
            atol=1e-10,
        ),
        replace(
            _multi_crop.value(
                "float16, large outputs",
                [_row(900.0, 890.0).half(), _row(890.0, 900.0).half()],
                [_row(900.0, 899.0).half(), _row(899.0, 900.0).half()],
                0.01,
                temperature_t=0.01,
            ),
            remark=_HALF,
            rtol=0.02,
            atol=0.02,
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
