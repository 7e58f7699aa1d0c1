# /// example
# cost = "quick"
# ///
"""What each bug in the family ``mae`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.mae import EXERCISES

tables = {"symptoms": symptoms("mae", EXERCISES)}
