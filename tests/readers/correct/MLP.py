"""Correct classes for MLP in many styles."""

import math
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn


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


class IsASequential(nn.Sequential):
    """Is a Sequential itself, and needs no forward of its own."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        layers = OrderedDict()
        layers["fc1"] = nn.Linear(in_dim, hidden_dim) if in_dim else nn.LazyLinear(hidden_dim)
        layers["bn"] = nn.BatchNorm1d(hidden_dim)
        layers["act"] = nn.ReLU()
        layers["fc2"] = nn.Linear(hidden_dim, out_dim, bias=False)
        super().__init__(layers)


class StepByStep(nn.Module):
    """Names each intermediate result."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        if in_dim is None:
            self.linear1 = nn.LazyLinear(hidden_dim)
        else:
            self.linear1 = nn.Linear(in_dim, hidden_dim, bias=True)
        self.bn1 = nn.BatchNorm1d(hidden_dim, eps=1e-5, momentum=0.1)
        self.relu1 = nn.ReLU()
        self.linear2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.linear1(x)
        h_norm = self.bn1(h)
        a = self.relu1(h_norm)
        out = self.linear2(a)
        return out


class LoopOverAList(nn.Module):
    """Keeps the layers in a ModuleList."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = nn.ModuleList()
        self.layers.append(
            nn.Linear(in_dim, hidden_dim) if in_dim is not None else nn.LazyLinear(hidden_dim)
        )
        self.layers.append(nn.BatchNorm1d(hidden_dim))
        self.layers.append(nn.ReLU())
        self.layers.append(nn.Linear(hidden_dim, out_dim, bias=False))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class _Norm(nn.Module):
    """Batch normalization written out."""

    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))
        self.beta = nn.Parameter(torch.zeros(width))
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        if self.training:
            n = len(x)
            mean = x.mean(dim=0)
            var = ((x - mean) ** 2).mean(dim=0)
            with torch.no_grad():
                self.running_mean += 0.1 * (mean - self.running_mean)
                self.running_var += 0.1 * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return (x - mean) / (var + 1e-5).sqrt() * self.gamma + self.beta


class NormWrittenOut(nn.Module):
    """Writes batch normalization out, running statistics included."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.a = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.n = _Norm(hidden_dim)
        self.b = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.b(self.n(self.a(x)).relu())


class Functional(nn.Module):
    """Takes the weights of the layers and calls the functions on them."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.up = nn.LazyLinear(hidden_dim)
        if in_dim is not None:
            self.up(torch.zeros(1, in_dim))
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.down = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.up(x)
        bn = self.norm
        if self.training:
            bn.num_batches_tracked += 1
        h = F.batch_norm(h, bn.running_mean, bn.running_var, bn.weight, bn.bias, self.training, 0.1)
        h = torch.where(h > 0, h, torch.zeros_like(h))
        return F.linear(h, self.down.weight)


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


class InADictionary(nn.Module):
    """Keeps the layers in a ModuleDict."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        first = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.parts = nn.ModuleDict(
            {
                "fc1": first,
                "bn": nn.BatchNorm1d(hidden_dim),
                "fc2": nn.Linear(hidden_dim, out_dim, bias=False),
            }
        )

    def forward(self, x):
        h = self.parts["bn"](self.parts["fc1"](x))
        return self.parts["fc2"](torch.clamp_min(h, 0))


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


class ChecksItsArguments(nn.Module):
    """Refuses what makes no sense, then does the usual."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        for name, size in (("hidden_dim", hidden_dim), ("out_dim", out_dim)):
            if not isinstance(size, int) or size <= 0:
                raise ValueError(f"{name} must be a positive integer, got {size}")
        if in_dim is not None and (not isinstance(in_dim, int) or in_dim <= 0):
            raise ValueError(f"in_dim must be a positive integer or None, got {in_dim}")
        self.in_dim = in_dim
        self.fc_in = nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)
        self.bn = nn.BatchNorm1d(hidden_dim)
        self.fc_out = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        if x.ndim != 2:
            raise ValueError(f"x must be a matrix, got shape {tuple(x.shape)}")
        return self.fc_out(F.relu(self.bn(self.fc_in(x)), inplace=True))


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
