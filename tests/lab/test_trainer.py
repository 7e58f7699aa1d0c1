"""Runs repeat and resume bit for bit, also after kill -9; what goes wrong ends with one message."""

import hashlib
import os
import signal
import sys

import pytest
import torch
from forked import child, ended, few_digits

from lesson_code.lab import LabError, Run, checkpoint, train, trainer
from lesson_code.lab.data import Data, Split
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods import METHODS
from lesson_code.lab.order import order, training_images
from lesson_code.lab.trainer import Trainer
from lesson_code.lab.training import Interrupted

STEPS = 6
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="forks")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits() -> Data:
    return few_digits()


def short(name: str, **others) -> Run:
    options = {"teacher_steps": 2} if name == "distillation" else {}
    return Run(name, steps=STEPS, batch=32, options={**options, **others})


def bits(state: dict[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in state.items():
        digest.update(name.encode() + value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def trained(run: Run, data: Data) -> Trainer:
    trainer = Trainer(run, data, Machine())
    list(trainer.fit())
    return trainer


# --- bit for bit ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_twice_the_same_run_is_the_same_bits(digits, name) -> None:
    first, second = (trained(short(name), digits) for _ in range(2))
    assert first.losses == second.losses
    assert bits(first.method.state_dict()) == bits(second.method.state_dict())
    assert bits(first.method.state_dict()) != bits(
        trained(short(name).with_seed(1), digits).method.state_dict()
    )


RESUMED = ["simclr", "moco", "byol", "simsiam", "swav", "dino", "mae", "distillation"]


@LINUX
@pytest.mark.parametrize("name", RESUMED)
def test_killed_and_resumed_is_the_same_bits(digits, tmp_path, name) -> None:
    """SIGKILL after step 5, the checkpoint is of step 4, the run of 6 steps goes on."""
    whole = train(short(name), data=digits, watch=2)

    def work() -> None:
        def die(progress) -> None:
            if progress.step == 5:
                os.kill(os.getpid(), signal.SIGKILL)

        train(short(name), data=digits, watch=2, folder=tmp_path, save_every=2, report=die)

    assert ended(child(work)) == -signal.SIGKILL
    assert checkpoint.load(tmp_path / "checkpoint.pt")["step"] == 4
    torch.manual_seed(99)  # what others drew meanwhile does not matter
    steps = []
    resumed = train(
        short(name), data=digits, watch=2, folder=tmp_path, report=lambda p: steps.append(p.step)
    )
    assert steps == [5, 6]
    assert bits(resumed.method.state_dict()) == bits(whole.method.state_dict())
    assert resumed.record.history == whole.record.history
    assert resumed.record.measures == whole.record.measures


def test_a_finished_run_is_not_trained_again(digits, tmp_path) -> None:
    run = short("simclr")
    first = train(run, data=digits, folder=tmp_path)
    steps = []
    second = train(run, data=digits, folder=tmp_path, report=steps.append)
    assert steps == []
    assert second.record == first.record
    third = train(run, data=digits, folder=tmp_path, report=steps.append, restart=True)
    assert len(steps) == STEPS
    assert third.record.measures == first.record.measures


def test_measuring_on_the_way_changes_nothing(digits) -> None:
    watched, unwatched = (
        train(short("moco"), data=digits, watch=watch).method.state_dict() for watch in (1, 0)
    )
    assert bits(watched) == bits(unwatched)


def test_the_teacher_is_trained_once_and_for_all(digits, tmp_path, monkeypatch) -> None:
    """Its weights are in the checkpoint; a run that goes on does not train it again."""
    run = short("distillation")
    train(run, data=digits, folder=tmp_path)
    monkeypatch.setattr(trainer, "train_alone", None)
    train(run, data=digits, folder=tmp_path)


# --- stopping -------------------------------------------------------------------------------


def test_asked_to_stop_it_saves_and_says_so(digits, tmp_path) -> None:
    run, steps = short("byol"), []
    with pytest.raises(Interrupted, match="stopped after step 3 of 6; the same command goes on"):
        train(
            run,
            data=digits,
            folder=tmp_path,
            report=lambda p: steps.append(p.step),
            stop=lambda: len(steps) == 2,
        )
    resumed = train(run, data=digits, folder=tmp_path)
    assert bits(resumed.method.state_dict()) == bits(trained(run, digits).method.state_dict())


def test_asked_to_stop_without_a_folder(digits) -> None:
    with pytest.raises(Interrupted, match="after step 1 of 6; nothing is kept"):
        train(short("simclr"), data=digits, stop=lambda: True)


# --- what goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_a_loss_that_is_not_finite_ends_the_run(digits, tmp_path, name) -> None:
    """The checkpoint of the last finite weights stays."""
    run = short(name)
    with pytest.raises(Interrupted):
        train(run, data=digits, folder=tmp_path, stop=lambda: True)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    state = checkpoint.load(tmp_path / "checkpoint.pt")
    broken = Trainer(run, digits, Machine())
    broken.restore(state)
    broken.rates = [1e30 for _ in broken.rates]
    with pytest.raises(LabError):
        for _ in broken.fit():
            broken.check_weights()
    with pytest.raises(LabError, match=r"learning rate below|finite|last good checkpoint"):
        train(Run(name, steps=STEPS, batch=32, lr=1e30, options=run.options), data=digits)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_the_message_names_the_checkpoint_that_is_good(digits, tmp_path) -> None:
    """Weights of NaN are not saved, even if the loss before that step was finite."""
    run, file, good = short("simclr"), tmp_path / "checkpoint.pt", []

    def after_step(self, step: int, steps: int) -> None:
        if step == 4:
            next(self.parameters()).data.fill_(torch.nan)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(METHODS["simclr"], "after_step", after_step)
        with pytest.raises(LabError, match=r"no longer finite after step 4.*checkpoint\.pt"):
            train(
                run,
                data=digits,
                folder=tmp_path,
                save_every=1,
                report=lambda progress: good.append(file.read_bytes()),
            )
    assert file.read_bytes() == good[-1]
    assert checkpoint.load(file)["step"] == 3
    resumed = train(run, data=digits, folder=tmp_path)
    assert bits(resumed.method.state_dict()) == bits(trained(run, digits).method.state_dict())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lr": 0.1}, "lr None, not 0.1"),
        ({"seed": 4}, "seed 0, not 4"),
        ({"options": {"temperature": 0.2}}, "options {}, not {'temperature': 0.2}"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(digits, tmp_path, change, told) -> None:
    train(Run("simclr", steps=2, batch=32), data=digits, folder=tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    with pytest.raises(LabError) as caught:
        train(Run("simclr", steps=2, batch=32, **change), data=digits, folder=tmp_path)
    assert f"of another run, with {told}" in str(caught.value)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_finished_run_can_be_lengthened(digits, tmp_path) -> None:
    """It goes on where it was: earlier steps stay, and the record says what was done."""
    short_run, long_run = (Run("moco", steps=steps, batch=32) for steps in (4, 10))
    first = train(short_run, data=digits, folder=tmp_path, watch=2)
    steps = []
    longer = train(
        long_run, data=digits, folder=tmp_path, watch=2, report=lambda p: steps.append(p.step)
    )
    assert steps == [5, 6, 7, 8, 9, 10]
    assert longer.record.history[:2] == first.record.history
    assert longer.record.lengthened == [4]
    assert train(long_run, data=digits, folder=tmp_path).record.lengthened == [4]
    with pytest.raises(LabError, match="of another run, with steps 10, not 4"):
        train(short_run, data=digits, folder=tmp_path)


def test_an_unfinished_run_is_finished_before_it_is_lengthened(digits, tmp_path) -> None:
    with pytest.raises(Interrupted):
        train(Run("simclr", steps=6, batch=32), data=digits, folder=tmp_path, stop=lambda: True)
    with pytest.raises(LabError, match="steps 6, not 9; once it is finished it can be leng"):
        train(Run("simclr", steps=9, batch=32), data=digits, folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("simclr", {"options": {"temperature": 0.5}}),
        ("simclr", {"lr": 3e-3, "network": "cnn", "augmentation": "full", "size": 8}),
        ("mae", {"network": "vit", "options": {"mask_ratio": 0.75, "normalize": False}}),
    ],
)
def test_what_is_usual_can_be_said_and_is_no_other_run(digits, tmp_path, name, said) -> None:
    steps = []
    first = train(Run(name, steps=2, batch=32), data=digits, folder=tmp_path)
    again = train(
        Run(name, steps=2, batch=32, **said), data=digits, folder=tmp_path, report=steps.append
    )
    assert steps == [] and again.record.measures == first.record.measures
    kind = METHODS[name]
    assert kind.plain(Run(name, **said), digits) == Run(name)
    other = Run(name, lr=0.5, network="x", options={"y": 1})
    assert kind.plain(other, digits) == other


def test_changed_code_is_told_of(digits, tmp_path) -> None:
    run, file = Run("simclr", steps=2, batch=32), tmp_path / "checkpoint.pt"
    assert train(run, data=digits, folder=tmp_path).changed == ()
    assert train(run, data=digits, folder=tmp_path).changed == ()
    state = checkpoint.load(file)
    known = {"lesson_code/simclr.py", "lesson_code/lab/trainer.py", "lesson_code/knn.py"}
    assert known <= state["code"].keys()
    state["code"] |= {"lesson_code/simclr.py": "another", "lesson_code/gone.py": "once"}
    checkpoint.save(file, state)
    changed = train(run, data=digits, folder=tmp_path).changed
    assert sorted(changed) == ["lesson_code/gone.py", "lesson_code/simclr.py"]


@pytest.mark.parametrize("watch", [0, 1])
@pytest.mark.parametrize("name", ["simclr", "byol", "dino", "vicreg"])
@pytest.mark.parametrize("lr", [1e4, 1e9, 1e18])
def test_a_wild_learning_rate_is_named_with_the_step(digits, name, lr, watch) -> None:
    with pytest.raises(LabError) as caught:
        train(Run(name, steps=8, batch=32, lr=lr), data=digits, watch=watch)
        raise LabError("step 8 survived: a learning rate below " + f"{lr:g}")
    assert "step" in str(caught.value)
    assert f"a learning rate below {lr:g}" in str(caught.value)


def test_a_checkpoint_of_other_data_is_refused(digits, tmp_path) -> None:
    """Though the data set has the same name: classes, counts and pixels are known."""
    run = Run("simclr", steps=2, batch=32)
    train(run, data=digits, folder=tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    one, held = digits.train, (digits.validation, digits.test)
    moved, labels = one.images.clone(), one.labels.clone()
    moved[7, 0, 3, 3] += 1e-3
    labels[[0, 1]] = labels[[1, 0]]
    others = {
        "its classes were": (digits.classes[:9] + ("x",), one),
        "its train had": (digits.classes, Split(one.images[1:], one.labels[1:])),
        "not the same ones": (digits.classes, Split(moved, one.labels)),
        "same classes, but": (digits.classes, Split(one.images, labels)),
    }
    for told, (classes, changed) in others.items():
        with pytest.raises(LabError, match=f"of a run on other data: .*{told}"):
            train(run, data=Data("digits", classes, changed, *held), folder=tmp_path)
    with pytest.raises(LabError, match="its validation had"):
        train(run, data=Data("digits", digits.classes, one, *held[::-1]), folder=tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    train(run, data=digits, folder=tmp_path)


def test_a_checkpoint_of_other_code_is_refused(digits, tmp_path) -> None:
    run, file = Run("supervised", steps=2, batch=32), tmp_path / "checkpoint.pt"
    train(run, data=digits, folder=tmp_path)
    state = checkpoint.load(file)
    renamed = {f"x{name}": value for name, value in state["method"].items()}
    checkpoint.save(file, {**state, "method": renamed})
    with pytest.raises(LabError, match="does not fit this code"):
        train(run, data=digits, folder=tmp_path)
    del state["losses"]
    checkpoint.save(file, state)
    with pytest.raises(LabError, match="lacks 'losses': another version of the lab wrote it"):
        train(run, data=digits, folder=tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"no pickle",
        {"run": 3},
        [1, 2],
        {"method": 1, "optimizer": [], "run": {}, "data": {}},
        {"step": "x", "losses": [], "history": [], "run": {}, "data": {}, "method": {}},
        {"step": 1, "losses": [0.1], "history": "x", "run": {}, "data": {}, "method": {}},
    ],
)
def test_a_whole_file_with_other_things_in_it_is_refused(digits, tmp_path, content) -> None:
    """Its checksum is right; what it holds is no checkpoint of the lab."""
    file, run = tmp_path / "checkpoint.pt", Run("simclr", steps=2, batch=32)
    if isinstance(content, bytes):
        file.write_bytes(checkpoint._MAGIC + hashlib.sha256(content).digest() + content)
    else:
        whole = isinstance(content, dict) and "method" in content
        train(run, data=digits, folder=tmp_path)
        state = checkpoint.load(file) if whole else {}
        known = {key: state[key] for key in ("run", "data") if key in state}
        checkpoint.save(file, {**content, **known} if whole else content)
    with pytest.raises(LabError, match=r"checkpoint\.pt.*(--restart|another version)"):
        train(run, data=digits, folder=tmp_path)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (Run("simclr", omit=tuple(range(10))), "no image is left"),
        (Run("simclr", batch=1), "batch must be at least 2, got 1"),
        (Run("mae", network="cnn"), "mae needs network 'vit'"),
    ],
)
def test_a_run_that_cannot_be(digits, run, message) -> None:
    with pytest.raises(LabError) as caught:
        train(run, data=digits)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"steps": 0}, "steps must be a whole number above 0, got 0"),
        ({"lr": float("nan")}, "lr must be a finite number above 0, got nan"),
        ({"images": 0}, "images must be a whole number above 0, got 0"),
    ],
)
def test_a_run_with_a_bad_value(bad, message) -> None:
    with pytest.raises(ValueError, match=message):
        Run("simclr", **bad)


