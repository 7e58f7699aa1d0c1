"""The vision transformer: by hand, in loops, against torchvision and timm; the official file."""

import argparse
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers import normal
from torch import Tensor, nn

from lesson_code import (
    Attention,
    Block,
    PatchEmbed,
    VisionTransformer,
    attention,
    interpolate_positions,
    load_official,
    patchify,
)


def small(size: int = 8, patch: int = 4, dim: int = 12, depth: int = 2, **more: int):
    """A small transformer in float64 whose weights are large enough to matter."""
    torch.manual_seed(0)
    model = VisionTransformer(size, patch, dim, depth, **{"heads": 3, **more}).double()
    with torch.no_grad():
        for seed, weight in enumerate(model.parameters()):
            weight.copy_(0.3 * normal(*weight.shape, seed=seed))
    return model.eval()


# --- attention ------------------------------------------------------------------------------


def loop(qkv: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    """Head by head, token by token, as the equation has it."""
    n, length, width = qkv.shape
    dim, mixed = width // 3, torch.zeros(n, length, width // 3, dtype=qkv.dtype)
    d, weights = dim // heads, torch.zeros(n, heads, length, length, dtype=qkv.dtype)
    for image in range(n):
        for head in range(heads):
            part = slice(head * d, (head + 1) * d)
            q, k, v = (qkv[image, :, at * dim : (at + 1) * dim][:, part] for at in range(3))
            for i in range(length):
                raw = [math.exp(float(q[i] @ k[j]) / math.sqrt(d)) for j in range(length)]
                for j in range(length):
                    weights[image, head, i, j] = raw[j] / math.fsum(raw)
                    mixed[image, i, part] += weights[image, head, i, j] * v[j]
    return mixed, weights


def test_two_tokens_by_hand() -> None:
    """One head of d = 4: logits of 2 ln 3 over a root of 2 are ln 3, so weights 3/4 and 1/4."""
    query, key = torch.zeros(2, 4).double(), torch.zeros(2, 4).double()
    query[0, 0], key[0, 0] = 2 * math.log(3), 1
    value = torch.eye(2, 4).double()
    mixed, weights = attention(torch.cat([query, key, value], dim=1)[None], 1)
    by_hand = torch.tensor([[0.75, 0.25], [0.5, 0.5]]).double()
    torch.testing.assert_close(weights[0, 0], by_hand)
    torch.testing.assert_close(mixed[0, :, :2], by_hand)


@pytest.mark.parametrize(("n", "length", "heads", "d"), [(2, 5, 3, 4), (1, 1, 1, 1), (3, 2, 2, 3)])
def test_attention_equals_the_loop(n: int, length: int, heads: int, d: int) -> None:
    qkv = normal(n, length, 3 * heads * d)
    for found, expected in zip(attention(qkv, heads), loop(qkv, heads), strict=True):
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected)


def test_the_order_of_tokens_is_kept_and_means_nothing() -> None:
    qkv, order = normal(2, 6, 24), torch.randperm(6)
    mixed, weights = attention(1e2 * qkv, 2)
    again, others = attention(1e2 * qkv[:, order], 2)
    torch.testing.assert_close(weights.sum(dim=3), torch.ones(2, 2, 6).double())
    torch.testing.assert_close(again, mixed[:, order])
    torch.testing.assert_close(others, weights[:, :, order][:, :, :, order])


def test_attention_gradient() -> None:
    qkv = normal(1, 3, 12).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: attention(x, 2), (qkv,))


def test_the_module_mixes_as_the_function_and_shows_its_weights() -> None:
    module, tokens = Attention(12, 3).double(), normal(2, 5, 12)
    mixed, weights = attention(module.qkv(tokens), 3)
    torch.testing.assert_close(module(tokens), module.proj(mixed))
    assert torch.equal(module.maps(tokens), weights)


