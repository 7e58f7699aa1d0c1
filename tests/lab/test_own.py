"""Methods and networks of one's own, of torchvision and of timm; from Python and a terminal."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from forked import few_digits
from torch import nn

from lesson_code.lab import LabError, Method, Run, cli, own, register, report, train
from lesson_code.lab.backbones import length_of
from lesson_code.lab.data import Data, Split
from lesson_code.lab.networks import build_encoder

EXAMPLE = Path(__file__).parents[2] / "lesson_code/examples/lab/your_own_method_try.py"


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(own, "REGISTERED", {})
    monkeypatch.setattr(own, "_files", {})
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def region(name: str) -> str:
    return EXAMPLE.read_text().split(f"# --8<-- [start:{name}]\n")[1].partition("# --8<--")[0]


def photographs(channels: int, size: int) -> Data:
    def split(count: int) -> Split:
        images = torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8)
        return Split(images.float() / 255, torch.arange(count) % 2)

    return Data("noise", ("a", "b"), split(24), split(8), split(8))


QUICK = ["--steps", "2", "--batch", "32"]
FAULTS = """from lesson_code.lab import Method
class NoForward(Method):
    pass
class Number(Method):
    def forward(self, views, labels):
        return 1.0
class Key(Method):
    def forward(self, views, labels):
        return {}["loss"]
class Ends(Method):
    def forward(self, views, labels):
        raise SystemExit(4)
class Mute(Method):
    def forward(self, views, labels):
        raise ValueError
class Deaf(Method):
    def forward(self, views, labels):
        return labels.float().mean().requires_grad_()
def own(channels):
    raise ValueError("no")
