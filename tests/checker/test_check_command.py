"""``python -m lesson_code``: check, exercise, their exit statuses and what stays on disk."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from helpers import PATIENCE

from lesson_code.checker.shelf import exercise_of, exercises, solution, stub

ROOT = Path(__file__).resolve().parents[2]

NAIVE = """
    import torch
    import torch.nn.functional as F

    def simclr(a, b, t=0.5):
        z = F.normalize(torch.cat([a, b]).float())
        logits = (z @ z.T / t).fill_diagonal_(-torch.inf)
        return F.cross_entropy(logits, torch.arange(len(z)).roll(len(a)))
"""

OWN = (
    NAIVE.replace("def simclr(a, b, t=0.5)", "def simclr_loss(z_i, z_j, temperature=0.5)")
    .replace("a, b", "z_i, z_j")
    .replace("len(a)", "len(z_i)")
    .replace("/ t)", "/ temperature)")
)

WRONG = """
    def simclr_loss(z_i, z_j, temperature=0.5):
        return -z_i.sum()
"""


def test_a_right_file_ends_with_0_and_a_wrong_one_with_1(command, write):
    write(solution(exercise_of("simclr_loss")), "right.py")
    write(WRONG, "wrong.py")
    right = command("check", "simclr_loss", "right.py")  # what the page shows guards nothing
    assert right.returncode == 0 and right.stdout.startswith("✓ simclr_loss: Right, with a remark")
    write(f"from lesson_code import ema_update\n{solution(exercise_of('simclr_loss'))}", "book.py")
    book = command("check", "simclr_loss", "book.py")
    assert book.returncode == 1 and "does not count as solved" in book.stdout
    write(OWN, "own.py")
    assert command("check", "nt_xent", "own.py").returncode == 0
    wrong = command("check", "simclr_loss", "wrong.py")
    assert wrong.returncode == 1 and "✗ simclr_loss: Wrong, and like no bug" in wrong.stdout
    assert not wrong.stderr


def test_json_is_for_programs(command, write):
    write(WRONG, "wrong.py")
    done = command("check", "simclr_loss", "wrong.py", "--json", FORCE_COLOR="1")
    (verdict,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert verdict["exercise"] == "simclr_loss" and verdict["right"] is False
    assert verdict["example"]["expected"].startswith("0.2395")


def test_colors_only_where_they_are_wanted(command, write):
    write(stub(exercise_of("simclr_loss")), "wrong.py")
    assert "\033[" not in command("check", "simclr_loss", "wrong.py").stdout
    assert "\033[31m" in command("check", "simclr_loss", "wrong.py", FORCE_COLOR="1").stdout
    both = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert "\033[" not in command("check", "simclr_loss", "wrong.py", **both).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "simclr_los", "x.py"), "did you mean simclr_loss"),
        (("check",), "which exercise"),
        (("check", "--all"), "nothing begun"),
        (("check", "--all", "simclr_loss"), "leave the name out"),
        (("check", "simclr_loss", "x.py", "--limit", "-1"), "seconds above 0, got '-1'"),
        (("check", "simclr_loss", "x.py", "--limit", "nan"), "seconds above 0, got 'nan'"),
        (("exercise", "hint", "simclr_los"), "did you mean simclr_loss"),
    ],
)
def test_bad_calls_end_with_2_and_one_message(command, arguments, message):
    done = command(*arguments)
    assert done.returncode == 2 and not done.stdout
    assert message in done.stderr and "Traceback" not in done.stderr


def test_the_way_of_a_reader(command, tmp_path):
    """Start, fail, take hints, solve: progress is kept in one file and shown."""
    begun = command("exercise", "start", "simclr_loss")
    file = tmp_path / "my_exercises" / "simclr_loss.py"
    assert begun.returncode == 0 and file.read_text() == stub(exercise_of("simclr_loss"))
    unsolved = command("check", "simclr_loss")
    assert unsolved.returncode == 1 and "Not written yet" in unsolved.stdout
    again = command("exercise", "start", "simclr_loss")
    assert again.returncode == 2 and "stays as it is" in again.stderr

    hints = exercise_of("simclr_loss").told.hints
    for number in [*range(len(hints)), len(hints) - 1]:
        told = command("exercise", "hint", "simclr_loss").stdout
        assert told == f"Hint {number + 1} of {len(hints)}: {hints[number]}\n"

    file.write_text(textwrap.dedent(OWN))
    assert command("check", "--all").returncode == 0
    listed = command("exercise", "list")
    assert "✓  1 simclr_loss" in listed.stdout and "2 attempts" in listed.stdout
    assert f"1 of {len(exercises())} solved" in listed.stdout
    kept = json.loads((tmp_path / "my_exercises" / "progress.json").read_text())
    assert kept == {"simclr_loss": {"attempts": 2, "hints": len(hints), "solved": True}}
    told = json.loads(command("exercise", "list", "--json").stdout)
    assert told["simclr_loss"]["solved"] is True
    assert sorted(path.name for path in (tmp_path / "my_exercises").iterdir()) == [
        "progress.json",
        "simclr_loss.py",
    ]


def test_all_needs_all_to_be_right(command, tmp_path):
    for name in list(exercises())[:2]:
        command("exercise", "start", name)
    (tmp_path / "my_exercises" / "simclr_loss.py").write_text(textwrap.dedent(OWN))
    done = command("check", "--all")
    assert done.returncode == 1 and "1 of 2 right" in done.stdout


def test_damaged_progress_is_told_and_left(command, tmp_path):
    command("exercise", "start", "simclr_loss")
    kept = tmp_path / "my_exercises" / "progress.json"
    kept.write_text("{not json")
    done = command("check", "simclr_loss")
    assert done.returncode == 1 and "is damaged" in done.stderr
    assert "Not written yet" in done.stdout
    assert kept.read_text() == "{not json"
    kept.write_text('{"simclr_loss": {"attempts": "x"}, "nothing_like_it": {"solved": true}}')
    assert command("check", "simclr_loss").returncode == 1
    assert f"0 of {len(exercises())} solved" in command("exercise", "list").stdout


def test_a_bare_command_says_where_to_start(command):
    for arguments in ((), ("exercise",)):
        done = command(*arguments)
        assert done.returncode == 0 and "exercise start simclr_loss" in done.stdout


def test_what_needs_no_torch_imports_none(command, tmp_path):
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    for arguments in (("list",), ("start", "DINOLoss"), ("hint", "info_nce")):
        done = command("exercise", *arguments, PYTHONPATH=path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "●●○  25 min" in command("exercise", "list").stdout


def test_hints_come_before_the_answer(command, write):
    write(WRONG.replace("-z_i.sum()", "-simclr(z_i, z_j, temperature)") + NAIVE, "wrong.py")
    told = command("check", "simclr_loss", "wrong.py", BOOK_URL="https://book.example").stdout
    assert "`minus-forgotten`" in told and "Mend it" not in told
    assert "exercise hint simclr_loss, and --mend shows" in told
    assert "Read: https://book.example/museum/simclr/#minus-forgotten" in told
    assert "Mend it" in command("check", "simclr_loss", "wrong.py", "--mend").stdout


def test_a_folder_that_cannot_be_written_is_told(command, tmp_path):
    (tmp_path / "my_exercises").write_text("a file is in the way")
    done = command("exercise", "start", "simclr_loss")
    assert done.returncode == 2 and "my_exercises" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_leaves_no_half_of_a_file(command, tmp_path, monkeypatch):
    def half(path, text, **_):
        path.write_bytes(text[:9].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    done = command("exercise", "start", "MoCo")
    assert done.returncode == 2 and "MoCo.py: No space left on device" in done.stderr
    assert not [*(tmp_path / "my_exercises").iterdir()]


def test_watching_checks_again_when_the_file_is_saved(write, tmp_path):
    path = write(WRONG, "wrong.py")
    watching = subprocess.Popen(
        [sys.executable, "-u", "-m", "lesson_code", "check", "simclr_loss", path, "--watch"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
        stdout=(tmp_path / "said").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(tmp_path / "said", "✗ simclr_loss")
        path.write_text(textwrap.dedent(OWN))
        _wait_for(tmp_path / "said", "✓ simclr_loss: Right")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 0
    finally:
        watching.kill()
        watching.wait()
    assert "Traceback" not in (tmp_path / "said").read_text()


def _wait_for(file, words):
    deadline = time.monotonic() + PATIENCE
    while words not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, file.read_text(encoding="utf-8")
        time.sleep(0.1)