def test_a_bad_machine() -> None:
    with pytest.raises(LabError, match="no amp 'fp8'"):
        Machine(amp="fp8")
    with pytest.raises(ValueError, match="workers must be 0 or more, got -1"):
        Machine(workers=-1)


# --- the parts of a run ---------------------------------------------------------------------


def test_every_epoch_sees_each_image_at_most_once() -> None:
    seen = [rows for _, rows in order(10, 4, seed=0, start=0, steps=4)]
    assert [len(rows) for rows in seen] == [4] * 4
    assert len(set(torch.cat(seen[:2]).tolist())) == 8
    assert not torch.equal(torch.cat(seen[:2]), torch.cat(seen[2:]))


def test_the_order_does_not_depend_on_where_it_begins() -> None:
    whole = [*order(10, 4, seed=3, start=0, steps=7)]
    for start in range(7):
        later = [*order(10, 4, seed=3, start=start, steps=7)]
        assert [step for step, _ in later] == [*range(start, 7)]
        assert all(torch.equal(a, b) for (_, a), (_, b) in zip(later, whole[start:]))


def test_images_and_omit(digits) -> None:
    split = training_images(Run("simclr", images=100, omit=(3,)), digits)
    assert len(split) == 100
    assert 3 not in split.labels
    first = [label for label in digits.train.labels.tolist() if label != 3][:100]
    assert split.labels.tolist() == first