def test_the_block_adds_to_its_tokens() -> None:
    block, tokens = Block(12, 3).double(), normal(2, 5, 12)
    with torch.no_grad():
        for weight in block.parameters():
            weight.copy_(0.5 * normal(*weight.shape))
    norm = [F.layer_norm(tokens, (12,), block.norm1.weight, block.norm1.bias, 1e-6)]
    inner = tokens + block.attn(norm[0])
    hidden = F.layer_norm(inner, (12,), block.norm2.weight, block.norm2.bias, 1e-6)
    hidden = F.gelu(hidden @ block.mlp.fc1.weight.T + block.mlp.fc1.bias)
    expected = inner + hidden @ block.mlp.fc2.weight.T + block.mlp.fc2.bias
    torch.testing.assert_close(block(tokens), expected)
    assert block.mlp.fc1.weight.shape == (48, 12)
    assert Block(12, 3, mlp_ratio=2, eps=0.1).norm2.eps == 0.1


# --- patches and positions ------------------------------------------------------------------


def test_patches_are_read_once_each_by_one_linear_layer() -> None:
    embed, images = PatchEmbed(4, 5, 3).double(), normal(2, 3, 8, 12)
    pixels = patchify(images, 4).unflatten(2, (16, 3)).transpose(2, 3).flatten(2)
    expected = pixels @ embed.proj.weight.flatten(1).T + embed.proj.bias
    torch.testing.assert_close(embed(images), expected)
    assert embed(images).shape == (2, 6, 5)


def test_positions_of_their_own_grid_are_themselves() -> None:
    positions = normal(1, 10, 4)
    assert interpolate_positions(positions, 3, 3) is positions


@pytest.mark.parametrize(("rows", "columns"), [(2, 5), (6, 6), (1, 1), (3, 4), (4, 3)])
def test_positions_equal_torch_number_by_number(rows: int, columns: int) -> None:
    positions = normal(1, 10, 4)
    found = interpolate_positions(positions, rows, columns)
    assert found.shape == (1, 1 + rows * columns, 4)
    assert torch.equal(found[:, 0], positions[:, 0])
    for at in range(4):
        plane = positions[0, 1:, at].reshape(1, 1, 3, 3)
        expected = F.interpolate(plane, (rows, columns), mode="bicubic", align_corners=False)
        torch.testing.assert_close(found[0, 1:, at], expected.flatten())


@pytest.mark.parametrize(
    ("positions", "rows", "words"),
    [
        (normal(1, 9, 4), 2, "positions must be .* square"),
        (normal(1, 1, 4), 2, "positions must be"),
        (normal(2, 5, 4), 2, "positions must be"),
        (normal(5, 4), 2, "positions must be"),
        (normal(1, 5, 4).long(), 2, "positions must be floating point"),
        (normal(1, 5, 4), 0, "rows must be a whole number"),
    ],
)
def test_bad_positions_are_named(positions: Tensor, rows: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        interpolate_positions(positions, rows, 3)


# --- the whole ------------------------------------------------------------------------------


TORCHVISION = """class_token cls_token encoder.pos_embedding pos_embed conv_proj patch_embed.proj
encoder.layers.encoder_layer_ blocks. self_attention.in_proj_ attn.qkv. self_attention.out_proj
attn.proj ln_1 norm1 ln_2 norm2 mlp.0 mlp.fc1 mlp.3 mlp.fc2 encoder.ln norm"""


def test_equals_torchvision() -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    theirs = models.VisionTransformer(16, 4, 3, 3, 12, 48, num_classes=2).double().eval()
    theirs.heads = nn.Identity()
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.copy_(0.3 * normal(*weight.shape))
    ours = small(16, depth=3)
    weights = theirs.state_dict()
    names = TORCHVISION.split()
    for their, our in zip(names[::2], names[1::2], strict=True):
        weights = {name.replace(their, our): weight for name, weight in weights.items()}
    ours.load_state_dict(weights)
    images = normal(2, 3, 16, 16)
    torch.testing.assert_close(ours(images)[0], theirs(images), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (12, 20)])
