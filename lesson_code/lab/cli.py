"""The lab's command line: train, compare, collapse, the whole chapter, list."""

from __future__ import annotations

import argparse
import ast
import contextlib
import dataclasses
import inspect
import io
import os
import re
import signal
import sys
import textwrap
import time
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

import torch

from lesson_code.lab import distributed, parallel, report
from lesson_code.lab.checkpoint import check_folder
from lesson_code.lab.data import NAMES, Data, DataError, Split, load
from lesson_code.lab.evaluate import judge
from lesson_code.lab.experiments import EXPERIMENTS, Findings, Plan, experiment
from lesson_code.lab.experiments.base import over_seeds, run_all, table, text
from lesson_code.lab.methods import METHODS, method
from lesson_code.lab.networks import NETWORKS
from lesson_code.lab.run import LabError, Run, nearest
from lesson_code.lab.trainer import AMP, Interrupted, Machine, Progress, train

COLLAPSES = ("byol", "simsiam", "dino")
AUGMENTATIONS = ("full", "geometric", "mild", "none")
LONGER = {"mae": 1200}  # steps; 300 for the others
USUAL: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(Run)}
QUICK_STEPS, QUICK_BATCH = 10, 64
ENDED_BY_CTRL_C = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what follows ``python -m lesson_code.lab``; None takes the process's.

    Returns:
        The exit status: 0, 1 after an error that was told, 130 after Ctrl-C.
    """
    try:
        options = parse(list(sys.argv[1:] if arguments is None else arguments))
        COMMANDS[options.command](options)
        sys.stdout.flush()
    except Interrupted as error:
        tell(str(error))
        return ENDED_BY_CTRL_C
    except KeyboardInterrupt:
        tell("ended by Ctrl-C")
        return ENDED_BY_CTRL_C
    except BrokenPipeError:  # of `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except (LabError, ValueError, RuntimeError, MemoryError) as error:
        if (message := explain(error)) is None:
            raise
        tell(message, whoever=isinstance(error, DataError))
        return 1
    return 0


def explain(error: Exception) -> str | None:
    """One message for an error that is not the lab's fault; None for another."""
    if isinstance(error, (LabError, ValueError)):
        return str(error)
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
        return "there is not enough memory; a smaller --batch may help"
    if "can't allocate memory" in str(error):
        return "there is not enough memory; a smaller --batch may help"
    if distributed.started_by_torchrun():
        return f"another process has ended: {str(error).splitlines()[0]}"
    return None


