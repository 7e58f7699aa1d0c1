"""Views: each image its own draw, from one generator; what each strength leaves as it was."""

import pytest
import torch

from lesson_code.lab import LabError, augment
from lesson_code.lab.augment import RECIPES, Recipe, move, recipe, recolor, shade, standardize, view


def draws(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(n: int = 6, channels: int = 1, size: int = 8) -> torch.Tensor:
    return torch.randn(n, channels, size, size, generator=draws(9))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("strength", RECIPES["gray"])
def test_a_view_depends_on_its_generator_alone(channels, strength) -> None:
    batch, one = images(6, channels), recipe(strength, channels)
    torch.manual_seed(1)
    first = view(batch, one, draws())
    torch.manual_seed(2)
    assert torch.equal(view(batch, one, draws()), first)
    assert first.shape == batch.shape
    same = torch.equal(view(batch, one, draws(1)), first)
    assert same == (strength == "none")


@pytest.mark.parametrize("kind", ["tinted", "pictures"])
def test_a_view_of_color_alone_moves_nothing(kind) -> None:
    """Where an image has one value, its view has one value too."""
    batch = images(50, 3, 32).clamp(0, 1)
    batch[:, :, 5:9, 3:20] = 0.5
    views = view(batch, recipe("color", 3, kind), draws())
    assert not torch.equal(views, batch)
    patch = views[:, :, 5:9, 3:20]
    torch.testing.assert_close(patch, patch[:, :, :1, :1].expand_as(patch))


def test_a_part_of_the_area_lies_within_and_may_be_mirrored() -> None:
    """Pixels that say where they are: what of the image a view shows, can be read off them."""
    place = torch.linspace(-1, 1, 33)[:-1] + 1 / 32
    batch = torch.stack([place.expand(32, 32), place[:, None].expand(32, 32)])
    one = Recipe(area=(0.3, 1.0), flip=True, padding="border")
    views = move(batch.expand(400, 2, 32, 32), one, draws(), None)
    across = views[:, 0, :, -1] - views[:, 0, :, 0]
    down = views[:, 1, -1] - views[:, 1, 0]
    torch.testing.assert_close(across.mean(1).abs(), down.mean(1), atol=0.02, rtol=0)
    assert (down > 0).all() and 0.4 < (across[:, 0] < 0).float().mean() < 0.6
    share = (down.mean(1) / (31 / 16)).square()
    assert 0.29 < share.min() < 0.33 and 0.97 < share.max() < 1.001
    assert share.mean() == pytest.approx(0.65, abs=0.03)
    middle = views.mean(dim=(2, 3))
    assert middle.abs().max() < 1 - 0.3**0.5 + 1e-3 and middle.std() > 0.1


def test_shade_scales_channels_and_takes_color_out_of_a_fifth() -> None:
    batch = torch.rand(2000, 3, 2, 2, generator=draws(3)) / 2
    views = shade(batch, 0.4, draws())
    assert views.min() >= 0 and views.max() <= 1
    mean = batch.mean(dim=1, keepdim=True)
    factor = views / mean  # of a gray view: one number for each channel
    gray = (factor.flatten(2).std(dim=2) < 1e-4).all(dim=1)
    assert 0.17 < gray.float().mean() < 0.23
    gains = factor[gray][:, :, 0, 0]
    assert 0.6 <= gains.min() < 0.62 and 1.38 < gains.max() <= 1.4
    assert torch.equal(shade(batch, 0.4, draws()), views)


def test_each_image_has_its_own_draw() -> None:
    alike = images(1).expand(6, 1, 8, 8)
    views = view(alike, recipe("full", 1), draws())
    assert len({tuple(one.flatten().tolist()) for one in views}) == 6


def test_nothing_to_do_returns_the_images() -> None:
    batch = images()
    assert view(batch, recipe("none", 1), draws()) is batch


def test_no_movement_keeps_every_pixel() -> None:
    batch = images()
    torch.testing.assert_close(move(batch, Recipe(), draws(), None), batch, atol=1e-5, rtol=0)


def test_the_images_stay_as_they_are() -> None:
    batch = images(6, 3)
    before = batch.clone()
    view(batch, recipe("full", 3), draws())
    assert torch.equal(batch, before)


def test_a_quarter_turn(monkeypatch) -> None:
    """With every draw at the end of its range, 90 degrees turn the image, pixel for pixel."""
    monkeypatch.setattr(
        augment, "uniform", lambda count, low, high, generator: torch.full((count,), high)
    )
    batch = images()
    turned = move(batch, Recipe(rotation=90.0), draws(), None)
    torch.testing.assert_close(turned, batch.rot90(1, (2, 3)), atol=1e-4, rtol=0)


def test_magnification(monkeypatch) -> None:
    """At scale 2 the middle quarter fills the view."""
    monkeypatch.setattr(
        augment, "uniform", lambda count, low, high, generator: torch.full((count,), high)
    )
    ramp = torch.arange(8.0).expand(2, 1, 8, 8)
    larger = move(ramp, Recipe(scale=(2.0, 2.0)), draws(), None)
    expected = torch.arange(8.0) / 2 + 1.75
    torch.testing.assert_close(larger, expected.expand(2, 1, 8, 8), atol=1e-4, rtol=0)


def test_shift_moves_ink() -> None:
    batch = torch.zeros(64, 1, 8, 8)
    batch[:, :, 3:5, 3:5] = 1.0
    moved = move(batch, Recipe(shift=0.25), draws(), None)  # one pixel to either side
    weights = moved.sum(dim=(1, 2, 3))
    torch.testing.assert_close(weights, torch.full((64,), 4.0))
    columns = (moved.sum(dim=(1, 2)) * torch.arange(8.0)).sum(dim=1) / weights - 3.5
    assert columns.abs().max() <= 1.0 + 1e-4
    assert columns.abs().max() > 0.8


def test_padding() -> None:
    batch = torch.ones(32, 1, 8, 8)
    shifted = {
        padding: move(batch, Recipe(shift=0.5, padding=padding), draws(), None)
        for padding in ("zeros", "border")
    }
    assert shifted["zeros"].min() == 0
    torch.testing.assert_close(shifted["border"], batch)


@pytest.mark.parametrize("crop", [4, 6, 8])
def test_a_crop_is_a_part_of_the_image(crop) -> None:
    """Each crop of a ramp is the ramp's own slope, from somewhere inside."""
    ramp = torch.arange(8.0).expand(16, 1, 8, 8)
    cut = move(ramp, Recipe(), draws(), crop)
    assert cut.shape == (16, 1, crop, crop)
    torch.testing.assert_close(
        cut.diff(dim=3), torch.ones(16, 1, crop, crop - 1), atol=1e-4, rtol=0
    )
    assert cut.min() >= -1e-4
    assert cut.max() <= 7 + 1e-4


def test_contrast_keeps_the_mean_and_brightness_moves_it() -> None:
    batch = images()
    contrast = view(batch, Recipe(contrast=0.5), draws())
    torch.testing.assert_close(contrast.mean(dim=(1, 2, 3)), batch.mean(dim=(1, 2, 3)))
    ratio = contrast.std(dim=(1, 2, 3)) / batch.std(dim=(1, 2, 3))
    assert ((ratio > 0.5) & (ratio < 1.5)).all()
    brighter = view(batch, Recipe(brightness=0.2), draws()) - batch
    torch.testing.assert_close(brighter.std(dim=(1, 2, 3)), torch.zeros(6), atol=1e-5, rtol=0)
    assert brighter.abs().max() <= 0.2 + 1e-5


def test_noise() -> None:
    batch = torch.zeros(50, 1, 20, 20)
    noisy = view(batch, Recipe(noise=0.1), draws())
    assert noisy.std().item() == pytest.approx(0.1, rel=0.05)


def test_geometric_views_keep_color_and_full_ones_do_not() -> None:
    """Channels that are in a fixed ratio everywhere keep it, as the color shortcut needs."""
    batch = images(200, 1, 10).abs() * torch.tensor([1.0, 0.5, 0.25]).view(1, 3, 1, 1)
    kept = view(batch, recipe("geometric", 3), draws())
    torch.testing.assert_close(kept[:, 1], kept[:, 0] / 2)
    full = recolor(batch, draws())
    order = full.mean(dim=(2, 3)).argsort(dim=1)
    assert len({tuple(one) for one in order.tolist()}) == 6
    gray = (full[:, 0] == full[:, 1]).flatten(1).all(dim=1).double().mean()
    assert 0.1 < gray < 0.3


@pytest.mark.parametrize("strength", ["full", "geometric", "mild"])
def test_gray_views_end_standardized(strength) -> None:
    views = view(images(), recipe(strength, 1), draws())
    torch.testing.assert_close(views.mean(dim=(1, 2, 3)), torch.zeros(6), atol=1e-5, rtol=0)
    spread = views.std(dim=(1, 2, 3), correction=0)
    torch.testing.assert_close(spread, torch.ones(6), atol=1e-4, rtol=0)


def test_standardize_is_the_one_of_the_data() -> None:
    from lesson_code.lab.data import standardize as of_data

    torch.testing.assert_close(standardize(images()), of_data(images()))


def test_an_unknown_strength() -> None:
    with pytest.raises(LabError, match="no augmentation 'strong'"):
        recipe("strong", 1)