"""


def test_the_pages_method_runs_from_a_file(tmp_path, capsys) -> None:
    """The listing, saved as a file, from the command line: by its classes and by its names."""
    (tmp_path / "mine.py").write_text(region("method") + region("network"))
    given = ["--method", "mine.py:Spread", "--network", "mine.py:stripes", "--set", "t=1.5"]
    assert cli.main(["train", *given, *QUICK, "--folder", "a"]) == 0
    record = json.loads((tmp_path / "a" / "record.json").read_text())
    assert record["run"]["method"] == "mine.py:Spread"
    assert record["run"]["options"] == {"t": 1.5}
    assert {"knn", "std"} <= record["measures"].keys()
    assert cli.main(["train", "mine.py:Spread", *QUICK]) == 0
    assert (tmp_path / "runs" / "mine.py-Spread-digits-0-steps2-batch32").is_dir()
    # Once the file is loaded, what it registers has its name.
    assert cli.main(["train", "spread", "--network", "stripes", *QUICK]) == 0


MISTAKES = {
    "--method mien.py:Spread": "there is no file {here}/mien.py; did you mean {here}/mine.py?",
    "--method ends.py:A": "ends.py cannot be loaded: SystemExit: 3",
    "--method faults.py:NoForward": "faults.py does not fit the lab: NotImplementedError",
    "--method faults.py:Number": "does not fit the lab: AttributeError: 'float' object has no",
    "--method faults.py:Key": "{here}/faults.py, line 9, in forward: KeyError: 'loss'",
    "--method faults.py:Ends": "{here}/faults.py, line 12, in forward: SystemExit: 4",
    "--method faults.py:Mute": "({here}/faults.py, line 15, in forward: ValueError)",
    "simclr --network faults.py:own": "{here}/faults.py, line 20, in own: ValueError: no",
    "simclr --network faults.py": "network faults.py is a file: name what stands in it, faults.py:",
    "--method bad.py:A": "bad.py cannot be loaded: SyntaxError",
    "--method mine.py:spread": "no name in mine.py 'spread'; did you mean Spread?",
    "--method mine.py:stripes": "method mine.py:stripes must be a class derived from Method",
    "simclr --method byol": "METHOD is 'simclr' and --method 'byol': give one",
    "SimCLR": "no method 'SimCLR'; did you mean simclr?",
    "simclr --network zzz": "no network 'zzz'; known: cnn, vit, resnet18, the classifiers of",
    "simclr --network timm:resnet50": "network timm:resnet50 needs timm, which is not installed",
    "simclr --network alexnet": "network alexnet cannot take images of 1 x 8 x 8: ",
    "simclr --network vit_b_16": "network vit_b_16 cannot be built for 8 pixels: ",
    "simclr --network mine.py:planes": "network mine.py:planes must return features (N, D), got",
    "simclr --network mine.py:needs": "network mine.py:needs must be made from channels and size",
    "simclr --network mine.py:none": "network mine.py:none must be a torch module, got NoneType",
    "simclr --size 12": "digits has images of 8 x 8 pixels, a size of 12 cannot be given",
}


@pytest.mark.parametrize("arguments", MISTAKES)
def test_a_mistake_gets_one_sentence(arguments, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    (tmp_path / "bad.py").write_text("def f(:")
    (tmp_path / "ends.py").write_text("import sys; sys.exit(3)")
    (tmp_path / "faults.py").write_text(FAULTS)
    more = (
        "def planes(channels): return nn.Conv2d(channels, 4, 3)\n"
        "def needs(depth): return nn.Identity()\n"
        "def none(channels): return None\n"
    )
    (tmp_path / "mine.py").write_text(region("method") + region("network") + more)
    assert cli.main(["train", *arguments.split(), *QUICK]) == 1
    told = capsys.readouterr().err
    assert told.startswith("lab: ") and MISTAKES[arguments].format(here=tmp_path) in told
    assert told.count("\n") == 1


def test_a_loss_that_does_not_reach_the_encoder_is_told(tmp_path, capsys) -> None:
    (tmp_path / "faults.py").write_text(FAULTS)
    assert cli.main(["train", "--method", "faults.py:Deaf", *QUICK]) == 0
    assert "the encoder has learned nothing: the loss gives no weight" in capsys.readouterr().out


def test_two_files_of_one_name_do_not_meet(tmp_path) -> None:
    for folder, part in (("a", "method"), ("b", "network")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(region("method") + region(part))
    found = [own.find(name) for name in ("a/mine.py:Spread", "b/mine.py:Spread")]
    assert all(vars(sys.modules[one.__module__])["Spread"] is one for one in found)


def test_what_a_method_watches_may_be_tensors(tmp_path) -> None:
    report.write_json(tmp_path / "a.json", {"x": torch.tensor([1.0, float("nan")])})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": [1.0, "nan"]}


def test_a_registered_network_gets_what_it_asks_for() -> None:
    """Channels, size, both or nothing; its features are measured, or said by itself."""
    asked = {}

    @register("both")
    def both(channels, size):
        asked.update(channels=channels, size=size)
        return nn.Sequential(nn.Flatten(), nn.Linear(channels * size**2, 7))

    @register("said")
    class Said(nn.Module):
        length = 5

        def forward(self, images):
            return images.flatten(1)[:, :5]

    random = torch.get_rng_state()
    register("none")(lambda: nn.Flatten())
    assert length_of(build_encoder("none", 3, 4)) == 48
    assert torch.equal(torch.get_rng_state(), random)
    assert length_of(build_encoder("both", 2, 6)) == 7
    assert asked == {"channels": 2, "size": 6}
    assert length_of(build_encoder("said", 1, 8)) == 5


def test_a_method_that_makes_its_own_encoder() -> None:
    """A torchvision network has a module named features; it is measured all the same."""

    @register("mobile")
    class Mobile(Method):
        @classmethod
        def make_encoder(cls, run, data, settings):
            from torchvision.models import mobilenet_v3_small

            network = mobilenet_v3_small(weights=None)
            network.classifier = nn.Identity()
            return network

        def forward(self, views, labels):
            return self.encoder(views[0]).square().mean()

    data = photographs(3, 32)
    trained = train(Run("mobile", "noise", steps=1, batch=8, augmentation="none"), data=data)
    assert trained.method.features == 576
    with pytest.raises(ValueError, match="features = 512"):
        Mobile(nn.Identity(), None, 2)


@pytest.mark.parametrize(
    ("name", "channels", "size", "length"),
    [
        ("resnet18", 1, 64, 512),
        ("resnet18", 4, 64, 512),
        ("resnet18", 2, 32, 512),
        ("mobilenet_v3_small", 1, 32, 1024),
        ("squeezenet1_1", 4, 32, 1000),
        ("torchvision:shufflenet_v2_x0_5", 1, 32, 1024),
    ],
)
def test_channels_are_respected(name, channels, size, length) -> None:
    encoder = build_encoder(name, channels, size)
    assert length_of(encoder) == length
    found = encoder(torch.randn(2, channels, size, size))
    assert found.shape == (2, length) and found.requires_grad


def test_timm_builds_for_channels_and_size(monkeypatch) -> None:
    """As timm's interface is: a transformer takes a size, a convolutional network does not."""
    calls = []

    def create_model(name, pretrained, num_classes, in_chans, **others):
        calls.append((name, pretrained, num_classes, in_chans, others))
        if others and name != "vit_tiny":
            raise TypeError("unexpected keyword argument 'img_size'")
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(11))

    timm = SimpleNamespace(list_models=lambda: ["vit_tiny", "resnet10t"], create_model=create_model)
    monkeypatch.setitem(sys.modules, "timm", timm)
    assert length_of(build_encoder("timm:vit_tiny.some_tag", 3, 16)) is not None
    assert length_of(build_encoder("timm:resnet10t", 1, 16)) == 11
    assert calls[-1] == ("resnet10t", False, 0, 1, {})
    with pytest.raises(LabError, match="no network of timm 'resnet10'; did you mean resnet10t"):
        build_encoder("timm:resnet10", 3, 16)


def test_the_size_is_part_of_the_run(monkeypatch) -> None:
    data = few_digits()
    with pytest.raises(LabError, match="size must be 8, as the data has it, got 9"):
        train(Run("simclr", steps=1, size=9), data=data)
    with pytest.raises(ValueError, match="size must be a whole number above 0"):
        Run("simclr", size=0)
    asked = []
    monkeypatch.setattr("lesson_code.lab.training.load", lambda n, **o: asked.append(o) or data)
    train(Run("simclr", steps=1, batch=32, size=8))
    assert asked == [{"size": 8}]
