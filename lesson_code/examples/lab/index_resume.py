# /// example
# cost = "quick"
# ///
"""Stop a run after ten steps, go on, and compare with a run that was never stopped."""

# --8<-- [start:show]
import tempfile
from pathlib import Path

import torch

from lesson_code.lab import LabError, Run, train

run = Run("byol", steps=30, batch=128)
with tempfile.TemporaryDirectory() as place:
    steps = []
    try:
        train(
            run, folder=Path(place), report=steps.append, stop=lambda: len(steps) == 9
        )
    except LabError as error:
        print(error)
    resumed = train(run, folder=Path(place)).method.state_dict()

whole = train(run).method.state_dict()
same = all(torch.equal(resumed[name], whole[name]) for name in whole)
print(f"all {len(whole)} tensors have the same bits: {same}")
# --8<-- [end:show]
