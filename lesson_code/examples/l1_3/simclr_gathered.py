# /// example
# cost = "quick"
# ///
"""Compare the gradient of NT-Xent with the one left when gathered embeddings carry none."""

import torch
import torch.nn.functional as F

# --8<-- [start:show]
torch.manual_seed(0)
N, D, T = 32, 128, 0.5
z = F.normalize(torch.randn(2 * N, D), dim=1).requires_grad_()
partner = (torch.arange(2 * N) + N) % (2 * N)
losses, gradients = {}, {}
for name, gathered in (("with gradient", z), ("without", z.detach())):
    logits = (z @ gathered.T / T).fill_diagonal_(-torch.inf)
    loss = F.cross_entropy(logits, partner)
    losses[name] = loss.item()
    (gradients[name],) = torch.autograd.grad(loss, z)
    length = gradients[name].norm()
    print(f"{name:13}  loss {loss.item():.4f}  gradient {length:.4f}")
# --8<-- [end:show]

values = {
    "share": (gradients["without"].norm() / gradients["with gradient"].norm()).item(),
}
