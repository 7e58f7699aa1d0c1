"""Masks from attention, by hand and by a loop; how well masks agree; scenes and their masks."""

import math
from pathlib import Path

import pytest
import torch
from bookbuild import frontend
from helpers import normal

from lesson_code.lab.data import scenes
from lesson_code.lab.data.emoji import covers, emoji
from lesson_code.lab.networks import SmallViT
from lesson_code.lab.segmentation import jaccard, most_attended, overlap

ROOT = Path(__file__).parents[2]


def test_the_fewest_patches_that_hold_the_share_by_hand() -> None:
    attention = torch.tensor([[[0.1, 0.4], [0.2, 0.3]]])
    assert most_attended(attention, 0.6).tolist() == [[[False, True], [False, True]]]
    assert most_attended(attention, 0.35).tolist() == [[[False, True], [False, False]]]
    assert most_attended(attention, 0.75).sum() == 3
    assert most_attended(attention, 1.0).all()


def test_as_a_slow_loop_marks() -> None:
    attention = normal(20, 4, 4, seed=1).abs()
    marked = most_attended(attention, 0.6)
    for one, mask in zip(attention.flatten(1).tolist(), marked.flatten(1).tolist(), strict=True):
        held, rows = 0.0, []
        for row in sorted(range(16), key=lambda row: -one[row]):
            if held >= 0.6 * sum(one):
                break
            held += one[row]
            rows.append(row)
        assert [row for row in range(16) if mask[row]] == sorted(rows)


def test_the_scale_of_the_attention_changes_nothing_and_all_on_one_patch_marks_it() -> None:
    attention = normal(5, 3, 3, seed=2).abs()
    assert torch.equal(most_attended(attention), most_attended(0.1 * attention))
    single = torch.zeros(1, 3, 3)
    single[0, 1, 2] = 1.0
    assert most_attended(single).nonzero().tolist() == [[0, 1, 2]]


def test_jaccard_by_hand() -> None:
    found = torch.tensor([[[1, 1], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 0], [0, 0]]])
    truth = torch.tensor([[[1, 0], [1, 0]], [[1, 0], [0, 0]], [[0, 0], [0, 0]], [[0, 1], [0, 0]]])
    agreed = jaccard(found.bool(), truth.bool())
    torch.testing.assert_close(agreed, torch.tensor([1 / 3, 1 / 4, 1.0, 0.0]))
    torch.testing.assert_close(jaccard(truth.bool(), found.bool()), agreed)


@pytest.mark.parametrize(
    ("attention", "share", "name"),
    [
        (torch.ones(3, 3), 0.6, "attention"),
        (torch.ones(1, 3, 3).long(), 0.6, "attention"),
        (torch.full((1, 3, 3), math.nan), 0.6, "attention"),
        (-torch.ones(1, 3, 3), 0.6, "attention"),
        (torch.ones(1, 3, 3), 0.0, "share"),
        (torch.ones(1, 3, 3), 1.1, "share"),
    ],
)
def test_what_marking_refuses(attention, share, name) -> None:
    with pytest.raises(ValueError, match=f"^{name}"):
        most_attended(attention, share)


@pytest.mark.parametrize(
    ("found", "truth", "name"),
    [
        (torch.ones(1, 2, 2), torch.ones(1, 2, 2).bool(), "found"),
        (torch.ones(1, 2, 2).bool(), torch.ones(2, 2).bool(), "truth"),
        (torch.ones(1, 2, 2).bool(), torch.ones(1, 2, 3).bool(), "found and truth"),
    ],
)
def test_what_jaccard_refuses(found, truth, name) -> None:
    with pytest.raises(ValueError, match=f"^{name}"):
        jaccard(found, truth)


def test_overlap_of_patches_with_a_finer_mask() -> None:
    attention = torch.tensor([[[0.7, 0.1], [0.1, 0.1]], [[0.1, 0.1], [0.7, 0.1]]])
    truth = torch.zeros(2, 4, 4, dtype=torch.bool)
    truth[:, :2, :3] = True  # the upper left patch of four pixels, and two more
    torch.testing.assert_close(overlap(attention, truth), torch.tensor([4 / 6, 0.0]))


def test_class_attention_is_what_the_class_token_is_mixed_by() -> None:
    vit = SmallViT(3, 8, depth=2).eval().double()
    images, seen = torch.randn(2, 3, 8, 8).double(), {}
    attend = vit.blocks[-1].attn
    attend.register_forward_pre_hook(lambda _, given: seen.update(tokens=given[0]))
    vit(images)
    weights = attend.maps(seen["tokens"])[:, :, 0, 1:]
    shown = vit.class_attention(images)
    assert shown.shape == (2, 4, 4, 4)
    torch.testing.assert_close(shown.flatten(2), weights)
    row = images.clone()
    row[:, :, 6:] += 1  # the last row of patches
    assert (vit.class_attention(row) - shown)[:, :, 3].abs().max() > 1e-6


def test_a_drawing_stands_on_its_ground_where_its_mask_says() -> None:
    red = torch.ones(6, 3, 8, 8)
    cover = torch.zeros(6, 8, 8)
    cover[:, 2:6, 2:6] = 1
    red[:, 1:, 2:6, 2:6] = 0
    images, masks = scenes.placed(red, cover, 32, torch.Generator().manual_seed(0))
    assert images.shape == (6, 3, 32, 32) and images.min() >= 0 and images.max() <= 1
    inside = torch.nn.functional.avg_pool2d(masks.float()[:, None], 5, 1, 2) == 1
    assert inside.any() and (images[:, :1][inside] > 0.99).all()
    assert (images[:, 1:2][inside] < 0.01).all()
    sides = masks.float().mean(dim=(1, 2)).sqrt() * 2  # the drawing covers half of its width
    low, high = scenes.SCALE
    assert low - 0.06 < sides.min() and sides.max() < high + 0.06
    columns = masks.any(dim=1).float().argmax(dim=1)
    assert len(columns.unique()) > 2  # not all in one place


def test_grounds_differ_and_so_do_their_pixels() -> None:
    grounds = scenes.grounds(5, 16, torch.Generator().manual_seed(0))
    assert grounds.shape == (5, 3, 16, 16)
    assert (grounds.std(dim=(2, 3)) > 0.005).any(dim=1).all()
    assert (grounds[0] - grounds[1]).abs().max() > 0.1


def test_scenes_hold_out_things_and_an_artist() -> None:
    frontend.ensure(ROOT)
    data = scenes.scenes()
    assert data.masks.shape == (len(data.test), 32, 32)
    assert not set(data.train.concepts.tolist()) & set(data.test.concepts.tolist())
    assert data.test.artists.unique().tolist() == [3]
    drawn = emoji()
    assert len(data.train) == scenes.COPIES * len(drawn.train)
    assert torch.equal(scenes.scenes().test.images, data.test.images)
    cover = covers()[3, data.test.concepts]
    # Where nothing is covered the drawing on white is white.
    assert (drawn.test.images.amin(dim=1)[cover == 0] == 1).all()
    share = data.masks.float().mean(dim=(1, 2)) / (cover > 0.5).float().mean(dim=(1, 2))
    assert share.min() > 0.1 and share.max() < 0.75  # 0.4 to 0.8 of the side
