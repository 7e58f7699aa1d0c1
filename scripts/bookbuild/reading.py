"""What was read while something was made, by measurement: files, folders, and what was missing.

A cache in memory looks at a file's state before it answers from what it read earlier. So looking
counts as reading, and a page that is made second depends on the same files as the first.

Who asks a ``question`` depends on its answer alone: one more entry in the bibliography is no reason
to make all pages anew that cite another one.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

#: What can be made again from the rest, below the root; all names with a leading dot too.
_MADE = ("__pycache__", "node_modules", "site")
_SETTINGS = "mkdocs.yml"  # who depends on them knows which
_LISTED = "/"  # ends the key of a folder whose names were read
_ABSENT = "absent"
_THERE = "a folder"
_ASKED = "?"  # begins the key of a question
_here = threading.local()
Given = ParamSpec("Given")
Answer = TypeVar("Answer")
#: Says what is asked under a name, or what was said while all that was read then is as it was.
Remembered = Callable[[str, Callable[[], Any]], Any]


class Files:
    """The files below a root as they are in one build; each is read and hashed once."""

    def __init__(self, root: Path, answers: dict[str, Any] | None = None) -> None:
        self.root = root.resolve()
        #: For each question a hash of its answer, and what was read to find it.
        self.answers: dict[str, Any] = answers or {}
        self._states: dict[str, str] = {}
        self._keys: dict[tuple[object, bool], str] = {}
        self._values: dict[str, Any] = {}

    def state(self, key: str) -> str:
        """A hash of a file's content, of a folder's names (``folder/``) or of an answer."""
        if key not in self._states:
            if key.startswith(_ASKED):
                self._states[key] = self._answer_state(key)
            else:
                self._states[key] = _state(self.root / key, key.endswith(_LISTED))
        return self._states[key]

    def _answer_state(self, key: str) -> str:
        kept = self.answers.get(key)
        if kept and self.unchanged(kept["read"]):
            return str(kept["answer"])
        name, _, given = key.removeprefix(_ASKED).partition(" ")
        module, _, function = name.partition(":")
        try:
            asked = getattr(importlib.import_module(module), function).__wrapped__
            self.answer(key, functools.partial(asked, self.root, *json.loads(given)))
        except Exception as error:  # the page that asks will say it
            return f"{type(error).__name__}: {error}"
        return str(self.answers[key]["answer"])

    def answer(self, key: str, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question, found once in a build."""
        if key not in self._values:
            with self.recorded() as read:
                self._values[key] = ask()
            found = hashlib.sha256(repr(self._values[key]).encode()).hexdigest()
            self.answers[key] = {"answer": found, "read": read}
            self._states[key] = found
        value: Answer = self._values[key]
        return value

    def unchanged(self, states: dict[str, str]) -> bool:
        """Whether all that was read is as it was."""
        return all(self.state(key) == state for key, state in states.items())

    def key(self, path: object, listed: bool) -> str:
        """How a path that was read is noted; nothing for what lies elsewhere or can be remade."""
        if (path, listed) not in self._keys:
            self._keys[path, listed] = self._key(path, listed)
        return self._keys[path, listed]

    def _key(self, path: object, listed: bool) -> str:
        if isinstance(path, int) or path is None:  # an open file, which was noted when opened
            return ""
        absolute = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]
        inside = os.path.relpath(absolute, self.root)
        parts = inside.split(os.sep)
        if inside == _SETTINGS or parts[0] == os.pardir:
            return ""
        if any(part in _MADE or part[0] == "." for part in parts):
            return ""
        return "/".join(parts) + (_LISTED if listed else "")

    @contextmanager
    def recorded(self) -> Iterator[dict[str, str]]:
        """Note what this thread reads meanwhile, with its state before it is read.

        A file that is edited in between gets the state of before: what was made of it is then
        never taken for the new one's.
        """
        _install()
        outer = getattr(_here, "recorder", None)
        states: dict[str, str] = {}
        _here.recorder = (self, states, {})
        try:
            yield states
        finally:
            _here.recorder = outer


@contextmanager
def unrecorded() -> Iterator[None]:
    """What is read meanwhile counts for nothing: it is declared in another way."""
    outer = getattr(_here, "recorder", None)
    _here.recorder = None
    try:
        yield
    finally:
        _here.recorder = outer


def question(
    function: Callable[Concatenate[Path, Given], Answer],
) -> Callable[Concatenate[Path, Given], Answer]:
    """Let those who call a function depend on what it returns, and not on what it reads.

    It takes the root and what JSON can hold, and nothing else may decide what it returns; an answer
    is told from another by its ``repr``.
    """

    @functools.wraps(function)
    def asked(root: Path, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        recorder = getattr(_here, "recorder", None)
        if recorder is None or named:
            return function(root, *given, **named)
        files, states, _ = recorder
        key = f"{_ASKED}{function.__module__}:{function.__qualname__} {json.dumps(given)}"
        answer: Answer = files.answer(key, lambda: function(root, *given, **named))
        states[key] = files.state(key)
        return answer

    return asked


def once(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Ask once while one thing is made: what was read for the answer is noted by then."""

    @functools.wraps(function)
    def asked(*given: Given.args, **named: Given.kwargs) -> Answer:
        recorder = getattr(_here, "recorder", None)
        if recorder is None or named:
            return function(*given, **named)
        answers = recorder[2]
        key = (asked, *given)
        if key not in answers:
            answers[key] = function(*given, **named)
        answer: Answer = answers[key]
        return answer

    return asked


def _note(path: object, listed: bool = False) -> None:
    recorder = getattr(_here, "recorder", None)
    if recorder is None:
        return
    files, states, _ = recorder
    with unrecorded():  # to look at its state is no reading
        if (key := files.key(path, listed)) and key not in states:
            states[key] = files.state(key)


def _state(path: Path, listed: bool) -> str:
    if listed:
        if not path.is_dir():
            return _ABSENT
        names = sorted(name for name in os.listdir(path) if name not in _MADE and name[0] != ".")
        return hashlib.sha256("\0".join(names).encode()).hexdigest()
    if path.is_dir():
        return _THERE
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return _ABSENT


_stat = os.stat


def _noted_stat(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
    _note(path)
    return _stat(path, *arguments, **named)


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        _note(arguments[0])
    elif event in ("os.listdir", "os.scandir"):
        _note(os.curdir if arguments[0] is None else arguments[0], listed=True)


@functools.cache
def _install() -> None:
    """Python tells an audit hook who opens and lists, but not who looks at a file's state."""
    sys.addaudithook(_audited)
    os.stat = _noted_stat
