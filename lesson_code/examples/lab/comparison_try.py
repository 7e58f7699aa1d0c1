# /// example
# cost = "quick"
# limit = 60
# ///
"""Train three methods for a moment and compare them with the network they began with."""

# --8<-- [start:show]
from lesson_code.lab import Run, train
from lesson_code.lab.data import load

digits = load("digits")
untrained = train(Run("simclr", steps=1, lr=1e-9), data=digits).record.measures
for method in ("simclr", "vicreg", "supervised"):
    measures = train(Run(method, steps=80), data=digits).record.measures
    gain = measures["few"] - untrained["few"]
    print(f"{method:10} five points above the untrained network: {gain > 0.05}")
# --8<-- [end:show]
