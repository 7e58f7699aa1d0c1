# /// example
# cost = "lab"
# limit = 3600
# within.simclr_k_nn = 0.02
# within.simclr_linear = 0.02
# within.simclr_few_labels = 0.03
# within.simclr_last_error = 1.5
# within.simclr_forms_error = 1.0
# within.simclr_shuffled_error = 1.0
# within.gain = 0.01
# within.from = 0.01
# within.to = 0.01
# printed = 1.5
# pixels = 60.0
# ///
"""What a shuffled split of the digits hides: the same hands in training and in test."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Callable

import torch
import torch.nn.functional as F

from lesson_code.lab.data import Data, Split, load, standardize
from lesson_code.lab.data.digits import DIGITS, forms, shuffled_digits, strokes

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import bars
from lesson_code.lab.evaluate import judge, knn_hits
from lesson_code.lab.run import Run
from lesson_code.lab.training import train
from lesson_code.significance import paired_difference


# --8<-- [start:splits]
FOLDS = ((0, 1, 2), (3, 4, 5), (6, 7, 8, 9), (10, 11, 12, 13))  # forms of the file


def held_out(fold: int) -> Data:
    """The digits with the forms of a fold as test images, and all others to train on.

    Each form is held out once. The one before the fold is there for validation.
    """
    ink, labels = strokes()
    images, form = standardize(ink.unsqueeze(1).float() / 16), forms()
    test = torch.isin(form, torch.tensor(FOLDS[fold]))
    validation = form == (FOLDS[fold][0] - 1) % (FOLDS[-1][-1] + 1)
    train = ~test & ~validation
    parts = (Split(images[part], labels[part]) for part in (train, validation, test))
    return Data(f"digits-fold-{fold}", DIGITS, *parts)


def splits() -> dict[str, tuple[Callable[[int], Data], tuple[int, ...]]]:
    """How the digits may be split, and with which folds or seeds."""
    return {
        "The last 500": (lambda number: load("digits"), (0,)),
        "Each form held out": (held_out, tuple(range(len(FOLDS)))),
        "500 after a shuffle": (shuffled_digits, (0, 1, 2)),
    }


# --8<-- [end:splits]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Judge raw pixels and SimCLR on every split."""
    pixels: study.Judged = {}
    results: study.Results = {}
    for name, (split, numbers) in splits().items():
        sets = [split(number) for number in numbers]
        pixels[name] = [judge(pixels_of, data) for data in sets]
        # One split is trained with every seed; of several each gets a seed of its own.
        repeated = sets * len(seeds) if len(sets) == 1 else sets
        trained = [
            train(Run("simclr", data.name, seed=seed), data=data)
            for seed, data in enumerate(repeated)
        ]
        results[name] = [one.record for one in trained]
        if split is held_out:
            learned = torch.cat([study.hits_of(one) for one in trained])
            raw = torch.cat([knn_hits(pixels_of, data) for data in sets])
    judged = {"pixels": pixels, "SimCLR": study.measures_of(results)}
    wrong = errors(judged)
    last, each, shuffled = splits()
    values: study.Values = {
        f"{kind.lower()}_{key}_error": wrong[f"{kind}, k-NN"][name][0]
        for kind in judged
        for key, name in {"last": last, "forms": each, "shuffled": shuffled}.items()
    }
    values["best_fold"] = max(one["knn"] for one in [*pixels[last], *pixels[each]])
    values["worst_shuffle"] = min(one["knn"] for one in pixels[shuffled])
    values.update(file_order() | shared_form())
    return study.Findings(
        results,
        {"splits": tabled(judged), "gains": gains(learned, raw)},
        values,
        {"errors": wrong},
    )


def pixels_of(images: torch.Tensor) -> torch.Tensor:
    """The pixels of each image in a row."""
    return images.flatten(1)


def gains(learned: torch.Tensor, raw: torch.Tensor) -> study.Table:
    """By how much SimCLR is better than pixels on all images, over images and over forms."""
    found = {"images": None, "forms": forms()[: len(raw)]}
    rows: list[list[study.Cell]] = [
        [name, *paired_difference(learned.double(), raw.double(), units)]
        for name, units in found.items()
    ]
    columns = {"Units": ""} | dict.fromkeys(("gain", "from", "to"), "+.4f")
    return {"columns": columns, "rows": rows}


def shared_form() -> dict[str, float]:
    """What it does to the validation images that one of their forms is cut in two.

    Returns:
        ``shared``: how many validation images are of a form of training images;
        ``known_error`` and ``new_error``: the k-NN error of raw pixels in percent, on
        these and on the other validation images.
    """
    data = load("digits")
    trained, judged = len(data.train), len(data.validation)
    form = forms()[: trained + judged]
    known = torch.isin(form[trained:], form[:trained])
    right = knn_hits(pixels_of, data, "validation").double()
    return {
        "shared": int(known.sum()),
        "known_error": 100 - 100 * right[known].mean().item(),
        "new_error": 100 - 100 * right[~known].mean().item(),
    }


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