def test_a_method_with_labels_trains_on_labeled_images_only(digits) -> None:
    labels = digits.train.labels.clone()
    labels[100:] = -1
    partly = Split(digits.train.images, labels)
    data = Data("digits", digits.classes, partly, digits.validation, digits.test)
    for name, count in (("supervised", 100), ("distillation", 100), ("simclr", 320)):
        assert len(Trainer(short(name), data, Machine()).images) == count
    trained(short("supervised"), data)


def test_the_record_says_what_was_run(digits) -> None:
    record = train(short("simclr"), data=digits, watch=3).record
    assert record.run == short("simclr")
    assert [row["step"] for row in record.history] == [3, 6]
    assert {"step", "loss", "knn", "std", "rank"} == record.history[0].keys()
    assert {"knn", "linear", "few", "std", "rank", "loss"} == record.measures.keys()
    assert record.seconds > 0


def test_too_few_labels_for_a_probe_leave_it_out(digits) -> None:
    few = Split(digits.train.images[:40], digits.train.labels[:40])  # some classes have under 5
    data = Data("digits", digits.classes, few, digits.validation, digits.test)
    measures = train(Run("simclr", steps=1, batch=32), data=data).record.measures
    assert {"knn", "linear"} <= measures.keys()
    assert "few" not in measures


