"""The comparison, the sweeps and the choice of settings: what they compute and how they say it."""

import json
from pathlib import Path

import matplotlib
import pytest

from lesson_code.lab.cli import QuickLook
from lesson_code.lab.experiments import Plan, comparison, experiment, tuning
from lesson_code.lab.experiments.base import cell_of, shown, text
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import LabError, Run

RESULTS = Path(__file__).resolve().parents[2] / "lesson_code/results/lab"
NOISE = 0.03  # of a mean of two seeds on 200 images
matplotlib.use("Agg")


@pytest.mark.parametrize(
    ("name", "tables", "figure"),
    [
        ("sweep_temperature", {"temperatures"}, "sweep-temperature"),
        ("sweep_batch", {"equal-images", "equal-steps"}, "sweep-batch"),
        ("sweep_moco", {"momenta", "queues"}, "sweep-moco"),
    ],
)
def test_a_quick_look_fills_every_table_and_draws(name, tables, figure):
    module = experiment(name)
    found = module.measure(QuickLook())
    assert set(found.tables) == tables
    for table in found.tables.values():
        assert len(table["rows"]) >= 2
        assert all(0 <= cell <= 1 for row in table["rows"] for cell in row[1:4])
    assert set(module.draw(found)) == {figure}
    assert all(isinstance(value, float) for value in found.values.values())


def test_a_quick_look_at_the_comparison_fills_the_table_and_draws(monkeypatch):
    some = {name: comparison.variants()[name] for name in ("Supervised", "VICReg", "MAE (ViT)")}
    monkeypatch.setattr(comparison, "variants", lambda: some)
    found = comparison.measure(QuickLook())
    rows = found.tables["methods"]["rows"]
    assert [row[0] for row in rows] == ["Raw pixels", "Random CNN", "Random ViT", *some]
    assert all(0 <= error <= 100 for row in rows for error in row[1:4])
    assert all(cost > 0 for row in rows[3:] for cost in row[4:])
    assert set(comparison.draw(found)) == {"comparison"}


def test_a_quick_look_at_the_search_draws_its_rates(monkeypatch):
    whole = tuning.grid()
    monkeypatch.setattr(tuning, "OTHERS", {"moco": tuning.OTHERS["moco"]})
    monkeypatch.setattr(tuning, "grid", lambda: {name: whole[name] for name in ("moco", "vicreg")})
    found = tuning.measure(QuickLook())
    assert [row[0] for row in found.tables["rates"]["rows"]] == ["moco", "vicreg"]
    assert set(tuning.draw(found)) == {"tuning-rates"}


def test_a_sweep_changes_what_it_says_and_nothing_else():
    temperatures = experiment("sweep_temperature").variants()
    assert [run.options["temperature"] for run in temperatures.values()] == [0.05, 0.1, 0.2, 0.5, 1]
    batches = experiment("sweep_batch").variants(equal_images=True)
    assert {run.batch * run.steps for run in batches.values()} == {256 * 300}
    assert [run.lr for run in batches.values()] == pytest.approx(
        [METHODS["simclr"].lr * (batch / 256) ** 0.5 for batch in (32, 64, 256, 1024)]
    )
    steps = experiment("sweep_batch").variants(equal_images=False)
    assert {run.steps for run in steps.values()} == {300}


def test_the_comparison_trains_every_method_at_its_usual_settings():
    runs = comparison.variants().values()
    assert {run.method for run in runs} == set(METHODS)
    assert all(run.lr is None and not run.options and run.data == "digits" for run in runs)


def test_errors_are_in_percent():
    assert comparison.percent([0.75]) == 25
    assert comparison.percent([0.9, 0.8]) == pytest.approx([15, 5])
    assert comparison.percent([0.75], always=True) == [25, 0]


def test_operations_count_views_and_gradients():
    """SimCLR encodes two views where a classifier encodes one, and has a head besides."""
    one, two = (comparison.operations(Run(name, batch=64)) for name in ("supervised", "simclr"))
    assert 2 < two / one < 4
    half = comparison.operations(Run("supervised", batch=32))
    assert one / half == pytest.approx(2)


def test_raw_pixels_are_judged_exactly():
    """No training and no random number: the same on every machine."""
    committed = json.loads((RESULTS / "comparison/result.json").read_text())
    pixels = comparison.raw_pixels()
    assert pixels["knn"] == committed["values"]["raw_knn"]
    assert pixels["few"] == pytest.approx(committed["values"]["raw_few"], abs=1e-9)


def test_rates_in_use_are_those_that_the_committed_search_supports():
    """A default that somebody changes without a new search is found here."""
    tables = json.loads((RESULTS / "tuning/result.json").read_text())["tables"]
    for name, *scores, used in tables["rates"]["rows"]:
        assert used == f"{METHODS[name].lr:g}"
        by_rate = {f"{lr:g}": score for lr, score in zip(tuning.RATES, scores)}
        assert tuning.gap(name, by_rate, {name: by_rate}) < NOISE
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

    def spy(variants, plan, watch=0, split="test"):
        asked.append((tuple(plan.seeds), split))
        raise LabError("seen enough")

    monkeypatch.setattr(tuning, "run_all", spy)
    with pytest.raises(LabError, match="seen enough"):
        tuning.measure(Plan(quick=True))
    ((seeds, split),) = asked
    assert split == "validation"
    assert not set(seeds) & set(Plan().seeds)


def test_tables_as_text():
    table = {"columns": {"Method": "", "k-NN": ".3f"}, "rows": [["A", [0.5, 0.25]], ["Long", None]]}
    assert text(table).splitlines() == [
        "Method           k-NN",
        "A       0.500 ± 0.250",
        "Long                -",
    ]
    assert shown(3, "d") == "3" and shown(0.5, ".1f") == "0.5"
    assert cell_of([1.0]) == 1.0 and cell_of([1.0, 3.0]) == [2.0, 1.0]


def test_an_unknown_experiment_names_the_nearest():
    with pytest.raises(LabError, match="sweep_moco"):
        experiment("sweep_mocco")


def test_quick_runs_are_short_and_of_one_seed():
    plan = Plan(seeds=(4, 5), quick=True)
    assert plan.chosen() == (4,)
    assert plan.scaled(Run("simclr")).steps < 30
    assert Plan(seeds=(4, 5)).scaled(Run("simclr")).steps == 300


def test_in_a_quick_look_nothing_takes_long():
    """Not MAE's many steps, not a large batch, not a teacher; all else stays."""
    look = QuickLook(seeds=(4, 5), jobs=2)
    assert (look.chosen(), look.jobs, look.over((7, 8)).chosen()) == ((4,), 2, (7,))
    run = look.over((7,)).scaled(Run("mae", steps=1200, batch=1024, lr=0.1))
    assert run == Run("mae", steps=10, batch=64, lr=0.1)
    taught = look.scaled(Run("distillation", batch=32, options={"alpha": 0.5}))
    assert (taught.batch, taught.options) == (32, {"alpha": 0.5, "teacher_steps": 10})