def test_equals_timm(height: int, width: int) -> None:
    """All tokens, at the size it was made for and, with positions resized, at another."""
    reason, broken = "timm is an optional peer", (ImportError, RuntimeError)
    timm = pytest.importorskip("timm.models.vision_transformer", reason=reason, exc_type=broken)
    ours, shape = small(16, depth=3), (height, width)
    theirs = timm.VisionTransformer(
        shape, 4, embed_dim=12, depth=3, num_heads=3, num_classes=0, global_pool=""
    )
    positions = interpolate_positions(ours.pos_embed, height // 4, width // 4)
    theirs.load_state_dict(ours.state_dict() | {"pos_embed": positions})
    images = normal(2, 3, *shape)
    expected = theirs.double().eval()(images)
    cls, patches = ours(images)
    torch.testing.assert_close(cls, expected[:, 0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(patches, expected[:, 1:], rtol=1e-5, atol=1e-5)


def test_the_maps_are_the_last_block_s() -> None:
    model, images = small(), normal(2, 3, 8, 8)
    tokens = model.blocks[0](model.embed(images))
    last = model.blocks[1]
    maps = model.attention_maps(images)
    assert maps.shape == (2, 3, 5, 5)
    assert torch.equal(maps, last.attn.maps(last.norm1(tokens)))
    torch.testing.assert_close(maps.sum(dim=3), torch.ones(2, 3, 5).double())


def test_how_it_begins() -> None:
    torch.manual_seed(0)
    model = VisionTransformer(32, 8, 96, 2)
    for name, weight in model.named_parameters():
        if name.endswith("bias") and "patch_embed" not in name:
            assert not weight.any(), name
        elif weight.ndim > 1 and weight.numel() > 500 and "patch_embed" not in name:
            assert weight.std().item() == pytest.approx(0.02, rel=0.1), name
    assert model.cls_token.std().item() == pytest.approx(0.02, rel=0.3)


def test_its_size_is_the_paper_s() -> None:
    with torch.device("meta"):
        model = VisionTransformer()
    by_hand = 197 * 384 + 384 + (16 * 16 * 3 + 1) * 384 + 2 * 384
    by_hand += 12 * (12 * 384 * 384 + 9 * 384 + 4 * 384)
    assert sum(weight.numel() for weight in model.parameters()) == by_hand
    assert round(by_hand / 1e6, 1) == 21.7


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: VisionTransformer(size=30), "size must be a multiple of 16"),
        (lambda: VisionTransformer(heads=5), "heads must divide 384"),
        (lambda: VisionTransformer(depth=0), "depth must be a whole number"),
        (lambda: Attention(12, 5), "heads must divide 12"),
        (lambda: attention(normal(2, 3, 8), 2), r"qkv must be \(N, L, 3 D\)"),
        (lambda: attention(normal(3, 12), 2), r"qkv must be \(N, L, 3 D\)"),
        (lambda: attention(normal(2, 3, 12), 3), "heads must divide 4"),
        (lambda: small()(normal(2, 3, 8, 9)), "images must be .* multiples of 4"),
        (
            lambda: PatchEmbed(4, 5).double()(normal(2, 3, 10, 8)),
            "images must be .* multiples of 4",
        ),
        (lambda: small()(normal(2, 1, 8, 8)), r"images must be \(N, 3, H, W\)"),
        (lambda: small()(normal(3, 8, 8)), r"images must be \(N, 3, H, W\)"),
        (lambda: small()(normal(2, 3, 8, 8).long()), "images must be floating point"),
    ],
)
def test_bad_input_is_named(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


# --- the official file ----------------------------------------------------------------------


def official(dim: int = 384, depth: int = 12) -> dict[str, Tensor]:
    """Names and shapes as of the official ViT-S/16, written down anew; each weight its own."""
    shapes: dict[str, tuple[int, ...]] = {"cls_token": (1, 1, dim), "pos_embed": (1, 197, dim)}
    layers: dict[str, tuple[int, ...]] = {"patch_embed.proj": (dim, 3, 16, 16), "norm": (dim,)}
    for at in (f"blocks.{n}." for n in range(depth)):
        layers |= {at + "norm1": (dim,), at + "norm2": (dim,), at + "attn.proj": (dim, dim)}
        layers |= {at + "attn.qkv": (3 * dim, dim)}
        layers |= {at + "mlp.fc1": (4 * dim, dim), at + "mlp.fc2": (dim, 4 * dim)}
    for name, shape in layers.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return {name: normal(*sizes, seed=n).float() for n, (name, sizes) in enumerate(shapes.items())}


def saved(path: Path, content: Any) -> Path:
    torch.save(content, path / "dino.pth")
    return path / "dino.pth"


def test_the_official_file_fills_every_place_once(tmp_path: Path) -> None:
    weights = official()
    model = load_official(saved(tmp_path, weights))
    loaded = model.state_dict()
    assert loaded.keys() == weights.keys() and not model.training
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)
    assert (len(model.blocks), model.patch, model.blocks[0].attn.heads) == (12, 16, 6)


