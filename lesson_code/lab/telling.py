"""What the lab says while it works: messages and their parts, and how far it is."""

from __future__ import annotations

import difflib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

A_MINUTE = 60.0


def plain(text: str, kept: str = "\n\t") -> str:
    """A text of whatever origin, such as a name: what is no letter or sign is spelled out."""
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in text)


def why(error: BaseException) -> str:
    """The reason of an error in one line."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        return f"it lacks {reason}"
    return "it is no file of weights alone" if "weights_only" in reason else reason[:300]


def nearby(path: Path) -> str:
    """A hint at what is called nearly as a path that does not exist, if there is something."""
    path = path.absolute()
    with suppress(OSError):
        names = {one.name.lower(): one.name for one in path.parent.iterdir() if one != path}
        for close in difflib.get_close_matches(path.name.lower(), names, n=1):
            return f"; did you mean {path.with_name(names[close])}?"
    return ""


def tell(message: str, whoever: bool = False) -> None:
    """Say something on the terminal; of several processes only the first one does."""
    if whoever or os.environ.get("RANK", "0") == "0":
        with suppress(OSError):  # of a terminal that is gone
            print(f"lab: {plain(message)}", file=sys.stderr, flush=True)


class Meter:
    """How far a long work is: a bar on a terminal; into a file or a pipe, a line a minute.

    Args:
        what: is done.
        total: how many pieces it has.
        initial: how many are done already.
    """

    def __init__(self, what: str, total: int, initial: int = 0) -> None:
        self.what, self.total, self.done = what, total, initial
        self.told = time.monotonic()
        self.bar: Any = None
        if sys.stderr.isatty():
            import tqdm

            tqdm.tqdm.monitor_interval = 0  # its thread would be in the way of forking
            self.bar = tqdm.tqdm(total=total, desc=what, initial=initial, dynamic_ncols=True)

    def hear(self, **shown: str) -> None:
        """One more piece is done; show numbers about it."""
        self.done += 1
        if self.bar is not None:
            self.bar.set_postfix(shown, refresh=False)
            self.bar.update()
        elif time.monotonic() - self.told >= A_MINUTE:
            self.told = time.monotonic()
            numbers = "".join(f", {name} {value}" for name, value in shown.items())
            tell(f"{self.what}: {self.done} of {self.total}{numbers}")

    def close(self) -> None:
        """Leave the bar as it is."""
        if self.bar is not None:
            self.bar.close()
