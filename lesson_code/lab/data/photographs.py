"""Real photographs: CIFAR-10, STL-10, Imagenette, or a folder of your own.

All are uint8 tensors ``(N, 3, S, S)``; normalizing is the views' work
(``lesson_code.lab.transforms``). The published files are read as they are, so a folder
that torchvision has filled serves as well. Every tenth labeled training image of each
class is the validation split, except where a folder brings its own.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lesson_code.lab.data.cache import Part, cached, key_of
from lesson_code.lab.data.download import Remote, fetch, unpack
from lesson_code.lab.data.files import data_root
from lesson_code.lab.data.sets import UNLABELED, Data, DataError, Split, every_tenth

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The authors publish md5 sums of their archives (torchvision repeats them), no sha256.
CIFAR10 = Remote(
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "c58f30108f718f92721af3b95e74349a",
    "md5",
    170,
)
STL10 = Remote(
    "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
    "91f7769df0f17e558f3565bffb0c7dfb",
    "md5",
    2640,
)
IMAGENETTE = Remote(
    "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
    "e793b78cc4c9e9a4ccc0c1155377a412",
    "md5",
    99,
)
# Imagenette names its folders by WordNet; the labels follow the sorted folders.
IMAGENETTE_CLASSES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def _published(remote: Remote, folder: str, root: str | Path | None) -> Path:
    """Return the unpacked folder of a published archive, downloading it if need be."""
    place = data_root(root)
    if (place / folder).is_dir():
        return place / folder
    return unpack(fetch(remote, place), place / folder)


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
    folder = _published(CIFAR10, "cifar-10-batches-py", root)
    names = _unpickle(folder / "batches.meta").get("label_names")
    if not (
        isinstance(names, list) and names and all(isinstance(n, str) for n in names)
    ):
        raise _damaged(folder / "batches.meta", "it names no classes")
    batches = [_read_batch(folder / f"data_batch_{n}", len(names)) for n in range(1, 6)]
    images = torch.cat([images for images, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    test = Split(*_read_batch(folder / "test_batch", len(names)))
    return Data("cifar10", tuple(names), *_carve(images, labels), test)


def _read_batch(path: Path, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    import numpy as np

    batch = _unpickle(path)
    pixels, labels = batch.get("data"), batch.get("labels")
    if not (
        isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 2
    ):
        raise _damaged(path, "it holds no matrix of bytes")
    if pixels.shape[1] != 3 * 32 * 32:
        raise _damaged(path, f"its images have {pixels.shape[1]} bytes, not 3072")
    if not isinstance(labels, list) or len(labels) != len(pixels):
        raise _damaged(
            path, f"it does not have a label for each of its {len(pixels)} images"
        )
    if not all(isinstance(label, int) and 0 <= label < classes for label in labels):
        raise _damaged(path, f"its labels are not all from 0 to {classes - 1}")
    images = torch.from_numpy(pixels.copy()).view(-1, 3, 32, 32)
    return images, torch.tensor(labels, dtype=torch.long)


class _Arrays(pickle.Unpickler):
    """Unpickles dictionaries of arrays and nothing that could run code."""

    allowed = {
        (module, name)
        for module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
        for name in ("_reconstruct", "ndarray", "dtype")
    } | {("_codecs", "encode")}

    def find_class(self, module: str, name: str) -> Any:
        """Find a name of the few that an array needs."""
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        if module.startswith("numpy."):  # NumPy 2 has moved it
            import numpy as np

            core = "core" if np.__version__.startswith("1.") else "_core"
            module = f"numpy.{core}.multiarray"
        return super().find_class(module, name)


def _unpickle(path: Path) -> dict[str, Any]:
    """Read a pickled dictionary of Python 2, whose strings may be bytes."""
    try:
        content = _Arrays(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except Exception as error:  # a damaged pickle fails in every way there is
        raise _damaged(path, str(error) or type(error).__name__) from error
    if not isinstance(content, dict):
        raise _damaged(path, "it holds no dictionary")
    return {
        k.decode() if isinstance(k, bytes) else str(k): v for k, v in content.items()
    }


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"{path} is not what its authors published: {why}. "
        f"Delete the folder {path.parent}; it is then unpacked or downloaded anew"
    )


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
    place = data_root(root)
    folder = _published(STL10, "stl10_binary", root)
    names = ("train_X", "train_y", "unlabeled_X", "test_X", "test_y")
    files = [folder / f"{name}.bin" for name in names] + [folder / "class_names.txt"]
    for path in files:
        if not path.is_file():
            raise _damaged(path, "it is missing")
    classes = tuple(files[-1].read_text().split())
    splits = cached(
        place / "cached" / "stl10.photographs",
        key_of(files, folder),
        96,
        lambda: _plan_stl10(folder, len(classes)),
    )
    return Data("stl10", classes, **splits)


def _plan_stl10(folder: Path, classes: int) -> dict[str, Part]:
    import numpy as np

    def pixels(name: str) -> NDArray[np.uint8]:
        path = folder / f"{name}_X.bin"
        if path.stat().st_size % (3 * 96 * 96) or not path.stat().st_size:
            raise _damaged(path, "it does not hold whole images of 3 x 96 x 96 bytes")
        stored = np.memmap(path, dtype=np.uint8, mode="r").reshape(-1, 3, 96, 96)
        return stored.transpose(0, 1, 3, 2)  # stored column by column

    def labels(name: str, count: int) -> torch.Tensor:
        path = folder / f"{name}_y.bin"
        found = (
            torch.from_numpy(np.fromfile(path, dtype=np.uint8)).long() - 1
        )  # from 1 to 10
        if len(found) != count or not bool(((found >= 0) & (found < classes)).all()):
            raise _damaged(path, f"it does not hold {count} labels from 1 to {classes}")
        return found

    train, unlabeled, test = (pixels(name) for name in ("train", "unlabeled", "test"))
    known = labels("train", len(train))
    held = every_tenth(known)

    def some(
        images: NDArray[np.uint8], rows: NDArray[np.int64]
    ) -> Iterator[NDArray[np.uint8]]:
        for first in range(0, len(rows), 256):
            yield images[rows[first : first + 256]]

    kept, held_rows = (
        held.logical_not().nonzero()[:, 0].numpy(),
        held.nonzero()[:, 0].numpy(),
    )

    def pretraining() -> Iterator[NDArray[np.uint8]]:
        yield from some(train, kept)
        yield from some(unlabeled, np.arange(len(unlabeled)))

    return {
        "train": Part(
            known[~held].tolist() + [UNLABELED] * len(unlabeled), pretraining
        ),
        "validation": Part(known[held].tolist(), lambda: some(train, held_rows)),
        "test": Part(
            labels("test", len(test)).tolist(), lambda: some(test, np.arange(len(test)))
        ),
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
    base = _published(IMAGENETTE, "imagenette2-160", root)
    data = folder(base, root, size)
    classes = tuple(IMAGENETTE_CLASSES.get(name, name) for name in data.classes)
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
        lambda: _plan_folder(
            found["train"], found.get(validation or ""), found[test], size
        ),
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
        validation = [
            pair for pair, is_held in zip(train, held, strict=True) if is_held
        ]
        train = [pair for pair, is_held in zip(train, held, strict=True) if not is_held]
        if not validation:
            raise DataError(
                "train has fewer than ten pictures in each class, too few to set a tenth "
                "aside for validation; add pictures, or a folder val beside test"
            )

    def decoded(
        pairs: list[tuple[Path, int]],
    ) -> Callable[[], Iterator[NDArray[np.uint8]]]:
        return lambda: (_decode(path, size)[None] for path, _ in pairs)

    parts = {"train": train, "validation": validation, "test": test}
    return {
        name: Part([label for _, label in pairs], decoded(pairs))
        for name, pairs in parts.items()
    }


def _decode(path: Path, size: int) -> NDArray[np.uint8]:
    """Read a picture, upright, as the square in its center, ``(3, size, size)`` uint8."""
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as file:
            # Resizing the square in the center is resizing the short side and then cropping.
            square = ImageOps.fit(
                ImageOps.exif_transpose(file).convert("RGB"),
                (size, size),
                Image.Resampling.BICUBIC,
            )
    except Exception as error:  # a damaged picture fails in every way there is
        raise DataError(f"{path} cannot be read as a picture: {error}") from error
    return np.asarray(square).transpose(2, 0, 1)
