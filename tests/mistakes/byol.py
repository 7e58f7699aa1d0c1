"""Wrong variants of ``BYOL``, of its regression loss, and of its perceptron."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import is_lazy

from lesson_code import BYOL, MLP, check_fraction, check_matrices, ema_update, regression_loss
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
def mean_over_columns(x, y):
    """``F.mse_loss`` of unit vectors: D times too small."""
    x, y = checked(x, y)
    return F.mse_loss(F.normalize(x, dim=1), F.normalize(y, dim=1))


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
def no_normalization(x, y):
    """Plain squared distances: long vectors count more, and shrinking lowers the loss."""
    x, y = checked(x, y)
    return (x - y).square().sum(dim=1).mean()


@wrong_loss
def normalized_over_the_batch(x, y):
    """The columns are scaled to length one, not the rows."""
    x, y = checked(x, y)
    return (F.normalize(x, dim=0) - F.normalize(y, dim=0)).square().sum(dim=1).mean()


@wrong_loss
def sum_over_rows(x, y):
    """The loss grows with the batch."""
    return len(x) * regression_loss(x, y)


@wrong_loss
def distance_not_squared(x, y):
    """The length of the difference, whose gradient does not fade where directions agree."""
    x, y = checked(x, y)
    return (F.normalize(x, dim=1) - F.normalize(y, dim=1)).norm(dim=1).mean()


@wrong_loss
def all_pairs(x, y):
    """Every row is compared with every row."""
    x, y = checked(x, y)
    return 2 - 2 * (F.normalize(x, dim=1) @ F.normalize(y, dim=1).T).mean()


@wrong_loss
def stays_in_half_precision(x, y):
    """The norm of a float16 row overflows or vanishes."""
    regression_loss(x, y)
    length_x, length_y = (v.square().sum(dim=1, keepdim=True).sqrt() for v in (x, y))
    return (x / length_x - y / length_y).square().sum(dim=1).mean()


@wrong_loss
def broadcasts(x, y):
    """One target is accepted for a whole batch."""
    if isinstance(y, torch.Tensor) and y.shape[:1] == (1,):
        y = y.expand(len(x), -1)
    return regression_loss(x, y)


# --- the target network ---------------------------------------------------------------------


@wrong
class NeverUpdates(BYOL):
    """The target stays as it was drawn."""

    def update_target_network(self):
        """Check, and do nothing else."""
        tau, self.tau = self.tau, 1.0
        check_fraction(tau=tau)
        super().update_target_network()
        self.tau = tau


@wrong
class MomentumInverted(BYOL):
    """Tau weighs the online network: the target is nearly its copy."""

    def update_target_network(self):
        """Update with 1 - tau."""
        tau = self.tau
        check_fraction(tau=tau)
        self.tau = 1 - tau
        super().update_target_network()
        self.tau = tau


@wrong
class UpdatesInForward(BYOL):
    """The target moves before the optimizer's step, toward yesterday's weights."""

    def forward(self, x1, x2):
        """Update, then compute."""
        loss = super().forward(x1, x2)
        super().update_target_network()
        return loss

    def update_target_network(self):
        """Nothing is left to do."""
        check_fraction(tau=self.tau)


@wrong
class UpdatesTheEncoderOnly(BYOL):
    """The target's projector is forgotten."""

    def update_target_network(self):
        """Move one of two parts."""
        check_fraction(tau=self.tau)
        ema_update(self.target_encoder, self.online_encoder, self.tau)


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
class AveragesBuffers(BYOL):
    """Running statistics are averaged along with the weights."""

    @torch.no_grad()
    def update_target_network(self):
        """Update, then blend the buffers."""
        super().update_target_network()
        pairs = zip(self.target_network.buffers(), self.online_network.buffers())
        for target, online in pairs:
            if target.is_floating_point():
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


@wrong
class TargetInEvaluationMode(BYOL):
    """The target normalizes by running statistics, which stay as they were drawn."""

    def train(self, mode=True):
        """Keep the target in evaluation mode."""
        super().train(mode)
        self.target_encoder.eval()
        self.target_projector.eval()
        return self

    def forward(self, x1, x2):
        """Compute with a target in evaluation mode."""
        self.train(self.training)
        return super().forward(x1, x2)


@wrong
class TargetIsTheOnlineNetwork(BYOL):
    """No copy is made: the target is the online network, and frozen with it."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.target_encoder = self.online_encoder
        self.target_projector = self.online_projector


@wrong
class TargetReceivesGradient(BYOL):
    """The target is trained as well, so both sides can agree on a constant."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        for parameter in self.target_network.parameters():
            parameter.requires_grad = True

    def forward(self, x1, x2):
        """Compute without stopping any gradient."""
        BYOL.forward(copy.deepcopy(self), x1, x2)
        p1, p2 = self.predict(x1), self.predict(x2)
        z1, z2 = self.target_network(x1), self.target_network(x2)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class TargetsFromTheOnlineNetwork(BYOL):
    """The targets are the online projections of the other view, with gradient."""

    def forward(self, x1, x2):
        """Compute without the target network."""
        super().forward(x1, x2)
        p1, p2 = self.predict(x1), self.predict(x2)
        z1, z2 = self.online_network(x1), self.online_network(x2)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class TargetDrawnAnew(BYOL):
    """The copy of a projector without size draws weights of its own on the first batch."""

    def build_projectors(self, features):
        """Let each projector find its own weights."""
        for projector in (self.online_projector, self.target_projector):
            if isinstance(projector.hidden, nn.LazyLinear):
                projector.hidden.initialize_parameters(features)


