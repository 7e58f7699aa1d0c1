"""The exercise of temperature scaling."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.temperature import temperature_scaling

_ROWS = torch.tensor([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25]])

_scaling = Calls(temperature_scaling, logits=_ROWS)

EXERCISES = (
    Exercise(
        reference=temperature_scaling,
        probes=(
            _scaling.value("two logits, warm", [[4.0, 2.0]], 2.0),
            _scaling.value("two logits, cool", [[3.0, 1.0]], 0.5),
            _scaling.value("a temperature of 1", temperature=1.0),
            _scaling.value("two rows, warm", temperature=5.0),
            _scaling.value("two rows, cold", temperature=0.04),
            _scaling.value("one axis", [2.0, 1.0, 0.5], 2.5),
            _scaling.value("three axes", normal(1, 2, 3, 4), 0.7),
            _scaling.value("large logits", 8 * normal(2, 3, 5), 0.3),
            _scaling.gradient("gradient", "logits", temperature=4.0),
            _scaling.untouched("logits afterwards", temperature=4.0),
            _scaling.precise("float64", normal(3, 3, 4), 0.3),
            _scaling.half(
                "float16 at a temperature of 0.01",
                "In float16 a logit of 2,000 divided by 0.01 is infinite. Lift half precision to "
                "float32 before you divide: `logits.float()`.",
                [[2000.0, 0.0]],
                0.01,
            ),
            _scaling.refuses(
                "a temperature of 0",
                "A temperature of 0 is accepted and makes infinities. An error that names the "
                "argument saves a search.",
                temperature=0.0,
            ),
            _scaling.refuses(
                "a temperature below 0",
                "A temperature below 0 is accepted and turns the order of the classes around. An "
                "error that names the argument saves a search.",
                temperature=-1.0,
            ),
        ),
    ),
)
