"""Correct classes for DINOHead in many styles."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm


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


class _Cosines(nn.Module):
    """Cosines with the rows of a matrix."""

    def __init__(self, width, count):
        super().__init__()
        bound = 1 / math.sqrt(width)
        self.directions = nn.Parameter(torch.empty(count, width).uniform_(-bound, bound))

    def forward(self, b):
        return F.cosine_similarity(b[:, None, :], self.directions[None], dim=-1, eps=1e-12)


class CosineSimilarity(nn.Module):
    """Leaves both norms to cosine_similarity."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(in_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, bottleneck_dim),
        )
        for layer in self.body[::2]:
            nn.init.trunc_normal_(layer.weight, mean=0.0, std=0.02)
            layer.bias.data.zero_()
        self.head = _Cosines(bottleneck_dim, out_dim)

    def forward(self, x):
        return self.head(self.body(x))


class _UnitRows(nn.Module):
    """Scales the rows of a weight to length one."""

    def forward(self, weight):
        return weight / weight.norm(dim=1, keepdim=True)


class OwnParametrization(nn.Module):
    """Registers a parametrization of its own on the last layer."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        sizes = (in_dim, hidden_dim, hidden_dim, bottleneck_dim)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        for layer in self.layers:
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        self.last = nn.Linear(bottleneck_dim, out_dim, bias=False)
        parametrize.register_parametrization(self.last, "weight", _UnitRows())

    def forward(self, x):
        *inner, third = self.layers
        for layer in inner:
            x = F.gelu(layer(x))
        x = third(x)
        return self.last(x / x.norm(dim=1, keepdim=True).clamp_min(1e-12))


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


class DividesByBothLengths(nn.Module):
    """Takes the product first and divides by the two lengths afterward."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(in_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, bottleneck_dim),
        )
        for name, p in self.mlp.named_parameters():
            if name.endswith("weight"):
                nn.init.trunc_normal_(p, std=0.02)
            else:
                nn.init.zeros_(p)
        self.last_layer = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x):
        b = self.mlp(x)
        w = self.last_layer.weight
        product = torch.einsum("nd,kd->nk", b, w)
        lengths = torch.outer(b.norm(dim=1), w.norm(dim=1))
        return product / lengths


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


class ErrorFunction(nn.Module):
    """Writes GELU out with the error function."""

    def __init__(self, in_dim, out_dim, hidden_dim=2048, bottleneck_dim=256):
        super().__init__()
        self.lin = nn.ModuleList(
            [
                nn.Linear(in_dim, hidden_dim),
                nn.Linear(hidden_dim, hidden_dim),
                nn.Linear(hidden_dim, bottleneck_dim),
            ]
        )
        for lin in self.lin:
            nn.init.trunc_normal_(lin.weight, std=0.02)
            nn.init.zeros_(lin.bias)
        self.out = nn.Linear(bottleneck_dim, out_dim, bias=False)

    @staticmethod
    def _gelu(x):
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))

    def forward(self, x):
        x = self._gelu(self.lin[0](x))
        x = self._gelu(self.lin[1](x))
        x = self.lin[2](x)
        x = x * torch.rsqrt((x * x).sum(dim=1, keepdim=True))
        w = self.out.weight
        w = w * torch.rsqrt((w * w).sum(dim=1, keepdim=True))
        return torch.mm(x, w.t())


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


class ChecksItsInput(nn.Module):
    """Refuses features of another size, then does the usual."""

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        hidden_dim: int = 2048,
        bottleneck_dim: int = 256,
    ) -> None:
        super().__init__()
        if min(in_dim, out_dim, hidden_dim, bottleneck_dim) < 1:
            raise ValueError("all sizes must be positive")
        self.in_dim = in_dim
        self.projection = nn.Sequential()
        self.projection.append(nn.Linear(in_dim, hidden_dim))
        self.projection.append(nn.GELU())
        self.projection.append(nn.Linear(hidden_dim, hidden_dim))
        self.projection.append(nn.GELU())
        self.projection.append(nn.Linear(hidden_dim, bottleneck_dim))
        for module in self.projection:
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        self.classes = nn.Linear(bottleneck_dim, out_dim, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Cosines of the bottleneck with all directions."""
        if x.ndim != 2 or x.shape[1] != self.in_dim:
            raise ValueError(f"x must have shape (N, {self.in_dim}), got {tuple(x.shape)}")
        bottleneck = F.normalize(self.projection(x), dim=-1)
        directions = F.normalize(self.classes.weight, dim=-1)
        return torch.matmul(bottleneck, directions.transpose(0, 1))
