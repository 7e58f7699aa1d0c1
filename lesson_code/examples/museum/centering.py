# /// example
# cost = "quick"
# ///
"""What each bug in the family ``centering`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.centering import EXERCISES

tables = {"symptoms": symptoms("centering", EXERCISES)}
