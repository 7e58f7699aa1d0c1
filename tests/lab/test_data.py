"""The lab's data: the digits and their tints exactly, photographs in their published formats."""

import errno
import hashlib
import os
import pickle
import shutil
import struct
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import CIFAR10, STL10, Imagenette

from lesson_code.lab import cli
from lesson_code.lab.data import (
    NAMES,
    UNLABELED,
    Data,
    DataError,
    Split,
    load,
    photographs,
    pictures,
    standardize,
)
from lesson_code.lab.data.cache import Part, Picture, cached
from lesson_code.lab.data.digits import shuffled_digits, strokes
from lesson_code.lab.data.pictures import FIRST, GROUND, ON_GRAY, SCALED, decode, pictures_in
from lesson_code.lab.data.sets import DataWarning, every_tenth
from lesson_code.lab.data.tinted import render
from lesson_code.lab.files import data_root, locked
from lesson_code.lab.run import LabError


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """No test of this file may reach for the network."""

    def refuse(*_, **__):
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.delenv("LESSON_CODE_DATA", raising=False)


# ------------------------------------------------------------------------- the interface


def test_the_lab_imports_neither_torchvision_nor_scikit_learn():
    code = (
        "import sys, lesson_code, lesson_code.lab, lesson_code.lab.transforms\n"
        "print([m for m in ('sklearn', 'torchvision', 'matplotlib', 'PIL') if m in sys.modules])\n"
        "from lesson_code.lab.data import load\n"
        "load('tinted')\n"
        "print('torchvision' in sys.modules, 'PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False False"]


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("digit", "digits"), ("cifar-10", "cifar10"), ("tinted gray", "tinted-gray")],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong, near):
    with pytest.raises(ValueError, match=f"'{wrong}'.*did you mean.*{near}") as caught:
        load(wrong)
    assert isinstance(caught.value, LabError)


def test_a_name_unlike_all_others_lists_them():
    with pytest.raises(ValueError, match=", ".join(NAMES)):
        load("xyzzy")


@pytest.mark.parametrize(
    ("name", "size", "match"),
    [
        ("folder:", None, "path of a folder"),
        ("folder", None, "path of a folder"),
        ("folder:x", 0, "above 0"),
        ("imagenette", -3, "above 0"),
        ("digits", 96, "8 x 8"),
    ],
)
def test_bad_arguments_of_load(name, size, match):
    with pytest.raises(ValueError, match=match):
        load(name, size=size)


def test_a_size_that_the_set_has_anyway_is_fine():
    assert load("digits", size=8).size == 8


def test_splits_refuse_what_does_not_belong_together():
    images = torch.zeros(3, 1, 8, 8)
    with pytest.raises(ValueError, match="3 int64 indices"):
        Split(images, torch.zeros(2, dtype=torch.long))
    with pytest.raises(ValueError, match="int64"):
        Split(images, torch.zeros(3))
    with pytest.raises(ValueError, match=r"\(N, C, H, W\)"):
        Split(images[0], torch.zeros(1, dtype=torch.long))


def test_the_labeled_part():
    images = torch.arange(4.0).view(4, 1, 1, 1)
    full = Split(images, torch.tensor([1, 0, 1, 0]))
    assert full.labeled is full
    first = Split(images, torch.tensor([1, 0, UNLABELED, UNLABELED])).labeled
    assert first.images.flatten().tolist() == [0, 1]
    assert first.images.data_ptr() == images.data_ptr()  # a view
    mixed = Split(images, torch.tensor([UNLABELED, 0, UNLABELED, 1])).labeled
    assert mixed.images.flatten().tolist() == [1, 3]
    assert mixed.labels.tolist() == [0, 1]


def test_standardize_by_hand_and_for_one_value():
    images = torch.tensor([[[[1.0, 3.0]]], [[[5.0, 5.0]]]])
    assert standardize(images).tolist() == [[[[-1.0, 1.0]]], [[[0.0, 0.0]]]]
    assert standardize(images.double()).dtype == torch.double


def test_every_tenth_is_of_each_class():
    labels = torch.tensor([0, 1] * 25)
    assert every_tenth(labels).nonzero().flatten().tolist() == [18, 19, 38, 39]
    assert every_tenth(torch.zeros(9, dtype=torch.long)).sum() == 0


def test_the_root(tmp_path, monkeypatch):
    assert data_root(tmp_path) == tmp_path
    assert data_root().parts[-2:] == (".cache", "learning-without-labels")
    monkeypatch.setenv("LESSON_CODE_DATA", str(tmp_path / "there"))
    assert data_root() == tmp_path / "there"
    assert data_root(tmp_path) == tmp_path


# -------------------------------------------------------------------- digits and tints


