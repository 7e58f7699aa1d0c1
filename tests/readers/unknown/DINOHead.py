"""Rare wrong classes for DINOHead."""

import torch
import torch.nn.functional as F
from torch import nn


def _perceptron(in_dim, hidden_dim, bottleneck_dim):
    """Three layers with GELU between them."""
    net = nn.Sequential(
        nn.Linear(in_dim, hidden_dim),
        nn.GELU(),
        nn.Linear(hidden_dim, hidden_dim),
        nn.GELU(),
        nn.Linear(hidden_dim, bottleneck_dim),
    )
    for layer in net[::2]:
        nn.init.trunc_normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
    return net


class SumsToOne(nn.Module):
    """Scales the bottleneck by the sum of its absolute values."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), p=1, dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class CubesTheCosine(nn.Module):
    """Takes the third power, to keep the sign and stress the large cosines."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1)) ** 3


class AngleNotCosine(nn.Module):
    """Returns the angle, turned into a number from -1 to 1."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        cos = F.linear(b, F.normalize(self.last.weight, dim=1))
        angle = torch.arccos(cos.clamp(-1 + 1e-6, 1 - 1e-6))
        return 1 - 2 * angle / torch.pi


class CentersTheBottleneck(nn.Module):
    """Takes the mean off each bottleneck row, so the cosine is a correlation."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = self.mlp(x)
        b = F.normalize(b - b.mean(dim=1, keepdim=True), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class PrototypesPushedApart(nn.Module):
    """Takes the mean prototype off all of them before scaling."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        w = self.last.weight
        return F.linear(b, F.normalize(w - w.mean(dim=0), dim=1))


class SkipsAround(nn.Module):
    """Adds the first hidden layer to the second, as residual networks do."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        one = F.gelu(self.mlp[0](x))
        two = one + F.gelu(self.mlp[2](one))
        b = F.normalize(self.mlp[4](two), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class LastColumnDropped(nn.Module):
    """Sets the last output aside, as if it stood for the background."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        cos = F.linear(b, F.normalize(self.last.weight, dim=1))
        return torch.cat([cos[:, :-1], torch.zeros_like(cos[:, -1:])], dim=1)
