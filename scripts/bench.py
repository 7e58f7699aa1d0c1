"""Measures what the project promises about speed and size, as ratios taken in one run.

    python scripts/bench.py              everything
    python scripts/bench.py loop moco    what is named

What a machine cannot measure (no lightly, no Chromium, no Node, no network) is told, not guessed.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from benches import browser, checker, house, lab, loop
from benches.rows import CannotMeasureError, Row, at_most

ROOT = Path(__file__).resolve().parent.parent
LEVEL = 1.05
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


# The published losses against lightly's, forward and backward, on one thread

Step = Callable[[], Any]


def against_peer(name: str, ours: Step, peer: Step, runs: int) -> Iterator[Row]:
    """Interleaved timings and the peak of memory that torch allocates during one step.

    Up to a twentieth counts as level: so much the same step differs from run to run.
    """
    for step in (ours, peer, ours, peer):
        step()
    ratios, times = [], []
    for turn in range(max(runs, 5) * 3):
        order = (ours, peer) if turn % 2 else (peer, ours)
        seconds = {step: timed(step) for step in order}
        times.append((seconds[ours], seconds[peer]))
        ratios.append(seconds[ours] / seconds[peer])
    mine, theirs = (1000 * statistics.median(column) for column in zip(*times, strict=True))
    detail = f" ({mine:.1f} ms / {theirs:.1f} ms, {len(ratios)} pairs)"
    yield at_most(f"{name}: time / lightly", statistics.median(ratios), LEVEL, "x", detail)
    for step in (ours, peer):  # the first step under a profiler allocates more
        peak_memory(step)
    mine, theirs = (peak_memory(step) / 2**20 for step in (ours, peer))
    detail = f" ({mine:.1f} MiB / {theirs:.1f} MiB)"
    yield at_most(f"{name}: peak memory / lightly", mine / theirs, LEVEL, "x", detail)


def timed(step: Step) -> float:
    """The seconds of one step."""
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def peak_memory(step: Step) -> int:
    """How far torch's allocations rose above where they were, from its own record of each one."""
    import torch

    activities = [torch.profiler.ProfilerActivity.CPU]
    with tempfile.TemporaryDirectory() as folder, silent():
        with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
            step()
        trace = Path(folder) / "trace.json"
        profile.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    allocations = [event for event in events if event["name"] == "[memory]"]
    held, peak = 0, 0
    for event in sorted(allocations, key=lambda event: event["ts"]):
        held += event["args"]["Bytes"]
        peak = max(peak, held)
    return peak


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Drop what the profiler's own library writes to the standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def with_peer(bench: Callable[[int], Iterator[Row]]) -> Callable[[int], Iterator[Row]]:
    """Set torch to one thread, and say so where lightly is missing."""

    @functools.wraps(bench)
    def prepared(runs: int) -> Iterator[Row]:
        os.environ.update(ONE_THREAD)
        try:
            import lightly.loss  # noqa: F401
            import torch
        except ImportError:
            raise CannotMeasureError("lightly is missing: pip install -e '.[peers]'") from None
        torch.set_num_threads(1)
        torch.manual_seed(0)
        yield from bench(runs)

    return prepared


def backward(loss: Callable[..., Any], *inputs: Any) -> None:
    """One forward and backward pass; gradients do not pile up."""
    for tensor in inputs:
        tensor.grad = None
    loss(*inputs).backward()


def agree(ours: float, peer: float) -> None:
    """Two losses are only compared when they are the same loss."""
    if abs(ours - peer) > 1e-4 * abs(peer):
        raise CannotMeasureError(f"the two losses differ: {ours} and {peer}")


@with_peer
def simclr(runs: int) -> Iterator[Row]:
    """SimCLR's loss on 256 pairs of length 128."""
    import torch
    from lightly.loss import NTXentLoss

    from lesson_code import simclr_loss

    peer = NTXentLoss(temperature=0.5)
    views = [torch.randn(256, 128, requires_grad=True) for _ in range(2)]
    agree(simclr_loss(views[0], views[1]).item(), peer(*views).item())
    ours_step = functools.partial(backward, simclr_loss, *views)
    yield from against_peer("simclr_loss", ours_step, lambda: backward(peer, *views), runs)


@with_peer
def redundancy(runs: int) -> Iterator[Row]:
    """Barlow Twins and VICReg, from a small batch to one as wide as it is long."""
    import torch
    from lightly.loss import BarlowTwinsLoss, VICRegLoss

    from lesson_code import barlow_twins_loss, vicreg_loss

    ours: dict[str, Callable[..., Any]] = {
        "barlow_twins_loss": barlow_twins_loss,
        "vicreg_loss": vicreg_loss,
    }
    peers = {"barlow_twins_loss": BarlowTwinsLoss(), "vicreg_loss": VICRegLoss()}
    for name, loss in ours.items():
        for size in ((64, 128), (256, 2048), (2048, 2048)):
            views = [torch.randn(*size, requires_grad=True) for _ in range(2)]
            our_step = functools.partial(backward, loss, *views)
            peer_step = functools.partial(backward, peers[name], *views)
            yield from against_peer(f"{name} {size[0]} x {size[1]}", our_step, peer_step, runs)


