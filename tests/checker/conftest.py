"""What the tests of the checker share: a small exercise, files to check, and the command."""

import os
import subprocess
import sys
import tempfile
import textwrap
import traceback
from pathlib import Path

import pytest
from helpers import PATIENCE

from lesson_code.checker import commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path):
    """Write a reader's file; return its path."""

    def written(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return written


@pytest.fixture
def command(tmp_path):
    """Run ``python -m lesson_code`` in an empty folder; return what it said and its status.

    A fork has torch loaded already; a new interpreter starts where another ``PYTHONPATH`` is asked
    for, and where forking is not safe.
    """

    def run(*arguments, **environment):
        words = [*map(str, arguments)]
        plain = {key: text for key, text in os.environ.items() if not key.endswith("COLOR")}
        environment = {**plain, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
        if sys.platform == "linux" and environment["PYTHONPATH"] == str(ROOT):
            return _forked(words, environment, tmp_path)
        return subprocess.run(
            [sys.executable, "-m", "lesson_code", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )

    return run


def _forked(words, environment, folder):
    """The command in a forked process, its standard streams in files."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                null = os.open(os.devnull, os.O_RDONLY)
                for target, file in enumerate([null, out.fileno(), err.fileno()]):
                    os.dup2(file, target)
                sys.stdin, sys.stdout, sys.stderr = (
                    os.fdopen(0),
                    os.fdopen(1, "w"),
                    os.fdopen(2, "w"),
                )
                os.environ.clear()
                os.environ.update(environment)
                os.chdir(folder)
                status = commands.main(words)
            except SystemExit as error:
                status = error.code
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        said = [file.seek(0) or file.read() for file in (out, err)]
    return subprocess.CompletedProcess(words, code, *said)
