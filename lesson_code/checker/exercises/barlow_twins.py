"""The exercise of Barlow Twins: a cross-correlation that should be the identity."""

import torch

from lesson_code.barlow_twins import barlow_twins_loss
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

#: Two dimensions of mean 0 that are uncorrelated; the second view mixes them.
_SIGNS = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
_MIXED = torch.tensor([[1.0, 2.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, -2.0]])
_FIRST = normal(1, 7, 3)
_SECOND = _FIRST @ normal(2, 3, 3) + 0.5 * normal(3, 7, 3)
#: One dimension four times: the loss is the weight times 4 times 3.
_ALIKE = torch.tensor([[1.0], [2.0], [4.0]]).expand(3, 4)
_FLAT = _SECOND.clone()
_FLAT[:, 1] = 0.5

EXERCISES = (
    Exercise(
        reference=barlow_twins_loss,
        family="barlow_twins",
        page="module-1/beyond-1.3/barlow-twins.md",
        aliases={
            "z_1": ("z1", "z_a", "za", "z_i", "x1", "x", "a", "h1", "view1"),
            "z_2": ("z2", "z_b", "zb", "z_j", "x2", "y", "b", "h2", "view2"),
            "lambd": ("lamb", "lam", "lambda_", "lambda_param", "lmbda", "weight", "l"),
        },
        hints=(
            "Look at dimensions, not at images: the matrix to build has D rows and D columns.",
            "Standardize each dimension of each view over the batch: subtract its mean, divide by "
            "its standard deviation.",
            "Then the cross-correlation is one product, `z_1.T @ z_2 / N`. Two equal views must "
            "give exactly 1 on its diagonal: the deviation divides by N, `correction=0`.",
            "The diagonal should be 1: sum (1 - C_ii) squared. Everything else should be 0: sum "
            "the squares of the other entries, times the weight.",
            "A dimension that is constant over the batch has no deviation to divide by. Let it "
            "correlate with nothing instead of being 0/0.",
        ),
        probes=(
            value("two equal views", z_1=_SIGNS, z_2=_SIGNS, lambd=0.5),
            value("a second view that mixes", z_1=_SIGNS, z_2=_MIXED, lambd=0.5),
            value("opposite views", z_1=_SIGNS, z_2=-_SIGNS, lambd=0.5),
            value("seven images, three dimensions", z_1=_FIRST, z_2=_SECOND, lambd=0.5),
            value("default weight", z_1=_ALIKE, z_2=_ALIKE),
            value("weight of 20", z_1=_FIRST, z_2=_SECOND, lambd=20.0),
            value(
                "other offsets and scales",
                z_1=_FIRST * torch.tensor([1.0, 10.0, 0.5]) + torch.tensor([3.0, -20.0, 1.0]),
                z_2=_SECOND * 4 - 5,
                lambd=0.1,
            ),
            value(
                "more dimensions than images", z_1=normal(4, 4, 6), z_2=normal(5, 4, 6), lambd=0.1
            ),
            value("narrow embeddings", z_1=0.01 * _FIRST, z_2=0.01 * _SECOND, lambd=0.1),
            value("a constant dimension", z_1=_FIRST, z_2=_FLAT, lambd=0.1),
            value("all images alike", z_1=torch.ones(4, 3), z_2=torch.ones(4, 3), lambd=0.1),
            gradient(
                "which way z_1 and z_2 are pushed",
                of=("z_1", "z_2"),
                z_1=_FIRST,
                z_2=_SECOND,
                lambd=0.1,
            ),
            gradient(
                "gradient when all images are alike",
                of=("z_1", "z_2"),
                z_1=torch.ones(4, 3),
                z_2=torch.ones(4, 3),
                lambd=0.1,
            ),
            untouched("arguments afterwards", z_1=_FIRST + 1, z_2=_SECOND + 1, lambd=0.1),
            precise("float64", z_1=1000 * _FIRST, z_2=1000 * _SECOND, lambd=0.1),
            half(
                "large numbers in float16",
                "In float16 the sums of squares overflow above 65,504. Compute in float32 at "
                "least: `z.float()`.",
                dtype=torch.float16,
                z_1=200 * _FIRST,
                z_2=200 * _SECOND,
                lambd=0.1,
            ),
            refuses(
                "a single image",
                "A single image is accepted, and has no deviation to divide by. An error that "
                "says so saves a search.",
                z_1=_FIRST[:1],
                z_2=_SECOND[:1],
                lambd=0.1,
            ),
        ),
    ),
)
