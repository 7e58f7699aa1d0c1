# /// example
# cost = "quick"
# ///
"""What each bug in the family ``temperature`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.temperature import EXERCISES

tables = {"symptoms": symptoms("temperature", EXERCISES)}