@pytest.mark.parametrize(
    ("name", "channels", "size"),
    [("digits", 1, 8), ("digits-raw", 1, 8), ("tinted", 3, 10), ("tinted-gray", 3, 10)],
)
def test_digits_are_split_as_they_were_written(name, channels, size):
    data = load(name)
    _, labels = strokes()
    assert isinstance(data, Data) and data.name == name
    assert data.classes == tuple("0123456789")
    assert [len(s) for s in (data.train, data.validation, data.test)] == [1097, 200, 500]
    together = torch.cat([data.train.labels, data.validation.labels, data.test.labels])
    assert torch.equal(together, labels)
    for split in (data.train, data.validation, data.test):
        assert split.images.shape[1:] == (channels, size, size)
        assert (split.channels, split.size) == (data.channels, data.size) == (channels, size)
        assert split.images.dtype == torch.float32 and split.images.is_contiguous()
        assert split.labels.dtype == torch.long
        assert torch.isfinite(split.images).all()


def test_loading_twice_gives_the_same_and_draws_nothing():
    state = torch.get_rng_state()
    for name in ("digits", "digits-raw", "tinted", "tinted-gray"):
        assert torch.equal(load(name).train.images, load(name).train.images)
    assert torch.equal(torch.get_rng_state(), state)


def test_raw_digits_are_ink_over_16():
    raw = load("digits-raw")
    ink, _ = strokes()
    assert torch.equal(raw.test.images[:, 0] * 16, ink[-500:].float())
    assert (raw.train.images.min(), raw.train.images.max()) == (0, 1)
    assert torch.allclose(standardize(raw.train.images), load("digits").train.images)


def test_shuffled_digits_are_the_same_digits_in_another_split():
    data, again, other = shuffled_digits(0), shuffled_digits(0), shuffled_digits(1)
    assert [len(s) for s in (data.train, data.validation, data.test)] == [1097, 200, 500]
    assert torch.equal(data.test.images, again.test.images)
    assert not torch.equal(data.test.images, other.test.images)

    def rows(set_):
        images = torch.cat([set_.train.images, set_.validation.images, set_.test.images])
        return sorted(map(tuple, images.flatten(1).tolist()))

    assert rows(data) == rows(load("digits")) == rows(other)
    raw = shuffled_digits(0, standardized=False)
    assert torch.equal(raw.test.labels, data.test.labels)
    assert raw.train.images.max() == 1


def test_tinted_digits_by_a_naive_loop():
    ink, _ = strokes()
    ink = ink[:40]
    generator = torch.Generator().manual_seed(123)
    places = torch.randint(3, (40, 2), generator=generator)
    grounds = torch.randint(0, 128, (40, 3, 1, 1), generator=generator)
    colors = torch.randint(102, 256, (40, 3, 1, 1), generator=generator)
    pictures = render(ink)
    for n in (0, 7, 39):
        top, left = places[n].tolist()
        for channel in range(3):
            ground, color = grounds[n, channel].item(), colors[n, channel].item()
            for y in range(10):
                for x in range(10):
                    inside = 0 <= y - top < 8 and 0 <= x - left < 8
                    amount = ink[n, y - top, x - left].item() / 16 if inside else 0
                    exact = ground + (color - ground) * amount
                    assert abs(pictures[n, channel, y, x].item() * 255 - exact) <= 0.5 + 1e-4


def test_tinted_digits_are_bytes_that_never_change():
    data = load("tinted")
    together = torch.cat([data.train.images, data.validation.images, data.test.images])
    pixels = (together * 255).round().to(torch.uint8)
    assert torch.equal(pixels.float() / 255, together)
    assert zlib.crc32(pixels.numpy().tobytes()) == 83790382


def test_gray_tint_differs_in_color_alone():
    """Brightness and contrast stay, so do the channels, and with them the recipe for views."""
    gray, color = load("tinted-gray"), load("tinted")
    mean = color.test.images.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    torch.testing.assert_close(gray.test.images, mean)
    assert (gray.recipes, gray.channels) == (color.recipes, color.channels)


# ------------------------------------------------------------------------------ CIFAR-10


def trust(monkeypatch, kind, folder):
    """Let torchvision know the checksums of the small files in place of the published ones."""

    def md5(name):
        return hashlib.md5((folder / name).read_bytes()).hexdigest()

    for which in ("train_list", "test_list"):
        known = [[name, md5(name)] for name, _ in getattr(kind, which)]
        monkeypatch.setattr(kind, which, known)
    if kind is CIFAR10:
        monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": md5(kind.meta["filename"])})


def pack(archive, folder):
    """Put a folder into a tar archive; return its checksum."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, folder.name)
    return hashlib.md5(archive.read_bytes()).hexdigest()


CIFAR_CLASSES = ["airplane", "automobile", "bird", "cat"]


def write_cifar(root, per_batch=20):
    """Write the seven files of CIFAR-10 with small batches; return pixels and labels."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    pixels, labels = [], []
    for name in [f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]:
        data = random.integers(0, 256, (per_batch, 3072), dtype=np.uint8)
        targets = [n % 4 for n in range(per_batch)]
        names = [f"{n}.png" for n in range(per_batch)]
        batch = {"batch_label": name, "labels": targets, "data": data, "filenames": names}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
        pixels.append(data)
        labels.append(targets)
    meta = {"num_cases_per_batch": per_batch, "label_names": CIFAR_CLASSES, "num_vis": 3072}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))
    return pixels, labels


