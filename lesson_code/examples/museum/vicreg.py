# /// example
# cost = "quick"
# ///
"""What each bug in the family ``vicreg`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.vicreg import EXERCISES

tables = {"symptoms": symptoms("vicreg", EXERCISES)}
