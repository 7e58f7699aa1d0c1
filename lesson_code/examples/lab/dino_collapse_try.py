# /// example
# cost = "quick"
# ///
"""Train DINO for 80 steps with both and with one of its safeguards, and ask its teacher."""

# --8<-- [start:show]
import math

from lesson_code.lab import Run, train


def verdict(entropy: float, divergence: float) -> str:
    if divergence > 0.1:
        return "the teacher still says something"
    if entropy < 0.5:
        return "collapsed: always the same prototype"
    even = entropy > 0.95 * math.log(64)
    return "collapsed: all prototypes alike" if even else "collapsed: another constant"


settings: dict[str, dict[str, object]] = {
    "centering and sharpening": {},
    "centering only": {"temperature_t": 0.1},
    "sharpening only": {"centering": False},
}
for name, options in settings.items():
    found = train(Run("dino", steps=80, batch=128, options=options)).record.measures
    print(f"{name:25s} {verdict(found['entropy'], found['divergence'])}")
# --8<-- [end:show]
