"""A run from its first step to its record, with checkpoints and reports on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lesson_code.lab import checkpoint, distributed
from lesson_code.lab.data import Data, load
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods.base import Method
from lesson_code.lab.run import LabError, Record, Run
from lesson_code.lab.trainer import Trainer


class Interrupted(LabError):
    """A run was asked to stop and did, after a whole step."""


@dataclass(frozen=True)
class Progress:
    """How far a run is, for whoever watches it.

    Attributes:
        step: how many steps are done.
        steps: how many there are.
        loss: of the last step.
        measures: what was measured after this step; mostly nothing.
    """

    step: int
    steps: int
    loss: float
    measures: dict[str, float]


@dataclass(frozen=True)
class Trained:
    """A finished run: what was written down, the trained method, the data.

    ``changed`` names the files whose code is not that of the checkpoint it went on from.
    """

    record: Record
    method: Method
    data: Data
    changed: tuple[str, ...] = ()


def train(
    run: Run,
    machine: Machine | None = None,
    *,
    data: Data | None = None,
    folder: Path | None = None,
    save_every: int = 100,
    restart: bool = False,
    watch: int = 0,
    split: str = "test",
    report: Callable[[Progress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Trained:
    """Train a method and judge what it learned.

    Args:
        run: what to train.
        machine: where; by default on the CPU in float32.
        data: an already loaded data set; None loads the run's.
        folder: where checkpoints go, so that a run that was ended goes on; None keeps none.
        save_every: steps between checkpoints.
        restart: whether to begin anew although there is a checkpoint.
        watch: steps between measurements of k-NN, spread and rank; 0 takes none on the way.
        split: what to judge on, ``test``, or ``validation`` while choosing settings.
        report: hears of each step.
        stop: asked after each step whether to end there; what was done is kept.

    Returns:
        The record, the trained method and the data.

    Raises:
        LabError: if a name is unknown, settings do not fit, the loss is not finite, or a
            checkpoint cannot be read or written; the last good checkpoint stays.
    """
    machine = machine or Machine()
    with distributed.group(machine.device) as device:
        data = data or load(run.data, size=run.size)
        trainer = Trainer(run, data, replace(machine, device=str(device)))
        file = None if folder is None else folder / "checkpoint.pt"
        if file is not None and distributed.mean(float(not restart and file.exists())) == 1:
            go_on(trainer, file)
        try:
            follow(trainer, file, save_every, watch, report, stop)
            record = trainer.finish(split)
        except Interrupted:
            raise
        except LabError as error:
            known = file is not None and file.exists()
            saved = f"; the last good checkpoint is {file}" if known else ""
            raise LabError(f"{error}{saved}") from None
        return Trained(record, trainer.method, trainer.data, tuple(trainer.changed))


def go_on(trainer: Trainer, file: Path) -> None:
    """Bring a trainer to where a checkpoint is."""
    checkpoint.clear_leftovers(file)
    try:
        state = checkpoint.load(file)
        numbers = [state["seconds"], *state["losses"]]
        for row in state["history"]:
            numbers += [row["step"], row["loss"], *row.values()]
        if not (state["step"] == len(state["losses"]) <= state["run"]["steps"]) or not all(
            isinstance(one, (int, float)) for one in numbers
        ):
            raise TypeError("its step, its losses and its history do not fit together")
        trainer.restore(state)
    except KeyError as error:
        raise LabError(f"{file} lacks {error}: another version of the lab wrote it") from None
    except (TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise LabError(
            f"{file} holds something else than a checkpoint ({error}); begin again with --restart"
        ) from None
    except LabError as error:
        told = "" if str(file) in str(error) else f"{file}: "
        raise LabError(f"{told}{error}") from None


def follow(
    trainer: Trainer,
    file: Path | None,
    save_every: int,
    watch: int,
    report: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> None:
    """Train to the end, with rows in the history, checkpoints and reports on the way."""
    steps, first = trainer.run.steps, distributed.rank() == 0
    every = watch or max(1, steps // 50)
    for loss in trainer.fit():
        done = trainer.step == steps
        row: dict[str, float] = {}
        if first and (trainer.step % every == 0 or done):
            row = trainer.note(watched=watch > 0)
        stopped = distributed.mean(float(stop())) > 0 and not done
        if first and file is not None and (trainer.step % save_every == 0 or done or stopped):
            trainer.check_weights()
            checkpoint.save(file, trainer.state())
        if first:
            report(Progress(trainer.step, steps, loss, row))
        if stopped:
            kept = "nothing is kept" if file is None else "the same command goes on from there"
            raise Interrupted(f"stopped after step {trainer.step} of {steps}; {kept}")
