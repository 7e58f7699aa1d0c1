"""One trainer for all methods: the same loop, resumable bit for bit, on one device or several."""

from __future__ import annotations

import contextlib
import platform
import re
import time
from typing import Any

# --8<-- [start:imports]
import math
from collections.abc import Callable, Iterator

import torch

# --8<-- [end:imports]
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lesson_code.lab import distributed, evaluate
from lesson_code.lab.augment import Recipe, recipe
from lesson_code.lab.code import changed, code, versions
from lesson_code.lab.data.sets import Data, other_data
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods import method
from lesson_code.lab.methods.base import Method
from lesson_code.lab.order import (
    check_batch,
    check_views,
    drawings,
    generator,
    order,
    training_images,
)
from lesson_code.lab.run import LabError, Record, Run, other_run


# --8<-- [start:learning_rate]
WARMUP = 20  # steps


def learning_rate(step: int, steps: int) -> float:
    """The share of the highest learning rate: a short warm-up, then half a cosine to 0."""
    warmup = min(WARMUP, steps // 5)
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


# --8<-- [end:learning_rate]


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
        kind = self.kind = method(run.method)
        if run.size not in (None, data.size):
            raise LabError(
                f"size must be {data.size}, as the data has it, got {run.size}"
            )
        torch.manual_seed(run.seed)
        built = kind.build(run, data).to(self.device)
        self.method: Method = built.to(memory_format=torch.channels_last)
        self.images = training_images(run, data, kind.labeled)
        check_batch(run, self.images, distributed.world())
        self.lr = run.lr if run.lr is not None else kind.lr
        self.optimizer = torch.optim.AdamW(
            self.method.groups(self.lr),
            betas=kind.betas,
            weight_decay=kind.weight_decay,
            fused=True,
        )
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.strength = run.augmentation or kind.augmentation
        self.check_augmentation()
        check_views(run, self.images, kind.views)
        self.step, self.seconds = 0, 0.0
        self.lengthened, self.changed = list[int](), list[str]()
        self.history: list[dict[str, float]] = []
        self.losses: list[float] = []

    def check_augmentation(self) -> None:
        """Require an augmentation that these images have."""
        if self.images.images.dtype != torch.uint8:
            self.recipe()
        elif self.run.augmentation not in (None, "full", "none"):
            raise LabError(
                f"augmentation of photographs must be full or none, got {self.run.augmentation!r}"
            )

    def batches(self) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
        """Views and labels of each step that is left, this process's part of them."""
        run, split = self.run, self.images
        steps = order(len(split.labels), run.batch, run.seed, self.step, run.steps)
        if split.images.dtype == torch.uint8:
            yield from self.photographs(steps)
            return
        for step, chosen in steps:
            drawn = self.draw(chosen, generator(run.seed, "views", step))
            yield (
                [distributed.share(one) for one in drawn],
                distributed.share(split.labels[chosen]),
            )

    def recipe(self) -> Recipe:
        """How far views may be from their images."""
        return recipe(self.strength, self.images.channels, self.data.recipes)

    def draw(self, rows: torch.Tensor, draws: torch.Generator) -> list[torch.Tensor]:
        """The views of images; of artists, every second view is by another one."""
        drawn, *others = (
            self.method.draw(some, self.recipe(), draws)
            for some in drawings(self.run, self.images, rows, draws)
        )
        for other in others:
            drawn[1::2] = other[1::2]
        return drawn

    def photographs(
        self, steps: Iterator[tuple[int, torch.Tensor]]
    ) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
        """The same for photographs, whose views torchvision makes one by one."""
        from lesson_code.lab.transforms import photograph_batches, photograph_views

        split, method = self.images, self.method
        plain = "evaluate" if self.strength == "none" else method.photographs
        views = photograph_views(plain, split.size, method.local_crops)
        mine = ((step, distributed.share(chosen)) for step, chosen in steps)
        workers, seed = self.machine.workers, self.run.seed
        for _, drawn, labels in photograph_batches(
            split.images, split.labels, views, mine, workers=workers, seed=seed
        ):
            yield drawn if len(drawn) > 1 else drawn * method.views, labels

    def forward(self) -> Callable[..., torch.Tensor]:
        """The method as it is called: spread over processes, its networks compiled."""
        module: nn.Module = self.method
        if self.machine.compile:
            for network in self.method.networks():
                network.compile()
        if distributed.world() > 1:
            if self.device.type == "cuda":
                to_sync: Any = nn.SyncBatchNorm.convert_sync_batchnorm
                module = to_sync(module)
            ids = [self.device.index] if self.device.type == "cuda" else None
            module = DistributedDataParallel(module, device_ids=ids)
        return module

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what can go wrong in a step into one message."""
        told = f"after step {self.step}: " if self.step else ""  # at first, a setting
        try:
            yield
        except (ValueError, torch.linalg.LinAlgError) as error:  # type: ignore[attr-defined]
            wild = re.search(r"finite|converge|\b(nan|inf)", str(error), re.IGNORECASE)
            hint = (
                f"; a learning rate below {self.lr:g} may help" if told and wild else ""
            )
            raise LabError(f"{told}{error}{hint}") from None
        except Exception as error:
            # Its errors have no public class in common; their modules tell them.
            compiler = ("torch._dynamo", "torch._inductor")
            if self.machine.compile and type(error).__module__.startswith(compiler):
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise LabError(f"compile does not work here: {reason}") from None
            raise

    def fit(self) -> Iterator[float]:
        """Train to the end; yield the loss after each step."""
        if self.step == 0:
            self.method.prepare(self.run, self.data, self.machine.device, train_alone)
        forward = self.forward()
        began = time.perf_counter()
        for loss in loop(self, forward):
            self.seconds += time.perf_counter() - began
            yield loss
            began = time.perf_counter()  # what others do meanwhile is not training

    def placed(self, images: torch.Tensor) -> torch.Tensor:
        """Images where the method is, their channels last."""
        return images.to(self.device, memory_format=torch.channels_last)

    def checked(self, loss: torch.Tensor) -> float:
        """The loss as a number, the mean over all processes.

        Raises:
            LabError: if it is not finite.
        """
        value = distributed.mean(loss.item())
        if not math.isfinite(value):
            hint = f"a learning rate below {self.lr:g} may help"
            raise LabError(f"the loss is {value} at step {self.step + 1}; {hint}")
        return value

    def reseed(self) -> None:
        """Give each process random numbers of its own, where there are several.

        Else MAE would hide the same patches in the parts of all: they start from one seed.
        """
        if distributed.world() > 1:
            number = self.step * distributed.world() + distributed.rank()
            torch.manual_seed(generator(self.run.seed, "step", number).initial_seed())

    def clip_gradients(self) -> None:
        """Bound the norm of each parameter's gradient, as DINO does, not of all together."""
        if self.method.clip is not None:
            for parameter in self.method.parameters():
                if parameter.grad is not None:
                    torch.nn.utils.clip_grad_norm_(parameter, self.method.clip)

    def measure(self) -> dict[str, float]:
        """Spread, rank and what the method watches, now."""
        images, views = self.images.images, self.watched_views()
        with self.machine.eager():
            return evaluate.health(self.method, images, views, self.device)

    def watched_views(self) -> list[torch.Tensor]:
        """The same views at every measurement, of the first images."""
        images = self.images.images[: evaluate.WATCHED]
        if images.dtype != torch.uint8:
            draws = generator(self.run.seed, "watch", 0)
            return self.method.draw(images, self.recipe(), draws)
        if type(self.method).watch is Method.watch:
            return []  # nobody looks at them, and photographs take long
        from lesson_code.lab.transforms import photograph_batches, photograph_views

        views = photograph_views(
            self.method.photographs, images.shape[2], local_crops=0
        )
        everything = [(0, torch.arange(len(images)))]
        labels = self.images.labels[: len(images)]
        batches = photograph_batches(
            images, labels, views, everything, seed=self.run.seed
        )
        return next(iter(batches))[1]

    def note(self, watched: bool) -> dict[str, float]:
        """Add a row to the history: the mean loss since the last row, and measures."""
        since = int(self.history[-1]["step"]) if self.history else 0
        recent = self.losses[since:]
        row = {"step": float(self.step), "loss": sum(recent) / len(recent)}
        if watched:
            with self.explained(), self.machine.eager():
                knn = evaluate.neighbors(self.method, self.data, self.device)
                row |= {"knn": knn, **self.measure()}
        self.history.append(row)
        return row

    def state(self) -> dict[str, Any]:
        """Everything from which the run goes on as if it had never stopped."""
        cuda = torch.cuda.get_rng_state() if self.device.type == "cuda" else None
        return {
            "run": self.kind.plain(self.run, self.data).as_dict(),
            "data": self.data.facts(),
            "network": self.kind.described(self.run, self.data),
            "code": code(),
            "lengthened": self.lengthened,
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
            LabError: if it belongs to another run, or to one on other data.
        """
        mine = self.kind.plain(self.run, self.data)
        if reason := other_run(state["run"], mine.as_dict(), state["step"]):
            raise LabError(f"the checkpoint is of another run, with {reason}")
        if reason := other_data(state["data"], self.data.facts()):
            raise LabError(f"the checkpoint is of a run on other data: {reason}")
        try:
            self.method.load_state_dict(state["method"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise LabError(f"the checkpoint does not fit this code: {reason}") from None
        self.step, self.seconds = state["step"], state["seconds"]
        longer = state["run"]["steps"] < self.run.steps
        self.lengthened = [*state["lengthened"], *([self.step] if longer else [])]
        self.changed = changed(state["code"])
        self.history, self.losses = state["history"], state["losses"]
        torch.set_rng_state(state["random"].cpu())
        if state["random_cuda"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["random_cuda"].cpu())

    def check_weights(self) -> None:
        """Require finite weights, so that no ruined checkpoint replaces a good one.

        Raises:
            LabError: if the last step, whose loss was finite, has left others.
        """
        for name, tensor in self.method.state_dict().items():
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                hint = f"a learning rate below {self.lr:g} may help"
                raise LabError(
                    f"{name} is no longer finite after step {self.step}; {hint}"
                )

    def finish(self, split: str) -> Record:
        """Judge the trained method and write the record; the first process does it for all."""
        self.check_weights()
        with self.explained():
            mine = self.judged(split) if distributed.rank() == 0 else {}
        measures = distributed.from_first(mine)
        on_gpu = self.device.type == "cuda"
        name = torch.cuda.get_device_name() if on_gpu else platform.machine()
        return Record(
            self.run,
            measures,
            self.history,
            self.seconds,
            name,
            versions(),
            self.data.facts(self.images),
            self.lengthened,
        )

    def judged(self, split: str) -> dict[str, float]:
        """The measures of the record."""
        with evaluate.resting(self.method), self.machine.eager():
            represent = self.method.represent
            measures = evaluate.judge(represent, self.data, split, self.device)
            held_out = getattr(self.data, split)
            own = evaluate.accuracy(self.method, held_out, self.device)
        measures |= {} if own is None else {"accuracy": own}
        last = self.losses[-10:]
        return measures | self.measure() | {"loss": sum(last) / len(last)}


# --8<-- [start:loop]
def loop(trainer: Trainer, forward: Callable[..., torch.Tensor]) -> Iterator[float]:
    """Take the steps that are left; yield the loss after each."""
    trainer.method.train()
    for views, labels in trainer.batches():
        share = learning_rate(trainer.step, trainer.run.steps)
        for group, rate in zip(
            trainer.optimizer.param_groups, trainer.rates, strict=True
        ):
            group["lr"] = rate * share
        with trainer.explained():
            loss = take_step(trainer, forward, views, labels)
        trainer.losses.append(loss)
        yield loss


def take_step(
    trainer: Trainer,
    forward: Callable[..., torch.Tensor],
    views: list[torch.Tensor],
    labels: torch.Tensor,
) -> float:
    """Take one step of the optimizer and return the loss before it."""
    trainer.reseed()
    trainer.method.before_step()
    with trainer.machine.precision():
        loss = forward(
            [trainer.placed(one) for one in views], labels.to(trainer.device)
        )
    value = trainer.checked(loss)
    trainer.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    trainer.clip_gradients()
    trainer.optimizer.step()
    trainer.step += 1
    trainer.method.after_step(trainer.step, trainer.run.steps)
    return value


# --8<-- [end:loop]


def train_alone(run: Run, data: Data, device: str = "cpu") -> Method:
    """Train and return a method without judging it, as a teacher is made."""
    with distributed.alone():
        trainer = Trainer(run, data, Machine(device))
        for _ in trainer.fit():
            pass
    return trainer.method
