# /// example
# cost = "quick"
# ///
"""Ask two representations of digits, neither of them trained, what they are worth."""

# --8<-- [start:encoder]
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

data = load_digits()  # 1,797 scans of 8 x 8 pixels, in the order of their writers
images = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
digit = torch.tensor(data.target)
bank, test = slice(0, 1297), slice(1297, None)

torch.manual_seed(0)
encoder = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.BatchNorm2d(16, momentum=None),
    nn.ReLU(),
    nn.Conv2d(16, 32, 3, stride=2, padding=1),
    nn.BatchNorm2d(32, momentum=None),
    nn.ReLU(),
    nn.Conv2d(32, 64, 3, stride=2, padding=1),
    nn.BatchNorm2d(64, momentum=None),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
)
with torch.no_grad():
    encoder(images[bank])  # batch normalization gathers its means and spreads
    features = encoder.eval()(images)  # (N, 64)
# --8<-- [end:encoder]


# --8<-- [start:by_neighbors]
def by_neighbors(x: torch.Tensor) -> float:
    """The share of test images that most of their five neighbors name right."""
    x = F.normalize(x)
    nearest = (x[test] @ x[bank].T).topk(5).indices  # by cosine, (M, 5)
    vote = digit[bank][nearest].mode(dim=1).values
    return (vote == digit[test]).double().mean().item()


# --8<-- [end:by_neighbors]


# --8<-- [start:by_probe]
def by_probe(x: torch.Tensor, labeled: torch.Tensor) -> float:
    """The share of test images that a linear layer names right."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    probe.fit(x[labeled].double().numpy(), digit[labeled].numpy())
    return float(probe.score(x[test].double().numpy(), digit[test].numpy()))


def few(per_digit: int, seed: int) -> torch.Tensor:
    """The numbers of a few images of each digit, drawn from the bank."""
    shuffled = torch.randperm(1297, generator=torch.Generator().manual_seed(seed))
    of = [shuffled[digit[shuffled] == one][:per_digit] for one in range(10)]
    return torch.cat(of)


# --8<-- [end:by_probe]

# --8<-- [start:show]
worth = {}
print("                   k-NN   linear   5 labels")
for name, x in {"pixels": images.flatten(1), "random weights": features}.items():
    draws = [by_probe(x, few(5, seed)) for seed in range(5)]
    worth[name] = (by_neighbors(x), by_probe(x, torch.arange(1297)), sum(draws) / 5)
    print(f"{name:15}" + "".join(f"{share:9.3f}" for share in worth[name]))
# --8<-- [end:show]

values = {
    "pixels": worth["pixels"][0],
    "pixels_linear": worth["pixels"][1],
    "pixels_few": worth["pixels"][2],
    "random": worth["random weights"][0],
    "random_few": worth["random weights"][2],
    "weights": sum(one.numel() for one in encoder.parameters()),
}