@pytest.mark.parametrize("name", METHODS)
def test_mixed_precision_trains(digits, name) -> None:
    trainer = Trainer(short(name), digits, Machine(amp="bf16"))
    losses = list(trainer.fit())
    exact = trained(short(name), digits).losses
    assert losses != exact
    assert losses[0] == pytest.approx(exact[0], rel=0.05, abs=0.05)
    assert all(p.dtype == torch.float32 for p in trainer.method.parameters())


@pytest.mark.parametrize("name", METHODS)
def test_what_is_compiled_has_no_memory(digits, name) -> None:
    """A compiled backward pass would find a queue or a center already changed."""
    networks = Trainer(short(name), digits, Machine()).method.networks()
    assert networks
    known = {"running_mean", "running_var", "num_batches_tracked"}
    for network in networks:
        assert {key.rpartition(".")[2] for key, _ in network.named_buffers()} <= known


def test_compile_says_why_not(digits, monkeypatch) -> None:
    # A real error of the compiler, for which torch has no public name.
    from torch._inductor.exc import InvalidCxxCompiler

    def broken(*args):
        raise InvalidCxxCompiler

    monkeypatch.setattr(torch, "compile", lambda *args, **options: broken)
    with pytest.raises(LabError, match="compile does not work here: .*C\\+\\+ compiler"):
        train(short("simclr"), Machine(compile=True), data=digits)


