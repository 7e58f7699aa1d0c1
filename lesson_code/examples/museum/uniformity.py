# /// example
# cost = "quick"
# ///
"""What each bug in the family ``uniformity`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.uniformity import EXERCISES

tables = {"symptoms": symptoms("uniformity", EXERCISES)}
