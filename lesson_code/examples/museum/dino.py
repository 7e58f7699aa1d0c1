# /// example
# cost = "quick"
# ///
"""What each bug in the family ``dino`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.dino import EXERCISES

tables = {"symptoms": symptoms("dino", EXERCISES)}
