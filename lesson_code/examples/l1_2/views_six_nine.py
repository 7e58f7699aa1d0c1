# /// example
# cost = "quick"
# ///
"""Measure what it costs to call a digit and its half turn the same."""

# --8<-- [start:show]
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

data = load_digits()
scans = torch.tensor(data.images, dtype=torch.float32) / 16
digit = torch.tensor(data.target)
bank, test, truth = scans[:1297], scans[1297:], digit[1297:]


def nearest_digit(query: torch.Tensor, known: torch.Tensor, names: torch.Tensor):
    """The name of the known scan that is most like each query."""
    cosines = F.normalize(query.flatten(1)) @ F.normalize(known.flatten(1)).T
    return names[cosines.argmax(dim=1)]


turned = nearest_digit(test.rot90(2, (1, 2)), bank, digit[:1297])
print(f"6s, turned, called 9: {(turned[truth == 6] == 9).double().mean():.2f}")
print(f"9s, turned, called 6: {(turned[truth == 9] == 6).double().mean():.2f}")

shares = {"upright": [], "either way up": []}
for seed in range(50):  # each time other five labeled scans of each digit
    mixed = torch.randperm(1297, generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([mixed[digit[mixed] == one][:5] for one in range(10)])
    both = torch.cat([bank[rows], bank[rows].rot90(2, (1, 2))])
    for kind, known in {"upright": bank[rows], "either way up": both}.items():
        called = nearest_digit(test, known, digit[rows].repeat(len(known) // 50))
        right = (called == truth).double().mean()
        shares[kind].append([right, (called[truth == 9] == 6).double().mean()])
for kind, share in shares.items():
    right, nine_as_six = torch.tensor(share).mean(dim=0).tolist()
    print(f"{kind:14} right: {right:.3f}   9s called 6: {nine_as_six:.3f}")
# --8<-- [end:show]

values = {
    "six_as_nine": (turned[truth == 6] == 9).double().mean().item(),
    "nine_as_six": (turned[truth == 9] == 6).double().mean().item(),
}
for key, share in zip(("upright", "either"), shares.values(), strict=True):
    mean = torch.tensor(share).mean(dim=0).tolist()
    values |= {key: mean[0], f"{key}_nine": mean[1]}
