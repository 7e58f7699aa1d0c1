"""The set-up of .venv: what it installs, what it leaves alone, and one line for what goes wrong."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Stand-ins for an interpreter: one that is too old, one without the module venv, one that makes an
# environment of itself; and for uv, one that writes down what it is asked for.
OLD = 'case "$2" in *version_info*) exit 1;; esac'
NO_VENV = 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.11;; esac'
MAKES = """case "$2 $3" in
*print*) echo 3.11;;
"venv --clear") mkdir -p "$6/bin"; cp "$0" "$6/bin/python";;
esac"""
UV = """case "$1" in
--version) ;;
venv) mkdir -p "$7/bin" && cp "$5" "$7/bin/python";;
*) echo "$@" >>asked; {}
esac"""
SYSTEM = ["awk", "cat", "cksum", "cp", "df", "dirname", "grep", "mkdir", "mv", "rm", "sed", "sleep"]
SYSTEM += ["tail", "tee"]


@pytest.fixture
def set_up(tmp_path):
    """Runs a command of a tree's copy where nothing is installed but stand-ins."""
    place = tmp_path / "a tree"
    (place / "scripts").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts/lib", place / "scripts/lib")
    for name in ["scripts/build", "scripts/serve", "pyproject.toml", "requirements.txt"]:
        shutil.copy(ROOT / name, place / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in SYSTEM:
        (programs / name).symlink_to(shutil.which(name))

    def run(command: str, tools: dict[str, str], **environment: str):
        for name, script in tools.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)
        return subprocess.run(
            [shutil.which("sh"), place / "scripts" / command],
            env={"PATH": str(programs), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    run.place = place
    return run


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ({}, "Python 3.11 to 3.14 is needed"),
        ({"python3": OLD}, "Python 3.11 to 3.14 is needed"),
        ({"python3": NO_VENV}, "has no venv module"),
    ],
    ids=["no Python", "an old Python", "no venv module"],
)
def test_set_up_says_in_one_line_what_is_missing(set_up, tools, message):
    done = set_up("build", tools)
    assert done.returncode == 1
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_set_up_takes_the_python_that_is_asked_for(set_up):
    done = set_up("serve", {"python3": MAKES, "other": MAKES, "uv": UV.format("")})
    assert "with Python 3.11 " in done.stdout
    assert "/python3)" in done.stdout
    shutil.rmtree(set_up.place / ".venv")
    done = set_up("serve", {}, BOOK_PYTHON="other")
    assert "/other)" in done.stdout
    shutil.rmtree(set_up.place / ".venv")
    done = set_up("serve", {}, BOOK_PYTHON="none")
    assert done.stderr == "error: BOOK_PYTHON=none is no Python 3.11 to 3.14\n"


def test_reading_is_set_up_without_torch_and_building_brings_the_rest(set_up):
    asked = set_up.place / "asked"
    tools = {"python3": MAKES, "uv": UV.format("")}
    assert set_up("serve", tools).returncode == 0
    python = f"pip install --python {set_up.place}/.venv/bin/python"
    pinned = set_up.place / ".bookcache/set-up.log.pins"
    assert asked.read_text() == f"{python} -c requirements.txt -r {pinned}\n"
    names = {line.partition("=")[0] for line in pinned.read_text().splitlines()}
    assert "mkdocs-material" in names
    assert "torch" not in names
    asked.unlink()
    assert set_up("serve", tools).stdout == ""
    assert not asked.exists()
    assert set_up("build", tools).returncode == 0
    assert asked.read_text() == f"{python} --compile-bytecode -c requirements.txt -e .[peers]\n"
    asked.unlink()
    assert set_up("serve", tools).stdout == ""
    (set_up.place / "pyproject.toml").write_text("[project]\n")
    assert set_up("serve", tools).returncode == 0  # keeps the environment whole
    assert asked.read_text() == f"{python} --compile-bytecode -c requirements.txt -e .[peers]\n"


def test_set_up_goes_on_with_pip_where_there_is_no_uv(set_up):
    done = set_up("build", {"python3": f'echo "$@" >>asked\n{MAKES}'})
    assert done.returncode == 0
    asked = (set_up.place / "asked").read_text()
    python = f"{set_up.place}/.venv/bin/python"
    assert f"-m pip --python {python} install -q --retries 1 -c requirements.txt uv\n" in asked
    assert "-m pip install -q --retries 1 -c requirements.txt uv\n" in asked
    assert "-m pip --disable-pip-version-check install -c requirements.txt -e .[peers]\n" in asked


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("  cause: dns error: no such host", "no network: the package index"),
        ("error: write failed: No space left on device (os error 28)", "no disk space: "),
        ("  cause: Permission denied (os error 13)", "installed: Permission denied (os error 13)"),
        ("error: No solution found\n  cause: torch is too old", "installed: torch is too old ("),
        ("nothing that is known", "the packages could not be installed (details: "),
    ],
)
def test_set_up_says_in_one_line_what_failed(set_up, says, message):
    done = set_up("serve", {"python3": MAKES, "uv": UV.format(f'echo "{says}" >&2; exit 2')})
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stdout
    assert not (set_up.place / ".venv/.set-up").exists()
    assert not (set_up.place / ".bookcache/set-up.lock").exists()
    assert set_up("serve", {"uv": UV.format("")}).returncode == 0


