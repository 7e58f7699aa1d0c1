"""Runs a reader's file in a process of its own: with a time limit, without network.

The limit is time on a processor, where the system can tell: a machine with much else to do makes
nobody's function wrong.
"""

import contextlib
import io
import math
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from lesson_code.checker import files
from lesson_code.checker.answers import Answers, TooSlow, ordinary_state
from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.asking import answers_of
from lesson_code.checker.judge import sentence
from lesson_code.checker.shelf import exercise_of
from lesson_code.checker.verdict import Verdict, first_line

try:
    import resource
except ImportError:  # Windows has none: there the limit is time by the clock
    resource = None  # type: ignore[assignment]

#: The reader's code may wait for a processor, or sleep, so many times as long as it may compute.
WAITING = 8 if hasattr(signal, "setitimer") else 1

#: Seconds of a processor for a file until its function is defined: what it imports is not its own.
LOADING = 60.0

#: Seconds beyond the limit after which a process that does not answer is ended from outside.
GRACE = 5.0

#: The share of the limit after which only the likeliest pairs of bugs are compared.
SEARCH = 0.02

#: Seconds for comparing the answers with the bank, which is our code, far more than it takes.
BANK_LIMIT = 600.0

#: What a child sends when the reader's code has run.
ASKED = "asked"


def judged(exercise: str, candidate: Any, name: str, limit: float) -> Verdict:
    """What ``lesson_code.checker.check`` promises."""
    wanted = exercise_of(exercise)
    if not limit > 0:
        raise ValueError(f"limit must be above 0 seconds, got {limit}")
    if isinstance(candidate, (str, Path)):
        return _check_file(wanted, Path(candidate), name, limit)
    with ordinary_state():
        with _time_limit(limit):
            try:
                answers = answers_of(candidate, wanted)
            except TooSlow:
                return _too_slow(wanted, limit, "")
        return sentence(answers, wanted) if isinstance(answers, Answers) else answers


def _check_file(exercise: Exercise, path: Path, name: str, limit: float) -> Verdict:
    try:
        path = path.resolve()
        trouble = _unreadable(path)
    except (OSError, RuntimeError) as error:  # links in a circle
        trouble = f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}."
    if trouble:
        return Verdict(exercise.name, "broken", trouble)
    context: Any = multiprocessing.get_context(_start_method())
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(sender, os.getpid(), exercise.name, str(path), name, limit), daemon=True
    )
    process.start()
    sender.close()
    try:
        return _answer(receiver, process, exercise, limit)
    finally:
        _end(process)
        receiver.close()


def _answer(receiver: Connection, process: Any, exercise: Exercise, limit: float) -> Verdict:
    """The child's verdict, or what its silence means."""
    try:
        for seconds in (WAITING * limit + max(limit, LOADING) + GRACE, BANK_LIMIT):
            if not receiver.poll(seconds):
                return _too_slow(exercise, limit, "")
            answer: Verdict | str = receiver.recv()
            if isinstance(answer, Verdict):
                return answer
    except EOFError:
        pass
    process.join(GRACE)
    code = process.exitcode
    if code == -getattr(signal, "SIGXCPU", 0):
        return _too_slow(exercise, limit, "")
    why = f"signal {-code}" if code and code < 0 else f"exit status {code}"
    told = f"Your file ended the process ({why}) instead of returning."
    return Verdict(exercise.name, "broken", told)


def _work(sender: Connection, parent: int, name: str, path: str, wanted: str, limit: float) -> None:
    """In the child: run the file, ask its function, judge the answers, send the verdict."""
    with contextlib.suppress(OSError, AttributeError):
        os.setsid()  # whatever the file starts ends with it
        threading.Thread(target=_stay_with, args=(parent, time.sleep), daemon=True).start()
    _cut_off_network()
    sys.argv = [path]
    sender.send(_verdict(sender, exercise_of(name), Path(path), wanted, limit))
    sender.close()