def as_in_2021(path: Path) -> Path:
    """The same file as NumPy 1 would have had it written: it has another name for a number."""
    old = path.with_name("old.pth")
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(old, "w") as file:
        assert any(b"numpy._core.multiarray" in new.read(name) for name in new.namelist())
        for name in new.namelist():
            file.writestr(name, new.read(name).replace(b"numpy._core.", b"numpy.core."))
    return old


def test_of_a_full_checkpoint_the_teacher_s_encoder_is_taken(tmp_path: Path) -> None:
    weights = official(64, 1)
    wrapped = {f"backbone.{name}": weight for name, weight in weights.items()}
    content = {
        "student": {f"module.{name}": 0 * weight for name, weight in wrapped.items()},
        "teacher": wrapped | {"head.mlp.0.weight": torch.ones(2, 64)},
        "optimizer": {"param_groups": [{"lr": np.float64(0.1), "params": [0]}]},
        "args": argparse.Namespace(arch="vit_small"),
        "epoch": 100,
    }
    for teacher in (content["teacher"], {f"module.{k}": v for k, v in content["teacher"].items()}):
        path = saved(tmp_path, content | {"teacher": teacher})
        for file in (path, as_in_2021(path)):
            loaded = load_official(file).state_dict()
            assert all(torch.equal(loaded[name], weights[name]) for name in weights)


class Unwanted:
    """What a file must not bring along."""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: {k: v for k, v in w.items() if k != "norm.bias"}, r"Missing key.*norm\.bias"),
        (lambda w: w | {"norm3.bias": torch.zeros(1)}, r"Unexpected key.*norm3\.bias"),
        (lambda w: w | {"norm.bias": torch.zeros(1)}, r"size mismatch for norm\.bias"),
        (lambda w: {"model": w}, "KeyError"),
        (lambda w: torch.zeros(3), "AttributeError"),
        (lambda w: Unwanted(), "UnpicklingError"),
        (lambda w: w | {"pos_embed": torch.zeros(3)}, "IndexError"),
        (lambda w: w | {"pos_embed": torch.zeros(1, 198, 64)}, "size mismatch for pos_embed"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, change: Any, words: str) -> None:
    path = saved(tmp_path, change(official(64, 1)))
    with pytest.raises(ValueError, match="(?s)path must name .* ViT, .*dino.pth.*" + words):
        load_official(path)


def test_what_is_no_file_of_torch_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("hello hello hello")
    with pytest.raises(ValueError, match=r"path must name .*text\.pth is none"):
        load_official(tmp_path / "text.pth")
    with pytest.raises(FileNotFoundError):
        load_official(tmp_path / "nothing.pth")


def test_readers_who_have_the_file_see_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's example, with a file of these names and small sizes."""
    plt = pytest.importorskip("matplotlib.pyplot")
    pytest.importorskip("sklearn")
    example = Path(__file__).parents[1] / "lesson_code/examples/l1_4/vit_official.py"
    if not example.is_file():
        pytest.skip("the examples are not beside this copy of the package")
    saved(tmp_path, official(64, 1)).rename(tmp_path / "dino_deitsmall16_pretrain.pth")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    exec(compile(example.read_text("utf-8"), str(example), "exec"), {})
    assert 0.1 < float(capsys.readouterr().out.split(":")[1]) <= 1
    assert len(plt.gcf().axes) == 2  # the photograph, and one head
    plt.close("all")
