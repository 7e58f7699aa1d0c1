# /// example
# cost = "quick"
# ///
"""What each bug in the family ``simsiam`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.simsiam import EXERCISES

tables = {"symptoms": symptoms("simsiam", EXERCISES)}
