"""The comparison, the sweeps and the choice of settings: what they compute and how they say it."""

import json
from pathlib import Path

import pytest
import torch

from lesson_code.examples.lab import comparison, sweep_batch, sweep_temperature, tuning
from lesson_code.lab import study
from lesson_code.lab.methods import METHODS
from lesson_code.lab.report import shown, text
from lesson_code.lab.run import LabError, Run
from lesson_code.lab.study import cell_of

RESULTS = Path(__file__).resolve().parents[2] / "lesson_code/results/lab"
NOISE = {"mae": 0.08}  # of one seed on 200 images, after half a run; 0.03 for the others


def test_a_sweep_changes_what_it_says_and_nothing_else():
    temperatures = sweep_temperature.variants()
    assert [run.options["temperature"] for run in temperatures.values()] == [0.05, 0.1, 0.2, 0.5, 1]
    batches = sweep_batch.variants(equal_images=True)
    assert {run.batch * run.steps for run in batches.values()} == {256 * 200}
    assert [run.lr for run in batches.values()] == pytest.approx(
        [METHODS["simclr"].lr * (batch / 256) ** 0.5 for batch in (32, 64, 256, 1024)]
    )
    steps = sweep_batch.variants(equal_images=False)
    assert {run.steps for run in steps.values()} == {200}


def test_the_comparison_trains_every_method_at_its_usual_settings():
    runs = comparison.variants().values()
    assert {run.method for run in runs} == set(METHODS)
    assert all(run.lr is None and not run.options and run.data == "digits" for run in runs)


def test_errors_are_in_percent():
    assert comparison.errors([{"knn": 0.75}, {"knn": 1.0}], "knn") == [25, 0]


def test_each_is_compared_with_simclr_on_the_same_images():
    """One image of four more or less; over seeds the mean counts, and the base has no row."""
    right, wrong = torch.ones(4).bool(), torch.tensor([True, True, True, False])
    hits = {"Raw pixels": [wrong], "SimCLR": [wrong, right], "MoCo": [right, right]}
    rows = comparison.differences(hits)["rows"]
    assert [row[:2] for row in rows] == [["Raw pixels", -0.125], ["MoCo", 0.125]]
    assert all(low <= gain <= high for _, gain, low, high in rows)


def test_operations_count_views_and_gradients():
    """SimCLR encodes two views where a classifier encodes one, and has a head besides."""
    one, two = (comparison.operations(Run(name, batch=64)) for name in ("supervised", "simclr"))
    assert 2 < two / one < 4
    half = comparison.operations(Run("supervised", batch=32))
    assert one / half == pytest.approx(2)


def test_rates_in_use_are_those_that_the_committed_search_supports():
    """A default that somebody changes without a new search is found here."""
    tables = json.loads((RESULTS / "tuning/result.json").read_text())["tables"]
    for name, *scores, used in tables["rates"]["rows"]:
        assert used == f"{METHODS[name].lr:g}"
        by_rate = {f"{lr:g}": score for lr, score in zip(tuning.RATES, scores)}
        assert tuning.gap(name, by_rate, {name: by_rate}) < NOISE.get(name, 0.03)
    marked = [row for row in tables["settings"]["rows"] if row[2].endswith(", used")]
    assert [row[0] for row in marked] == list(tuning.OTHERS)
    for name, setting, value, _ in marked:
        usual = getattr(METHODS[name].settings_of(Run(name)), setting)
        assert value == f"{usual:g}, used"


def test_the_gap_is_that_to_the_best():
    rates = {"simclr": {"0.003": 0.8, "0.008": 0.9}}
    assert tuning.gap("simclr", rates["simclr"], rates) == pytest.approx(0.1)
    assert tuning.gap("simclr", {"0.2": 0.7}, rates) == 0


def test_the_search_never_sees_a_published_seed_nor_the_test_images(monkeypatch):
    asked = []

    def spy(variants, seeds, split="test"):
        asked.append((tuple(seeds), split))
        raise LabError("seen enough")

    monkeypatch.setattr(study, "run_all", spy)
    with pytest.raises(LabError, match="seen enough"):
        tuning.measure(tuning.SEEDS)
    ((seeds, split),) = asked
    assert split == "validation"
    assert not set(seeds) & set(study.SEEDS)


def test_tables_as_text():
    table = {"columns": {"Method": "", "k-NN": ".3f"}, "rows": [["A", [0.5, 0.25]], ["Long", None]]}
    assert text(table).splitlines() == [
        "Method           k-NN",
        "A       0.500 ± 0.250",
        "Long                -",
    ]
    assert shown(3, "d") == "3" and shown(0.5, ".1f") == "0.5"
    assert cell_of([1.0]) == 1.0 and cell_of([1.0, 3.0]) == pytest.approx([2.0, 2**0.5])
