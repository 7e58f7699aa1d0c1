"""The exercise of Barlow Twins: a cross-correlation that should be the identity."""

import torch

from lesson_code.barlow_twins import barlow_twins_loss
from lesson_code.checker.exercise import Calls, Exercise, normal

#: Two dimensions of mean 0 that are uncorrelated; the second view mixes them.
_SIGNS = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
_MIXED = torch.tensor([[1.0, 2.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, -2.0]])
_FIRST = normal(1, 7, 3)
_SECOND = _FIRST @ normal(2, 3, 3) + 0.5 * normal(3, 7, 3)
#: One dimension four times: the loss is the weight times 4 times 3.
_ALIKE = torch.tensor([[1.0], [2.0], [4.0]]).expand(3, 4)
_FLAT = _SECOND.clone()
_FLAT[:, 1] = 0.5

_loss = Calls(barlow_twins_loss, lambd=0.1)

EXERCISES = (
    Exercise(
        reference=barlow_twins_loss,
        views=("z_1", "z_2"),
        form="scale",
        probes=(
            _loss.value("two equal views", _SIGNS, _SIGNS, 0.5),
            _loss.value("a second view that mixes", _SIGNS, _MIXED, 0.5),
            _loss.value("opposite views", _SIGNS, -_SIGNS, 0.5),
            _loss.value("seven images, three dimensions", _FIRST, _SECOND, 0.5),
            Calls(barlow_twins_loss).value("default weight", _ALIKE, _ALIKE),
            _loss.value("weight of 20", _FIRST, _SECOND, 20.0),
            _loss.value(
                "other offsets and scales",
                _FIRST * torch.tensor([1.0, 10.0, 0.5]) + torch.tensor([3.0, -20.0, 1.0]),
                _SECOND * 4 - 5,
            ),
            _loss.value("more dimensions than images", normal(4, 4, 6), normal(5, 4, 6)),
            _loss.value("narrow embeddings", 0.01 * _FIRST, 0.01 * _SECOND),
            _loss.value("a constant dimension", _FIRST, _FLAT),
            _loss.value("all images alike", torch.ones(4, 3), torch.ones(4, 3)),
            _loss.gradient("which way z_1 and z_2 are pushed", "z_1 z_2", _FIRST, _SECOND),
            _loss.gradient(
                "gradient when all images are alike", "z_1 z_2", torch.ones(4, 3), torch.ones(4, 3)
            ),
            _loss.untouched("arguments afterwards", _FIRST + 1, _SECOND + 1),
            _loss.precise("float64", 1000 * _FIRST, 1000 * _SECOND),
            _loss.half(
                "large numbers in float16",
                "In float16 the sums of squares overflow above 65,504. Compute in float32 at "
                "least: `z.float()`.",
                200 * _FIRST,
                200 * _SECOND,
            ),
            _loss.refuses(
                "a single image",
                "A single image is accepted, and has no deviation to divide by. An error that "
                "says so saves a search.",
                _FIRST[:1],
                _SECOND[:1],
            ),
        ),
    ),
)
