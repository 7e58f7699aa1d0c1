"""A book of one concept with one test, for runs of mutmut that take a second."""

from pathlib import Path


def fill(root: Path) -> None:
    for name, text in {
        "mkdocs.yml": "site_name: small\n",
        "lesson_code/__init__.py": "",
        "lesson_code/__init__.pyi": "",
        "lesson_code/guards.py": "",
        "lesson_code/add.py": ADD,
        "tests/conftest.py": "",
        "tests/helpers.py": "",
        "tests/test_add.py": TEST_ADD,
        "scripts/proofs/mutation/survivors.toml": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


ADD = '''\
"""Addition."""


# --8<-- [start:add]
def add(a, b):
    """Add."""
    total = a + b  # carry
    return total if total < 10 else 10


# --8<-- [end:add]
'''
TEST_ADD = """\
from lesson_code.add import add


def test_add():
    assert add(2, 3) == 5
    assert add(60, 50) == 10
    assert add(5, 5.5) == 10
    assert add(3, 4) == 7
"""
