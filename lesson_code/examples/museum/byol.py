# /// example
# cost = "quick"
# ///
"""What each bug in the family ``byol`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.byol import EXERCISES

tables = {"symptoms": symptoms("byol", EXERCISES)}
