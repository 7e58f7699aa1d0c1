"""One trainer for all methods: the same loop, resumable bit for bit, on one device or several."""

from __future__ import annotations

import contextlib
import hashlib
import math
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lesson_code.lab import checkpoint, distributed, evaluate
from lesson_code.lab.augment import recipe
from lesson_code.lab.data import Data, Split, load
from lesson_code.lab.methods import Method, method
from lesson_code.lab.run import LabError, Record, Run

WARMUP = 20
AMP = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Machine:
    """On what a run runs; none of it is meant to change what comes out.

    Attributes:
        device: such as ``cpu`` or ``cuda``.
        amp: ``bf16`` for mixed precision, None for float32 throughout.
        compile: whether ``torch.compile`` makes the method faster.
        workers: processes that load and augment photographs.
    """

    device: str = "cpu"
    amp: str | None = None
    compile: bool = False
    workers: int = 0


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
    """A finished run: what was written down, the trained method, the data."""

    record: Record
    method: Method
    data: Data


# --8<-- [start:learning_rate]
def learning_rate(step: int, steps: int) -> float:
    """The share of the highest learning rate: a short warm-up, then half a cosine to 0."""
    warmup = min(WARMUP, steps // 5)
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


# --8<-- [end:learning_rate]


def generator(seed: int, purpose: str, number: int) -> torch.Generator:
    """Random numbers of their own for each purpose and step, so that no state must be kept."""
    digest = hashlib.sha256(f"{seed} {purpose} {number}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))


def order(count: int, batch: int, seed: int, start: int, steps: int) -> Iterator[
    tuple[int, torch.Tensor]
]:
    """The images of each step: every epoch a new permutation, cut into whole batches."""
    batch = min(batch, count)
    per_epoch = count // batch
    known, shuffled = -1, torch.empty(0, dtype=torch.long)
    for step in range(start, steps):
        epoch, place = divmod(step, per_epoch)
        if epoch != known:
            shuffled = torch.randperm(count, generator=generator(seed, "order", epoch))
            known = epoch
        yield step, shuffled[place * batch : (place + 1) * batch]


def training_images(run: Run, data: Data) -> Split:
    """The images that a run trains on."""
    split = data.train
    if run.omit:
        kept = ~torch.isin(split.labels, torch.tensor(run.omit))
        split = Split(split.images[kept], split.labels[kept])
    if run.images is not None:
        if run.images > len(split.images):
            raise LabError(f"images must be at most {len(split.images)}, got {run.images}")
        split = Split(split.images[: run.images], split.labels[: run.images])
    return split


class Trainer:
    """The state of a run between two steps.

    Args:
        run: what to train.
        data: on what.
        machine: where.

    Raises:
        LabError: if a name in the run is unknown or its settings do not fit.
    """

    def __init__(self, run: Run, data: Data, machine: Machine) -> None:
        self.run, self.data, self.machine = run, data, machine
        self.device = torch.device(machine.device)
        kind = method(run.method)
        torch.manual_seed(run.seed)
        built = kind.build(run, data).to(self.device)
        self.method: Method = built.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.images = training_images(run, data)
        self.lr = run.lr if run.lr is not None else kind.lr
        self.optimizer = torch.optim.AdamW(
            self.method.groups(self.lr), betas=kind.betas, weight_decay=kind.weight_decay
        )
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.strength = run.augmentation or kind.augmentation
        self.step, self.seconds = 0, 0.0
        self.history: list[dict[str, float]] = []
        self.losses: list[float] = []

    def batches(self) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
        """Views and labels of each step that is left, this process's part of them."""
        run, split = self.run, self.images
        steps = order(len(split.labels), run.batch, run.seed, self.step, run.steps)
        if split.images.dtype == torch.uint8:
            yield from self.photographs(steps)
            return
        views_of = recipe(self.strength, split.images.shape[1])
        for step, chosen in steps:
            drawn = self.method.draw(
                split.images[chosen], views_of, generator(run.seed, "views", step)
            )
            yield [distributed.share(one) for one in drawn], distributed.share(split.labels[chosen])

    def photographs(
        self, steps: Iterator[tuple[int, torch.Tensor]]
    ) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
        """The same for photographs, whose views torchvision makes one by one."""
        from lesson_code.lab.transforms import photograph_batches, photograph_views

        split = self.images
        plain = "evaluate" if self.strength == "none" else self.method.photographs
        views = photograph_views(plain, split.images.shape[2])
        mine = ((step, distributed.share(chosen)) for step, chosen in steps)
        workers, seed = self.machine.workers, self.run.seed
        for _, drawn, labels in photograph_batches(
            split.images, split.labels, views, mine, workers=workers, seed=seed
        ):
            yield drawn, labels

    def forward(self) -> Callable[..., torch.Tensor]:
        """The method as it is called: compiled or spread over processes where asked."""
        module: nn.Module = self.method
        if distributed.world() > 1:
            if self.device.type == "cuda":
                module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
            ids = [self.device.index] if self.device.type == "cuda" else None
            module = DistributedDataParallel(module, device_ids=ids)
        return torch.compile(module) if self.machine.compile else module

    def precision(self) -> contextlib.AbstractContextManager[Any]:
        """Mixed precision where it is asked for."""
        if self.machine.amp is None:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, AMP[self.machine.amp])

    # --8<-- [start:fit]
    def fit(self) -> Iterator[float]:
        """Train to the end; yield the loss after each step."""
        forward = self.forward()
        self.method.train()
        began = time.perf_counter() - self.seconds
        for views, labels in self.batches():
            for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate * learning_rate(self.step, self.run.steps)
            self.method.before_step()
            with self.precision():
                loss = forward(
                    [one.to(self.device, memory_format=torch.channels_last) for one in views],
                    labels.to(self.device),
                )
            if not math.isfinite(value := loss.item()):
                raise LabError(f"the loss is {value} at step {self.step + 1}")
            self.optimizer.zero_grad()
            loss.backward()
            self.clip_gradients()
            self.optimizer.step()
            self.step += 1
            self.method.after_step(self.step, self.run.steps)
            self.seconds = time.perf_counter() - began
            self.losses.append(value)
            yield value
            began = time.perf_counter() - self.seconds  # what others do meanwhile is not training

    # --8<-- [end:fit]

    def clip_gradients(self) -> None:
        """Bound the norm of each parameter's gradient, as DINO does, not of all together."""
        if self.method.clip is not None:
            for parameter in self.method.parameters():
                if parameter.grad is not None:
                    torch.nn.utils.clip_grad_norm_(parameter, self.method.clip)

    def measure(self) -> dict[str, float]:
        """Spread, rank and what the method watches, now."""
        images = self.images.images
        if images.dtype == torch.uint8:
            return evaluate.health(self.method, images, [], self.device)
        views = self.method.draw(
            images[: evaluate.WATCHED],
            recipe(self.strength, images.shape[1]),
            generator(self.run.seed, "watch", 0),
        )
        return evaluate.health(self.method, images, views, self.device)

    def note(self, watched: bool) -> dict[str, float]:
        """Add a row to the history: the mean loss since the last row, and measures."""
        since = int(self.history[-1]["step"]) if self.history else 0
        recent = self.losses[since:]
        row = {"step": float(self.step), "loss": sum(recent) / len(recent)}
        if watched:
            knn = evaluate.neighbors(self.method, self.data, self.device)
            row |= {"knn": knn, **self.measure()}
        self.history.append(row)
        return row

    def state(self) -> dict[str, Any]:
        """Everything from which the run goes on as if it had never stopped."""
        cuda = torch.cuda.get_rng_state() if self.device.type == "cuda" else None
        return {
            "run": self.run.as_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "method": self.method.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": cuda,
            "history": self.history,
            "losses": self.losses,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state.

        Raises:
            LabError: if it belongs to another run.
        """
        mine, theirs = self.run.as_dict(), state["run"]
        different = [key for key in mine if mine[key] != theirs.get(key)]
        if different:
            raise LabError(
                "the checkpoint is of another run: "
                + ", ".join(f"{key} was {theirs.get(key)!r}, is {mine[key]!r}" for key in different)
            )
        self.method.load_state_dict(state["method"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.history, self.losses = state["history"], state["losses"]
        torch.set_rng_state(state["random"].cpu())
        if state["random_cuda"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["random_cuda"].cpu())

    def finish(self, split: str) -> Record:
        """Judge the trained method and write the record."""
        with evaluate.resting(self.method):
            measures = evaluate.judge(self.method.represent, self.data, split, self.device)
        own = evaluate.accuracy(self.method, getattr(self.data, split), self.device)
        measures |= {} if own is None else {"accuracy": own}
        last = self.losses[-10:]
        measures |= self.measure() | {"loss": sum(last) / len(last)}
        name = torch.cuda.get_device_name() if self.device.type == "cuda" else platform.machine()
        return Record(self.run, measures, self.history, self.seconds, name, versions())


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Of Python and torch."""
    return {"python": platform.python_version(), "torch": torch.__version__}


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

    Returns:
        The record, the trained method and the data.

    Raises:
        LabError: if a name is unknown, settings do not fit, the loss is not finite, or a
            checkpoint cannot be read or written; the last good checkpoint stays.
    """
    machine = machine or Machine()
    with distributed.group(torch.device(machine.device)) as device:
        trainer = Trainer(run, data or load(run.data), replace(machine, device=str(device)))
        file = None if folder is None else folder / "checkpoint.pt"
        if file is not None and file.exists() and not restart:
            trainer.restore(checkpoint.load(file, device))
        try:
            follow(trainer, file, save_every, watch, report)
        except LabError as error:
            saved = f"; the checkpoint of an earlier step is in {file}" if file else ""
            raise LabError(f"{error}{saved if file and file.exists() else ''}") from None
        return Trained(trainer.finish(split), trainer.method, trainer.data)


def follow(
    trainer: Trainer,
    file: Path | None,
    save_every: int,
    watch: int,
    report: Callable[[Progress], None],
) -> None:
    """Train to the end, with rows in the history, checkpoints and reports on the way."""
    steps = trainer.run.steps
    every = watch or max(1, steps // 50)
    for loss in trainer.fit():
        row: dict[str, float] = {}
        if trainer.step % every == 0 or trainer.step == steps:
            row = trainer.note(watched=watch > 0)
        if file is not None and (trainer.step % save_every == 0 or trainer.step == steps):
            if distributed.rank() == 0:
                checkpoint.save(file, trainer.state())
        if distributed.rank() == 0:
            report(Progress(trainer.step, steps, loss, row))


def train_alone(run: Run, data: Data) -> Method:
    """Train and return a method without judging it, as a teacher is made."""
    trainer = Trainer(run, data, Machine())
    for _ in trainer.fit():
        pass
    return trainer.method
