# /// example
# cost = "gpu"
# limit = 300
# ///
"""Measure NT-Xent at the batch size of the paper: time and peak memory, forward and backward."""

import torch

from lesson_code import simclr_loss

# --8<-- [start:show]
import statistics
import time


def measure_simclr(bfloat16: bool) -> tuple[float, float]:
    """Return milliseconds (median of 20) and peak MiB, forward and backward."""
    views = torch.randn(2, 4096, 128, device="cuda", requires_grad=True)
    seconds = []
    for run in range(25):
        if run == 5:  # the first runs load kernels and fill the allocator
            torch.cuda.reset_peak_memory_stats()
        views.grad = None
        torch.cuda.synchronize()
        start = time.perf_counter()
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=bfloat16):
            loss = simclr_loss(views[0], views[1], temperature=0.1)
        loss.backward()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    milliseconds = 1000 * statistics.median(seconds[5:])
    return milliseconds, torch.cuda.max_memory_allocated() / 2**20


simclr_measured = {}
if torch.cuda.is_available():
    torch.manual_seed(0)
    for name, bfloat16 in (("float32", False), ("bfloat16", True)):
        milliseconds, mebibytes = measure_simclr(bfloat16)
        simclr_measured[f"{name}_ms"] = milliseconds
        simclr_measured[f"{name}_peak_mib"] = mebibytes
        print(f"{name:9} {milliseconds:8.2f} ms {mebibytes:8.0f} MiB")
else:
    print("This measurement needs a CUDA GPU; nothing was measured.")
# --8<-- [end:show]

values = simclr_measured
