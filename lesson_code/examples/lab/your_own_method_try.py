# /// example
# cost = "quick"
# ///
"""A method and a network of one's own, entered under names, and trained."""

# --8<-- [start:method]
from dataclasses import dataclass

from torch import nn

from lesson_code import alignment, uniformity
from lesson_code.lab import Method, Run, Settings, register, train


@dataclass(frozen=True)
class SpreadSettings(Settings):
    """The sharpness of the uniformity."""

    t: float = 2.0


@register("spread")
class Spread(Method):
    """Views of one image close together, all images evenly spread."""

    Settings = SpreadSettings

    def forward(self, views, labels):
        z_1, z_2 = (self.encoder(images) for images in views)
        spread = uniformity(z_1, self.settings.t) + uniformity(z_2, self.settings.t)
        return alignment(z_1, z_2) + spread / 2


# --8<-- [end:method]
# --8<-- [start:network]
@register("stripes")
def stripes(channels, size):
    seen = nn.Conv2d(channels, 32, (1, size))
    return nn.Sequential(seen, nn.ReLU(), nn.Flatten(), nn.Linear(32 * size, 64))


# --8<-- [end:network]
# --8<-- [start:show]
trained = train(Run("spread", steps=60, network="stripes", options={"t": 1.5}))
print("classes:", type(trained.method).__name__, type(trained.method.encoder).__name__)
print("features:", trained.method.features)
print(
    "more than 3 of 4 digits by their neighbors:", trained.record.measures["knn"] > 0.75
)
# --8<-- [end:show]
