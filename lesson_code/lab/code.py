"""Which code a run has run, so that a checkpoint can say what has changed since; and versions."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache, lru_cache
from pathlib import Path

import torch

from lesson_code.lab import own

ROOT = Path(__file__).parents[1]


def code() -> dict[str, str]:
    """A digest of each file of the book's package that is loaded, and of one's own files."""
    loaded = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    ours = {Path(file) for file in loaded if file and Path(file).is_relative_to(ROOT)}
    named = {path.relative_to(ROOT.parent).as_posix(): path for path in ours}
    named |= {str(path): path for path in own.files()}
    return {name: digest(path) for name, path in sorted(named.items())}


@cache  # what is loaded is what was there at first
def digest(path: Path) -> str:
    """Of a file as it was when it was first asked for; nothing if it is gone."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def changed(before: dict[str, str]) -> list[str]:
    """The files whose code is not what it was."""
    return [name for name, was in before.items() if digest(ROOT.parent / name) != was]


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Of Python and torch."""
    return {"python": platform.python_version(), "torch": torch.__version__}
