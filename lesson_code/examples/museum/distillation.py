# /// example
# cost = "quick"
# ///
"""What each bug in the family ``distillation`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.distillation import EXERCISES

tables = {"symptoms": symptoms("distillation", EXERCISES)}
