# /// example
# cost = "quick"
# ///
"""What each bug in the family ``ema`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.ema import EXERCISES

tables = {"symptoms": symptoms("ema", EXERCISES)}
