# /// example
# cost = "quick"
# limit = 60
# ///
"""Take MoCo's momentum away for a moment: it learns all the same."""

# --8<-- [start:show]
from lesson_code.lab import Run, train

for momentum in (0.9, 0.0):
    run = Run("moco", steps=80, options={"momentum": momentum})
    measures = train(run).record.measures
    learned = measures["few"] > 0.8 and measures["std"] > 0.5
    print(f"momentum {momentum}: learned something: {learned}")
# --8<-- [end:show]
