# /// example
# limit = 20
# ///
"""A contrastive loss that trusts its caller to normalize."""

import torch
import torch.nn.functional as F

from lesson_code import simclr_loss


# --8<-- [start:show]
def trusting(z_i: torch.Tensor, z_j: torch.Tensor, T: float = 0.5) -> torch.Tensor:
    """WRONG: the rows are used at whatever length they come."""
    z = torch.cat([z_i, z_j])
    logits = (z @ z.T / T).fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_i)))


torch.manual_seed(0)
z = torch.randn(32, 128, requires_grad=True)
for name, loss_function in (("trusting", trusting), ("simclr_loss", simclr_loss)):
    loss = loss_function(z, z.detach())
    (gradient,) = torch.autograd.grad(loss, z)
    learns = bool(gradient.norm() > 1e-6)
    print(f"{name:11} loss {loss:.4f}  gradient above 1e-6: {learns}")
# --8<-- [end:show]

values = {
    "trusting_loss": trusting(z, z).item(),
    "correct_loss": simclr_loss(z, z).item(),
}
