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

from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.networks import SmallViT
from lesson_code.lab.trainer import Trainer
from lesson_code.mae import patchify

untrained = Trainer(Run("dino", network="vit"), load("digits"), Machine())
encoder = untrained.method.encoder
assert isinstance(encoder, SmallViT)
patches = encoder.embed(patchify(untrained.data.train.images, encoder.patch))
values = {"patch_over_position": (patches.std() / encoder.positions.std()).item()}
