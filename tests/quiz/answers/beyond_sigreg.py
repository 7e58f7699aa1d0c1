"""LeJEPA and SIGReg."""

import torch
from statements import about

from answers.common import close, normal
from lesson_code import alignment, effective_rank, embedding_std, sigreg_loss

PAGE = "docs/module-1/beyond-1.3/sigreg.md"

line = about(
    PAGE,
    "Embeddings lie on a line, half of them at each end, with a spread of 1. "
    "Which measure raises the alarm?",
)


def two_ends() -> torch.Tensor:
    ends = torch.tensor([1.0, -1.0]).repeat(128)[:, None]
    return ends * torch.ones(1, 16)  # of length 4, so that a coordinate has deviation 1


@line.states("The spread.")
def the_spread_is_far_from_one() -> bool:
    return not close(embedding_std(two_ends()), 1, 0.1)


@line.states("SIGReg and the effective rank.")
def both_are_far_from_what_a_gaussian_has() -> bool:
    directions, healthy = normal(16, 128, seed=1), normal(256, 16, seed=2)
    seen = sigreg_loss(two_ends(), directions) > 10 * sigreg_loss(healthy, directions)
    return bool(seen) and float(effective_rank(two_ends())) < 0.1 * float(effective_rank(healthy))


@line.states("The agreement of the views.")
def views_at_the_same_end_disagree() -> bool:
    return float(alignment(two_ends(), two_ends())) > 0.1


one = about(PAGE, "A batch of 256 has a SIGReg of 1.1. What does it say?")


def of_gaussian(seed: int = 0) -> float:
    return float(sigreg_loss(normal(256, 16, seed=seed), normal(16, 128, seed=seed + 50)))


@one.states("The embeddings have begun to collapse: the aim is 0.")
def gaussian_samples_have_less_than_half_of_it() -> bool:
    return sum(of_gaussian(seed) for seed in range(8)) / 8 < 0.5


@one.states("Along these directions it cannot be told from a Gaussian sample.")
def gaussian_samples_have_about_as_much() -> bool:
    values = [of_gaussian(seed) for seed in range(8)]
    return min(values) < 1.1 < max(values) and close(sum(values) / 8, 1.1, 0.3)


@one.states("The features are good.")
def exchanged_images_raise_it() -> bool:
    z, directions = normal(256, 16), normal(16, 128, seed=1)
    return float(sigreg_loss(z.flip(0), directions)) > float(sigreg_loss(z, directions)) + 0.01
