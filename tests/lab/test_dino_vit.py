"""A small vision transformer under DINO: its collapse, its rescue, and how it starts."""

import pytest
import torch
from torch import nn

from lesson_code.examples.lab import dino_vit
from lesson_code.lab import Run
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.networks import SmallViT, waves
from lesson_code.lab.trainer import Trainer


def test_most_of_an_untrained_transformers_output_is_common_to_all_images() -> None:
    """Unless the head takes the common part away; the CNN stands between."""
    runs = {"cnn": Run("dino"), **dino_vit.variants()}
    shares = {
        name: dino_vit.apart(dino_vit.answers(Trainer(run, load(run.data), Machine())))
        for name, run in runs.items()
    }
    assert shares["as the CNN"] < 0.2 < shares["cnn"] < 0.6 < shares["both"]


def test_apart_is_one_without_and_zero_with_nothing_but_a_common_part() -> None:
    """A hand value lies between: deviations of 1 around a mean of 2."""
    ones = torch.tensor([[1.0], [-1.0]])
    assert dino_vit.apart(ones) == 1
    assert dino_vit.apart(torch.ones(3, 2)) == 0
    assert dino_vit.apart(ones + 2) == pytest.approx(1 / 5)


def test_an_even_start_has_no_biases_and_fixed_positions() -> None:
    """The positions are different for all patches and are not trained."""
    even, usual = (SmallViT(1, 8, start=start) for start in ("even", "usual"))
    linear = [module for module in even.modules() if isinstance(module, nn.Linear)]
    assert all(module.bias.abs().max() == 0 for module in linear)
    assert not even.positions.requires_grad
    assert usual.positions.requires_grad
    distances = torch.cdist(even.positions[0], even.positions[0])
    assert (distances + torch.eye(16)).min() > 0.3


def test_waves_are_sines_and_cosines_of_column_and_row() -> None:
    """The first patch has angle 0 everywhere; columns come first."""
    positions = waves(grid=4, dim=8)
    assert positions.shape == (1, 16, 8)
    assert positions[0, 0].tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    right, below = positions[0, 1], positions[0, 4]
    angles = torch.tensor([1.0, 0.1])
    expected = torch.cat([angles.sin(), angles.cos()])
    torch.testing.assert_close(right[:4], expected)
    torch.testing.assert_close(below[4:], expected)
    torch.testing.assert_close(right[4:], positions[0, 0, 4:])
