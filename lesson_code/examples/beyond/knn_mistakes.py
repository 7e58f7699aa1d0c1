# /// example
# cost = "quick"
# ///
"""Make the mistakes of a k-NN evaluation one at a time, and read the accuracy."""

import torch
from sklearn.datasets import load_digits

from lesson_code import knn_predict

data = load_digits()
pixels = torch.tensor(data.data, dtype=torch.float32) / 16
digit = torch.tensor(data.target, dtype=torch.int64)
bank, bank_labels = pixels[:1297], digit[:1297]
test, test_labels = pixels[-500:], digit[-500:]

# --8<-- [start:show]
torch.manual_seed(0)


def share_right(guess: torch.Tensor, truth: torch.Tensor) -> float:
    return (guess == truth).double().mean().item()


def plain_vote(x, y, q, temperature=0.07, k=20, stable=True):
    """The vote alone: no row is brought to length one."""
    logits, nearest = (q @ x.T / temperature).topk(k)
    weights = logits.softmax(dim=1) if stable else logits.exp()
    votes = torch.zeros(len(q), 10).scatter_add_(1, y[nearest], weights)
    return votes.argmax(dim=1)


unit = torch.nn.functional.normalize
# A network is free to give some images longer features than others.
lengths = torch.randn(1297, 1).exp()
order = torch.randperm(1797)
mixed, mixed_digit = pixels[order], digit[order]

results = {
    "as it should be": share_right(knn_predict(bank, bank_labels, test), test_labels),
    "the same, lengths vary": share_right(
        knn_predict(lengths * bank, bank_labels, test), test_labels
    ),
    "not normalized": share_right(plain_vote(bank, bank_labels, test), test_labels),
    "not normalized, lengths vary": share_right(
        plain_vote(lengths * bank, bank_labels, test), test_labels
    ),
    "plain exponential, T = 0.01": share_right(
        plain_vote(unit(bank), bank_labels, unit(test), 0.01, stable=False), test_labels
    ),
    "shuffled before the split": share_right(
        knn_predict(mixed[:1297], mixed_digit[:1297], mixed[-500:]), mixed_digit[-500:]
    ),
    "queries in the bank, k = 1": share_right(
        knn_predict(bank, bank_labels, bank, k=1), bank_labels
    ),
}
for name, share in results.items():
    print(f"{name:30s} {share:.3f}")
# --8<-- [end:show]

values = {
    "right": results["as it should be"],
    "raw": results["not normalized"],
    "lengths": results["not normalized, lengths vary"],
    "overflow": results["plain exponential, T = 0.01"],
    "shuffled": results["shuffled before the split"],
}
