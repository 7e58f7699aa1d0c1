# /// example
# cost = "quick"
# ///
"""What each bug in the family ``barlow_twins`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.barlow_twins import EXERCISES

tables = {"symptoms": symptoms("barlow_twins", EXERCISES)}