def test_cifar10(tmp_path, monkeypatch):
    pixels, _ = write_cifar(tmp_path)
    trust(monkeypatch, CIFAR10, tmp_path / "cifar-10-batches-py")
    data = load("cifar10", tmp_path)
    assert data.classes == tuple(CIFAR_CLASSES)
    # 25 of each of 4 classes: every tenth is 2 of each.
    assert [len(s) for s in (data.train, data.validation, data.test)] == [92, 8, 20]
    assert data.train.images.dtype == torch.uint8
    assert (data.channels, data.size) == (3, 32)
    assert data.validation.labels.bincount().tolist() == [2, 2, 2, 2]
    assert data.test.images.flatten(1).tolist() == pixels[-1].tolist()
    together = np.concatenate(pixels[:5])
    assert data.train.images[0].flatten().tolist() == together[0].tolist()
    assert data.validation.images[0].flatten().tolist() == together[36].tolist()
    # Channel by channel, row by row: the second row of the red channel starts at byte 32.
    assert data.test.images[0, 0, 1, 0].item() == pixels[-1][0, 32]


class _Evil:
    def __reduce__(self):
        return os.system, ("echo pickled code ran",)


@pytest.mark.parametrize("content", [b"", pickle.dumps(_Evil()), None])
def test_a_damaged_dangerous_or_missing_batch(tmp_path, monkeypatch, content, capfd):
    write_cifar(tmp_path)
    folder = tmp_path / "cifar-10-batches-py"
    trust(monkeypatch, CIFAR10, folder)
    batch = folder / "data_batch_2"
    batch.unlink() if content is None else batch.write_bytes(content)
    with pytest.raises(DataError, match="CIFAR10 is not whole in .*: .*no network in tests"):
        load("cifar10", tmp_path)
    assert "pickled code ran" not in capfd.readouterr().out


def test_an_archive_that_was_brought_is_unpacked(tmp_path, monkeypatch):
    pixels, _ = write_cifar(tmp_path / "elsewhere")
    folder = tmp_path / "elsewhere" / "cifar-10-batches-py"
    trust(monkeypatch, CIFAR10, folder)
    root = tmp_path / "root"
    monkeypatch.setattr(CIFAR10, "tgz_md5", pack(root / CIFAR10.filename, folder))
    assert load("cifar10", root).test.images.flatten(1).tolist() == pixels[-1].tolist()


def test_an_archive_that_is_another_is_put_aside_and_not_overwritten(tmp_path, monkeypatch):
    """Two gigabytes that somebody carried here by hand are not thrown away."""
    trust(monkeypatch, CIFAR10, write_and_name(tmp_path / "elsewhere"))
    for kind, name, archive in (
        (CIFAR10, "cifar10", tmp_path / CIFAR10.filename),
        (STL10, "stl10", tmp_path / STL10.filename),
        (Imagenette, "imagenette", tmp_path / "imagenette" / "imagenette2-160.tgz"),
    ):
        archive.parent.mkdir(exist_ok=True)
        archive.write_bytes(b"carried here")
        with pytest.raises(DataError, match=f"{kind.__name__} .*is now .*{archive.name}.bad"):
            load(name, tmp_path)
        assert archive.with_name(f"{archive.name}.bad").read_bytes() == b"carried here"
        assert not archive.exists()


def write_and_name(root):
    write_cifar(root)
    return root / "cifar-10-batches-py"


# -------------------------------------------------------------------------------- STL-10

STL_CLASSES = ["airplane", "bird"]


def write_stl(root, train=40, unlabeled=7, test=6):
    """Write STL-10's binary files, small; return the images, rows before columns."""
    folder = root / "stl10_binary"
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    images = {}
    for name, count in (("train", train), ("unlabeled", unlabeled), ("test", test)):
        images[name] = random.integers(0, 256, (count, 3, 96, 96), dtype=np.uint8)
        # The format stores columns before rows.
        images[name].transpose(0, 1, 3, 2).tofile(folder / f"{name}_X.bin")
        if name != "unlabeled":
            (np.arange(count) % 2 + 1).astype(np.uint8).tofile(folder / f"{name}_y.bin")
    (folder / "class_names.txt").write_text("\n".join(STL_CLASSES) + "\n")
    return images


def test_stl10(tmp_path, monkeypatch):
    images = write_stl(tmp_path)
    trust(monkeypatch, STL10, tmp_path / "stl10_binary")
    data = load("stl10", tmp_path)
    assert data.classes == tuple(STL_CLASSES)
    # 20 of each class: every tenth is 2 of each.
    assert [len(s) for s in (data.train, data.validation, data.test)] == [36 + 7, 4, 6]
    assert data.train.images.dtype == torch.uint8 and data.size == 96
    assert data.train.labels[36:].tolist() == [UNLABELED] * 7
    assert len(data.train.labeled) == 36
    assert data.train.labeled.images.data_ptr() == data.train.images.data_ptr()
    assert torch.equal(data.test.images, torch.from_numpy(images["test"]))
    assert torch.equal(data.train.images[36:], torch.from_numpy(images["unlabeled"]))
    assert torch.equal(data.train.images[0], torch.from_numpy(images["train"][0]))
    assert torch.equal(data.validation.images[0], torch.from_numpy(images["train"][18]))
    assert data.test.labels.tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("content", [b"", bytes([1, 2]), None])
