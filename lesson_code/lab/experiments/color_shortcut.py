"""The color shortcut: a lower loss, chance accuracy, and augmentation as the supervision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch

from lesson_code.lab import evaluate
from lesson_code.lab.augment import recipe, view
from lesson_code.lab.data import Data, load
from lesson_code.lab.drawing import Points, bars, contact_sheet, stacked
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    Results,
    mean,
    run_all,
    spread,
    table,
    untrained,
)
from lesson_code.lab.experiments.representation import (
    Judged,
    middle,
    raw_pixels,
    tabled,
)
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Trained, generator

RATE = 8e-3
GEOMETRIC = "SimCLR, geometric only"
COLUMNS = {
    "k-NN": "knn",
    "linear": "linear",
    "few labels": "few",
    "ground color": "ground",
}
HEALTH = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
}
QUOTED = {
    "simclr_loss": ("SimCLR", "loss"),
    "simclr_knn": ("SimCLR", "knn"),
    "simclr_linear": ("SimCLR", "linear"),
    "simclr_few": ("SimCLR", "few"),
    "simclr_ground": ("SimCLR", "ground"),
    "simclr_rank": ("SimCLR", "rank"),
    "geometric_loss": (GEOMETRIC, "loss"),
    "geometric_knn": (GEOMETRIC, "knn"),
    "geometric_linear": (GEOMETRIC, "linear"),
    "geometric_ground": (GEOMETRIC, "ground"),
    "geometric_std": (GEOMETRIC, "std"),
    "geometric_rank": (GEOMETRIC, "rank"),
    "vicreg_knn": ("VICReg", "knn"),
    "supervised_knn": ("Supervised", "knn"),
    "supervised_few": ("Supervised", "few"),
    "supervised_ground": ("Supervised", "ground"),
    "byol_knn": ("BYOL", "knn"),
    "byol_linear": ("BYOL", "linear"),
    "byol_ground": ("BYOL", "ground"),
    "byol_std": ("BYOL", "std"),
    "byol_rank": ("BYOL", "rank"),
    "byol_gray_knn": ("BYOL, gray", "knn"),
    "byol_long_knn": ("BYOL, 900 steps", "knn"),
    "simsiam_knn": ("SimSiam", "knn"),
    "simsiam_std": ("SimSiam", "std"),
    "simsiam_gray_knn": ("SimSiam, gray", "knn"),
    "simsiam_long_knn": ("SimSiam, 900 steps", "knn"),
}
MORE_SEEDS = (0, 1, 2, 3, 4)
TRIED = ("SimCLR", "BYOL", "SimSiam")
COLORED = 3
PICTURES = 8
SEEN = (
    f"Five rows of {PICTURES} pictures. First tinted digits; then two rows of their views by the "
    "full augmentation, in which an image changes its colors or loses them; then two rows of "
    "geometric views, in which it moves and keeps its colors."
)
Panels = Mapping[str, tuple[str, tuple[float, float]]]
PANELS: Panels = {
    "loss": ("loss", (1.0, 6.5)),
    "k-NN, validation": ("knn", (0.0, 1.0)),
}
HEALTH_PANELS: Panels = {
    "k-NN, validation": ("knn", (0.0, 1.0)),
    "std": ("std", (0.0, 1.1)),
}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """All on tinted digits; the second SimCLR must not change the color of its views."""
    simclr = Run("simclr", "tinted", lr=RATE, options={"temperature": 0.2})
    return {
        "SimCLR": simclr,
        GEOMETRIC: replace(simclr, augmentation="geometric"),
        "VICReg": Run("vicreg", "tinted", lr=RATE),
        "BYOL": Run("byol", "tinted", lr=RATE),
        "SimSiam": Run("simsiam", "tinted", lr=RATE),
        "Supervised": Run("supervised", "tinted", lr=RATE),
    }


def controls() -> dict[str, Run]:
    """What tells a shortcut from a collapse: more time, or no color in the images."""
    gray = {
        f"{name}, gray": replace(variants()[name], data="tinted-gray")
        for name in ("SimCLR", "BYOL", "SimSiam")
    }
    long = {
        f"{name}, 900 steps": replace(variants()[name], steps=900)
        for name in ("BYOL", "SimSiam")
    }
    return gray | long


# --8<-- [end:variants]


# --8<-- [start:ground_color]
def ground_color(
    represent: Callable[[torch.Tensor], torch.Tensor], data: Data, split: str = "test"
) -> float:
    """How well a linear function of the features tells the color of the ground.

    The corner of a tinted digit is bare ground. The fit is that of least squares on the
    training images, standardized, with a small penalty.

    Returns:
        The share of the variance that is explained on the held-out images, the mean over
        the three channels: 1 if the color can be read off, 0 or less if it cannot.
    """
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    device, held_out = torch.device("cpu"), getattr(data, split)
    fit = make_pipeline(StandardScaler(), Ridge(alpha=1.0))
    sets = []
    for images in (data.train.images, held_out.images):
        x = evaluate.features(represent, images, device).double().numpy()
        sets.append((x, images[:, :, 0, 0].double().numpy()))
    return float(fit.fit(*sets[0]).score(*sets[1]))


# --8<-- [end:ground_color]


def read_ground(trained: Trained) -> dict[str, float]:
    """The color measure of a trained method, where there is color."""
    if trained.data.channels != COLORED:
        return {}
    with evaluate.resting(trained.method):
        return {"ground": ground_color(trained.method.represent, trained.data)}


def measure(plan: Plan) -> Findings:
    """Train on tinted digits with and without changes of color, and judge pixels too."""
    runs = variants() | controls()
    if plan.quick:
        runs = {name: runs[name] for name in ("SimCLR", GEOMETRIC)}
    results = run_all(runs, plan, watch=25, further=read_ground)
    judged = never_trained(plan, "tinted") | {
        name: [record.measures for record in results[name]]
        for name in variants()
        if name in results
    }
    found = Findings(results, {"tinted": tabled(judged, COLUMNS)})
    if plan.quick:
        found.extras["bars"] = with_and_without(judged, judged)
        return found
    gray = never_trained(plan, "tinted-gray") | {
        name: [record.measures for record in results[f"{name}, gray"]] for name in TRIED
    }
    slow = {name: results[name] for name in ("BYOL", "SimSiam", *controls())}
    found.tables["controls"] = table(slow, "Run", HEALTH)
    found.values = quoted(judged, gray, results)
    found.extras["bars"] = with_and_without(judged, gray)
    return found


def never_trained(plan: Plan, data: str) -> Judged:
    """Raw pixels, and the networks of SimCLR before their first step."""
    networks = []
    for seed in plan.over(MORE_SEEDS).chosen():
        trainer = untrained(Run("simclr", data, seed=seed))
        with evaluate.resting(trainer.method):
            represent = trainer.method.represent
            one = evaluate.judge(represent, trainer.data)
            if trainer.data.channels == COLORED:
                one["ground"] = ground_color(represent, trainer.data)
        networks.append(one)
    pixels: dict[str, float] = raw_pixels(data)
    if load(data).channels == COLORED:
        pixels["ground"] = ground_color(lambda images: images.flatten(1), load(data))
    return {"Raw pixels": [pixels], "Random CNN": networks}


def with_and_without(tinted: Judged, gray: Judged) -> dict[str, dict[str, list[float]]]:
    """k-NN accuracy with the color in the images and without it."""
    both = {"tinted": tinted, "color taken out": gray}
    return {
        name: {
            label: spread([one["knn"] for one in judged[name]])
            for label, judged in both.items()
        }
        for name in ("Raw pixels", "Random CNN", *TRIED)
        if name in tinted and name in gray
    }


def quoted(
    tinted: Judged, gray: Judged, results: Results
) -> dict[str, float | int | str | bool]:
    """What the page says about tables and figures."""
    values: dict[str, float | int | str | bool] = {
        key: mean(results[name], measure) for key, (name, measure) in QUOTED.items()
    }
    simsiam = [record.measures["knn"] for record in results["SimSiam"]]
    return values | {
        "pixels_knn": tinted["Raw pixels"][0]["knn"],
        "pixels_linear": tinted["Raw pixels"][0]["linear"],
        "gray_pixels_knn": gray["Raw pixels"][0]["knn"],
        "random_knn": middle(tinted["Random CNN"], "knn"),
        "random_linear": middle(tinted["Random CNN"], "linear"),
        "gray_random_knn": middle(gray["Random CNN"], "knn"),
        "simsiam_lowest_knn": min(simsiam),
        "simsiam_highest_knn": max(simsiam),
    }


def draw(found: Findings) -> dict[str, str]:
    """Draw views, the two SimCLRs as they train, the controls, and who needs more time."""
    patient = [name for name in controls() if name.endswith("steps")]
    slow = {name: found.results[name] for name in patient if name in found.results}
    return (
        views()
        | stacked(
            "color-shortcut-curves",
            followed(
                {name: found.results[name] for name in ("SimCLR", GEOMETRIC)}, PANELS
            ),
            x="step",
            panels={panel: limits for panel, (_, limits) in PANELS.items()},
        )
        | bars(
            "color-shortcut-controls",
            found.extras["bars"],
            y="k-NN accuracy",
            limits=(0, 1),
        )
        | stacked(
            "color-shortcut-patience",
            followed(slow or found.results, HEALTH_PANELS),
            x="step",
            panels={panel: limits for panel, (_, limits) in HEALTH_PANELS.items()},
        )
    )


def followed(results: Results, panels: Panels) -> dict[str, dict[str, list[Points]]]:
    """The curves of the measures of all panels, for each seed."""
    return {
        name: {
            panel: [record.curve(measure) for record in records]
            for panel, (measure, _) in panels.items()
        }
        for name, records in results.items()
    }


# --8<-- [start:views]
def views() -> dict[str, str]:
    """Draw a few images with two views each, by both augmentations."""
    images = load("tinted").train.images[:PICTURES]
    rows = {"images": images}
    for strength, label in (("full", "full"), ("geometric", "geometric only")):
        for number in (1, 2):
            drawn = view(images, recipe(strength, 3), generator(0, strength, number))
            rows[f"{label}, view {number}"] = drawn
    return contact_sheet("color-shortcut-views", rows, SEEN)


# --8<-- [end:views]
