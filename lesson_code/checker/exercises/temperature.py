"""The exercise of temperature scaling."""

import torch

from lesson_code.checker.exercise import (
    Exercise,
    gradient,
    half,
    normal,
    precise,
    refuses,
    untouched,
    value,
)
from lesson_code.temperature import temperature_scaling

_ROWS = torch.tensor([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25]])

EXERCISES = (
    Exercise(
        reference=temperature_scaling,
        family="temperature",
        page="module-1/1.3-contrast-to-distillation/dino-loss.md",
        aliases={"logits": ("x", "z", "scores", "outputs"), "temperature": ("t", "tau", "temp")},
        hints=(
            "Hot is soft: which operation brings logits together when the temperature is high?",
            "The softmax is the caller's. What goes in are logits, and what comes out are logits "
            "of the same shape.",
            "One division, into a new tensor, and the gradient follows by itself.",
        ),
        probes=(
            value("two logits, warm", logits=torch.tensor([[4.0, 2.0]]), temperature=2.0),
            value("two logits, cool", logits=torch.tensor([[3.0, 1.0]]), temperature=0.5),
            value("a temperature of 1", logits=_ROWS, temperature=1.0),
            value("two rows, warm", logits=_ROWS, temperature=5.0),
            value("two rows, cold", logits=_ROWS, temperature=0.04),
            value("one axis", logits=torch.tensor([2.0, 1.0, 0.5]), temperature=2.5),
            value("three axes", logits=normal(1, 2, 3, 4), temperature=0.7),
            value("large logits", logits=8 * normal(2, 3, 5), temperature=0.3),
            gradient("gradient", of=("logits",), logits=_ROWS, temperature=4.0),
            untouched("logits afterwards", logits=_ROWS, temperature=4.0),
            precise("float64", logits=normal(3, 3, 4), temperature=0.3),
            half(
                "float16 at a temperature of 0.01",
                "In float16 a logit of 2,000 divided by 0.01 is infinite. Lift half precision to "
                "float32 before you divide: `logits.float()`.",
                dtype=torch.float16,
                logits=torch.tensor([[2000.0, 0.0]]),
                temperature=0.01,
            ),
            refuses(
                "a temperature of 0",
                "A temperature of 0 is accepted and makes infinities. An error that names the "
                "argument saves a search.",
                logits=_ROWS,
                temperature=0.0,
            ),
            refuses(
                "a temperature below 0",
                "A temperature below 0 is accepted and turns the order of the classes around. An "
                "error that names the argument saves a search.",
                logits=_ROWS,
                temperature=-1.0,
            ),
        ),
    ),
)
