"""What the lab's command line takes, and the run that it describes."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import re
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lesson_code.lab.methods import method
from lesson_code.lab.networks import NETWORKS
from lesson_code.lab.run import VIEWS, LabError, Run, nearest
from lesson_code.lab.machine import AMP

AUGMENTATIONS = ("full", "geometric", "mild", "color", "none")
LONGER = {"mae": 600}  # steps; 200 for the others
USUAL: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(Run)}


class Parser(argparse.ArgumentParser):
    """Raises instead of ending the process, and takes no abbreviations."""

    def __init__(self, **options: Any) -> None:
        self.options: list[str] = []
        super().__init__(**{"allow_abbrev": False, **options})

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an argument, and remember the name of an option."""
        self.options += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **options)

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


def within(low: int, high: int) -> Callable[[str], int]:
    """What reads a whole number between two others."""

    def read(text: str) -> int:
        if not low <= (number := whole(text)) <= high:
            raise argparse.ArgumentTypeError(f"must be from {low} to {high}, got {number}")
        return number

    return read


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


SIDE = within(8, 4096)  # pixels
SKIP = "leave unreadable pictures out"


def parser() -> tuple[Parser, dict[str, Parser]]:
    """Build the parser, and those of the commands by name."""
    top = Parser(
        prog="python -m lesson_code.lab",
        description="Train the book's methods on small data, and compare them.",
    )
    kinds = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = {
        "train": "train one method; goes on where it was ended",
        "compare": "train several methods with several seeds, and compare them",
        "list": "show methods with their settings, data sets, networks",
        "data": "get a data set, count and draw its images, write them as pictures",
        "export": "write the encoder of a run as a file that torch.load opens",
        "features": "encode pictures with the encoder of a run, write their features",
    }
    commands = {
        name: kinds.add_parser(name, help=said, description=f"{said.capitalize()}.")
        for name, said in about.items()
    }
    _train_arguments(commands["train"])
    compare = commands["compare"]
    compare.add_argument("methods", metavar="METHOD", nargs="*", help="default: all")
    _run_arguments(compare)
    compare.add_argument(
        "--seeds", type=count, default=3, help="how many seeds, from 0 (default: 3)"
    )
    compare.add_argument(
        "--folder", type=Path, help="where the figure and the numbers go (runs/compare)"
    )
    data = commands["data"]
    data.add_argument("name", metavar="DATA", help="such as emoji")
    data.add_argument("--size", type=SIDE, help="height and width, where it is free")
    data.add_argument("--skip-damaged", action="store_true", help=SKIP)
    data.add_argument("--folder", type=Path, help="where the figure goes (runs/data)")
    data.add_argument("--export", type=Path, help="folder for the images as pictures")
    for name in ("export", "features"):
        add = commands[name].add_argument
        add("run", metavar="RUN", type=Path, help="folder of a run, such as runs/a")
    export, features = commands["export"], commands["features"]
    export.add_argument("--to", type=Path, help="the file (default: RUN/encoder.pt)")
    add = features.add_argument
    add("images", metavar="IMAGES", nargs="?", help="folder or data set (the run's)")
    add("--to", type=Path, help=".npy or .safetensors (default: RUN/features.npy)")
    add("--device", default="cpu", help="cpu, cuda, cuda:1, mps (default: cpu)")
    add("--skip-damaged", action="store_true", help=SKIP)
    return top, commands


def _run_arguments(one: Parser) -> None:
    add = one.add_argument
    add("--data", default=USUAL["data"], help="data set (default: %(default)s)")
    add("--steps", type=count, help="optimizer steps (default: 200, mae 600)")
    add("--batch", type=count, default=USUAL["batch"], help="images a step (%(default)s)")


