# /// example
# cost = "quick"
# limit = 60
# ///
"""Judge raw pixels and a SimCLR of 100 steps by the same three measures."""

# --8<-- [start:show]
from lesson_code.lab import Run, train
from lesson_code.lab.data import load
from lesson_code.lab.evaluate import judge

pixels = judge(lambda images: images.flatten(1), load("digits"))
learned = train(Run("simclr", steps=100, batch=128)).record.measures

for measure in ("knn", "linear", "few"):
    print(f"{measure:6s} raw pixels {pixels[measure]:.3f}")
gain = learned["few"] - pixels["few"]
print(f"few labels: SimCLR wins by more than .03: {gain > 0.03}")
print(f"k-NN: SimCLR wins by more than .02: {learned['knn'] - pixels['knn'] > 0.02}")
# --8<-- [end:show]
