"""The color shortcut: a lower loss, chance accuracy, and augmentation as the supervision."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Callable
from dataclasses import replace

import torch

from lesson_code.lab import evaluate
from lesson_code.lab.data import Data
from lesson_code.lab.run import Run

# --8<-- [end:imports]

from collections.abc import Mapping

from lesson_code.lab.augment import recipe, view
from lesson_code.lab.data import load
from lesson_code.lab.drawing import Points, contact_sheet, plane, stacked
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    Results,
    mean,
    run_all,
    table,
    untrained,
)
from lesson_code.lab.experiments.representation import (
    Judged,
    middle,
    raw_pixels,
    tabled,
)
from lesson_code.lab.trainer import Trained, generator


# --8<-- [start:variants]
RATE = 8e-3
GEOMETRIC = "SimCLR, geometric only"


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

COLUMNS = {
    "k-NN": "knn",
    "linear": "linear",
    "few labels": "few",
    "ground color": "ground",
}
HEALTH = {  # named apart: what struggles differs more from machine to machine
    "mean k-NN": ("knn", ".3f"),
    "mean linear": ("linear", ".3f"),
    "mean std": ("std", ".2f"),
    "mean rank": ("rank", ".1f"),
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
    "simsiam_gray_knn": ("SimSiam, gray", "knn"),
    "simsiam_gray_std": ("SimSiam, gray", "std"),
}
MORE_SEEDS = (0, 1, 2, 3, 4)
STRUGGLE = ("BYOL", "SimSiam")
SHOWN = (
    "SimCLR",
    GEOMETRIC,
    "BYOL",
    "SimSiam",
    "BYOL, gray",
    "SimSiam, gray",
    "BYOL, 900 steps",
    "SimSiam, 900 steps",
)
EXTREMES = {
    "simsiam_knn": ("SimSiam", "knn"),
    "simsiam_std": ("SimSiam", "std"),
    "simsiam_long_knn": ("SimSiam, 900 steps", "knn"),
    "simsiam_long_std": ("SimSiam, 900 steps", "std"),
}
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
        if name in results and name not in STRUGGLE
    }
    found = Findings(results, {"tinted": tabled(judged, COLUMNS)})
    if not plan.quick:
        rows = {name: results[name] for name in (*STRUGGLE, *controls())}
        found.tables["controls"] = table(rows, "Run", HEALTH)
        gray = never_trained(plan, "tinted-gray")
        found.values = quoted(judged, gray, results)
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


def quoted(
    tinted: Judged, gray: Judged, results: Results
) -> dict[str, float | int | str | bool]:
    """What the page says about tables and figures."""
    values: dict[str, float | int | str | bool] = {
        key: mean(results[name], measure) for key, (name, measure) in QUOTED.items()
    }
    for short, (name, measure) in EXTREMES.items():
        seeds = [record.measures[measure] for record in results[name]]
        values |= {f"{short}_lowest": min(seeds), f"{short}_highest": max(seeds)}
    return values | {
        "pixels_knn": tinted["Raw pixels"][0]["knn"],
        "pixels_linear": tinted["Raw pixels"][0]["linear"],
        "gray_pixels_knn": gray["Raw pixels"][0]["knn"],
        "random_knn": middle(tinted["Random CNN"], "knn"),
        "random_linear": middle(tinted["Random CNN"], "linear"),
        "gray_random_knn": middle(gray["Random CNN"], "knn"),
    }


def draw(found: Findings) -> dict[str, str]:
    """Draw views, the two SimCLRs as they train, where all end, and who needs more time."""
    patient = [name for name in controls() if name.endswith("steps")]
    slow = {name: found.results[name] for name in patient if name in found.results}
    pair = {name: found.results[name] for name in ("SimCLR", GEOMETRIC)}
    return (
        views()
        | stacked(
            "color-shortcut-curves",
            followed(pair, PANELS),
            x="step",
            panels={panel: limits for panel, (_, limits) in PANELS.items()},
        )
        | plane(
            "color-shortcut-plane",
            {
                name: (
                    [one.measures["std"] for one in records],
                    [one.measures["knn"] for one in records],
                )
                for name, records in found.results.items()
                if name in SHOWN
            },
            x="std",
            y="k-NN accuracy",
            limits=((0.0, 1.1), (0.0, 1.0)),
            notes={"spread and useless": (0.6, 0.03), "spread and of use": (0.6, 0.93)},
        )
        | stacked(
            "color-shortcut-patience",
            followed(slow or pair, HEALTH_PANELS),
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
