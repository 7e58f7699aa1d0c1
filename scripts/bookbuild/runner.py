"""What is stale is run and held against what is committed; the rest is left alone.

``check`` never writes a result, ``accept`` replaces what differs, ``record`` replaces always. An
example is fresh when a stamp in the ignored cache says that this very result came out of this very
code under these very libraries.

Lab examples train for minutes. They run where they are named, alone or by their folder, and in a
``check --all`` on this machine; the longest begins first, as its last run told.
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
import platform
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bookbuild import closure, compare, pages, project, results
from bookbuild.launcher import Worker
from bookbuild.project import BookError, Example

LIBRARIES = ("torch", "torchvision", "numpy", "matplotlib", "scikit-learn")
_MAKERS = ("sandbox.py", "figures.py", "book.mplstyle")


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

    @property
    def is_ordinary(self) -> bool:
        """Whether examples run here as they do in every build, so that a stamp may say so."""
        return not self.emulate and self.threads == 1


@dataclass(frozen=True)
class Due:
    """An example that must run, and the code it had when that was decided.

    Code may be edited while it runs: what comes out is then never taken for the new code's.
    """

    example: Example
    closure: str
    key: str


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
    outcomes: list[Outcome] = []
    due: list[Due] = []
    unreadable: dict[str, list[str]] = {}
    for example in chosen:
        try:
            outcome = settled(root, example, plan)
            if outcome is None:
                due.append(Due(example, closure.digest(root, example), _key(root, example)))
            else:
                outcomes.append(outcome)
        except BookError as error:
            unreadable.setdefault(str(error), []).append(example.name)
    for error_text, stopped in unreadable.items():
        text = f"{error_text}; it stops {_counted(root, stopped)}"
        outcomes += [Outcome(name, "failed", text) for name in stopped]
    due.sort(key=lambda one: (-_last_seconds(root, one.example), one.example.name))
    if due and not has_torch():
        raise BookError(
            f"{_counted(root, [one.example.name for one in due])} must run again, "
            "and torch is not installed"
        )
    with contextlib.ExitStack() as stack:
        if due and worker is None:
            jobs = max(1, (os.cpu_count() or 1) // plan.threads)
            worker = stack.enter_context(Worker(jobs=jobs, emulate=plan.emulate))
        folder = Path(stack.enter_context(_scratch()))
        for left, (one, status, seconds) in _finished(root, worker, due, folder, plan.threads):
            outcome = _judge(root, one, plan, folder / one.example.name, status, seconds)
            outcomes.append(outcome)
            report(outcome, left)
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


def settled(root: Path, example: Example, plan: Plan) -> Outcome | None:
    """The outcome of an example that need not, or must not, run now."""
    asked = example.name in plan.names
    if example.cost == "gpu" and plan.mode != "record":
        return _kept(root, example)
    if example.cost == "lab" and not asked and (plan.emulate or not plan.everything):
        return _kept(root, example)
    if plan.mode == "record" and asked:
        return None
    if plan.mode == "check" and not results.exists(root, example.name):
        return Outcome(example.name, "missing", _with_remedy(root, example.name, "has no result"))
    try:
        committed = results.load(root, example.name)
    except BookError as error:
        return Outcome(example.name, "failed", str(error)) if plan.mode == "check" else None
    fresh = _stamp(root, example) == {"key": _key(root, example), "result": committed.digest()}
    if fresh and not plan.everything and plan.is_ordinary:
        return Outcome(example.name, "fresh")
    return None


def _kept(root: Path, example: Example) -> Outcome:
    """A record that no build makes: absent or sound, never trusted when damaged."""
    if results.exists(root, example.name):
        try:
            results.load(root, example.name)
        except BookError as error:
            return Outcome(example.name, "failed", str(error))
    return Outcome(example.name, "kept")


def _judge(
    root: Path, due: Due, plan: Plan, folder: Path, status: int | str, seconds: float
) -> Outcome:
    example, name = due.example, due.example.name
    if status != 0 or not (folder / "result.json").is_file():
        return Outcome(name, "failed", _failure(root, example, folder, status), seconds)
    raw = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    try:
        new = results.checked(raw, name)
    except BookError as error:
        return Outcome(name, "failed", str(error), seconds)
    new.provenance = _provenance(due, raw["device"], seconds)
    changes = _changes(root, example, new)
    if plan.mode == "record" or (changes and plan.mode == "accept"):
        results.write(root, name, new)
        _write_stamp(root, due, new.digest(), plan)
        return Outcome(name, "written", "\n".join(changes), seconds)
    if changes:
        text = "\n".join([_with_remedy(root, name, "gives another result now"), *changes])
        return Outcome(name, "drifted", text, seconds)
    _write_stamp(root, due, results.load(root, name).digest(), plan)
    return Outcome(name, "agrees", "", seconds)


def _changes(root: Path, example: Example, new: results.Result) -> list[str]:
    if not results.exists(root, example.name):
        return ["no result was there before"]
    try:
        old = results.load(root, example.name)
    except BookError as error:
        return [str(error)]
    changes = compare.differences(old, new, example.tolerances)
    recorded = old.provenance.get("closure")
    if not changes and example.cost != "quick" and recorded != new.provenance["closure"]:
        changes.append("the same result, recorded before the last change of the code")
    return changes


def _failure(root: Path, example: Example, folder: Path, status: int | str) -> str:
    """One clear message: what happened, on which line, and which page waits for it."""
    if status == "timeout":
        reason = f"ran longer than its limit of {example.limit:g} s and was ended"
    elif (folder / "error.json").is_file():
        error = json.loads((folder / "error.json").read_text(encoding="utf-8"))
        reason = f"failed at {error['place'] or example.path.name}: {error['message']}"
    elif status == 0:
        reason = "ended early and left no result"
    else:
        ended = _ended(int(status))
        file = folder / "stderr.txt"
        last = file.read_text(errors="replace").strip().splitlines()[-1:] if file.exists() else []
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


def _provenance(due: Due, device: str, seconds: float) -> dict[str, Any]:
    return {
        "closure": due.closure,
        "versions": _versions(),
        "device": device,
        "seconds": round(seconds, 1),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[library] = importlib.metadata.version(library)
    return versions


def _key(root: Path, example: Example) -> str:
    """A hash of all that decides what comes out and whether it agrees: code, libraries, runner."""
    makers = hashlib.sha256()
    for file in _MAKERS:
        makers.update(Path(__file__).with_name(file).read_bytes())
    allowed = json.dumps(asdict(example.tolerances), sort_keys=True)
    parts = [closure.digest(root, example), json.dumps(_versions()), makers.hexdigest(), allowed]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _stamp_file(root: Path, name: str) -> Path:
    return project.cache(root) / "fresh" / f"{name.replace('/', '@')}.json"


def _stamp(root: Path, example: Example) -> object:
    try:
        return json.loads(_stamp_file(root, example.name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_stamp(root: Path, due: Due, result: str, plan: Plan) -> None:
    """Note that this result came of this code under these libraries."""
    if not plan.is_ordinary:
        return
    file = _stamp_file(root, due.example.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps({"key": due.key, "result": result}), encoding="utf-8")
    os.replace(aside, file)


def _finished(
    root: Path, worker: Worker | None, due: list[Due], folder: Path, threads: int
) -> Iterator[tuple[int, tuple[Due, int | str, float]]]:
    if not due:
        return
    assert worker is not None
    chosen = [one.example for one in due]
    for example in chosen:
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
        for number, example in enumerate(chosen)
    ]
    left = len(due)
    for number, status, seconds in worker.run(requests):
        left -= 1
        yield left, (due[number], status, seconds)
