"""Real photographs: CIFAR-10, STL-10, Imagenette, or a folder of your own.

All are uint8 tensors ``(N, 3, S, S)``; normalizing is the views' work
(``lesson_code.lab.transforms``). The published files are read as they are, so a folder
that torchvision has filled serves as well. Every tenth labeled training image of each
class is the validation split, except where a folder brings its own.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lesson_code.lab.data.cache import Part, cached, key_of
from lesson_code.lab.files import data_root, locked, make_folder
from lesson_code.lab.data.sets import UNLABELED, Data, DataError, Split, every_tenth

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def _published(kind: Any, place: Path, **options: Any) -> Any:
    """One of torchvision's data sets, downloaded if it is not there; its files are checked.

    Raises:
        DataError: if that cannot be done; the message says what to bring and where to.
    """
    make_folder(place)
    with locked(place / f".{kind.__name__}.lock"):
        try:
            return kind(place, download=True, **options)
        except Exception as error:  # of the network, the disk, an archive, a checksum
            raise DataError(
                f"{kind.__name__} is not whole in {place} and could not be downloaded: "
                f"{error}. Without a network, bring the archive of its authors and put it "
                f"there; torchvision knows its checksum"
            ) from error


def _carve(images: torch.Tensor, labels: torch.Tensor) -> tuple[Split, Split]:
    """Part a labeled training set into train and validation."""
    held = every_tenth(labels)
    train = Split(images[~held], labels[~held])
    return train, Split(images[held], labels[held])


# ------------------------------------------------------------------------------ CIFAR-10


def cifar10(root: str | Path | None = None) -> Data:
    """Load CIFAR-10: 32 x 32, 45,000 images for training, 5,000 validation, 10,000 test.

    Args:
        root: as for ``load``; the files stand in ``cifar-10-batches-py`` below it.

    Returns:
        The set, in memory (180 MB).
    """
    from torchvision.datasets import CIFAR10

    place = data_root(root)
    parts = [_published(CIFAR10, place, train=train) for train in (True, False)]
    train, test = (
        Split(
            torch.from_numpy(part.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(part.targets)
        )
        for part in parts
    )
    return Data("cifar10", tuple(parts[0].classes), *_carve(train.images, train.labels), test)


# -------------------------------------------------------------------------------- STL-10


def stl10(root: str | Path | None = None) -> Data:
    """Load STL-10: 96 x 96, made for learning from many unlabeled and few labeled images.

    ``train`` holds 4,500 labeled images and then the 100,000 unlabeled ones, whose label
    is -1 (their classes are more than the ten). Pretrain on ``train``; fit probes and
    supervised runs on ``train.labeled``. 500 more labeled images are validation, 8,000
    are test.

    Args:
        root: as for ``load``; the files stand in ``stl10_binary`` below it.

    Returns:
        The set, memory-mapped: the first call writes a file of 3.1 GB beside the files,
        which store the columns of an image before its rows.
    """
    from torchvision.datasets import STL10

    place = data_root(root)
    folder = place / STL10.base_folder
    names = folder / STL10.class_names_file
    files = [folder / name for name, _ in [*STL10.train_list, *STL10.test_list]]
    if not all(path.is_file() for path in files):
        _published(STL10, place, split="test")
    if not names.is_file():
        raise DataError(f"{names} is missing; delete {folder}, it is then loaded anew")
    splits = cached(
        place / "cached" / "stl10.photographs",
        key_of(files, folder),
        96,
        lambda: _plan_stl10(place),
    )
    return Data("stl10", tuple(names.read_text().split()), **splits)


def _plan_stl10(place: Path) -> dict[str, Part]:
    import numpy as np
    from torchvision.datasets import STL10

    train, unlabeled, test = (
        _published(STL10, place, split=split) for split in ("train", "unlabeled", "test")
    )
    known = torch.from_numpy(train.labels).long()
    held = every_tenth(known)
    kept, chosen = (mask.nonzero()[:, 0].numpy() for mask in (~held, held))

    def some(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        for first in range(0, len(rows), 256):
            yield images[rows[first : first + 256]]

    def pretraining() -> Iterator[NDArray[np.uint8]]:
        yield from some(train.data, kept)
        yield from some(unlabeled.data, np.arange(len(unlabeled)))

    return {
        "train": Part(known[~held].tolist() + [UNLABELED] * len(unlabeled), pretraining),
        "validation": Part(known[held].tolist(), lambda: some(train.data, chosen)),
        "test": Part(test.labels.tolist(), lambda: some(test.data, np.arange(len(test)))),
    }


# ------------------------------------------------------------------- folders of pictures


def imagenette(root: str | Path | None = None, size: int = 96) -> Data:
    """Load Imagenette: ten easy classes of ImageNet, 9,469 + 3,925 photographs.

    The published ``val`` folder is the test split here; validation comes out of train.

    Args:
        root: as for ``load``; the files stand in ``imagenette2-160`` below it.
        size: height and width; the photographs' short side has 160 pixels.

    Returns:
        The set, memory-mapped, as ``folder`` makes it.
    """
    from torchvision.datasets import Imagenette

    place = data_root(root)
    base = place / "imagenette2-160"
    aside = place / "imagenette"
    if not base.is_dir():
        with locked(place / ".imagenette.lock"):
            if not base.is_dir():  # else another process has just made it
                # torchvision takes a half unpacked folder of a killed process for whole.
                shutil.rmtree(aside / base.name, ignore_errors=True)
                _published(Imagenette, aside, size="160px")
                (aside / base.name).rename(base)
    known = Imagenette(place, size="160px")
    data = folder(base, root, size)
    classes = tuple(names[0] for names in known.classes)
    return Data("imagenette", classes, data.train, data.validation, data.test)


def folder(path: str | Path, root: str | Path | None = None, size: int = 96) -> Data:
    """Load photographs of your own, sorted into folders as torchvision's ImageFolder wants.

    Training images are in ``train/CLASS/``, test images in ``test/CLASS/`` or, if there
    is no such folder, in ``val/CLASS/``. With both, ``val`` is the validation split;
    with one, every tenth training image of each class is.

    Each photograph is decoded once: turned upright, resized until its short side has
    ``size`` pixels, cut to the square in its center, and kept in a memory-mapped file
    below the root. The file is made anew when a photograph is added, taken away or
    changed. Random crops of training are then crops of that square: the edges of a long
    photograph are never seen, and large sizes are needed to crop small details well.

    Args:
        path: the folder.
        root: as for ``load``.
        size: height and width.

    Returns:
        The set, memory-mapped.

    Raises:
        DataError: if the folder is not laid out like that, or a picture cannot be read.
    """
    base = Path(path).expanduser().absolute()
    test = "test" if (base / "test").is_dir() else "val"
    validation = "val" if test == "test" and (base / "val").is_dir() else None
    used = [name for name in ("train", validation, test) if name]
    for name in used:
        if not (base / name).is_dir():
            raise DataError(f"{base} must have a folder train and a folder test or val")
    classes = tuple(_folders(base / "train"))
    found = {name: _pictures(base / name, classes) for name in used}
    files = [file for pairs in found.values() for file, _ in pairs]
    place = hashlib.sha256(str(base).encode()).hexdigest()[:12]
    splits = cached(
        data_root(root) / "cached" / f"{base.name}-{place}-{size}.photographs",
        key_of(files, base, size),
        size,
        lambda: _plan_folder(found["train"], found.get(validation or ""), found[test], size),
    )
    return Data(f"folder:{path}", classes, **splits)


def _folders(base: Path) -> list[str]:
    """Name the folders of the classes; what begins with a dot is some program's own."""
    return sorted(p.name for p in base.iterdir() if p.is_dir() and p.name[0] != ".")


