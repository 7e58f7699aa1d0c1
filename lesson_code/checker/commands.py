"""The commands ``check`` and ``exercise``."""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lesson_code.checker.register import BankError
from lesson_code.checker import LIMIT, check
from lesson_code.checker.verdict import Verdict, wants_colors, written_out
from lesson_code.checker import shelf
from lesson_code.checker.shelf import FOLDER, ShelfError, exercise_of, exercises

#: Seconds between two looks at a watched file.
LOOK = 0.3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 only if all that was checked is right."""
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ShelfError, BankError) as error:
        print(f"lesson_code: {error}", file=sys.stderr)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"lesson_code: {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    return 2


def parser() -> argparse.ArgumentParser:
    """The commands, their arguments and what runs them."""
    whole = argparse.ArgumentParser(prog="python -m lesson_code", description=__doc__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_check(commands.add_parser("check", help="judge a function of your own"))
    _add_exercise(commands.add_parser("exercise", help="list, start, hints, solutions"))
    return whole


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", nargs="?", help="its name: see `exercise list`")
    parser.add_argument("file", nargs="?", type=Path, help=f"default: {FOLDER}/EXERCISE.py")
    parser.add_argument("--name", default="", help="the function, if the file has several")
    parser.add_argument("--all", action="store_true", help=f"everything begun in {FOLDER}")
    parser.add_argument("--watch", action="store_true", help="again whenever the file is saved")
    parser.add_argument("--json", action="store_true", help="for programs: a list of verdicts")
    parser.add_argument("--limit", type=_seconds, default=LIMIT, help="seconds (%(default)s)")
    parser.set_defaults(run=_check)


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all exercises and your progress")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    for name, run, told_ in (
        ("start", _start, f"put a stub into {FOLDER}"),
        ("hint", _hint, "the next hint"),
        ("solution", _solution, "the published source"),
    ):
        action = actions.add_parser(name, help=told_)
        action.add_argument("exercise")
        action.set_defaults(run=run)


def _check(options: argparse.Namespace) -> int:
    jobs = _jobs(options)
    if options.watch:
        return _watch(options, jobs)
    return _report(options, jobs)


def _jobs(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Which exercises to check, and in which files."""
    if options.all:
        if options.exercise:
            raise ShelfError("--all checks everything begun; leave the name out")
        begun = [name for name in exercises() if _file(name).is_file()]
        if not begun:
            raise ShelfError(
                f"nothing begun in {FOLDER}: python -m lesson_code exercise start simclr_loss"
            )
        return [(name, _file(name)) for name in begun]
    if not options.exercise:
        raise ShelfError("which exercise? name one, or say --all")
    if options.exercise.endswith(".py") and not options.file:
        raise ShelfError(
            f"name the exercise first: python -m lesson_code check EXERCISE {options.exercise}"
        )
    exercise = exercise_of(options.exercise)
    return [(exercise.name, options.file or _file(exercise.name))]


def _file(name: str) -> Path:
    return Path(FOLDER) / f"{name}.py"


def _report(options: argparse.Namespace, jobs: list[tuple[str, Path]]) -> int:
    verdicts = []
    for name, path in jobs:
        verdict = check(name, path, options.name, options.limit)
        verdicts.append(verdict)
        _remember(verdict)
        if not options.json:
            print(written_out(verdict, wants_colors(), os.environ.get("BOOK_URL", "")), flush=True)
    right = sum(verdict.right for verdict in verdicts)
    if options.json:
        print(json.dumps([verdict.as_dict() for verdict in verdicts], indent=1))
    elif len(verdicts) > 1:
        print(f"{right} of {len(verdicts)} right")
    return 0 if right == len(verdicts) else 1


def _remember(verdict: Verdict) -> None:
    """Note the attempt where exercises were begun; a check elsewhere leaves nothing behind."""
    folder = Path(FOLDER)
    if not folder.is_dir():
        return
    entry = shelf.progress(folder).get(verdict.exercise, {})
    shelf.note(
        folder,
        verdict.exercise,
        attempts=int(entry.get("attempts", 0)) + 1,
        solved=bool(entry.get("solved")) or verdict.right,
    )


def _watch(options: argparse.Namespace, jobs: list[tuple[str, Path]]) -> int:
    """Check again whenever a file changes, until Ctrl-C."""
    seen: dict[Path, tuple[int, int]] = {}
    code = 0
    print("Watching; Ctrl-C ends it.", flush=True)
    try:
        while True:
            changed = [(name, path) for name, path in jobs if _state(path) != seen.get(path)]
            seen |= {path: _state(path) for _, path in jobs}
            if changed:
                code = _report(options, changed)
            time.sleep(LOOK)
    except KeyboardInterrupt:
        return code


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _list(options: argparse.Namespace) -> int:
    done = shelf.progress(Path(FOLDER))
    if options.json:
        print(json.dumps({name: done.get(name, {}) for name in exercises()}, indent=1))
        return 0
    lesson = ""
    for name, exercise in exercises().items():
        if (parent := str(Path(exercise.page).parent)) != lesson:
            lesson = parent
            print(Path(parent).name)
        entry = done.get(name)
        begun = entry or _file(name).is_file()
        mark = "✓" if entry and entry.get("solved") else "…" if begun else " "
        tried = f"  {entry['attempts']} attempts" if entry and entry.get("attempts") else ""
        print(f"  {mark} {name:30}{len(exercise.hints)} hints{tried}")
    solved = sum(bool(entry.get("solved")) for entry in done.values())
    print(f"{solved} of {len(exercises())} solved")
    return 0


def _start(options: argparse.Namespace) -> int:
    exercise = exercise_of(options.exercise)
    path = shelf.start(exercise, Path(FOLDER))
    print(f"{path}: write the body, then\n  python -m lesson_code check {exercise.name}")
    print(f"It is explained in docs/{exercise.page}")
    return 0


def _hint(options: argparse.Namespace) -> int:
    """The next hint; after the last one, it again."""
    exercise = exercise_of(options.exercise)
    folder = Path(FOLDER)
    seen = int(shelf.progress(folder).get(exercise.name, {}).get("hints", 0))
    number = min(seen, len(exercise.hints) - 1)
    print(f"Hint {number + 1} of {len(exercise.hints)}: {exercise.hints[number]}")
    shelf.note(folder, exercise.name, hints=number + 1)
    return 0


def _solution(options: argparse.Namespace) -> int:
    print(shelf.solution(exercise_of(options.exercise)), end="")
    return 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return seconds
