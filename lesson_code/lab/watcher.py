"""Who watches a run on a terminal: a progress bar, and what Ctrl-C does."""

from __future__ import annotations

import os
import signal
from types import FrameType

from lesson_code.lab import distributed
from lesson_code.lab.run import Run
from lesson_code.lab.telling import Meter, tell
from lesson_code.lab.training import Progress


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP, where there is nothing to be finished."""


class Watcher:
    """Shows the progress of a run, and turns the first signal to end into a wish to stop.

    Before the first step and after the last one, both end the process at once: there is
    nothing to be finished. Of several processes each gets the signal, perhaps twice,
    from the terminal and from torchrun; they agree on a step.

    Args:
        run: what is trained.
        shown: whether this process shows anything.
    """

    def __init__(self, run: Run, shown: bool) -> None:
        self.run, self.shown = run, shown
        self.stopping, self.training, self.steps = False, False, 0
        self.meter: Meter | None = None
        self.measured: dict[str, str] = {}

    def __enter__(self) -> Watcher:
        numbers = [signal.SIGINT, signal.SIGTERM]
        if os.name != "nt" and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # no nohup
            numbers.append(signal.SIGHUP)  # the terminal is gone
        self.before = {number: signal.signal(number, self.interrupted) for number in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        if self.meter is not None:
            self.meter.close()

    def interrupted(self, number: int, frame: FrameType | None) -> None:
        """Wish to stop; the second time, end."""
        several, name = distributed.world() > 1, signal.Signals(number).name
        if not self.training or (self.stopping and not several):
            raise KeyboardInterrupt if number == signal.SIGINT else Terminated(name)
        if not self.stopping:
            self.stopping = True
            again = "Ctrl-C" if number == signal.SIGINT else name
            tell(f"finishing this step, then saving; {again} once more ends at once")

    def stop(self) -> bool:
        """Whether to stop after this step."""
        self.training = True
        return self.stopping

    def hear(self, progress: Progress) -> None:
        """Show how far the run is."""
        if self.meter is None and self.shown:
            self.meter = Meter(self.run.method, progress.steps, progress.step - 1)
        self.steps += 1
        self.training = progress.step < progress.steps
        if "knn" in progress.measures:
            self.measured["k-NN"] = f"{progress.measures['knn']:.3f}"
        if self.meter is not None:
            self.meter.hear(loss=f"{progress.loss:.4f}", **self.measured)
