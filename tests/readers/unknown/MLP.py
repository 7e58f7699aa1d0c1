"""Rare wrong classes for MLP."""

import torch
import torch.nn.functional as F
from torch import nn


def _first(in_dim, hidden_dim):
    """The first layer, open as long as its size is not known."""
    return nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)


class SquaredReLU(nn.Module):
    """Squares what ReLU lets through."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(F.relu(self.norm(self.hidden(x))).square())


class FoldsTheNegatives(nn.Module):
    """Takes the absolute value, so that no unit is ever silent."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(_first(in_dim, hidden_dim), nn.BatchNorm1d(hidden_dim))
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(self.net(x).abs())


class LastUnitDropped(nn.Module):
    """Slices to -1 as if the last hidden unit were a bias."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = F.relu(self.norm(self.hidden(x)))
        return h[:, :-1] @ self.output.weight[:, :-1].T


class NormOfTwoHalves(nn.Module):
    """Normalizes the two halves of a batch by themselves, as two devices would."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.hidden(x)
        if self.training and len(h) >= 4:
            h = torch.cat([self.norm(half) for half in h.chunk(2)])
        else:
            h = self.norm(h)
        return self.output(F.relu(h))


class AddsTheHiddenMean(nn.Module):
    """Adds the mean of the hidden row to each output as a stand-in for a bias."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = F.relu(self.norm(self.hidden(x)))
        return self.output(h) + h.mean(dim=1, keepdim=True)


class CapsAtOne(nn.Module):
    """Clamps the hidden units from both sides, to keep them small."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.Hardtanh(0.0, 1.0),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.layers(x)


class WeightsOfUnitLength(nn.Module):
    """Scales the rows of the output layer to length one."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = F.relu(self.norm(self.hidden(x)))
        return F.linear(h, F.normalize(self.output.weight, dim=1))
