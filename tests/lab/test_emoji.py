"""The emoji: which things, whose drawings, and that nothing of one split is in another."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from bookbuild import frontend
from torch.utils.data import DataLoader, Dataset

from lesson_code.lab import LabError, Run, cli, train
from lesson_code.lab.data import DataError, emoji, load
from lesson_code.lab.data.emoji import Emoji
from lesson_code.lab.data.folders import export
from lesson_code.lab.data.sets import Pictures
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def icons():
    """The icons of the repository, where the build installs them."""
    frontend.ensure(ROOT)
    return emoji.icons_of(emoji.data_root())


@pytest.fixture(scope="module")
def data(icons) -> Emoji:
    return load("emoji")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A reader's machine: no repository around, an empty cache."""
    monkeypatch.setattr(emoji, "_REPOSITORY", tmp_path / "none")
    monkeypatch.setenv("LESSON_CODE_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache" / "emoji"


def test_the_packages_are_those_of_the_lock():
    for file, packages in (("package.json", "dependencies"), ("package-lock.json", "packages")):
        known = json.loads((ROOT / file).read_text())[packages]
        for artist in emoji.ARTISTS.values():
            name = f"@iconify-json/{artist.package}"
            version = known.get(name) or known[f"node_modules/{name}"]["version"]
            assert version == artist.version


def test_everyone_draws_the_same_pictures(icons):
    """Also what the kept pictures are valid for: rules that change anything change this digest."""
    assert emoji.digest_of(emoji.drawn_from(icons, 32)) == emoji.DRAWN


def test_which_things_there_are(icons, data):
    things = emoji.things_of(icons)
    assert len(things) == 1377
    assert len(data.things) == len(set(data.things)) == 1367
    assert not {"1f44b-1f3fd", "1f469-200d-1f680", "1f1e9-1f1ea", "1f3c1"} & set(things)
    assert things["1f431"] == ("cat-face", "animals")
    assert things["2764"] == ("red-heart", "smileys")  # by its name with the sign for color
    alike = [
        ("full moon", "yellow circle"),
        ("new moon", "black circle"),
        ("cat face", "grinning cat"),
        ("black medium square", "white square button"),
        ("star of david", "dotted six pointed star"),
    ]
    for pair in alike:
        assert sum(name in data.things for name in pair) == 1, pair
    assert "white large square" not in data.things  # of one color, as one artist draws it


def test_splits_share_no_thing_and_have_all_groups(data):
    parts = [set(split.concepts.tolist()) for split in (data.train, data.validation, data.test)]
    assert [len(part) for part in parts] == [886, 135, 346]
    assert len(set.union(*parts)) == sum(map(len, parts)) == len(data.things)
    assert set(data.gallery.concepts.tolist()) == parts[2]
    unseen = list(emoji.ARTISTS).index(emoji.UNSEEN)
    assert data.test.artists.unique().tolist() == [unseen]
    for split in (data.train, data.validation, data.gallery):
        assert split.artists.bincount().tolist() == [len(split) // 3] * 3
        assert len(split.labels.unique()) == len(data.classes) == 8
    shares = data.test.labels.bincount() / (data.gallery.labels.bincount() / 3)
    assert (shares == 1).all()


def test_no_picture_is_nearly_one_of_another_split(data):
    """By no artist; within a split neither. What the rule leaves out would fail here."""
    splits = (data.train, data.validation, data.test, data.gallery)
    every = torch.cat([split.images for split in splits]).flatten(1).double()
    artists = torch.cat([split.artists for split in splits])
    for artist in artists.unique():
        own = every[artists == artist]
        distance = torch.cdist(own, own) / own.shape[1] ** 0.5
        assert distance.fill_diagonal_(1).min() > emoji.NEAR
        colors = own.unflatten(1, (3, -1))
        plain = colors - colors.mean(dim=2, keepdim=True)
        assert plain.square().mean(dim=(1, 2)).sqrt().min() > emoji.NEAR


def test_the_first_of_those_that_look_alike_stays():
    pictures = torch.full((2, 5, 3, 4, 4), 255, dtype=torch.uint8)
    pictures[0, ..., :2] = torch.tensor([0, 50, 99, 52, 150], dtype=torch.uint8).view(5, 1, 1, 1)
    pictures[1, ..., :2] = torch.tensor([0, 50, 99, 150, 101], dtype=torch.uint8).view(5, 1, 1, 1)
    assert emoji.distinct(pictures) == [0, 1, 2]  # 3 is like 1 by the first, 4 like 2 by the second
    assert emoji.distinct(pictures[:1]) == [0, 1, 2, 4]
    pictures[0, 0] = 90  # of one color
    assert emoji.distinct(pictures[:1]) == [1, 2, 4]


def test_an_icon_stands_in_the_middle_of_a_square():
    icons = {
        "width": 32,
        "height": 32,
        "aliases": {"flower": {"parent": "rose"}},
        "icons": {"rose": {"body": '<path d="M0 0h32v16H0z"/>', "height": 16}},
    }
    assert 'viewBox="0 -8 32 32"' in emoji.svg(icons, "flower")
    drawn = emoji.draw(emoji.svg(icons, "rose"), 8)
    assert drawn.shape == (3, 8, 8)
    assert (drawn[:, [0, 1, 6, 7]] == 255).all() and (drawn[:, 2:6] == 0).all()


def test_what_is_half_transparent_mixes_with_the_ground():
    icons = {
        "width": 4,
        "height": 4,
        "icons": {"veil": {"body": '<path fill="red" fill-opacity=".5" d="M0 0h4v4H0z"/>'}},
    }
    red, green, _ = emoji.draw(emoji.svg(icons, "veil"), 4)[:, 0, 0].tolist()
    assert red == 255 and abs(green - 127) <= 1


def test_it_is_an_ordinary_data_set_of_torch(data):
    assert isinstance(data.train, Dataset)
    image, label = data.train[5]
    assert torch.equal(image, data.train.images[5]) and label == data.train.labels[5]
    images, labels = next(iter(DataLoader(data.train, batch_size=7)))
    assert torch.equal(images, data.train.images[:7])
    assert torch.equal(labels, data.train.labels[:7])


def test_partners_are_other_drawings_of_the_same_thing(data):
    rows = torch.randperm(len(data.train))[:500]
    partners = data.train.partners(rows, torch.Generator().manual_seed(0))
    assert torch.equal(data.train.concepts[partners], data.train.concepts[rows])
    assert (data.train.artists[partners] != data.train.artists[rows]).all()
    again = data.train.partners(rows, torch.Generator().manual_seed(1))
    changed = (again != partners).float().mean()
    assert 0.4 < changed < 0.6  # there are two others
    one = data.train.take(slice(10))
    rows = torch.tensor([3, 7])
    assert torch.equal(one.partners(rows, torch.Generator()), rows)


def test_another_size_has_the_same_things(tmp_path, icons, monkeypatch):
    few = dict(list(emoji.things_of(icons).items())[:40])
    monkeypatch.setattr(emoji, "things_of", lambda icons: few)
    small, usual = (emoji.drawn_from(icons, size) for size in (16, 32))
    assert small["things"] == usual["things"]
    assert small["pictures"].shape == (4, len(small["things"]), 3, 16, 16)
    coarse = torch.nn.functional.avg_pool2d(usual["pictures"].flatten(0, 1).float(), 2)
    assert (coarse - small["pictures"].flatten(0, 1)).abs().mean() < 3


@pytest.mark.parametrize("harm", ["cut", "changed", "rules"])
def test_kept_pictures_that_are_damaged_are_drawn_anew(tmp_path, data, monkeypatch, harm):
    root = emoji.data_root()
    whole = torch.load(root / "cached" / "emoji-32.pt", weights_only=True)["drawn"]
    file = tmp_path / "cached" / "emoji-32.pt"
    file.parent.mkdir()
    kept = {"rules": emoji.DRAWN, "drawn": whole, "sha256": emoji.digest_of(whole)}
    torch.save(kept, file)
    monkeypatch.setattr(emoji, "icons_of", lambda place: pytest.fail("drawn anew"))
    assert torch.equal(emoji.emoji(tmp_path).train.images, data.train.images)
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-1000])
    elif harm == "changed":
        whole["pictures"][0, 0, 0, 0, 0] ^= 1
        torch.save(kept, file)
    else:
        torch.save(kept | {"rules": "others"}, file)
    monkeypatch.setattr(emoji, "icons_of", lambda place: None)
    other = {**whole, "things": [f"new {name}" for name in whole["things"]]}
    monkeypatch.setattr(emoji, "drawn_from", lambda icons, size: other)
    assert emoji.emoji(tmp_path).things[0].startswith("new")
    monkeypatch.setattr(emoji, "icons_of", lambda place: pytest.fail("drawn anew"))
    assert emoji.emoji(tmp_path).things[0].startswith("new")


