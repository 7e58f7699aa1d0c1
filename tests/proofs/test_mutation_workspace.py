"""What mutmut is given: the same code, with nothing hidden from it but messages."""

import ast
import textwrap
from pathlib import Path

import pytest
from mutmut.configuration import reset_config
from mutmut.mutation.file_mutation import mutate_file_contents
from proofs.mutation import published, workspace

ROOT = Path(__file__).resolve().parents[2]
CONCEPTS = workspace.concepts(ROOT)
SOURCE = '''
import functools

def loud(function):
    """Add one."""
    @functools.wraps(function)
    def wrapped(*args):
        return function(*args) + 1
    return wrapped

@loud
@functools.cache  # twice as fast
def twice(x):
    if x < 0:
        raise ValueError(
            f"x must be at least 0, "
            f"got {x}"
        )
    return 2 * x

class Box:
    @property
    def side(self):
        """The side."""
        return 3

    @staticmethod
    def of(x):
        return x + 4
'''


def run(source: str) -> dict:
    names: dict = {}
    exec(compile(source, "sample.py", "exec"), names)
    return names


def test_every_concept_has_a_test_module_and_is_found():
    published = {path.stem for path in (ROOT / "lesson_code").glob("[!_]*.py")}
    assert set(CONCEPTS) == published - {"guards"}


def test_decorators_keep_their_meaning():
    names = run(workspace.prepared(SOURCE))
    assert names["twice"](5) == 11
    assert names["twice"].__wrapped__.cache_info().misses == 1
    assert names["Box"]().side == 3
    assert names["Box"].of(1) == 5
    with pytest.raises(ValueError, match=r"^x must be at least 0, got -1$"):
        names["twice"](-1)


def test_nothing_but_static_and_class_methods_stays_decorated():
    tree = ast.parse(workspace.prepared(SOURCE))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    decorated = {node.name: node.decorator_list for node in functions if node.decorator_list}
    assert [*decorated] == ["of"]


@pytest.fixture
def mutmut(tmp_path, monkeypatch):
    """A folder with settings of mutmut, which looks for them where it is."""
    (tmp_path / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["."]\n')
    monkeypatch.chdir(tmp_path)
    reset_config()
    yield
    reset_config()


def mutants(source: str) -> str:
    return mutate_file_contents("sample.py", workspace.prepared(source)).code


def test_messages_are_not_mutated_but_what_leads_to_them_is(mutmut):
    code = mutants(SOURCE)
    assert "x <= 0" in code
    assert "raise ValueError(None)" not in code
    assert "XX" not in code


@pytest.mark.parametrize("concept", CONCEPTS)
def test_mutmut_reaches_every_function(mutmut, concept):
    """Also decorated ones, which it would leave alone in the file as it is."""
    source = (ROOT / "lesson_code" / f"{concept}.py").read_text()
    found = mutate_file_contents(f"{concept}.py", workspace.prepared(source)).mutant_names
    reached = {name.partition("__mutmut_")[0].split("ǁ")[-1].removeprefix("x_") for name in found}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or not any(map(changes, ast.walk(node))):
            continue
        private = node.name.startswith("_") and not node.name.startswith("__")
        assert (node.name in reached) is not private, f"{concept}: {node.name}"


def changes(node: ast.AST) -> bool:
    """Whether mutmut has an error to put here: an assignment or a comparison has one for sure."""
    return isinstance(node, ast.Assign | ast.Compare)


def test_a_folder_is_filled_anew_only_when_a_file_has_changed(small):
    folder = small / "work"
    workspace.prepare("add", small, folder)
    (folder / "progress").write_text("half")
    workspace.prepare("add", small, folder)
    assert (folder / "progress").exists()
    path = small / "tests/test_add.py"
    path.write_text(path.read_text() + "\n# a comment\n")
    workspace.prepare("add", small, folder)
    assert not (folder / "progress").exists()


# Listings


def test_every_published_function_is_in_one_listing():
    for concept in CONCEPTS:
        tree = ast.parse((ROOT / "lesson_code" / f"{concept}.py").read_text())
        defined = [node.name for node in tree.body if hasattr(node, "body")]
        listed = [name for one in published.of(concept, ROOT) for name in one.definitions]
        checks = {name for name in defined if name.startswith("_")}
        assert sorted({*listed, *checks}) == sorted(defined), concept


def listed(root: Path) -> published.Listing:
    (one,) = published.of("add", root)
    return one


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# carry", "# another word"),
        ('"""Add."""', '"""Add two numbers.\n\n    With a second paragraph.\n    """'),
        ("a + b", "a   + b"),
        ("def add(a, b):", "def add(\n    a, b\n):"),
    ],
    ids=["comment", "docstring", "spaces", "lines"],
)
def test_what_changes_no_code_changes_no_hash(small, old, new):
    before = listed(small)
    path = small / "lesson_code/add.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert listed(small) == before


def test_a_change_of_code_and_one_of_tests_are_told_apart(small):
    before = listed(small)
    path = small / "lesson_code/add.py"
    path.write_text(path.read_text().replace("a + b", "b + a"))
    between = listed(small)
    assert between.code != before.code
    assert between.tests == before.tests
    path = small / "tests/test_add.py"
    path.write_text(path.read_text().replace("5", "4 + 1"))
    after = listed(small)
    assert after.code == between.code
    assert after.tests != between.tests


def test_a_string_with_a_hash_sign_is_no_comment():
    bare = textwrap.dedent(
        published._bare('def f():\n    "Doc."\n    return "# not"  # but this\n')
    )
    assert '"# not"' in bare
    assert "but this" not in bare
    assert "Doc" not in bare
