"""The color shortcut: its data differ in color alone, and its measure reads the color."""

from dataclasses import replace

import pytest
import torch

from lesson_code.examples.lab import color_shortcut
from lesson_code.lab.data import load
from lesson_code.lab.data.digits import strokes
from lesson_code.lab.machine import Machine
from lesson_code.lab.study import raw_pixels
from lesson_code.lab.trainer import Trainer


@pytest.mark.parametrize(
    ("data", "knn", "linear"), [("tinted", 0.518, 0.578), ("tinted-gray", 0.742, 0.596)]
)
def test_raw_pixels_exactly(data: str, knn: float, linear: float) -> None:
    found = raw_pixels(data)
    assert found["knn"] == pytest.approx(knn, abs=1e-9)
    assert found["linear"] == pytest.approx(linear, abs=1e-9)


@pytest.mark.parametrize("name", ["BYOL", "SimSiam"])
def test_the_control_differs_in_color_alone(name: str) -> None:
    with_color = color_shortcut.variants()[name]
    without = color_shortcut.controls()[f"{name}, no color"]
    assert replace(without, data="tinted") == with_color
    drawn = []
    for run in (with_color, without):
        data = load(run.data)
        trainer = Trainer(run, data, Machine())
        assert trainer.strength == "full"
        drawn.append((data.train.images, trainer.recipe()))
    (color, views), (gray, same) = drawn
    assert views == same
    torch.testing.assert_close(color.mean(dim=1), gray.mean(dim=1))


def test_the_ground_is_read_off_the_corner() -> None:
    """Pixels hold it exactly, gray values of the digit alone do not."""
    data = load("tinted")
    ink, _ = strokes()
    assert (ink[:, 0, 0] == 0).all()  # wherever a digit lies, the corner stays bare
    assert color_shortcut.ground_color(lambda images: images.flatten(1), data) > 0.99
    noise = torch.randn(3 * 100, 8, generator=torch.Generator().manual_seed(0))
    lost = color_shortcut.ground_color(
        lambda images: images.flatten(1).sort(dim=1).values.round() @ noise, data
    )
    assert lost < 0.2
