"""The lab's data sets, all through one function.

    data = load("digits")
    data.train.images  # (N, C, H, W)
    data.train.labels  # (N,) int64

Nothing is read or imported before it is asked for.
"""

from __future__ import annotations

from pathlib import Path

from lesson_code.lab.data.sets import UNLABELED, Data, DataError, Split, UnknownData, standardize
from lesson_code.lab.run import nearest

__all__ = [
    "NAMES",
    "UNLABELED",
    "Data",
    "DataError",
    "Split",
    "UnknownData",
    "load",
    "standardize",
    "usual_size",
]

NAMES = (
    "digits",
    "digits-raw",
    "tinted",
    "tinted-gray",
    "emoji",
    "cifar10",
    "stl10",
    "imagenette",
    "folder:PATH",
)


def usual_size(name: str) -> int | None:
    """Height and width of the images of a set unless others are asked for; None: its own."""
    return {"folder": 96, "imagenette": 96, "emoji": 32}.get(name.partition(":")[0])


def load(
    name: str,
    root: str | Path | None = None,
    *,
    size: int | None = None,
    skip_damaged: bool = False,
) -> Data:
    """Load a data set by its name.

    Args:
        name: one of ``NAMES``; ``folder:PATH`` is a folder of photographs of your own
            with ``train/CLASS/*`` and ``val/CLASS/*`` or ``test/CLASS/*``.
        root: where photographs are kept and downloaded to; without it the folder in the
            environment variable ``LESSON_CODE_DATA``, else
            ``~/.cache/learning-without-labels``.
        size: height and width of the photographs of ``imagenette`` and ``folder:PATH``,
            96 without it, and of the drawings of ``emoji``, 32 without it. The other sets
            have a size of their own.
        skip_damaged: whether pictures of ``folder:PATH`` that cannot be read are left
            out; else they are an error that lists them all.

    Returns:
        The set with its train, validation and test split.

    Raises:
        ValueError: if there is no such set (the nearest names are told), or no such size.
        DataError: if its files are not there and cannot be downloaded, or are damaged.
    """
    kind, _, path = name.partition(":")
    if kind in ("imagenette", "folder", "emoji") and size is not None and size < 1:
        raise ValueError(f"size must be a whole number above 0, got {size}")
    if kind == "folder":
        if not path:
            raise ValueError("folder:PATH needs the path of a folder, got none")
        from lesson_code.lab.data.photographs import folder

        return folder(path, root, size or 96, skip_damaged)
    if name == "imagenette":
        from lesson_code.lab.data.photographs import imagenette

        return imagenette(root, size or 96)
    if name == "emoji":
        from lesson_code.lab.data.emoji import SIZE, emoji

        return emoji(root, size or SIZE)
    data = _of_own_size(name, root)
    if size not in (None, data.size):
        own = f"{data.size} x {data.size} pixels"
        raise ValueError(f"{name} has images of {own}, a size of {size} cannot be given")
    return data


def _of_own_size(name: str, root: str | Path | None) -> Data:
    if name in ("digits", "digits-raw"):
        from lesson_code.lab.data.digits import digits

        return digits(standardized=name == "digits")
    if name in ("tinted", "tinted-gray"):
        from lesson_code.lab.data.tinted import tinted

        return tinted(gray=name == "tinted-gray")
    if name in ("cifar10", "stl10"):
        from lesson_code.lab.data import photographs

        return photographs.cifar10(root) if name == "cifar10" else photographs.stl10(root)
    hint = f"; did you mean folder:{name}?" if Path(name).expanduser().is_dir() else ""
    raise UnknownData(
        f"no data set {name!r}{hint}" if hint else str(nearest(name, NAMES, "data set"))
    )