@wrong
class OptimizerMissesTheProjector(BYOL):
    """The first layer is made at the first batch, so an older optimizer does not know it."""

    def build_projectors(self, features):
        """Replace the layer."""
        if is_lazy(self.online_projector.hidden.weight):
            super().build_projectors(features)
            self.online_projector.hidden = copy.deepcopy(self.online_projector.hidden)


# --- the prediction -------------------------------------------------------------------------


class Recomputes(BYOL):
    """A variant that computes the loss its own way, after the checks of the real one."""

    def forward(self, x1, x2):
        """Check, then compute."""
        self.check_views(x1, x2)
        p1, p2 = self.predict(x1), self.predict(x2)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)
        return self.combine(p1, p2, z1, z2)


@wrong
class SameView(Recomputes):
    """A prediction meets the target of its own view: there is little to learn."""

    def combine(self, p1, p2, z1, z2):
        """Pair each view with itself."""
        return (regression_loss(p1, z1) + regression_loss(p2, z2)) / 2


@wrong
class SumOfDirections(Recomputes):
    """The paper's sum, twice the stated convention."""

    def combine(self, p1, p2, z1, z2):
        """Add up."""
        return regression_loss(p1, z2) + regression_loss(p2, z1)


@wrong
class OneDirection(Recomputes):
    """The second direction is left out."""

    def combine(self, p1, p2, z1, z2):
        """Look at the first view only."""
        return regression_loss(p1, z2)


@wrong
class PredictorOnBothBranches(Recomputes):
    """The target passes through the predictor too: the asymmetry is gone."""

    def combine(self, p1, p2, z1, z2):
        """Predict from the target."""
        with torch.no_grad():
            z1, z2 = self.online_predictor(z1), self.online_predictor(z2)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class NoPredictor(BYOL):
    """The projection itself is compared."""

    def predict(self, x):
        """Leave the predictor out."""
        super().predict(x)
        return self.online_network(x)


@wrong
class FrozenPredictor(BYOL):
    """The predictor is not trained."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.online_predictor.requires_grad_(False)


@wrong
class DetachedEncoder(BYOL):
    """No gradient reaches the encoder."""

    def predict(self, x):
        """Cut behind the encoder."""
        super().predict(x)
        features = self.online_encoder(x).detach()
        return self.online_predictor(self.online_projector(features))


@wrong
class BothViewsInOneBatch(BYOL):
    """Both views are normalized by common statistics."""

    def forward(self, x1, x2):
        """Join the views."""
        self.check_views(x1, x2)
        p1, p2 = self.predict(torch.cat([x1, x2])).chunk(2)
        with torch.no_grad():
            z1, z2 = self.target_network(torch.cat([x1, x2])).chunk(2)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class AsksTheEncoder(BYOL):
    """The output size is an attribute of the encoder, which hardly any encoder has."""

    def __init__(self, encoder, hidden_dim=4096, output_dim=256, tau=0.99):
        super().__init__(encoder, hidden_dim, output_dim, tau)
        size = getattr(encoder, "output_dim", 512)
        like = self.online_predictor.hidden.weight
        self.online_projector = MLP(size, hidden_dim, output_dim).to(like.device, like.dtype)
        self.target_projector = copy.deepcopy(self.online_projector).requires_grad_(False)


@wrong
class NanEntersTheStatistics(BYOL):
    """NaN in a view stays in the running statistics for good."""

    def check_views(self, x1, x2):
        """Check everything but the numbers."""
        clean = [x.nan_to_num(0, 0, 0) if torch.is_tensor(x) else x for x in (x1, x2)]
        super().check_views(*clean)


@wrong
class OneImageIsEnough(BYOL):
    """A batch of one is noticed by a layer, after others have taken their statistics."""

    def check_views(self, x1, x2):
        """Check all but the number of rows."""
        tensors = torch.is_tensor(x1) and torch.is_tensor(x2)
        if not (tensors and x1.shape == x2.shape and len(x1) == 1):
            super().check_views(x1, x2)


# --- the perceptron -------------------------------------------------------------------------


class Layers(MLP):
    """A variant that applies the layers its own way, after the checks of the real one."""

    def forward(self, x):
        """Check on a copy, then compute."""
        if not is_lazy(self.hidden.weight):
            MLP.forward(copy.deepcopy(self), x)
        check_matrices(x=x)
        return self.layers(x)


@wrong_mlp
class NoBatchNormalization(Layers):
    """Batch normalization is left out."""

    def layers(self, x):
        """Skip it."""
        return self.output(F.relu(self.hidden(x)))


@wrong_mlp
class NoRectifier(Layers):
    """Without the nonlinearity two layers are one."""

    def layers(self, x):
        """Skip it."""
        return self.output(self.norm(self.hidden(x)))


@wrong_mlp
class RectifierBeforeNormalization(Layers):
    """ReLU comes first."""

    def layers(self, x):
        """Swap the two."""
        return self.output(self.norm(F.relu(self.hidden(x))))


@wrong_mlp
class RectifiedOutput(Layers):
    """No output is below zero."""

    def layers(self, x):
        """Rectify."""
        return F.relu(self.output(F.relu(self.norm(self.hidden(x)))))


@wrong_mlp
class NormalizedOutput(Layers):
    """The output is normalized over the batch, as SimCLR's is."""

    def layers(self, x):
        """Normalize."""
        out = self.output(F.relu(self.norm(self.hidden(x))))
        return (out - out.mean(dim=0)) / (out.var(dim=0, unbiased=False) + 1e-5).sqrt()


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
