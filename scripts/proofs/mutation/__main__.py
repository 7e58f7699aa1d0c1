"""Mutation testing of the published listings: ``./scripts/mutate``.

Without names, every concept. A run goes on where an earlier one of the same files was ended.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bookbuild import project
from bookbuild.project import BookError

from proofs.mutation import outcomes, published, record, slices, workspace
from proofs.mutation.outcomes import NotJudgedError
from proofs.mutation.published import Listing
from proofs.mutation.record import Kept, RecordError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 0 only when no survivor is new."""
    options = _parser().parse_args(arguments)
    try:
        root = project.root()
        if options.reasons:
            record.renew(root)
            return 0
        return _run(root, options)
    except (BookError, NotJudgedError, RecordError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=record.COMMAND, description=__doc__)
    parser.add_argument("concepts", nargs="*", metavar="CONCEPT", help="a file, such as dino")
    what = parser.add_mutually_exclusive_group()
    told = "judge only this listing, such as dino_loss; may be given several times"
    what.add_argument("--listing", action="append", default=[], metavar="NAME", help=told)
    told = "judge some listings from nothing, in two or three minutes, as before every merge"
    what.add_argument("--slice", action="store_true", help=told)
    what.add_argument("--record", action="store_true", help="keep the result of these concepts")
    told = (
        f"put the reasons of {record.REASONS}, and what has changed, into the result; run nothing"
    )
    what.add_argument("--reasons", action="store_true", help=told)
    told = "how many tests run at once (as many as there are cores)"
    parser.add_argument("--processes", type=int, default=os.cpu_count(), metavar="N", help=told)
    return parser


def _run(root: Path, options: argparse.Namespace) -> int:
    chosen = _chosen(root, options)
    folder = project.cache(root) / ("mutation-slice" if options.slice else "mutation")
    if options.slice:
        shutil.rmtree(folder, ignore_errors=True)
    kept = record.load(root)
    found: list[Kept] = []
    whole = not (options.slice or options.listing)
    for concept in dict.fromkeys(listing.concept for listing in chosen):
        wanted = [listing for listing in chosen if listing.concept == concept]
        mutants = _judge(root, folder / concept, wanted, whole, options.processes)
        print(f"{concept} ({workspace.seconds(folder / concept):.0f} s)", flush=True)
        for listing in wanted:
            one = record.judged(listing, mutants)
            found.append(one)
            print(f"  {_told(one)}", flush=True)
    if options.record:
        _keep(root, kept, found, folder)
        kept = record.load(root)
    return _compare(root, kept, found)


def _chosen(root: Path, options: argparse.Namespace) -> list[Listing]:
    every = workspace.concepts(root)
    for name in options.concepts:
        if name not in every:
            raise RecordError(f"no concept {name!r}; there are: {', '.join(every)}")
    concepts = options.concepts or every
    every_listing = [listing for name in concepts for listing in published.of(name, root)]
    for name in options.listing:
        if name not in [listing.name for listing in every_listing]:
            known = ", ".join(listing.name for listing in every_listing)
            raise RecordError(f"no listing {name!r}; there are: {known}")
    if options.slice:
        return slices.chosen(every_listing, record.load(root))
    return [one for one in every_listing if not options.listing or one.name in options.listing]


def _judge(
    root: Path, folder: Path, wanted: Sequence[Listing], whole: bool, processes: int
) -> list[outcomes.Mutant]:
    """Let mutmut make and judge the mutants of some listings of one concept."""
    concept = wanted[0].concept
    workspace.prepare(concept, root, folder)
    if whole and outcomes.is_complete(concept, folder):
        return outcomes.read(concept, wanted, folder)
    names = [] if whole else [name for one in wanted for name in outcomes.patterns(one)]
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes), *names]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    log = folder / "mutmut.log"
    started = time.monotonic()
    with log.open("wb") as written:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
    workspace.add_seconds(folder, time.monotonic() - started)
    if done.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise NotJudgedError("\n".join([f"mutmut failed on {concept} ({log}):", *lines]))
    return outcomes.read(concept, wanted, folder)


def _told(one: Kept) -> str:
    mutants, killed, timeouts, broken, survived = one.count.row()
    score = "no score" if one.count.score is None else f"{one.count.score:.1%}"
    return (
        f"{one.listing}: {score}: {mutants} mutants, {killed} killed, {timeouts} timed out, "
        f"{broken} cannot run, {survived} survived"
    )


def _keep(root: Path, kept: dict[str, Kept], found: Sequence[Kept], folder: Path) -> None:
    """Replace what was kept of the concepts that ran."""
    every = workspace.concepts(root)
    known = {one.key for name in every for one in published.of(name, root)}
    merged = {key: one for key, one in kept.items() if key in known}
    merged |= {one.listing: one for one in found}
    took = {name: spent for name, spent in record.seconds(root).items() if name in every}
    for concept in {one.listing.partition(":")[0] for one in found}:
        took[concept] = round(workspace.seconds(folder / concept), 1)
    record.write(root, list(merged.values()), took)


def _compare(root: Path, kept: dict[str, Kept], found: Sequence[Kept]) -> int:
    """Tell which survivors are new or without a reason, and which kept ones are killed now."""
    told = record.reasons(root)
    new: set[record.Key] = set()
    gone: set[record.Key] = set()
    for one in found:
        known = kept[one.listing].survivor_keys() if one.listing in kept else set()
        new |= {key for key in one.survivor_keys() if key not in known or key not in told}
        gone |= known - one.survivor_keys()
    for key in sorted(gone):
        print(f"killed now, though a survivor is kept: {key}")
    if gone:
        concepts = " ".join(sorted({key[0] for key in gone}))
        print(f"keep that with: {record.COMMAND} --record {concepts}")
    if new:
        print(f"{len(new)} survivors are new. Write a test that fails on them, or say in")
        print(f"{record.REASONS} why none can:\n\n{record.blank(new)}")
    total = sum((one.count for one in found), outcomes.Count())
    score = "no score" if total.score is None else f"{total.score:.1%}"
    print(f"in all: {score} of {total.mutants - total.broken} mutants that can run were noticed")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
