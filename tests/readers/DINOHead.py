"""Classes that readers write for ``DINOHead``: right, wrong and rare ones."""

import math

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong
from torch import nn
from torch.nn.utils.parametrizations import weight_norm


@right
class LikeTheOfficialCode(nn.Module):
    """Collects the layers in a list and fixes the gain of weight_norm at 1."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        layers = [nn.Linear(in_dim, hidden_dim), nn.GELU()]
        layers += [nn.Linear(hidden_dim, hidden_dim), nn.GELU()]
        layers.append(nn.Linear(hidden_dim, bottleneck_dim))
        self.mlp = nn.Sequential(*layers)
        self.apply(self._init_weights)
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        self.last_layer.parametrizations.weight.original0.data.fill_(1)
        self.last_layer.parametrizations.weight.original0.requires_grad = False

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.02)
            nn.init.constant_(m.bias, 0)

    def forward(self, x):
        x = self.mlp(x)
        x = nn.functional.normalize(x, dim=-1, p=2)
        return self.last_layer(x)


@right
class NormalizesTwice(nn.Module):
    """Scales the rows of a plain linear layer in each forward pass."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.fc1 = nn.Linear(in_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, hidden_dim)
        self.fc3 = nn.Linear(hidden_dim, bottleneck_dim)
        for fc in (self.fc1, self.fc2, self.fc3):
            nn.init.trunc_normal_(fc.weight, std=0.02)
            nn.init.zeros_(fc.bias)
        self.prototypes = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        h = F.gelu(self.fc1(x))
        h = F.gelu(self.fc2(h))
        b = F.normalize(self.fc3(h), dim=1)
        w = F.normalize(self.prototypes.weight, dim=1)
        return b @ w.T


@right
class PrototypeByPrototype(nn.Module):
    """Loops over the directions."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.a = self._linear(in_dim, hidden_dim)
        self.b = self._linear(hidden_dim, hidden_dim)
        self.c = self._linear(hidden_dim, bottleneck_dim)
        self.w = nn.Linear(bottleneck_dim, out_dim, bias=False)

    @staticmethod
    def _linear(n, m):
        layer = nn.Linear(n, m)
        nn.init.trunc_normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
        return layer

    def forward(self, x):
        gelu = nn.GELU()
        z = self.c(gelu(self.b(gelu(self.a(x)))))
        z = z / z.pow(2).sum(1, keepdim=True).sqrt()
        columns = []
        for row in self.w.weight:
            columns.append(z @ (row / row.norm()))
        return torch.stack(columns, dim=1)


@right
class GainIsABuffer(nn.Module):
    """Keeps the gain of 1 as a buffer and writes weight normalization out."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(in_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, bottleneck_dim),
        )
        for i in (0, 2, 4):
            nn.init.trunc_normal_(self.mlp[i].weight, std=0.02)
            nn.init.zeros_(self.mlp[i].bias)
        self.v = nn.Linear(bottleneck_dim, out_dim, bias=False)
        self.register_buffer("g", torch.ones(out_dim, 1))

    def forward(self, x):
        x = F.normalize(self.mlp(x), p=2.0, dim=-1)
        weight = self.g * self.v.weight / self.v.weight.norm(dim=1, keepdim=True)
        return F.linear(x, weight)


@right
class OtherNames(nn.Module):
    """Has other names of arguments, by position only."""

    def __init__(self, n_features, n_prototypes, width=2048, bottleneck=256, /):
        super().__init__()
        net = []
        for a, b in ((n_features, width), (width, width), (width, bottleneck)):
            linear = nn.Linear(a, b)
            nn.init.trunc_normal_(linear.weight, std=0.02)
            nn.init.zeros_(linear.bias)
            net += [linear, nn.GELU()]
        self.net = nn.Sequential(*net[:-1])
        self.wn = weight_norm(nn.Linear(bottleneck, n_prototypes, bias=False))
        gain = self.wn.parametrizations.weight.original0
        with torch.no_grad():
            gain.copy_(torch.ones_like(gain))
        gain.requires_grad_(False)

    def forward(self, features, /):
        return self.wn(F.normalize(self.net(features)))