@pytest.mark.parametrize("name", ["train_X.bin", "test_y.bin", "unlabeled_X.bin"])
def test_damaged_stl10_leaves_no_cache(tmp_path, monkeypatch, name, content):
    write_stl(tmp_path)
    path = tmp_path / "stl10_binary" / name
    trust(monkeypatch, STL10, path.parent)
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(DataError, match="STL10 is not whole in .*: .*no network in tests"):
        load("stl10", tmp_path)
    assert not list((tmp_path / "cached").glob("*.photographs"))
    assert not list((tmp_path / "cached").glob(".*.part"))


def test_stl10_without_names_of_its_classes(tmp_path, monkeypatch):
    write_stl(tmp_path)
    trust(monkeypatch, STL10, tmp_path / "stl10_binary")
    (tmp_path / "stl10_binary" / "class_names.txt").unlink()
    with pytest.raises(DataError, match="class_names.txt is missing"):
        load("stl10", tmp_path)


# ------------------------------------------------------------------- folders of pictures


def write_pictures(base, layout, size=(24, 16)):
    """Write one-colored pictures; layout is {"train/cat": 3}. The n-th has value 10 n."""
    for place, count in layout.items():
        folder = base / place
        folder.mkdir(parents=True, exist_ok=True)
        for n in range(count):
            color = (10 * n, 200, 0)
            Image.new("RGB", size, color).save(folder / f"{n:03}.JPEG", quality=95)


USUAL = {"train/cat": 12, "train/dog": 11, "val/cat": 2, "val/dog": 3}


def test_a_folder(tmp_path):
    base = tmp_path / "pets"
    write_pictures(base, USUAL)
    data = load(f"folder:{base}", tmp_path, size=8)
    assert data.name == f"folder:{base}" and data.classes == ("cat", "dog")
    assert [len(s) for s in (data.train, data.validation, data.test)] == [21, 2, 5]
    assert data.validation.labels.tolist() == [0, 1]
    assert data.test.labels.tolist() == [0, 0, 1, 1, 1]
    assert data.train.images.shape == (21, 3, 8, 8) and data.train.images.dtype == torch.uint8
    reds = data.train.images[:11, 0].double().mean(dim=(1, 2))
    expected = torch.tensor([0, 10, 20, 30, 40, 50, 60, 70, 80, 100, 110.0])  # 90 is held out
    assert (reds - expected).abs().max() < 4  # JPEG
    assert load(f"folder:{base}", tmp_path).size == 96


def test_a_folder_is_what_torchvision_lists(tmp_path):
    from torchvision.datasets import ImageFolder

    base = tmp_path / "pets"
    write_pictures(base, USUAL | {"test/dog": 2, "test/cat": 1})
    theirs = ImageFolder(base / "train")
    data = load(f"folder:{base}", tmp_path, size=8)
    assert data.classes == tuple(theirs.classes)
    assert data.train.labels.tolist() == theirs.targets


def test_a_folder_with_val_and_test_keeps_its_own_validation(tmp_path):
    base = tmp_path / "pets"
    write_pictures(base, USUAL | {"test/dog": 4})
    data = load(f"folder:{base}", tmp_path, size=8)
    assert [len(s) for s in (data.train, data.validation, data.test)] == [23, 5, 4]
    assert data.test.labels.tolist() == [1, 1, 1, 1]


def test_pictures_are_turned_upright_and_cut_in_the_center(tmp_path):
    base = tmp_path / "p"
    write_pictures(base, {"train/a": 10, "test/a": 1})
    wide = np.zeros((16, 48, 3), dtype=np.uint8)
    wide[:, 16:32] = 255  # the square in the center is white, then
    wide[:8, 16:32, 1:] = 0  # with a red upper half
    Image.fromarray(wide).save(base / "test" / "a" / "000.JPEG", quality=100, subsampling=0)
    square = load(f"folder:{base}", tmp_path, size=16).test.images[0].double()
    assert square[0].min() > 240
    assert square[1, :7].max() < 40 and square[1, 9:].min() > 220
    turned = Image.fromarray(wide).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # "to be turned clockwise by 90 degrees"
    turned.save(base / "test" / "a" / "000.JPEG", quality=100, subsampling=0, exif=exif)
    again = load(f"folder:{base}", tmp_path, size=16).test.images[0].double()
    assert (again - square).abs().mean() < 3


