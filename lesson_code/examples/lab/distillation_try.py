# /// example
# cost = "quick"
# ///
"""Teach two students without a single 3, and look where the 3 stands in their guesses."""

# --8<-- [start:show]
import torch

from lesson_code.lab import Run, train

for name, alpha in {"hard labels": 0.0, "soft labels": 1.0}.items():
    run = Run(
        "distillation",
        steps=80,
        batch=128,
        width=8,
        omit=(3,),
        options={"alpha": alpha, "temperature": 8.0, "teacher_steps": 60},
    )
    trained = train(run)
    test = trained.data.test
    with torch.no_grad():
        logits = trained.method.eval().logits(test.images[test.labels == 3])
    preferred = (logits > logits[:, 3:4]).sum(dim=1)  # digits that come before the 3
    share = (preferred < 5).double().mean().item()
    print(f"{name}: most 3s have the 3 among five guesses: {share > 0.5}")
# --8<-- [end:show]
