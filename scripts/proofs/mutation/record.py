"""The kept result of mutation testing: a row for each listing, and every survivor with its reason.

It is a result like that of an example, under ``lesson_code/results/mutation/``, so that pages show
its tables and quote its values. Its provenance holds, for each listing, how the code and the tests
were when its mutants were judged.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookbuild import results

from proofs.mutation.outcomes import SURVIVED, Count, Mutant, count
from proofs.mutation.published import Listing, of
from proofs.mutation.workspace import concepts

NAME = "mutation/concepts"
REASONS = "scripts/proofs/mutation/survivors.toml"
COMMAND = "./scripts/mutate"
_COLUMNS = {
    "Listing": "",
    "Score": ".1%",
    "Mutants": "",
    "Killed": "",
    "Timed out": "",
    "Cannot run": "",
    "Survived": "",
    "Of this code": "",
}
_SURVIVORS = {"Function": "", "Line": "", "What the mutant has there": "", "Why it survives": ""}
_LIBRARIES = ("mutmut", "pytest", "hypothesis", "torch")
_FIELDS = ("module", "function", "original", "mutated", "reason")
Key = tuple[str, str, str, str]


class RecordError(Exception):
    """Something that a contributor must mend; the message says what, where, and how."""


@dataclass(frozen=True)
class Kept:
    """What the record says of one listing."""

    listing: str
    code: str
    tests: str
    count: Count
    survivors: tuple[tuple[str, str, str], ...]

    def survivor_keys(self) -> set[Key]:
        """The survivors as ``Mutant.key`` tells them apart."""
        module = self.listing.partition(":")[0]
        return {(module, *survivor) for survivor in self.survivors}


def judged(listing: Listing, mutants: Iterable[Mutant]) -> Kept:
    """What a run says of one listing."""
    own = [mutant for mutant in mutants if mutant.listing == listing.key]
    survivors = sorted({mutant.key[1:] for mutant in own if mutant.status == SURVIVED})
    return Kept(listing.key, listing.code, listing.tests, count(own), tuple(survivors))


def load(root: Path) -> dict[str, Kept]:
    """What is kept, by listing; nothing where there is no record yet."""
    if not results.exists(root, NAME):
        return {}
    listings = results.load(root, NAME).provenance["listings"]
    return {key: _read(key, raw) for key, raw in listings.items()}


def _read(key: str, raw: dict[str, Any]) -> Kept:
    survivors = tuple((str(a), str(b), str(c)) for a, b, c in raw["survivors"])
    return Kept(key, raw["code"], raw["tests"], Count(*raw["count"]), survivors)


def seconds(root: Path) -> dict[str, float]:
    """How long each concept took, by the record."""
    return (
        dict(results.load(root, NAME).provenance["concepts"]) if results.exists(root, NAME) else {}
    )


def reasons(root: Path) -> dict[Key, str]:
    """Why each survivor survives, as a person wrote it down.

    Raises:
        RecordError: If an entry lacks a field, has an unknown one, or stands there twice.
    """
    found: dict[Key, str] = {}
    for entry in tomllib.loads((root / REASONS).read_text(encoding="utf-8")).get("survivor", []):
        if set(entry) != set(_FIELDS) or not all(isinstance(text, str) for text in entry.values()):
            raise RecordError(f"{REASONS}: an entry has {', '.join(_FIELDS)}; this has {entry}")
        key = (entry["module"], entry["function"], entry["original"], entry["mutated"])
        if key in found:
            raise RecordError(f"{REASONS}: this mutant has two entries: {key}")
        found[key] = entry["reason"].strip()
    return found


def blank(keys: Iterable[Key]) -> str:
    """Entries for the file of reasons that wait for their reason."""
    return "\n".join(
        "[[survivor]]\n"
        + "".join(
            f"{field} = {_toml(text)}\n" for field, text in zip(_FIELDS, (*key, ""), strict=True)
        )
        for key in sorted(keys)
    )


def _toml(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write(root: Path, kept: Sequence[Kept], seconds: Mapping[str, float]) -> None:
    """Replace the record; ``seconds`` tells how long each concept took."""
    ordered = sorted(kept, key=lambda one: one.listing)
    rows = _rows(root, ordered)
    described = {"listings": {"columns": _COLUMNS, "rows": rows}} | _survivors(root, ordered)
    raw = {"output": "", "figures": {}, "alt": {}, "values": _values(ordered, rows)}
    result = results.checked({**raw, "tables": described}, NAME)
    result.provenance = _provenance(ordered, seconds)
    results.write(root, NAME, result)


def renew(root: Path) -> None:
    """Put the reasons, and which listings have changed since, into the record; run nothing."""
    if not results.exists(root, NAME):
        raise RecordError(f"there is no record yet; make it with {COMMAND} --record")
    known = {listing.key for listing in every(root)}
    old = results.load(root, NAME).provenance
    write(root, [one for key, one in load(root).items() if key in known], seconds(root))
    result = results.load(root, NAME)
    result.provenance |= {key: old[key] for key in ("versions", "device", "date")}
    results.write(root, NAME, result)


def every(root: Path) -> list[Listing]:
    """All published listings as they are now."""
    return [listing for name in concepts(root) for listing in of(name, root)]


def _rows(root: Path, kept: Iterable[Kept]) -> list[list[str | float | int | None]]:
    """A row for each listing: what was counted, and whether on its code as it is now."""
    judged = {one.listing: one for one in kept}
    rows: list[list[str | float | int | None]] = []
    for listing in sorted(every(root), key=lambda listing: listing.key):
        if one := judged.get(listing.key):
            same = "yes" if one.code == listing.code else "no"
            rows.append([listing.name, one.count.score, *one.count.row(), same])
        else:
            rows.append([listing.name, *[None] * (len(_COLUMNS) - 2), "no"])
    return rows


def _survivors(root: Path, kept: Iterable[Kept]) -> dict[str, Any]:
    """The table of survivors, if there are any."""
    told = reasons(root)
    keys: set[Key] = set().union(*(one.survivor_keys() for one in kept))
    rows = [[*key[1:], told.get(key) or None] for key in sorted(keys)]
    return {"survivors": {"columns": _SURVIVORS, "rows": rows}} if rows else {}


def _values(kept: Sequence[Kept], rows: Sequence[Sequence[object]]) -> dict[str, results.Value]:
    total = sum((one.count for one in kept), Count())
    assert total.score is not None
    return {
        "listings": len(kept),
        "outdated": sum(row[-1] == "no" for row in rows),
        "mutants": total.mutants,
        "broken": total.broken,
        "noticed": total.killed + total.timeouts,
        "survived": total.survived,
        "score": total.score,
    }


def _provenance(kept: Sequence[Kept], seconds: Mapping[str, float]) -> dict[str, Any]:
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "device": f"CPU, {platform.machine()}",
        "seconds": round(sum(seconds.values())),
        "concepts": dict(seconds),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "listings": {
            one.listing: {
                "code": one.code,
                "tests": one.tests,
                "count": list(one.count.row()),
                "survivors": [list(survivor) for survivor in one.survivors],
            }
            for one in kept
        },
    }


def problems(root: Path) -> list[str]:
    """What is wrong about the record: one message each.

    A listing may have changed since its mutants were judged, for that takes minutes. Then the
    record says so, and a short run judges that listing before any other.
    """
    kept = load(root)
    names = {listing.key for listing in every(root)}
    found = [
        f"the record has {gone}, which is no listing; run {COMMAND} --reasons"
        for gone in kept.keys() - names
    ]
    table = results.load(root, NAME).tables["listings"]
    if not found and [list(row) for row in table.rows] != _rows(root, kept.values()):
        found.append(f"the record does not say what has changed since; run {COMMAND} --reasons")
    return found + _problems_of_reasons(root, kept)


def _problems_of_reasons(root: Path, kept: dict[str, Kept]) -> list[str]:
    told = reasons(root)
    survivors: set[Key] = set().union(*(one.survivor_keys() for one in kept.values()))
    found = [f"{REASONS} gives no reason for {key}" for key in sorted(survivors - told.keys())]
    found += [
        f"{REASONS}: no such mutant survives: {key}" for key in sorted(told.keys() - survivors)
    ]
    found += [f"{REASONS}: the reason of {key} is empty" for key in sorted(told) if not told[key]]
    table = results.load(root, NAME).tables.get("survivors") if kept else None
    shown = [row[3] for row in table.rows] if table else []
    if not found and shown != [told[key] for key in sorted(survivors)]:
        found.append(f"the record shows other reasons than {REASONS}; run {COMMAND} --reasons")
    return found
