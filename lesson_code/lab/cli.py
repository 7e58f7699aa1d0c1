"""The lab's command line: train one method, compare several, list what there is."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import inspect
import io
import os
import sys
import textwrap
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from lesson_code.lab import distributed, own, report, study, use
from lesson_code.lab.arguments import AUGMENTATIONS, LONGER, USUAL, name_of, parse, run_of
from lesson_code.lab.checkpoint import check_folder
from lesson_code.lab.data import NAMES, Data, DataError, load
from lesson_code.lab.data.sets import DataWarning
from lesson_code.lab.methods import METHODS, method
from lesson_code.lab.networks import NETWORKS
from lesson_code.lab.order import training_images
from lesson_code.lab.run import LabError, Run
from lesson_code.lab.machine import Machine
from lesson_code.lab.training import Interrupted, train
from lesson_code.lab.telling import Meter, tell
from lesson_code.lab.watcher import Terminated, Watcher

ENDED_BY_CTRL_C, ENDED_BY_SIGTERM = 130, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what follows ``python -m lesson_code.lab``; None takes the process's.

    Returns:
        The exit status: 0, 1 after an error that was told, 130 after Ctrl-C.
    """
    try:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # closed by whoever started it
                setattr(sys, name, io.StringIO())
        if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may know ASCII alone
            sys.stdout.reconfigure(errors="backslashreplace")
        if (wrong := wrong_environment()) is not None:
            tell(wrong, whoever=True)
            return 1
        options = parse(list(sys.argv[1:] if arguments is None else arguments))
        COMMANDS[options.command](options)
        sys.stdout.flush()
    except Interrupted as error:
        tell(str(error))
        return ENDED_BY_CTRL_C
    except Terminated as error:
        tell(f"ended by {error}")
        return ENDED_BY_SIGTERM
    except KeyboardInterrupt:
        tell("ended by Ctrl-C")
        return ENDED_BY_CTRL_C
    except BrokenPipeError:  # of `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except (Exception, SystemExit) as error:
        if (message := explain(error)) is None:
            raise
        tell(message, whoever=isinstance(error, DataError))
        return 1
    return 0


def explain(error: BaseException) -> str | None:
    """One message for an error that is not the lab's fault; None for another."""
    cause: BaseException = error
    while isinstance(cause, LabError) and cause.__context__ is not None:
        cause = cause.__context__
    if isinstance(cause, (ValueError, OSError)) and (line := line_of_own(cause)) is not None:
        return line if cause is error else f"{error} ({line})".strip()
    if isinstance(error, LabError):
        return str(error)
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
        return "there is not enough memory; a smaller --batch may help"
    if "can't allocate memory" in str(error):
        return "there is not enough memory; a smaller --batch may help"
    if distributed.started_by_torchrun():
        return f"another process has ended: {str(error).splitlines()[0]}"
    if (theirs := in_own_file(error)) is not None or isinstance(error, ValueError):
        return theirs or str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return None


def in_own_file(error: BaseException) -> str | None:
    """What a method or network of one's own did, and where; None if there is none."""
    files = [str(path) for path in own.files()]
    if not files or isinstance(error, OSError):
        return None
    if (line := line_of_own(error)) is not None or isinstance(error, ValueError):
        return line
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"{', '.join(files)} does not fit the lab: {spelled(error)} (in {frames[-1].name}). A "
        f"method's forward(views, labels) returns the loss, one number with a gradient; a network "
        f"(N, D)"
    )


def spelled(error: BaseException) -> str:
    """The kind of an error and what it says, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).strip(": ")


def line_of_own(error: BaseException) -> str | None:
    """An error with the last line of one's own file that it came through, if there is one."""
    files = [str(path) for path in own.files()]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            return f"{frame.filename}, line {frame.lineno}, in {frame.name}: {spelled(error)}"
    return None


