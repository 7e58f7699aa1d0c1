# /// example
# cost = "quick"
# limit = 60
# ///
"""Train two SimCLRs that differ in one thing: whether views change their color."""

# --8<-- [start:show]
from lesson_code.lab import Run, train

settings = {"steps": 100, "batch": 128, "options": {"temperature": 0.2}}
full, geometric = (
    train(Run("simclr", "tinted", augmentation=name, **settings)).record.measures
    for name in ("full", "geometric")
)
lower = geometric["loss"] < full["loss"] - 1
print(f"without changes of color the loss is lower, by more than 1: {lower}")
print(f"and k-NN is near the chance of 0.1: {geometric['knn'] < 0.2}")
print(f"with them k-NN is above 0.4: {full['knn'] > 0.4}")
# --8<-- [end:show]
