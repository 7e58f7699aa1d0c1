"""Honest wrong attempts at MLP: linear, batch normalization, ReLU, linear."""

import torch
import torch.nn.functional as F
from torch import nn

EXPECTED: dict[str, str] = {
    "NoBatchNorm": "missing: no batch normalization in the hidden layer",
    "NormAfterReLU": "wrong order: batch normalization after ReLU",
    "LayerNormInstead": "layer normalization where batch normalization is asked",
    "OutputHasABias": "the output layer has a bias",
    "NoBiasBeforeTheNorm": "convention: no bias before the norm, which removes it",
    "ReLUAtTheEnd": "an extra ReLU after the output layer",
    "NormAtTheEnd": "an extra batch normalization after the output layer",
    "ForgetsTheReLU": "missing: no ReLU, so the two layers are one",
    "GELULikeTransformers": "GELU where ReLU is asked",
    "SizesSwapped": "hidden_dim and out_dim are swapped",
    "ThreeLayers": "one hidden layer too many",
    "LayersInAList": "layers in a plain list: no parameters are registered",
    "ForgetsSuper": "raises: super().__init__() is missing",
    "ForgetsToReturn": "returns None",
    "NewLayersEveryTime": "the layers are made in forward, new at each call",
    "NormByHand": "no running statistics: the batch's own in evaluation mode too",
    "NormWithoutMemory": "track_running_stats is off: evaluation uses the batch",
    "NormMomentumMeansKeep": "momentum of the norm is 0.9, the share of the new batch",
    "ReturnsNumpy": "no gradient: returns a numpy array",
    "StopsTheHiddenLayer": "no gradient into the hidden layer: it is detached",
    "NeedsTheSize": "in_dim of None is not supported: raises",
    "StandardizesItsInput": "mutates its input: normalizes x in place, not the hidden",
    "DropoutToo": "an extra dropout: random in training mode",
    "SharesTheNorm": "mutable state: all networks of one width share their norm",
    "NormWithoutScale": "batch normalization without learned scale and shift",
    "OneMeanForAllUnits": "normalizes by one mean and variance for all hidden units",
    "NormalizesRows": "scales hidden rows to length one: no batch normalization",
    "OnlyOneLayer": "one linear layer only: no hidden layer",
}


def _first(in_dim, hidden_dim):
    """The first layer, open as long as its size is not known."""
    return nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim)


class NoBatchNorm(nn.Module):
    """Believes a perceptron is linear, ReLU, linear."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc1 = _first(in_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class NormAfterReLU(nn.Module):
    """Believes normalized means that the next layer gets mean 0."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.ReLU(),
            nn.BatchNorm1d(hidden_dim),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class LayerNormInstead(nn.Module):
    """Believes layer norm is the modern batch norm."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.LayerNorm(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.norm(self.hidden(x))
        return self.output(torch.relu(h))


class OutputHasABias(nn.Module):
    """Believes every linear layer has a bias."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_dim, out_dim),
        )

    def forward(self, x):
        return self.net(x)


class NoBiasBeforeTheNorm(nn.Module):
    """Believes a bias before batch norm is wasted."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        if in_dim is None:
            self.hidden = nn.LazyLinear(hidden_dim, bias=False)
        else:
            self.hidden = nn.Linear(in_dim, hidden_dim, bias=False)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(F.relu(self.norm(self.hidden(x))))


class ReLUAtTheEnd(nn.Module):
    """Believes each layer ends with its activation."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.lin1 = _first(in_dim, hidden_dim)
        self.bn = nn.BatchNorm1d(hidden_dim)
        self.lin2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        x = F.relu(self.bn(self.lin1(x)))
        x = F.relu(self.lin2(x))
        return x


class NormAtTheEnd(nn.Module):
    """Believes the projector ends with batch norm, as SimSiam's does."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
            nn.BatchNorm1d(out_dim),
        )

    def forward(self, x):
        return self.layers(x)


class ForgetsTheReLU(nn.Module):
    """Believes batch norm is nonlinear enough."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(self.norm(self.hidden(x)))