# -------------------------------------------------------------------------- the packages


def test_npm_brings_what_is_not_there(icons, elsewhere, monkeypatch):
    def npm(command, **_):
        assert command[1:4] == ["install", "--prefix", str(elsewhere)]
        assert "@iconify-json/noto@1.2.9" in command and "--ignore-scripts" in command
        for artist in emoji.ARTISTS.values():
            package = Path("node_modules/@iconify-json", artist.package)
            shutil.copytree(ROOT / package, elsewhere / package)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(emoji.subprocess, "run", npm)
    assert emoji.icons_of(emoji.data_root()).keys() == emoji.ARTISTS.keys()


def test_other_files_than_the_known_ones_are_refused(elsewhere, monkeypatch):
    def npm(command, **_):
        for artist in emoji.ARTISTS.values():
            folder = elsewhere / "node_modules" / "@iconify-json" / artist.package
            folder.mkdir(parents=True)
            for file in emoji.FILES:
                (folder / file).write_text("{}")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(emoji.subprocess, "run", npm)
    with pytest.raises(DataError, match="other ones than the lab knows; delete the folder"):
        load("emoji")


@pytest.mark.parametrize("npm", [None, "npm"])
def test_without_the_packages_one_line_says_how_to_get_them(elsewhere, monkeypatch, capsys, npm):
    monkeypatch.setattr(emoji.shutil, "which", lambda name: npm)
    monkeypatch.setattr(emoji, "find_spec", lambda name: None)
    failed = subprocess.CompletedProcess([], 1, "", "npm error network\nnpm error more")
    monkeypatch.setattr(emoji.subprocess, "run", lambda *_, **__: failed)
    assert cli.main(["train", "simclr", "--data", "emoji"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"npm install --prefix {elsewhere} @iconify-json/noto@1.2.9" in told
    assert ("npm error network" in told) == (npm is not None)
    assert load("digits").size == 8  # all else works


# ---------------------------------------------------------------------------- the command


def test_the_command_counts_draws_and_writes(tmp_path, capsys):
    folder, pictures = tmp_path / "figure", tmp_path / "pictures"
    command = ["data", "emoji", "--folder", str(folder), "--export", str(pictures)]
    assert cli.main(command) == 0
    out = capsys.readouterr().out
    assert "all          2658         405   346     1038" in out
    for artist in emoji.ARTISTS.values():
        assert f"{artist.by}, {artist.license}" in out
        assert f"{artist.by}, {artist.license}" in (pictures / "NOTES.txt").read_text()
    assert (folder / "data.png").stat().st_size > 10_000
    assert len([*pictures.rglob("*.png")]) == 4447
    again = load(f"folder:{pictures}", tmp_path / "cache", size=32)
    assert sorted(again.classes) == sorted(load("emoji").classes)
    assert [len(split) for split in again.splits().values()] == [2658, 405, 346]


def test_a_picture_is_written_as_it_is(tmp_path, data):
    from PIL import Image

    few = torch.arange(0, 300, 50)
    parts = {part: split.take(few) for part, split in data.splits().items()}
    export(Emoji("emoji", data.classes, *parts.values(), data.things), tmp_path / "few")
    names = data.names(parts["train"])
    name, label, image = names[2], parts["train"].labels[2], parts["train"].images[2]
    file = tmp_path / "few" / "train" / data.classes[label] / f"{name}.png"
    pixels = torch.tensor(list(Image.open(file).tobytes())).view(32, 32, 3).permute(2, 0, 1)
    assert torch.equal(pixels, (255 * image).round().long())


def test_what_is_no_picture_is_not_written(tmp_path):
    with pytest.raises(DataError, match="from 0 to 1"):
        export(load("digits"), tmp_path / "new")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(DataError, match="not empty"):
        export(load("digits-raw"), tmp_path / "full")
    assert export(load("digits-raw"), tmp_path / "raw") == 1797


def test_a_name_is_a_hash_of_nothing_but_the_thing():
    """Which part a thing is in does not depend on the other things' order."""
    keys = ["1f600", "1f601", "1f602", "1f603"]
    groups = torch.zeros(4, dtype=torch.long)
    parts = emoji.parts_of(keys, groups)
    by_digest = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    assert [keys[row] for row in parts["test"]] == by_digest[:1]
    assert [keys[row] for row in parts["validation"]] == by_digest[1:2]


def test_pictures_keep_their_fields_when_taken(data):
    part = data.train.take(torch.tensor([5, 1]))
    assert isinstance(part, Pictures)
    assert torch.equal(part.concepts, data.train.concepts[[5, 1]])


# ---------------------------------------------------------------------------- as it is trained


def test_an_artists_views_are_two_drawings_of_one_thing(data):
    run = Run("simclr", "emoji", steps=1, batch=64, augmentation="none", views="artist")
    trainer = Trainer(run, data, Machine())
    chosen = torch.arange(0, 640, 10)
    first, second = trainer.draw(chosen, torch.Generator().manual_seed(0))
    assert torch.equal(first, data.train.images[chosen])
    where = [(data.train.images == one).flatten(1).all(dim=1).nonzero().item() for one in second]
    assert torch.equal(data.train.concepts[where], data.train.concepts[chosen])
    assert (data.train.artists[where] != data.train.artists[chosen]).all()
    views, _ = next(trainer.batches())
    assert not torch.equal(*views)


def test_views_of_one_image_are_of_that_image(data):
    trainer = Trainer(Run("simclr", "emoji", augmentation="none"), data, Machine())
    views = trainer.draw(torch.arange(9), torch.Generator())
    assert torch.equal(views[0], views[1])


def test_digits_have_no_artists():
    with pytest.raises(LabError, match="views artist need pictures by several artists: emoji"):
        Trainer(Run("simclr", views="artist"), load("digits"), Machine())


@pytest.mark.parametrize("method", ["mae", "supervised"])
def test_who_has_one_view_cannot_pair_artists(data, method):
    with pytest.raises(LabError, match=f"views artist need two views, {method} has one"):
        Trainer(Run(method, "emoji", views="artist"), data, Machine())


@pytest.mark.parametrize("method", ["simclr", "mae", "dino", "supervised"])
def test_methods_train_on_them(data, method):
    record = train(Run(method, "emoji", steps=2, batch=16, width=4), data=data).record
    assert {"knn", "linear", "few"} <= record.measures.keys()


def test_omitting_a_group_leaves_the_artists(data):
    run = Run("simclr", "emoji", omit=(0,), views="artist", batch=16, steps=1)
    trainer = Trainer(run, data, Machine())
    assert len(trainer.images) == len(data.train) - (data.train.labels == 0).sum()
    next(trainer.batches())