def _pictures(base: Path, classes: Sequence[str]) -> list[tuple[Path, int]]:
    """List the pictures of a split with their labels, in an order that never changes."""
    unknown = sorted(set(_folders(base)) - set(classes))
    if unknown:
        raise DataError(f"{base} has classes that train lacks: {', '.join(unknown)}")
    pairs = [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((base / name).rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.is_file() and path.name[0] != "."
    ]
    if not pairs:
        raise DataError(f"{base} has no pictures; they belong in {base}/CLASS/")
    return pairs


def _plan_folder(
    train: list[tuple[Path, int]],
    validation: list[tuple[Path, int]] | None,
    test: list[tuple[Path, int]],
    size: int,
) -> dict[str, Part]:
    if validation is None:
        held = every_tenth(torch.tensor([label for _, label in train])).tolist()
        validation = [pair for pair, is_held in zip(train, held, strict=True) if is_held]
        train = [pair for pair, is_held in zip(train, held, strict=True) if not is_held]
        if not validation:
            raise DataError(
                "train has fewer than ten pictures in each class, too few to set a tenth "
                "aside for validation; add pictures, or a folder val beside test"
            )

    def decoded(pairs: list[tuple[Path, int]]) -> Callable[[], Iterator[NDArray[np.uint8]]]:
        return lambda: (_decode(path, size)[None] for path, _ in pairs)

    parts = {"train": train, "validation": validation, "test": test}
    return {
        name: Part([label for _, label in pairs], decoded(pairs)) for name, pairs in parts.items()
    }


def _decode(path: Path, size: int) -> NDArray[np.uint8]:
    """Read a picture, upright, as the square in its center, ``(3, size, size)`` uint8."""
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as file:
            # Resizing the square in the center is resizing the short side and then cropping.
            square = ImageOps.fit(
                ImageOps.exif_transpose(file).convert("RGB"), (size, size), Image.Resampling.BICUBIC
            )
    except Exception as error:  # a damaged picture fails in every way there is
        raise DataError(f"{path} cannot be read as a picture: {error}") from error
    return np.asarray(square).transpose(2, 0, 1)
