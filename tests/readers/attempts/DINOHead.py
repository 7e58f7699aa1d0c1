"""Honest wrong attempts at DINOHead: perceptron, bottleneck of length one, prototypes."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

EXPECTED: dict[str, str] = {
    "BatchNormInside": "an extra batch normalization in the hidden layers",
    "ReLUInstead": "ReLU where GELU is asked",
    "TwoLayersOnly": "two linear layers before the bottleneck norm, not three",
    "GELUAfterTheBottleneck": "an extra GELU after the third layer",
    "BottleneckNotScaled": "missing: the bottleneck is not scaled to length one",
    "PlainLastLayer": "missing: the last layer's rows are not scaled to length one",
    "GainIsTrained": "convention: the gain of the weight norm is trained",
    "GainStartsAtTheLength": "the gain stays at the first length of the row, not 1",
    "LastLayerHasABias": "the last layer has a bias",
    "ScalesTheColumns": "wrong axis: scales bottleneck columns over the batch",
    "WeightNormOfColumns": "wrong axis: scales the columns of the last weight",
    "ScalesTheOutput": "scales the output to length one instead of the bottleneck",
    "SoftmaxInside": "returns probabilities: a softmax within the head",
    "SharpensInside": "divides by a temperature within the head",
    "TanhGELU": "convention: the tanh approximation of GELU",
    "ScaledOnceAtTheStart": "the rows have length one only until training moves them",
    "ScalesTheStoredWeights": "rescales the stored weights: gradient not of a cosine",
    "LastLayerFrozen": "the last layer gets no gradient",
    "StopsAtTheBottleneck": "no gradient into the perceptron: bottleneck detached",
    "ReturnsBoth": "returns a tuple of bottleneck and outputs",
    "ForgetsToReturn": "returns None",
    "SizesDoNotFit": "raises: the last layer expects hidden_dim columns",
    "FixedBottleneck": "bottleneck_dim is not used: 256 always",
    "ScalesItsInput": "mutates its input: scales x to length one in place",
    "SharedPrototypes": "mutable state: student and teacher share the last layer",
    "ReturnsNumpy": "no gradient: returns a numpy array",
    "DistanceToPrototypes": "squared distances, not cosines",
    "NoBiases": "the three linear layers have no bias",
}


def _drawn(*layers):
    """Start the layers as the paper's code does."""
    for layer in layers:
        nn.init.trunc_normal_(layer.weight, std=0.02)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _perceptron(in_dim, hidden_dim, bottleneck_dim):
    """Three layers with GELU between them."""
    layers = [
        nn.Linear(in_dim, hidden_dim),
        nn.Linear(hidden_dim, hidden_dim),
        nn.Linear(hidden_dim, bottleneck_dim),
    ]
    _drawn(*layers)
    return nn.Sequential(layers[0], nn.GELU(), layers[1], nn.GELU(), layers[2])


class BatchNormInside(nn.Module):
    """Believes a projection head has batch norm, as BYOL's has."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(in_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, bottleneck_dim),
        )
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=-1)
        return F.linear(b, F.normalize(self.last.weight, dim=-1))


class ReLUInstead(nn.Module):
    """Believes the activation of a perceptron is ReLU."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.fc1 = nn.Linear(in_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, hidden_dim)
        self.fc3 = nn.Linear(hidden_dim, bottleneck_dim)
        _drawn(self.fc1, self.fc2, self.fc3)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = F.normalize(self.fc3(x), dim=1)
        return x @ F.normalize(self.last.weight, dim=1).T


class TwoLayersOnly(nn.Module):
    """Believes the last linear layer is the third one."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(in_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, bottleneck_dim),
        )
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        self.last_layer.parametrizations.weight.original0.data.fill_(1)
        self.last_layer.parametrizations.weight.original0.requires_grad = False

    def forward(self, x):
        x = self.mlp(x)
        x = F.normalize(x, dim=-1, p=2)
        return self.last_layer(x)


class GELUAfterTheBottleneck(nn.Module):
    """Believes each of the three layers is followed by GELU."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        sizes = [in_dim, hidden_dim, hidden_dim, bottleneck_dim]
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            linear = nn.Linear(a, b)
            _drawn(linear)
            layers += [linear, nn.GELU()]
        self.mlp = nn.Sequential(*layers)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class BottleneckNotScaled(nn.Module):
    """Believes weight norm is all the normalization there is."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        gain = self.last_layer.parametrizations.weight.original0
        nn.init.ones_(gain).requires_grad_(False)

    def forward(self, x):
        return self.last_layer(self.mlp(x))


class PlainLastLayer(nn.Module):
    """Believes the bottleneck's norm is enough."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last_layer = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        return self.last_layer(F.normalize(self.mlp(x), dim=-1))


class GainIsTrained(nn.Module):
    """Believes the gain of a weight norm is there to be learned."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        nn.init.ones_(self.last_layer.parametrizations.weight.original0)

    def forward(self, x):
        return self.last_layer(F.normalize(self.mlp(x), dim=-1))


class GainStartsAtTheLength(nn.Module):
    """Believes weight_norm makes the rows one long by itself."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        self.last_layer.parametrizations.weight.original0.requires_grad = False

    def forward(self, x):
        return self.last_layer(F.normalize(self.mlp(x), dim=-1))


