"""Views of real photographs, as the papers cut and color them, with torchvision.

    views = photograph_views("simclr", 32)
    first, second = views(image)  # image: (3, H, W) uint8

    for step, crops, labels in photograph_batches(images, labels, views, order, workers=2):
        ...  # crops: a list of (N, 3, 32, 32)

The digits have an augmentation of their own (``augment``), by strength and for whole batches:
photographs are drawn one by one, in the processes that load them, by the recipe of a paper.
"""

from __future__ import annotations

import hashlib
import signal
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from lesson_code.lab.run import nearest

Views = Callable[[torch.Tensor], list[torch.Tensor]]
Batch = tuple[int, list[torch.Tensor], torch.Tensor]

# ImageNet's, for every set: the mean and deviation of each channel, values from 0 to 1.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Below this size a picture is one like CIFAR-10's, where blur takes away what is there.
SMALL = 64


@dataclass(frozen=True)
class ViewRecipe:
    """How one view is made; the probabilities of 0 leave a transform out.

    Attributes:
        scale: the smallest and the largest part of the area that a crop covers.
        bicubic: how the crop is resized: bicubic, or bilinear.
        jitter: brightness, contrast, saturation, hue; applied with probability 0.8.
        gray: probability of losing all color.
        blur: probability of a Gaussian blur.
        solarize: probability of inverting all values above a half.
        size: of the view; None takes the size that the views are asked for.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    bicubic: bool = True
    jitter: tuple[float, float, float, float] | None = None
    gray: float = 0.0
    blur: float = 0.0
    solarize: float = 0.0
    size: int | None = None


_MILD = (0.4, 0.4, 0.2, 0.1)
_BYOL = ViewRecipe(jitter=_MILD, gray=0.2, blur=1.0)
_BYOL_SECOND = ViewRecipe(jitter=_MILD, gray=0.2, blur=0.1, solarize=0.2)
_GLOBAL = ViewRecipe((0.4, 1.0), jitter=_MILD, gray=0.2, blur=1.0)
_GLOBAL_SECOND = ViewRecipe((0.4, 1.0), jitter=_MILD, gray=0.2, blur=0.1, solarize=0.2)
PAPERS = ("simclr", "byol", "dino", "mae", "supervised", "evaluate")


def view_recipes(
    recipe: str, size: int, local_crops: int = 8, local_size: int | None = None
) -> list[ViewRecipe]:
    """List how each view of a recipe is made.

    simclr
        Two alike: appendix A of SimCLR, color strength 1. Below 64 pixels strength 1/2
        and no blur, as in its appendix B.9 for CIFAR-10.
    byol
        Two that differ in blur and solarizing: table 6 of BYOL.
    dino
        Two global crops and ``local_crops`` small ones, with the scales of the official
        code (0.4 to 1 and 0.05 to 0.4).
    mae
        One, cropped to 0.2 to 1 of its area and flipped: appendix A of MAE.
    supervised
        One, cropped to 0.08 to 1 of its area and flipped: what ImageNet classifiers use.

    Args:
        recipe: its name.
        size: of the views, in pixels.
        local_crops: how many local crops, for ``dino``.
        local_size: of the local crops; without it 96/224 of the size.

    Returns:
        One for each view; for ``dino`` the global crops first.

    Raises:
        ValueError: if there is no such recipe (the nearest names are told), or a size is
            not a whole number above 0.

    Deviations:
        Every recipe ends with ImageNet's mean and deviation, SimCLR's too, whose official
        code leaves the values from 0 to 1: so networks can be exchanged. Blur's kernel is
        a tenth of the size for all (DINO draws the radius of an unbounded one).
    """
    if recipe == "simclr":
        s = 0.5 if size < SMALL else 1.0
        view = ViewRecipe(
            bicubic=False,
            jitter=(0.8 * s, 0.8 * s, 0.8 * s, 0.2 * s),
            gray=0.2,
            blur=0.0 if size < SMALL else 0.5,
        )
        return [view, view]
    if recipe == "byol":
        return [_BYOL, _BYOL_SECOND]
    if recipe == "dino":
        local_size = local_size or max(1, round(size * 96 / 224))
        local = ViewRecipe((0.05, 0.4), jitter=_MILD, gray=0.2, blur=0.5, size=local_size)
        return [_GLOBAL, _GLOBAL_SECOND] + [local] * local_crops
    if recipe == "mae":
        return [ViewRecipe((0.2, 1.0))]
    if recipe == "supervised":
        return [ViewRecipe(bicubic=False)]
    raise ValueError(str(nearest(recipe, PAPERS, "recipe for views")))


def view_transform(recipe: ViewRecipe, size: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Build the torchvision transform of one view.

    Args:
        recipe: how the view is made.
        size: of the view, unless the recipe has its own.

    Returns:
        Takes ``(3, H, W)`` uint8, gives ``(3, size, size)`` float32, normalized.
    """
    from torchvision.transforms import v2

    side = recipe.size or size
    mode = v2.InterpolationMode.BICUBIC if recipe.bicubic else v2.InterpolationMode.BILINEAR
    steps: list[Any] = [
        v2.RandomResizedCrop(side, recipe.scale, interpolation=mode, antialias=True),
        v2.RandomHorizontalFlip(),
        v2.ToDtype(torch.float32, scale=True),  # from 0 to 1, so that jitter does not round
    ]
    if recipe.jitter:
        steps.append(v2.RandomApply([v2.ColorJitter(*recipe.jitter)], p=0.8))
    if recipe.gray:
        steps.append(v2.RandomGrayscale(recipe.gray))
    if recipe.blur:
        kernel = 2 * max(1, side // 20) + 1  # 23 at 224
        steps.append(v2.RandomApply([v2.GaussianBlur(kernel, (0.1, 2.0))], p=recipe.blur))
    if recipe.solarize:
        steps.append(v2.RandomSolarize(0.5, p=recipe.solarize))
    steps.append(v2.Normalize(MEAN, DEVIATION))
    transform: Callable[[torch.Tensor], torch.Tensor] = v2.Compose(steps)
    return transform


def evaluation_transform(size: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Build the transform without chance: short side to ``size``, center, normalize.

    Deviations:
        ImageNet's custom is to resize to 256 and to keep the center 224; the lab's
        photographs are squares already, whose margin would be cut away for nothing.
    """
    from torchvision.transforms import v2

    transform: Callable[[torch.Tensor], torch.Tensor] = v2.Compose(
        [
            v2.Resize(size, v2.InterpolationMode.BICUBIC, antialias=True),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, DEVIATION),
        ]
    )
    return transform


class PhotographViews:
    """Makes all views of an image, from torch's global random numbers as torchvision does."""

    def __init__(self, transforms: list[Callable[[torch.Tensor], torch.Tensor]]) -> None:
        self.transforms = transforms

    def __len__(self) -> int:
        return len(self.transforms)

    def __call__(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Make the views of one image.

        Args:
            image: ``(3, H, W)`` uint8.

        Returns:
            The views, each ``(3, S, S)`` float32.

        Raises:
            ValueError: if the image is not as above.
        """
        if image.dtype != torch.uint8 or image.ndim != 3 or image.shape[0] != 3:
            raise ValueError(
                f"image must be uint8 of shape (3, H, W), got {image.dtype} {tuple(image.shape)}"
            )
        return [transform(image) for transform in self.transforms]


def photograph_views(
    recipe: str, size: int, local_crops: int = 8, local_size: int | None = None
) -> PhotographViews:
    """Build what makes the views of a photograph.

    Args:
        recipe: one of ``PAPERS``; ``view_recipes`` says what each does.
        size: of the views, in pixels.
        local_crops: how many local crops, for ``dino``.
        local_size: of the local crops; without it 96/224 of the size.

    Returns:
        Takes an image ``(3, H, W)`` uint8 and gives its views, a list of ``(3, S, S)``.

    Raises:
        ValueError: if there is no such recipe, or a number is none.
    """
    if size < 1 or local_crops < 0 or (local_size is not None and local_size < 1):
        raise ValueError(
            "size and local_size must be whole numbers above 0 and local_crops at least 0, "
            f"got {size}, {local_size} and {local_crops}"
        )
    if recipe == "evaluate":
        return PhotographViews([evaluation_transform(size)])
    recipes = view_recipes(recipe, size, local_crops, local_size)
    # Views of one recipe share its transform, which keeps no state.
    made = {one: view_transform(one, size) for one in recipes}
    return PhotographViews([made[one] for one in recipes])


def photograph_batches(
    images: torch.Tensor,
    labels: torch.Tensor,
    views: Views,
    order: Iterable[tuple[int, torch.Tensor]],
    workers: int = 0,
    seed: int = 0,
) -> Iterator[Batch]:
    """Make the views of batch after batch, if wanted in other processes, ahead of time.

    What an image looks like depends on ``seed``, the step and the image alone: not on the
    number of workers, on what was drawn before, or on where a run was resumed. torch's own
    random state is as before.

    Args:
        images: ``(N, 3, H, W)`` uint8, perhaps memory-mapped.
        labels: ``(N,)``.
        views: of ``photograph_views``, or anything that gives a list for an image.
        order: the steps and the rows that each takes, a tensor of indices.
        workers: how many processes; with 0 the work is done here.
        seed: of the run.

    Yields:
        The step, the views (a list of ``(B, 3, S, S)``) and the labels ``(B,)``.

    Raises:
        ValueError: if images and labels do not belong together.
    """
    if len(images) != len(labels):
        raise ValueError(f"there are {len(images)} images but {len(labels)} labels")
    from torch.utils.data import DataLoader

    loader: DataLoader[Any] = DataLoader(
        _Batches(images, labels, views, seed),
        batch_size=None,  # an item is a batch already
        sampler=order,
        num_workers=workers,
        worker_init_fn=_left_alone if workers else None,
        collate_fn=_as_it_is,
        generator=torch.Generator(),  # else the loader draws from the global one
        # Forked workers share the images; others would be sent a copy of them all.
        multiprocessing_context="fork" if workers and sys.platform == "linux" else None,
    )
    batches = iter(loader)
    try:
        yield from batches
    finally:
        # The workers end with their iterator, but an error's traceback would keep that alive,
        # and there is no public way to end them.
        getattr(batches, "_shutdown_workers", lambda: None)()


def _left_alone(worker: int) -> None:
    """A signal to the whole group is for the process that trains, which ends the workers."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _as_it_is(batch: Any) -> Any:
    return batch


class _Batches(torch.utils.data.Dataset[Batch]):
    """Makes a batch from a step and the rows it takes."""

    def __init__(self, images: torch.Tensor, labels: torch.Tensor, views: Views, seed: int) -> None:
        self.images, self.labels, self.views, self.seed = images, labels, views, seed

    def __getitem__(self, item: tuple[int, torch.Tensor]) -> Batch:
        step, rows = item
        generator, threads = torch.default_generator, torch.get_num_threads()
        state = generator.get_state()
        # With one thread sums are in one order, whether here or in a worker.
        torch.set_num_threads(1)
        try:
            made = []
            for row in rows.tolist():
                generator.manual_seed(_seed(self.seed, step, row))
                made.append(self.views(self.images[row]))
        finally:
            torch.set_num_threads(threads)
            generator.set_state(state)
        stacked = [torch.stack(list(view)) for view in zip(*made, strict=True)]
        return step, stacked, self.labels[rows]


def _seed(seed: int, step: int, row: int) -> int:
    """Mix three numbers to 32 bits, which is all that the generator takes."""
    packed = struct.pack("<qqq", seed, step, row)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=4).digest(), "little")
