"""Honest wrong attempts at BYOL: predict the target network's view of another crop."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import is_lazy

EXPECTED: dict[str, str] = {
    "OneDirectionOnly": "one direction only: x2 is never predicted from",
    "SumOfDirections": "convention: the sum of both directions, from 0 to 8",
    "TargetGetsGradient": "no_grad missing: gradient flows into the target network",
    "NoPredictor": "the predictor is not used",
    "PredictorOnTheTarget": "the predictor is applied to the target as well",
    "SameView": "predicts the target of the same view, not of the other",
    "TauSwapped": "momentum: tau and 1 - tau are swapped",
    "UpdatesInForward": "updates the target within forward, before the optimizer",
    "TargetIsTheOnline": "shared: the target is the online network itself, no copy",
    "TargetDrawnAnew": "convention: the target starts with weights of its own",
    "LazyTargetDrawsItsOwn": "the target's projector draws weights of its own",
    "MovesBuffersToo": "moves the norm's running statistics like parameters",
    "TargetInEvaluation": "the target is in evaluation mode while training",
    "NotScaled": "missing: squared distance of rows not of length one",
    "MeanOverEntries": "mean over entries: D times too small",
    "NegativeCosine": "convention: the negative cosine, from -1 to 1",
    "BothViewsAtOnce": "convention: one pass over both views, one batch norm for 2N",
    "TauOfTheStart": "tau set later is not used: the value of the start is",
    "EncoderOnly": "updates the target's encoder, not its projector",
    "ReturnsANumber": "no gradient: returns a Python number",
    "ForgetsToReturn": "returns None",
    "FixedFeatures": "raises: expects 2048 features of any encoder",
    "ProjectorInForward": "projector made in the first forward: optimizer lacks it",
    "ScalesTheColumns": "wrong axis: scales the columns over the batch",
    "ScalesViewsInPlace": "mutates its inputs: centers the views in place",
    "NoNormInside": "missing: projector and predictor have no batch norm",
    "DetachesThePrediction": "detaches the prediction: no gradient at all",
    "PointsAtTheWeights": "the target shares memory with the online after an update",
    "NoUpdate": "the target never moves: update does nothing",
    "TargetOnTheClass": "mutable state: all instances share one target",
    "CopiesTheEncoderOnly": "no target projector: the target's is the online one",
    "NegativePairsToo": "pushes other images away: a contrastive term",
    "LinearPredictor": "the predictor is one linear layer",
}


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


class OneDirectionOnly(nn.Module):
    """Believes the other direction is the same."""

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
        p1 = self.predict(x1)
        with torch.no_grad():
            z2 = self.target_network(x2)
        return _loss(p1, z2)

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class SumOfDirections(nn.Module):
    """Believes the paper: the two losses are added."""

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
        loss_1 = 2 - 2 * F.cosine_similarity(p1, z2, dim=-1)
        loss_2 = 2 - 2 * F.cosine_similarity(p2, z1, dim=-1)
        return (loss_1 + loss_2).mean()

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class TargetGetsGradient(nn.Module):
    """Believes a target that no optimizer sees needs no more."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)

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
        z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class NoPredictor(nn.Module):
    """Believes the projections are compared, as in SimCLR."""

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
        return self.online_projector(features)

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class PredictorOnTheTarget(nn.Module):
    """Believes both networks end alike, so that outputs can be compared."""

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
            z1 = self.online_predictor(self.target_network(x1))
            z2 = self.online_predictor(self.target_network(x2))
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class SameView(nn.Module):
    """Believes p1 goes with z1."""

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
        losses = []
        for x in (x1, x2):
            p = self.predict(x)
            with torch.no_grad():
                z = self.target_network(x)
            losses.append(_loss(p, z))
        return sum(losses) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class TauSwapped(nn.Module):
    """Believes tau is the step toward the online network."""

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
        for o, t in zip(online.parameters(), target.parameters()):
            t.data = self.tau * o.data + (1 - self.tau) * t.data


class UpdatesInForward(nn.Module):
    """Believes forward does all of a step, as MoCo's does."""

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
        self.update_target_network()
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class TargetIsTheOnline(nn.Module):
    """Believes no_grad alone makes a target."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = self.online_encoder
        self.target_projector = self.online_projector

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
        _follow(self.target_network, self.online_network, self.tau)


class TargetDrawnAnew(nn.Module):
    """Believes the official code, which draws the target's weights by itself."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)
        for module in self.target_encoder.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()

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
        _follow(self.target_network, self.online_network, self.tau)