def wrong_environment() -> str | None:
    """What is wrong with the variables that torchrun sets, if something is."""
    rank, world = (
        os.environ.get(name, usual) for name, usual in (("RANK", "0"), ("WORLD_SIZE", "1"))
    )
    if rank.isdecimal() and world.isdecimal() and int(rank) < int(world):
        return None
    return f"RANK is {rank} and WORLD_SIZE {world} in the environment: unset both, or use torchrun"


def use_threads(count: int) -> None:
    """Let torch, and the libraries below NumPy and scikit-learn, use so many threads."""
    torch.set_num_threads(count)
    with contextlib.suppress(ImportError):
        # Comes with scikit-learn.
        from threadpoolctl import threadpool_limits

        threadpool_limits(count)


def train_one(options: argparse.Namespace) -> None:
    """Train one method, with a progress bar; write a record and a figure."""
    run = run_of(options)
    machine = Machine(options.device, options.amp, options.compile, options.workers)
    distributed.usable(options.device)
    first = os.environ.get("RANK", "0") == "0"
    data = loaded(run.data, first, size=run.size, skip_damaged=options.skip_damaged)
    kind = method(run.method)
    folder = options.folder or Path("runs") / name_of(kind.plain(run, data))
    if first:  # before the work: can anything be written there?
        check_folder(folder)
        images = training_images(run, data, kind.labeled)
        print("\n".join(report.counts(data.facts(images)["counts"])), flush=True)
        if run.batch > len(images):
            print(f"a step takes all {len(images)} images, fewer than --batch {run.batch}")
    small = data.train.images.is_floating_point()
    if options.threads or small:
        use_threads(options.threads or 1)
    watch = options.watch
    if watch is None:
        watch = max(1, run.steps // 10) if small else 0
    alone = alone_in(folder) if first and os.name != "nt" else contextlib.nullcontext()
    with alone, Watcher(run, shown=first) as watcher:
        trained = train(
            run,
            machine,
            data=data,
            folder=folder,
            save_every=options.save_every,
            restart=options.restart,
            watch=watch,
            report=watcher.hear,
            stop=watcher.stop,
        )
    if not first:
        return
    record = trained.record
    world = int(os.environ.get("WORLD_SIZE", "1"))
    used = {"threads": torch.get_num_threads(), "processes": world}
    machine_used = {**dataclasses.asdict(machine), **used}
    report.write_json(
        folder / "record.json", {**report.record_dict(record), "machine": machine_used}
    )
    report.draw_record(record)
    report.save_figures(folder)
    if watcher.steps == 0:
        print(f"{folder} holds a finished run; --restart begins anew, more --steps lengthen it")
    elif all(one.grad is None for one in trained.method.encoder.parameters()):
        print("the encoder has learned nothing: the loss gives no weight of it a gradient")
    if trained.changed:
        print(f"the code has changed since it was saved: {', '.join(trained.changed)}")
    if record.lengthened:
        print(f"lengthened after step {record.lengthened}: other than in one go")
    print(report.text(report.measures_table(record)))
    print(f"{run.steps} steps in {record.seconds:.1f} s on {record.device}")
    print(f"wrote record.json, curves.png, curves.svg and checkpoint.pt in {folder}")


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder meanwhile; a killed process lets it go."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems have no locks
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabError(f"another run is at work in {folder}: give --folder") from None
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def told(first: bool = True) -> Iterator[None]:
    """Say what was done to pictures."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        try:
            yield
        finally:
            for said in caught if first else ():
                if issubclass(said.category, DataWarning):
                    tell(str(said.message))


def loaded(name: str, first: bool, **options: Any) -> Data:
    """Load a data set, and say what was done to its pictures."""
    with told(first):
        return load(name, **options)


def export(options: argparse.Namespace) -> None:
    """Write the encoder of a run."""
    print(f"wrote {use.export(options.run, options.to)}")


def write_features(options: argparse.Namespace) -> None:
    """Encode pictures with the encoder of a run, and write their features and names."""
    distributed.usable(options.device)
    run = options.run
    to = options.to or (run if run.is_dir() else run.parent) / "features.npy"
    use.check_target(to)
    with told():
        found, names = use.features(run, options.images, options.device, options.skip_damaged)
    files = use.write(found, names, to)
    print(f"{len(found)} images, {found.shape[1]} features of each")
    print(f"wrote {' and '.join(map(str, files))}")


def compare(options: argparse.Namespace) -> None:
    """Train several methods with several seeds; print a table, write figure and numbers."""
    names = list(dict.fromkeys(options.methods)) or list(METHODS)
    for name in names:
        method(name)
    data = loaded(options.data, True)
    folder = options.folder or Path("runs") / "compare"
    check_folder(folder)
    if data.train.images.is_floating_point():
        use_threads(1)
    usual = {name: LONGER.get(name, USUAL["steps"]) for name in names}
    runs = {
        name: Run(name, options.data, options.steps or usual[name], batch=options.batch)
        for name in names
    }
    meter = Meter("compare", len(runs) * options.seeds)
    with contextlib.closing(meter):
        results = study.run_all(
            runs, range(options.seeds), report=lambda what: meter.hear(done=what)
        )
    columns = {shown: (name, form) for name, (shown, form) in report.MEASURES.items()}
    if not any("accuracy" in records[0].measures for records in results.values()):
        del columns["accuracy"]
    table = study.table(results, "method", columns)
    alt_text = report.draw_comparison(results)
    files = report.save_figures(folder)
    records = {
        name: [report.record_dict(record) for record in own] for name, own in results.items()
    }
    content = {"tables": {"compare": table}, "figures": alt_text, "results": records}
    report.write_json(folder / "compare.json", content)
    print(report.text(table))
    print(f"wrote compare.json, {', '.join(files)} in {folder}")


def show_all(options: argparse.Namespace) -> None:
    """Print what there is."""
    print("Methods, with their settings (--set KEY=VALUE):")
    for name, kind in METHODS.items():
        print_wrapped(f"  {name:13} {first_line(kind)}", 16)
        shown = [
            f"{field.name}={str(field.default).lower()}"
            for field in dataclasses.fields(kind.Settings)
        ]
        if shown:
            print_wrapped(f"{'':16}{' '.join(shown)}", 16)
    print("\nData sets (--data):")
    print("  " + ", ".join(NAMES))
    print("\nNetworks (--network):\n  " + ", ".join(NETWORKS))
    print("  a classifier of torchvision, timm:NAME, FILE.py:NAME")
    print("\nAugmentations (--augmentation):\n  " + ", ".join(AUGMENTATIONS))


def show_data(options: argparse.Namespace) -> None:
    """Get a data set; count its images, draw some of each class, write all as pictures."""
    folder = options.folder or Path("runs") / "data"
    check_folder(folder)
    data = loaded(options.name, True, size=options.size, skip_damaged=options.skip_damaged)
    splits = data.splits()
    counts = {
        part: split.labeled.labels.bincount(minlength=len(data.classes)).tolist()
        for part, split in splits.items()
    }
    rows = [[name, *cells] for name, *cells in zip(data.classes, *counts.values(), strict=True)]
    rows.append(["all", *(len(split) for split in splits.values())])
    columns = {"class": "", **dict.fromkeys(splits, "d")}
    print(report.text({"columns": columns, "rows": rows}))
    print(*data.notes, sep="\n", end="\n" if data.notes else "")
    report.draw_data(data)
    files = report.save_figures(folder)
    print(f"wrote {', '.join(files)} in {folder}")
    if options.export:
        from lesson_code.lab.data.folders import export

        print(f"wrote {export(data, options.export)} pictures in {options.export}")


def print_wrapped(line: str, indent: int) -> None:
    """Print a line, folded where it is too long."""
    print(textwrap.fill(line, 79, subsequent_indent=" " * indent))


def first_line(kind: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(kind) or "").partition("\n")[0]


COMMANDS: Mapping[str, Any] = {
    "train": train_one,
    "compare": compare,
    "list": show_all,
    "data": show_data,
    "export": export,
    "features": write_features,
}