class GELULikeTransformers(nn.Module):
    """Believes GELU replaces ReLU everywhere."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class SizesSwapped(nn.Module):
    """Believes a projector ends wide."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, out_dim),
            nn.BatchNorm1d(out_dim),
            nn.ReLU(),
            nn.Linear(out_dim, hidden_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class ThreeLayers(nn.Module):
    """Believes the projector has three layers, as in later papers."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class LayersInAList(nn.Module):
    """Believes a list of layers is as good as a ModuleList."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.layers = [
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        ]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class ForgetsSuper(nn.Module):
    """Believes a class without special needs can skip its parent's start."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        self.fc1 = _first(in_dim, hidden_dim)
        self.bn = nn.BatchNorm1d(hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.fc2(F.relu(self.bn(self.fc1(x))))


class ForgetsToReturn(nn.Module):
    """Believes the last value of a function is what it returns."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc1 = _first(in_dim, hidden_dim)
        self.bn = nn.BatchNorm1d(hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        x = F.relu(self.bn(self.fc1(x)))
        x = self.fc2(x)


class NewLayersEveryTime(nn.Module):
    """Believes layers may be made where they are used."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.out_dim = out_dim

    def forward(self, x):
        x = nn.Linear(x.shape[1], self.hidden_dim)(x)
        x = F.relu(nn.BatchNorm1d(self.hidden_dim)(x))
        return nn.Linear(self.hidden_dim, self.out_dim, bias=False)(x)


class NormByHand(nn.Module):
    """Believes batch norm is minus mean, over standard deviation, and no more."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.gamma = nn.Parameter(torch.ones(hidden_dim))
        self.beta = nn.Parameter(torch.zeros(hidden_dim))
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.hidden(x)
        h = (h - h.mean(0)) / torch.sqrt(h.var(0, unbiased=False) + 1e-5)
        return self.output(F.relu(self.gamma * h + self.beta))


class NormWithoutMemory(nn.Module):
    """Believes running statistics only do harm in self-supervised learning."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim, track_running_stats=False),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class NormMomentumMeansKeep(nn.Module):
    """Believes PyTorch's momentum is the share that is kept, like the paper's 0.9."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim, eps=1e-5, momentum=0.9),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class ReturnsNumpy(nn.Module):
    """Believes results should leave as numpy arrays."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc1 = _first(in_dim, hidden_dim)
        self.bn = nn.BatchNorm1d(hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        y = self.fc2(F.relu(self.bn(self.fc1(x))))
        return y.detach().cpu().numpy()


class StopsTheHiddenLayer(nn.Module):
    """Believes the stop-gradient of BYOL is within its perceptrons."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = F.relu(self.norm(self.hidden(x)))
        return self.output(h.detach())


class NeedsTheSize(nn.Module):
    """Believes None is never given for a size."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = nn.Linear(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(F.relu(self.norm(self.hidden(x))))


class StandardizesItsInput(nn.Module):
    """Believes the batch to normalize is the one that comes in."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        with torch.no_grad():
            x -= x.mean(dim=0)
            x /= x.std(dim=0, unbiased=False) + 1e-5
        return self.output(F.relu(self.hidden(x)))


class DropoutToo(nn.Module):
    """Believes a little dropout never hurts."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class SharesTheNorm(nn.Module):
    """Believes one norm for each width saves memory."""

    _norms: dict = {}

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = self._norms.setdefault(hidden_dim, nn.BatchNorm1d(hidden_dim))
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.output(F.relu(self.norm(self.hidden(x))))


class NormWithoutScale(nn.Module):
    """Believes the next layer can scale and shift just as well."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.net = nn.Sequential(
            _first(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim, affine=False),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim, bias=False),
        )

    def forward(self, x):
        return self.net(x)


class OneMeanForAllUnits(nn.Module):
    """Believes the number given to BatchNorm1d is that of channels, here 1."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.hidden = _first(in_dim, hidden_dim)
        self.norm = nn.BatchNorm1d(1)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        h = self.hidden(x)
        h = self.norm(h.unsqueeze(1)).squeeze(1)
        return self.output(F.relu(h))


class NormalizesRows(nn.Module):
    """Believes F.normalize is the normalization that is meant."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.w1 = _first(in_dim, hidden_dim)
        self.w2 = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        return self.w2(F.relu(F.normalize(self.w1(x), dim=1)))


class OnlyOneLayer(nn.Module):
    """Believes the predictor is a linear map."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        self.fc = _first(in_dim, out_dim)

    def forward(self, x):
        return self.fc(x)
