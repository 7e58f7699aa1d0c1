# /// example
# cost = "quick"
# ///
"""Show the ceiling that a small batch puts on the entropy of the mean, and how to lift it."""

import torch

from lesson_code import marginal_entropy, teacher_entropy, teacher_targets

# --8<-- [start:show]
import math

torch.manual_seed(0)
N, K = 4096, 1024
teacher = torch.eye(K)[torch.randint(K, (N,))]  # decided, and all prototypes in use
print(f"all {N} images: {marginal_entropy(teacher):.2f}, ln K = {math.log(K):.2f}")
print("batch  mean of the batches   ln N  of the mean target")
for size in (16, 64, 256, 1024):
    batches = teacher.split(size)
    naive = torch.stack([marginal_entropy(batch) for batch in batches]).mean()
    mean_target = sum(teacher_targets(b).mean(dim=0) for b in batches) / len(batches)
    pooled = torch.special.entr(mean_target).sum()
    print(f"{size:5} {naive:20.2f} {math.log(size):6.2f} {pooled:19.2f}")
# --8<-- [end:show]

ceiling = teacher_entropy(teacher).item() + math.log(64)
values = {
    "largest_vocabulary": math.log(65536),
    "batch_of_64": ceiling,
    "all_images": marginal_entropy(teacher).item(),
}