def tell(message: str, whoever: bool = False) -> None:
    """Say something on the terminal; of several processes only the first one does."""
    if whoever or os.environ.get("RANK", "0") == "0":
        print(f"lab: {message}", file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------ arguments


class Parser(argparse.ArgumentParser):
    """Raises instead of ending the process, and takes no abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Report what is wrong with the arguments."""
        raise LabError(message)


def whole(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        message = f"must be a whole number, got {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def count(text: str) -> int:
    """Read a whole number above 0."""
    if (number := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be above 0, got {number}")
    return number


def number(text: str) -> float:
    """Read a number."""
    try:
        return float(text)
    except ValueError:
        message = f"must be a number, got {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def classes(text: str) -> tuple[int, ...]:
    """Read class numbers with commas between."""
    return tuple(whole(part) for part in text.split(","))


def parser() -> tuple[Parser, dict[str, Parser]]:
    """Build the parser, and those of the commands by name."""
    top = Parser(
        prog="python -m lesson_code.lab",
        description="Train the book's methods on small data, and see them collapse.",
    )
    kinds = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = {
        "train": "train one method; goes on where it was ended",
        "compare": "train several methods with several seeds, and compare them",
        "collapse": "take a method apart, and see what keeps it from collapsing",
        "chapter": "run the experiments of the lab's chapter, all or some",
        "list": "show methods with their settings, data sets, networks, experiments",
    }
    commands = {
        name: kinds.add_parser(name, help=said, description=f"{said.capitalize()}.")
        for name, said in about.items()
    }
    _train_arguments(commands["train"])
    compare = commands["compare"]
    compare.add_argument("methods", metavar="METHOD", nargs="*", help="default: all")
    _run_arguments(compare)
    collapse = commands["collapse"]
    collapse.add_argument("method", metavar="METHOD", help=", ".join(COLLAPSES))
    some = "of those that list shows (default: all)"
    commands["chapter"].add_argument(
        "experiments", metavar="EXPERIMENT", nargs="*", help=some
    )
    for name in ("compare", "collapse", "chapter"):
        _several_arguments(commands[name])
    return top, commands


def _run_arguments(one: Parser) -> None:
    add = one.add_argument
    add("--data", default=USUAL["data"], help="data set (default: %(default)s)")
    add("--steps", type=count, help="optimizer steps (default: 300, mae 1200)")
    add(
        "--batch",
        type=count,
        default=USUAL["batch"],
        help="images a step (%(default)s)",
    )


def _train_arguments(one: Parser) -> None:
    add = one.add_argument
    add("method", metavar="METHOD", help="such as simclr")
    _run_arguments(one)
    add(
        "--seed", type=whole, default=0, help="of weights, order and views (default: 0)"
    )
    add("--lr", type=number, help="highest learning rate (default: the method's)")
    add("--network", help=f"{', '.join(NETWORKS)} (default: the method's)")
    add("--width", type=count, default=USUAL["width"], help="of the CNN (%(default)s)")
    add("--augmentation", help=f"{', '.join(AUGMENTATIONS)} (default: the method's)")
    add("--images", type=count, help="train on so many images only")
    add("--omit", type=classes, default=(), help="classes to leave out, such as 3,5")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting")
    add("--device", default="cpu", help="cpu, cuda, cuda:1, mps (default: cpu)")
    add("--amp", help=f"mixed precision: {', '.join(AMP)}")
    add("--compile", action="store_true", help="use torch.compile")
    add("--workers", type=whole, default=0, help="processes that load photographs")
    add("--threads", type=count, help="default: 1 on digits, all cores on photographs")
    add("--folder", type=Path, help="default: runs/METHOD-DATA-SEED")
    add("--save-every", type=count, default=100, help="steps between checkpoints (100)")
    add("--restart", action="store_true", help="begin anew despite a checkpoint")
    add("--watch", type=whole, help="steps between measurements; 0 takes none")


def _several_arguments(one: Parser) -> None:
    add = one.add_argument
    add("--seeds", type=count, default=3, help="how many seeds, from 0 (default: 3)")
    add("--quick", action="store_true", help="a look in seconds; numbers mean nothing")
    add("--jobs", type=count, default=parallel.cores(), help="processes (all cores)")
    add("--folder", type=Path, help="where figures and numbers go (default: in runs)")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments.

    Raises:
        LabError: if a command or an option is unknown, or a value is no such value.
    """
    top, commands = parser()
    given = [one for one in arguments if not one.startswith("-")]
    if arguments and not arguments[0].startswith("-") and given[0] not in commands:
        raise nearest(given[0], commands, "command")
    options, unknown = top.parse_known_args(arguments)
    if unknown:
        known = commands[options.command]._option_string_actions
        extra = unknown[0].partition("=")[0]
        if extra.startswith("-"):
            raise nearest(extra, [k for k in known if k.startswith("--")], "option")
        raise LabError(f"{options.command} has no place for {extra!r}")
    return options


def settings(name: str, given: Sequence[str]) -> dict[str, Any]:
    """Read ``key=value`` texts as the types that the method's settings have.

    Raises:
        LabError: if there is no such setting, or the value is of another type.
    """
    kind = method(name).Settings
    types = typing.get_type_hints(kind)
    found: dict[str, Any] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise LabError(f"--set must be KEY=VALUE, got {one!r}")
        if key not in types:
            raise nearest(key, types, f"setting of {name}")
        found[key] = typed(f"--set {key}", value, types[key])
    return found


def typed(name: str, value: str, kind: Any) -> Any:
    """Read a value as a type, such as ``float | None``.

    Raises:
        LabError: if it is none of that type.
    """
    kinds = typing.get_args(kind) or (kind,)
    words = {"true": True, "yes": True, "false": False, "no": False}
    if value.lower() == "none" and type(None) in kinds:
        return None
    if bool in kinds and value.lower() in words:
        return words[value.lower()]
    for known in (int, float):
        if known in kinds:
            with contextlib.suppress(ValueError):
                return known(value)
    if str in kinds:
        return value
    said = {bool: "true or false", int: "a whole number", float: "a number"}
    wanted = " or ".join(said.get(one, "none") for one in kinds)
    raise LabError(f"{name} must be {wanted}, got {value!r}")


# ---------------------------------------------------------------------------------- train


def train_one(options: argparse.Namespace) -> None:
    """Train one method, with a progress bar; write a record and a figure."""
    run = run_of(options)
    machine = Machine(options.device, options.amp, options.compile, options.workers)
    distributed.usable(options.device)
    folder = options.folder or Path("runs") / name_of(run)
    first = os.environ.get("RANK", "0") == "0"
    data = load(run.data)
    if first:  # before the work: can anything be written there?
        check_folder(folder)
    # What torch names as the successor of its gathering stands in a private module.
    warnings.filterwarnings("ignore", "torch.distributed.nn.functional", FutureWarning)
    small = data.train.images.is_floating_point()
    if options.threads or small:
        parallel.use_threads(options.threads or 1)
    watch = options.watch
    if watch is None:
        watch = max(1, run.steps // 10) if small else 0
    with Watcher(run, shown=first) as watcher:
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
        print(f"{folder} holds a finished run; --restart begins anew")
    print(text(report.measures_table(record)))
    print(f"{run.steps} steps in {record.seconds:.1f} s on {record.device}")
    print(f"wrote record.json, curves.png, curves.svg and checkpoint.pt in {folder}")


def run_of(options: argparse.Namespace) -> Run:
    """The run that the arguments describe, its names known."""
    for value, known, what in (
        (options.method, METHODS, "method"),
        (options.network, NETWORKS, "network"),
        (options.augmentation, AUGMENTATIONS, "augmentation"),
    ):
        if value is not None and value not in known:
            raise nearest(value, known, what)
    return Run(
        options.method,
        options.data,
        options.steps or LONGER.get(options.method, USUAL["steps"]),
        options.seed,
        options.batch,
        options.lr,
        options.network,
        options.width,
        options.augmentation,
        options.images,
        options.omit,
        settings(options.method, options.set),
    )


def name_of(run: Run) -> str:
    """A folder name: method, data, seed, and all that is not usual."""
    plain, usual = run.as_dict(), Run(run.method, run.data).as_dict()
    usual["steps"] = LONGER.get(run.method, usual["steps"])
    other = {
        k: v for k, v in plain.items() if v != usual[k] and k not in ("options", "seed")
    }
    parts = [run.method, run.data, run.seed]
    parts += [f"{key}{value}" for key, value in {**other, **run.options}.items()]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(map(str, parts))).strip("-.")[:100]


class Watcher:
    """Shows the progress of a run, and turns the first Ctrl-C into a wish to stop.

    Before the first step and after the last one, Ctrl-C ends the process at once: there
    is nothing to be finished. Of several processes each gets the signal, perhaps twice,
    from the terminal and from torchrun; they agree on a step.

    Args:
        run: what is trained.
        shown: whether this process shows anything.
    """

    def __init__(self, run: Run, shown: bool) -> None:
        self.run, self.shown = run, shown
        self.stopping, self.training, self.steps = False, False, 0
        self.bar: Any = None
        self.measured: dict[str, str] = {}

    def __enter__(self) -> Watcher:
        self.before = signal.signal(signal.SIGINT, self.interrupted)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self.before)
        if self.bar is not None:
            self.bar.close()

    def interrupted(self, number: int, frame: FrameType | None) -> None:
        """Wish to stop; the second time, end."""
        several = distributed.world() > 1
        if not self.training or (self.stopping and not several):
            raise KeyboardInterrupt
        if not self.stopping:
            self.stopping = True
            tell("finishing this step, then saving; Ctrl-C once more ends at once")

    def stop(self) -> bool:
        """Whether to stop after this step."""
        self.training = True
        return self.stopping

    def hear(self, progress: Progress) -> None:
        """Show how far the run is."""
        if self.bar is None and self.shown:
            self.bar = progress_bar(
                progress.steps, self.run.method, initial=progress.step - 1
            )
        self.steps += 1
        self.training = progress.step < progress.steps
        if "knn" in progress.measures:
            self.measured["k-NN"] = f"{progress.measures['knn']:.3f}"
        if self.bar is not None:
            shown = {"loss": f"{progress.loss:.4f}", **self.measured}
            self.bar.set_postfix(shown, refresh=False)
            self.bar.update()


def progress_bar(total: int, what: str, initial: int = 0) -> Any:
    """A bar on the terminal; nothing where there is none."""
    import tqdm

    tqdm.tqdm.monitor_interval = 0  # its thread would be in the way of forking
    return tqdm.tqdm(
        total=total, desc=what, initial=initial, disable=None, dynamic_ncols=True
    )


# --------------------------------------------------------------- compare, collapse, chapter


def compare(options: argparse.Namespace) -> None:
    """Train several methods with several seeds; print a table, write figure and numbers."""
    names = list(dict.fromkeys(options.methods)) or list(METHODS)
    for name in names:
        method(name)
    load(options.data)
    folder = options.folder or Path("runs") / "compare"
    check_folder(folder)
    usual = {name: LONGER.get(name, USUAL["steps"]) for name in names}
    runs = {
        name: Run(name, options.data, options.steps or usual[name], batch=options.batch)
        for name in names
    }
    plan = plan_of(options)
    bar = progress_bar(len(runs) * len(plan.chosen()), "compare")
    with contextlib.closing(bar):
        plan = dataclasses.replace(plan, report=stepper(bar))
        results = run_all(runs, plan)
    columns = {shown: (name, form) for name, (shown, form) in report.MEASURES.items()}
    if not any("accuracy" in records[0].measures for records in results.values()):
        del columns["accuracy"]
    found = Findings(results, {"compare": table(results, "method", columns)})
    report.plotting()
    from lesson_code.lab.drawing import bars

    accuracies = {"k-NN": "knn", "linear": "linear", "few labels": "few"}
    bars_of = {
        name: {
            shown: over_seeds(records, measure)
            for shown, measure in accuracies.items()
            if measure in records[0].measures
        }
        for name, records in results.items()
    }
    alt_text = bars("compare", bars_of, y="accuracy, test images", limits=(0, 1))
    files = report.save_figures(folder)
    report.write_json(folder / "compare.json", report.findings_dict(found, alt_text))
    print(text(found.tables["compare"]))
    print(f"wrote compare.json, {', '.join(files)} in {folder}")


def collapse(options: argparse.Namespace) -> None:
    """Run the ablations of one method."""
    if options.method not in COLLAPSES:
        raise nearest(options.method, COLLAPSES, "method to collapse")
    name = f"{options.method}_collapse"
    folder = options.folder or Path("runs") / f"collapse-{options.method}"
    module = experiment(name)
    check_folder(folder)
    bar = progress_bar(0, f"collapse {options.method}")
    with contextlib.closing(bar):
        plan = dataclasses.replace(plan_of(options), report=stepper(bar))
        shown = publish(module, plan, folder)
    print(shown)
    print(f"wrote {name}.json and the figures in {folder}")


def stepper(bar: Any) -> Any:
    """A function that moves a bar on by one, and names what was done."""

    def step(what: str) -> None:
        bar.set_postfix_str(what, refresh=False)
        bar.update()

    return step


@dataclasses.dataclass(frozen=True)
class QuickLook(Plan):
    """A plan of few steps on small batches, and teachers are trained no longer."""

    quick: bool = True

    def scaled(self, run: Run) -> Run:
        """The run as a quick look has it."""
        options = dict(run.options)
        if run.method == "distillation":
            options["teacher_steps"] = QUICK_STEPS
        steps = min(super().scaled(run).steps, QUICK_STEPS)
        batch = min(run.batch, QUICK_BATCH)
        return dataclasses.replace(run, steps=steps, batch=batch, options=options)


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the arguments describe."""
    kind = QuickLook if options.quick else Plan
    return kind(seeds=tuple(range(options.seeds)), jobs=options.jobs)


def publish(module: ModuleType, plan: Plan, folder: Path) -> str:
    """Run an experiment and write its figures and numbers; return its tables as text."""
    began = time.perf_counter()
    found: Findings = module.measure(plan)
    report.plotting()
    alt_text: dict[str, str] = module.draw(found)
    report.save_figures(folder)
    name = module.__name__.rpartition(".")[2]
    content = report.findings_dict(found, alt_text)
    seconds = time.perf_counter() - began
    report.write_json(
        folder / f"{name}.json", {**content, "seconds": round(seconds, 1)}
    )
    titles = [f"{name}: {title}" for title in found.tables]
    tables = [text(one) for one in found.tables.values()]
    return "\n\n".join(f"{a}\n{b}" for a, b in zip(titles, tables, strict=True))


def chapter(options: argparse.Namespace) -> None:
    """Run experiments, one process a core; write all figures and numbers.

    Raises:
        LabError: if there is none of a name, or one failed; the others are finished all
            the same.
    """
    for name in options.experiments:
        experiment(name)
    ending = "-quick" if options.quick else ""
    folder = options.folder or Path("runs") / f"chapter{ending}"
    check_folder(folder)
    plan = dataclasses.replace(plan_of(options), jobs=1)
    load_once()
    names = list(dict.fromkeys(options.experiments)) or [
        name for name, _ in experiments()
    ]
    items = [(name, plan, folder) for name in names]
    failed, finished = [], {}
    bar = progress_bar(len(items), "chapter")
    with contextlib.closing(bar):
        for done in parallel.each(
            _publish,
            items,
            options.jobs,
            lambda index, what: bar.set_postfix_str(f"{names[index]}: {what}"),
        ):
            name = names[done.index]
            bar.update()
            if done.error is not None:
                failed.append(name)
                bar.write(f"{name} failed: {done.error}\n", file=sys.stderr)
                continue
            finished[name] = done.value[1]
            bar.write(f"{done.value[0]}\n", file=sys.stdout)
    seconds = {name: finished[name] for name in names if name in finished}
    content = {"seconds": seconds, "failed": failed, "quick": options.quick}
    report.write_json(folder / "chapter.json", content)
    if failed:
        raise LabError(f"{len(failed)} of {len(items)} failed: {', '.join(failed)}")
    print(f"wrote figures and numbers of {len(items)} experiments in {folder}")


def load_once() -> None:
    """Load before forking what every process would load for itself.

    No backward pass: where there is a GPU, it starts threads that forbid to fork.
    """
    parallel.use_threads(1)
    data, weight = load("digits"), torch.nn.Parameter(torch.zeros(1))
    few = Split(data.test.images[:100], data.test.labels[:100])
    judge(lambda images: images.flatten(1), Data("", data.classes, few, few, few))
    weight.grad = torch.ones(1)
    torch.optim.AdamW([weight]).step()
    plt = report.plotting()
    plt.subplots(layout="constrained")
    for kind in ("png", "svg"):
        plt.gcf().savefig(io.BytesIO(), format=kind)
    plt.close("all")


def _publish(item: tuple[str, Plan, Path], say: parallel.Tell) -> tuple[str, float]:
    name, plan, folder = item
    began = time.perf_counter()
    shown = publish(experiment(name), dataclasses.replace(plan, report=say), folder)
    return shown, round(time.perf_counter() - began, 1)


# ----------------------------------------------------------------------------------- list


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
    print("\nAugmentations (--augmentation):\n  " + ", ".join(AUGMENTATIONS))
    print("\nExperiments of the chapter:")
    for name, line in experiments():
        print_wrapped(f"  {name:18} {line}", 21)
    print(f"\nTo take apart (collapse METHOD):\n  {', '.join(COLLAPSES)}")


def print_wrapped(line: str, indent: int) -> None:
    """Print a line, folded where it is too long."""
    print(textwrap.fill(line, 79, subsequent_indent=" " * indent))


def first_line(kind: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def experiments() -> Iterator[tuple[str, str]]:
    """Each experiment with its first line, read without running its module."""
    for name in EXPERIMENTS:
        file = Path(__file__).parent / "experiments" / f"{name}.py"
        if file.exists():
            source = file.read_text(encoding="utf-8")
            yield name, (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


COMMANDS: Mapping[str, Any] = {
    "train": train_one,
    "compare": compare,
    "collapse": collapse,
    "chapter": chapter,
    "list": show_all,
}
