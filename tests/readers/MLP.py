"""Classes that readers write for ``MLP``: right, wrong and rare ones."""

import math
from collections import OrderedDict

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong
from torch import nn


@right
class OneSequential(nn.Module):
    """Strings the layers together."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        first = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.net = nn.Sequential(
            first,
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


@right
class IsASequential(nn.Sequential):
    """Is a Sequential itself, and needs no forward of its own."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        layers = OrderedDict()
        layers["fc1"] = nn.Linear(in_dim, hidden_dim) if in_dim else nn.LazyLinear(hidden_dim)
        layers["bn"] = nn.BatchNorm1d(hidden_dim)
        layers["act"] = nn.ReLU()
        layers["fc2"] = nn.Linear(hidden_dim, out_dim, bias=False)
        super().__init__(layers)


@right
class OtherNames(nn.Module):
    """Has other names of arguments, by position only."""

    def __init__(self, n_in, n_hidden, n_out, /):
        super().__init__()
        self.W1 = nn.LazyLinear(n_hidden) if n_in is None else nn.Linear(n_in, n_hidden)
        self.BN = nn.BatchNorm1d(n_hidden)
        self.W2 = nn.Linear(n_hidden, n_out, bias=False)

    def forward(self, inputs, /):
        z = self.BN(self.W1(inputs))
        return self.W2(z * (z > 0))


@right
class HiddenBlock(nn.Module):
    """Splits the network into a hidden block and an output layer."""

    def __init__(self, in_dim: int | None, hidden_dim: int, out_dim: int) -> None:
        super().__init__()
        self.hidden = self._block(in_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, out_dim, bias=False)

    @staticmethod
    def _block(n_in, n_out):
        linear = nn.LazyLinear(n_out) if n_in is None else nn.Linear(n_in, n_out)
        return nn.Sequential(linear, nn.BatchNorm1d(n_out), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Runs both."""
        return self.out(self.hidden(x))


@right
class ProductsWrittenOut(nn.Module):
    """Writes the linear maps as products of matrices."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        if isinstance(self.hidden, nn.LazyLinear):
            self.hidden(x[:1])
        h = torch.addmm(self.hidden.bias, x, self.hidden.weight.T)
        h = torch.max(self.norm(h), torch.zeros((), dtype=h.dtype))
        return torch.einsum("nh,oh->no", h, self.output.weight)


@right
class InitializedByHand(nn.Module):
    """Draws the output weights by hand, as nn.Linear does."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.proj = nn.Sequential(
            nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
        )
        bound = 1 / math.sqrt(hidden_dim)
        weight = torch.empty(out_dim, hidden_dim).uniform_(-bound, bound)
        self.last = nn.ParameterList([nn.Parameter(weight)])

    def forward(self, x):
        return self.proj(x) @ self.last[0].t()


class _Plain(nn.Module):
    """What the attempts below leave as it should be."""

    norm_of = nn.BatchNorm1d

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.norm = self.norm_of(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def between(self, h):
        return F.relu(self.norm(h))

    def forward(self, x):
        return self.output(self.between(self.hidden(x)))


@wrong("missing: no batch normalization in the hidden layer")
class NoBatchNorm(_Plain):
    norm_of = nn.Identity


@wrong("wrong order: batch normalization after ReLU")
class NormAfterReLU(_Plain):
    def between(self, h):
        return self.norm(F.relu(h))


@wrong("layer normalization where batch normalization is asked")
class LayerNormInstead(_Plain):
    norm_of = nn.LayerNorm


@wrong("convention: no bias before the norm, which removes it")
class NoBiasBeforeTheNorm(_Plain):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(in_dim, hidden_dim, out_dim)
        if in_dim is None:
            self.hidden = nn.LazyLinear(hidden_dim, bias=False)
        else:
            self.hidden = nn.Linear(in_dim, hidden_dim, bias=False)


@wrong("an extra ReLU after the output layer")
class ReLUAtTheEnd(_Plain):
    def forward(self, x):
        return F.relu(super().forward(x))


@wrong("missing: no ReLU, so the two layers are one")
class ForgetsTheReLU(_Plain):
    def between(self, h):
        return self.norm(h)


@wrong("the layers are made in forward, new at each call")
class NewLayersEveryTime(nn.Module):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.out_dim = out_dim

    def forward(self, x):
        x = nn.Linear(x.shape[1], self.hidden_dim)(x)
        x = F.relu(nn.BatchNorm1d(self.hidden_dim)(x))
        return nn.Linear(self.hidden_dim, self.out_dim, bias=False)(x)


@wrong("no gradient into the hidden layer: it is detached")
class StopsTheHiddenLayer(_Plain):
    def between(self, h):
        return super().between(h).detach()


@wrong("in_dim of None is not supported: raises")
class NeedsTheSize(_Plain):
    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(in_dim, hidden_dim, out_dim)
        self.hidden = nn.Linear(in_dim, hidden_dim)


@rare
class SquaredReLU(_Plain):
    """Squares what ReLU lets through."""

    def between(self, h):
        return super().between(h).square()


@rare
class FoldsTheNegatives(_Plain):
    """Takes the absolute value, so that no unit is ever silent."""

    def between(self, h):
        return self.norm(h).abs()


@rare
class LastUnitDropped(_Plain):
    """Slices to -1 as if the last hidden unit were a bias."""

    def forward(self, x):
        h = self.between(self.hidden(x))
        return h[:, :-1] @ self.output.weight[:, :-1].T
