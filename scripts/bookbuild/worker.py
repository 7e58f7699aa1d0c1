"""A process that has torch loaded and forks one child per example.

It reads requests as lines of JSON from its standard input and answers each with one line on its
standard output: the request's id, how the child ended, and its seconds. It ends, and its children
with it, when its input does. Where forking is not safe each example gets a new interpreter instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

CAN_FORK = sys.platform.startswith("linux")
_TICK = 0.02
# An example's limit is time on a processor; it may wait for one, or sleep, so many times as long.
WAITING = 8 if os.name == "posix" else 1


class Child(Protocol):
    """What forked children and new interpreters have in common."""

    pid: int

    def poll(self) -> int | None:
        """The exit status, or nothing while it runs."""


class Forked:
    """A forked child that leads a process group of its own."""

    def __init__(self, work: Callable[[], int]) -> None:
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            status = 70
            try:
                os.setsid()
                _die_with(parent)
                status = work()
                sys.stderr.flush()
            finally:
                os._exit(status)

    def poll(self) -> int | None:
        """The exit status (negative for a signal), or nothing while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent does, however that ends."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(70)


def start(request: dict[str, Any], pipes: tuple[int, int]) -> Child:
    """Begin to run the example of ``request`` in a process of its own, away from our ``pipes``."""
    if CAN_FORK:
        from bookbuild import sandbox

        def work() -> int:
            for pipe in pipes:
                os.close(pipe)
            return sandbox.run(request)

        return Forked(work)
    file = Path(request["out"]) / "request.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    command = [sys.executable, "-m", "bookbuild.sandbox", str(file)]
    null = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True)


def serve(jobs: int, pipes: tuple[int, int]) -> None:
    """Answer the requests of the first pipe on the second, at most ``jobs`` at once."""
    source, sink = pipes
    waiting: list[dict[str, Any]] = []
    running: list[tuple[dict[str, Any], Child, float]] = []
    buffer = b""
    while True:
        ready, _, _ = select.select([source], [], [], _TICK if running or waiting else None)
        if ready:
            data = os.read(source, 65536)
            if not data:
                _end(running)
                return
            *lines, buffer = (buffer + data).split(b"\n")
            waiting += [json.loads(line) for line in lines]
        while waiting and len(running) < jobs:
            request = waiting.pop(0)
            running.append((request, start(request, pipes), time.monotonic()))
        ended = [(entry, answer) for entry in running if (answer := _finished(*entry))]
        for entry, answer in ended:
            running.remove(entry)
            os.write(sink, json.dumps(answer).encode() + b"\n")


def _finished(request: dict[str, Any], child: Child, began: float) -> dict[str, Any] | None:
    status: int | str | None = child.poll()
    seconds = time.monotonic() - began
    if status is None and seconds > WAITING * request["limit"]:
        _kill(child)
        while child.poll() is None:
            time.sleep(_TICK)
        status = "timeout"
    elif status is None:
        return None
    elif status == -getattr(signal, "SIGXCPU", 0):  # the sandbox gave it so much and no more
        status = "timeout"
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what it started and left behind
    return {"id": request["id"], "status": status, "seconds": seconds}


def _kill(child: Child) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it does not lead its group yet
        os.kill(child.pid, signal.SIGKILL)


def _end(running: list[tuple[dict[str, Any], Child, float]]) -> None:
    for _, child, _ in running:
        if child.poll() is None:
            _kill(child)


def main() -> None:
    """Load what examples need, say so, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the build, which ends this input
    pipes = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a library prints while it loads is no answer
    if CAN_FORK:
        from bookbuild import sandbox

        sandbox.preload()
    os.write(pipes[1], b'{"id": "ready"}\n')
    serve(int(sys.argv[1]), pipes)


if __name__ == "__main__":
    main()
