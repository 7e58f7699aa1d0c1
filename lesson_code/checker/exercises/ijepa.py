"""The exercise of I-JEPA's loss."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from lesson_code.checker.exercise import Calls, Exercise, NoPlace, Other, normal
from lesson_code.ijepa import ijepa_loss

_FEATURES, _GUESS = normal(1, 2, 6, 4) * 3 + 1, normal(2, 2, 3, 2, 4)
_BLOCKS = torch.tensor([[[0, 1], [1, 2], [4, 5]], [[3, 4], [0, 1], [2, 3]]])
_ONE = torch.tensor([[[1.0, 3.0], [0.0, 8.0]]])  # two patches of two features
_FIRST = torch.tensor([[[0]]])
_SQUARE = normal(3, 4, 4, 4) * 2 - 1


def _pairs(
    function: Callable[..., Any],
    prediction: torch.Tensor,
    features: torch.Tensor,
    blocks: torch.Tensor,
    squared: bool = False,
) -> Any:
    if squared:
        raise NoPlace("has no place for squared")
    images = torch.arange(len(blocks))[:, None, None]
    target = F.layer_norm(features.detach(), features.shape[-1:])[images, blocks]
    return function(prediction=prediction, target=target)


_loss = Calls(ijepa_loss, prediction=_GUESS, features=_FEATURES, blocks=_BLOCKS)

EXERCISES = (
    Exercise(
        reference=ijepa_loss,
        optional=("squared",),
        others=(
            Other(
                "ijepa_loss_of_pairs",
                "prediction: 'Tensor', target: 'Tensor'",
                _pairs,
                "It was given the features of the picked patches, normalized and without gradient: "
                "where that is done elsewhere, look there, too.",
            ),
        ),
        probes=(
            _loss.value("zero for a patch", torch.zeros(1, 1, 1, 2), _ONE, _FIRST),
            _loss.value("far off", torch.full((1, 1, 1, 2), 5.0), _ONE, _FIRST),
            _loss.value("zero, squared", torch.zeros(1, 1, 1, 2), _ONE, _FIRST, squared=True),
            _loss.value("two images of three blocks", squared=False),
            _loss.value("two images of three blocks, squared", squared=True),
            _loss.value("the default"),
            _loss.value(
                "as many of all as of each",
                normal(4, 4, 4, 4, 4),
                _SQUARE,
                torch.arange(64).reshape(4, 4, 4) * 7 % 4,
                squared=False,
            ),
            _loss.value("features of a hundredth", features=_FEATURES / 100, squared=False),
            _loss.gradient("who is pushed", "prediction features", squared=False),
            _loss.gradient("who is pushed, squared", "prediction features", squared=True),
            _loss.untouched("arguments afterwards", squared=False),
            _loss.precise("float64", squared=False),
        ),
    ),
)
