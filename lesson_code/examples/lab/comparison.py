# /// example
# cost = "lab"
# limit = 3600
# pixels = 40.0
# [within]
# # Errors in percent, means of three seeds. MAE varies by more than the others.
# k_nn_error = 2.0
# linear_error = 2.0
# few_label_error = 3.0
# mae_vit_k_nn_error = 3.0
# mae_vit_linear_error = 3.0
# mae_vit_few_label_error = 4.0
# raw_pixels_k_nn_error = 1e-9
# raw_pixels_linear_error = 1e-9
# raw_pixels_few_label_error = 1e-9
# knn = 0.02
# raw_knn = 1e-9
# raw_few = 1e-9
# few = 0.03
# mae_few = 0.04
# seconds = inf
# # Differences on the same images, of accuracies.
# gain = 0.015
# from = 0.015
# to = 0.015
# vicreg_gain = 0.01
# barlow_twins_gain = 0.01
# barlow_twins_to = 0.01
# mae_vit_gain = 0.03
# mae_vit_from = 0.03
# mae_vit_to = 0.03
# ///
"""All methods side by side on the digits: test error, cost, and each beside one of them."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
import statistics
from collections.abc import Sequence

import matplotlib.pyplot as plt
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lesson_code.lab import study
from lesson_code.lab.data import load
from lesson_code.lab.drawing import bars
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer, train_alone

MEASURES = {"k-NN error": "knn", "linear error": "linear", "few-label error": "few"}
WITH_LABELS = ("Supervised", "Distillation")
PIXELS, BASE = "Raw pixels", "SimCLR"


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """Every method at its usual settings; MAE needs three times the steps."""
    return {
        "Supervised": Run("supervised"),
        "Distillation": Run("distillation"),
        "SimCLR": Run("simclr"),
        "MoCo": Run("moco"),
        "BYOL": Run("byol"),
        "SimSiam": Run("simsiam"),
        "SwAV": Run("swav"),
        "Barlow Twins": Run("barlow"),
        "VICReg": Run("vicreg"),
        "DINO": Run("dino"),
        "MAE (ViT)": Run("mae", steps=600),
    }


# --8<-- [end:variants]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train and judge every method, and judge what was never trained."""
    hits: study.Hits = {PIXELS: [study.raw_pixel_hits("digits")]}
    results = study.run_all(variants(), seeds, hits=hits)
    judged: study.Judged = {PIXELS: [study.raw_pixels("digits")]}
    for name, method in {"Random CNN": "supervised", "Random ViT": "mae"}.items():
        runs = [Run(method, seed=seed) for seed in seeds]
        judged[name] = [study.untrained_network(run) for run in runs]
    judged |= study.measures_of(results)
    shown = {"k-NN": "knn", "few labels": "few"}
    bars_of = {
        name: {label: study.spread(errors(own, key)) for label, key in shown.items()}
        for name, own in judged.items()
    }
    return study.Findings(
        results,
        {"methods": overview(judged, results), "to-simclr": differences(hits)},
        summary(judged),
        {"errors": bars_of},
    )


def errors(seeds: Sequence[study.Measures], key: str) -> list[float]:
    """Errors in percent of each seed."""
    return [100 * (1 - one[key]) for one in seeds]


def overview(judged: study.Judged, results: study.Results) -> study.Table:
    """The table: errors in percent, floating-point operations of a step, seconds of a run."""
    rows: list[list[study.Cell]] = []
    for name, seeds in judged.items():
        row: list[study.Cell] = [name]
        row += [study.cell_of(errors(seeds, key)) for key in MEASURES.values()]
        if name in results:
            records = results[name]
            row.append(operations(records[0].run))
            row.append(study.cell_of([one.seconds for one in records]))
        else:
            row += [None, None]
        rows.append(row)
    formats = {"Method": ""} | dict.fromkeys(MEASURES, ".1f")
    return {
        "columns": formats | {"GFLOP a step": ".2f", "seconds": ".1f"},
        "rows": rows,
    }


def differences(hits: study.Hits) -> study.Table:
    """By how much each is ahead of SimCLR in k-NN on the same images, with the interval."""
    rows: list[list[study.Cell]] = [
        [name, *study.difference(own, hits[BASE])]
        for name, own in hits.items()
        if name != BASE
    ]
    columns = {"Method": ""} | dict.fromkeys(("gain", "from", "to"), "+.3f")
    return {"columns": columns, "rows": rows}


def operations(run: Run) -> float:
    """Floating-point operations of one step, forward and backward, in units of 10^9."""
    trainer = Trainer(run, load(run.data), Machine())
    trainer.method.prepare(trainer.run, trainer.data, "cpu", train_alone)
    views, labels = next(trainer.batches())
    trainer.method(views, labels)  # the first step also tries what the encoder returns
    counter = FlopCounterMode(display=False)
    with counter, sdpa_kernel(SDPBackend.MATH):
        trainer.method(views, labels).backward()
    return counter.get_total_flops() / 1e9


def summary(judged: study.Judged) -> study.Values:
    """What the page says about the table."""
    others = (*WITH_LABELS, PIXELS, "Random CNN", "Random ViT", "MAE (ViT)")

    def accuracy(name: str, key: str) -> float:
        return statistics.fmean(one[key] for one in judged[name])

    without = [name for name in judged if name not in others]
    few = [accuracy(name, "few") for name in without]
    knn = [accuracy(name, "knn") for name in without]
    return {
        "raw_knn": accuracy(PIXELS, "knn"),
        "raw_few": accuracy(PIXELS, "few"),
        "random_few": accuracy("Random CNN", "few"),
        "lowest_few": min(few),
        "highest_few": max(few),
        "lowest_knn": min(knn),
        "highest_knn": max(knn),
        "mae_few": accuracy("MAE (ViT)", "few"),
        "vit_few": accuracy("Random ViT", "few"),
        "supervised_few": accuracy("Supervised", "few"),
    }


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the errors of all methods as bars, and the differences with their intervals."""
    rows = found.tables["to-simclr"]["rows"]
    fig, ax = plt.subplots(num="comparison-pairs", figsize=(5.0, 3.6))
    for place, (_, gain, low, high) in enumerate(rows):
        ax.plot([low, high], [place, place], color="C0", linewidth=2)
        ax.plot(gain, place, "o", color="C0")
    ax.axvline(0, color=plt.rcParams["text.color"], linewidth=0.8)
    ax.set(xlim=(-0.24, 0.06), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks([-0.2, -0.1, 0])
    ax.set(xlabel="k-NN accuracy beyond SimCLR's, same images")
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    fig.tight_layout()
    said = "The differences of the table above it as points with their intervals, and a line at 0."
    return {"comparison-pairs": said} | bars(
        "comparison", found.extras["errors"], y="test error in percent", limits=(0, 75)
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
