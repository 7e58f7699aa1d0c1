# /// example
# cost = "quick"
# ///
"""What each bug in the family ``teacher_entropy`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.teacher_entropy import EXERCISES

tables = {"symptoms": symptoms("teacher_entropy", EXERCISES)}
