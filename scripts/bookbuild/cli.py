"""``python -m bookbuild check | accept | record | status | lint | book``."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from bookbuild import dependencies, freshness, lint, project, results, runner
from bookbuild.launcher import Worker
from bookbuild.project import BookError
from bookbuild.runner import Outcome, Plan

_LONG = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 0 only when all is well."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know ASCII alone
    end_cleanly()
    try:
        root = project.root()
        return int(options.run(root, options))
    except (BookError, OSError) as error:
        print(f"error: {project.harmless(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; no committed result was left half-written", file=sys.stderr)
        return 130


def end_cleanly() -> None:
    """Let the signals that end a process clear up behind it, as Ctrl-C does, and be told."""

    def end(number: int, frame: object) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)
        name = signal.Signals(number).name
        print(f"ended by {name}; no committed result was left half-written", file=sys.stderr)
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bookbuild", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, help_text in (
        ("check", "run what is stale and compare it with the committed results; change nothing"),
        ("accept", "run what is stale and replace the results that differ"),
        ("record", "run the named lab or GPU examples and replace their records"),
    ):
        sub = commands.add_parser(command, help=help_text)
        told = "an example, such as l1_3/moco_queue, or a folder of them, such as lab"
        number = "+" if command == "record" else "*"
        sub.add_argument("names", nargs=number, metavar="NAME", help=told)
        if command != "record":
            sub.add_argument("--all", action="store_true", help="run from nothing, lab included")
        if command == "check":
            sub.add_argument("--emulate", action="store_true", help="as if on other hardware")
            told = "threads of each example (1); as many run at once as the cores allow"
            sub.add_argument("--threads", type=_count, default=1, metavar="N", help=told)
            told = "run the lab's stale examples and one in N of the fresh ones, in turn; "
            told += "with --emulate, of the quick ones"
            sub.add_argument("--share", type=_count, default=0, metavar="N", help=told)
        sub.set_defaults(run=_refresh, mode=command)
    commands.add_parser("status", help="what is fresh, what is stale").set_defaults(run=_status)
    commands.add_parser("lint", help="check the pages").set_defaults(run=_lint)
    book = commands.add_parser("book", help="make one PDF and one EPUB of a built site")
    book.add_argument("site", type=Path, nargs="?", default=Path("site"), help="its folder (site)")
    book.set_defaults(run=_book)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number; 1 or more")
    return int(text)


def _refresh(root: Path, options: argparse.Namespace) -> int:
    plan = Plan(
        names=tuple(options.names),
        everything=getattr(options, "all", False),
        mode=options.mode,
        emulate=getattr(options, "emulate", False),
        threads=getattr(options, "threads", 1),
        share=getattr(options, "share", 0),
    )
    if plan.share:
        drawn = ", ".join(runner.drawn(root, plan)) or "none"
        kind = "quick examples" if plan.emulate else "lab"
        print(f"one in {plan.share} of the {kind}, fresh or stale: {drawn}", flush=True)
    outcomes = refresh_with_progress(root, plan)
    said: dict[str, Outcome] = {}
    for outcome in outcomes:
        said.setdefault(outcome.message, outcome)
    for message, outcome in said.items():
        if message:
            print(f"{outcome.status}: {outcome.name}\n{message}\n")
    print(summary(outcomes))
    if plan.everything and not plan.names and (kept := _kept_labs(root, outcomes)):
        folders = dict.fromkeys(name.partition("/")[0] for name in kept)
        again = f"python -m bookbuild check {' '.join(folders)} --all --emulate --threads 2"
        print(f"{len(kept)} lab example{'s' if len(kept) > 1 else ''} kept: {again}")
    return 1 if any(outcome.is_problem for outcome in outcomes) else 0


def _kept_labs(root: Path, outcomes: list[Outcome]) -> list[str]:
    kept = [outcome.name for outcome in outcomes if outcome.status == "kept"]
    return [name for name in kept if project.example(name, root).cost == "lab"]


def refresh_with_progress(root: Path, plan: Plan, worker: Worker | None = None) -> list[Outcome]:
    """``runner.refresh`` with a progress bar on a terminal when more than one example runs.

    Wherever it writes to, each example that took long gets a line with its seconds.
    """
    bar: tqdm[None] | None = None

    def report(outcome: Outcome, left: int) -> None:
        nonlocal bar
        if bar is None and left:
            bar = tqdm(total=left + 1, desc="examples", unit="", disable=None, leave=False)
        if bar is not None:
            bar.set_postfix_str(outcome.name)
            bar.update()
        if outcome.seconds >= _LONG or project.example(outcome.name, root).cost != "quick":
            told = f"{outcome.name} {outcome.status}, {outcome.seconds:.1f} s ({left} left)"
            tqdm.write(told, file=sys.stdout)
            sys.stdout.flush()

    try:
        return runner.refresh(root, plan, worker, report)
    finally:
        if bar is not None:
            bar.close()


def summary(outcomes: list[Outcome]) -> str:
    """One line: how many examples ended how, and how long they ran."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    seconds = sum(outcome.seconds for outcome in outcomes)
    text = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    return f"examples: {text or 'none'} ({seconds:.1f} s of running)"


def _status(root: Path, options: argparse.Namespace) -> int:
    for example in project.examples(root):
        outcome = runner.settled(root, example, Plan())
        state = "stale" if outcome is None else outcome.status
        if state == "kept":
            state = _record_state(root, example)
        depended = freshness.known(root, example)
        names = ", ".join(depended.names()) if depended else "nothing is known of a run"
        print(project.harmless(f"{state:8} {example.cost:5} {example.name}  <- {names}"))
    dependencies.keep(root)
    return 0


def _record_state(root: Path, example: project.Example) -> str:
    if not results.exists(root, example.name):
        return "absent"
    committed = results.load(root, example.name)
    return "outdated" if freshness.has_changed(root, example, committed) else "fresh"


def _lint(root: Path, options: argparse.Namespace) -> int:
    problems = lint.problems(root)
    for problem in problems:
        print(problem)
    print(f"pages: {len(problems) or 'no'} problems")
    return 1 if problems else 0


def _book(root: Path, options: argparse.Namespace) -> int:
    from bookbuild import whole_book  # which needs jinja2 and a browser, as nothing else here does

    whole_book.write(root, options.site.resolve())
    return 0
