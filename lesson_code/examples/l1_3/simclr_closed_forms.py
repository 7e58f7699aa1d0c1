# /// example
# cost = "quick"
# ///
"""Compare NT-Xent with closed forms where the embeddings are simple enough to have one."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]
import torch

from lesson_code import simclr_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D, T = 32, 128, 0.5

aligned = torch.eye(N, D)  # N orthogonal directions, the same in both views
one_way = torch.ones(N, D)  # every view of every image points one way
random_1, random_2 = torch.randn(N, D), torch.randn(N, D)

losses = {
    "aligned": simclr_loss(aligned, aligned, T).item(),
    "random": simclr_loss(random_1, random_2, T).item(),
    "collapsed": simclr_loss(one_way, one_way, T).item(),
}
by_hand = {
    "aligned": math.log(1 + (2 * N - 2) * math.exp(-1 / T)),
    "collapsed": math.log(2 * N - 1),
}
for name, loss in losses.items():
    print(f"{name:9}  loss {loss:.4f}", end="")
    print(f"  by hand {by_hand[name]:.4f}" if name in by_hand else "")
# --8<-- [end:show]

import matplotlib.pyplot as plt

shares = torch.linspace(0, 1, 41)
fig, ax = plt.subplots(num="simclr-alignment", figsize=(3.7, 2.9))
curves: dict[float, list[float]] = {}
for color, temperature in enumerate((1.0, 0.5, 0.1)):
    curves[temperature] = [
        simclr_loss(random_1, torch.lerp(random_2, random_1, share), temperature).item()
        for share in shares
    ]
    ax.plot(shares, curves[temperature], color=f"C{color}")
    ax.text(
        1.03,
        curves[temperature][-1],
        f"T = {temperature:g}",
        va="center",
        color=f"C{color}",
    )
chance = math.log(2 * N - 1)
ax.axhline(chance, linestyle="--", linewidth=1, color=plt.rcParams["text.color"])
ax.text(0.98, chance + 0.06, "ln(2N − 1)", ha="right", va="bottom")
ax.set(xlim=(0, 1), xlabel="share of view 1 in view 2", ylabel="NT-Xent")
ax.set_ylim(bottom=0)

values = {
    **losses,
    "chance": chance,
    "chance_4096": math.log(2 * 4096 - 1),
    "matrix_mib": 4 * (2 * 4096) ** 2 // 2**20,
}
alt_text = {
    "simclr-alignment": (
        "Line chart of the loss while the second view turns from unrelated to equal to the "
        "first. "
        + " ".join(
            f"At temperature {temperature:g} it falls from {curve[0]:.2f} to {curve[-1]:.2f}."
            for temperature, curve in curves.items()
        )
        + f" A dashed line marks ln(2N-1) = {chance:.2f}."
    )
}
