"""Files that readers write: each of their troubles gets one message with the reader's own line."""

import os
import signal
import time

import pytest
from helpers import PATIENCE

from lesson_code.checker import check

RIGHT = """
    import torch
    import torch.nn.functional as F

    def {name}(a, b, tau=0.5):
        n = len(a)
        z = F.normalize(torch.cat([a, b]), dim=1)
        logits = (z @ z.T / tau).fill_diagonal_(-torch.inf)
        return F.cross_entropy(logits, (torch.arange(2 * n) + n) % (2 * n))
"""


HEAD = "import torch\ndef simclr_loss(z_i, z_j, temperature=0.5):\n"
RAISE = (
    ("    print(3)", "returns None: is the `return` missing? It prints", ""),
    ("    pass", "returns None: is the `return` missing?", ""),
    ("    return 'three'", "returns a str, and a tensor is expected", ""),
    ("    import sys; sys.exit(1)", "A function returns; take the exit out", "line 3"),
    ("    raise KeyboardInterrupt", "raises KeyboardInterrupt", "line 3"),
    ("    return z_i[7]", "It raises IndexError", "line 3: return z_i[7]"),
    ("    raise NotImplementedError", "Not written yet", "line 3"),
)


def judged(path, **arguments):
    return check("simclr_loss", path, **arguments)


def test_a_right_file_passes_under_any_name(write):
    verdict = judged(write(RIGHT.format(name="my_contrastive_loss")))
    assert verdict.right and verdict.status == "passed"
    assert verdict.agreed == verdict.asked > 10


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("def simclr_loss(a, b\n    return 1", "not Python yet", "mine.py, line 1"),
        ("import nothing_like_it", "ModuleNotFoundError", "line 1: import nothing_like_it"),
        ("1 / 0", "ZeroDivisionError", "line 1: 1 / 0"),
        ("import sys\nsys.exit(0)", "ends the program", "line 2: sys.exit(0)"),
        ("x = 1", "defines no function; the exercise asks for `simclr_loss`", ""),
        ("from lesson_code import simclr_loss", "imports simclr_loss instead", ""),
        ("def simclr_loss(a):\n    return a", "no place for z_j, temperature", ""),
        ("def simclr_loss(a, b, temperature, labels):\n    return a", "also asks for labels", ""),
        ("class simclr_loss:\n    pass", "has no method `forward` or `__call__`", ""),
        *((HEAD + body, *told) for body, *told in RAISE),
    ],
)
def test_a_file_that_gives_no_answer(write, text, message, line):
    verdict = judged(write(text))
    assert verdict.status == ("raises" if text.startswith(HEAD) else "broken")
    assert message in verdict.message
    assert line in verdict.line


def test_a_wrong_shape_is_said(write):
    verdict = judged(write(HEAD + "    return z_i @ z_j.T"))
    assert verdict.status == "unknown"
    assert "shape (2, 2), and a single number is expected" in verdict.details["hint"]
    assert "of shape (2, 2)" in verdict.example.yours


def test_an_endless_loop_ends(write):
    verdict = judged(write(HEAD + "    while True:\n        pass"), limit=1.0)
    assert verdict.status == "broken" and "endless loop" in verdict.message
    assert "line 3: while True:" in verdict.line or "line 4: pass" in verdict.line


def test_an_endless_loop_that_catches_everything_ends_too(write, monkeypatch):
    """From outside: nothing that the reader's code can do keeps the process alive."""
    monkeypatch.setattr("lesson_code.checker.process.GRACE", 0.5)
    body = "    while True:\n        try:\n            while True: len(z_i)\n        except: pass"
    verdict = judged(write(HEAD + body), limit=0.5)
    assert verdict.status == "broken" and "not ended" in verdict.message


def test_waiting_is_not_computing(write):
    """As on a machine with much else to do: it takes longer than the limit, and is judged."""
    waits = "import time\ntime.sleep(2.5)\n"
    assert judged(write(waits + HEAD + "    return z_i.sum()"), limit=2.0).status == "unknown"


