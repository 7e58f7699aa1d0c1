# /// example
# cost = "quick"
# ///
"""Compare the gradient on a projection with and without the stop-gradient."""

import torch
import torch.nn.functional as F

from lesson_code import simsiam_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 32, 64
z_1 = torch.randn(N, D, requires_grad=True)
z_2 = torch.randn(N, D, requires_grad=True)
predictors = {
    "no predictor": torch.eye(D),  # p = z
    "a predictor": torch.randn(D, D),
}
print(f"{'':12} {'loss':>16} {'gradient on z_1':>22}")
print(f"{'':12}    stop    flow    stop   ratio  cosine")
measured = {}
for name, weight in predictors.items():
    p_1, p_2 = z_1 @ weight, z_2 @ weight
    stop = simsiam_loss(p_1, p_2, z_1, z_2)
    flow = -F.cosine_similarity(p_1, z_2).mean() / 2
    flow = flow - F.cosine_similarity(p_2, z_1).mean() / 2  # nothing is detached
    (kept,) = torch.autograd.grad(stop, z_1, retain_graph=True)
    (whole,) = torch.autograd.grad(flow, z_1)
    ratio = (kept.norm() / whole.norm()).item()
    cosine = F.cosine_similarity(kept.flatten(), whole.flatten(), dim=0).item()
    measured[name] = (ratio, cosine)
    print(f"{name:12} {stop.item():7.4f} {flow.item():7.4f}", end=" ")
    print(f"{kept.norm().item():7.4f} {ratio:7.4f} {cosine:7.4f}")
# --8<-- [end:show]

values = {
    "ratio_without": measured["no predictor"][0],
    "cosine_without": measured["no predictor"][1],
    "cosine_with": measured["a predictor"][1],
}
