"""Spread and rank."""

import torch
import torch.nn.functional as F
from statements import about, given

from answers.common import close, normal
from lesson_code import effective_rank, embedding_std

PAGE = "docs/module-1/beyond-1.3/collapse.md"
D = 64

line = about(PAGE, "A run has std 0.99 and effective rank 1.4 in 64 dimensions. What happened?")


def nearly_a_point() -> torch.Tensor:
    """Embeddings that differ along one line, hardly at all, and less in other directions."""
    away = 0.02 * normal(512, 1) * normal(1, D, seed=1)
    return normal(1, D, seed=2) + away + 5e-5 * normal(512, D, seed=3)


@line.states("Nothing. The std says that embeddings spread.")
def a_std_near_one_means_many_directions() -> bool:
    z = F.batch_norm(nearly_a_point(), None, None, training=True)
    given(float(embedding_std(z)) > 0.9)
    return float(effective_rank(z)) > D / 2


@line.states("A dimensional collapse, probably behind a normalization of the output.")
def normalized_outputs_on_a_line_have_these_numbers() -> bool:
    z = F.batch_norm(nearly_a_point(), None, None, training=True)
    hidden = float(embedding_std(nearly_a_point())) < 0.1
    return hidden and close(embedding_std(z), 0.99, 0.02) and close(effective_rank(z), 1.4, 0.5)


@line.states("A complete collapse.")
def one_point_has_this_std() -> bool:
    z = normal(1, D) + 1e-4 * normal(512, D, seed=1)
    return close(embedding_std(z), 0.99, 0.1)


point = about(
    PAGE, "Another run has std 0.01 and effective rank 60 in 64 dimensions. What happened?"
)


def around_one_direction() -> torch.Tensor:
    """The same embedding for all images, and a little noise."""
    return F.normalize(normal(1, D)) + 0.01 / D**0.5 * normal(512, D, seed=1)


@point.states("A healthy run, for the rank is high.")
def a_high_rank_means_a_wide_spread() -> bool:
    z = around_one_direction()
    given(float(effective_rank(z)) > 50)
    return float(embedding_std(z)) > 0.5


@point.states("A complete collapse: what is left is noise around one direction.")
def noise_around_one_direction_has_these_numbers() -> bool:
    z = around_one_direction()
    return close(embedding_std(z), 0.01, 0.002) and close(effective_rank(z), 60, 4)


@point.states("A bug: a low std implies a low rank.")
def a_low_std_comes_with_a_low_rank() -> bool:
    z = around_one_direction()
    given(float(embedding_std(z)) < 0.05)
    return float(effective_rank(z)) < 10
