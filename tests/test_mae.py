"""MAE's patches, masks and loss against loops, by hand, round trips, statistics and a peer."""

import itertools
import math

import pytest
import torch
from helpers import HALVES, lightly, normal
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import mae_loss, patchify, random_masking, unpatchify

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def patch_loop(images: torch.Tensor, patch: int) -> torch.Tensor:
    """Copy every pixel to its place, one at a time."""
    n, c, h, w = images.shape
    across = w // patch
    out = torch.empty(n, (h // patch) * across, patch * patch * c, dtype=images.dtype)
    for i, k, y, x in itertools.product(range(n), range(c), range(h), range(w)):
        place = (y // patch) * across + x // patch
        out[i, place, ((y % patch) * patch + x % patch) * c + k] = images[i, k, y, x]
    return out


def loss_loop(prediction, images, mask, patch, normalize=False) -> float:
    """Spell the mean over the removed patches out, one number at a time."""
    terms = []
    for i, rows in enumerate(patch_loop(images, patch).tolist()):
        for place, pixels in enumerate(rows):
            if not mask[i, place]:
                continue
            if normalize:
                mean = math.fsum(pixels) / len(pixels)
                variance = math.fsum((x - mean) ** 2 for x in pixels) / (len(pixels) - 1)
                pixels = [(x - mean) / math.sqrt(variance + 1e-6) for x in pixels]
            guess = prediction[i, place].tolist()
            terms.append(math.fsum((y - x) ** 2 for x, y in zip(pixels, guess)) / len(pixels))
    return math.fsum(terms) / len(terms)


def batch(
    n: int = 3, c: int = 2, h: int = 4, w: int = 6, patch: int = 2, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Prediction, images and a mask that removes another number of patches from each image."""
    images = normal(n, c, h, w, seed=seed)
    length = h * w // patch**2
    prediction = normal(n, length, patch * patch * c, seed=seed + 1)
    mask = normal(n, length, seed=seed + 2) > 0
    mask[0, 0] = True
    return prediction, images, mask


def draws(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- patches --------------------------------------------------------------------------------


def test_patches_by_hand() -> None:
    """Patches go along the rows of the image; so do pixels in a patch, channels innermost."""
    gray = torch.arange(16.0).reshape(1, 1, 4, 4)
    expected = torch.tensor(
        [[[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]], dtype=torch.float32
    )
    assert torch.equal(patchify(gray, 2), expected)
    color = torch.cat([gray, gray + 100], dim=1)
    assert patchify(color, 2)[0, 1].tolist() == [2, 102, 3, 103, 6, 106, 7, 107]


@given(
    n=st.integers(1, 3),
    c=st.integers(1, 4),
    rows=st.integers(1, 4),
    columns=st.integers(1, 4),
    patch=st.integers(1, 4),
)
def test_patches_equal_the_loop(n, c, rows, columns, patch) -> None:
    """There and back, and the other way around, with images wider or higher than square."""
    images = normal(n, c, rows * patch, columns * patch)
    patches = patchify(images, patch)
    assert torch.equal(patches, patch_loop(images, patch))
    assert torch.equal(unpatchify(patches, patch, rows * patch, columns * patch), images)
    other = normal(n, rows * columns, patch * patch * c)
    assert torch.equal(
        patchify(unpatchify(other, patch, rows * patch, columns * patch), patch), other
    )


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
def test_pixels_keep_their_type_and_gradient(dtype) -> None:
    images = normal(2, 3, 4, 4).to(dtype).requires_grad_()
    patches = patchify(images, 2)
    assert patches.dtype == dtype
    weights = normal(*patches.shape).to(dtype)
    (patches * weights).sum().backward()
    assert torch.equal(images.grad, unpatchify(weights, 2, 4, 4))


def test_images_may_be_strided() -> None:
    images = normal(2, 3, 4, 6)
    strided = images.to(memory_format=torch.channels_last)
    assert torch.equal(patchify(strided, 2), patchify(images, 2))
    assert torch.equal(patchify(images.transpose(2, 3), 2), patch_loop(images.transpose(2, 3), 2))


# --- masks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patches", "ratio", "kept"),
    [
        (196, 0.75, 49),
        (16, 0.75, 4),
        (16, 0.9, 1),
        (16, 0.5, 8),
        (64, 0.6, 25),
        (100, 0.9, 10),
        (10, 0.9, 1),
        (2, 0.5, 1),
    ],
)
def test_how_many_are_kept(patches, ratio, kept) -> None:
    keep, mask, restore = random_masking(3, patches, ratio)
    assert keep.shape == (3, kept)
    assert mask.shape == restore.shape == (3, patches)
    assert mask.dtype == torch.bool
    assert keep.dtype == restore.dtype == torch.int64
    assert (mask.sum(dim=1) == patches - kept).all()


@given(
    n=st.integers(1, 5),
    patches=st.integers(2, 30),
    ratio=st.floats(0.05, 0.95),
    seed=st.integers(0, 10**6),
)
def test_keep_mask_and_restore_tell_the_same(n, patches, ratio, seed) -> None:
    """Kept patches followed by mask tokens go back to where they came from."""
    if not 0 < int(patches * (1 - ratio) + 1e-6) < patches:
        return
    keep, mask, restore = random_masking(n, patches, ratio, draws(seed))
    visible = torch.ones(n, patches, dtype=torch.bool).scatter(1, keep, False)
    assert torch.equal(mask, visible)
    assert torch.equal(restore.sort(dim=1).values, torch.arange(patches).expand(n, patches))
    tokens = normal(n, patches, 3, seed=seed)
    encoded = tokens.gather(1, keep[:, :, None].expand(-1, -1, 3))
    padded = torch.cat([encoded, torch.full((n, patches - keep.shape[1], 3), 9.0)], dim=1)
    restored = padded.gather(1, restore[:, :, None].expand(-1, -1, 3))
    assert torch.equal(restored, tokens.masked_fill(mask[:, :, None], 9.0))


def test_the_order_of_mask_tokens_is_a_shuffle_too() -> None:
    """Restore is the inverse of one permutation whose beginning is keep."""
    keep, _, restore = random_masking(4, 12, 0.5)
    shuffle = restore.argsort(dim=1)
    assert torch.equal(shuffle[:, :6], keep)
    assert not torch.equal(shuffle[:, 6:], shuffle[:, 6:].sort(dim=1).values)


def test_each_image_has_a_mask_of_its_own() -> None:
    _, mask, _ = random_masking(64, 16, 0.5)
    assert len(mask.unique(dim=0)) > 55


def test_every_subset_is_as_likely() -> None:
    """All six ways to keep two of four patches; blocks and stripes would favor some."""
    keep, _, _ = random_masking(6000, 4, 0.5, draws(0))
    counts = keep.sort(dim=1).values.unique(dim=0, return_counts=True)[1]
    assert len(counts) == 6
    assert ((counts - 1000).abs() < 120).all()  # four standard deviations


def test_a_generator_repeats_itself_and_goes_on() -> None:
    first, second = random_masking(2, 16, 0.5, draws(3)), random_masking(2, 16, 0.5, draws(3))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    generator = draws(3)
    random_masking(2, 16, 0.5, generator)
    again = random_masking(2, 16, 0.5, generator)
    assert not torch.equal(first[1], again[1])


def test_only_the_given_generator_is_used() -> None:
    before = torch.get_rng_state()
    random_masking(2, 16, 0.5, draws(3))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(5)
    first = random_masking(2, 16, 0.5)
    torch.manual_seed(5)
    assert all(torch.equal(a, b) for a, b in zip(first, random_masking(2, 16, 0.5), strict=True))
    assert not torch.equal(first[1], random_masking(2, 16, 0.5)[1])


def test_the_generator_decides_about_the_device() -> None:
    """It draws on no other device, such as the one that PyTorch is told to use by default."""
    generator = draws(3)
    with torch.device("meta"):
        made = random_masking(2, 16, 0.5, generator)
    assert not any(tensor.is_meta for tensor in made)
    assert random_masking(2, 16, 0.5, draws(3))[1].equal(made[1])


# --- the loss: values -----------------------------------------------------------------------


def test_loss_by_hand() -> None:
    """Two patches of two pixels: the removed one is off by 1 and 3, the other does not count."""
    images = torch.tensor([[[[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0]]]], dtype=torch.float64)
    prediction = patchify(images, 2) + torch.tensor([[[5.0], [0.0]]])
    prediction[0, 1] += torch.tensor([1.0, 3.0, 1.0, 3.0])
    mask = torch.tensor([[False, True]])
    assert mae_loss(prediction, images, mask, 2).item() == pytest.approx(5, abs=1e-12)
    assert mae_loss(prediction, images, ~mask, 2).item() == pytest.approx(25, abs=1e-12)
    both = torch.tensor([[True, True]])
    assert mae_loss(prediction, images, both, 2).item() == pytest.approx(15, abs=1e-12)


@given(
    n=st.integers(1, 3), c=st.integers(1, 3), patch=st.integers(2, 3), seed=st.integers(0, 10**6)
)
def test_loss_equals_the_loop(n, c, patch, seed) -> None:
    arguments = batch(n, c, 2 * patch, 3 * patch, patch, seed)
    for normalize in (False, True):
        expected = loss_loop(*arguments, patch, normalize)
        assert mae_loss(*arguments, patch, normalize).item() == pytest.approx(expected, rel=1e-9)


def test_raw_pixels_by_default() -> None:
    arguments = batch()
    assert torch.equal(mae_loss(*arguments, 2), mae_loss(*arguments, 2, False))
    assert abs(mae_loss(*arguments, 2) - mae_loss(*arguments, 2, True)) > 0.01
    assert mae_loss(*arguments, 2).shape == ()


# --- the normalized target ------------------------------------------------------------------


def test_a_flat_patch_is_zero_and_not_nan() -> None:
    """The 1e-6 under the root; dim patches stay below a standard deviation of 1."""
    flat = torch.full((2, 1, 4, 4), 0.3)
    mask = torch.ones(2, 4, dtype=torch.bool)
    assert mae_loss(torch.zeros(2, 4, 4), flat, mask, 2, True).item() == pytest.approx(0, abs=1e-6)
    dim = 1e-3 * torch.tensor([1.0, -1.0, 1.0, -1.0]).reshape(1, 1, 2, 2).double()
    loss = mae_loss(torch.zeros(1, 1, 4).double(), dim, mask[:1, :1], 2, True)
    assert loss.item() == pytest.approx(1e-6 / (4e-6 / 3 + 1e-6), rel=1e-9)


# --- gradient -------------------------------------------------------------------------------


@pytest.mark.parametrize("normalize", [False, True])
def test_gradcheck(normalize) -> None:
    prediction, images, mask = batch(2, 1)
    prediction.requires_grad_()
    assert torch.autograd.gradcheck(lambda y: mae_loss(y, images, mask, 2, normalize), prediction)


# --- what must not matter -------------------------------------------------------------------


def test_no_argument_is_changed() -> None:
    arguments = batch()
    before = [x.clone() for x in arguments]
    for normalize in (False, True):
        mae_loss(*arguments, 2, normalize)
    for now, then in zip(arguments, before):
        assert torch.equal(now, then)


# --- numbers at the edge --------------------------------------------------------------------


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("normalize", [False, True])
def test_half_precision_is_computed_in_float32(dtype, normalize) -> None:
    """Squares above 65,504 are infinite in float16; autocast gives half predictions only."""
    prediction, images, mask = batch()
    prediction, images = (300 * prediction).to(dtype), (300 * images).to(dtype)
    expected = mae_loss(prediction.double(), images.double(), mask, 2, normalize).item()
    for y, x in ((prediction, images), (prediction, images.float()), (prediction.float(), images)):
        loss = mae_loss(y, x, mask, 2, normalize)
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("dtype", HALVES)
def test_finite_under_autocast(dtype) -> None:
    prediction, images, mask = (x.float() if x.is_floating_point() else x for x in batch())
    expected = mae_loss(prediction, images, mask, 2, True)
    with torch.autocast("cpu", dtype=dtype):
        torch.testing.assert_close(mae_loss(prediction, images, mask, 2, True), expected)


@pytest.mark.parametrize("where", [0, 1])
def test_nan_in_is_nan_out(where: int) -> None:
    arguments = batch()
    arguments[where].view(-1)[0] = math.nan
    assert mae_loss(*arguments, 2).isnan()
    assert mae_loss(*arguments, 2, True).isnan()


def test_nothing_removed_is_nan() -> None:
    """Not 0, which would look like success."""
    prediction, images, mask = batch()
    assert mae_loss(prediction, images, torch.zeros_like(mask), 2).isnan()


# --- devices and bad input ------------------------------------------------------------------


def test_everything_is_made_on_the_device_of_the_input() -> None:
    images = torch.empty(2, 3, 4, 4, device="meta")
    mask = torch.empty(2, 4, dtype=torch.bool, device="meta")
    patches = patchify(images, 2)
    assert patches.device.type == unpatchify(patches, 2, 4, 4).device.type == "meta"
    assert mae_loss(patches, images, mask, 2, True).device.type == "meta"


FINE = torch.ones(2, 3, 4, 6)
PATCHES = torch.ones(2, 6, 12)
MASK = torch.ones(2, 6, dtype=torch.bool)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.ones(3, 4, 6), "images must be .N, C, H, W. with H and W multiples of 2"),
        (torch.ones(2, 3, 5, 6), "images must be .N, C, H, W. with H and W multiples of 2"),
        (torch.ones(2, 3, 4, 5), "images must be .N, C, H, W. with H and W multiples of 2"),
        (FINE.byte(), "images must be floating point"),
    ],
)
def test_bad_images_are_refused(images, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        patchify(images, 2)
    with pytest.raises(ValueError, match=f"^{message}"):
        mae_loss(PATCHES, images, MASK, 2)


@pytest.mark.parametrize("patch", [0, -2, 2.0, "2"])
def test_bad_patch_is_refused(patch) -> None:
    with pytest.raises(ValueError, match="^patch must be a whole number above 0"):
        patchify(FINE, patch)
    with pytest.raises(ValueError, match="^patch must be a whole number above 0"):
        unpatchify(PATCHES, patch, 4, 6)


@pytest.mark.parametrize(
    ("patches", "patch", "height", "width"),
    [
        (PATCHES, 2, 4, 4),
        (PATCHES, 2, 6, 6),
        (PATCHES, 2, 5, 6),
        (PATCHES, 2, 4, 7),
        (PATCHES, 2, 5, 7),  # a row and a column too many
        (PATCHES, 3, 6, 9),  # 12 numbers are no 3 x 3 pixels
        (PATCHES[0], 2, 4, 6),
        (PATCHES[..., None], 2, 4, 6),
    ],
)
def test_patches_that_do_not_fill_the_image_are_refused(patches, patch, height, width) -> None:
    with pytest.raises(ValueError, match="^patches must be .N, L, P. and fill"):
        unpatchify(patches, patch, height, width)


def test_bad_patches_and_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="^patches must be floating point"):
        unpatchify(PATCHES.long(), 2, 4, 6)
    with pytest.raises(ValueError, match="^height must be a whole number above 0"):
        unpatchify(PATCHES, 2, 0, 6)
    with pytest.raises(ValueError, match="^width must be a whole number above 0"):
        unpatchify(PATCHES, 2, 4, 6.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 16, 0.5), "batch must be a whole number above 0"),
        ((2, 0, 0.5), "patches must be a whole number above 0"),
        ((2, 16, 75), "ratio must be from 0 to 1"),
        ((2, 16, 0.0), "ratio must keep and remove patches of 16"),
        ((2, 16, 1.0), "ratio must keep and remove patches of 16"),
        ((2, 16, 0.95), "ratio must keep and remove patches of 16"),
        ((2, 1, 0.5), "ratio must keep and remove patches of 1"),
    ],
)
def test_bad_numbers_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        random_masking(*arguments)


@pytest.mark.parametrize(
    ("prediction", "mask", "message"),
    [
        (torch.ones(2, 6, 11), MASK, "prediction must have the shape of the patches of images"),
        (torch.ones(2, 5, 12), MASK, "prediction must have the shape of the patches of images"),
        (FINE, MASK, "prediction must have the shape of the patches of images"),
        (PATCHES.long(), MASK, "prediction must be floating point"),
        (PATCHES, MASK.float(), "mask must be a tensor of torch.bool, got torch.float32"),
        (PATCHES, None, "mask must be a tensor of torch.bool, got NoneType"),
        (PATCHES, [[True] * 6] * 2, "mask must be a tensor of torch.bool, got list"),
        (PATCHES, MASK[:, :5], "mask must have shape .2, 6., got .2, 5."),
        (PATCHES, MASK[0], "mask must have shape"),
        (PATCHES, MASK[:, :, None], "mask must have shape"),
        (PATCHES, MASK.to("meta"), "mask must be on cpu, got meta"),
    ],
)
def test_bad_predictions_and_masks_are_refused(prediction, mask, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        mae_loss(prediction, FINE, mask, 2)


def test_two_numbers_are_enough_to_normalize() -> None:
    """Of a and b, a > b, the mean is halfway and s = (a - b) / sqrt(2): targets 1 / sqrt(2) off."""
    images = torch.tensor([3.0, 1.0], dtype=torch.float64).view(1, 2, 1, 1)
    mask = torch.ones(1, 1, dtype=torch.bool)
    loss = mae_loss(torch.zeros(1, 1, 2, dtype=torch.float64), images, mask, 1, normalize=True)
    assert loss.item() == pytest.approx(0.5, rel=1e-6)


def test_one_number_has_no_deviation() -> None:
    images = torch.ones(1, 1, 2, 2)
    arguments = torch.ones(1, 4, 1), images, torch.ones(1, 4, dtype=torch.bool), 1
    assert mae_loss(*arguments) == 0
    with pytest.raises(ValueError, match="^patch must hold at least 2 numbers to normalize"):
        mae_loss(*arguments, normalize=True)


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("c", "side", "patch"), [(3, 32, 16), (1, 8, 2), (3, 12, 4)])
def test_patches_and_targets_equal_lightly(c, side, patch) -> None:
    peer = lightly("models.utils")
    images = normal(4, c, side, side)
    patches = patchify(images, patch)
    assert torch.equal(patches, peer.patchify(images, patch))
    assert torch.equal(unpatchify(patches, patch, side, side), peer.unpatchify(patches, patch, c))
    _, mask, _ = random_masking(4, patches.shape[1], 0.5)
    prediction = normal(*patches.shape, seed=1)
    target = peer.normalize_mean_var(patches)
    for normalize, expected in ((False, patches), (True, target)):
        theirs = torch.nn.functional.mse_loss(prediction[mask], expected[mask])
        ours = mae_loss(prediction, images, mask, patch, normalize)
        torch.testing.assert_close(ours, theirs, **EXACT)
