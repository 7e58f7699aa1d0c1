"""What was trained is used: exported, opened by torch alone, its features written with names."""

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from lesson_code.lab import (
    LabError,
    Method,
    Run,
    checkpoint,
    cli,
    evaluate,
    own,
    register,
    train,
    use,
)
from lesson_code.lab.data import Data, DataError, Split, load
from lesson_code.lab.networks import build_encoder


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LESSON_CODE_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(own, "REGISTERED", {})
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def paint(base: Path, layout: dict[str, int]) -> Path:
    draws = np.random.default_rng(0)
    for place, count in layout.items():
        (base / place).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            pixels = draws.integers(0, 256, (20, 20, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(base / place / f"{number}.png")
    return base


QUICK = ["--steps", "2", "--batch", "8"]
LAYOUT = {"train/a": 12, "train/b": 12, "test/a": 2, "test/b": 2}


def test_from_pictures_to_features_and_back(tmp_path, capsys) -> None:
    """Train on a folder; the exported encoder, opened by torch, gives the written features."""
    paint(tmp_path / "pets", LAYOUT)
    paint(tmp_path / "new" / "deep", {".": 3})
    given = ["--data", "folder:pets", "--network", "cnn", "--size", "16", "--folder", "run"]
    assert cli.main(["train", "simclr", *given, *QUICK]) == 0
    assert cli.main(["export", "run"]) == 0
    assert cli.main(["features", "run/encoder.pt", "new", "--to", "new.npy"]) == 0
    assert "3 images, 64 features of each" in capsys.readouterr().out
    assert Path("new.txt").read_text().split() == ["deep/0.png", "deep/1.png", "deep/2.png"]

    saved = torch.load("run/encoder.pt", weights_only=True)
    encoder = build_encoder(**saved["network"])
    encoder.load_state_dict(saved["weights"])
    images = saved["images"]
    assert (images["channels"], images["size"], images["type"]) == (3, 16, "uint8")
    image = Image.open("new/deep/1.png").resize((16, 16), Image.BICUBIC)
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
    mean, deviation = (torch.tensor(images[key])[:, None, None] for key in ("mean", "deviation"))
    with torch.no_grad():
        by_hand = encoder.eval()(((pixels - mean) / deviation)[None])
    torch.testing.assert_close(by_hand[0].numpy(), np.load("new.npy")[1])
    assert saved["run"]["method"] == "simclr" and saved["run"]["step"] == 2

    # Without a folder, the pictures of the run.
    assert cli.main(["features", "run"]) == 0
    assert len(np.load("run/features.npy")) == 28
    assert Path("run/features.txt").read_text().splitlines()[-1] == "train/b/9.png"


@pytest.mark.parametrize("name", ["simclr", "moco", "dino", "mae", "distillation", "supervised"])
def test_the_exported_encoder_is_the_one_that_was_judged(tmp_path, name) -> None:
    options = {"teacher_steps": 1} if name == "distillation" else {}
    options |= {"start": "even"} if name == "dino" else {}
    network = "vit" if name in ("dino", "mae") else None
    run = Run(name, steps=2, batch=64, network=network, options=options)
    data = load("digits")
    trained = train(run, data=data, folder=tmp_path / "run")
    found, names = use.features(tmp_path / "run")
    cpu = torch.device("cpu")
    with evaluate.resting(trained.method):
        test = evaluate.features(trained.method.represent, data.test.images, cpu)
    # Not bit for bit: the trainer lays weights out with their channels last.
    torch.testing.assert_close(found[-500:], test)
    assert (names[0], names[-1]) == ("train/000000", "test/000499")
    again, _ = use.features(use.export(tmp_path / "run", tmp_path / "e.pt"), "digits")
    assert torch.equal(again, found)


def test_a_resnet_is_opened_without_this_package(tmp_path) -> None:
    """From 64 pixels on its weights are those of torchvision's class."""
    from torchvision.models import resnet18

    draws = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (24, 3, 64, 64), generator=draws, dtype=torch.uint8)
    split = Split(images, torch.arange(24) % 2)
    trained = train(
        Run("simclr", steps=1, batch=4), folder=tmp_path, data=Data("n", ("a", "b"), *3 * [split])
    )
    saved = torch.load(use.export(tmp_path), weights_only=True)
    network = resnet18()
    network.fc = nn.Identity()
    network.load_state_dict(saved["weights"])
    views = torch.randn(2, 3, 64, 64, generator=draws)
    torch.testing.assert_close(network.eval()(views), trained.method.encoder.eval()(views))


def test_safetensors(tmp_path, monkeypatch) -> None:
    """Through the interface that the package has; without it, the message names it."""
    features, names = torch.arange(6.0).view(3, 2), ["a", "b", "c"]
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(LabError, match="pip install safetensors, or write .npy"):
        use.write(features, names, tmp_path / "a.safetensors")
    asked = []
    fake = SimpleNamespace(save=lambda tensors, metadata: asked.append((tensors, metadata)) or b"x")
    monkeypatch.setitem(sys.modules, "safetensors", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "safetensors.torch", fake)
    use.write(features, names, tmp_path / "a.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == b"x"
    ((tensors, metadata),) = asked
    assert torch.equal(tensors["features"], features)
    assert json.loads(metadata["names"]) == names


def test_damaged_pictures_are_named_all_at_once(tmp_path, capsys) -> None:
    data = load("folder:" + str(paint(tmp_path / "pets", LAYOUT)), tmp_path, size=8)
    train(Run("simclr", data.name, steps=1, batch=8, network="cnn"), data=data, folder=tmp_path)
    new = paint(tmp_path / "new", {".": 4})
    for name in ("1.png", "3.png"):
        (new / name).write_bytes(b"x")
    with pytest.raises(DataError, match="2 of 4 pictures cannot be read.*\n.*1.png.*\n.*3.png"):
        use.features(tmp_path, str(new))
    assert use.features(tmp_path, str(new), skip_damaged=True)[1] == ["0.png", "2.png"]


def test_a_method_that_makes_its_own_encoder_exports_its_weights(tmp_path) -> None:
    @register("flat")
    class Flat(Method):
        @classmethod
        def make_encoder(cls, run, data, settings):
            return nn.Sequential(nn.Flatten(), nn.Linear(64, 7))

        def forward(self, views, labels):
            return self.encoder(views[0]).square().mean()

    trained = train(Run("flat", steps=1, batch=32), folder=tmp_path)
    saved = torch.load(use.export(tmp_path), weights_only=True)
    assert saved["network"] is None
    assert torch.equal(saved["weights"]["1.bias"], trained.method.encoder[1].bias)
    with pytest.raises(LabError, match="the method flat makes its encoder itself"):
        use.features(tmp_path)


def test_mistakes_get_one_sentence(tmp_path, capsys) -> None:
    paint(tmp_path / "new", {".": 1})
    assert cli.main(["train", "simclr", "--steps", "1", "--batch", "32", "--folder", "run"]) == 0
    Path("other.pt").write_bytes(b"no weights")
    Path("notes.txt").write_text("mine")
    capsys.readouterr()
    for given, told in {
        "export nowhere": "the folder nowhere does not exist: name the folder of a run\n",
        "export ran": "the folder ran does not exist: name the folder of a run; did you mean /",
        "export run --to run/checkpoint.pt": "run/checkpoint.pt would replace what a run goes on",
        "features run digits --to notes.npy": "notes.txt is another file, and the names would",
        "export new": "the folder new has no checkpoint.pt: name the folder of a run",
        "export run --to new": "cannot write new: Is a directory",
        "export run --to notes.txt": "notes.txt is there already and no .pt: name another file",
        "features other.pt": "other.pt is no encoder of the lab: ",
        "features run new": "this encoder was trained on digits, not on photographs",
        "features run tinted": "the encoder takes images of {'channels': 1, 'size': 8, ",
        "features run digits --to a.csv": "features are written as .npy or .safetensors, got a.csv",
        "features run digist": "no data set 'digist'; did you mean digits",
    }.items():
        assert cli.main(given.split()) == 1, given
        said = capsys.readouterr().err
        assert said.startswith(f"lab: {told}") and said.count("\n") == 1, said
    assert Path("notes.txt").read_text() == "mine"
    assert cli.main(["export", "run/checkpoint.pt"]) == 0 and Path("run/encoder.pt").is_file()
    # What opens and is no encoder of the lab.
    saved = torch.load("run/encoder.pt")
    for part in ("run", "images", "network", "weights"):
        for other in ({}, 3, [1]):
            torch.save(saved | {part: other}, "odd.pt")
            with pytest.raises(LabError, match=r"odd\.pt is no encoder of the lab: \S"):
                use.encoder_of(Path("odd.pt"))
    state = checkpoint.load(Path("run/checkpoint.pt"))
    torch.save(
        saved | {"weights": {k: v * math.nan for k, v in saved["weights"].items()}}, "odd.pt"
    )
    with pytest.raises(LabError, match="features that are not finite"):
        use.features(Path("odd.pt"))
    for part, other in {"run": 3, "data": 3, "method": {"net.encoder.w": 3}}.items():
        checkpoint.save(Path("run/checkpoint.pt"), state | {part: other})
        with pytest.raises(LabError, match="holds something else than a run"):
            use.exported(Path("run"))


def test_a_name_that_is_no_line_keeps_its_row(tmp_path) -> None:
    names = ["a", "b\nc", "d\x1b", "caf\udce9", "e\tf", "\u732b"]
    use.write(torch.zeros(6, 2), names, tmp_path / "f.npy")
    lines = (tmp_path / "f.txt").read_text(encoding="utf-8").split("\n")
    assert lines == ["a", r"b\nc", r"d\x1b", r"caf\udce9", r"e\tf", "\u732b", ""]
