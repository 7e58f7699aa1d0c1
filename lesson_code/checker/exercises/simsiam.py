"""The exercise of SimSiam's loss."""

from collections.abc import Callable
from typing import Any

import torch

from lesson_code.checker.exercise import Calls, Exercise, Seen, normal, probe
from lesson_code.simsiam import simsiam_loss

_A, _B = torch.eye(4)[:2], torch.eye(4)[2:]
_P1, _P2, _Z1, _Z2 = (normal(seed, 5, 4) for seed in (1, 2, 3, 4))
_WIDE = [normal(seed, 3, 7) for seed in (5, 6, 7, 8)]
_LONG = 20_000 * normal(21, 3, 32).clamp(-3, 3)
_SQUARE = [normal(seed, 3, 3) for seed in (9, 10, 11, 12)]


@probe("a layer before the predictor")
def _through_a_predictor(simsiam_loss: Callable[..., Any]) -> Seen:
    weight, h = normal(13, 3, 4).requires_grad_(), normal(14, 4, 4)
    z_1, z_2 = normal(15, 5, 3) @ weight, normal(16, 5, 3) @ weight
    loss = torch.as_tensor(simsiam_loss(p_1=z_1 @ h, p_2=z_2 @ h, z_1=z_1, z_2=z_2))
    if loss.requires_grad:
        torch.autograd.backward(loss.mean())
    return {"gradient in weight": torch.zeros(3, 4) if weight.grad is None else weight.grad}


_loss = Calls(simsiam_loss)

EXERCISES = (
    Exercise(
        reference=simsiam_loss,
        form="scale shift",
        unless={
            "simsiam-targets-not-detached": "If your model hands over `z.detach()`, as the "
            "official code does, the loss is right as it stands."
        },
        unit_rows=True,
        probes=(
            _loss.value(
                "one image by hand", [[2.0, 0.0]], [[0.0, -5.0]], [[6.0, 8.0]], z_2=[[3.0, 4.0]]
            ),
            _loss.value("right predictions", _A, _B, _B, z_2=_A),
            _loss.value("copies of their own view", _A, _B, _A, z_2=_B),
            _loss.value(
                "one direction right, one opposite",
                [[1.0, 0.0], [0.0, 1.0]],
                [[1.0, 0.0], [0.0, 1.0]],
                [[-1.0, 0.0], [0.0, -1.0]],
                z_2=[[1.0, 0.0], [0.0, 1.0]],
            ),
            _loss.value("five images", _P1, _P2, _Z1, z_2=_Z2),
            _loss.value("long and short rows", 9 * _P1, 0.1 * _P2, 5 * _Z1, z_2=0.2 * _Z2),
            _loss.value(
                "as many images as columns", _SQUARE[0], _SQUARE[1], _SQUARE[2], z_2=_SQUARE[3]
            ),
            _loss.value("wide rows", _WIDE[0], _WIDE[1], _WIDE[2], z_2=_WIDE[3]),
            _loss.value(
                "collapsed", **dict.fromkeys(("p_1", "p_2", "z_1", "z_2"), torch.ones(3, 4))
            ),
            _loss.gradient(
                "which way one image is pushed",
                "p_1 p_2 z_1 z_2",
                [[1.0, 1.0]],
                [[-1.0, 2.0]],
                [[3.0, 4.0]],
                z_2=[[-1.0, 3.0]],
            ),
            _loss.gradient(
                "which way predictions and projections are pushed",
                "p_1 p_2 z_1 z_2",
                _P1,
                _P2,
                _Z1,
                z_2=_Z2,
            ),
            _loss.gradient(
                "pushed in wide rows", "p_1 p_2 z_1 z_2", _WIDE[0], _WIDE[1], _WIDE[2], z_2=_WIDE[3]
            ),
            _through_a_predictor,
            _loss.untouched("arguments afterwards", _P1, _P2, _Z1, z_2=_Z2),
            _loss.precise("float64", _P1, _P2, _Z1, z_2=_Z2),
            _loss.half(
                "float16 with long rows",
                "In float16 the length of a long row overflows: above 65,504 all is infinite. "
                "Compute in float32 at least: `z.float()`.",
                _LONG,
                _LONG,
                _LONG,
                z_2=_LONG,
            ),
            _loss.refuses(
                "one target for a whole batch",
                "A single row of targets is accepted and compared with every prediction. An error "
                "for arguments of different shapes saves a search.",
                _P1,
                _P2,
                _Z1[:1],
                z_2=_Z2[:1],
            ),
        ),
    ),
)
