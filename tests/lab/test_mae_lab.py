"""The MAE laboratory: what is hidden, what is painted, and the experiment."""

import pytest
import torch

from lesson_code.examples.lab import mae
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Trainer
from lesson_code.mae import patchify


@pytest.fixture(scope="module")
def data():
    return load("digits")


def fresh(data, **options):
    return Trainer(Run("mae", options=options), data, Machine()).method


@pytest.mark.parametrize(("ratio", "hidden"), [(0.25, 4), (0.5, 8), (0.75, 12), (0.9, 15)])
def test_the_ratio_says_how_many_of_16_patches_are_hidden(data, ratio, hidden):
    _, mask = mae.paint(fresh(data, mask_ratio=ratio), data.test.images[:5])
    assert mask.sum(dim=1).tolist() == [hidden] * 5


def test_what_a_low_ratio_hides_a_higher_one_hides_too(data):
    images = data.test.images[:20]
    masks = [mae.paint(fresh(data, mask_ratio=r), images)[1] for r in mae.RATIOS]
    for fewer, more in zip(masks, masks[1:], strict=False):
        assert (more | ~fewer).all()


def test_pictures_keep_what_is_visible(data):
    images = data.test.images[:4]
    painted, mask = mae.paint(fresh(data), images)
    holes, filled = mae.pictures(images, painted, mask, 2)
    hidden = mask.view(4, 1, 4, 4).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(holes.isnan(), hidden)
    assert torch.equal(filled[~hidden], images[~hidden])
    assert torch.equal(patchify(filled, 2)[mask], painted[mask])
