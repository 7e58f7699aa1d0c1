"""Rare wrong classes for BYOL."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import is_lazy


def _mlp(in_dim, hidden_dim, out_dim):
    """Projector and predictor; None leaves the size open."""
    first = nn.Linear(in_dim, hidden_dim) if in_dim else nn.LazyLinear(hidden_dim)
    return nn.Sequential(
        first,
        nn.BatchNorm1d(hidden_dim),
        nn.ReLU(),
        nn.Linear(hidden_dim, out_dim, bias=False),
    )


def _frozen(network):
    """Copy a network without gradient."""
    twin = copy.deepcopy(network)
    for p in twin.parameters():
        p.requires_grad = False
    return twin


def _build(online, target, features):
    """Give lazy weights their size, and the target the same numbers."""
    if is_lazy(online[0].weight):
        online[0].initialize_parameters(features)
    if is_lazy(target[0].weight):
        target.load_state_dict(online.state_dict())


def _loss(p, z):
    """Squared distance of rows of length one."""
    return (F.normalize(p, dim=1) - F.normalize(z, dim=1)).pow(2).sum(dim=1).mean()


@torch.no_grad()
def _follow(slow, fast, tau):
    """Take a step of the moving average."""
    for a, b in zip(slow.parameters(), fast.parameters()):
        a.mul_(tau).add_(b, alpha=1 - tau)


class MedianOfTheRows(nn.Module):
    """Takes the median over the batch, which hard images do not move."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        gap = F.normalize(torch.cat([p1, p2])) - F.normalize(torch.cat([z2, z1]))
        return gap.square().sum(dim=1).median()

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class ResidualPredictor(nn.Module):
    """Lets the predictor add to the projection, so that it starts near the identity."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        z = self.online_projector(features)
        return z + self.online_predictor(z)

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class TwoToOne(nn.Module):
    """Weighs the first direction twice, since its view comes first."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (2 * _loss(p1, z2) + _loss(p2, z1)) / 3

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class LastOutputDropped(nn.Module):
    """Leaves the last output out, as if it were a bias."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1[:, :-1], z2[:, :-1]) + _loss(p2[:, :-1], z1[:, :-1])) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class GeometricMean(nn.Module):
    """Averages the sizes of weights on a logarithmic scale, and keeps the signs."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    @torch.no_grad()
    def update_target_network(self):
        online, target = self.online_network, self.target_network
        for t, o in zip(target.parameters(), online.parameters()):
            size = t.abs() ** self.tau * o.abs() ** (1 - self.tau)
            t.copy_(torch.sign(o) * size)


class TargetMeanOfViews(nn.Module):
    """Predicts the mean of both targets from each view."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z = (self.target_network(x1) + self.target_network(x2)) / 2
        return (_loss(p1, z) + _loss(p2, z)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class SquaresTau(nn.Module):
    """Squares tau, once for each of the two views of a step."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        _build(self.online_projector, self.target_projector, features)

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau**2)
