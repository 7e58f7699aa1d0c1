# /// example
# cost = "quick"
# ///
"""Assign four images to two prototypes, one of which all of them prefer."""

import torch

from lesson_code import sinkhorn

# --8<-- [start:show]
scores = torch.tensor(  # cosines of four images with two prototypes
    [[0.9, 0.2], [0.9, 0.4], [0.8, 0.6], [0.7, 0.6]]
)
alone = (scores / 0.05).softmax(dim=1)
shared = sinkhorn(scores, epsilon=0.05, iterations=100)

print("cosines       softmax       Sinkhorn")
for row in zip(scores, alone, shared, strict=True):
    print("    ".join(f"{left:.2f}  {right:.2f}" for left, right in row))
sums = [f"{a:.2f}  {b:.2f}" for a, b in (alone.sum(dim=0), shared.sum(dim=0))]
print("column sums ", "    ".join(sums))
# --8<-- [end:show]

values = {
    "favorite_alone": alone.sum(dim=0)[0].item(),
    "favorite_shared": shared.sum(dim=0)[0].item(),
}
