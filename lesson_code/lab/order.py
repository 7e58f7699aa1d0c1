"""Which images a run trains on, in which order, and where its random numbers come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch

from lesson_code.lab.data import Data, Split
from lesson_code.lab.run import LabError, Run


def generator(seed: int, purpose: str, number: int) -> torch.Generator:
    """Random numbers of their own for each purpose and step, so that no state must be kept."""
    digest = hashlib.sha256(f"{seed} {purpose} {number}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))


def order(
    count: int, batch: int, seed: int, start: int, steps: int
) -> Iterator[tuple[int, torch.Tensor]]:
    """The images of each step: every epoch a new permutation, cut into whole batches."""
    batch = min(batch, count)
    per_epoch = count // batch
    known, shuffled = -1, torch.empty(0, dtype=torch.long)
    for step in range(start, steps):
        epoch, place = divmod(step, per_epoch)
        if epoch != known:
            shuffled = torch.randperm(count, generator=generator(seed, "order", epoch))
            known = epoch
        yield step, shuffled[place * batch : (place + 1) * batch]


def training_images(run: Run, data: Data, labeled: bool = False) -> Split:
    """The images that a run trains on.

    Raises:
        LabError: if there are none, or not as many as it wants.
    """
    split = data.train.labeled if labeled else data.train
    for label in run.omit:
        if not 0 <= label < len(data.classes):
            raise LabError(
                f"omit must name classes from 0 to {len(data.classes) - 1}, got {label}"
            )
    if run.omit:
        kept = ~torch.isin(split.labels, torch.tensor(run.omit))
        split = split.take(kept)
    if run.images is not None:
        if run.images > len(split.images):
            raise LabError(
                f"images must be at most {len(split.images)}, got {run.images}"
            )
        split = split.take(slice(run.images))
    if not len(split):
        raise LabError("no image is left to train on: omit leaves every class out")
    return split
