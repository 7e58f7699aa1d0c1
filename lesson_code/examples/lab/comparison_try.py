# /// example
# cost = "quick"
# limit = 60
# ///
"""Train three methods for a moment and compare them with the network they began with."""

# --8<-- [start:show]
from lesson_code.lab import Run, train
from lesson_code.lab.study import untrained_network

untrained = untrained_network(Run("simclr"))
for method in ("simclr", "vicreg", "supervised"):
    measures = train(Run(method, steps=80)).record.measures
    gain = measures["few"] - untrained["few"]
    print(f"{method:10} five points above the untrained network: {gain > 0.05}")
# --8<-- [end:show]
