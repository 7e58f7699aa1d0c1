# /// example
# cost = "quick"
# limit = 120
# tolerance = 1e-3
# ///
"""Train a small network on digits to make two views agree, with SIGReg and without."""

import torch

# --8<-- [start:imports]
from torch import nn

# --8<-- [end:imports]

from lesson_code import effective_rank, embedding_std, knn_predict, lejepa_loss

# --8<-- [start:train]
from sklearn.datasets import load_digits

digits = load_digits()
images = torch.tensor(digits.data) / 16  # (1797, 64), float64
labels = torch.tensor(digits.target)


def view(batch):
    """Hide some of the pixels, and add noise to the others."""
    kept = torch.rand_like(batch) < 0.7
    return kept * (batch + 0.3 * torch.randn_like(batch))


def train(weight, steps=300):
    torch.manual_seed(0)
    layers = nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU()
    network = nn.Sequential(*layers, nn.Linear(256, 16)).double()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    for _ in range(steps):
        batch = images[torch.randint(1297, (128,))]
        views = network(view(batch)), network(view(batch))
        loss = lejepa_loss(views, torch.randn(16, 32), weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network


# --8<-- [end:train]
# --8<-- [start:judge]
def judge(network):
    with torch.no_grad():
        z = network(images)
    guesses = knn_predict(z[:1297], labels[:1297], z[1297:], k=20)
    right = (guesses == labels[1297:]).float().mean()
    return embedding_std(z).item(), effective_rank(z).item(), right.item()


runs = {
    "one step": train(0.02, steps=1),
    "agreement alone": train(0.0),
    "with SIGReg": train(0.02),
}
print("                   spread  rank of 16  k-NN")
for name, network in runs.items():
    spread, rank, right = judge(network)
    print(f"{name:18} {spread:6.2f} {rank:10.1f} {right:7.2f}")
# --8<-- [end:judge]

judged = {name: judge(network) for name, network in runs.items()}
values = {
    "alone_spread": judged["agreement alone"][0],
    "both_spread": judged["with SIGReg"][0],
    "alone_right": judged["agreement alone"][2],
    "both_right": judged["with SIGReg"][2],
    "untrained_right": judged["one step"][2],
}
