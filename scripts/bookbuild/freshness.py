"""Whether a result is still what its example would give: by what the run depended on.

A result keeps the list of what its run depended on, the hash of that, and a key, which also covers
the libraries and, for quick examples, the tolerances and the runner. While the key fits, nothing
has to run, in a fresh clone too. Where code changes and the result does not, the committed files
stay as they are, so that branches do not conflict over keys: the new list and key go to a stamp in
the ignored cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import platform
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from bookbuild import dependencies, files, project, results
from bookbuild.dependencies import Dependencies
from bookbuild.project import BookError, Example
from bookbuild.results import Result

LIBRARIES = ("torch", "torchvision", "numpy", "matplotlib", "scikit-learn")
#: What an edit, made while an example ran, leaves of a key: fresh for no code.
UNKNOWN = ""
_MAKERS = ("sandbox.py", "figures.py", "book.mplstyle")


def is_fresh(root: Path, example: Example, committed: Result) -> bool:
    """Whether ``committed`` is known to come of the present code, libraries and runner."""
    noted = _stamp(root, example)
    if _fits(root, example, noted):  # then this code was tried, whatever a record says
        if noted["result"] != committed.digest():
            return False
        if noted.get("within") == asdict(example.tolerances):
            return True
    return _fits(root, example, committed.provenance)


def has_changed(root: Path, example: Example, committed: Result) -> bool:
    """Whether what the recorded run depended on has changed since, libraries aside."""
    kept = Dependencies.kept(committed.provenance)
    code = None if kept is None else dependencies.digest(root, example, kept)
    return bool(code != committed.provenance.get("code", UNKNOWN))


def known(root: Path, example: Example) -> Dependencies | None:
    """What the last run that is known of depended on: that of the stamp, else of the record."""
    with contextlib.suppress(BookError):
        noted = _stamp(root, example)
        committed = results.load(root, example.name)
        if noted.get("result") == committed.digest():
            return Dependencies.kept(noted)
        return Dependencies.kept(committed.provenance)
    return None


def record(root: Path, example: Example, measured: Dependencies | None) -> dict[str, Any]:
    """What a result keeps of the run that made it; ``measured`` is nothing if code changed."""
    if measured is None:
        return {"code": UNKNOWN, "key": UNKNOWN, "ran": {}, "read": []}
    code = dependencies.digest(root, example, measured)
    return {"code": code, "key": _key(example, code), **measured.plain()}


def stamp(root: Path, example: Example, kept: dict[str, Any], result: str) -> None:
    """Note that the result of this digest agrees with a run that depended on what ``kept`` says."""
    if kept["key"] != UNKNOWN:
        stamped = {name: kept[name] for name in ("key", "ran", "read")}
        stamped |= {"result": result, "within": asdict(example.tolerances)}
        files.keep(_stamp_file(root, example.name), json.dumps(stamped))


@cache
def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that results depend on."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[library] = importlib.metadata.version(library)
    return found


def _fits(root: Path, example: Example, kept: dict[str, Any]) -> bool:
    depended = Dependencies.kept(kept)
    if depended is None or not kept.get("key"):
        return False
    return bool(kept["key"] == _key(example, dependencies.digest(root, example, depended)))


def _key(example: Example, code: str) -> str:
    """A hash of all that decides what comes out and whether it agrees: code, libraries, runner.

    Python counts by its feature release, a library without the build that its version names. Runner
    and tolerances count for what is quick: minutes of training do not start anew for a word in
    them. What a run of newer code agrees with, it agrees with to the tolerances of its stamp.
    """
    public = {name: version.partition("+")[0] for name, version in versions().items()}
    public["python"] = ".".join(public["python"].split(".")[:2])
    quick = [_makers(), asdict(example.tolerances)] if example.cost == "quick" else []
    parts = [code, public, *quick]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@cache
def _makers() -> str:
    makers = hashlib.sha256()
    for file in _MAKERS:
        makers.update(Path(__file__).with_name(file).read_bytes())
    return makers.hexdigest()


def _stamp_file(root: Path, name: str) -> Path:
    return project.cache(root) / "fresh" / f"{name.replace('/', '@')}.json"


def _stamp(root: Path, example: Example) -> dict[str, Any]:
    return files.kept_json(_stamp_file(root, example.name))
