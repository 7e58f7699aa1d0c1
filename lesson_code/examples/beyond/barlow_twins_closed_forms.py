# /// example
# cost = "quick"
# ///
"""Compute the Barlow Twins loss where its value is known by hand."""

import torch

from lesson_code import barlow_twins_loss, cross_correlation

# --8<-- [start:show]
torch.manual_seed(0)
N, D, WEIGHT = 64, 8, 0.005
drawn = torch.randn(N, D, dtype=torch.float64)
apart = torch.linalg.qr(drawn - drawn.mean(dim=0)).Q  # D uncorrelated columns
one = apart[:, :1].expand(N, D)  # one column, D times
same = torch.full((N, D), 0.1, dtype=torch.float64)  # all images alike

cases = {
    "equal views, columns apart": (apart, apart, "0"),
    "equal views, one column": (one, one, f"{WEIGHT * D * (D - 1):.2f}"),
    "unrelated views": (drawn, torch.randn_like(drawn), f"about {D}"),
    "every image alike": (same, same, f"{D}"),
    "opposite views": (apart, -apart, f"{4 * D}"),
}
losses = {}
print(f"{'':29}loss  by hand")
for name, (z_1, z_2, by_hand) in cases.items():
    losses[name] = abs(barlow_twins_loss(z_1, z_2, WEIGHT).item())
    print(f"{name:27}{losses[name]:6.2f}  {by_hand}")
# --8<-- [end:show]

assert cross_correlation(apart, apart).allclose(torch.eye(D, dtype=torch.float64))
values = {
    "one_column": losses["equal views, one column"],
    "unrelated": losses["unrelated views"],
    "alike": losses["every image alike"],
    "one_column_in_the_paper": round(WEIGHT * 8192 * 8191),
    # Centered rows span N - 1 dimensions: sum of C^2 >= trace(C)^2 / (N - 1).
    "floor_in_the_paper": round(WEIGHT * (8192**2 / 2047 - 8192)),
}
