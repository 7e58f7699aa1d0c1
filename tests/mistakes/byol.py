"""Wrong variants of ``BYOL``, of its regression loss, and of its perceptron."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import is_lazy

from lesson_code import BYOL, MLP, check_fraction, ema_update, regression_loss
from lesson_code.byol import _refuse_views
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``BYOL``."""
    return mistake(replaces="BYOL", rejected_by="test_byol")(variant)


def wrong_loss(variant):
    """Register a variant of ``regression_loss``."""
    return mistake(replaces="regression_loss", rejected_by="test_byol")(variant)


def wrong_mlp(variant):
    """Register a variant of ``MLP``."""
    return mistake(replaces="MLP", rejected_by="test_mlp")(variant)


# --- the loss of one direction --------------------------------------------------------------


def checked(x, y):
    """Check as the real function does; return both in float32 at least."""
    regression_loss(x, y)
    return (v.to(torch.promote_types(v.dtype, torch.float32)) for v in (x, y))


@wrong_loss
def negative_cosine(x, y):
    """SimSiam's form, from -1 to 1: neither the constant nor the factor 2."""
    x, y = checked(x, y)
    return -F.cosine_similarity(x, y, dim=1).mean()


@wrong_loss
def one_minus_cosine(x, y):
    """Half of the paper's distance."""
    return regression_loss(x, y) / 2


@wrong_loss
def sum_over_rows(x, y):
    """The loss grows with the batch."""
    return len(x) * regression_loss(x, y)


@wrong_loss
def broadcasts(x, y):
    """One target is accepted for a whole batch."""
    if isinstance(y, torch.Tensor) and y.shape[:1] == (1,):
        y = y.expand(len(x), -1)
    return regression_loss(x, y)


# --- the target network ---------------------------------------------------------------------


@wrong
class UpdatesPieceByPiece(BYOL):
    """A broken projector is noticed when the encoder has moved already."""

    def update_target_network(self):
        """Move one part after the other."""
        check_fraction(tau=self.tau)
        if is_lazy(self.target_projector.hidden.weight):
            super().update_target_network()
        ema_update(self.target_encoder, self.online_encoder, self.tau)
        ema_update(self.target_projector, self.online_projector, self.tau)


@wrong
class NanEntersTheTarget(BYOL):
    """Nothing is looked at before it is averaged."""

    @torch.no_grad()
    def update_target_network(self):
        """Average whatever is there."""
        check_fraction(tau=self.tau)
        pairs = zip(self.target_network.parameters(), self.online_network.parameters())
        for target, online in pairs:
            if not is_lazy(target):
                target.lerp_(online, 1 - self.tau)


@wrong
class AcceptsAnyTau(BYOL):
    """Tau is not checked when it is used."""

    def update_target_network(self):
        """Turn a bad tau into a good one."""
        tau = self.tau
        self.tau = min(max(tau, 0.0), 1.0) if tau == tau else 1.0
        super().update_target_network()
        self.tau = tau


# --- the prediction -------------------------------------------------------------------------


class Recomputes(BYOL):
    """A variant that computes the loss its own way, after the checks of the real one."""

    def forward(self, x1, x2):
        """Check, then compute."""
        _refuse_views(self, x1, x2)
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return self.combine(p1, p2, z1, z2)


@wrong
class SumOfDirections(Recomputes):
    """The paper's sum, twice the stated convention."""

    def combine(self, p1, p2, z1, z2):
        """Add up."""
        return regression_loss(p1, z2) + regression_loss(p2, z1)


@wrong
class BothViewsInOneBatch(BYOL):
    """Both views are normalized by common statistics."""

    def forward(self, x1, x2):
        """Join the views."""
        _refuse_views(self, x1, x2)
        p1, p2 = self.predict(torch.cat([x1, x2])).chunk(2)
        with torch.no_grad():
            z1, z2 = self.target_network(torch.cat([x1, x2])).chunk(2)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class NanEntersTheStatistics(BYOL):
    """NaN in a view stays in the running statistics for good."""

    def forward(self, x1, x2):
        """Check everything but the numbers."""
        clean = [x.nan_to_num(0, 0, 0) if torch.is_tensor(x) else x for x in (x1, x2)]
        _refuse_views(self, *clean)
        return BYOL.forward.__wrapped__(self, x1, x2)


@wrong
class OneImageIsEnough(BYOL):
    """A batch of one is noticed by a layer, after others have taken their statistics."""

    def forward(self, x1, x2):
        """Check all but the number of rows."""
        tensors = torch.is_tensor(x1) and torch.is_tensor(x2)
        if not (tensors and x1.shape == x2.shape and len(x1) == 1):
            _refuse_views(self, x1, x2)
        return BYOL.forward.__wrapped__(self, x1, x2)


# --- the perceptron -------------------------------------------------------------------------


@wrong_mlp
class BiasOnTheOutput(MLP):
    """The second linear layer has a bias, which the official code leaves out."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(in_dim, hidden_dim, out_dim)
        self.output = nn.Linear(hidden_dim, out_dim)


@wrong_mlp
class ForgottenSize(MLP):
    """The size is left open even where it is given, so that a wrong input fits at first."""

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__(in_dim, hidden_dim, out_dim)
        self.hidden = nn.LazyLinear(hidden_dim)
