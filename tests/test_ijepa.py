"""I-JEPA's blocks and loss: closed forms, loops, what must hold of every draw, bad input."""

import math

import pytest
import torch
from helpers import normal

from lesson_code import block_shape, ijepa_loss, place_block, sample_blocks

SEEDS = range(100)


def draws(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Predictions of 3 blocks of 2 patches, features of 6 patches, in two images."""
    blocks = torch.tensor([[[0, 1], [1, 2], [4, 5]], [[3, 4], [0, 1], [2, 3]]])
    return normal(2, 3, 2, 4), 3 * normal(2, 6, 4, seed=1) + 1, blocks


def test_shapes_keep_their_share_and_their_ratio() -> None:
    """As far as whole patches allow; and within the grid."""
    shapes = [block_shape(100, 100, (0.15, 0.2), (0.75, 1.5), draws(seed)) for seed in SEEDS]
    areas = sorted(height * width / 10_000 for height, width in shapes)
    ratios = sorted(height / width for height, width in shapes)
    ends = areas[0], areas[-1], ratios[0], ratios[-1]
    assert ends == pytest.approx((0.15, 0.2, 0.75, 1.5), rel=0.03)
    assert block_shape(14, 14, (0.25, 0.25), (1.0, 1.0)) == (7, 7)
    assert block_shape(10, 20, (0.25, 0.25), (2.0, 2.0)) == (10, 5)
    assert block_shape(4, 40, (1.0, 1.0), (1.0, 1.0)) == (4, 13)
    assert block_shape(40, 4, (1.0, 1.0), (1.0, 1.0)) == (13, 4)
    assert block_shape(2, 2, (0.01, 0.01), (1.0, 1.0)) == (1, 1)


@pytest.mark.parametrize(("rows", "columns"), [(14, 14), (4, 4), (5, 9), (2, 2)])
def test_context_and_targets_share_no_patch(rows: int, columns: int) -> None:
    """Targets are four rectangles of one size, and every patch has its turn on each side."""
    reached = torch.zeros(2, rows * columns)
    for seed in SEEDS:
        context, blocks = sample_blocks(rows, columns, draws(seed))
        assert len(context) and len(blocks) == 4
        assert not set(context.tolist()) & set(blocks.flatten().tolist())
        assert torch.equal(context, context.unique())
        for block in blocks:
            sides = [int(x.max() - x.min()) + 1 for x in (block // columns, block % columns)]
            assert sides[0] * sides[1] == len(block.unique()) == blocks.shape[1]
        reached[0, context] = 1
        reached[1, blocks.flatten()] = 1
    assert reached.all()


def test_a_usual_draw_and_what_decides_it() -> None:
    """14 x 14 patches: 25 to 42 in a target, and of 169 or 196 around, some are left."""
    before = torch.get_rng_state()
    pairs = [sample_blocks(14, 14, draws(seed)) for seed in SEEDS]
    sizes = {blocks.shape[1] for _, blocks in pairs}
    assert 25 <= min(sizes) < 30 < 36 < max(sizes) <= 42
    assert 60 < sum(len(context) for context, _ in pairs) / len(pairs) < 110
    assert all(map(torch.equal, pairs[3], sample_blocks(14, 14, draws(3))))
    assert torch.equal(torch.get_rng_state(), before)


def test_loss_by_hand() -> None:
    """1 and 3 become -1 and 1; 0 is off by 1 (1/2 each), 5 by 6 and 4 (5.5 and 3.5)."""
    features, block = torch.tensor([[[1.0, 3.0], [9.0, 9.0]]]).double(), torch.tensor([[[0]]])
    for guess, smooth, squared in ((0.0, 0.5, 1 + 9), (5.0, 4.5, 16 + 4)):
        prediction = torch.full((1, 1, 1, 2), guess).double()
        assert ijepa_loss(prediction, features, block).item() == pytest.approx(smooth, rel=1e-4)
        assert ijepa_loss(prediction, features, block, squared=True).item() == squared


@pytest.mark.parametrize("squared", [False, True])
def test_loss_equals_the_loop(squared: bool) -> None:
    prediction, features, blocks = batch()
    total = []
    for n, m, b in torch.cartesian_prod(*map(torch.arange, blocks.shape)).tolist():
        target = features[n, blocks[n, m, b]].tolist()
        mean = math.fsum(target) / 4
        root = math.sqrt(math.fsum((t - mean) ** 2 for t in target) / 4 + 1e-5)
        for d, raw in enumerate(target):
            gap = abs(prediction[n, m, b, d].item() - (raw if squared else (raw - mean) / root))
            smooth = gap**2 / 2 if gap < 1 else gap - 0.5
            total.append(gap**2 if squared else smooth)
    expected = math.fsum(total) / (2 * 3 if squared else len(total))
    loss = ijepa_loss(prediction, features, blocks, squared).item()
    assert loss == pytest.approx(expected, rel=1e-10)
    assert squared or ijepa_loss(prediction, features, blocks) == loss


@pytest.mark.parametrize("squared", [False, True])
def test_gradient_reaches_the_prediction_alone(squared: bool) -> None:
    prediction, features, blocks = batch()
    features.requires_grad_()
    ijepa_loss(prediction.requires_grad_(), features, blocks, squared).backward()
    assert features.grad is None and prediction.grad.abs().min() > 0

    def loss(one: torch.Tensor) -> torch.Tensor:
        return ijepa_loss(one, features, blocks, squared)

    assert torch.autograd.gradcheck(loss, prediction)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_types_and_devices(dtype: torch.dtype) -> None:
    prediction, features, blocks = batch()
    expected = ijepa_loss(prediction.to(dtype).double(), features.to(dtype).double(), blocks)
    for theirs in (
        features.to(dtype),
        features.to(dtype).to(torch.promote_types(dtype, torch.float)),
    ):
        loss = ijepa_loss(prediction.to(dtype), theirs, blocks)
        assert loss.dtype == torch.promote_types(dtype, torch.float32)
        torch.testing.assert_close(loss, expected.to(loss.dtype))
    assert ijepa_loss(*(each.to("meta") for each in batch())).is_meta
    features[0, 0, 0] = math.nan
    assert ijepa_loss(prediction, features, blocks).isnan()


P, X, B = batch()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"prediction": None}, "prediction must be a tensor"),
        ({"blocks": B.int()}, "blocks must be a tensor of torch.int64"),
        ({"blocks": [[[0]]]}, "blocks must be a tensor of torch.int64"),
        ({"blocks": B[0]}, "features must be .N, L, D. and blocks .N, M, B."),
        ({"features": X[0]}, "features must be .N, L, D. and blocks .N, M, B."),
        ({"features": X[:1]}, "features must be .N, L, D. and blocks .N, M, B."),
        ({"prediction": P[:, :2]}, r"must be \(2, 3, 2, 4\), got shape \(2, 2, 2, 4\)"),
        ({"blocks": B + 1}, "blocks must name patches below 6"),
        ({"blocks": B - 1}, "blocks must name patches below 6"),
        ({"prediction": P.to("meta")}, "prediction and blocks must be on cpu"),
        ({"blocks": B.to("meta")}, "prediction and blocks must be on cpu"),
    ],
)
def test_bad_arguments_are_named(changed, words) -> None:
    with pytest.raises(ValueError, match=words):
        ijepa_loss(**{"prediction": P, "features": X, "blocks": B} | changed)


def test_bad_numbers_are_named() -> None:
    for name in ("scale", "aspect"):
        for pair in ((0.2, 0.1), (0, 0.1), (0.1, 0.2, 0.3), (0.1, math.nan)):
            both = {"scale": (0.1, 1.0), "aspect": (1.0, 1.0), name: pair}
            with pytest.raises(ValueError, match=f"^{name} must be two rising numbers above 0"):
                block_shape(4, 4, **both)
    with pytest.raises(ValueError, match="at most 1, got"):
        block_shape(4, 4, (0.2, 1.1), (1.0, 1.0))
    for rows, columns, words in ((0, 4, "rows"), (4, 4.0, "columns"), (1, 9, "rows and columns")):
        with pytest.raises(ValueError, match=f"^{words} must"):
            sample_blocks(rows, columns)
    with pytest.raises(ValueError, match="^columns must be a whole number"):
        block_shape(4, 0, (0.1, 0.2), (1.0, 1.0))


def test_a_block_has_a_place_in_the_grid() -> None:
    assert place_block(3, 2, 3, 2).all() and place_block(3, 2, 1, 2).sum() == 2
    for place, words in (
        ((3, 2, 4, 1), "height and width must fit 3 x 2, got 4, 1"),
        ((3, 2, 1, 3), "height and width must fit 3 x 2, got 1, 3"),
        ((0, 2, 1, 1), "rows must be a whole number"),
    ):
        with pytest.raises(ValueError, match=words):
            place_block(*place)
