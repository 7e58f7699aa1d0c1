# /// example
# cost = "quick"
# ///
"""Three votes of nearest neighbors on the same digits: errors, disagreements, intervals."""

from lesson_code import mcnemar_test, paired_difference

# --8<-- [start:show]
from lesson_code import knn_predict
from lesson_code.lab.data import load
from lesson_code.lab.data.digits import forms

data = load("digits")
bank, queries = data.train.images.flatten(1), data.test.images.flatten(1)
hits = {}
for k in (1, 20, 100):
    guesses = knn_predict(bank, data.train.labels, queries, k)
    hits[k] = guesses == data.test.labels
    print(f"{k:3} neighbors: {(~hits[k]).sum()} errors")

found = {}
for few in (20, 1):
    a, b = hits[few], hits[100]
    p = mcnemar_test(a, b)
    by_image = paired_difference(a.double(), b.double())
    by_form = paired_difference(a.double(), b.double(), forms()[-500:])
    found[few] = p, by_image, by_form
    print(
        f"{few} against 100: only one is right on {(a & ~b).sum()} and {(b & ~a).sum()}"
    )
    print(f"  p = {p:.3f}, difference {by_image[0]:.3f}")
    print(f"  95%: {by_image[1]:.3f} to {by_image[2]:.3f} over images,", end=" ")
    print(f"{by_form[1]:.3f} to {by_form[2]:.3f} over forms")
# --8<-- [end:show]

import matplotlib.pyplot as plt

from lesson_code import bootstrap_interval

bars = {}
for k, right in hits.items():
    bars[f"{k} neighbor{'s' * (k > 1)}"] = (
        right.double().mean().item(),
        *bootstrap_interval(right.double()),
    )
differences = {}
for few, (_, by_image, by_form) in found.items():
    differences[f"{few} − 100, images"] = by_image
    differences[f"{few} − 100, forms"] = by_form

fig, axes = plt.subplots(2, 1, num="significance-pairs", figsize=(4.6, 3.6))
for ax, shown in zip(axes, (bars, differences), strict=True):
    for row, (middle, low, high) in enumerate(shown.values()):
        ax.plot([low, high], [row, row], color="C0", linewidth=2)
        ax.plot(middle, row, "o", color="C0")
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.5, -0.5)
axes[0].set_xlabel("accuracy")
axes[1].set_xlabel("difference of two accuracies")
axes[1].axvline(0, color=plt.rcParams["text.color"], linewidth=0.8)
fig.tight_layout()

values = {
    "errors_20": int((~hits[20]).sum()),
    "errors_100": int((~hits[100]).sum()),
    "p_20": found[20][0],
    "p_1": found[1][0],
    "test_forms": len(set(forms()[-500:].tolist())),
    "all_forms": len(set(forms().tolist())),
}


def told(shown: dict[str, tuple[float, float, float]]) -> str:
    return "; ".join(
        f"{name}: {middle:.3f}, from {low:.3f} to {high:.3f}"
        for name, (middle, low, high) in shown.items()
    )


alt_text = {
    "significance-pairs": (
        f"Points with 95% intervals. Above, accuracies. {told(bars)}. Below, differences, with "
        f"a line at 0. {told(differences)}."
    )
}
