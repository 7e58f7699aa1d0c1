"""The exercise of SimSiam's loss."""

from collections.abc import Callable
from typing import Any

import torch

from lesson_code.checker.exercise import (
    Exercise,
    Seen,
    gradient,
    half,
    normal,
    precise,
    refuses,
    steps,
    untouched,
    value,
)
from lesson_code.simsiam import simsiam_loss

_A, _B = torch.eye(4)[:2], torch.eye(4)[2:]
_P1, _P2, _Z1, _Z2 = (normal(seed, 5, 4) for seed in (1, 2, 3, 4))
_WIDE = [normal(seed, 3, 7) for seed in (5, 6, 7, 8)]
_LONG = 20_000 * normal(21, 3, 32).clamp(-3, 3)
_SQUARE = [normal(seed, 3, 3) for seed in (9, 10, 11, 12)]


def _through_a_predictor(simsiam_loss: Callable[..., Any]) -> Seen:
    weight, h = normal(13, 3, 4).requires_grad_(), normal(14, 4, 4)
    z_1, z_2 = normal(15, 5, 3) @ weight, normal(16, 5, 3) @ weight
    loss = torch.as_tensor(simsiam_loss(p_1=z_1 @ h, p_2=z_2 @ h, z_1=z_1, z_2=z_2))
    if loss.requires_grad:
        torch.autograd.backward(loss.mean())
    return {"gradient in weight": torch.zeros(3, 4) if weight.grad is None else weight.grad}


EXERCISES = (
    Exercise(
        reference=simsiam_loss,
        family="simsiam",
        page="module-1/beyond-1.3/simsiam.md",
        aliases={
            "p_1": ("p1", "pa", "p", "pred1", "prediction1", "p0"),
            "p_2": ("p2", "pb", "pred2", "prediction2"),
            "z_1": ("z1", "za", "z", "proj1", "projection1", "z0"),
            "z_2": ("z2", "zb", "proj2", "projection2"),
        },
        hints=(
            "Which prediction meets which projection? The view that predicts is never the view "
            "that is predicted.",
            "The measure is minus the cosine, row by row: `F.cosine_similarity(p, z, dim=1)`.",
            "A target stands still: `z.detach()`. The value does not change, the gradient does.",
            "Both directions count half, and the batch is averaged.",
        ),
        probes=(
            value(
                "one image by hand",
                p_1=torch.tensor([[2.0, 0.0]]),
                p_2=torch.tensor([[0.0, -5.0]]),
                z_1=torch.tensor([[6.0, 8.0]]),
                z_2=torch.tensor([[3.0, 4.0]]),
            ),
            value("right predictions", p_1=_A, p_2=_B, z_1=_B, z_2=_A),
            value("copies of their own view", p_1=_A, p_2=_B, z_1=_A, z_2=_B),
            value(
                "one direction right, one opposite",
                p_1=torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
                p_2=torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
                z_1=torch.tensor([[-1.0, 0.0], [0.0, -1.0]]),
                z_2=torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
            ),
            value("five images", p_1=_P1, p_2=_P2, z_1=_Z1, z_2=_Z2),
            value("long and short rows", p_1=9 * _P1, p_2=0.1 * _P2, z_1=5 * _Z1, z_2=0.2 * _Z2),
            value(
                "as many images as columns",
                p_1=_SQUARE[0],
                p_2=_SQUARE[1],
                z_1=_SQUARE[2],
                z_2=_SQUARE[3],
            ),
            value("wide rows", p_1=_WIDE[0], p_2=_WIDE[1], z_1=_WIDE[2], z_2=_WIDE[3]),
            value("collapsed", **dict.fromkeys(("p_1", "p_2", "z_1", "z_2"), torch.ones(3, 4))),
            gradient(
                "which way one image is pushed",
                of=("p_1", "p_2", "z_1", "z_2"),
                p_1=torch.tensor([[1.0, 1.0]]),
                p_2=torch.tensor([[-1.0, 2.0]]),
                z_1=torch.tensor([[3.0, 4.0]]),
                z_2=torch.tensor([[-1.0, 3.0]]),
            ),
            gradient(
                "which way predictions and projections are pushed",
                of=("p_1", "p_2", "z_1", "z_2"),
                p_1=_P1,
                p_2=_P2,
                z_1=_Z1,
                z_2=_Z2,
            ),
            gradient(
                "pushed in wide rows",
                of=("p_1", "p_2", "z_1", "z_2"),
                p_1=_WIDE[0],
                p_2=_WIDE[1],
                z_1=_WIDE[2],
                z_2=_WIDE[3],
            ),
            steps("a layer before the predictor", _through_a_predictor),
            untouched("arguments afterwards", p_1=_P1, p_2=_P2, z_1=_Z1, z_2=_Z2),
            precise("float64", p_1=_P1, p_2=_P2, z_1=_Z1, z_2=_Z2),
            half(
                "float16 with long rows",
                "In float16 the length of a long row overflows: above 65,504 all is infinite. "
                "Compute in float32 at least: `z.float()`.",
                dtype=torch.float16,
                p_1=_LONG,
                p_2=_LONG,
                z_1=_LONG,
                z_2=_LONG,
            ),
            refuses(
                "one target for a whole batch",
                "A single row of targets is accepted and compared with every prediction. An error "
                "for arguments of different shapes saves a search.",
                p_1=_P1,
                p_2=_P2,
                z_1=_Z1[:1],
                z_2=_Z2[:1],
            ),
        ),
    ),
)
