"""BYOL: one network predicts what a slowly moving copy of it sees in another view."""

# --8<-- [start:imports]
import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

# --8<-- [end:imports]

from lesson_code.guards import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_matrices,
    first_output,
    guard,
    guard_methods,
)
from lesson_code.ema import ema_update
from lesson_code.mlp import MLP


def _refuse_pairs(x: Tensor, y: Tensor) -> None:
    check_matrices(x=x, y=y)


@guard(_refuse_pairs)
# --8<-- [start:regression_loss]
def regression_loss(x: Tensor, y: Tensor) -> Tensor:
    """Equation 2 of BYOL: mean squared distance between rows scaled to length one.

        || x / ||x|| - y / ||y|| ||^2 = 2 - 2 cos(x, y)

    Taken as the distance on the left it is never below 0 and stays exact near 0.

    Args:
        x: predictions, shape ``(N, D)``.
        y: targets, shape ``(N, D)``. They are not detached here: pass targets without
            gradient.

    Returns:
        A scalar from 0 (same direction) to 4 (opposite); NaN if an entry is not finite.
        Half precision is computed and returned in float32.

    Raises:
        ValueError: if the shapes, types or devices differ or are not as above.
    """
    dtype = torch.promote_types(x.dtype, torch.float32)
    difference = F.normalize(x.to(dtype)) - F.normalize(y.to(dtype))  # (N, D)
    return difference.square().sum(dim=1).mean()


# --8<-- [end:regression_loss]


def _refuse_settings(
    encoder: nn.Module, hidden_dim: int, output_dim: int, tau: float
) -> None:
    if not isinstance(encoder, nn.Module):
        kind = type(encoder).__name__
        raise ValueError(f"encoder must be a torch.nn.Module, got {kind}")
    check_counts(hidden_dim=hidden_dim, output_dim=output_dim)
    check_fraction(tau=tau)


def _refuse_views(self: "BYOL", x1: Tensor, x2: Tensor) -> None:
    check_batches(x1=x1, x2=x2)
    device = self.online_projector.hidden.weight.device
    if x1.device != device:
        raise ValueError(f"x1 must be on {device} like BYOL, got {x1.device}")
    if self.training:
        if len(x1) < 2:
            raise ValueError("x1 must have at least 2 rows in training mode, got 1")
        check_finite(x1=x1, x2=x2)
    if is_lazy(self.online_projector.hidden.weight):  # the first batch
        features = first_output(self.online_encoder, x1)
        shape = tuple(getattr(features, "shape", ())) or type(features).__name__
        if len(shape) != 2 or shape[0] != len(x1):
            raise ValueError(f"encoder must return shape ({len(x1)}, F), got {shape}")


def _refuse_update(self: "BYOL") -> None:
    check_fraction(tau=self.tau)
    if any(is_lazy(parameter) for parameter in self.target_network.parameters()):
        raise ValueError("target_network must have seen a batch before an update")


@guard_methods(
    __init__=_refuse_settings,
    forward=_refuse_views,
    update_target_network=_refuse_update,
)
# --8<-- [start:BYOL]
class BYOL(nn.Module):
    """Section 3.1 of BYOL: predict a slow copy's projection of one view from the other.

    The online network is encoder, projector and predictor; the target network is a copy
    of encoder and projector that follows the online one and receives no gradient. A
    training step is

        loss = byol(x1, x2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        byol.tau = cosine_momentum(step, total_steps, 0.99)
        byol.update_target_network()

    The encoder may be any network whose output has shape ``(N, F)``. F is measured on
    the first batch, where the projectors get their weights. An optimizer, a copy or a
    state dict made before that works; to count parameters, or to wrap the module for
    several devices, run one batch first.

    Both networks must be in training mode while training. The target's running
    statistics of batch normalization are its own, gathered in its own forward pass: a
    target in evaluation mode would normalize by statistics that never leave their
    initial value, and the loss would not tell.

    Attributes:
        tau: the share of itself that the target keeps in an update; set it before each
            update to follow a schedule.

    Args:
        encoder: the network to train; the target's copy is made from it.
        hidden_dim: hidden units of projector and predictor.
        output_dim: D, the outputs of projector and predictor.
        tau: the momentum of the target network, from 0 to 1.

    Raises:
        ValueError: if an argument is of the wrong kind or outside its range.

    Deviations:
        The loss is the mean of the two directions, from 0 to 4; paper and official code
        take their sum, from 0 to 8. The target starts as a copy of the online network;
        the official code draws it anew, as is done here with lazy layers of an encoder.
    """

    regression_loss = staticmethod(regression_loss)

    def __init__(
        self,
        encoder: nn.Module,
        hidden_dim: int = 4096,
        output_dim: int = 256,
        tau: float = 0.99,
    ) -> None:
        super().__init__()
        self.tau = tau
        self.online_encoder = encoder
        self.online_projector = MLP(None, hidden_dim, output_dim)
        self.online_predictor = MLP(output_dim, hidden_dim, output_dim)
        like = next(encoder.parameters(), torch.empty(0))
        self.online_projector.to(like.device, like.dtype)
        self.online_predictor.to(like.device, like.dtype)
        self.target_encoder = copy.deepcopy(encoder)
        self.target_projector = copy.deepcopy(self.online_projector)
        for parameter in self.target_network.parameters():
            parameter.requires_grad = False

    @property
    def online_network(self) -> nn.Sequential:
        """Encoder and projector that are trained."""
        return nn.Sequential(self.online_encoder, self.online_projector)

    @property
    def target_network(self) -> nn.Sequential:
        """Encoder and projector that follow."""
        return nn.Sequential(self.target_encoder, self.target_projector)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Return the loss of a batch of pairs of views, both directions averaged.

        Args:
            x1: one view of each of N images, with N of at least 2 in training mode.
            x2: the other view of the same images, of the same shape.

        Returns:
            A scalar from 0 to 4.

        Raises:
            ValueError: if the views are empty, not floating point, differ in shape or
                device, or, in training mode, are of one image only or hold NaN or
                infinity, which would enter the running statistics; or, at the first
                batch, if the encoder does not return shape ``(N, F)``. Nothing has
                changed then.
        """
        p1, p2 = self.predict(x1), self.predict(x2)  # (N, D)
        with torch.no_grad():
            z1, z2 = self.target_network(x1), self.target_network(x2)  # (N, D)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2

    def predict(self, x: Tensor) -> Tensor:
        """Run the online network: encoder, projector, predictor.

        The first batch gives the projector's first layer its size, and so its weights;
        the target's copy of that layer gets them here.
        """
        z = self.online_network(x)  # (N, D)
        online, target = self.online_projector.hidden, self.target_projector.hidden
        if is_lazy(target.weight):  # the first batch has told the width of the features
            target.load_state_dict(online.state_dict())
        return self.online_predictor(z)

    def update_target_network(self) -> None:
        """Move the target toward the online network, once per optimizer step.

            target <- tau * target + (1 - tau) * online

        Raises:
            ValueError: if ``tau`` is outside [0, 1], no batch has been seen yet, or an
                online parameter is NaN or infinite; the target is unchanged then.
        """
        ema_update(self.target_network, self.online_network, self.tau)


# --8<-- [end:BYOL]
