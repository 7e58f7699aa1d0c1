# /// example
# cost = "quick"
# ///
"""What each bug in the family ``simclr`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.simclr import EXERCISES

tables = {"symptoms": symptoms("simclr", EXERCISES)}