def _train_arguments(one: Parser) -> None:
    add = one.add_argument
    add("name", metavar="METHOD", nargs="?", help="such as simclr")
    add("--method", help="the same; FILE.py:CLASS is one of your own")
    _run_arguments(one)
    add("--size", type=SIDE, help="height and width of photographs (default: 96)")
    add("--seed", type=whole, default=0, help="of weights, order and views (default: 0)")
    add("--lr", type=number, help="highest learning rate (default: the method's)")
    add(
        "--network",
        help=f"{', '.join(NETWORKS)}, one of torchvision's, timm:NAME, FILE.py:NAME "
        "(default: the method's)",
    )
    add("--width", type=within(1, 4096), default=USUAL["width"], help="of the CNN (%(default)s)")
    add("--augmentation", help=f"{', '.join(AUGMENTATIONS)} (default: the method's)")
    add("--views", help=f"{', '.join(VIEWS)}: pairs another's drawing of a thing")
    add("--images", type=count, help="train on so many images only")
    add("--omit", type=classes, default=(), help="classes to leave out, such as 3,5")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting")
    add("--device", default="cpu", help="cpu, cuda, cuda:1, mps (default: cpu)")
    add("--amp", help=f"mixed precision: {', '.join(AMP)}")
    add("--compile", action="store_true", help="use torch.compile")
    add("--workers", type=within(0, 1024), default=0, help="processes that load photographs")
    add("--threads", type=within(1, 1024), help="default: 1 on digits, all cores on photographs")
    add("--skip-damaged", action="store_true", help=SKIP)
    add("--folder", type=Path, help="default: runs/METHOD-DATA-SEED")
    add("--save-every", type=count, default=100, help="steps between checkpoints (100)")
    add("--restart", action="store_true", help="begin anew despite a checkpoint")
    add("--watch", type=within(0, 10**9), help="steps between measurements; 0 takes none")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments.

    Raises:
        LabError: if a command or an option is unknown, or a value is no such value.
    """
    for before, one in itertools.pairwise(["", *arguments]):  # a variable that nobody set
        if one == "" or re.fullmatch("--[a-z-]+=", one):
            empty = one[:-1] or before
            what = empty if empty.startswith("--") else "an argument"
            raise LabError(f"{what} must not be empty")
    top, commands = parser()
    given = [one for one in arguments if not one.startswith("-")]
    if arguments and not arguments[0].startswith("-") and given[0] not in commands:
        raise nearest(given[0], commands, "command")
    options, unknown = top.parse_known_args(arguments)
    if unknown:
        extra = unknown[0].partition("=")[0]
        if extra.startswith("-"):
            raise nearest(extra, commands[options.command].options, "option")
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
        if key in found:
            raise LabError(f"--set {key} is given twice")
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


def run_of(options: argparse.Namespace) -> Run:
    """The run that the arguments describe, its names known.

    Raises:
        LabError: if a name is unknown, or the method is named not once.
    """
    name = options.method or options.name
    if name is None:
        raise LabError("the following arguments are required: METHOD")
    if options.method and options.name:
        raise LabError(f"METHOD is {options.name!r} and --method {options.method!r}: give one")
    for what, given in (("method", name), ("network", options.network)):
        if given and given.endswith(".py"):
            raise LabError(f"{what} {given} is a file: name what stands in it, {given}:NAME")
    method(name)
    chosen = options.augmentation
    if chosen is not None and chosen not in AUGMENTATIONS:
        raise nearest(chosen, AUGMENTATIONS, "augmentation")
    if options.views not in (None, *VIEWS):
        raise nearest(options.views, VIEWS, "kind of views")
    return Run(
        name,
        options.data,
        options.steps or LONGER.get(name, USUAL["steps"]),
        options.seed,
        options.batch,
        options.lr,
        options.network,
        options.width,
        options.augmentation,
        options.images,
        options.omit,
        settings(name, options.set),
        options.size,
        options.views,
    )


def name_of(run: Run) -> str:
    """A folder name: method, data, seed, and all that is not usual."""
    plain, usual = run.as_dict(), Run(run.method, run.data).as_dict()
    usual["steps"] = LONGER.get(run.method, usual["steps"])
    other = {k: v for k, v in plain.items() if v != usual[k] and k not in ("options", "seed")}
    parts = [run.method, run.data, run.seed]
    parts += [f"{key}{value}" for key, value in {**other, **run.options}.items()]
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(map(str, parts))).strip("-.")[:100]
