"""Views of photographs: what each recipe may do to a picture, and batches that never vary."""

import multiprocessing
import pickle
import time

import pytest
import torch
from helpers import PATIENCE

from lesson_code.lab.transforms import (
    DEVIATION,
    MEAN,
    ViewRecipe,
    photograph_batches,
    photograph_views,
    view_recipes,
    view_transform,
)


def picture(size=32, seed=0):
    """A picture with smooth colors, as photographs have."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, (size, size), mode="bilinear")
    return (smooth[0] * 255).round().to(torch.uint8)


def values(view):
    """Undo the normalization: values from 0 to 1."""
    return view * torch.tensor(DEVIATION).view(3, 1, 1) + torch.tensor(MEAN).view(3, 1, 1)


# ---------------------------------------------------------------------------- the recipes


@pytest.mark.parametrize(
    ("recipe", "sizes"),
    [
        ("simclr", [32] * 2),
        ("byol", [32] * 2),
        ("dino", [32] * 2 + [14] * 8),
        ("mae", [32]),
        ("supervised", [32]),
        ("evaluate", [32]),
    ],
)
def test_number_size_and_type_of_the_views(recipe, sizes):
    views = photograph_views(recipe, 32)
    made = views(picture(40))
    assert [tuple(v.shape) for v in made] == [(3, s, s) for s in sizes]
    assert len(views) == len(sizes)
    for view in made:
        assert view.dtype == torch.float32
        assert torch.isfinite(view).all()
        assert values(view).min() > -1e-4 and values(view).max() < 1 + 1e-4


def test_local_crops_of_dino():
    made = photograph_views("dino", 96, local_crops=3, local_size=24)(picture(96))
    assert [v.shape[-1] for v in made] == [96, 96, 24, 24, 24]
    assert photograph_views("dino", 224)(picture(32))[2].shape[-1] == 96  # as in the paper
    assert len(photograph_views("dino", 32, local_crops=0)(picture())) == 2


def test_the_recipes_are_those_of_the_papers():
    first, second = view_recipes("simclr", 224)
    assert (
        first
        == second
        == ViewRecipe(
            scale=(0.08, 1), bicubic=False, jitter=(0.8, 0.8, 0.8, 0.2), gray=0.2, blur=0.5
        )
    )
    for one in view_recipes("simclr", 32):  # CIFAR-10: half the strength, no blur
        assert one.jitter == (0.4, 0.4, 0.4, 0.1) and one.blur == 0
    first, second = view_recipes("byol", 224)
    assert (first.blur, first.solarize, second.blur, second.solarize) == (1, 0, 0.1, 0.2)
    assert first.jitter == second.jitter == (0.4, 0.4, 0.2, 0.1)
    crops = view_recipes("dino", 224)
    assert [c.blur for c in crops] == [1.0, 0.1] + [0.5] * 8
    assert [c.solarize for c in crops] == [0, 0.2] + [0] * 8
    assert [c.scale for c in crops] == [(0.4, 1)] * 2 + [(0.05, 0.4)] * 8
    assert [c.size for c in crops] == [None] * 2 + [96] * 8
    (mae,) = view_recipes("mae", 224)
    assert mae == ViewRecipe(scale=(0.2, 1.0))


@pytest.mark.parametrize(("size", "kernel"), [(224, 23), (96, 9), (32, 3), (8, 3)])
def test_the_blur_is_a_tenth_of_the_view(size, kernel):
    transform = view_transform(ViewRecipe(blur=1.0), size)
    (blur,) = [t.transforms[0] for t in transform.transforms if hasattr(t, "transforms")]
    assert tuple(blur.kernel_size) == (kernel, kernel)
    assert tuple(blur.sigma) == (0.1, 2.0)


@pytest.mark.parametrize(
    ("wrong", "match"), [("simlcr", "did you mean simclr"), ("xyzzy", "known: simclr, byol")]
)
def test_an_unknown_recipe(wrong, match):
    with pytest.raises(ValueError, match=match):
        photograph_views(wrong, 32)


@pytest.mark.parametrize("bad", [{"size": 0}, {"local_crops": -1}, {"local_size": 0}])
def test_bad_numbers(bad):
    with pytest.raises(ValueError, match="above 0"):
        photograph_views("dino", **({"size": 32} | bad))


@pytest.mark.parametrize(
    "image", [torch.zeros(3, 8, 8), torch.zeros(8, 8, 3, dtype=torch.uint8), torch.zeros(2).byte()]
)
def test_images_must_be_bytes_with_channels_first(image):
    with pytest.raises(ValueError, match="uint8 of shape"):
        photograph_views("mae", 8)(image)


def test_evaluation_has_no_chance_and_keeps_a_picture_of_its_size():
    views = photograph_views("evaluate", 32)
    image, state = picture(32), torch.get_rng_state()
    (view,) = views(image)
    assert torch.allclose(values(view), image / 255, atol=1e-6)
    assert torch.equal(torch.get_rng_state(), state)
    wide = torch.zeros(3, 32, 64, dtype=torch.uint8)
    wide[:, :, 16:48] = 255
    assert values(views(wide)[0]).min() > 0.99


def test_a_recipe_without_chance_to_change_colors_changes_none():
    for recipe in ("mae", "supervised"):
        flat = torch.full((3, 40, 40), 100, dtype=torch.uint8)
        flat[1] = 30
        (view,) = photograph_views(recipe, 32)(flat)
        assert torch.allclose(values(view)[0], torch.tensor(100 / 255), atol=1e-5)
        assert torch.allclose(values(view)[1], torch.tensor(30 / 255), atol=1e-5)


def test_solarizing_and_graying_happen_as_often_as_they_should():
    flat = torch.full((3, 4, 4), 200, dtype=torch.uint8)
    flat[0] = 220
    only = view_transform(ViewRecipe(solarize=0.2, gray=0.2), 4)
    made = torch.stack([values(only(flat)) for _ in range(1000)])[:, :, 0, 0]
    solarized = (made[:, 1] < 0.5).double().mean().item()
    gray = ((made[:, 0] - made[:, 1]).abs() < 1e-4).double().mean().item()
    assert abs(solarized - 0.2) < 0.04  # 3 standard errors
    assert abs(gray - 0.2) < 0.04
    inverted = made[(made[:, 1] < 0.5) & (made[:, 0] < made[:, 1] - 1e-3)]
    assert torch.allclose(inverted[0], 1 - torch.tensor([220, 200, 200]) / 255, atol=1e-5)


def test_crops_cover_the_area_they_should():
    # Red says how far down, green how far right a pixel was: the crop's area can be read off.
    line = torch.linspace(0, 255, 128).round().to(torch.uint8)
    image = torch.stack(
        [line.view(-1, 1).expand(128, 128), line.expand(128, 128), line.expand(128, 128)]
    )
    for recipe, low, high in (("mae", 0.2, 1.0), ("supervised", 0.08, 1.0)):
        areas = []
        for _ in range(300):
            v = values(photograph_views(recipe, 32)(image)[0])
            areas.append(((v[0].max() - v[0].min()) * (v[1].max() - v[1].min())).item())
        assert low * 0.8 < min(areas) < low + 0.1 and high - 0.15 < max(areas) <= 1
        assert abs(sum(areas) / 300 - (low + high) / 2) < 0.1


# ---------------------------------------------------------------------------- the batches

IMAGES = torch.stack([picture(32, seed) for seed in range(12)])
LABELS = torch.arange(12) % 3


def order(steps=4, batch=5, first=0):
    generator = torch.Generator().manual_seed(7)
    drawn = [torch.randperm(12, generator=generator)[:batch] for _ in range(steps)]
    return list(enumerate(drawn))[first:]


def collect(recipe="byol", workers=0, seed=0, which=None, images=IMAGES):
    views = photograph_views(recipe, images.shape[-1])
    which = order() if which is None else which
    return list(photograph_batches(images, LABELS, views, which, workers, seed))


def equal(one, other):
    assert len(one) == len(other)
    for (step, crops, labels), (step_2, crops_2, labels_2) in zip(one, other):
        assert step == step_2 and torch.equal(labels, labels_2)
        assert len(crops) == len(crops_2)
        assert all(torch.equal(a, b) for a, b in zip(crops, crops_2))
    return True


def test_batches_have_the_images_they_were_asked_for():
    views = photograph_views("evaluate", 32)
    for (step, rows), (step_2, crops, labels) in zip(
        order(), photograph_batches(IMAGES, LABELS, views, order())
    ):
        assert step == step_2
        assert torch.equal(labels, LABELS[rows])
        assert torch.allclose(crops[0], torch.stack([views(IMAGES[r])[0] for r in rows]))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_changes_nothing(workers):
    assert equal(collect("dino"), collect("dino", workers=workers))


def test_the_number_of_threads_changes_nothing():
    # Larger than the 32,768 values from which torch adds with several threads.
    large = torch.stack([picture(224, seed) for seed in range(12)])
    which = order(1, 3)
    alone = collect("simclr", which=which, images=large)
    torch.set_num_threads(2)
    try:
        together = collect("simclr", which=which, images=large)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert equal(alone, together)


def test_a_batch_depends_on_seed_step_and_image_alone():
    whole = collect()
    assert equal(whole, collect())
    assert equal(whole[2:], collect(which=order(first=2)))  # as when a run is resumed
    torch.rand(100)
    assert equal(whole, collect())
    (step, rows) = order()[0]
    turned = collect(which=[(step, rows.flip(0))])
    assert torch.equal(turned[0][1][0], whole[0][1][0].flip(0))  # the neighbors do not matter
    assert not torch.equal(whole[0][1][0], collect(seed=1)[0][1][0])
    assert not torch.equal(whole[0][1][0], collect(which=[(9, rows)])[0][1][0])
    twice = collect(which=[(0, torch.tensor([3, 4]))], images=IMAGES[:1].expand(12, -1, -1, -1))
    assert not torch.equal(twice[0][1][0][0], twice[0][1][0][1])  # nor the pixels
    assert not torch.equal(whole[0][1][0], whole[0][1][1])  # two views, two draws


@pytest.mark.parametrize("workers", [0, 2])
def test_the_global_random_state_is_untouched(workers):
    torch.manual_seed(3)
    state = torch.get_rng_state()
    for _ in photograph_batches(
        IMAGES, LABELS, photograph_views("simclr", 32), order(), workers=workers
    ):
        assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_state_is_restored_when_a_view_fails():
    state = torch.get_rng_state()

    def broken(image):
        torch.rand(3)
        raise RuntimeError("this picture")

    with pytest.raises(RuntimeError, match="this picture"):
        list(photograph_batches(IMAGES, LABELS, broken, order()))
    assert torch.equal(torch.get_rng_state(), state)


def no_children(seconds=PATIENCE):
    end = time.monotonic() + seconds
    while multiprocessing.active_children() and time.monotonic() < end:
        time.sleep(0.05)
    return not multiprocessing.active_children()


def test_a_failure_in_a_worker_is_told_and_ends_it():
    with pytest.raises(IndexError) as caught:
        collect(workers=1, which=[(0, torch.tensor([99]))])
    assert caught.value.__traceback__ is not None  # it still holds the frames
    assert no_children()


def test_workers_end_with_the_batches_and_when_stopped_early():
    collect(workers=2)
    assert no_children()
    batches = photograph_batches(
        IMAGES, LABELS, photograph_views("mae", 32), order(steps=50), workers=2
    )
    next(batches)
    assert len(multiprocessing.active_children()) == 2
    batches.close()
    assert no_children()


def test_orders_may_be_endless_and_are_read_little_ahead():
    read = []

    def endless():
        step = 0
        while True:
            read.append(step)
            yield step, torch.tensor([step % 12])
            step += 1

    batches = photograph_batches(IMAGES, LABELS, photograph_views("mae", 32), endless(), workers=2)
    assert [next(batches)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(read) <= 12
    batches.close()


def test_images_and_labels_must_belong_together():
    with pytest.raises(ValueError, match="12 images but 11 labels"):
        next(photograph_batches(IMAGES, LABELS[:-1], photograph_views("mae", 32), order()))


def test_views_of_other_makers_do():
    made = list(photograph_batches(IMAGES, LABELS, lambda image: [image, image + 1], order()))
    assert made[0][1][0].dtype == torch.uint8 and made[0][1][0].shape == (5, 3, 32, 32)


def test_views_can_be_sent_to_another_process():
    image = picture()
    views = photograph_views("dino", 32)
    torch.manual_seed(0)
    here = views(image)
    torch.manual_seed(0)
    there = pickle.loads(pickle.dumps(views))(image)
    assert all(torch.equal(a, b) for a, b in zip(here, there))
