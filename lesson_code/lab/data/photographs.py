"""Real photographs: CIFAR-10, STL-10, Imagenette, or a folder of your own.

All are uint8 tensors ``(N, 3, S, S)``; normalizing is the views' work
(``lesson_code.lab.transforms``). The published files are read as they are, so a folder
that torchvision has filled serves as well. Every tenth labeled training image of each
class is the validation split, except where a folder brings its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lesson_code.lab.data.cache import Opened, Part, Picture, Remembered, cached, facts_of, key_of
from lesson_code.lab.data.pictures import SUFFIXES, decode, pictures_in
from lesson_code.lab.data.sets import UNLABELED, Data, DataError, DataWarning, Split, every_tenth
from lesson_code.lab.files import data_root, locked, make_folder
from lesson_code.lab.telling import nearby, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def _published(kind: Any, place: Path, **options: Any) -> Any:
    """One of torchvision's data sets, downloaded if it is not there; its files are checked.

    An archive that somebody brought and that is another is put aside, not overwritten.

    Raises:
        DataError: if that cannot be done; the message says what to bring and where to.
    """
    make_folder(place)
    with locked(place / f".{kind.__name__}.lock"):
        aside = ""
        try:
            with suppress(RuntimeError):  # it is not there, or not whole
                return kind(place, download=False, **options)
            aside = _put_aside(kind, place)
            return kind(place, download=True, **options)
        except Exception as error:  # of the network, the disk, an archive, a checksum
            raise DataError(
                f"{kind.__name__} is not whole in {place} and could not be downloaded: "
                f"{error}. Without a network, bring the archive of its authors and put it "
                f"there; torchvision knows its checksum{aside}"
            ) from error


def _put_aside(kind: Any, place: Path) -> str:
    """Rename an archive that is not the published one to ``.bad``; say so."""
    from torchvision.datasets.utils import check_integrity

    if (known := vars(kind).get("_ARCHIVES")) is not None:  # Imagenette has several
        url, checksum = known["160px"]
        archive = place / url.rpartition("/")[2]
    else:
        archive, checksum = place / kind.filename, kind.tgz_md5
    if not archive.is_file() or check_integrity(archive, checksum):
        return ""
    bad = archive.with_name(f"{archive.name}.bad")
    archive.replace(bad)
    return f". What was there is another file; it is now {bad}"


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
    opened = cached(
        place / "cached" / "stl10.photographs",
        key_of(facts_of(files, folder)),
        96,
        lambda: _plan_stl10(place),
    )
    return Data("stl10", tuple(names.read_text().split()), *opened.splits.values())


def _plan_stl10(place: Path) -> dict[str, Part]:
    from torchvision.datasets import STL10

    train, unlabeled, test = (
        _published(STL10, place, split=split) for split in ("train", "unlabeled", "test")
    )
    known = torch.from_numpy(train.labels).long()
    held = every_tenth(known)
    kept, chosen = (mask.nonzero()[:, 0].numpy() for mask in (~held, held))

    def some(images: NDArray[np.uint8], rows: Iterable[int]) -> Iterator[Picture]:
        return (Picture(images[row]) for row in rows)

    def pretraining(known: Remembered) -> Iterator[Picture]:
        yield from some(train.data, kept)
        yield from some(unlabeled.data, range(len(unlabeled)))

    return {
        "train": Part(known[~held].tolist() + [UNLABELED] * len(unlabeled), pretraining),
        "validation": Part(known[held].tolist(), lambda known: some(train.data, chosen)),
        "test": Part(test.labels.tolist(), lambda known: some(test.data, range(len(test)))),
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


def folder(
    path: str | Path, root: str | Path | None = None, size: int = 96, skip_damaged: bool = False
) -> Data:
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
        skip_damaged: whether to leave out pictures that cannot be read.

    Returns:
        The set, memory-mapped.

    Raises:
        DataError: if the folder is not laid out like that, a class has no pictures, or
            some cannot be read; then all of them are named.
    """
    import PIL

    base = Path(os.path.expanduser(path)).absolute()
    used = _splits(base)
    classes = tuple(_folders(base / "train"))
    found = {name: _pictures(base / name, classes) for name in used}
    pairs = [pair for split in found.values() for pair in split]
    facts = facts_of([file for file, _ in pairs], base)
    of_file = dict(zip((file for file, _ in pairs), facts, strict=True))
    place = hashlib.sha256(str(base).encode()).hexdigest()[:12]
    opened = cached(
        data_root(root) / "cached" / f"{base.name}-{place}-{size}.photographs",
        key_of(facts, size, PIL.__version__),
        size,
        lambda: _plan_folder([found[name] for name in used], of_file, size),
    )
    skipped = _tell(base, opened, skip_damaged)
    for name, split in opened.splits.items():
        lost = {label for _, label, _ in opened.parts[name]["damaged"]}
        for label in sorted(lost - set(split.labels.tolist())):
            raise DataError(f"{base} has no picture of {classes[label]} left for {name}")
    return Data(f"folder:{path}", classes, *opened.splits.values(), skipped=skipped)


