# /// example
# cost = "quick"
# ///
"""Compute the three terms of VICReg where their values are known by hand."""

import torch

from lesson_code import covariance_term, variance_term, vicreg_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 64, 8
drawn = torch.randn(N, D, dtype=torch.float64)
wide = torch.linalg.qr(drawn - drawn.mean(dim=0)).Q * (N - 1) ** 0.5  # std 1, apart
cases = {
    "healthy": (wide, wide),
    "wider still": (3 * wide, 3 * wide),
    "half as wide": (wide / 2, wide / 2),
    "one column, D times": (wide[:, :1].expand(N, D),) * 2,
    "unrelated views": (wide, torch.randn_like(wide)),
    "every image alike": (torch.ones_like(wide),) * 2,
}
losses = {}
print(f"{'':22}s     v     c    loss")
for name, (z_1, z_2) in cases.items():
    s = (z_1 - z_2).square().mean()
    v = (variance_term(z_1) + variance_term(z_2)) / 2
    c = covariance_term(z_1) + covariance_term(z_2)
    losses[name] = vicreg_loss(z_1, z_2).item()
    print(f"{name:19}{s:6.2f}{v:6.2f}{c:6.2f}{losses[name]:8.2f}")
# --8<-- [end:show]

values = {
    "half": losses["half as wide"],
    "one_column": losses["one column, D times"],
    "unrelated": losses["unrelated views"],
    "alike": losses["every image alike"],
}