def _stay_with(parent: int, pause: Callable[[float], None]) -> None:
    """End the child, and what the file has started, when nobody waits for it any more."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while os.getppid() == parent:
        pause(0.5)
    os.killpg(os.getpid(), signal.SIGKILL)


def _verdict(
    sender: Connection, exercise: Exercise, path: Path, wanted: str, limit: float
) -> Verdict:
    """The verdict on a file; tells the parent when the reader's code has run."""
    try:
        loaded, candidate = _loaded(exercise, path, wanted, max(limit, LOADING))
        with ordinary_state(), _last_resort(limit), _time_limit(limit):
            answers = answers_of(candidate, exercise)
    except TooSlow as slow:
        answers = _too_slow(exercise, limit, files.line_of(slow, path))
    except ReaderError as error:
        answers = Verdict(exercise.name, "broken", f"Your file {error}.")
    except BaseException as error:
        told, line = _at_import(error), files.line_of(error, path)
        answers = Verdict(exercise.name, "broken", told, line=line)
    sender.send(ASKED)
    if isinstance(answers, Verdict):
        return answers
    with ordinary_state():
        verdict = sentence(answers, exercise, path, SEARCH * limit)
    notes = (*verdict.notes, *filter(None, [_left_out(loaded)]))
    return replace(verdict, notes=notes, borrowed=loaded.borrowed)


def _loaded(exercise: Exercise, path: Path, wanted: str, limit: float) -> tuple[files.Loaded, Any]:
    """A file that has run, and what in it answers the exercise."""
    printed = io.StringIO()
    known = files.answers_to(exercise)
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        _last_resort(limit),
        _time_limit(limit),
    ):
        loaded = files.Loaded(path).run(lambda name: name == wanted or known(name))
    try:
        return loaded, files.pick(loaded, exercise, wanted)
    except ReaderError:
        if loaded.error:
            raise loaded.error from None
        raise


def _left_out(loaded: files.Loaded) -> str:
    """What of a file did not run, or was taken back, and plays no part."""
    if loaded.changed:
        names = ", ".join(f"`{name}`" for name in loaded.changed)
        return f"The file replaces {names}; that was taken back, and torch judged as it is."
    if loaded.error:
        name, where = type(loaded.error).__name__, files.line_of(loaded.error, loaded.path)
        return f"A line of the file that raises {name} was left out{where and f' ({where})'}."
    return f"Of the file, {loaded.stopped}." if loaded.stopped else ""


def _at_import(error: BaseException) -> str:
    """What to say of a file that cannot be run to its end."""
    if isinstance(error, SyntaxError):
        return f"Your file is not Python yet: {error.msg}."
    if isinstance(error, SystemExit):
        return "Your file ends the program (sys.exit) before the function can be called."
    if isinstance(error, EOFError):
        return "Your file asks for input, and nobody is there to answer; take that line out."
    return f"Your file stops with {type(error).__name__}: {first_line(error)}"


def _too_slow(exercise: Exercise, limit: float, line: str) -> Verdict:
    told = f"It has not ended after {limit:g} s. Is there an endless loop? If it only is slow, "
    told += f"give it longer: `--limit {6 * limit:g}`."
    return Verdict(exercise.name, "broken", told, line=line)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TooSlow`` in the code that runs when the time is over, where signals can do that."""
    try:
        timers = {
            signal.SIGPROF: (signal.ITIMER_PROF, seconds),
            signal.SIGALRM: (signal.ITIMER_REAL, WAITING * seconds),
        }
        before = {number: signal.signal(number, _ring) for number in timers}
    except (AttributeError, ValueError):  # no such signals here, or not the main thread
        yield
        return
    for timer, length in timers.values():
        signal.setitimer(timer, length)
    try:
        yield
    finally:
        for number, (timer, _) in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


@contextlib.contextmanager
def _last_resort(seconds: float) -> Iterator[None]:
    """Let the kernel end this process if it computes on and on, and hears no signal."""
    if resource is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(time.process_time() + seconds + GRACE)
    resource.setrlimit(resource.RLIMIT_CPU, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CPU, before)


def _ring(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TooSlow


def _cut_off_network() -> None:
    """No connection leaves the process, through any library that uses Python's sockets."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError("there is no network while a function is checked")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        setattr(socket, name, refuse)


def _start_method() -> str:
    """Forking is quick, as torch is loaded; where it is not safe, a new interpreter starts."""
    return "fork" if sys.platform.startswith("linux") else "spawn"


def _end(process: Any) -> None:
    """End the child and what it started."""
    killpg: Callable[[int, int], None] | None = getattr(os, "killpg", None)
    if killpg and process.pid:
        with contextlib.suppress(OSError):
            killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()
    process.join(GRACE)


def _unreadable(path: Path) -> str:
    if not path.exists():
        start = "python -m lesson_code exercise start"
        return f"There is no file {path.name}: start one with `{start}`."
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no file of text"
        return f"{path.name} is {what}; name a Python file."
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return f"{path.name} cannot be read: save it as UTF-8 text."
    except OSError as error:
        return f"{path.name} cannot be read: {error}."
    return ""
