"""What the lab's trainer costs beside a loop written by hand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benches.rows import Row, at_most

STEPS = 40
BATCH = 256


def trainer_step(runs: int) -> Iterator[Row]:
    """A step of the trainer against the same step in a plain loop, turn by turn."""
    for name, by_hand in {"simclr": simclr_by_hand, "byol": byol_by_hand}.items():
        seconds: dict[str, list[float]] = {"trainer": [], "by hand": []}
        for turn in range(max(runs, 5) + 1):
            both: list[tuple[str, Callable[[], float]]] = [
                ("trainer", lambda name=name: by_trainer(name)),  # type: ignore[misc]
                ("by hand", by_hand),
            ]
            for who, step in both if turn % 2 else both[::-1]:
                spent = step()
                if turn:  # the first turn warms up
                    seconds[who].append(spent)
        ours, theirs = (1000 * statistics.median(seconds[who]) for who in seconds)
        detail = f" ({ours:.2f} ms / {theirs:.2f} ms)"
        yield at_most(f"lab-step: {name}, trainer / by hand", ours / theirs, 1.1, "x", detail)


def by_trainer(name: str) -> float:
    """Seconds of one step of the trainer."""
    from lesson_code.lab.data import load
    from lesson_code.lab.machine import Machine
    from lesson_code.lab.run import Run
    from lesson_code.lab.trainer import Trainer

    trainer = Trainer(Run(name, steps=STEPS, batch=BATCH, lr=1e-4), load("digits"), Machine())
    began = time.perf_counter()
    for _ in trainer.fit():
        pass
    return (time.perf_counter() - began) / STEPS


def simclr_by_hand() -> float:
    """Seconds of one step of SimCLR as one would write it without a trainer."""
    from lesson_code import MLP, simclr_loss
    from lesson_code.lab.networks import SmallCNN

    encoder, projector = SmallCNN(1), MLP(64, 128, 64)

    def loss(view_1: Any, view_2: Any) -> Any:
        return simclr_loss(projector(encoder(view_1)), projector(encoder(view_2)), 0.5)

    return loop([encoder, projector], loss, lambda step: None)


def byol_by_hand() -> float:
    """Seconds of one step of BYOL as one would write it without a trainer."""
    import copy

    import torch

    from lesson_code import MLP, cosine_momentum, ema_update, regression_loss
    from lesson_code.lab.networks import SmallCNN

    online = torch.nn.Sequential(SmallCNN(1), MLP(64, 128, 64))
    predictor = MLP(64, 128, 64)
    online.to(memory_format=torch.channels_last)
    target = copy.deepcopy(online).requires_grad_(False)

    def loss(view_1: Any, view_2: Any) -> Any:
        p_1, p_2 = predictor(online(view_1)), predictor(online(view_2))
        with torch.no_grad():
            z_1, z_2 = target(view_1), target(view_2)
        return (regression_loss(p_1, z_2) + regression_loss(p_2, z_1)) / 2

    def follow(step: int) -> None:
        ema_update(target, online, cosine_momentum(step, STEPS, 0.97))

    return loop([online, predictor], loss, follow)


def loop(modules: list[Any], loss_of: Callable[..., Any], after: Callable[[int], None]) -> float:
    """Seconds of one step of a plain training loop."""
    import torch

    from lesson_code.lab.augment import recipe, view
    from lesson_code.lab.data import load

    images, full = load("digits").train.images, recipe("full", 1)
    for module in modules:
        module.to(memory_format=torch.channels_last)
    parameters = [p for module in modules for p in module.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-4)
    draws = torch.Generator().manual_seed(0)
    began = time.perf_counter()
    for step in range(1, STEPS + 1):
        batch = images[torch.randperm(len(images), generator=draws)[:BATCH]]
        views = [view(batch, full, draws) for _ in range(2)]
        loss = loss_of(*(v.contiguous(memory_format=torch.channels_last) for v in views))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        after(step)
    return (time.perf_counter() - began) / STEPS
