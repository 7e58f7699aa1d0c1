"""What the command line writes: records as JSON, figures as PNG and SVG, tables as text."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lesson_code.lab.checkpoint import write_whole
from lesson_code.lab.drawing import bars, contact_sheet
from lesson_code.lab.data import Data
from lesson_code.lab.run import Record
from lesson_code.lab.study import ACCURACIES, Cell, Results, Table, over_seeds
from lesson_code.lab.telling import plain

MEASURES = {
    "accuracy": ("accuracy", ".3f"),
    "knn": ("k-NN", ".3f"),
    "linear": ("linear", ".3f"),
    "few": ("few labels", ".3f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "loss": ("loss", ".3f"),
}
DPI = 150


def write_json(path: Path, content: Any) -> None:
    """Write plain values as indented JSON; a number that is not finite becomes a string."""
    text = json.dumps(_plain(content), indent=2, allow_nan=False)
    write_whole(path, f"{text}\n".encode())


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, torch.Tensor):  # of a method of one's own
        return _plain(content.tolist())
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    if isinstance(content, float) and content - content != 0:
        return str(content)
    return content


def record_dict(record: Record) -> dict[str, Any]:
    """A record as plain values."""
    return {**dataclasses.asdict(record), "run": record.run.as_dict()}


FEW = 20  # classes that are named one by one


def counts(splits: Mapping[str, Mapping[str, int]]) -> list[str]:
    """A line for each split: how many images it has, and of which classes."""
    lines = []
    for name, classes in splits.items():
        each = ", ".join(f"{plain(one, '')} {count}" for one, count in classes.items())
        if len(classes) > FEW:
            fewest, most = min(classes.values()), max(classes.values())
            each = f"{len(classes)} classes of {fewest} to {most}"
        lines.append(f"{name}: {sum(classes.values())} images ({each})")
    return lines


def measures_table(record: Record) -> Table:
    """The measures of one record in one row."""
    known = {name: form for name, form in MEASURES.items() if name in record.measures}
    return {
        "columns": {"method": "", **dict(known.values())},
        "rows": [[record.run.method, *(record.measures[name] for name in known)]],
    }


def text(table: Table) -> str:
    """A table as plain text for a terminal."""
    formats = list(table["columns"].values())
    rows = [
        [shown(cell, form) for cell, form in zip(row, formats, strict=True)]
        for row in table["rows"]
    ]
    lines = [list(table["columns"]), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(formats))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def shown(cell: Cell, form: str) -> str:
    """A cell as text: ``0.963 ± 0.005`` for mean and spread, a dash for nothing."""
    if cell is None:
        return "-"
    if isinstance(cell, list):
        return " ± ".join(format(number, form) for number in cell)
    return plain(cell, "") if isinstance(cell, str) else format(cell, form)


def plotting() -> Any:
    """Matplotlib's plotting functions, drawing into memory and not on a screen."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9, "svg.hashsalt": "lab", "axes.grid": True})
    plt.rcParams.update({"grid.alpha": 0.3, "legend.fontsize": 8})
    return plt


def save_figures(folder: Path) -> list[str]:
    """Write every open figure as PNG and SVG, and close it; return the files' names."""
    plt = plotting()
    names = []
    try:
        for number in plt.get_fignums():
            figure = plt.figure(number)
            for kind in ("png", "svg"):
                name = f"{figure.get_label() or f'figure-{number}'}.{kind}"
                buffer = io.BytesIO()
                figure.savefig(buffer, format=kind, dpi=DPI)
                write_whole(folder / name, buffer.getvalue())
                names.append(name)
    finally:
        plt.close("all")
    return names


def _drawn(name: str) -> str:
    """A name in a figure, where a dollar would begin a formula."""
    return plain(name, "").replace("$", r"\$")


def draw_record(record: Record) -> None:
    """Draw the loss over the steps, and below it k-NN accuracy where it was measured."""
    plt = plotting()
    watched = len(record.curve("knn")[0]) > 1
    size = (4.8, 4.4 if watched else 2.6)
    figure, axes = plt.subplots(
        1 + watched, num="curves", figsize=size, layout="constrained", sharex=True
    )
    upper = axes[0] if watched else axes
    upper.plot(*record.curve("loss"))
    upper.set(ylabel="loss")
    if watched:
        axes[1].plot(*record.curve("knn"), color="C1")
        axes[1].set(ylabel="k-NN accuracy, validation", ylim=(0, 1))
    (axes[1] if watched else axes).set(xlabel="step")
    run = record.run
    figure.suptitle(f"{_drawn(run.method)} on {_drawn(run.data)}, seed {run.seed}")


def draw_comparison(results: Results) -> dict[str, str]:
    """Draw the accuracies of several methods as bars; return the alternative text."""
    plotting()
    bars_of = {
        name: {
            shown: over_seeds(records, measure)
            for shown, measure in ACCURACIES.items()
            if measure in records[0].measures
        }
        for name, records in results.items()
    }
    return bars("compare", bars_of, y="accuracy, test images", limits=(0, 1))


SHOWN = 10  # images and classes


def draw_data(data: Data) -> dict[str, str]:
    """Draw the first training images of the first classes; return the alternative text."""
    plotting()
    split, rows = data.train.labeled, {}
    for label, name in enumerate(data.classes[:SHOWN]):
        own = (split.labels == label).nonzero().flatten()
        # From all of them, so that not one artist or writer alone is seen.
        chosen = own[:: -(-len(own) // SHOWN)] if len(own) > SHOWN else own
        images = split.images[chosen]
        rows[_drawn(name)] = images / 255 if images.dtype == torch.uint8 else images
    shown = {name: images for name, images in rows.items() if len(images)}
    return contact_sheet("data", shown, f"Images of {', '.join(shown)}.")
