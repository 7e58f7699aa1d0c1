# /// example
# cost = "quick"
# ///
"""What each bug in the family ``moco`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.moco import EXERCISES

tables = {"symptoms": symptoms("moco", EXERCISES)}
