"""A process that has torch loaded and forks one child per example.

It reads requests as lines of JSON from its standard input and answers each with one line on its
standard output: the request's id, how the child ended, and its seconds. It ends, and its children
with it, when its input does. Where forking is not safe each example gets a new interpreter instead.
"""

from __future__ import annotations

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


def start(request: dict[str, Any]) -> Child:
    """Begin to run the example of ``request`` in a process of its own."""
    if CAN_FORK:
        from bookbuild import sandbox

        return Forked(lambda: sandbox.run(request))
    file = Path(request["out"]) / "request.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    command = [sys.executable, "-m", "bookbuild.sandbox", str(file)]
    return subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)


def serve(jobs: int) -> None:
    """Answer requests until the input ends, at most ``jobs`` at once."""
    waiting: list[dict[str, Any]] = []
    running: list[tuple[dict[str, Any], Child, float]] = []
    buffer = b""
    while True:
        ready, _, _ = select.select([0], [], [], _TICK if running or waiting else None)
        if ready:
            data = os.read(0, 65536)
            if not data:
                _end(running)
                return
            *lines, buffer = (buffer + data).split(b"\n")
            waiting += [json.loads(line) for line in lines]
        while waiting and len(running) < jobs:
            request = waiting.pop(0)
            running.append((request, start(request), time.monotonic()))
        running = [entry for entry in running if not _finished(*entry)]


def _finished(request: dict[str, Any], child: Child, began: float) -> bool:
    status = child.poll()
    seconds = time.monotonic() - began
    if status is None and seconds > request["limit"]:
        _kill(child)
        while child.poll() is None:
            time.sleep(_TICK)
        answer = {"id": request["id"], "status": "timeout", "seconds": seconds}
    elif status is None:
        return False
    else:
        answer = {"id": request["id"], "status": status, "seconds": seconds}
    os.write(1, json.dumps(answer).encode() + b"\n")
    return True


def _kill(child: Child) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(child.pid, signal.SIGKILL)


def _end(running: list[tuple[dict[str, Any], Child, float]]) -> None:
    for _, child, _ in running:
        if child.poll() is None:
            _kill(child)


def main() -> None:
    """Load what examples need, say so, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the build, which ends this input
    if CAN_FORK:
        from bookbuild import sandbox

        sandbox.preload()
    os.write(1, b'{"id": "ready"}\n')
    serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
