"""The experiments of the chapter, by turns, each run to its end: few steps, few images."""

import importlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from bookbuild import freshness, project, results, runner
from bookbuild.sandbox import STYLE
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from lesson_code.lab.data import digits
from lesson_code.lab.run import Run

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(
    path.stem
    for path in (ROOT / "lesson_code/examples/lab").glob("*.py")
    if "def measure(" in path.read_text(encoding="utf-8")
)


def in_turn() -> list[str]:
    """Those whose record is of other code, and a third of the rest: their record shows as much."""
    drawn = runner.drawn(ROOT, runner.Plan(share=3))

    def is_due(name: str) -> bool:
        example = project.example(name, ROOT)
        return name in drawn or freshness.has_changed(ROOT, example, results.load(ROOT, name))

    assert len(NAMES) > 10
    return [name for name in NAMES if is_due(f"lab/{name}")]


STEPS, BATCH = 6, 64


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run short, and the digits few."""
    whole = Run.__post_init__

    def cut(run: Run) -> None:
        whole(run)
        options = {**run.options}
        if run.method == "distillation":
            options["teacher_steps"] = STEPS
        limits = {"steps": min(run.steps, STEPS), "batch": min(run.batch, BATCH)}
        for name, value in {**limits, "options": options}.items():
            object.__setattr__(run, name, value)

    monkeypatch.setattr(Run, "__post_init__", cut)
    for name, count in {"TRAIN": 320, "VALIDATION": 60, "TEST": 100}.items():
        monkeypatch.setattr(digits, name, count)


def touching(figure: Figure) -> list[str]:
    """The names below a drawing that meet something where a phone draws letters larger."""
    figure.canvas.draw()
    met, taken = [], [axis.get_tightbbox() for axis in figure.axes]
    for named in figure.legends:
        taken += [handle.get_window_extent() for handle in named.legend_handles]
        for text in named.get_texts():
            x, y, width, height = text.get_window_extent().bounds
            box = Bbox.from_bounds(x, y, 1.3 * width, 1.3 * height)
            met += [text.get_text()] * (box.x1 > figure.bbox.x1 or box.count_overlaps(taken))
            taken.append(box)
    return met


@pytest.mark.parametrize("name", in_turn())
def test_an_experiment_gives_what_is_kept_of_it(name: str, short: None) -> None:
    """The same tables, rows, values and figures as in the committed result; other numbers."""
    experiment = importlib.import_module(f"lesson_code.examples.lab.{name}")
    found = experiment.measure((0,))
    with plt.style.context(STYLE):
        alt_text = experiment.draw(found)
    folder = ROOT / "lesson_code/results/lab" / name
    kept = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert set(alt_text) == set(plt.get_figlabels()) == {path.stem for path in folder.glob("*.svg")}
    assert not any("nan" in text or touching(plt.figure(name)) for name, text in alt_text.items())
    assert set(found.values) == set(kept["values"])
    assert set(found.tables) == set(kept.get("tables", {}))
    for title, table in kept.get("tables", {}).items():
        mine = found.tables[title]
        assert [list(column) for column in mine["columns"].items()] == table["columns"]
        assert [row[0] for row in mine["rows"]] == [row[0] for row in table["rows"]]
        blanks = [[cell is None for cell in row] for row in table["rows"]]
        assert [[cell is None for cell in row] for row in mine["rows"]] == blanks
