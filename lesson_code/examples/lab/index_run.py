# /// example
# cost = "quick"
# ///
"""Train SimCLR for 60 steps and look at what the record holds."""

# --8<-- [start:show]
from lesson_code.lab import Run, train

record = train(Run("simclr", steps=60, seed=0), watch=20).record
print("measured at the end:", ", ".join(sorted(record.measures)))
print("measured on the way:", ", ".join(record.history[0]))
print("at the steps:", [int(row["step"]) for row in record.history])
print("more than 4 of 5 digits by their neighbors:", record.measures["knn"] > 0.8)
# --8<-- [end:show]
