"""The lab: every method of the book really trained, on data small enough for a laptop.

    python -m lesson_code.lab list
    python -m lesson_code.lab train simclr --data digits --steps 200 --seed 0

From Python::

    from lesson_code.lab import Run, train

    trained = train(Run("simclr", steps=200, seed=0))
    print(trained.record.measures)
"""

from lesson_code.lab.methods import Method, Settings
from lesson_code.lab.own import register
from lesson_code.lab.run import LabError, Record, Run
from lesson_code.lab.training import Trained, train

__all__ = ["LabError", "Method", "Record", "Run", "Settings", "Trained", "register", "train"]
