"""Work done in forked processes, which need not load torch again, and a few digits for it."""

import multiprocessing.util
import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import torch
from helpers import PATIENCE

from lesson_code.lab.data import Data, Split, load


def child(work: Callable[[], object]) -> int:
    """Do the work in a forked process; return its id. It ends with status 0, or 1 if it raised."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            # As its own processes do, else tensors to workers go by the parent's sockets.
            multiprocessing.util._run_after_forkers()
            torch.set_num_threads(1)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup leaves ignored
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return pid


def ended(pid: int, seconds: float = PATIENCE) -> int:
    """Wait for a forked process and return its exit code, negative for a signal."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"a process still ran after {seconds} seconds")


def few_digits() -> Data:
    """The digits with few images, so that judging takes no time."""
    data = load("digits")
    counts = {"train": 320, "validation": 50, "test": 50}
    splits = {name: getattr(data, name) for name in counts}
    few = {n: Split(s.images[: counts[n]], s.labels[: counts[n]]) for n, s in splits.items()}
    return Data(data.name, data.classes, **few)


def group(world: int, work: Callable[[int], object], folder: Path) -> list[int]:
    """Do the work in several processes that know each other; return their exit codes."""
    import torch.distributed as dist

    from lesson_code.lab import distributed

    def member(rank: int) -> None:
        os.environ.update(WORLD_SIZE=str(world), RANK=str(rank), LOCAL_RANK=str(rank))
        dist.init_process_group(
            "gloo",
            init_method=f"file://{folder}/rendezvous",
            world_size=world,
            rank=rank,
            timeout=distributed.PATIENCE,
        )
        work(rank)
        dist.destroy_process_group()

    pids = [child(lambda rank=rank: member(rank)) for rank in range(world)]
    return [ended(pid) for pid in pids]
