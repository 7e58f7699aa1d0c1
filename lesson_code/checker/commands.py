"""The commands ``check`` and ``exercise``."""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lesson_code.checker.register import BankError
from lesson_code.checker import LIMIT, check, shelf
from lesson_code.checker.contents import ShelfError, entries, entry
from lesson_code.checker.shelf import FOLDER
from lesson_code.checker.verdict import Verdict, address, wants_colors, written_out

_WELCOME = """\
Write a function of the book yourself, and let the checker say what is wrong with it:

  python -m lesson_code exercise list                what there is, the shortest way in first
  python -m lesson_code exercise start simclr_loss   a file to fill in
  python -m lesson_code check simclr_loss            judge it; add a file to judge any other
  python -m lesson_code exercise hint simclr_loss    when you are stuck"""

#: Seconds between two looks at a watched file.
LOOK = 0.3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 only if all that was checked is right."""
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    options = parser().parse_args(arguments)
    try:
        code = int(options.run(options)) if "run" in options else _welcome()
        sys.stdout.flush()
        return code
    except (ShelfError, BankError) as error:
        print(f"lesson_code: {error}", file=sys.stderr)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"lesson_code: {where}{error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    return 2


def parser() -> argparse.ArgumentParser:
    """The commands, their arguments and what runs them."""
    whole = argparse.ArgumentParser(prog="python -m lesson_code", description=__doc__)
    commands = whole.add_subparsers(metavar="COMMAND")
    _add_check(commands.add_parser("check", help="judge a function of your own"))
    _add_exercise(commands.add_parser("exercise", help="list, start, hints, solutions"))
    return whole


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", nargs="?", help="its name: see `exercise list`")
    parser.add_argument("file", nargs="?", type=Path, help=f"default: {FOLDER}/EXERCISE.py")
    parser.add_argument("--name", default="", help="the function, if the file has several")
    parser.add_argument("--all", action="store_true", help=f"everything begun in {FOLDER}")
    parser.add_argument("--mend", action="store_true", help="show what to write instead")
    parser.add_argument("--watch", action="store_true", help="again whenever the file is saved")
    parser.add_argument("--json", action="store_true", help="for programs: a list of verdicts")
    parser.add_argument("--limit", type=_seconds, default=LIMIT, help="seconds (%(default)s)")
    parser.set_defaults(run=_check)


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION")
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


def _welcome() -> int:
    print(_WELCOME)
    return 0


def _check(options: argparse.Namespace) -> int:
    return (_watch if options.watch else _report)(options, _jobs(options))


def _jobs(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Which exercises to check, and in which files."""
    if options.all:
        if options.exercise:
            raise ShelfError("--all checks everything begun; leave the name out")
        begun = [name for name in entries() if _file(name).is_file()]
        if not begun:
            raise ShelfError(
                f"nothing begun in {FOLDER}: python -m lesson_code exercise start simclr_loss"
            )
        return [(name, _file(name)) for name in begun]
    if not options.exercise:
        raise ShelfError(f"which exercise? name one, or say --all.\n\n{_WELCOME}")
    if options.exercise.endswith((".py", ".ipynb")) and not options.file:
        raise ShelfError(
            f"name the exercise first: python -m lesson_code check EXERCISE {options.exercise}"
        )
    name = entry(options.exercise).name
    return [(name, options.file or _file(name))]


def _file(name: str) -> Path:
    return Path(FOLDER) / f"{name}.py"


def _report(options: argparse.Namespace, jobs: list[tuple[str, Path]]) -> int:
    verdicts = []
    for name, path in jobs:
        verdict = check(name, path, options.name, options.limit)
        verdicts.append(verdict)
        if not options.json:
            print(written_out(verdict, wants_colors(), _book(), options.mend), flush=True)
        try:
            _remember(verdict)
        except (ShelfError, OSError) as error:  # the verdict is what was asked for
            print(f"lesson_code: not kept: {error}", file=sys.stderr)
    right = sum(verdict.right for verdict in verdicts)
    if options.json:
        print(json.dumps([verdict.as_dict() for verdict in verdicts], indent=1))
    elif len(verdicts) > 1:
        print(f"{right} of {len(verdicts)} right")
    return 0 if right == len(verdicts) else 1


def _book() -> str:
    """The address of the book: the published one, or that of ``./scripts/serve``."""
    return os.environ.get("BOOK_URL") or "http://127.0.0.1:8000"


def _remember(verdict: Verdict) -> None:
    """Note the attempt where exercises were begun; a check elsewhere leaves nothing behind."""
    folder = Path(FOLDER)
    if not folder.is_dir():
        return
    known = shelf.progress(folder).get(verdict.exercise, {})
    shelf.note(
        folder,
        verdict.exercise,
        attempts=_number(known, "attempts") + 1,
        solved=bool(known.get("solved")) or verdict.right,
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
    with contextlib.suppress(OSError):
        return ((found := path.stat()).st_mtime_ns, found.st_size)
    return (0, 0)


def _number(known: dict[str, Any], key: str) -> int:
    """A count of the progress; what somebody has written there instead of one is 0."""
    return number if isinstance(number := known.get(key), int) else 0


def _list(options: argparse.Namespace) -> int:
    done = shelf.progress(Path(FOLDER))
    if options.json:
        print(json.dumps({name: done.get(name, {}) for name in entries()}, indent=1))
        return 0
    lesson = ""
    for number, (name, each) in enumerate(entries().items(), 1):
        if (parent := str(Path(each.page).parent)) != lesson:
            lesson = parent
            print(Path(parent).name)
        known = done.get(name, {})
        mark = "✓" if known.get("solved") else "…" if known or _file(name).is_file() else " "
        hard = "●" * each.difficulty + "○" * (3 - each.difficulty)
        tries = f"  {tried} attempts" if (tried := _number(known, "attempts")) else ""
        page = Path(each.page).stem
        print(f"  {mark} {number:2} {name:28} {hard} {each.minutes:3} min  {page}{tries}")
    solved = sum(bool(done.get(name, {}).get("solved")) for name in entries())
    print(f"{solved} of {len(entries())} solved. Pages: {_book()}/{lesson}/")
    return 0


def _start(options: argparse.Namespace) -> int:
    found = entry(options.exercise)
    path = shelf.start(found, Path(FOLDER))
    print(f"{path}: write the body, then\n  python -m lesson_code check {found.name}")
    print(f"It is explained at {address(found.page, _book())}")
    return 0


def _hint(options: argparse.Namespace) -> int:
    """The next hint; after the last one, it again."""
    found, folder = entry(options.exercise), Path(FOLDER)
    seen = _number(shelf.progress(folder).get(found.name, {}), "hints")
    number = min(seen, len(found.hints) - 1)
    print(f"Hint {number + 1} of {len(found.hints)}: {found.hints[number]}")
    shelf.note(folder, found.name, hints=number + 1)
    return 0


def _solution(options: argparse.Namespace) -> int:
    print(shelf.solution(entry(options.exercise)), end="")
    return 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return seconds
