"""What mutmut did with each mutant of a concept, told by listing."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

from proofs.mutation.plugin import NOTES
from proofs.mutation.published import Listing
from proofs.mutation.workspace import PACKAGE

KILLED, BROKEN, TIMEOUT, SURVIVED = "killed", "broken", "timed out", "survived"
#: What mutmut calls them; "no tests" means that none of the concept's tests calls the function.
_STATUS = {"killed": KILLED, "timeout": TIMEOUT, "survived": SURVIVED, "no tests": SURVIVED}
#: A mutant that fails like this cannot run, whatever the tests expect of it.
_DOES_NOT_RUN = {"TypeError", "AttributeError", "NameError", "ImportError", "SyntaxError"}
_COMMENT = re.compile(r"\s+#[^\"']*$")


class NotJudgedError(Exception):
    """mutmut ended in another way than with a verdict on each mutant."""


@dataclass(frozen=True)
class Mutant:
    """One mutant: the lines it changes, and what became of it."""

    listing: str
    function: str
    status: str
    original: str = ""
    mutated: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells survivors apart, whatever is edited around them."""
        return self.listing.partition(":")[0], self.function, self.original, self.mutated


@dataclass(frozen=True)
class Count:
    """How many mutants of a listing, or of all, ended how."""

    mutants: int = 0
    killed: int = 0
    timeouts: int = 0
    broken: int = 0
    survived: int = 0

    @property
    def score(self) -> float | None:
        """The share of the mutants that can run which the tests noticed, if there are any."""
        running = self.mutants - self.broken
        return (self.killed + self.timeouts) / running if running else None

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(self.row(), other.row(), strict=True)))

    def row(self) -> tuple[int, int, int, int, int]:
        """The numbers in the order of the fields."""
        return self.mutants, self.killed, self.timeouts, self.broken, self.survived


def count(mutants: Iterable[Mutant]) -> Count:
    """How the mutants ended."""
    ended = Counter(mutant.status for mutant in mutants)
    parts = [ended[status] for status in (KILLED, TIMEOUT, BROKEN, SURVIVED)]
    return Count(ended.total(), *parts)


def patterns(listing: Listing) -> list[str]:
    """The names by which mutmut calls the mutants of a listing."""
    start = f"{PACKAGE}.{listing.concept}.x"
    return [
        f"{start}{mark}" for name in listing.definitions for mark in (f"_{name}__*", f"ǁ{name}ǁ*")
    ]


def is_complete(concept: str, folder: Path) -> bool:
    """Whether mutmut has made the mutants of a concept there and judged every one."""
    with contextlib.chdir(folder):
        codes = _data(concept).exit_code_by_key.values()
    return bool(codes) and None not in codes


def _data(concept: str) -> SourceFileMutationData:
    """What mutmut keeps of a concept in the current folder."""
    data = SourceFileMutationData(path=Path(PACKAGE) / f"{concept}.py")
    data.load()
    return data


def read(concept: str, published: Iterable[Listing], folder: Path) -> list[Mutant]:
    """Every mutant of the given listings, as mutmut left them in the folder.

    Raises:
        NotJudgedError: If one has no verdict, or another than the tests' saying yes or no.
    """
    where = {name: listing.key for listing in published for name in listing.definitions}
    found = []
    with contextlib.chdir(folder):
        data = _data(concept)
        for name, exit_code in data.exit_code_by_key.items():
            function, owner = orig_function_and_class_names_from_key(name)
            listing = where.get(owner or function)
            if listing is not None:
                qualified = f"{owner}.{function}" if owner else function
                found.append(_mutant(name, exit_code, Path(data.path), listing, qualified))
    return found


def _mutant(name: str, exit_code: int | None, path: Path, listing: str, function: str) -> Mutant:
    said = status_by_exit_code[exit_code]
    if said not in _STATUS:
        raise NotJudgedError(f"mutmut says {said!r} of {name} (exit code {exit_code})")
    status = _STATUS[said]
    note = Path("mutants") / NOTES / f"{name}.json"
    if status == KILLED and note.is_file():
        noticed = json.loads(note.read_text(encoding="utf-8"))
        if _DOES_NOT_RUN & set(noticed["error"]):
            status = BROKEN
    original, mutated = _lines(get_diff_for_mutant(name, path=path))
    return Mutant(listing, function, status, original, mutated)


def _lines(diff: str) -> tuple[str, str]:
    """The code that a diff takes away and the code that it puts there, each on one line."""
    body = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    parts = [[_bare(line) for line in body if line.startswith(mark)] for mark in "-+"]
    return " ".join(parts[0]), " ".join(parts[1])


def _bare(line: str) -> str:
    """A line of a diff without its mark and without a comment at its end."""
    return _COMMENT.sub("", line[1:]).strip()
