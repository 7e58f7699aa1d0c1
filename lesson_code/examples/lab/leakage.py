# /// example
# cost = "lab"
# limit = 3600
# within.simclr_k_nn = 0.02
# within.simclr_linear = 0.02
# within.simclr_few_labels = 0.03
# within.simclr_last_error = 2.0
# within.simclr_blocks_error = 2.0
# within.simclr_shuffled_error = 2.0
# printed = 2.0
# pixels = 60.0
# ///
"""What a shuffled split of the digits hides: the same hands in training and in test."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Callable

import torch
import torch.nn.functional as F

from lesson_code.lab.data import Data, standardize
from lesson_code.lab.data.digits import TEST, by_position, shuffled_digits, strokes

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import bars
from lesson_code.lab.evaluate import judge
from lesson_code.lab.run import Run
from lesson_code.lab.training import train


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


def measure(seeds: Sequence[int]) -> study.Findings:
    """Judge raw pixels and SimCLR on every split."""
    pixels: study.Judged = {}
    results: study.Results = {}
    for name, (split, numbers) in splits().items():
        sets = [split(number) for number in numbers]
        pixels[name] = [judge(lambda images: images.flatten(1), data) for data in sets]
        # One split is trained with every seed; of several each gets a seed of its own.
        repeated = sets * len(seeds) if len(sets) == 1 else sets
        results[name] = [
            train(Run("simclr", data.name, seed=seed), data=data).record
            for seed, data in zip(seeds, repeated, strict=False)
        ]
    judged = {"pixels": pixels, "SimCLR": study.measures_of(results)}
    wrong = errors(judged)
    last, blocks, shuffled = splits()
    values: study.Values = {
        f"{kind.lower()}_{key}_error": wrong[f"{kind}, k-NN"][name][0]
        for kind in judged
        for key, name in {"last": last, "blocks": blocks, "shuffled": shuffled}.items()
    }
    values["best_block"] = max(one["knn"] for one in [*pixels[last], *pixels[blocks]])
    values["worst_shuffle"] = min(one["knn"] for one in pixels[shuffled])
    values.update(file_order())
    return study.Findings(
        results, {"splits": tabled(judged)}, values, {"errors": wrong}
    )


def tabled(judged: dict[str, study.Judged]) -> study.Table:
    """Both representations by all measures, a row for each way to split."""
    rows = [
        [
            name,
            *(
                study.cell_of([one[key] for one in judged[kind][name]])
                for kind in judged
                for key in study.ACCURACIES.values()
            ),
        ]
        for name in splits()
    ]
    names = [f"{kind} {label}" for kind in judged for label in study.ACCURACIES]
    return {"columns": {"Test images": ""} | dict.fromkeys(names, ".3f"), "rows": rows}


# --8<-- [start:file_order]
PERIOD = 130  # images after which the labels of the file begin to repeat
NEAR = 30  # places in the file


def file_order() -> dict[str, float]:
    """Two traces of the writers in the order of the file.

    Returns:
        ``form``: how often a label is that of the image ``PERIOD`` places before, as if
        all wrote the same form; ``near``: how often the image most like another stands
        at most ``NEAR`` places from it; ``near_chance``: how often an image of the same
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


def errors(judged: dict[str, study.Judged]) -> dict[str, dict[str, list[float]]]:
    """Errors in percent, by representation and measure, for each way to split."""
    return {
        f"{kind}, {label}": {
            name: study.spread([100 - 100 * one[key] for one in seeds])
            for name, seeds in by_split.items()
        }
        for label, key in (("k-NN", "knn"), ("linear", "linear"))
        for kind, by_split in judged.items()
    }


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the errors of the three ways to split."""
    return bars(
        "leakage", found.extras["errors"], y="test error in percent", limits=(0, 12)
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