@right
class BareParameter(nn.Module):
    """Holds the directions as a parameter of the head itself."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.first = nn.Linear(in_dim, hidden_dim)
        self.second = nn.Linear(hidden_dim, hidden_dim)
        self.third = nn.Linear(hidden_dim, bottleneck_dim)
        for layer in (self.first, self.second, self.third):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        self.weight = nn.Parameter(torch.empty(out_dim, bottleneck_dim))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))

    def forward(self, x):
        hidden = F.gelu(self.second(F.gelu(self.first(x))))
        return F.linear(F.normalize(self.third(hidden)), F.normalize(self.weight))


class _Plain(nn.Module):
    """What the attempts below leave as it should be."""

    has_bias = False

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        layers = [
            nn.Linear(in_dim, hidden_dim),
            nn.Linear(hidden_dim, hidden_dim),
            nn.Linear(hidden_dim, bottleneck_dim),
        ]
        for layer in layers:
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        self.mlp = nn.Sequential(layers[0], nn.GELU(), layers[1], nn.GELU(), layers[2])
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=self.has_bias)

    def scaled(self, b):
        return F.normalize(b, dim=1)

    def outputs(self, b):
        return F.linear(b, F.normalize(self.last.weight, dim=1), self.last.bias)

    def forward(self, x):
        return self.outputs(self.scaled(self.mlp(x)))


class _WithNorm(_Plain):
    """The same with the weight normalization of torch, whose gain may go wrong."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__(in_dim, out_dim, hidden_dim, bottleneck_dim)
        self.last = weight_norm(self.last)
        self.start(self.last.parametrizations.weight.original0)

    def start(self, gain):
        nn.init.ones_(gain).requires_grad_(False)

    def outputs(self, b):
        return self.last(b)


@wrong("missing: the bottleneck is not scaled to length one")
class BottleneckNotScaled(_WithNorm):
    def scaled(self, b):
        return b


@wrong("missing: the last layer's rows are not scaled to length one")
class PlainLastLayer(_Plain):
    def outputs(self, b):
        return self.last(b)


@wrong("convention: the gain of the weight norm is trained")
class GainIsTrained(_WithNorm):
    def start(self, gain):
        nn.init.ones_(gain)


@wrong("the gain stays at the first length of the row, not 1")
class GainStartsAtTheLength(_WithNorm):
    def start(self, gain):
        gain.requires_grad = False


@wrong("the last layer has a bias")
class LastLayerHasABias(_Plain):
    has_bias = True


@wrong("wrong axis: scales bottleneck columns over the batch")
class ScalesTheColumns(_Plain):
    def scaled(self, b):
        return F.normalize(b, dim=0)


@wrong("scales the output to length one instead of the bottleneck")
class ScalesTheOutput(_Plain):
    def forward(self, x):
        return F.normalize(self.last(self.mlp(x)), dim=-1)


@wrong("returns a tuple of bottleneck and outputs")
class ReturnsBoth(_Plain):
    def outputs(self, b):
        return b, super().outputs(b)


@wrong("bottleneck_dim is not used: 256 always")
class FixedBottleneck(_Plain):
    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__(in_dim, out_dim, hidden_dim, 256)


@rare
class SumsToOne(_Plain):
    """Scales the bottleneck by the sum of its absolute values."""

    def scaled(self, b):
        return F.normalize(b, p=1, dim=1)


@rare
class CubesTheCosine(_Plain):
    """Takes the third power, to keep the sign and stress the large cosines."""

    def outputs(self, b):
        return super().outputs(b) ** 3


@rare
class CentersTheBottleneck(_Plain):
    """Takes the mean off each bottleneck row, so the cosine is a correlation."""

    def scaled(self, b):
        return F.normalize(b - b.mean(dim=1, keepdim=True), dim=1)