def test_gray_and_transparent_pictures_become_three_channels(tmp_path):
    base = tmp_path / "p"
    write_pictures(base, {"train/a": 10, "test/a": 1})
    Image.new("L", (9, 9), 77).save(base / "test" / "a" / "gray.png")
    Image.new("RGBA", (9, 9), (1, 2, 3, 255)).save(base / "test" / "a" / "see.PNG")
    (base / "test" / "a" / "notes.txt").write_text("not a picture")
    (base / "test" / "a" / "._000.JPEG").write_bytes(b"left by a Mac")
    (base / "train" / ".thumbnails").mkdir()
    with pytest.warns(DataWarning, match=".txt 1"):
        images = load(f"folder:{base}", tmp_path, size=4).test.images
    assert images[1, :, 0, 0].tolist() == [77, 77, 77]
    assert images[2, :, 0, 0].tolist() == [1, 2, 3]
    assert len(images) == 3


def test_imagenette_has_names_for_its_folders(tmp_path):
    base = tmp_path / "imagenette2-160"
    write_pictures(base, {"train/n01440764": 10, "train/n03888257": 10, "val/n03888257": 2})
    data = load("imagenette", tmp_path, size=8)
    assert data.name == "imagenette" and data.classes == ("tench", "parachute")
    assert data.test.labels.tolist() == [1, 1]


def test_a_half_unpacked_imagenette_is_unpacked_anew(tmp_path, monkeypatch):
    """The folder of a killed process is not taken for the whole set."""
    layout = {"train/n01440764": 10, "val/n01440764": 2}
    write_pictures(tmp_path / "elsewhere" / "imagenette2-160", layout)
    root = tmp_path / "root"
    archive = root / "imagenette" / "imagenette2-160.tgz"
    digest = pack(archive, tmp_path / "elsewhere" / "imagenette2-160")
    monkeypatch.setattr(Imagenette, "_ARCHIVES", {"160px": (f"https://no/{archive.name}", digest)})
    write_pictures(root / "imagenette" / "imagenette2-160", {"train/n01440764": 3})
    assert [len(part) for part in splits(load("imagenette", root, size=8))] == [9, 1, 2]


def splits(data):
    return tuple(data.splits().values())


@pytest.mark.parametrize(
    ("layout", "match"),
    [
        ({}, "the folder .*p does not exist"),
        ({"train/a": 10}, "folder test or val"),
        ({"val/a": 10}, "folder train"),
        ({"train/a": 9, "val/a": 1}, "fewer than ten"),
        ({"train/a": 10, "val/a": 0}, "the class a has no pictures in .*val/a"),
        ({"train/a": 10, "train/b": 0, "val/a": 1}, "the class b has no pictures in .*train/b"),
        ({"train/a": 10, "train/b": 1, "val/a": 1, "val/b": 0}, "class b has no .*val/b"),
        ({"Train/a": 10, "Test/a": 1}, "must have a folder train .* it has Test, Train"),
        ({"train/a": 10, "val/b": 1}, "classes that train lacks: b"),
    ],
)
def test_folders_that_are_not_laid_out_so(tmp_path, layout, match):
    write_pictures(tmp_path / "p", layout)
    with pytest.raises(DataError, match=match):
        load(f"folder:{tmp_path / 'p'}", tmp_path, size=8)


def test_damaged_pictures_are_named_all_at_once_and_can_be_left_out(pets, tmp_path):
    base, file, again = pets
    cut = (base / "train" / "cat" / "000.JPEG").read_bytes()[:500]
    damaged = {
        "train/cat/004.JPEG": b"no picture",
        "train/dog/000.JPEG": b"",
        "val/dog/001.JPEG": cut,
    }
    for name, content in damaged.items():
        (base / name).write_bytes(content)
    with pytest.raises(DataError, match="3 of 28 pictures cannot be .*--skip-damaged") as caught:
        load(f"folder:{base}", tmp_path, size=8)
    assert all(f"{base / name}: " in str(caught.value) for name in damaged)
    with pytest.warns(DataWarning, match="3 of 28 pictures are left out:\n.*004.JPEG"):
        data = load(f"folder:{base}", tmp_path, size=8, skip_damaged=True)
    assert data.skipped == tuple(damaged)
    assert [len(split) for split in splits(data)] == [19, 2, 4]
    assert data.facts()["counts"]["train"] == {"cat": 10, "dog": 9}
    assert data.facts()["skipped"] == list(damaged)


def test_what_is_decoded_is_kept_when_others_are_mended(pets, tmp_path):
    base, file, again = pets
    picture = base / "train" / "cat" / "004.JPEG"
    whole, times = picture.read_bytes(), picture.stat()
    picture.write_bytes(b"not a picture")
    with pytest.raises(DataError, match="1 of 28 pictures"):
        again()
    picture.write_bytes(whole)
    assert again() == 1
    os.utime(picture, ns=(times.st_atime_ns, 7))
    assert again() == 1


