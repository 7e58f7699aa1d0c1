"""What a reader installs: the book's code and what builds its pages, no tool that tests them."""

import os
from pathlib import Path

import pytest
from setuptools import Distribution
from setuptools.dist import distutils

ROOT = Path(__file__).resolve().parents[2]
#: Words in the place of a module that only proves something.
PROOFS = {"proofs", "tests", "readers", "specimens", "confusion", "mutation", "mistakes"}


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> Distribution:
    """The project as setuptools reads it."""
    monkeypatch.chdir(ROOT)
    found = distutils.core.run_setup(
        "setup.py", script_args=["--quiet", "build_py"], stop_after="init"
    )
    found.parse_config_files()
    return found


def test_a_wheel_holds_no_test_tool_and_no_function_of_a_reader(distribution: Distribution) -> None:
    """Editable, the tools are there; a wheel has the modules that ``build_py`` would copy."""
    assert "proofs.mutation" in distribution.packages
    command = distribution.get_command_obj("build_py")
    command.ensure_finalized()
    files = {file.replace(os.sep, "/") for _, _, file in command.find_all_modules()}
    assert {"lesson_code/simclr.py", "lesson_code/checker/judge.py"} <= files
    own = {file for file in files if "/examples/" not in file}
    assert not {file for file in own if PROOFS & {*file.removesuffix(".py").split("/")}}
    data = {name for _, _, _, names in command.data_files for name in names}
    assert "checker/bank/simclr.toml" in data
