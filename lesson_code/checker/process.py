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
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import torch

from lesson_code.checker import adapt
from lesson_code.checker.answers import Answers, TooSlow
from lesson_code.checker.judge import answers_of, sentence
from lesson_code.checker.verdict import Verdict
from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.shelf import exercise_of

try:
    import resource
except ImportError:  # Windows has none: there the limit is time by the clock
    resource = None  # type: ignore[assignment]

#: The reader's code may wait for a processor, or sleep, so many times as long as it may compute.
WAITING = 8 if hasattr(signal, "setitimer") else 1

#: Seconds beyond the limit after which a process that does not answer is ended from outside.
GRACE = 5.0

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
    with _one_thread():
        with _time_limit(limit):
            try:
                answers = answers_of(candidate, wanted)
            except TooSlow as slow:
                return _too_slow(wanted, limit, _own_line(slow, None))
        return sentence(answers, wanted) if isinstance(answers, Answers) else answers


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one core: for tensors as small as those of probes, more threads only wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check_file(exercise: Exercise, path: Path, name: str, limit: float) -> Verdict:
    path = path.resolve()
    if trouble := _unreadable(path):
        return Verdict(exercise.name, "broken", trouble)
    context: Any = multiprocessing.get_context(_start_method())
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(sender, exercise.name, str(path), name, limit), daemon=True
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
        for seconds in (WAITING * limit + GRACE, BANK_LIMIT):
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
    ended = code is not None and code < 0
    why = f"signal {-code}" if ended else f"exit status {code}"
    told = f"Your file ended the process ({why}) instead of returning."
    return Verdict(exercise.name, "broken", told)


def _work(sender: Connection, name: str, path: str, wanted: str, limit: float) -> None:
    """In the child: run the file, ask its function, judge the answers, send the verdict."""
    with contextlib.suppress(OSError, AttributeError):
        os.setsid()  # whatever the file starts ends with it
    torch.set_num_threads(1)
    _cut_off_network()
    exercise = exercise_of(name)
    sys.argv = [path]
    with _last_resort(limit), _time_limit(limit):
        try:
            answers = _answers(exercise, Path(path), wanted)
        except TooSlow as slow:
            answers = _too_slow(exercise, limit, _own_line(slow, Path(path)))
    sender.send(ASKED)
    if isinstance(answers, Answers):
        answers = sentence(answers, exercise, Path(path))
    sender.send(answers)
    sender.close()


def _answers(exercise: Exercise, path: Path, wanted: str) -> Answers | Verdict:
    """What the function of a file answers, or the verdict on a file without one."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            module = adapt.load(path)
            candidate = adapt.pick(module, exercise, wanted)
        except TooSlow:
            raise
        except ReaderError as error:
            return Verdict(exercise.name, "broken", f"Your file {error}.")
        except BaseException as error:
            return Verdict(exercise.name, "broken", _at_import(error), line=_own_line(error, path))
    return answers_of(candidate, exercise)


def _at_import(error: BaseException) -> str:
    """What to say of a file that cannot be run to its end."""
    if isinstance(error, SyntaxError):
        return f"Your file is not Python yet: {error.msg}."
    if isinstance(error, SystemExit):
        return "Your file ends the program (sys.exit) before the function can be called."
    if isinstance(error, EOFError):
        return "Your file asks for input, and nobody is there to answer; take that line out."
    text = next(iter(str(error).splitlines()), "")
    return f"Your file stops with {type(error).__name__}: {text}"


def _own_line(error: BaseException, file: Path | None) -> str:
    """The last line of the reader's own code on the way to an error."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        where = Path(error.filename or "file").name
        return f"{where}, line {error.lineno}: {(error.text or '').strip()}"
    here = str(Path(__file__).resolve().parents[1])
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        inside = frame.filename == str(file) if file else not frame.filename.startswith(here)
        if inside:
            return f"{Path(frame.filename).name}, line {frame.lineno}: {frame.line}"
    return ""


def _too_slow(exercise: Exercise, limit: float, line: str) -> Verdict:
    return Verdict(
        exercise.name,
        "broken",
        f"It has not ended after {limit:g} s. Is there an endless loop? If it only is slow, give "
        f"it longer: `--limit {6 * limit:g}`.",
        line=line,
    )


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
        return (
            f"There is no file {path.name}: start one with `python -m lesson_code exercise start`."
        )
    if path.is_dir():
        return f"{path.name} is a folder; name a Python file."
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return f"{path.name} cannot be read: save it as UTF-8 text."
    except OSError as error:
        return f"{path.name} cannot be read: {error}."
    return ""
