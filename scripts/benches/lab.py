"""What the lab's trainer costs beside a loop written by hand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from benches.rows import Row, at_most

STEPS = 40
BATCH = 256


def trainer_step(runs: int) -> Iterator[Row]:
    """A step of SimCLR in the trainer against the same step in a plain loop, turn by turn."""
    seconds: dict[str, list[float]] = {"trainer": [], "by hand": []}
    ways = {"trainer": by_trainer, "by hand": by_hand}
    for turn in range(max(runs, 5) + 1):
        for who in list(ways)[:: 1 if turn % 2 else -1]:
            spent = ways[who]()
            if turn:  # the first turn warms up
                seconds[who].append(spent)
    ours, theirs = (1000 * statistics.median(seconds[who]) for who in ways)
    detail = f" ({ours:.2f} ms / {theirs:.2f} ms)"
    yield at_most("lab-step: trainer / by hand", ours / theirs, 1.1, "x", detail)


def by_trainer() -> float:
    """Seconds of one step of the trainer."""
    from lesson_code.lab.data import load
    from lesson_code.lab.machine import Machine
    from lesson_code.lab.run import Run
    from lesson_code.lab.trainer import Trainer

    run = Run("simclr", steps=STEPS, batch=BATCH, lr=1e-4)
    trainer = Trainer(run, load("digits"), Machine())
    began = time.perf_counter()
    for _ in trainer.fit():
        pass
    return (time.perf_counter() - began) / STEPS


def by_hand() -> float:
    """Seconds of one step as one would write it without a trainer."""
    import torch

    from lesson_code import MLP, simclr_loss
    from lesson_code.lab.augment import recipe, view
    from lesson_code.lab.data import load
    from lesson_code.lab.networks import SmallCNN

    images, full = load("digits").train.images, recipe("full", 1)
    network = torch.nn.Sequential(SmallCNN(1), MLP(64, 128, 64))
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=1e-4, fused=True)
    draws = torch.Generator().manual_seed(0)
    began = time.perf_counter()
    for _ in range(STEPS):
        batch = images[torch.randperm(len(images), generator=draws)[:BATCH]]
        views = [view(batch, full, draws) for _ in range(2)]
        outputs = [network(v.contiguous(memory_format=torch.channels_last)) for v in views]
        loss: Any = simclr_loss(outputs[0], outputs[1], 0.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (time.perf_counter() - began) / STEPS
