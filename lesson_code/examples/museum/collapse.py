# /// example
# cost = "quick"
# ///
"""What each bug in the family ``collapse`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.collapse import EXERCISES

tables = {"symptoms": symptoms("collapse", EXERCISES)}
