# /// example
# cost = "quick"
# ///
"""What each bug of the bank answers to a probe, beside what is published: a table a family."""

from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.register import families
from lesson_code.checker.shelf import exercises

tables = {
    family.name.replace("_", "-"): symptoms(
        family.name,
        [each for each in exercises().values() if each.family == family.name],
    )
    for family in families()
}