class LazyTargetDrawsItsOwn(nn.Module):
    """Believes a copy of a lazy layer will get the same weights."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for net in (self.target_encoder, self.target_projector):
            for p in net.parameters():
                p.requires_grad = False

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def predict(self, x):
        return self.online_predictor(self.online_network(x))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class MovesBuffersToo(nn.Module):
    """Believes the average is over all of the state dict."""

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
        online = self.online_network.state_dict()
        for name, t in self.target_network.state_dict().items():
            t.copy_(self.tau * t + (1 - self.tau) * online[name])


class TargetInEvaluation(nn.Module):
    """Believes a network that is not trained is in evaluation mode."""

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
        target = self.target_network.eval()
        with torch.no_grad():
            z1, z2 = target(x1), target(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class NotScaled(nn.Module):
    """Believes mean squared error means mse of the outputs."""

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
        one = (p1 - z2).pow(2).sum(dim=1).mean()
        two = (p2 - z1).pow(2).sum(dim=1).mean()
        return (one + two) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class MeanOverEntries(nn.Module):
    """Believes mse_loss of scaled rows is the distance of equation 2."""

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
        p1, p2 = F.normalize(self.predict(x1)), F.normalize(self.predict(x2))
        with torch.no_grad():
            z1 = F.normalize(self.target_network(x1))
            z2 = F.normalize(self.target_network(x2))
        return (F.mse_loss(p1, z2) + F.mse_loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class NegativeCosine(nn.Module):
    """Believes SimSiam's loss is BYOL's, but for a constant."""

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
        z1, z2 = self.target_network(x1).detach(), self.target_network(x2).detach()
        cosine = nn.CosineSimilarity(dim=1)
        return -(cosine(p1, z2).mean() + cosine(p2, z1).mean()) * 0.5

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class BothViewsAtOnce(nn.Module):
    """Believes one pass over both views is the same and quicker."""

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
        p = self.predict(torch.cat([x1, x2]))
        with torch.no_grad():
            z = self.target_network(torch.cat([x2, x1]))
        return _loss(p, z)

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class TauOfTheStart(nn.Module):
    """Believes tau is a constant and stores a second copy for the update."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.one_minus_tau = 1 - tau
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
        for o, t in zip(online.parameters(), target.parameters()):
            t.lerp_(o, self.one_minus_tau)


class EncoderOnly(nn.Module):
    """Believes the encoder is what the moving average is for."""

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
        _follow(self.target_encoder, self.online_encoder, self.tau)


class ReturnsANumber(nn.Module):
    """Believes a loss is a number to print."""

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
        return (_loss(p1, z2).item() + _loss(p2, z1).item()) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class ForgetsToReturn(nn.Module):
    """Believes self.loss is where the loop will look."""

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
        self.loss = (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class FixedFeatures(nn.Module):
    """Believes every encoder is a ResNet-50."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(2048, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def predict(self, x):
        return self.online_predictor(self.online_network(x))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class ProjectorInForward(nn.Module):
    """Believes layers may join when the first batch tells their size."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.sizes = (hidden_dim, output_dim)
        self.online_encoder = encoder
        self.online_projector = None
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = None

    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features):
        if self.online_projector is None:
            self.online_projector = _mlp(features.shape[1], *self.sizes)
            self.target_projector = _frozen(self.online_projector)

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
        _follow(self.target_network, self.online_network, self.tau)


class ScalesTheColumns(nn.Module):
    """Believes dim=0 is the axis of the projection."""

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
        total = 0
        for p, z in ((p1, z2), (p2, z1)):
            gap = F.normalize(p, dim=0) - F.normalize(z, dim=0)
            total = total + gap.square().sum(dim=1).mean()
        return total / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class ScalesViewsInPlace(nn.Module):
    """Believes the views should be centered before they are encoded."""

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
        with torch.no_grad():
            x1.sub_(x1.mean()).div_(x1.std())
            x2.sub_(x2.mean()).div_(x2.std())
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class NoNormInside(nn.Module):
    """Believes projector and predictor are plain perceptrons."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = nn.Sequential(
            nn.LazyLinear(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, output_dim, bias=False),
        )
        self.online_predictor = nn.Sequential(
            nn.Linear(output_dim, hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, output_dim, bias=False),
        )
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
        _follow(self.target_network, self.online_network, self.tau)


class DetachesThePrediction(nn.Module):
    """Believes the stop-gradient belongs on the predictor's side."""

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
        with torch.no_grad():
            p1, p2 = self.predict(x1), self.predict(x2)
        z1, z2 = self.target_network(x1), self.target_network(x2)
        return (_loss(p1, z2) + _loss(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class PointsAtTheWeights(nn.Module):
    """Believes t.data = o.data copies, and averages in place after that."""

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
        online, target = self.online_network, self.target_network
        for o, t in zip(online.parameters(), target.parameters()):
            old = t.data.clone()
            t.data = o.data
            t.data.mul_(1 - self.tau).add_(old, alpha=self.tau)


class NoUpdate(nn.Module):
    """Believes new = ... changes the parameter of the target."""

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
        for o, t in zip(online.parameters(), target.parameters()):
            t = self.tau * t + (1 - self.tau) * o


class TargetOnTheClass(nn.Module):
    """Believes there is one target network for all experiments."""

    _targets: dict = {}

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        shapes = tuple(tuple(p.shape) for p in encoder.parameters())
        key = (hidden_dim, output_dim, shapes)
        if key not in self._targets:
            self._targets[key] = _frozen(encoder), _frozen(self.online_projector)
        self.target_encoder, self.target_projector = self._targets[key]

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
        _follow(self.target_network, self.online_network, self.tau)


class CopiesTheEncoderOnly(nn.Module):
    """Believes both encoders share one projector."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = self.online_projector

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
        _follow(self.target_encoder, self.online_encoder, self.tau)


class NegativePairsToo(nn.Module):
    """Believes something has to keep the rows apart, and contrasts them."""

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

    @staticmethod
    def _contrast(p, z):
        logits = F.normalize(p, dim=1) @ F.normalize(z, dim=1).T / 0.5
        return F.cross_entropy(logits, torch.arange(len(p)))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (self._contrast(p1, z2) + self._contrast(p2, z1)) / 2

    def update_target_network(self):
        _follow(self.target_network, self.online_network, self.tau)


class LinearPredictor(nn.Module):
    """Believes a predictor is a linear map."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = nn.Linear(output_dim, output_dim)
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
        _follow(self.target_network, self.online_network, self.tau)
