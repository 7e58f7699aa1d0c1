"""The checker: judges a reader's function and names the bug that it has.

``python -m lesson_code check simclr_loss my_loss.py``, or in a notebook::

    from lesson_code.checker import check

    print(check("simclr_loss", my_loss))
"""

import gc
from typing import Any

from lesson_code.checker.verdict import Verdict

#: Seconds of a processor that a reader's code may take for all probes together.
LIMIT = 10.0


def check(exercise: str, candidate: Any, name: str = "", limit: float = LIMIT) -> Verdict:
    """Judge a function, a class, or what a file holds.

    Args:
        exercise: its name, as ``python -m lesson_code exercise list`` shows it.
        candidate: a function or class, or the path of a Python file. A file runs in a process of
            its own; a function runs here, because it cannot be carried elsewhere.
        name: which function of the file; found by itself where the file leaves no doubt.
        limit: seconds for the reader's code.

    Raises:
        ValueError: if there is no such exercise, or ``limit`` is not above 0.
    """
    # Whoever needs one part of the checker is not to import every exercise with it. While torch is
    # imported there is no garbage to look for.
    collects = gc.isenabled()
    gc.disable()
    from lesson_code.checker import process

    (gc.enable if collects else gc.disable)()
    return process.judged(exercise, candidate, name, limit)


__all__ = ["Verdict", "check"]
