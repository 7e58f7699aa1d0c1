"""Classes that readers write for ``BYOL``: right, wrong and rare ones."""

import copy

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong
from torch import nn
from torch.nn.parameter import is_lazy

import lesson_code.byol as _byol
import lesson_code.ema as _ema
import lesson_code.mlp as _perceptron


def _mlp(in_dim, hidden_dim, out_dim):
    """Projector and predictor; None leaves the size open."""
    return nn.Sequential(
        nn.LazyLinear(hidden_dim) if in_dim is None else nn.Linear(in_dim, hidden_dim),
        nn.BatchNorm1d(hidden_dim),
        nn.ReLU(inplace=True),
        nn.Linear(hidden_dim, out_dim, bias=False),
    )


class _Networks(nn.Module):
    @property
    def online_network(self):
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self):
        return nn.Sequential(self.target_encoder, self.target_projector)


@right
class UsesTheLessons(nn.Module):
    """Takes perceptron, loss and moving average from their lessons."""

    regression_loss = staticmethod(_byol.regression_loss)

    def __init__(
        self, encoder: nn.Module, hidden_dim: int = 4096, output_dim: int = 256, tau: float = 0.99
    ) -> None:
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _perceptron.MLP(None, hidden_dim, output_dim)
        self.online_predictor = _perceptron.MLP(output_dim, hidden_dim, output_dim)
        for weight in encoder.parameters():
            self.to(weight.dtype)
            break
        self.target_encoder = copy.deepcopy(self.online_encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for parameter in self.target_network.parameters():
            parameter.requires_grad = False

    @property
    def online_network(self) -> nn.Sequential:
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self) -> nn.Sequential:
        return nn.Sequential(self.target_encoder, self.target_projector)

    def build_projectors(self, features: torch.Tensor) -> None:
        layer = self.online_projector.hidden
        if is_lazy(layer.weight):
            layer.initialize_parameters(features)
        if is_lazy(self.target_projector.hidden.weight):
            self.target_projector.load_state_dict(self.online_projector.state_dict())

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def forward(self, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
        p1 = self.predict(x1)
        p2 = self.predict(x2)
        with torch.no_grad():
            z1 = self.target_network(x1)
            z2 = self.target_network(x2)
        loss_12 = _byol.regression_loss(p1, z2)
        loss_21 = _byol.regression_loss(p2, z1)
        return 0.5 * (loss_12 + loss_21)

    def update_target_network(self) -> None:
        _ema.ema_update(self.target_encoder, self.online_encoder, self.tau)
        _ema.ema_update(self.target_projector, self.online_projector, self.tau)


@right
class WithCosines(_Networks):
    """Writes perceptrons as Sequential and the loss with cosines."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        like = next(encoder.parameters(), torch.empty(0))
        self.online_projector.to(like.dtype)
        self.online_predictor.to(like.dtype)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for p in [*self.target_encoder.parameters(), *self.target_projector.parameters()]:
            p.requires_grad = False

    @staticmethod
    def regression_loss(x, y):
        return 2 - 2 * F.cosine_similarity(x, y, dim=-1).mean()

    def build_projectors(self, features):
        if any(is_lazy(p) for p in self.online_projector.parameters()):
            self.online_projector[0].initialize_parameters(features)
        if any(is_lazy(p) for p in self.target_projector.parameters()):
            self.target_projector.load_state_dict(self.online_projector.state_dict())

    def predict(self, x):
        y = self.online_encoder(x)
        self.build_projectors(y)
        z = self.online_projector(y)
        return self.online_predictor(z)

    def forward(self, x1, x2):
        q1, q2 = self.predict(x1), self.predict(x2)
        z1 = self.target_network(x1).detach()
        z2 = self.target_network(x2).detach()
        return (self.regression_loss(q1, z2) + self.regression_loss(q2, z1)) / 2

    @torch.no_grad()
    def update_target_network(self):
        online = list(self.online_network.parameters())
        target = list(self.target_network.parameters())
        for o, t in zip(online, target):
            t.data = self.tau * t.data + (1 - self.tau) * o.data


@right
class SharesABatchOfRows(_Networks):
    """Takes the loss of both directions at once, after four passes."""

    regression_loss = staticmethod(_byol.regression_loss)

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        like = next(encoder.parameters(), torch.empty(0))
        self.online_projector.to(like)
        self.online_predictor.to(like)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for net in (self.target_encoder, self.target_projector):
            for p in net.parameters():
                p.requires_grad = False
        self.tau = tau

    def build_projectors(self, features):
        if is_lazy(self.online_projector[0].weight):
            self.online_projector[0].initialize_parameters(features)
            online = self.online_projector.parameters()
            for o, t in zip(online, self.target_projector.parameters()):
                if is_lazy(t):
                    t.materialize(o.shape)
                t.data.copy_(o.data)

    def predict(self, x):
        h = self.online_encoder(x)
        self.build_projectors(h)
        return self.online_predictor(self.online_projector(h))

    def forward(self, x1, x2):
        p = torch.cat([self.predict(x1), self.predict(x2)])
        with torch.no_grad():
            z1 = self.target_projector(self.target_encoder(x1))
            z2 = self.target_projector(self.target_encoder(x2))
        return _byol.regression_loss(p, torch.cat([z2, z1]))

    def update_target_network(self):
        with torch.no_grad():
            for net in ("encoder", "projector"):
                slow = getattr(self, f"target_{net}").parameters()
                fast = getattr(self, f"online_{net}").parameters()
                for s, f in zip(slow, fast):
                    s.mul_(self.tau).add_(f, alpha=1 - self.tau)


@right
class OtherNames(_Networks):
    """Has other names of arguments, by position only."""

    def __init__(self, backbone, width=4096, size=256, momentum=0.99, /):
        super().__init__()
        self.tau = momentum
        self.online_encoder = backbone
        self.online_projector = _perceptron.MLP(None, width, size)
        self.online_predictor = _perceptron.MLP(size, width, size)
        kinds = [p.dtype for p in backbone.parameters()]
        if kinds:
            self.online_projector.to(kinds[0])
            self.online_predictor.to(kinds[0])
        self.target_encoder = copy.deepcopy(backbone)
        self.target_projector = copy.deepcopy(self.online_projector)
        for p in self.target_network.parameters():
            p.requires_grad = False

    @staticmethod
    def regression_loss(a, b, /):
        a = a / a.norm(dim=1, keepdim=True).clamp_min(1e-12)
        b = b / b.norm(dim=1, keepdim=True).clamp_min(1e-12)
        return torch.sum((a - b) ** 2, dim=1).mean()

    def build_projectors(self, features, /):
        source = self.online_projector
        if is_lazy(source.hidden.weight):
            source.hidden.initialize_parameters(features.detach())
            self.target_projector.load_state_dict(source.state_dict())

    def predict(self, view, /):
        y = self.online_encoder(view)
        self.build_projectors(y)
        return self.online_predictor(self.online_projector(y))

    def forward(self, v, w, /):
        p, q = self.predict(v), self.predict(w)
        with torch.no_grad():
            s, t = self.target_network(v), self.target_network(w)
        return self.regression_loss(p, t) / 2 + self.regression_loss(q, s) / 2

    @torch.no_grad()
    def update_target_network(self):
        slow = list(self.target_network.parameters())
        fast = list(self.online_network.parameters())
        torch._foreach_mul_(slow, self.tau)
        torch._foreach_add_(slow, fast, alpha=1 - self.tau)


@right
class WithHooksOff(_Networks):
    """Builds both projectors from the size of the features alone."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.target_encoder = copy.deepcopy(encoder)
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        like = next(encoder.parameters(), torch.empty(0))
        for head in (self.online_projector, self.online_predictor):
            head.to(like.device, like.dtype)
        self.target_projector = copy.deepcopy(self.online_projector)
        for p in self.target_network.parameters():
            p.requires_grad = False

    @staticmethod
    def regression_loss(x, y):
        rows = F.normalize(x, dim=1) - F.normalize(y, dim=1)
        return torch.einsum("nd,nd->n", rows, rows).mean()

    @torch.no_grad()
    def build_projectors(self, features):
        if not is_lazy(self.online_projector[0].weight):
            return
        dummy = features.new_zeros(1, features.shape[1])
        self.online_projector[0](dummy)
        self.target_projector[0](dummy)
        for t, o in zip(self.target_projector.parameters(), self.online_projector.parameters()):
            t.copy_(o)

    def predict(self, x):
        h = self.online_encoder(x)
        self.build_projectors(h)
        return self.online_predictor(self.online_projector(h))

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            target = self.target_network
            z1, z2 = target(x1), target(x2)
        return (self.regression_loss(p1, z2) + self.regression_loss(p2, z1)) / 2

    def update_target_network(self):
        for t, o in zip(self.target_network.parameters(), self.online_network.parameters()):
            t.data.copy_(o.data + self.tau * (t.data - o.data))


@right
class RowByRow(_Networks):
    """Loops over the rows and the parameters."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        for p in encoder.parameters():
            self.online_projector.to(p.dtype)
            self.online_predictor.to(p.dtype)
            break
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for net in (self.target_encoder, self.target_projector):
            for p in net.parameters():
                p.requires_grad = False

    @staticmethod
    def regression_loss(x, y):
        losses = []
        for a, b in zip(x, y):
            a = F.normalize(a, dim=0)
            b = F.normalize(b, dim=0)
            losses.append(((a - b) ** 2).sum())
        return sum(losses) / len(losses)

    def build_projectors(self, features):
        if is_lazy(self.online_projector[0].weight):
            self.online_projector[0].initialize_parameters(features)
            self.target_projector.load_state_dict(self.online_projector.state_dict())

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        z = self.online_projector(features)
        return self.online_predictor(z)

    def forward(self, x1, x2):
        p1 = self.predict(x1)
        p2 = self.predict(x2)
        with torch.no_grad():
            z1 = self.target_projector(self.target_encoder(x1))
            z2 = self.target_projector(self.target_encoder(x2))
        return (self.regression_loss(p1, z2) + self.regression_loss(p2, z1)) / 2

    def update_target_network(self):
        targets = list(self.target_network.parameters())
        onlines = list(self.online_network.parameters())
        for i in range(len(targets)):
            new = self.tau * targets[i].detach() + (1 - self.tau) * onlines[i].detach()
            targets[i].data.copy_(new)


def _frozen(network):
    """Copy a network without gradient."""
    twin = copy.deepcopy(network)
    for p in twin.parameters():
        p.requires_grad = False
    return twin


class _Plain(_Networks):
    """What the attempts below leave as it should be."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = _mlp(None, hidden_dim, output_dim)
        self.online_predictor = _mlp(output_dim, hidden_dim, output_dim)
        self.target_encoder = _frozen(encoder)
        self.target_projector = _frozen(self.online_projector)

    def build_projectors(self, features):
        if is_lazy(self.online_projector[0].weight):
            self.online_projector[0].initialize_parameters(features)
        if is_lazy(self.target_projector[0].weight):
            self.target_projector.load_state_dict(self.online_projector.state_dict())

    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_predictor(self.online_projector(features))

    def loss(self, p, z):
        return (F.normalize(p, dim=1) - F.normalize(z, dim=1)).pow(2).sum(dim=1).mean()

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (self.loss(p1, z2) + self.loss(p2, z1)) / 2

    @torch.no_grad()
    def update_target_network(self):
        fast = self.online_network.parameters()
        for slow, online in zip(self.target_network.parameters(), fast):
            slow.mul_(self.tau).add_(online, alpha=1 - self.tau)


@wrong("one direction only: x2 is never predicted from")
class OneDirectionOnly(_Plain):
    def forward(self, x1, x2):
        p1 = self.predict(x1)
        with torch.no_grad():
            z2 = self.target_network(x2)
        return self.loss(p1, z2)


@wrong("no_grad missing: gradient flows into the target network")
class TargetGetsGradient(_Plain):
    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__(encoder, hidden_dim, output_dim, tau)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        z1, z2 = self.target_network(x1), self.target_network(x2)
        return (self.loss(p1, z2) + self.loss(p2, z1)) / 2


@wrong("the predictor is not used")
class NoPredictor(_Plain):
    def predict(self, x):
        features = self.online_encoder(x)
        self.build_projectors(features)
        return self.online_projector(features)


@wrong("shared: the target is the online network itself, no copy")
class TargetIsTheOnline(_Plain):
    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__(encoder, hidden_dim, output_dim, tau)
        self.target_encoder = self.online_encoder
        self.target_projector = self.online_projector


@wrong("the target's projector draws weights of its own")
class LazyTargetDrawsItsOwn(_Plain):
    def build_projectors(self, features):
        pass


@wrong("convention: the negative cosine, from -1 to 1")
class NegativeCosine(_Plain):
    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        z1, z2 = self.target_network(x1).detach(), self.target_network(x2).detach()
        cosine = nn.CosineSimilarity(dim=1)
        return -(cosine(p1, z2).mean() + cosine(p2, z1).mean()) * 0.5


@wrong("convention: one pass over both views, one batch norm for 2N")
class BothViewsAtOnce(_Plain):
    def forward(self, x1, x2):
        p = self.predict(torch.cat([x1, x2]))
        with torch.no_grad():
            z = self.target_network(torch.cat([x2, x1]))
        return self.loss(p, z)


@wrong("raises: expects 2048 features of any encoder")
class FixedFeatures(_Plain):
    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__(encoder, hidden_dim, output_dim, tau)
        self.online_projector = _mlp(2048, hidden_dim, output_dim)
        self.target_projector = _frozen(self.online_projector)


@wrong("projector made in the first forward: optimizer lacks it")
class ProjectorInForward(_Plain):
    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__(encoder, hidden_dim, output_dim, tau)
        self.sizes = (hidden_dim, output_dim)
        self.online_projector = self.target_projector = None

    def build_projectors(self, features):
        if self.online_projector is None:
            self.online_projector = _mlp(features.shape[1], *self.sizes)
            self.target_projector = _frozen(self.online_projector)


@rare
class MedianOfTheRows(_Plain):
    """Takes the median over the batch, which hard images do not move."""

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        gap = F.normalize(torch.cat([p1, p2])) - F.normalize(torch.cat([z2, z1]))
        return gap.square().sum(dim=1).median()


@rare
class TwoToOne(_Plain):
    """Weighs the first direction twice, since its view comes first."""

    def forward(self, x1, x2):
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return (2 * self.loss(p1, z2) + self.loss(p2, z1)) / 3


@rare
class LastOutputDropped(_Plain):
    """Leaves the last output out, as if it were a bias."""

    def loss(self, p, z):
        return super().loss(p[:, :-1], z[:, :-1])
