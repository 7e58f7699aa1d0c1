# /// example
# cost = "quick"
# ///
"""What each bug in the family ``schedules`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.schedules import EXERCISES

tables = {"symptoms": symptoms("schedules", EXERCISES)}