@with_peer
def dino(runs: int) -> Iterator[Row]:
    """DINO's loss and its center, 16 images, 65,536 prototypes: two crops, then two and six."""
    import torch
    from lightly.loss import DINOLoss

    from lesson_code import CenteringMechanism, dino_loss, multi_crop_dino_loss

    outputs = 65536
    teacher = [torch.randn(16, outputs) for _ in range(2)]

    def pair(*student: torch.Tensor) -> torch.Tensor:
        center = mechanism.center
        losses = [
            dino_loss(student[0], teacher[1], center=center),
            dino_loss(student[1], teacher[0], center=center),
        ]
        mechanism.update_center(torch.cat(teacher))
        return (losses[0] + losses[1]) / 2

    def crops(*student: torch.Tensor) -> torch.Tensor:
        loss = multi_crop_dino_loss(list(student), teacher, 0.1, 0.04, center=mechanism.center)
        mechanism.update_center(torch.cat(teacher))
        return loss

    for name, ours, views in (("dino_loss", pair, 2), ("multi_crop_dino_loss", crops, 8)):
        mechanism, peer = CenteringMechanism(outputs), DINOLoss(outputs)
        student = [torch.randn(16, outputs, requires_grad=True) for _ in range(views)]

        def peer_loss(*student: torch.Tensor, peer: Any = peer) -> Any:
            return peer(teacher, list(student))

        agree(ours(*student).item(), peer_loss(*student).item())
        yield from against_peer(
            name,
            functools.partial(backward, ours, *student),
            functools.partial(backward, peer_loss, *student),
            runs,
        )


@with_peer
def moco(runs: int) -> Iterator[Row]:
    """A step of MoCo: 256 images, a small encoder, 65,536 keys of length 128."""
    import copy

    import torch
    from lightly.loss import NTXentLoss
    from lightly.models.utils import batch_shuffle, batch_unshuffle, update_momentum
    from torch import nn

    from lesson_code import MoCo

    encoder = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 128))
    query, key = copy.deepcopy(encoder), copy.deepcopy(encoder).requires_grad_(False)
    ours = MoCo(encoder, dim=128, K=65536, m=0.999, T=0.07)
    peer = NTXentLoss(temperature=0.07, memory_bank_size=(65536, 128))
    images = [torch.randn(256, 512) for _ in range(2)]

    def our_step() -> None:
        ours.zero_grad(set_to_none=True)
        backward(lambda: nn.functional.cross_entropy(*ours(*images)))  # no name keeps the logits

    def peer_step() -> None:
        query.zero_grad(set_to_none=True)
        update_momentum(query, key, m=0.999)
        with torch.no_grad():
            shuffled, order = batch_shuffle(images[1])
            keys = batch_unshuffle(key(shuffled), order)
        backward(lambda: peer(query(images[0]), keys))

    yield from against_peer("MoCo's step", our_step, peer_step, runs)


BENCHES: dict[str, Callable[[int], Iterator[Row]]] = {
    "simclr": simclr,
    "redundancy": redundancy,
    "dino": dino,
    "moco": moco,
    "lab-step": lab.trainer_step,
    "check": checker.check_seconds,
    "lighthouse": browser.lighthouse,
    "taps": browser.taps,
    "house": house.house,
    "loop": loop.loop,
    "saves": loop.saves,  # the last part of loop
}


def measure(names: list[str], runs: int) -> None:
    """Run the named benchmarks, one after the other, and print each figure as it comes."""
    print(f"{'what':50} {'limit':13} {'ok':4} figure", flush=True)
    for name in names:
        try:
            for row in BENCHES[name](runs):
                show(row)
        except CannotMeasureError as reason:
            show(Row(name, f"not measured: {reason}"))


def show(row: Row) -> None:
    """Print one line of the table."""
    ok = {True: "yes", False: "NO", None: "-"}[row.ok]
    print(f"{row.what:50} {row.limit:13} {ok:4} {row.figure}", flush=True)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--runs", type=int, default=5, help="repetitions (default and least: 5)")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(
            f"no such benchmark: {', '.join(sorted(unknown))}; known: {', '.join(BENCHES)}"
        )
    measure(options.names or [name for name in BENCHES if name != "saves"], options.runs)


if __name__ == "__main__":
    main()
