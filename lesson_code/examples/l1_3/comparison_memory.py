# /// example
# cost = "quick"
# ///
"""Compute the size of the largest tensors of each loss without allocating any of them."""

import torch


# --8<-- [start:show]
def size(*shape):
    tensor = torch.empty(*shape, device="meta")  # float32, but not allocated
    return f"{tensor.nbytes / 2**20:9.2f} MiB"


print("SimCLR  all pairs of views ", size(8192, 8192))
print("MoCo    queries and keys   ", size(256, 1 + 65536))
print("        the queue          ", size(128, 65536))
print("BYOL    outputs, 2 networks", size(4, 4096, 256))
print("DINO    student, 10 crops  ", size(10, 1024, 65536))
print("        teacher, 2 crops   ", size(2, 1024, 65536))
print("        the center         ", size(1, 65536))
print("pairs by broadcasting      ", size(8192, 8192, 128))
# --8<-- [end:show]

values = {
    "simclr_mib": 8192 * 8192 * 4 / 2**20,
    "broadcast_gib": 8192 * 8192 * 128 * 4 / 2**30,
    "student_gib": 10 * 1024 * 65536 * 4 / 2**30,
    "queue_mib": 128 * 65536 * 4 / 2**20,
}