@pytest.mark.parametrize("pid", [None, "", "999999999"], ids=["no pid", "an empty pid", "gone"])
def test_set_up_waits_for_no_one_who_is_gone(set_up, pid):
    lock = set_up.place / ".bookcache/set-up.lock"
    lock.mkdir(parents=True)
    if pid is not None:
        (lock / "pid").write_text(pid)
    tools = {"python3": MAKES, "uv": UV.format(""), "sleep": "echo slept >>naps"}
    (set_up.place.parent / "bin/sleep").unlink()
    done = set_up("serve", tools)
    assert done.returncode == 0 and not lock.exists()
    naps = set_up.place / "naps"
    assert (naps.read_text().count("slept") if naps.exists() else 0) == (0 if pid else 5)
    assert ("remove .bookcache/set-up.lock" in done.stdout) == (not pid)


def test_set_up_changes_nothing_behind_a_link(set_up, tmp_path):
    others = tmp_path / "others"
    (others / "bin").mkdir(parents=True)
    (set_up.place / ".venv").symlink_to(others)
    done = set_up("serve", {"python3": MAKES, "uv": UV.format("")})
    assert done.returncode == 1
    assert ".venv is a link" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in others.rglob("*")] == ["bin"]


# A stand-in for a Python that is not the one of .venv, and whose tests may fail.
ANOTHER = """case "$2" in
pytest) echo "tested $VERSION" >>asked; [ "$FAILING" != tests ] || exit 1;;
bookbuild) echo "lint $VERSION" >>asked; [ "$VERSION" != "$FAILING" ] || exit 1;;
esac"""


@pytest.mark.parametrize(
    ("failing", "ends"),
    [
        ("none", "failed: none; not on this machine: 3.14\n"),
        ("3.13", "failed: 3.13; not on this machine: 3.14\n"),
        ("tests", "failed: TURN; not on this machine: 3.14\n"),
    ],
)
def test_other_pythons_are_tried_and_the_missing_named(tmp_path, failing, ends):
    place = tmp_path / "a tree"
    programs = place / "bin"
    code = ["scripts/lib", "scripts/bookbuild", "tests/bookbuild"]
    for folder in [*code, ".venv/bin", ".bookcache", "bin", "pyenv/versions/3.13.9/bin"]:
        (place / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/lib/other_pythons", place / "scripts/lib")
    uv = """case "$1" in
venv) mkdir -p "$6/bin" && cp "$4" "$6/bin/python";;
*) echo "$@" >>asked;;
esac"""
    for path, script in [
        (place / ".venv/bin/python", "echo 3.11"),
        (place / ".venv/bin/uv", uv),
        (programs / "python3.11", "exit 9"),
        (programs / "python3.12", "VERSION=3.12\n" + ANOTHER),
        (programs / "python3.13", "exit 127"),  # as a shim of pyenv for what is not chosen
        (place / "pyenv/versions/3.13.9/bin/python", "VERSION=3.13\n" + ANOTHER),
    ]:
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    for name in ["dirname", "rm", "mkdir", "cp", "sh", "sed", "cat", "cksum"]:
        (programs / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(programs), "PYENV_ROOT": str(place / "pyenv"), "FAILING": failing}
    (place / "requirements.txt").write_text("# Reading\nmkdocs\n\ntorch\n")
    (place / "tests/bookbuild/it.py").touch()
    turns = set()
    for code in "abcde":
        (place / "scripts/bookbuild/it.py").write_text(code)
        command = [place / "scripts/lib/other_pythons"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        said = re.search(r"Other Pythons: 3.12 3.13; tests, in turn: (3.1[23]); (.*)$", done.stdout)
        assert said and said[2] + "\n" == ends.replace("TURN", said[1]), done.stdout + done.stderr
        assert done.returncode == (failing != "none")
        asked = (place / "asked").read_text()
        (place / "asked").unlink()
        assert asked.count("lint 3.12\n") == asked.count("lint 3.13\n") == 1
        assert asked.count("-c requirements.txt --compile-bytecode -e .[dev]\n") == 1
        assert asked.count("tested ") == asked.count(f"tested {said[1]}\n") == (said[1] != failing)
        turns.add(said[1])
    assert turns == {"3.12", "3.13"}
    assert list((place / ".bookcache").iterdir()) == []
