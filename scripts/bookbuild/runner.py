"""What is stale is run and held against what is committed; the rest is left alone.

``check`` never writes a result, ``accept`` replaces what differs, ``record`` replaces always.
``accept --all`` also renews the records of results that agree.

Lab examples train for minutes. They run where they are named, alone or by their folder, and in a
``check --all`` on this machine; the longest begins first, as its last run told. A check with a
``share`` of 5 runs those that are stale and a fifth of the fresh ones. As if on other hardware, a
``share`` is of the quick ones: those whose code is no longer that of their record, and a fifth.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bookbuild import compare, dependencies, freshness, pages, project, recorder, results
from bookbuild.dependencies import Dependencies
from bookbuild.launcher import Worker
from bookbuild.project import BookError, Example
from bookbuild.results import Result

_LEAST_FREE = 2**16


@dataclass(frozen=True)
class Outcome:
    """How it went with one example."""

    name: str
    status: str
    message: str = ""
    seconds: float = 0.0

    @property
    def is_problem(self) -> bool:
        """Whether a build must stop for it."""
        return self.status in ("failed", "drifted", "missing")


@dataclass(frozen=True)
class Plan:
    """What to run and what to do with it."""

    names: tuple[str, ...] = ()
    everything: bool = False
    mode: str = "check"
    emulate: bool = False
    threads: int = 1
    share: int = 0

    @property
    def drawn_from(self) -> str:
        """Which examples a ``share`` is of: of the others all run."""
        return "quick" if self.emulate else "lab"

    @property
    def is_ordinary(self) -> bool:
        """Whether examples run here as they do in every build, so that a stamp may say so."""
        return not self.emulate and self.threads == 1


def has_torch() -> bool:
    """Whether examples can be run here at all; looks without importing."""
    return importlib.util.find_spec("torch") is not None


def refresh(
    root: Path,
    plan: Plan,
    worker: Worker | None = None,
    report: Callable[[Outcome, int], None] = lambda outcome, left: None,
) -> list[Outcome]:
    """Bring the results up to date as ``plan`` says; ``report`` hears of each finished example.

    Raises:
        BookError: If examples must run and cannot: no torch, or the worker ended.
    """
    chosen = project.named(root, plan.names) if plan.names else project.examples(root)
    plan = replace(plan, names=tuple(one.name for one in chosen) if plan.names else ())
    finished = results.recover(root) if plan.mode != "check" else []
    told = "an interrupted command had begun to write it"
    outcomes = [Outcome(name, "finished", told) for name in finished]
    turn = drawn(root, plan) if plan.share else []
    due: list[Example] = []
    unreadable: dict[str, list[str]] = {}
    for example in chosen:
        try:
            outcome = settled(root, example, plan, turn)
            if outcome is None:
                due.append(example)
            else:
                outcomes.append(outcome)
        except BookError as error:
            unreadable.setdefault(str(error), []).append(example.name)
    for error_text, stopped in unreadable.items():
        text = f"{error_text}; it stops {_counted(root, stopped)}"
        outcomes += [Outcome(name, "failed", text) for name in stopped]
    due.sort(key=lambda example: (-_last_seconds(root, example), example.name))
    if due and not has_torch():
        raise BookError(
            f"{_counted(root, [example.name for example in due])} must run again, "
            "and torch is not installed"
        )
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(_scratch()))
        if due and worker is None:
            jobs = max(1, (os.cpu_count() or 1) // plan.threads)
            worker = stack.enter_context(Worker(jobs=jobs, emulate=plan.emulate))
        for left, example, status, seconds in _finished(root, worker, due, folder, plan.threads):
            outcome = _judged(root, example, plan, folder / example.name, status, seconds)
            outcomes.append(outcome)
            report(outcome, left)
    dependencies.keep(root)
    outcomes = [replace(one, message=project.harmless(one.message)) for one in outcomes]
    return sorted(outcomes, key=lambda outcome: outcome.name)


def _last_seconds(root: Path, example: Example) -> float:
    """How long the committed run took; without one it may take any time."""
    with contextlib.suppress(BookError):
        return float(results.load(root, example.name).provenance.get("seconds", math.inf))
    return math.inf


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True)


def _counted(root: Path, names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]}{_shown(root, names[0])}"
    return f"{len(names)} examples ({', '.join([*names[:3], '...'][: len(names)])})"


def settled(root: Path, example: Example, plan: Plan, turn: Collection[str] = ()) -> Outcome | None:
    """The outcome of an example that need not, or must not, run now; whose ``turn`` it is, must."""
    asked = example.name in plan.names
    if example.cost == "gpu" and plan.mode != "record":
        return _kept(root, example)
    if (
        example.cost == "lab"
        and not asked
        and (plan.emulate or not (plan.everything or plan.share))
    ):
        return _kept(root, example)
    if plan.mode == "record" and asked:
        return None
    if plan.mode == "check" and not results.exists(root, example.name):
        return Outcome(example.name, "missing", _with_remedy(root, example.name, "has no result"))
    try:
        committed = results.load(root, example.name)
    except BookError as error:
        return Outcome(example.name, "failed", str(error)) if plan.mode == "check" else None
    if plan.share and example.cost == plan.drawn_from:
        again = example.name in turn
    else:
        again = plan.everything
    if plan.emulate and plan.share:
        fresh = not freshness.has_changed(root, example, committed)
    else:
        fresh = plan.is_ordinary and freshness.is_fresh(root, example, committed)
    return Outcome(example.name, "fresh") if fresh and not again else None


def drawn(root: Path, plan: Plan) -> list[str]:
    """One in ``plan.share`` of a cost, by a hash of all their code, so that each has its turn.

    They are dealt by the time that each took, so that no turn gets all that take long.
    """
    dealt = [example for example in project.examples(root) if example.cost == plan.drawn_from]
    code = hashlib.sha256()
    for example in dealt:
        depended = freshness.known(root, example)
        code.update(dependencies.digest(root, example, depended).encode() if depended else b"-")
    dealt.sort(key=lambda example: -_last_seconds(root, example))
    first = int(code.hexdigest(), 16) % plan.share
    return [example.name for example in dealt[first :: plan.share]]


def _kept(root: Path, example: Example) -> Outcome:
    """A record that no build makes: absent or sound, never trusted when damaged."""
    if results.exists(root, example.name):
        try:
            results.load(root, example.name)
        except BookError as error:
            return Outcome(example.name, "failed", str(error))
    return Outcome(example.name, "kept")


def _judged(
    root: Path, example: Example, plan: Plan, folder: Path, status: int | str, seconds: float
) -> Outcome:
    """Judge a run: whatever it left, or cannot be written, is the failure of one example."""
    try:
        return _judge(root, example, plan, folder, status, seconds)
    except BookError as error:
        text = str(error)
    except results.DAMAGE as error:
        what = f"{example.name} left no readable word of how it went ({type(error).__name__})"
        text = f"{what}{_shown(root, example.name)}; the committed result is untouched"
    scratch = tempfile.gettempdir()  # what is below, an example may have removed
    full = shutil.disk_usage(scratch).free < _LEAST_FREE
    also = f"; the disk of the temporary folder {scratch} is full" if full else ""
    return Outcome(example.name, "failed", text + also, seconds)


def _judge(
    root: Path, example: Example, plan: Plan, folder: Path, status: int | str, seconds: float
) -> Outcome:
    name = example.name
    if status != 0 or not (folder / "result.json").is_file():
        raise BookError(_failure(root, example, folder, status))
    raw = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    new = results.checked(raw, name)
    measured = dependencies.measured(root, folder / recorder.FILE)
    kept = freshness.record(root, example, measured)
    new.provenance = kept | _provenance(raw["device"], seconds)
    changes = _changes(root, example, new)
    if not changes and plan.mode != "record":
        old = results.load(root, name)
        changes = _changes_of_record(root, example, old, new) if plan.is_ordinary else []
        renews = plan.everything and old.provenance.get("key") != kept["key"]
        older = plan.is_ordinary and _is_older(root, example, old)
        if not changes and not (plan.mode == "accept" and (renews or older)):
            if plan.is_ordinary:
                freshness.stamp(root, example, kept, old.digest())
            renew = f"python -m bookbuild accept --all {name}"
            note = f"the same, by newer code than its record's; renew that by: {renew}"
            return Outcome(name, "agrees", note if older else "", seconds)
        new = replace(old, provenance=new.provenance)  # what agrees keeps its bytes
    if plan.mode == "check":
        text = "\n".join([_with_remedy(root, name, "gives another result now"), *changes])
        return Outcome(name, "drifted", text, seconds)
    results.write(root, name, new)
    if plan.is_ordinary:
        freshness.stamp(root, example, kept, new.digest())
    return Outcome(name, "written", "\n".join(changes), seconds)


def _changes(root: Path, example: Example, new: Result) -> list[str]:
    if not results.exists(root, example.name):
        return ["no result was there before"]
    try:
        old = results.load(root, example.name)
    except BookError as error:
        return [str(error)]
    return compare.differences(old, new, example.tolerances)


def _is_older(root: Path, example: Example, old: Result) -> bool:
    """Whether a result that pages date is older than the code; of a quick one they say nothing."""
    return example.cost != "quick" and freshness.has_changed(root, example, old)


def _changes_of_record(root: Path, example: Example, old: Result, new: Result) -> list[str]:
    """What the record of a result that agrees does not say, though the code is that of the run."""
    if freshness.has_changed(root, example, old):
        return []
    named, measured = (Dependencies.kept(one.provenance) for one in (old, new))
    missing = measured.beyond(named) if named and measured else []
    return [f"the same result, but its record does not name {name}" for name in missing]


def _failure(root: Path, example: Example, folder: Path, status: int | str) -> str:
    """One clear message: what happened, on which line, and which page waits for it."""
    if status == "timeout":
        reason = f"ran longer than its limit of {example.limit:g} s and was ended"
    elif (folder / "error.json").is_file():
        error = json.loads((folder / "error.json").read_text(encoding="utf-8"))
        reason = f"failed at {error['place'] or example.path.name}: {error['message']}"
    elif status == 70 and not (folder / "stderr.txt").is_file():
        reason = "removed the folder that it ran in, or could not write there"
    elif status == 0:
        reason = "ended early and left no result"
    else:
        ended = _ended(int(status))
        file = folder / "stderr.txt"
        last = file.read_text(errors="replace").strip().splitlines()[-1:] if file.is_file() else []
        reason = ": ".join([f"crashed ({ended})", *last])
    return f"{example.name} {reason}{_shown(root, example.name)}; the committed result is untouched"


def _ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):  # the real-time signals have no name
        return signal.Signals(-status).name
    return f"signal {-status}"


def _with_remedy(root: Path, name: str, what: str) -> str:
    return f"{name} {what}{_shown(root, name)}; accept it with: python -m bookbuild accept {name}"


def _shown(root: Path, name: str) -> str:
    places = pages.places(root, name)
    return f" (shown at {', '.join(places)})" if places else " (shown on no page)"


def _provenance(device: str, seconds: float) -> dict[str, Any]:
    return {
        "versions": freshness.versions(),
        "device": device,
        "seconds": round(seconds, 1),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def _finished(
    root: Path, worker: Worker | None, due: list[Example], folder: Path, threads: int
) -> Iterator[tuple[int, Example, int | str, float]]:
    if not due:
        return
    assert worker is not None
    for example in due:
        (folder / example.name).mkdir(parents=True)
    requests = [
        {
            "id": number,
            "name": example.name,
            "path": example.path.relative_to(root).as_posix(),
            "root": str(root),
            "out": str(folder / example.name),
            "cost": example.cost,
            "seed": example.seed,
            "limit": example.limit,
            "threads": threads,
        }
        for number, example in enumerate(due)
    ]
    left = len(due)
    for number, status, seconds in worker.run(requests):
        left -= 1
        yield left, due[number], status, seconds
