# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Show what a probe measures when it is not standardized, and when it peeks."""

import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from lesson_code.lab.probes import few_label_probe, linear_probe

data = load_digits()
pixels = torch.tensor(data.data, dtype=torch.float64) / 16
digit = torch.tensor(data.target, dtype=torch.int64)
train, test = slice(0, 1297), slice(1297, 1797)

# --8<-- [start:show]
plain = {}
for scale in (1.0, 0.01, 0.001):
    x = scale * pixels
    probe = LogisticRegression(max_iter=5000).fit(
        x[train].numpy(), digit[train].numpy()
    )
    plain[scale] = probe.score(x[test].numpy(), digit[test].numpy())
    standard = linear_probe(x[train], digit[train], x[test], digit[test])
    print(f"pixels times {scale:5}: plain {plain[scale]:.3f}, probe {standard:.3f}")

sets = pixels[train], digit[train], pixels[test], digit[test]
draws = [few_label_probe(*sets, draws=1, seed=seed) for seed in range(20)]
print(f"5 per class, best of 20 draws: {max(draws):.3f}")
print(f"5 per class, mean of 20 draws: {sum(draws) / 20:.3f}")
# --8<-- [end:show]

values = {
    "plain_small": plain[0.001],
    "plain": plain[1.0],
    "probe": standard,
    "best": max(draws),
    "mean": sum(draws) / 20,
}
