# /// example
# cost = "quick"
# ///
"""What SIGReg says about Gaussian, collapsed and other embeddings, beside spread and rank."""

import torch

from lesson_code import effective_rank, embedding_std, sigreg_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 512, 16
directions = torch.randn(D, 256)
noise = torch.randn(N, D)
line = torch.ones(D) / D**0.5
states = {
    "Gaussian": noise,
    "all zero": torch.zeros(N, D),
    "two points": D**0.5 * noise[:, :1].sign() * line,
    "a line": D**0.5 * noise[:, :1] * line,
    "half the dimensions": 2**0.5 * noise * (torch.arange(D) < D // 2),
    "too wide": 2 * noise,
    "rows of length one": noise / noise.norm(dim=1, keepdim=True),
}
print("                     SIGReg  spread  rank")
table = {}
for name, z in states.items():
    table[name] = [
        sigreg_loss(z, directions).item(),
        embedding_std(z).item(),
        effective_rank(z).item(),
    ]
    value, spread, rank = table[name]
    print(f"{name:20} {value:6.1f} {spread:7.2f} {rank:5.1f}")
# --8<-- [end:show]

values = {
    "gaussian": table["Gaussian"][0],
    "zero": table["all zero"][0],
    "two": table["two points"][0],
    "line": table["a line"][0],
    "half": table["half the dimensions"][0],
    "unit": table["rows of length one"][0],
}