def test_a_function_that_sleeps_ends(write):
    verdict = judged(write("import time\n" + HEAD + "    time.sleep(600)"), limit=0.2)
    assert verdict.status == "broken" and "has not ended after 0.2 s" in verdict.message
    assert "line 4: time.sleep(600)" in verdict.line


def test_a_process_that_dies_is_told(write):
    verdict = judged(write("import os\n" + HEAD + "    os._exit(4)"))
    assert verdict.status == "broken" and "exit status 4" in verdict.message
    crash = "import os, signal\n" + HEAD + "    os.kill(os.getpid(), signal.SIGKILL)"
    assert "signal 9" in judged(write(crash)).message


@pytest.mark.parametrize("killed", [False, True])
def test_what_a_file_starts_ends_with_it_or_with_who_asked(write, tmp_path, killed):
    """A child of the child would outlive the check and hold a core."""
    told, body = tmp_path / "pid", "while True: pass" if killed else "return z_i.sum()"
    text = f"""
        import os, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open({str(told)!r}, "w").write(str(child.pid))
        def simclr_loss(z_i, z_j, temperature=0.5):
            {body}
    """
    deadline = time.monotonic() + PATIENCE
    asks = os.fork() if killed else 0
    if not asks:
        judged(write(text), limit=PATIENCE)
    if killed and not asks:
        os._exit(0)
    while time.monotonic() < deadline and not (told.is_file() and told.read_text()):
        time.sleep(0.05)
    if killed:
        os.kill(asks, signal.SIGKILL)
        os.waitpid(asks, 0)
    pid = int(told.read_text())
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid):
    """Whether a process runs; one that is dead and not yet collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_there_is_no_network(write):
    text = HEAD + "    import socket\n    socket.create_connection(('127.0.0.1', 9))"
    verdict = judged(write(text))
    assert verdict.status == "raises" and "no network while" in verdict.message


def test_prints_do_not_get_out(write, capfd):
    judged(write("print('hello')\n" + HEAD + "    print('there'); return z_i.sum()"))
    said = capfd.readouterr()
    assert "hello" not in said.out + said.err and "there" not in said.out + said.err


def test_torch_is_judged_as_it_is(write):
    patch = "import torch\ntorch.allclose = torch.Tensor.exp = lambda *_, **__: True\n"
    verdict = judged(write(patch + HEAD + "    return z_i.sum()"))
    assert not verdict.right and "replaces `torch.allclose`, `Tensor.exp`" in verdict.notes[-1]


def test_the_file_lies_beside_its_helpers(write):
    write("FACTOR = 1.0", "helpers.py")
    text = RIGHT.format(name="loss").replace("import torch\n", "import torch, helpers\n", 1)
    assert judged(write(text)).right


def test_of_several_functions_the_one_of_the_name_is_taken(write):
    two = RIGHT.format(name="simclr_loss") + "\n    def other(x):\n        return x\n"
    assert judged(write(two)).right
    near = two.replace("def simclr_loss", "def SimCLRLoss")
    assert judged(write(near)).right
    unlike = two.replace("def simclr_loss", "def f")
    assert judged(write(unlike)).right, "f is the only one that fits"
    assert judged(write(unlike), name="f").right
    assert "has no 'g'" in judged(write(unlike), name="g").message


def test_files_that_cannot_be_read(tmp_path):
    assert "no file gone.py" in judged(tmp_path / "gone.py").message
    assert "is a folder" in judged(tmp_path).message
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in judged(tmp_path / "binary.py").message


def test_bad_arguments_are_refused(write):
    path = write(RIGHT.format(name="f"))
    with pytest.raises(ValueError, match="limit must be above 0"):
        judged(path, limit=0)
    with pytest.raises(ValueError, match="did you mean simclr_loss"):
        check("simclr_los", path)
