# /// example
# cost = "quick"
# ///
"""Ask a k-NN on raw pixels to read digits of writers whom it has not seen."""

import matplotlib.pyplot as plt
import torch

from lesson_code import knn_predict

# --8<-- [start:show]
from sklearn.datasets import load_digits

data = load_digits()  # 1797 images of 8 x 8 pixels, in the order of their writers
pixels = torch.tensor(data.data, dtype=torch.float32) / 16
digit = torch.tensor(data.target, dtype=torch.int64)
bank, bank_labels = pixels[:1297], digit[:1297]
test, test_labels = pixels[-500:], digit[-500:]

accuracy = {}
print("   k:   T = 0.01   T = 0.07   T = 1")
for k in (1, 5, 20, 100, 1297):
    for temperature in (0.01, 0.07, 1.0):
        guess = knn_predict(bank, bank_labels, test, k, temperature)
        accuracy[k, temperature] = (guess == test_labels).double().mean().item()
    row = "   ".join(f"{accuracy[k, T]:8.3f}" for T in (0.01, 0.07, 1.0))
    print(f"{k:4d}:  {row}")
# --8<-- [end:show]

import torch.nn.functional as F

guess = knn_predict(bank, bank_labels, test)
wrong = (guess != test_labels).nonzero().flatten()
shown = [0, 3, int(wrong[0])]
similarity = F.normalize(test[shown]) @ F.normalize(bank).T
nearest = similarity.topk(5).indices

fig, axes = plt.subplots(3, 6, num="knn-digits", figsize=(4.2, 2.6))
for row, (query, neighbors) in enumerate(zip(shown, nearest, strict=True)):
    pictures = [test[query], *bank[neighbors]]
    classes = [test_labels[query], *bank_labels[neighbors]]
    for ax, picture, label in zip(axes[row], pictures, classes, strict=True):
        ax.imshow(picture.view(8, 8).numpy(), cmap="gray", interpolation="none")
        ax.set(xticks=[], yticks=[])
        ax.set_title(str(label.item()), pad=2, fontsize=8)
axes[0, 0].set_xlabel("query")
for row in range(3):
    for spine in axes[row, 0].spines.values():
        spine.set(color="C0", linewidth=2)
axes[0, 0].set_xlabel("")

values = {
    "default": accuracy[20, 0.07],
    "one": accuracy[1, 0.07],
    "everyone": accuracy[1297, 1.0],
    "everyone_cold": accuracy[1297, 0.01],
    "hundred_hot": accuracy[100, 1.0],
    "hundred": accuracy[100, 0.07],
    "true_class": test_labels[shown[2]].item(),
    "guessed_class": guess[shown[2]].item(),
}
alt_text = {
    "knn-digits": (
        "Three rows of handwritten digits. In each, a test image and its five nearest neighbors, "
        "with their classes. "
        + " ".join(
            f"A {test_labels[query].item()} has the neighbors "
            + ", ".join(str(label.item()) for label in bank_labels[neighbors])
            + "."
            for query, neighbors in zip(shown, nearest, strict=True)
        )
    )
}