def test_a_class_or_split_of_which_nothing_can_be_read(tmp_path):
    base = tmp_path / "p"
    write_pictures(base, {"train/a": 10, "train/b": 10, "test/a": 1})
    (base / "test" / "a" / "000.JPEG").write_bytes(b"")
    with pytest.raises(DataError, match="no picture of a left for test"), pytest.warns(DataWarning):
        load(f"folder:{base}", tmp_path, size=8, skip_damaged=True)
    write_pictures(base, {"test/a": 1})
    for picture in (base / "train" / "b").iterdir():
        picture.write_bytes(b"")
    with (
        pytest.raises(DataError, match="no picture of b left for train"),
        pytest.warns(DataWarning),
    ):
        load(f"folder:{base}", tmp_path, size=8, skip_damaged=True)


@pytest.mark.parametrize(
    ("near", "asked", "match"),
    [
        ("pictures", "pictres", "does not exist; did you mean .*pictures"),
        ("x", "f.txt", "is a file"),
    ],
)
def test_a_wrong_path_says_so(tmp_path, near, asked, match):
    (tmp_path / near).mkdir()
    (tmp_path / "f.txt").write_text("")
    with pytest.raises(DataError, match=match):
        load(f"folder:{tmp_path / asked}", tmp_path)
    with pytest.raises(DataError, match=f"did you mean folder:.*{near}"):
        load(str(tmp_path / near))


# ------------------------------------------------------------------------ kinds of pictures


def ramp(high, kind):
    return np.linspace(0, high, 32 * 32).reshape(32, 32).astype(kind)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("xray.png", ramp(4095, np.uint16)),
        ("big.tif", ramp(65535, np.dtype(">u2"))),
        ("whole.tif", ramp(2**30, np.int32) - 2**29),
        ("float.tif", ramp(1, np.float32)),
        ("below.tiff", ramp(5000, np.float32) - 1000),
    ],
)
def test_deep_gray_is_scaled_from_its_lowest_to_its_highest_value(tmp_path, name, values):
    Image.fromarray(values).save(tmp_path / name)
    pixels, note = decode(tmp_path / name, 32)
    expected = torch.linspace(0, 255, 32 * 32).view(32, 32)
    for channel in torch.from_numpy(pixels.copy()):
        assert (channel - expected).abs().max() <= 1
    assert note == SCALED


