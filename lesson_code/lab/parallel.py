"""Several runs at once: one process for each, one thread in each."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import torch

from lesson_code.lab.run import LabError

# A forked process has torch loaded already.
METHOD = "fork" if sys.platform == "linux" else "spawn"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """How a piece of work ended.

    Attributes:
        index: which one it was.
        value: what it gave.
        error: why it gave nothing; None if it went well.
    """

    index: int
    value: Any = None
    error: str | None = None


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def use_threads(count: int) -> None:
    """Let torch, and the libraries below NumPy and scikit-learn, use so many threads."""
    torch.set_num_threads(count)
    with contextlib.suppress(ImportError):
        # Comes with scikit-learn.
        from threadpoolctl import threadpool_limits

        threadpool_limits(count)


def each(
    work: Callable[[Any, Tell], Any],
    items: Sequence[Any],
    jobs: int,
    hear: Callable[[int, str], None] = lambda index, what: None,
) -> Iterator[Done]:
    """Do the work for each item in a process of its own, and yield what ended.

    All processes end when the iteration does, however that ends.

    Args:
        work: takes an item and a function to tell what it is at; a function of a module,
            so that another process can be given it.
        items: what to work on, in the order of their beginning.
        jobs: how many processes at once.
        hear: hears the index of an item and what its process is at.
    """
    context: Any = multiprocessing.get_context(METHOD)
    waiting = list(enumerate(items))
    running: dict[Any, tuple[int, Any]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                index, item = waiting.pop(0)
                mine, theirs = context.Pipe(duplex=False)
                process = context.Process(
                    target=_child, args=(work, item, theirs, os.getpid()), daemon=True
                )
                process.start()
                theirs.close()
                running[mine] = index, process
            for pipe in wait(list(running)):
                index, process = running[pipe]
                kind, value = _read(pipe, process)
                if kind == "at":
                    hear(index, value)
                    continue
                del running[pipe]
                process.join()
                yield Done(index, value) if kind == "done" else Done(index, error=value)
    finally:
        for _, process in running.values():
            process.kill()
            process.join()


def _read(pipe: Any, process: Any) -> tuple[str, Any]:
    try:
        return pipe.recv()
    except EOFError:  # it ended without a word
        process.join()
        code = process.exitcode
        if code < 0:
            return "failed", f"its process was ended by {signal.Signals(-code).name}"
        return "failed", f"its process ended with status {code}"


def _child(
    work: Callable[[Any, Tell], Any], item: Any, pipe: Connection, parent: int
) -> None:
    """Do one piece of work and send what came out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends this one
    _die_with(parent)
    use_threads(1)
    try:
        pipe.send(("done", work(item, lambda what: pipe.send(("at", what)))))
    except (LabError, ValueError) as error:
        pipe.send(("failed", str(error)))
    except Exception:
        pipe.send(("failed", traceback.format_exc()))


def _die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent does, however that ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(70)
