# /// example
# cost = "quick"
# ///
"""What each bug in the family ``swav`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.swav import EXERCISES

tables = {"symptoms": symptoms("swav", EXERCISES)}
