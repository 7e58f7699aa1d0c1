# /// example
# cost = "quick"
# ///
"""What each bug in the family ``comparison`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.comparison import EXERCISES

tables = {"symptoms": symptoms("comparison", EXERCISES)}
