# /// example
# cost = "quick"
# ///
"""Train a small vision transformer with DINO for 40 steps, plain and with both changes."""

# --8<-- [start:show]
from lesson_code.lab import Run, train

settings = {"as the CNN": {}, "both changes": {"head_norm": True, "start": "even"}}
for name, options in settings.items():
    run = Run("dino", network="vit", steps=40, batch=64, options=options)
    found = train(run).record.measures
    print(f"{name:13s} outputs differ between images: {found['std'] > 0.3}")
# --8<-- [end:show]
