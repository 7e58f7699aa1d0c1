# /// example
# limit = 20
# ///
"""The draft's temperature table beside the softmax it should have shown."""

import torch
import torch.nn.functional as F

# --8<-- [start:show]
printed = {  # the draft's output for the logits 2, 1 and 0.5
    0.5: (0.8756, 0.1064, 0.0180),
    1.0: (0.6590, 0.2424, 0.0986),
    2.0: (0.5033, 0.3072, 0.1896),
    5.0: (0.3775, 0.3264, 0.2961),
}
wrong = 0
print("  T   printed               softmax               wrong")
for temperature, row in printed.items():
    true = F.softmax(torch.tensor([2.0, 1.0, 0.5]) / temperature, dim=0).tolist()
    off = sum(abs(p - q) > 1e-3 for p, q in zip(row, true, strict=True))
    wrong += off
    texts = ["  ".join(f"{p:.4f}" for p in numbers) for numbers in (row, true)]
    print(f"{temperature:.1f}   {texts[0]}  {texts[1]}  {off} of 3")

other = F.softmax(torch.tensor([2.0, 1.0, 0.1]), dim=0)
same = torch.allclose(other, torch.tensor(printed[1.0]), atol=1e-4)
print(f"the row T = 1.0 belongs to the logits 2, 1 and 0.1: {same}")
# --8<-- [end:show]

values = {
    "wrong": wrong,
    "numbers": 3 * len(printed),
    "sum_at_two": round(sum(printed[2.0]), 4),
}
