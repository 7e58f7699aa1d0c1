"""What a shuffled split of the digits hides: the same hands in training and in test."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Callable

import torch
import torch.nn.functional as F

from lesson_code.lab.data import Data, standardize
from lesson_code.lab.data.digits import TEST, by_position, shuffled_digits, strokes

# --8<-- [end:imports]

from collections.abc import Mapping, Sequence

from lesson_code.lab.drawing import bars
from lesson_code.lab.evaluate import judge
from lesson_code.lab.experiments.base import Findings, Plan, Table, cell_of, spread
from lesson_code.lab.run import Record, Run
from lesson_code.lab.trainer import train

ENDS = {"k-NN": "knn", "linear": "linear", "few labels": "few"}


# --8<-- [start:splits]
STARTS = (1297, 800, 400, 0)  # of the held-out blocks; the first is the lab's split


def held_out(start: int) -> Data:
    """The digits with the block of 500 images from ``start`` on as test images.

    The file is turned until the block stands last, and cut where it always is.
    """
    ink, labels = strokes()
    images = standardize(ink.unsqueeze(1).float() / 16)
    turned = torch.arange(len(ink)).roll(len(ink) - start - TEST)
    return by_position(f"digits-from-{start}", images, labels, turned)


def splits() -> dict[str, tuple[Callable[[int], Data], tuple[int, ...]]]:
    """How the digits may be split, and with which starts or seeds."""
    return {
        "The last 500": (held_out, STARTS[:1]),
        "Other blocks of 500": (held_out, STARTS[1:]),
        "500 after a shuffle": (shuffled_digits, (0, 1, 2)),
    }


# --8<-- [end:splits]


def measure(plan: Plan) -> Findings:
    """Judge raw pixels and SimCLR on every split."""
    pixels: dict[str, list[dict[str, float]]] = {}
    results: dict[str, list[Record]] = {}
    for name, (split, numbers) in splits().items():
        sets = [split(number) for number in numbers[: 1 if plan.quick else None]]
        pixels[name] = [judge(lambda images: images.flatten(1), data) for data in sets]
        if plan.quick and results:
            results[name] = next(iter(results.values()))
            continue
        results[name] = []
        # One split is trained with every seed; of several each gets a seed of its own.
        repeated = sets * len(plan.chosen()) if len(sets) == 1 else sets
        for seed, data in zip(plan.chosen(), repeated, strict=False):
            plan.report(f"{name}, seed {seed}")
            run = plan.scaled(Run("simclr", data.name, seed=seed))
            results[name].append(train(run, data=data).record)
    found = Findings(results, {"splits": tabled(pixels, results)})
    found.values = quoted(pixels, results) | file_order()
    found.extras["errors"] = errors(pixels, results)
    return found


def tabled(
    pixels: dict[str, list[dict[str, float]]], results: dict[str, list[Record]]
) -> Table:
    """Both representations by all measures, a row for each way to split."""
    rows = [
        [
            name,
            *(cell_of([one[key] for one in pixels[name]]) for key in ENDS.values()),
            *(
                cell_of([one.measures[key] for one in results[name]])
                for key in ENDS.values()
            ),
        ]
        for name in pixels
    ]
    kinds = [f"{kind} {end}" for kind in ("pixels", "SimCLR") for end in ENDS]
    return {"columns": {"Test images": ""} | dict.fromkeys(kinds, ".3f"), "rows": rows}


def quoted(
    pixels: dict[str, list[dict[str, float]]], results: dict[str, list[Record]]
) -> dict[str, float | int | str | bool]:
    """What the page says about the table."""
    last, blocks, shuffled = splits()

    def wrong(seeds: Sequence[Mapping[str, float]]) -> float:
        return 100 - 100 * spread([one["knn"] for one in seeds])[0]

    learned = {
        name: [record.measures for record in records]
        for name, records in results.items()
    }
    return {
        "pixels_last_error": wrong(pixels[last]),
        "pixels_blocks_error": wrong(pixels[blocks]),
        "pixels_shuffled_error": wrong(pixels[shuffled]),
        "simclr_last_error": wrong(learned[last]),
        "simclr_blocks_error": wrong(learned[blocks]),
        "simclr_shuffled_error": wrong(learned[shuffled]),
        "pixels_blocks_linear": spread([one["linear"] for one in pixels[blocks]])[0],
        "pixels_shuffled_linear": spread([one["linear"] for one in pixels[shuffled]])[
            0
        ],
        "simclr_blocks_linear": spread([one["linear"] for one in learned[blocks]])[0],
        "simclr_shuffled_linear": spread([one["linear"] for one in learned[shuffled]])[
            0
        ],
        "best_block": max(one["knn"] for one in pixels[last] + pixels[blocks]),
        "worst_shuffle": min(one["knn"] for one in pixels[shuffled]),
    }


# --8<-- [start:file_order]
PERIOD = 130  # images after which the labels of the file begin to repeat
NEAR = 30  # places in the file


def file_order() -> dict[str, float | int | str | bool]:
    """Two traces of the writers in the order of the file.

    Returns:
        ``form``: how often a label is that of the image ``PERIOD`` places before, as if
        all wrote the same form; ``near``: how often the image most like another stands at
        most ``NEAR`` places from it; ``near_chance``: how often an image of the same
        class drawn at random does.
    """
    ink, labels = strokes()
    x = F.normalize(standardize(ink.unsqueeze(1).float() / 16).flatten(1))
    closest = (x @ x.T).fill_diagonal_(-1).argmax(dim=1)
    places = torch.arange(len(ink))
    close = (places[:, None] - places).abs() <= NEAR
    same = (labels[:, None] == labels).fill_diagonal_(False)
    return {
        "form": (labels[PERIOD:] == labels[:-PERIOD]).double().mean().item(),
        "near": ((closest - places).abs() <= NEAR).double().mean().item(),
        "near_chance": ((close & same).sum(1) / same.sum(1)).mean().item(),
    }


# --8<-- [end:file_order]


def errors(
    pixels: dict[str, list[dict[str, float]]], results: dict[str, list[Record]]
) -> dict[str, dict[str, list[float]]]:
    """Errors in percent, by representation and measure, for each way to split."""
    found: dict[str, dict[str, list[float]]] = {}
    for label, key in (("k-NN", "knn"), ("linear", "linear")):
        found[f"pixels, {label}"] = {
            name: spread([100 - 100 * one[key] for one in seeds])
            for name, seeds in pixels.items()
        }
        found[f"SimCLR, {label}"] = {
            name: spread([100 - 100 * one.measures[key] for one in records])
            for name, records in results.items()
        }
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the errors of the three ways to split."""
    return bars(
        "leakage", found.extras["errors"], y="test error in percent", limits=(0, 12)
    )
