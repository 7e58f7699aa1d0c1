"""The exercise of VICReg: agreement, spread, and no redundancy."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.vicreg import vicreg_loss

_SMALL = torch.tensor([[0.0, 0.0], [1.0, 2.0]])
_FIRST = 0.8 * normal(1, 7, 3) @ normal(2, 3, 3)
_SECOND = _FIRST + 0.5 * normal(3, 7, 3) + 0.2
_NARROW, _NEAR = 0.1 * normal(4, 5, 4), 0.1 * normal(5, 5, 4)
_ALIKE = torch.ones(4, 3)
_NONE = {"invariance": 0.0, "variance": 0.0, "covariance": 0.0}

_loss = Calls(vicreg_loss)

EXERCISES = (
    Exercise(
        reference=vicreg_loss,
        views=("z_1", "z_2"),
        form="scale",
        probes=(
            _loss.value(
                "two images, invariance alone",
                z_1=_SMALL,
                z_2=-_SMALL,
                **_NONE | {"invariance": 1.0},
            ),
            _loss.value(
                "two images, variance alone",
                z_1=_SMALL,
                z_2=_SMALL / 4,
                **_NONE | {"variance": 1.0},
            ),
            _loss.value(
                "two images, covariance alone",
                z_1=_SMALL,
                z_2=_SMALL / 2,
                **_NONE | {"covariance": 1.0},
            ),
            _loss.value("two images, default weights", _SMALL, torch.zeros(2, 2)),
            _loss.value(
                "an offset, covariance alone",
                z_1=_SMALL + 3,
                z_2=_SMALL - 1,
                **_NONE | {"covariance": 1.0},
            ),
            _loss.value(
                "seven images, invariance alone",
                z_1=_FIRST,
                z_2=_SECOND,
                **_NONE | {"invariance": 1.0},
            ),
            _loss.value(
                "seven images, variance alone", z_1=_FIRST, z_2=_SECOND, **_NONE | {"variance": 1.0}
            ),
            _loss.value(
                "seven images, covariance alone",
                z_1=_FIRST,
                z_2=_SECOND,
                **_NONE | {"covariance": 1.0},
            ),
            _loss.value(
                "narrow embeddings, other weights",
                _NARROW,
                _NEAR,
                10.0,
                variance=2.0,
                covariance=5.0,
            ),
            _loss.value("all images alike", _ALIKE, _ALIKE),
            _loss.untouched("arguments afterwards", _FIRST, _SECOND),
            _loss.gradient("which way z_1 and z_2 are pushed", "z_1 z_2", _FIRST, _SECOND),
            _loss.gradient("gradient when all images are alike", "z_1 z_2", _ALIKE, _ALIKE),
            _loss.precise("float64", _FIRST, _SECOND),
            _loss.half(
                "large numbers in float16",
                "In float16 squares overflow above 65,504. Compute in float32 at least: "
                "`z.float()`.",
                300 * _FIRST,
                300 * _SECOND,
            ),
            _loss.refuses(
                "a single image",
                "A single image is accepted, and has no variance. An error that says so saves a "
                "search.",
                _FIRST[:1],
                _SECOND[:1],
            ),
        ),
    ),
)
