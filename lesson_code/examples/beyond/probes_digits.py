# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Probe three representations of handwritten digits with all labels and with five a class."""

import matplotlib.pyplot as plt
import torch

from lesson_code.lab.probes import few_label_probe, linear_probe

# --8<-- [start:show]
from sklearn.datasets import load_digits

data = load_digits()  # 1797 images of 8 x 8 pixels, in the order of their writers
pixels = torch.tensor(data.data, dtype=torch.float64) / 16
digit = torch.tensor(data.target, dtype=torch.int64)
train, test = slice(0, 1297), slice(1297, 1797)

torch.manual_seed(0)
axes_of_variance = torch.linalg.svd(pixels[train] - pixels[train].mean(0)).Vh
random = torch.randn(64, 64, dtype=torch.float64) / 8
representations = {
    "raw pixels": pixels,
    "10 principal components": pixels @ axes_of_variance[:10].T,
    "a random layer and ReLU": (pixels @ random).relu(),
}
probed = {}
print(f"{'':24s} all labels   5 per class")
for name, x in representations.items():
    sets = x[train], digit[train], x[test], digit[test]
    probed[name] = linear_probe(*sets), few_label_probe(*sets)
    print(f"{name:24s} {probed[name][0]:10.3f} {probed[name][1]:13.3f}")
# --8<-- [end:show]

few = [
    few_label_probe(
        pixels[train], digit[train], pixels[test], digit[test], draws=1, seed=s
    )
    for s in range(20)
]
fig, ax = plt.subplots(num="probes-draws", figsize=(3.7, 1.7))
ax.plot(few, [0] * len(few), "o", color="C0", markersize=7, alpha=0.5)
ax.plot([probed["raw pixels"][0]], [0], "s", color="C1", markersize=7)
ax.text(probed["raw pixels"][0], 0.5, "all labels", ha="center", color="C1")
ax.text(sum(few) / len(few), 0.5, "20 draws of 5 per class", ha="center", color="C0")
ax.set(xlabel="accuracy of the probe on raw pixels", yticks=[], ylim=(-0.6, 1))
ax.set_xlim(right=1)

values = {
    "linear_pixels": probed["raw pixels"][0],
    "few_pixels": probed["raw pixels"][1],
    "linear_components": probed["10 principal components"][0],
    "few_components": probed["10 principal components"][1],
    "few_lowest": min(few),
    "few_highest": max(few),
}
alt_text = {
    "probes-draws": (
        f"Dot plot of the accuracy on raw pixels. Twenty draws of five labels per class lie "
        f"between {min(few):.2f} and {max(few):.2f}; the probe with all labels reaches "
        f"{probed['raw pixels'][0]:.2f}."
    )
}
