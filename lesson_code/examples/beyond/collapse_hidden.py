# /// example
# cost = "quick"
# ///
"""Put a batch normalization behind collapsed embeddings and see which measure notices."""

import torch
import torch.nn.functional as F

from lesson_code import effective_rank, embedding_std

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 512, 64
point, line = torch.randn(2, D)
along = torch.randn(N, 1)  # the one number in which images still differ

network_output = point + 0.05 * along * line + 1e-4 * torch.randn(N, D)
after_norm = F.batch_norm(network_output, None, None, training=True)

hidden = {}
for name, z in (("before", network_output), ("after", after_norm)):
    hidden[name] = embedding_std(z).item(), effective_rank(z).item()
    print(
        f"{name:6s} batch normalization: std {hidden[name][0]:.3f}, "
        f"rank {hidden[name][1]:.2f}"
    )
# --8<-- [end:show]

import matplotlib.pyplot as plt

healthy = torch.randn(N, D)
fig, ax = plt.subplots(num="collapse-spectrum", figsize=(3.7, 2.8))
spectra = {"healthy noise": healthy, "after": after_norm, "before": network_output}
shares = {}
for number, (name, z) in enumerate(spectra.items()):
    spectrum = torch.linalg.svdvals(z - z.mean(0))
    shares[name] = (spectrum / spectrum.sum()).tolist()
    ax.plot(
        range(1, D + 1),
        shares[name],
        color=f"C{number}",
        linestyle=("-", "--", ":")[number],
        label=name if number == 0 else f"collapsed, {name} normalization",
    )
ax.set(yscale="log", xlabel="direction", ylabel="share of the singular values")
ax.yaxis.set_major_formatter("{x:g}")
ax.legend()

values = {
    "std_before": hidden["before"][0],
    "std_after": hidden["after"][0],
    "rank_before": hidden["before"][1],
    "rank_after": hidden["after"][1],
    "first_share": shares["after"][0],
}
alt_text = {
    "collapse-spectrum": (
        f"Line chart of the {D} shares of the singular values. Those of healthy noise are all "
        f"about {1 / D:.3f}. Of the collapsed embeddings the first has {shares['before'][0]:.0%} "
        f"before and {shares['after'][0]:.0%} after batch normalization, and the others are far "
        "below."
    )
}
