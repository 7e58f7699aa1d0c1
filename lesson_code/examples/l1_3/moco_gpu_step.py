# /// example
# cost = "gpu"
# limit = 300
# ///
"""Measure a training step of MoCo with the queue of the paper: time and peak memory."""

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo

# --8<-- [start:show]
import statistics
import time


def measure_moco(bfloat16: bool) -> tuple[float, float]:
    """Return milliseconds (median of 20) and peak MiB of a training step."""
    encoder = nn.Sequential(
        nn.Conv2d(3, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(64, 128, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 128),
    )
    model = MoCo(encoder, dim=128, K=65536).cuda()
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.03, momentum=0.9)
    im_q, im_k = torch.randn(2, 256, 3, 32, 32, device="cuda")
    seconds = []
    for run in range(25):
        if run == 5:  # the first runs load kernels and fill the allocator
            torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
        start = time.perf_counter()
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=bfloat16):
            loss = F.cross_entropy(*model(im_q, im_k))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    milliseconds = 1000 * statistics.median(seconds[5:])
    return milliseconds, torch.cuda.max_memory_allocated() / 2**20


moco_measured = {}
if torch.cuda.is_available():
    torch.manual_seed(0)
    for name, bfloat16 in (("float32", False), ("bfloat16", True)):
        milliseconds, mebibytes = measure_moco(bfloat16)
        moco_measured[f"{name}_ms"] = milliseconds
        moco_measured[f"{name}_peak_mib"] = mebibytes
        print(f"{name:9} {milliseconds:8.2f} ms {mebibytes:8.0f} MiB")
else:
    print("This measurement needs a CUDA GPU; nothing was measured.")
# --8<-- [end:show]

values = moco_measured
