# /// example
# cost = "quick"
# ///
"""What each bug in the family ``mlp`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.mlp import EXERCISES

tables = {"symptoms": symptoms("mlp", EXERCISES)}
