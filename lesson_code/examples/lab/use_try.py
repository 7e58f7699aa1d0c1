# /// example
# cost = "quick"
# ///
"""Train, export the encoder, open it with torch alone, and compare with the lab's features."""

# --8<-- [start:train]
import tempfile
from pathlib import Path

from lesson_code.lab import Run, train
from lesson_code.lab.use import export

folder = Path(tempfile.mkdtemp())
train(Run("simclr", steps=60), folder=folder)
print(export(folder).name, "is written")
# --8<-- [end:train]

# --8<-- [start:open]
import torch

from lesson_code.lab.networks import build_encoder

saved = torch.load(folder / "encoder.pt", weights_only=True)
encoder = build_encoder(**saved["network"])
encoder.load_state_dict(saved["weights"])
encoder.eval()
print("takes:", saved["images"])
# --8<-- [end:open]

# --8<-- [start:features]
from lesson_code.lab.use import features

found, names = features(folder / "encoder.pt", "digits")
print(tuple(found.shape), "from", names[0], "to", names[-1])
# --8<-- [end:features]