class LastLayerHasABias(nn.Module):
    """Believes each prototype may have an offset."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1), self.last.bias)


class ScalesTheColumns(nn.Module):
    """Believes dim=0 is the axis of the bottleneck."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        z = F.normalize(self.mlp(x), dim=0)
        w = F.normalize(self.last.weight, dim=1)
        return z @ w.T


class WeightNormOfColumns(nn.Module):
    """Believes the prototypes are the columns of the weight, so dim=1."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        linear = nn.Linear(bottleneck_dim, out_dim, bias=False)
        self.last_layer = weight_norm(linear, dim=1)
        gain = self.last_layer.parametrizations.weight.original0
        nn.init.ones_(gain).requires_grad_(False)

    def forward(self, x):
        return self.last_layer(F.normalize(self.mlp(x), dim=-1))


class ScalesTheOutput(nn.Module):
    """Believes the head's output is what has length one."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        return F.normalize(self.last(self.mlp(x)), dim=-1)


class SoftmaxInside(nn.Module):
    """Believes the head hands probabilities to the loss."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=-1)
        cos = F.linear(b, F.normalize(self.last.weight, dim=-1))
        return torch.softmax(cos, dim=-1)


class SharpensInside(nn.Module):
    """Believes the student's temperature belongs into its head."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.temperature = 0.1
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=-1)
        cos = F.linear(b, F.normalize(self.last.weight, dim=-1))
        return cos / self.temperature


class TanhGELU(nn.Module):
    """Believes GELU is the formula with tanh."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.a = nn.Linear(in_dim, hidden_dim)
        self.b = nn.Linear(hidden_dim, hidden_dim)
        self.c = nn.Linear(hidden_dim, bottleneck_dim)
        _drawn(self.a, self.b, self.c)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        x = F.gelu(self.a(x), approximate="tanh")
        x = F.gelu(self.b(x), approximate="tanh")
        x = F.normalize(self.c(x), dim=1)
        return F.linear(x, F.normalize(self.last.weight, dim=1))


class ScaledOnceAtTheStart(nn.Module):
    """Believes rows scaled at the start keep their length."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)
        with torch.no_grad():
            self.last.weight.copy_(F.normalize(self.last.weight, dim=1))

    def forward(self, x):
        return self.last(F.normalize(self.mlp(x), dim=1))


class ScalesTheStoredWeights(nn.Module):
    """Believes SwAV's way, scaling the stored prototypes, comes to the same."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        with torch.no_grad():
            w = self.last.weight.data
            self.last.weight.data = w / w.norm(dim=1, keepdim=True)
        return self.last(F.normalize(self.mlp(x), dim=1))


class LastLayerFrozen(nn.Module):
    """Believes the last layer is frozen, having read of its first epoch."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)
        for p in self.last.parameters():
            p.requires_grad = False

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class StopsAtTheBottleneck(nn.Module):
    """Believes a norm must not be differentiated."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = self.mlp(x)
        with torch.no_grad():
            b = b / b.norm(dim=1, keepdim=True)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class ReturnsBoth(nn.Module):
    """Believes the caller may want the bottleneck as well."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return b, F.linear(b, F.normalize(self.last.weight, dim=1))


class ForgetsToReturn(nn.Module):
    """Believes self.output is where the caller will look."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        self.output = F.linear(b, F.normalize(self.last.weight, dim=1))


class SizesDoNotFit(nn.Module):
    """Believes the last layer reads the hidden layer."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class FixedBottleneck(nn.Module):
    """Believes sizes from the paper need no arguments."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, 256)
        self.last = nn.Linear(256, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class ScalesItsInput(nn.Module):
    """Believes features of length one are what the head works on."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        with torch.no_grad():
            x.div_(x.norm(dim=1, keepdim=True))
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))


class SharedPrototypes(nn.Module):
    """Believes student and teacher compare with the same prototypes."""

    _last: dict = {}

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        key = (bottleneck_dim, out_dim)
        if key not in self._last:
            self._last[key] = nn.Linear(bottleneck_dim, out_dim, bias=False)
        self.last_layer = self._last[key]

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        return F.linear(b, F.normalize(self.last_layer.weight, dim=1))


class ReturnsNumpy(nn.Module):
    """Believes cosines are plain numbers."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1).detach().numpy()
        w = F.normalize(self.last.weight, dim=1).detach().numpy()
        return b @ w.T


class DistanceToPrototypes(nn.Module):
    """Believes a near prototype is one at a small distance."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = _perceptron(in_dim, hidden_dim, bottleneck_dim)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = F.normalize(self.mlp(x), dim=1)
        w = F.normalize(self.last.weight, dim=1)
        return -(b[:, None] - w[None]).square().sum(dim=-1)


class NoBiases(nn.Module):
    """Believes a head without norm needs no biases."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.one = nn.Linear(in_dim, hidden_dim, bias=False)
        self.two = nn.Linear(hidden_dim, hidden_dim, bias=False)
        self.three = nn.Linear(hidden_dim, bottleneck_dim, bias=False)
        _drawn(self.one, self.two, self.three)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        x = F.gelu(self.one(x))
        x = F.gelu(self.two(x))
        b = F.normalize(self.three(x), dim=1)
        return F.linear(b, F.normalize(self.last.weight, dim=1))
