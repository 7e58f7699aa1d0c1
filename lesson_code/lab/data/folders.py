"""Any data set of the lab as folders of pictures, for other tools."""

from __future__ import annotations

from pathlib import Path

import torch

from lesson_code.lab.checkpoint import check_folder
from lesson_code.lab.data.sets import UNLABELED, Data, DataError
from lesson_code.lab.files import make_folder


def as_bytes(images: torch.Tensor) -> torch.Tensor:
    """Images as uint8; those that are floating point must be from 0 to 1."""
    if images.dtype == torch.uint8:
        return images
    low, high = images.min().item(), images.max().item()
    if low < 0 or high > 1:
        raise DataError(f"images must be from 0 to 1 to be pictures, these are {low} to {high}")
    return (255 * images).round().byte()


def export(data: Data, folder: Path) -> int:
    """Write each image as ``SPLIT/CLASS/NAME.png``, as ``folder:PATH`` and torchvision read them.

    Args:
        data: any set whose images are bytes, or from 0 to 1.
        folder: a new one, or an empty one.

    Returns:
        How many pictures there are. ``notes`` of the set stand in ``NOTES.txt``.

    Raises:
        DataError: if the folder holds something, or the images are no pictures.
    """
    from PIL import Image

    check_folder(folder)
    if any(folder.iterdir()):
        raise DataError(f"{folder} is not empty; name another folder")
    count = 0
    for part, split in data.splits().items():
        place = folder / {"validation": "val"}.get(part, part)
        places = [make_folder(place / name) for name in data.classes]
        names = data.names(split)
        for image, label, name in zip(split.images, split.labels.tolist(), names, strict=True):
            pixels = as_bytes(image).permute(1, 2, 0).numpy()
            where = make_folder(place / "unlabeled") if label == UNLABELED else places[label]
            Image.fromarray(pixels.squeeze()).save(where / f"{name}.png")
            count += 1
    if data.notes:
        (folder / "NOTES.txt").write_text("\n".join(data.notes) + "\n", encoding="utf-8")
    return count
