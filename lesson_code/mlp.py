"""The two-layer perceptron that BYOL puts behind its encoder, twice."""

from torch.nn.parameter import is_lazy

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import nn

# --8<-- [end:imports]

from lesson_code.guards import check_counts, check_matrices, guard_methods


def _refuse_sizes(in_dim: int | None, hidden_dim: int, out_dim: int) -> None:
    check_counts(hidden_dim=hidden_dim, out_dim=out_dim)
    if in_dim is not None:
        check_counts(in_dim=in_dim)


def _refuse_rows(self: "MLP", x: torch.Tensor) -> None:
    check_matrices(x=x)
    if self.training and len(x) < 2:
        raise ValueError("x must have at least 2 rows in training mode, got 1")
    weight = self.hidden.weight
    if not is_lazy(weight) and x.shape[1] != weight.shape[1]:
        raise ValueError(f"x must have {weight.shape[1]} columns, got {x.shape[1]}")
    if x.device != weight.device:
        raise ValueError(f"x must be on {weight.device} like MLP, got {x.device}")


@guard_methods(__init__=_refuse_sizes, forward=_refuse_rows)
# --8<-- [start:MLP]
class MLP(nn.Module):
    """Linear, batch normalization, ReLU, linear: section 3.3 of BYOL.

    BYOL's projector and predictor: a hidden layer with batch normalization and ReLU,
    and an output layer with neither. As in the official code the first linear layer has
    a bias and the second has none.

    Args:
        in_dim: the number of input columns. None leaves it open until the first batch
            tells it (``torch.nn.LazyLinear``).
        hidden_dim: the number of hidden units, 4096 in BYOL.
        out_dim: the number of output columns, 256 in BYOL.

    Raises:
        ValueError: if a size is not a whole number above 0.

    Deviations:
        Weights start as PyTorch's layers do, not from a truncated normal distribution.
        The official code averages the batch statistics over all devices; here is one.
    """

    def __init__(self, in_dim: int | None, hidden_dim: int, out_dim: int) -> None:
        super().__init__()
        self.hidden = (
            nn.Linear(in_dim, hidden_dim) if in_dim else nn.LazyLinear(hidden_dim)
        )
        self.norm = nn.BatchNorm1d(hidden_dim)
        self.output = nn.Linear(hidden_dim, out_dim, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a batch of vectors to a batch of vectors.

        Args:
            x: shape ``(N, in_dim)``, with N of at least 2 in training mode: one row has
                no variance to normalize by.

        Returns:
            Shape ``(N, out_dim)``.

        Raises:
            ValueError: if the shape, type or device is not as above.
        """
        return self.output(F.relu(self.norm(self.hidden(x))))


# --8<-- [end:MLP]
