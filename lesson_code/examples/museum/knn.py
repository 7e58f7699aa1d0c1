# /// example
# cost = "quick"
# ///
"""What each bug in the family ``knn`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.knn import EXERCISES

tables = {"symptoms": symptoms("knn", EXERCISES)}
