"""The living figures compute what the package computes."""

from pathlib import Path

import pytest
from bookbuild import project
from proofs import living_figures
from proofs.living_figures import FIGURES, FOLDER, largest_difference

ROOT = project.root(Path(__file__))


@pytest.mark.parametrize("widget", FIGURES)
def test_a_core_answers_like_the_package(widget):
    compared, difference = largest_difference(widget)
    assert compared >= 50
    assert difference < 1e-12


def test_every_living_figure_is_held_against_the_package():
    assert {path.stem for path in (ROOT / FOLDER).glob("*.js")} - {"kit"} == set(FIGURES)


@pytest.mark.parametrize(
    ("widget", "right", "wrong"),
    [
        ("temperature", "(logit - highest) / temperature", "(logit - highest) * temperature"),
        ("circle", "(i + count / 2) % count", "(i + 1) % count"),
        ("circle", "gradient[j] += pull", "gradient[j] += 0.99 * pull"),
        ("queue", "(1 - momentum) * step", "(1 - momentum) * (step - 1)"),
        ("balance", "x - share * mean[k]", "x - mean[k]"),
        ("collapse", "scaled(up, place)", "scaled(across, place)"),
        ("crops", "height * width * ratio", "height * width / ratio"),
        ("crops", "wide <= width && ", ""),
        ("crops", "Math.round(height * ratio)", "Math.round(height / ratio)"),
        ("crops", "i < 2 ? Math.max", "i < 1 ? Math.max"),
    ],
)
def test_a_wrong_core_is_noticed(tmp_path, monkeypatch, widget, right, wrong):
    for name in ("kit", widget):
        text = (ROOT / FOLDER / f"{name}.js").read_text()
        assert name == "kit" or right in text
        (tmp_path / f"{name}.js").write_text(text.replace(right, wrong))
    monkeypatch.setattr(living_figures, "FOLDER", str(tmp_path))
    assert largest_difference(widget)[1] > 1e-3


def test_no_file_is_larger_than_30_kb():
    for path in (ROOT / FOLDER).glob("*.js"):
        assert path.stat().st_size < 30_000, path.name
