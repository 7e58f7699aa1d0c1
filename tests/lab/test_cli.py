"""The command line: what it writes, what it answers to mistakes, how Ctrl-C ends it."""

import errno
import io
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
import torch
from forked import child, ended

from lesson_code.lab import Run, arguments, checkpoint, cli, report, telling
from lesson_code.lab.methods import METHODS

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="forks")
QUICK = ["--steps", "4", "--batch", "32"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Each test has a folder of its own, and leaves the number of threads as it was."""
    monkeypatch.chdir(tmp_path)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


WRITTEN = ["checkpoint.pt", "curves.png", "curves.svg", "record.json"]


# --- train ----------------------------------------------------------------------------------


def test_train_writes_a_record_and_a_figure(tmp_path, capsys) -> None:
    assert cli.main(["train", "simclr", *QUICK]) == 0
    folder = tmp_path / "runs" / "simclr-digits-0-steps4-batch32"
    assert files(folder) == WRITTEN
    record = json.loads((folder / "record.json").read_text())
    assert record["run"] == Run("simclr", steps=4, batch=32).as_dict()
    assert record["machine"]["threads"] == 1
    assert {"knn", "linear", "few", "std", "rank", "loss"} == record["measures"].keys()
    assert [row["step"] for row in record["history"]] == [1, 2, 3, 4]
    out = capsys.readouterr()
    assert out.err == ""
    assert out.out.startswith("train: 1097 images (0 109, 1 110, ")
    assert record["data"]["counts"]["test"]["8"] == 46
    assert len(record["data"]["digest"]) == 64
    assert f"{record['measures']['knn']:.3f}" in out.out
    assert "in runs/simclr-digits-0-steps4-batch32" in out.out
    # The same command again finds the run finished.
    assert cli.main(["train", "simclr", *QUICK]) == 0
    assert "holds a finished run; --restart begins anew" in capsys.readouterr().out


def test_train_takes_all_that_a_run_has() -> None:
    given = (
        "train dino --data tinted --steps 7 --seed 3 --batch 64 --lr 0.002 --network vit "
        "--width 8 --augmentation geometric --images 200 --omit 3,5 "
        "--views artist --set momentum=none --set outputs=32 --set centering=no --set pool=mean"
    )
    options = {"momentum": None, "outputs": 32, "centering": False, "pool": "mean"}
    assert arguments.run_of(arguments.parse(given.split())) == Run(
        "dino",
        "tinted",
        7,
        3,
        64,
        0.002,
        "vit",
        8,
        "geometric",
        200,
        (3, 5),
        options,
        None,
        "artist",
    )


def test_mae_trains_longer() -> None:
    assert arguments.run_of(arguments.parse(["train", "mae"])).steps == 600
    assert arguments.run_of(arguments.parse(["train", "byol"])).steps == 200


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (Run("simclr"), "simclr-digits-0"),
        (Run("mae", steps=600, seed=2), "mae-digits-2"),
        (Run("byol", options={"momentum": None}), "byol-digits-0-momentumNone"),
        (Run("simclr", "folder:~/my photos", lr=0.1), "simclr-folder-my-photos-0-lr0.1"),
    ],
)
def test_the_folder_is_named_by_the_run(run, name) -> None:
    assert arguments.name_of(run) == name


def test_settings_have_the_types_of_their_class() -> None:
    given = arguments.settings("byol", ["momentum=0.9", "predictor=False", "predictor_lr=2"])
    assert given == {"momentum": 0.9, "predictor": False, "predictor_lr": 2.0}
    assert type(given["predictor_lr"]) is float
    assert arguments.settings("swav", ["prototypes=16"]) == {"prototypes": 16}


# --- mistakes -------------------------------------------------------------------------------

MISTAKES = {
    "": "the following arguments are required: COMMAND",
    "trian simclr": "no command 'trian'; did you mean train?",
    "train": "the following arguments are required: METHOD",
    "train simclrr": "no method 'simclrr'; did you mean simclr",
    "train zzz": "no method 'zzz'; known: supervised, simclr",
    "train simclr --step 3": "no option '--step'; did you mean --steps",
    "train simclr --lr=x": "argument --lr: must be a number, got 'x'",
    "train simclr byol": "train has no place for 'byol'",
    "train simclr --steps 0": "argument --steps: must be above 0, got 0",
    "train simclr --lr -1": "lr must be a finite number above 0, got -1.0",
    "train simclr --data digit": "no data set 'digit'; did you mean digits",
    "train simclr --augmentation ful": "no augmentation 'ful'; did you mean full?",
    "train simclr --set temprature=1": "no setting of simclr 'temprature'; did you mean temp",
    "train simclr --set temperature": "--set must be KEY=VALUE, got 'temperature'",
    "train byol --set predictor=2": "--set predictor must be true or false, got '2'",
    "train byol --set momentum=x": "--set momentum must be a number or none, got 'x'",
    "train simclr --set temperature=1 --set temperature=2": "--set temperature is given twice",
    "train simclr --watch -1": "argument --watch: must be from 0 to ",
    "train mine.py": "method mine.py is a file: name what stands in it, mine.py:NAME",
    "train swav --set prototypes=1.5": "--set prototypes must be a whole number, got '1.5'",
    "train simclr --set temperature=-1": "temperature must be a finite number above 0, got -1",
    "train simclr --omit x": "argument --omit: must be a whole number, got 'x'",
    "train simclr --omit 12": "omit must name classes from 0 to 9, got 12",
    "train simclr --images 9999": "images must be at most 1097, got 9999",
    "train simclr --folder=": "--folder must not be empty",
    "train simclr --device gpu": "device must be such as cpu, cuda or cuda:1, got 'gpu'",
    "train simclr --amp fp16": "no amp 'fp16'; did you mean bf16?",
    "train simclr --workers -1": "argument --workers: must be from 0 to 1024, got -1",
    "train simclr --lr 1e30": "the loss is nan at step 2; a learning rate below 1e+30 may help",
    "compare simclr simclrr": "no method 'simclrr'; did you mean simclr",
}


@pytest.mark.parametrize("arguments", MISTAKES)
def test_a_mistake_gets_one_clear_message(arguments, capsys) -> None:
    assert cli.main(arguments.split()) == 1
    out = capsys.readouterr()
    counted = out.out.splitlines()  # what the images are is said before the network is made
    assert [line.partition(":")[0] for line in counted] in ([], ["train", "validation", "test"])
    assert out.err.startswith(f"lab: {MISTAKES[arguments]}")
    assert out.err.count("\n") == 1


def test_a_mistyped_data_set_leaves_no_folder_behind(tmp_path, capsys) -> None:
    assert cli.main(["train", "simclr", "--data", "digist"]) == 1
    assert files(tmp_path) == []


def test_a_checkpoint_of_another_run(capsys) -> None:
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 0
    capsys.readouterr()
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a", "--seed", "1"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("lab: a/checkpoint.pt: the checkpoint is of another run, with seed 0")
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a", "--seed", "1", "--restart"]) == 0


def test_a_damaged_checkpoint(tmp_path, capsys) -> None:
    folder = tmp_path / "a"
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 0
    file = folder / "checkpoint.pt"
    state, short = checkpoint.load(file), torch.zeros(3, dtype=torch.uint8)
    odd = [{"losses": ["a"] * 4}, {"history": [1]}, {"history": [{}]}, {"random": short}]
    for other in (*odd, {"seconds": None}, {"step": 9, "losses": [1.0] * 9}, {"method": {}}):
        checkpoint.save(file, state | other)
        assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 1
        assert re.match("lab: a/checkpoint.pt.*(lacks|else|missing)", capsys.readouterr().err, re.I)
    for broken in (file.read_bytes()[:1000], file.read_bytes()[:-1] + b"?", b""):
        file.write_bytes(broken)
        capsys.readouterr()
        assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 1
        assert re.match(r"lab: a/checkpoint.pt is .*--restart", capsys.readouterr().err)
        assert file.read_bytes() == broken


@pytest.mark.parametrize("at", ["checkpoint.pt", "record.json", "curves.png"])
def test_a_full_disk(tmp_path, monkeypatch, capsys, at) -> None:
    """Wherever it fills up: one message, status 1, and the checkpoint before is good."""
    arguments = ["train", "simclr", *QUICK, "--folder", "a", "--save-every", "2"]
    assert cli.main(arguments) == 0
    before = (tmp_path / "a" / "checkpoint.pt").read_bytes()
    replace = os.replace

    def full(source, target):
        if str(target).endswith(at):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    capsys.readouterr()
    assert cli.main([*arguments, "--restart"]) == 1
    told = capsys.readouterr().err
    assert f"cannot write a/{at}: No space left on device; the one before is intact" in told
    assert told.count("\n") == 1
    assert files(tmp_path / "a") == WRITTEN
    if at == "checkpoint.pt":
        assert (tmp_path / "a" / "checkpoint.pt").read_bytes() == before
    checkpoint.load(tmp_path / "a" / "checkpoint.pt")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "file").write_text("")
    for command in (["train", "simclr"], ["compare", "simclr"]):
        assert cli.main([*command, "--folder", "file/a"]) == 1
        assert capsys.readouterr().err.startswith("lab: cannot write in the folder file/a: ")


def test_little_memory(monkeypatch, capsys) -> None:
    def train(*args, **options):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(cli, "train", train)
    assert cli.main(["train", "simclr"]) == 1
    assert "not enough memory; a smaller --batch may help" in capsys.readouterr().err


def test_a_fault_of_the_lab_shows_its_traceback(monkeypatch) -> None:
    def train(*args, **options):
        raise RuntimeError("a bug")

    monkeypatch.setattr(cli, "train", train)
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main(["train", "simclr"])


def test_a_fault_of_the_system_gets_one_sentence(monkeypatch, capsys) -> None:
    def train(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied", "/some/place")

    monkeypatch.setattr(cli, "train", train)
    assert cli.main(["train", "simclr"]) == 1
    assert capsys.readouterr().err == "lab: /some/place: Permission denied\n"


def test_two_runs_do_not_write_into_one_folder(tmp_path, capsys) -> None:
    import fcntl

    (tmp_path / "a").mkdir()
    handle = os.open(tmp_path / "a", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 1
    assert capsys.readouterr().err == "lab: another run is at work in a: give --folder\n"
    assert files(tmp_path / "a") == []
    os.close(handle)
    assert cli.main(["train", "simclr", "--steps", "1", "--batch", "5000", "--folder", "a"]) == 0
    assert "a step takes all 1097 images, fewer than --batch 5000" in capsys.readouterr().out


def test_a_terminal_that_knows_ascii_alone(monkeypatch, tmp_path) -> None:
    """What a run prints has a sign of deviation, and a method's name may be anything."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["compare", "simclr", "--seeds", "2", "--steps", "1"]) == 0
    out.flush()
    assert b"\\xb1" in out.buffer.getvalue()
    columns = {"columns": {"class": ""}, "rows": [["a\x1b[2J\n\udce9"]]}
    assert report.text(columns).splitlines()[1] == "a\\x1b[2J\\n\\udce9"


@pytest.mark.parametrize(("rank", "told"), [("0", "lab: x\n"), ("1", "")])
def test_of_several_processes_the_first_one_speaks(monkeypatch, capsys, rank, told) -> None:
    monkeypatch.setenv("RANK", rank)
    cli.tell("x")
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(("rank", "world"), [("x", "1"), ("1", "1"), ("0", "two")])
def test_half_of_what_torchrun_sets_is_told(monkeypatch, capsys, rank, world) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", world)
    assert cli.main(["list"]) == 1
    assert f"RANK is {rank} and WORLD_SIZE {world} in" in capsys.readouterr().err


# --- Ctrl-C ---------------------------------------------------------------------------------


def interrupted(tmp_path, times: int, sent: int = signal.SIGINT, more: tuple = ()) -> int:
    """Run the command line in a process that gets a signal in its second step."""

    def work() -> None:
        step = METHODS["simclr"].after_step

        def after_step(self, number: int, steps: int) -> None:
            step(self, number, steps)
            if number == 2:
                for _ in range(times):
                    os.kill(os.getpid(), sent)

        METHODS["simclr"].after_step = after_step
        error = os.open(tmp_path / "stderr", os.O_WRONLY | os.O_CREAT)
        os.dup2(error, 2)
        sys.stderr = os.fdopen(2, "w")
        os._exit(cli.main(["train", "simclr", *QUICK, "--folder", "a", *more]))

    return ended(child(work))


@LINUX
def test_ctrl_c_finishes_the_step_and_saves(tmp_path) -> None:
    assert interrupted(tmp_path, 1) == 130
    told = (tmp_path / "stderr").read_text()
    assert "finishing this step, then saving; Ctrl-C once more ends at once" in told
    assert "stopped after step 2 of 4; the same command goes on from there" in told
    assert checkpoint.load(tmp_path / "a" / "checkpoint.pt")["step"] == 2
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 0
    assert cli.main(["train", "simclr", *QUICK, "--folder", "b"]) == 0
    paused, whole = (json.loads((tmp_path / x / "record.json").read_text()) for x in "ab")
    assert paused["measures"] == whole["measures"]
    assert paused["history"] == whole["history"]


@LINUX
@pytest.mark.parametrize("sent", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_what_others_send_saves_as_ctrl_c_does(tmp_path, sent) -> None:
    """Slurm and docker stop, a terminal that is closed."""
    assert interrupted(tmp_path, 1, signal.Signals[sent]) == 130
    told = (tmp_path / "stderr").read_text()
    name = "Ctrl-C" if sent == "SIGINT" else sent
    assert f"finishing this step, then saving; {name} once more ends at once" in told
    assert checkpoint.load(tmp_path / "a" / "checkpoint.pt")["step"] == 2
    assert cli.main(["train", "simclr", *QUICK, "--folder", "a"]) == 0
    assert interrupted(tmp_path, 2, signal.Signals[sent], ("--restart",)) in (130, 143)
    assert f"ended by {name}" in (tmp_path / "stderr").read_text()


@LINUX
def test_a_signal_to_the_whole_group_leaves_the_workers_at_work(tmp_path) -> None:
    """Slurm signals all processes of a job: the workers make the views that are still wanted."""
    from lesson_code.lab.transforms import photograph_batches

    def work() -> None:
        os.setpgrp()
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        images, labels = torch.zeros(4, 3, 8, 8, dtype=torch.uint8), torch.arange(4)
        steps = ((step, torch.arange(4)) for step in range(6))
        seen = []
        for step, _, _ in photograph_batches(images, labels, lambda i: [i], steps, workers=1):
            os.killpg(0, signal.SIGTERM)
            seen.append(step)
        assert seen == [*range(6)]

    assert ended(child(work)) == 0


def test_the_handlers_of_before_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    cli.main(["train", "simclr", *QUICK])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_without_a_terminal_there_is_a_line_a_minute(monkeypatch, capsys) -> None:
    now = iter(range(0, 10**6, 25))  # each look at the clock is 25 seconds later
    monkeypatch.setattr(telling.time, "monotonic", lambda: float(next(now)))
    meter = telling.Meter("simclr", 9, initial=1)
    for _ in range(8):
        meter.hear(loss="1.5")
    meter.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "lab: simclr: 4 of 9, loss 1.5"
    assert 1 < len(lines) < 5


def test_lengthened_and_changed_runs_are_told(tmp_path, capsys) -> None:
    given = ["train", "simclr", "--batch", "32", "--folder", "a"]
    assert cli.main([*given, "--steps", "2"]) == 0
    assert cli.main([*given, "--steps", "4", "--set", "temperature=0.5"]) == 0
    assert "lengthened after step [2]: other than in one go" in capsys.readouterr().out
    state = checkpoint.load(tmp_path / "a" / "checkpoint.pt")
    state["code"]["lesson_code/simclr.py"] = "another"
    checkpoint.save(tmp_path / "a" / "checkpoint.pt", state)
    assert cli.main([*given, "--steps", "4", "--lr", "0.003"]) == 0
    out = capsys.readouterr().out
    assert "holds a finished run; --restart begins anew, more --steps lengthen it" in out
    assert "the code has changed since it was saved: lesson_code/simclr.py" in out


def test_a_usual_value_names_no_other_folder(tmp_path) -> None:
    usual = ["--set", "temperature=0.5", "--network", "cnn", "--lr", "0.003"]
    assert cli.main(["train", "simclr", *QUICK, *usual]) == 0
    assert files(tmp_path / "runs") == ["simclr-digits-0-steps4-batch32"]


# --- compare, list --------------------------------------------------------------------------


def test_compare(tmp_path, capsys) -> None:
    arguments = ["compare", "simclr", "byol", "--seeds", "2", *QUICK]
    assert cli.main(arguments) == 0
    out = capsys.readouterr().out
    assert re.search(r"^simclr .*±", out, re.MULTILINE)
    assert re.search(r"^byol .*±", out, re.MULTILINE)
    assert files(tmp_path / "runs" / "compare") == ["compare.json", "compare.png", "compare.svg"]
    found = json.loads((tmp_path / "runs" / "compare" / "compare.json").read_text())
    assert [len(records) for records in found["results"].values()] == [2, 2]


def test_list(capsys) -> None:
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    for name in (*METHODS, "temperature=0.5", "tinted", "resnet18"):
        assert name in out


def test_list_into_a_pipe_that_closes(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # closed from the first
    assert cli.main(["list"]) == 0

    def closed(*args) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    monkeypatch.setattr(os, "dup2", lambda a, b: None)
    assert cli.main(["list"]) == 1


def test_help(capsys) -> None:
    for command in cli.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        assert "usage: python -m lesson_code.lab" in capsys.readouterr().out


def test_the_page_names_every_option_and_command() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lab" / "index.md").read_text(encoding="utf-8")
    _, commands = arguments.parser()
    for name, command in commands.items():
        assert f"`{name}" in page
        for option in command.options:
            assert option == "--help" or f"`{option}" in page, option
