"""DINO's projection head: a perceptron, a bottleneck of length one, and prototypes."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

# --8<-- [end:imports]
from lesson_code.guards import check_counts, check_matrices, guard_methods


def _refuse_features(self: "DINOHead", x: torch.Tensor) -> None:
    check_matrices(x=x)
    weight = next(self.parameters())  # (hidden_dim, in_dim)
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"x must have {weight.shape[1]} columns, got {x.shape[1]}")
    if x.device != weight.device:
        raise ValueError(f"x must be on {weight.device} like DINOHead, got {x.device}")


def _refuse_sizes(
    in_dim: int, out_dim: int, hidden_dim: int, bottleneck_dim: int
) -> None:
    check_counts(in_dim=in_dim, out_dim=out_dim)
    check_counts(hidden_dim=hidden_dim, bottleneck_dim=bottleneck_dim)


@guard_methods(__init__=_refuse_sizes, forward=_refuse_features)
# --8<-- [start:DINOHead]
class DINOHead(nn.Module):
    """DINO's head, section 3.1 and appendix C: cosines with K learned directions.

    Three linear layers with GELU between them and no batch normalization; the
    bottleneck b is scaled to length one; then a linear layer without bias whose K rows
    w_k are scaled to length one too. So

        output_k = cos(b, w_k), from -1 to 1

    and the temperatures alone decide how sharp its softmax is.

    Args:
        in_dim: F, the size of the encoder's output.
        out_dim: K, the number of outputs; 65,536 in DINO.
        hidden_dim: units of the two hidden layers.
        bottleneck_dim: size of the bottleneck.

    Raises:
        ValueError: if a size is not a whole number above 0.

    Deviations:
        The gain of the weight normalization is fixed at 1. The official code can also
        train it, and freezes the last layer's directions during the first epoch.
    """

    def __init__(
        self,
        in_dim: int,
        out_dim: int,
        hidden_dim: int = 2048,
        bottleneck_dim: int = 256,
    ) -> None:
        super().__init__()
        first = nn.Linear(in_dim, hidden_dim)
        second = nn.Linear(hidden_dim, hidden_dim)
        third = nn.Linear(hidden_dim, bottleneck_dim)
        for layer in (first, second, third):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        self.mlp = nn.Sequential(first, nn.GELU(), second, nn.GELU(), third)
        self.last_layer = weight_norm(nn.Linear(bottleneck_dim, out_dim, bias=False))
        gain = self.last_layer.parametrizations.weight.original0  # (K, 1)
        nn.init.ones_(gain).requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The outputs that the DINO loss takes.

        Args:
            x: features, shape ``(N, in_dim)``.

        Returns:
            Cosines with the K directions, shape ``(N, out_dim)``.

        Raises:
            ValueError: if the shape, type or device is not as above.
        """
        # float16 has no 1e-12; the smallest it can divide by is the official choice.
        eps = 1e-6 if x.dtype == torch.float16 else 1e-12
        return self.last_layer(F.normalize(self.mlp(x), eps=eps))


# --8<-- [end:DINOHead]