# --- photographs ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def photographs() -> Data:
    """Noise, as small color photographs of two classes."""
    draws = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        images = torch.randint(0, 256, (count, 3, 32, 32), generator=draws, dtype=torch.uint8)
        return Split(images, torch.arange(count) % 2)

    return Data("noise", ("a", "b"), split(24), split(8), split(8))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("simclr", {}),
        ("byol", {}),
        ("dino", {}),
        ("dino", {"local_crops": 2}),
        ("mae", {}),
        ("supervised", {}),
    ],
)
def test_photographs_train_and_are_judged(photographs, name, options) -> None:
    """With a small CNN, each method with the views of its paper, and measured on the way."""
    pytest.importorskip("torchvision")
    network = None if name == "mae" else "cnn"
    run = Run(name, steps=2, batch=8, network=network, options=options)
    trainer = Trainer(run, photographs, Machine())
    views, _ = next(iter(trainer.batches()))
    assert len(views) == METHODS[name].views + options.get("local_crops", 0)
    record = train(run, data=photographs, watch=1).record
    assert {"knn", "linear", "few", "std"} <= record.measures.keys()
    assert ("entropy" in record.measures) == (name == "dino")


def test_photographs_without_augmentation(photographs) -> None:
    pytest.importorskip("torchvision")
    run = Run("simclr", steps=1, batch=8, network="cnn", augmentation="none")
    views, _ = next(iter(Trainer(run, photographs, Machine()).batches()))
    assert torch.equal(views[0], views[1])
    train(run, data=photographs)
    with pytest.raises(LabError, match="augmentation of photographs must be full or none"):
        train(Run("simclr", augmentation="mild", network="cnn", batch=8), data=photographs)


@LINUX
def test_workers_change_nothing(photographs) -> None:
    pytest.importorskip("torchvision")
    run = Run("simclr", steps=3, batch=8, network="cnn")
    here, there = (
        train(run, Machine(workers=workers), data=photographs).method.state_dict()
        for workers in (0, 2)
    )
    assert bits(here) == bits(there)