def _splits(base: Path) -> list[str]:
    """The folders of training, perhaps validation, and test; in that order."""
    if not base.is_dir():
        what = "is a file, not a folder" if base.exists() else f"does not exist{nearby(base)}"
        raise DataError(f"the folder {base} {what}")
    there = _folders(base)
    test = "test" if "test" in there else "val"
    if "train" not in there or test not in there:
        raise DataError(
            f"{base} must have a folder train and a folder test or val, with a folder for "
            f"each class in them; it has {', '.join(there[:10]) or 'no folders'}"
        )
    return ["train", *(["val"] if test == "test" and "val" in there else []), test]


def _folders(base: Path) -> list[str]:
    """Name the folders of the classes; what begins with a dot is some program's own."""
    return sorted(p.name for p in base.iterdir() if p.is_dir() and p.name[0] != ".")


def _pictures(base: Path, classes: Sequence[str]) -> list[tuple[Path, int]]:
    """List the pictures of a split with their labels, in an order that never changes."""
    there = _folders(base)
    beside = [path for path in base.iterdir() if not path.is_dir()]
    for link in (path for path in beside if not path.exists()):
        raise DataError(f"the link {link} leads nowhere")
    if strays := sum(path.suffix.lower() in SUFFIXES for path in beside):
        said = f"left out of {base}, in no folder of a class: pictures {strays}"
        warnings.warn(said, DataWarning, stacklevel=5)
    unknown = sorted(set(there) - set(classes))
    if unknown:
        raise DataError(f"{base} has classes that train lacks: {', '.join(unknown)}")
    pairs = []
    for name in there:
        files = pictures_in(base / name)
        if not files:
            raise DataError(
                f"the class {name} has no pictures in {base / name}; add some, or take "
                f"the folder away"
            )
        pairs += [(file, classes.index(name)) for file in files]
    if not pairs:
        raise DataError(f"{base} has no pictures; they belong in {base}/CLASS/")
    return pairs


def _plan_folder(
    found: list[list[tuple[Path, int]]], facts: dict[Path, str], size: int
) -> dict[str, Part]:
    train, *validation, test = found
    if not validation:
        held = every_tenth(torch.tensor([label for _, label in train])).tolist()
        marked = list(zip(train, held, strict=True))
        train = [pair for pair, is_held in marked if not is_held]
        validation = [[pair for pair, is_held in marked if is_held]]
        if not validation[0]:
            raise DataError(
                "train has fewer than ten pictures in each class, too few to set a tenth "
                "aside for validation; add pictures, or a folder val beside test"
            )

    def part(pairs: list[tuple[Path, int]]) -> Part:
        def pictures(known: Remembered) -> Iterator[Picture]:
            for path, _ in pairs:
                yield known.get(facts[path]) or _decoded(path, size)

        return Part([label for _, label in pairs], pictures, [facts[p] for p, _ in pairs])

    return {"train": part(train), "validation": part(validation[0]), "test": part(test)}


def _decoded(path: Path, size: int) -> Picture:
    try:
        return Picture(*decode(path, size))
    except DataError as error:
        return Picture(None, str(error))


def _tell(base: Path, opened: Opened, skip_damaged: bool) -> tuple[str, ...]:
    """Warn of what was done to pictures; refuse damaged ones, or name those left out.

    Raises:
        DataError: if some cannot be read and they are not to be skipped.
    """
    parts = opened.parts.values()
    for note, count in sorted(Counter(n for part in parts for n in part["notes"]).items()):
        if note:
            pictures = "1 picture" if count == 1 else f"{count} pictures"
            warnings.warn(f"{pictures} of {base}: {note}", DataWarning, stacklevel=4)
    damaged = [one for part in parts for one in part["damaged"]]
    if not damaged:
        return ()
    listed = "".join(f"\n  {plain(f'{base / name}: {reason}', '')}" for name, _, reason in damaged)
    total = len(damaged) + sum(map(len, opened.splits.values()))
    if not skip_damaged:
        raise DataError(
            f"{len(damaged)} of {total} pictures cannot be read; mend them or take them "
            f"away, or leave them out with --skip-damaged (skip_damaged=True):{listed}"
        )
    said = f"{len(damaged)} of {total} pictures are left out:{listed}"
    warnings.warn(said, DataWarning, stacklevel=4)
    return tuple(name for name, _, _ in damaged)
