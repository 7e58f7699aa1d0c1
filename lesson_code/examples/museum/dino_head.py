# /// example
# cost = "quick"
# ///
"""What each bug in the family ``dino_head`` answers, beside what is published."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.exercises.dino_head import EXERCISES

tables = {"symptoms": symptoms("dino_head", EXERCISES)}
