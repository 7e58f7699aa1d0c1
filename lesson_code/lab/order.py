"""Which images a run trains on, in which order, and where its random numbers come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch

from lesson_code.lab.data import Data, Split
from lesson_code.lab.data.sets import Pictures
from lesson_code.lab.run import VIEWS, LabError, Run, nearest


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
            raise LabError(f"omit must name classes from 0 to {len(data.classes) - 1}, got {label}")
    if run.omit:
        kept = ~torch.isin(split.labels, torch.tensor(run.omit))
        split = split.take(kept)
    if run.images is not None:
        if run.images > len(split.images):
            raise LabError(f"images must be at most {len(split.images)}, got {run.images}")
        split = split.take(slice(run.images))
    if not len(split):
        raise LabError("no image is left to train on: omit leaves every class out")
    return split


def check_views(run: Run, split: Split, views: int) -> None:
    """Require several artists, and a method with two views, where artists are paired.

    Raises:
        LabError: if one of them is missing, or there is no such kind of views.
    """
    if run.views not in (None, *VIEWS):
        raise nearest(str(run.views), VIEWS, "kind of views")
    if run.views and not isinstance(split, Pictures):
        raise LabError(f"views {run.views} need pictures by several artists: emoji")
    if run.views and views < 2:
        raise LabError(f"views {run.views} need two views, {run.method} has one")


def drawings(
    run: Run, split: Split, rows: torch.Tensor, draws: torch.Generator
) -> Iterator[torch.Tensor]:
    """Which images the views are of: these, and where artists are paired, their partners."""
    yield split.images[rows]
    if run.views is not None and isinstance(split, Pictures):
        yield split.images[split.partners(rows, draws)]


def check_batch(run: Run, split: Split, world: int) -> None:
    """Require that a step has enough images for each process, and all the same number.

    Raises:
        LabError: if it has not.
    """
    batch = min(run.batch, len(split))
    if batch % world:
        raise LabError(f"batch must be a multiple of the {world} processes, got {batch}")
    if batch // world < 2:
        raise LabError(f"batch must be at least {2 * world}, got {batch}: nothing to contrast")
