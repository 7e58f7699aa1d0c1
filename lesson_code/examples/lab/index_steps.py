# /// example
# cost = "quick"
# ///
"""Drive a trainer by hand for a dozen steps."""

# --8<-- [start:show]
from lesson_code.lab import Run
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer

trainer = Trainer(Run("simclr", steps=12), load("digits"), Machine())
losses = list(trainer.fit())
lower = max(losses[6:]) < losses[0]
print(f"steps: {trainer.step}, the last six below the first loss: {lower}")
# --8<-- [end:show]

encoder = trainer.method.encoder
values = {"weights": sum(one.numel() for one in encoder.parameters())}
