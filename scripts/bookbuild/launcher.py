"""The build's side of the worker: starting it, sending it examples, hearing how they ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from bookbuild.project import BookError
from bookbuild.worker import WAITING

OTHER_HARDWARE = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
}
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
_PATIENCE = 120.0


class Worker:
    """The process that runs examples; started at first need, ended with ``close``."""

    def __init__(self, jobs: int | None = None, emulate: bool = False, nice: int = 0) -> None:
        self.nice = nice
        self.jobs = jobs or os.cpu_count() or 1
        self.environment = os.environ | _ONE_THREAD | (OTHER_HARDWARE if emulate else {})
        self.process: subprocess.Popen[bytes] | None = None
        self.errors: IO[bytes] | None = None
        self.ready = False
        self.buffer = b""

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process without waiting for it; it loads torch meanwhile."""
        if self.process is not None and self.process.poll() is None:
            return
        self.close()
        self.ready, self.buffer = False, b""
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bookbuild.worker", str(self.jobs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=self.environment,
        )
        if self.nice and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, self.nice)

    def run(self, requests: list[dict[str, Any]]) -> Iterator[tuple[int, int | str, float]]:
        """Run all requests; yield the id, status and seconds of each as it ends.

        Raises:
            BookError: If the process ended or gave no sign of life for too long.
        """
        self.start()
        assert self.process is not None and self.process.stdin is not None
        if not self.ready:
            self._answer(_PATIENCE * 3)
            self.ready = True
        lines = b"".join(json.dumps(request).encode() + b"\n" for request in requests)
        try:
            self.process.stdin.write(lines)
            self.process.stdin.flush()
            patience = _PATIENCE + WAITING * max(request["limit"] for request in requests)
            for _ in requests:
                answer = self._answer(patience)
                yield answer["id"], answer["status"], answer["seconds"]
        except BrokenPipeError:
            raise BookError(self._last_words("ended")) from None
        except GeneratorExit:
            self.close()
            raise

    def _answer(self, patience: float) -> dict[str, Any]:
        assert self.process is not None and self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([pipe], [], [], patience)
            data = os.read(pipe, 65536) if ready else b""
            if not data:
                what = "ended" if ready else f"gave no answer for {patience:.0f} s"
                raise BookError(self._last_words(what))
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self, what: str) -> str:
        """Why the process cannot go on, such as a torch that fails to load."""
        process, errors = self.process, self.errors
        assert process is not None and errors is not None
        self.process = self.errors = None
        lines: list[str] = []
        with errors:
            self._end(process)
            if process.returncode > 0:
                errors.seek(0)
                lines = errors.read().decode(errors="replace").strip().splitlines()[-1:]
        why = ": ".join([what, *lines])
        return f"the process that runs examples {why}; each result is the old or the new one"

    def close(self) -> None:
        """End the process and what it runs."""
        if self.process is not None:
            self._end(self.process)
        if self.errors is not None:
            self.errors.close()
        self.process = self.errors = None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
