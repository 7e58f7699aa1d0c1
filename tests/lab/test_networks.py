"""The encoders: their shapes, their sizes, their rotations of layout, unknown names."""

import pytest
import torch

from lesson_code.lab import LabError
from lesson_code.lab.networks import SimSiamProjector, SmallCNN, SmallViT, build_encoder, small_vit


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_the_cnn_has_the_weights_its_page_says() -> None:
    cnn = SmallCNN(1)
    by_hand = 16 * 1 * 16 + 2 * 16 + 32 * 16 * 9 + 2 * 32 + 64 * 32 * 9 + 2 * 64
    assert count(cnn) == by_hand
    assert round(by_hand / 1000, 1) == 23.5


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [6, 8, 10, 32])
def test_the_cnn_takes_any_size(channels, size) -> None:
    cnn = SmallCNN(channels, width=8)
    assert cnn(torch.randn(4, channels, size, size)).shape == (4, cnn.features) == (4, 32)


@pytest.mark.parametrize("size", [32, 64])
def test_a_picture_keeps_its_four_quarters(size) -> None:
    """What stands in one quarter moves the features of no quarter but the near ones."""
    cnn = SmallCNN(3, width=8, size=size).eval()
    assert len([part for part in cnn.modules() if isinstance(part, torch.nn.Conv2d)]) == 4
    plain = torch.rand(1, 3, size, size)
    marked = plain.clone()
    marked[:, :, 0, 0] += 5
    with torch.no_grad():
        change = (cnn(marked) - cnn(plain)).view(cnn.features // 4, 2, 2).abs().sum(0)
    assert cnn.features == 4 * 64
    assert change[0, 0] > 0 and change[1, 1] == 0


def test_the_cnn_without_normalization_has_biases() -> None:
    cnn = SmallCNN(1, norm=False)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in cnn.modules())
    assert all(part.bias is not None for part in cnn.modules() if hasattr(part, "kernel_size"))


def test_channels_last_gives_the_same_features() -> None:
    cnn, images = SmallCNN(3).double().eval(), torch.randn(4, 3, 8, 8).double()
    expected = cnn(images)
    last = torch.channels_last
    found = cnn.to(memory_format=last)(images.to(memory_format=last))
    torch.testing.assert_close(found, expected)


def test_the_vit_encodes_only_what_it_is_given() -> None:
    """A patch that is not kept has no influence."""
    vit = SmallViT(1, 8).eval()
    images = torch.randn(2, 1, 8, 8)
    keep = torch.tensor([[0, 5, 10], [3, 2, 1]])
    tokens = vit.encode(images, keep)
    assert tokens.shape == (2, 4, 48)
    changed = images.clone()
    changed[0, :, 6:, 6:] += 1  # patch 15
    changed[1, :, 2:, :] += 1  # patches 4 to 15
    assert torch.equal(vit.encode(changed, keep), tokens)
    assert not torch.equal(vit.encode(changed), vit.encode(images))


def test_the_order_of_kept_patches_does_not_matter() -> None:
    vit = SmallViT(1, 8).eval().double()
    images, keep = torch.randn(1, 1, 8, 8).double(), torch.tensor([[0, 5, 10]])
    forward, backward = vit.encode(images, keep), vit.encode(images, keep.flip(1))
    torch.testing.assert_close(backward[:, 1:].flip(1), forward[:, 1:])


@pytest.mark.parametrize("pool", ["mean", "class"])
def test_the_vit_pools(pool) -> None:
    vit = SmallViT(1, 8, pool=pool).eval()
    images = torch.randn(3, 1, 8, 8)
    tokens = vit.encode(images)
    expected = tokens[:, 1:].mean(dim=1) if pool == "mean" else tokens[:, 0]
    assert torch.equal(vit(images), expected)


def test_the_vit_resizes_its_positions() -> None:
    vit = SmallViT(1, 8)
    assert vit.at(4) is vit.positions
    assert vit.at(3).shape == (1, 9, 48)
    vit(torch.randn(2, 1, 6, 6)).sum().backward()
    assert vit.positions.grad.any()
    with torch.no_grad():
        ramp = torch.arange(4.0).expand(4, 4).reshape(1, 16, 1)  # the column of each patch
        vit.positions.copy_(ramp.expand(1, 16, 48))
        columns = vit.at(2)[0, :, 0].view(2, 2)
    torch.testing.assert_close(columns, torch.tensor([[0.5, 2.5], [0.5, 2.5]]))


@pytest.mark.parametrize(("size", "patch"), [(8, 2), (10, 2), (32, 4), (96, 12)])
def test_patches_of_photographs_are_larger(size, patch) -> None:
    assert small_vit(1, size).patch == patch


@pytest.mark.parametrize(("size", "kernel"), [(32, (3, 3)), (96, (7, 7))])
def test_resnet18(size, kernel) -> None:
    pytest.importorskip("torchvision")
    network = build_encoder("resnet18", 3, size, 16)
    assert network.conv1.kernel_size == kernel
    assert network.eval()(torch.randn(1, 3, size, size)).shape == (1, network.features)


def test_resnet18_takes_gray_images() -> None:
    pytest.importorskip("torchvision")
    network = build_encoder("resnet18", 1, 8, 16).eval()
    assert network(torch.randn(1, 1, 8, 8)).shape == (1, 512)


def test_the_projector_of_simsiam() -> None:
    out = SimSiamProjector(64, 128, 32)(torch.randn(16, 64))
    torch.testing.assert_close(out.mean(dim=0), torch.zeros(32), atol=1e-5, rtol=0)
    assert isinstance(SimSiamProjector(64, 128, 32, output_norm=False)[-1], torch.nn.Linear)


def test_an_unknown_network() -> None:
    with pytest.raises(LabError, match="no network 'resnet180'; did you mean resnet18"):
        build_encoder("resnet180", 3, 32, 16)