def png16(path, values, color):
    """A PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def test_deep_colors_keep_their_upper_bits_or_are_refused(tmp_path):
    for high in (65535, 4095):
        png16(tmp_path / f"{high}.png", np.stack([ramp(high, np.uint16)] * 3, -1), 2)
    pixels, _ = decode(tmp_path / "65535.png", 32)
    assert len(np.unique(pixels)) == 256
    with pytest.raises(DataError, match="16 bits of color only the lowest"):
        decode(tmp_path / "4095.png", 32)


def test_floats_that_are_not_finite_are_refused(tmp_path):
    values = ramp(1, np.float32)
    values[3, 4] = np.nan
    Image.fromarray(values).save(tmp_path / "a.tif")
    with pytest.raises(DataError, match="not finite"):
        decode(tmp_path / "a.tif", 8)
    Image.fromarray(np.full((9, 9), 7, np.uint16)).save(tmp_path / "flat.png")
    assert np.unique(decode(tmp_path / "flat.png", 8)[0]).tolist() == [GROUND]


@pytest.mark.parametrize("ink", [0, 255])
def test_a_shape_that_stands_in_the_alpha_channel_is_seen(tmp_path, ink):
    shape = np.full((32, 32, 4), ink, np.uint8)
    shape[..., 3] = 0
    shape[8:24, 8:24, 3] = 255
    Image.fromarray(shape).save(tmp_path / "a.png")
    palette = Image.fromarray(shape[..., 3]).convert("P")
    palette.putpalette([ink] * 768)
    palette.save(tmp_path / "b.png", transparency=0)
    Image.fromarray(shape[..., 2:]).save(tmp_path / "c.png")
    for name in ("a.png", "b.png", "c.png"):
        pixels, note = decode(tmp_path / name, 32)
        assert (pixels[:, 10:22, 10:22] == ink).all() and (pixels[:, :6] == GROUND).all()
        assert note == ON_GRAY


def test_of_several_frames_the_first_is_taken_and_that_is_said(tmp_path):
    first, second = (Image.new("L", (9, 9), value) for value in (10, 200))
    for name in ("a.gif", "a.tif"):
        first.save(tmp_path / name, save_all=True, append_images=[second])
        pixels, note = decode(tmp_path / name, 4)
        assert (pixels == 10).all() and note == FIRST


def test_a_very_large_picture_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_500_000)
    Image.new("1", (2000, 2000)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="more than 3 million pixels; make it smaller"):
        decode(tmp_path / "a.png", 8)
    Image.new("1", (1500, 1500)).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode(tmp_path / "a.png", 8)


def test_whatever_pillow_reads_is_a_picture_and_the_rest_is_told(tmp_path):
    kinds = {
        "a.jfif": "JPEG",
        "b.GIF": "GIF",
        "c.avif": "AVIF",
        "d.tga": "TGA",
        "e": "PNG",
        "f.dat": "WEBP",
    }
    for name, kind in kinds.items():
        Image.new("RGB", (9, 9), (200, 10, 10)).save(tmp_path / name, format=kind)
    for name in ("g.heic", "h.heic", "i.txt", "j"):
        (tmp_path / name).write_bytes(b"....ftypheic.. no picture for Pillow")
    (tmp_path / "k.jpg").write_bytes(b"meant to be one, so that it is damaged and not left out")
    with pytest.warns(DataWarning, match=r"\.heic 2, \.txt 1, no suffix 1$"):
        found = pictures_in(tmp_path)
    assert [path.name for path in found] == [*kinds, "k.jpg"]
    for path in found[:-1]:
        decode(path, 4)


def test_links_strays_and_names_of_any_kind(tmp_path):
    """A picture that cannot be reached is damaged; nothing else is left out without a word."""
    base = tmp_path / "p"
    write_pictures(base, {"train/a": 11, "train/a/.hidden": 1, "test/a": 1, "else": 2})
    (base / "train" / "a" / "gone.png").symlink_to("nowhere")
    (base / "train" / "a" / "a\nb.png").write_bytes(b"")
    (base / "train" / "a" / "more").symlink_to("../../else")
    os.mkfifo(base / "train" / "a" / "pipe.png")
    shutil.copy(base / "else" / "000.JPEG", base / "train")
    with pytest.warns(DataWarning) as told:
        data = load(f"folder:{base}", tmp_path, size=8, skip_damaged=True)
    said = "\n".join(str(one.message) for one in told)
    assert f"left out of {base}/train, in no folder of a class: pictures 1" in said
    assert "read as pictures: .png 1, links to folders 1" in said
    assert r"train/a/a\nb.png: " in said
    assert data.skipped == ("train/a/a\nb.png", "train/a/gone.png")
    assert len(data.train) + len(data.validation) == 11
    (base / "train" / "b").symlink_to("unmounted")
    with pytest.raises(DataError, match="the link .*b leads nowhere"):
        load(f"folder:{base}", tmp_path, size=8)
    with pytest.raises(DataError, match="the folder /x cannot be read: Permission denied"):
        pictures._unread(PermissionError(errno.EACCES, "Permission denied", "/x"))


def test_any_name_of_a_class_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSON_CODE_DATA", str(tmp_path))
    write_pictures(tmp_path / "p", {"train/$^$": 10, "train/\x1b\udce9": 1, "test/$^$": 1})
    given = [f"folder:{tmp_path / 'p'}", "--size", "8", "--folder", str(tmp_path / "f")]
    assert cli.main(["data", *given]) == 0
    assert (tmp_path / "f" / "data.png").is_file()


def test_pictures_that_were_changed_are_told_of_each_time(tmp_path):
    base = tmp_path / "p"
    write_pictures(base, {"train/a": 10, "test/a": 1})
    for name in ("x.png", "y.png"):
        Image.fromarray(ramp(4095, np.uint16)).save(base / "train" / "a" / name)
    for _ in range(2):
        with pytest.warns(DataWarning, match="2 pictures of .*more than 8 bits"):
            load(f"folder:{base}", tmp_path, size=8)


# ---------------------------------------------------------------- what tells data from data


def test_facts_tell_one_data_set_from_another(tmp_path):
    base = tmp_path / "pets"
    write_pictures(base, USUAL)
    data = load(f"folder:{base}", tmp_path, size=8)
    facts = data.facts()
    assert facts["classes"] == ["cat", "dog"]
    assert facts["counts"]["validation"] == {"cat": 1, "dog": 1}
    assert (facts["channels"], facts["size"], facts["type"]) == (3, 8, "uint8")
    assert facts == load(f"folder:{base}", tmp_path, size=8).facts()
    # The checksum that the cache brings is that of the images.
    again = [Split(split.images.clone(), split.labels) for split in splits(data)]
    assert [split.digest for split in again] == [split.digest for split in splits(data)]
    again[0].images[20, 2, 7, 7] ^= 1
    assert Data("x", data.classes, *again).facts()["digest"] != facts["digest"]
    assert again[0].digest != data.train.digest
    relabeled = Split(data.test.images, data.test.labels.flip(0))
    assert relabeled.digest != data.test.digest
    partly = Split(again[1].images, torch.tensor([1, UNLABELED]))
    assert partly.counts(("cat", "dog")) == {"cat": 0, "dog": 1, "no label": 1}


# ------------------------------------------------------------------------------ the cache


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """A folder with a cache, and a list that grows by one with each picture decoded."""
    base = tmp_path / "pets"
    write_pictures(base, USUAL)
    decoded = []
    monkeypatch.setattr(
        photographs, "decode", lambda path, size: (decoded.append(path), decode(path, size))[1]
    )

    def read():
        data = load(f"folder:{base}", tmp_path, size=8)
        splits = (data.train, data.validation, data.test)
        # Copies: the tests cut the file that the images are mapped from.
        return [tensor.clone() for split in splits for tensor in (split.images, split.labels)]

    first = read()
    (file,) = (tmp_path / "cached").glob("*.photographs")

    def again():
        decoded.clear()
        assert all(torch.equal(a, b) for a, b in zip(read(), first, strict=True))
        return len(decoded)

    return base, file, again


def test_pictures_are_decoded_once(pets):
    base, file, again = pets
    before = file.stat()
    assert again() == 0
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.stat().st_size < 29 * 3 * 64 + 4000


def test_writing_to_the_images_leaves_the_file_alone(pets, tmp_path):
    base, file, again = pets
    before = file.read_bytes()
    load(f"folder:{base}", tmp_path, size=8).train.images.zero_()
    assert file.read_bytes() == before
    assert again() == 0


@pytest.mark.parametrize("cut", [0, 1, 10, 2000, 5000, -1, -30])
def test_a_cut_cache_is_made_anew(pets, cut):
    _, file, again = pets
    whole = file.read_bytes()
    file.write_bytes(whole[:cut])
    assert again() == 28
    assert file.read_bytes() == whole


@pytest.mark.parametrize("place", [0, 1500, 4500, 5300, -200, -50, -36, -30, -1])
def test_one_changed_byte_is_noticed(pets, place):
    _, file, again = pets
    whole = bytearray(file.read_bytes())
    whole[place] ^= 4
    file.write_bytes(whole)
    assert again() == 28
    whole[place] ^= 4
    assert file.read_bytes() == whole


def test_a_changed_added_or_removed_picture_makes_it_anew(pets, tmp_path):
    base, file, again = pets
    picture = base / "train" / "cat" / "000.JPEG"
    os.utime(picture, ns=(1, 1))
    assert again() == 1
    Image.new("RGB", (9, 9), (255, 255, 255)).save(base / "val" / "dog" / "new.png")
    found = load(f"folder:{base}", tmp_path, size=8)
    assert len(found.test) == 6 and found.test.images[-1].min() == 255
    picture.unlink()
    assert len(load(f"folder:{base}", tmp_path, size=8).train) == 20


def test_two_sizes_and_two_folders_of_one_name_do_not_meet(pets, tmp_path):
    base, file, again = pets
    load(f"folder:{base}", tmp_path, size=9)
    other = tmp_path / "elsewhere" / "pets"
    write_pictures(other, USUAL)
    load(f"folder:{other}", tmp_path, size=8)
    assert len(list(file.parent.glob("*.photographs"))) == 3
    assert again() == 0


def test_a_process_killed_while_writing_leaves_the_old_file(pets, tmp_path):
    base, file, again = pets
    whole = file.read_bytes()
    code = (
        "import os, signal\n"
        "from lesson_code.lab.data import load, photographs\n"
        "decode, count = photographs.decode, 0\n"
        "def killed(path, size):\n"
        "    global count\n"
        "    count += 1\n"
        "    if count == 15: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return decode(path, size)\n"
        "photographs.decode = killed\n"
        f"load('folder:{base}', {str(tmp_path)!r}, size=8)\n"
    )
    for picture in base.rglob("*.JPEG"):
        os.utime(picture, ns=(5, 5))  # out of date
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == -9
    assert file.read_bytes() == whole
    assert len(list(file.parent.glob(".*.part"))) == 1
    assert again() == 28
    assert not list(file.parent.glob(".*.part"))


def test_a_full_disk_is_named_and_leaves_the_old_file(pets, tmp_path, monkeypatch):
    base, file, again = pets
    whole = file.read_bytes()
    os.utime(base / "train" / "cat" / "000.JPEG", ns=(5, 5))

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DataError, match="No space left.*need 0 MB.*LESSON_CODE_DATA"):
            load(f"folder:{base}", tmp_path, size=8)
    assert file.read_bytes() == whole
    assert not list(file.parent.glob(".*.part"))
    assert again() == 1


def test_a_root_that_cannot_be_made(tmp_path):
    base = tmp_path / "pets"
    write_pictures(base, USUAL)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="LESSON_CODE_DATA"):
        load(f"folder:{base}", tmp_path / "file", size=8)


def test_a_folder_that_nothing_can_be_written_to(tmp_path, monkeypatch):
    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "open", closed)
    with (
        pytest.raises(DataError, match="Permission denied.*LESSON_CODE_DATA"),
        locked(tmp_path / "l"),
    ):
        pass


def test_a_plan_must_keep_its_word(tmp_path):
    picture = Picture(np.zeros((3, 4, 4), dtype=np.uint8))

    def write(size, labels, pictures):
        return cached(
            tmp_path / "c", "k", size, lambda: {"train": Part(labels, lambda _: iter(pictures))}
        )

    with pytest.raises(ValueError, match="longer"):
        write(4, [0], [picture, picture])
    with pytest.raises(ValueError, match="must have shape"):
        write(5, [0], [picture])
    assert not (tmp_path / "c").exists()
