"""Two processes compute the gradient of one; the first writes; none hangs; torchrun starts them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from forked import few_digits, group
from helpers import PATIENCE
from torch import nn

from lesson_code.lab import LabError, Run, distributed, train
from lesson_code.lab.data import Data
from lesson_code.lab.methods import METHODS, Method
from lesson_code.lab.trainer import Trainer, learning_rate

WORLD = 2
STEPS = 3
# Without batch normalization, whose statistics each process takes over its own part.
METHODS_TESTED = [name for name in METHODS if name != "mae"]
CASES = [*METHODS_TESTED, "byol, own target"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests fork")


def without_norm(module: nn.Module) -> None:
    """Replace every batch normalization by nothing."""
    for name, part in module.named_children():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            setattr(module, name, nn.Identity())
        else:
            without_norm(part)


def gradients(case: str, data: Data) -> dict[str, torch.Tensor]:
    """Take three steps of SGD with float64 weights; return the last gradients and the state."""
    name = case.partition(",")[0]
    options = {"momentum": None} if case.endswith("own target") else {}
    if name == "distillation":
        options = {"teacher_steps": 1}
    trainer = Trainer(Run(name, steps=STEPS, batch=16, options=options), data, machine())
    without_norm(trainer.method)
    torch.manual_seed(1)
    for parameter in trainer.method.parameters():
        parameter.data.add_(0.05 * torch.randn(parameter.shape))  # biases are 0 at first
    trainer.method.double()
    draw = trainer.method.draw
    trainer.method.draw = lambda *told: [one.double() for one in draw(*told)]
    trainer.method.prepare = lambda *told: None  # the teacher need not know anything
    groups = [{"params": [p for p in trainer.method.parameters() if p.requires_grad]}]
    trainer.optimizer = torch.optim.SGD(groups, lr=0.01)
    trainer.rates = [0.01]
    losses = torch.tensor(list(trainer.fit()), dtype=torch.float64)
    found = {f"grad {n}": p.grad for n, p in trainer.method.named_parameters() if p.requires_grad}
    return {"losses": losses, **found, **trainer.method.state_dict()}


def machine():
    from lesson_code.lab.machine import Machine

    return Machine()


@pytest.fixture(scope="module")
def digits() -> Data:
    return few_digits()


@pytest.fixture(scope="module")
def both(digits, tmp_path_factory) -> dict[str, list[dict[str, torch.Tensor]]]:
    """For each case what one process computes, and what each of two does: one launch for all."""
    folder = tmp_path_factory.mktemp("group")

    def work(rank: int) -> None:
        torch.save({case: gradients(case, digits) for case in CASES}, folder / f"{rank}.pt")

    assert group(WORLD, work, folder) == [0, 0]
    together = [torch.load(folder / f"{rank}.pt") for rank in range(WORLD)]
    return {case: [gradients(case, digits), *(one[case] for one in together)] for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_two_processes_compute_what_one_does(both, case) -> None:
    """Losses, gradients, weights, queue, center and slow copies after three steps."""
    alone, *together = both[case]
    assert any(name.startswith("grad") for name in alone)
    for one in together:
        assert one.keys() == alone.keys()
        for name, value in one.items():
            torch.testing.assert_close(value, alone[name], rtol=1e-9, atol=1e-11, msg=name)


def test_parts_in_the_order_of_ranks_are_the_batch(tmp_path) -> None:
    def work(rank: int) -> None:
        rows = torch.arange(10.0, requires_grad=True)
        mine = distributed.share(rows)
        assert mine.tolist() == [*range(5 * rank, 5 * rank + 5)]
        assert torch.equal(distributed.gather(mine), rows)
        assert torch.equal(distributed.gather_keys(mine), rows)
        assert distributed.mean(float(rank)) == 0.5
        assert distributed.from_first(rank) == 0
        with distributed.alone():
            assert distributed.world() == 1
            assert torch.equal(distributed.share(rows), rows)

    assert group(WORLD, work, tmp_path) == [0, 0]


def test_alone_nothing_is_shared() -> None:
    rows = torch.arange(3)
    assert distributed.rank() == 0
    assert distributed.world() == 1
    assert distributed.share(rows) is rows
    assert distributed.gather(rows) is rows
    assert distributed.gather_keys(rows) is rows
    assert distributed.mean(0.25) == 0.25
    assert distributed.from_first("x") == "x"


def test_a_whole_run_with_each_measure(digits, tmp_path) -> None:
    """DINO watches its teacher on the way and MAE draws masks: no process waits for another."""
    records = {}

    def work(rank: int) -> None:
        for name in ("dino", "moco", "mae"):
            heard = []
            trained = train(
                Run(name, steps=4, batch=32),
                data=digits,
                folder=tmp_path / name,
                watch=2,
                report=heard.append,
            )
            records[name] = (trained.record.measures, len(heard), len(trained.record.history))
        torch.save(records, tmp_path / f"{rank}.pt")

    assert group(WORLD, work, tmp_path) == [0, 0]
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(WORLD))
    for name in first:
        assert first[name][0] == second[name][0]
        assert first[name][1:] == (4, 2)
        assert second[name][1:] == (0, 0)  # the second hears and notes nothing
        assert [path.name for path in (tmp_path / name).iterdir()] == ["checkpoint.pt"]
    assert {"entropy", "divergence", "marginal"} <= first["dino"][0].keys()


def test_processes_hide_different_patches(digits, tmp_path) -> None:
    def work(rank: int) -> None:
        trainer = Trainer(Run("mae", steps=3, batch=16), digits, machine())
        masks = []
        paint = trainer.method.paint

        def watched(*args):
            painted, mask = paint(*args)
            masks.append(mask)
            return painted, mask

        trainer.method.paint = watched
        list(trainer.fit())
        torch.save(torch.stack(masks), tmp_path / f"{rank}.pt")

    assert group(WORLD, work, tmp_path) == [0, 0]
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(WORLD))
    assert len(first) == 3
    assert not any(torch.equal(a, b) for a, b in zip(first, second))
    assert not torch.equal(first[0], first[1])


def test_resumed_by_two_processes_as_if_never_stopped(digits, tmp_path) -> None:
    """One asks to stop, both do; the weights at the end are those of a run without a pause."""
    from lesson_code.lab.training import Interrupted

    run = Run("mae", steps=6, batch=32)

    def work(rank: int) -> None:
        steps = []
        try:
            train(
                run,
                data=digits,
                folder=tmp_path / "run",
                report=steps.append,
                stop=lambda: rank == 0 and len(steps) == 2,
            )
        except Interrupted:
            resumed = train(run, data=digits, folder=tmp_path / "run").method.state_dict()
        whole = train(run, data=digits).method.state_dict()
        assert all(torch.equal(resumed[name], whole[name]) for name in whole)

    assert group(WORLD, work, tmp_path) == [0, 0]


def test_one_that_dies_does_not_leave_the_other_waiting(digits, tmp_path) -> None:
    def work(rank: int) -> None:
        def report(progress) -> None:
            os._exit(3)

        train(Run("simclr", steps=4, batch=32), data=digits, report=report)  # the first reports

    first, second = group(WORLD, work, tmp_path)
    assert first == 3
    assert second == 1


def test_a_batch_that_cannot_be_shared_is_refused(digits, tmp_path) -> None:
    def work(rank: int) -> None:
        with pytest.raises(LabError, match="batch must be a multiple of the 2 processes, got 33"):
            Trainer(Run("simclr", batch=33), digits, machine())
        with pytest.raises(LabError, match="batch must be at least 4, got 2"):
            Trainer(Run("simclr", batch=2), digits, machine())

    assert group(WORLD, work, tmp_path) == [0, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gpu", "device must be such as cpu, cuda or cuda:1, got 'gpu'"),
        ("meta", "device must be cpu, cuda or mps, got 'meta'"),
    ],
)
def test_a_device_that_is_none(name, message) -> None:
    with pytest.raises(LabError, match=re.escape(message)):
        distributed.usable(name)


def test_no_cuda(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(LabError, match="torch finds no CUDA GPU"):
        distributed.usable("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert distributed.usable("cuda:1") == torch.device("cuda:1")
    with pytest.raises(LabError, match="device must be cuda:0 to cuda:1 here, got 'cuda:2'"):
        distributed.usable("cuda:2")


def test_torchrun_starts_it_unchanged(tmp_path) -> None:
    """The very command of the page, with fewer steps: one table, one record, no warning."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += ["-m", "lesson_code.lab", "train", "simclr", "--steps", "4", "--batch", "32"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("k-NN") == 1
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == ["checkpoint.pt", "curves.png", "curves.svg", "record.json"]
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 20)
    assert rates[19] == rates[20] == 1
    assert 0 < rates[-1] < 1e-3


def test_every_method_is_tested_or_has_its_own_test() -> None:
    assert {*METHODS_TESTED, "mae"} == set(METHODS)
    assert all(issubclass(kind, Method) for kind in METHODS.values())
