"""The bug bank: known-wrong variants of the published functions, each a patch and its story.

One TOML file a family, named like the concept it patches: ``simclr.toml`` holds the bugs of
``lesson_code/simclr.py``. ``bank.py`` reads them and makes the wrong functions.
"""

from lesson_code.bugs.bank import (
    BankError,
    Bug,
    Change,
    Family,
    bugs_of,
    families,
    family,
    find,
    patched,
    right_and_wrong,
)

__all__ = [
    "BankError",
    "Bug",
    "Change",
    "Family",
    "bugs_of",
    "families",
    "family",
    "find",
    "patched",
    "right_and_wrong",
]
