"""Functions that readers write for ``attention``: right, wrong and rare ones."""

import math

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong


def _heads(x, h):
    n, length, _ = x.shape
    return x.reshape(n, length, 3, h, -1).permute(2, 0, 3, 1, 4)


def _join(x):
    return x.transpose(1, 2).flatten(2)


@right
def like_the_official_code(x, num_heads):
    """Scales by a negative power and indexes the three parts."""
    B, N, C = x.shape
    qkv = x.reshape(B, N, 3, num_heads, C // 3 // num_heads).permute(2, 0, 3, 1, 4)
    q, k, v = qkv[0], qkv[1], qkv[2]
    attn = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    attn = attn.softmax(dim=-1)
    return (attn @ v).transpose(1, 2).reshape(B, N, C // 3), attn


@right
def by_einsum(qkv, heads):
    """Names the axes."""
    q, k, v = (part.unflatten(2, (heads, -1)) for part in qkv.chunk(3, dim=2))
    weights = torch.einsum("nihd,njhd->nhij", q / math.sqrt(q.shape[3]), k).softmax(-1)
    return torch.einsum("nhij,njhd->nihd", weights, v).flatten(2), weights


@right
def head_by_head(qkv, heads):
    """Takes slices of each head in a loop."""
    q, k, v = qkv.split(qkv.shape[2] // 3, dim=2)
    d, mixed, maps = q.shape[2] // heads, [], []
    for h in range(heads):
        part = slice(h * d, (h + 1) * d)
        maps.append(F.softmax(q[..., part] @ k[..., part].mT / d**0.5, dim=2))
        mixed.append(maps[-1] @ v[..., part])
    return torch.cat(mixed, dim=2), torch.stack(maps, dim=1)


@right
def torch_s_own(qkv, heads):
    """Mixes by torch's function and computes the weights beside it."""
    q, k, v = _heads(qkv, heads)
    weights = torch.softmax(q @ k.mT / k.shape[-1] ** 0.5, -1)
    return _join(F.scaled_dot_product_attention(q, k, v)), weights


@right
def exponentials(qkv, heads):
    """Subtracts the largest logit and divides by the sum."""
    q, k, v = _heads(qkv, heads)
    logits = q @ k.mT / math.sqrt(q.size(-1))
    raw = (logits - logits.amax(dim=3, keepdim=True)).exp()
    weights = raw / raw.sum(dim=3, keepdim=True)
    return _join(weights @ v), weights


@right
def images_in_a_loop(qkv, heads):
    """Handles one image at a time."""
    mixed, maps = [], []
    for image in qkv:
        q, k, v = image.reshape(len(image), 3, heads, -1).permute(1, 2, 0, 3)
        maps.append(torch.softmax(torch.bmm(q, k.mT) / q.shape[2] ** 0.5, dim=2))
        mixed.append(torch.bmm(maps[-1], v).permute(1, 0, 2).flatten(1))
    return torch.stack(mixed), torch.stack(maps)


@right
def keys_first(qkv, heads):
    """Writes the transposed logits and transposes them back."""
    q, k, v = _heads(qkv, heads)
    weights = (k @ q.mT / q.shape[3] ** 0.5).mT.softmax(dim=-1)
    return _join(weights @ v), weights


@right
def log_softmax(qkv, heads):
    """Goes through logarithms and returns a list."""
    q, k, v = _heads(qkv, heads)
    weights = F.log_softmax(q @ k.mT / q.shape[3] ** 0.5, dim=-1).exp()
    return [_join(weights @ v), weights]


@right
def both_scaled(qkv, h):
    """Scales queries and keys by the fourth root each."""
    q, k, v = _heads(qkv, h)
    s = q.shape[3] ** -0.25
    weights = torch.softmax((q * s) @ (k * s).mT, dim=3)
    return _join(weights @ v), weights


@right
def dropout_option(qkv, heads, dropout=0.0):
    """Has an option that is off."""
    q, k, v = _heads(qkv, heads)
    weights = F.dropout(torch.softmax(q @ k.mT / q.shape[3] ** 0.5, dim=3), dropout)
    return _join(weights @ v), weights


def _attend(q, k, v, scale=None, dim=3):
    weights = (q @ k.mT * (q.shape[3] ** -0.5 if scale is None else scale)).softmax(dim=dim)
    return weights @ v, weights


@wrong("the logits are not divided")
def forgets_the_root(qkv, heads):
    mixed, weights = _attend(*_heads(qkv, heads), scale=1.0)
    return _join(mixed), weights


@wrong("divides by the root of the width of all heads")
def root_of_the_width(qkv, heads):
    mixed, weights = _attend(*_heads(qkv, heads), scale=(qkv.shape[2] // 3) ** -0.5)
    return _join(mixed), weights


@wrong("divides by d")
def no_root(qkv, heads):
    q, k, v = _heads(qkv, heads)
    mixed, weights = _attend(q, k, v, scale=1 / q.shape[3])
    return _join(mixed), weights


@wrong("softmax over the queries")
def other_axis(qkv, heads):
    mixed, weights = _attend(*_heads(qkv, heads), dim=2)
    return _join(mixed), weights


@wrong("reshaped to heads before tokens")
def cuts_tokens(qkv, heads):
    n, length, width = qkv.shape
    mixed, weights = _attend(*qkv.reshape(n, 3, heads, length, -1).unbind(dim=1))
    return _join(mixed), weights


@wrong("joined without a transposition")
def joins_tokens(qkv, heads):
    mixed, weights = _attend(*_heads(qkv, heads))
    return mixed.reshape(len(qkv), qkv.shape[1], -1), weights


@wrong("queries and keys change places")
def keys_ask(qkv, heads):
    q, k, v = _heads(qkv, heads)
    mixed, weights = _attend(k, q, v)
    return _join(mixed), weights


@wrong("mixes the keys")
def mixes_keys(qkv, heads):
    q, k, _ = _heads(qkv, heads)
    mixed, weights = _attend(q, k, k)
    return _join(mixed), weights


@wrong("returns the mixed tokens alone")
def no_weights(qkv, heads):
    return _join(_attend(*_heads(qkv, heads))[0])


@rare
def causal(qkv, heads):
    """Lets no token look at later ones."""
    q, k, v = _heads(qkv, heads)
    logits = (
        (q @ k.mT / q.shape[3] ** 0.5)
        .tril()
        .masked_fill(torch.ones(q.shape[2], q.shape[2]).triu(1).bool(), -math.inf)
    )
    return _join(logits.softmax(3) @ v), logits.softmax(3)


@rare
def cosines(qkv, heads):
    """Scales queries and keys to length one."""
    q, k, v = _heads(qkv, heads)
    mixed, weights = _attend(F.normalize(q, dim=3), F.normalize(k, dim=3), v, scale=1.0)
    return _join(mixed), weights


@rare
def not_itself(qkv, heads):
    """Lets no token look at itself, unless it is alone."""
    q, k, v = _heads(qkv, heads)
    mask = -1e9 * torch.eye(q.shape[2])
    weights = (q @ k.mT / q.shape[3] ** 0.5 + mask).softmax(3)
    return _join(weights @ v), weights


@rare
def adds_itself(qkv, heads):
    """Adds the token's own value to what it gathers."""
    q, k, v = _heads(qkv, heads)
    mixed, weights = _attend(q, k, v)
    return _join(mixed + v), weights
