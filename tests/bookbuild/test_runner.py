"""What runs, what is compared, what is kept: with real processes and a small book."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from bookbuild import freshness, project, results, runner
from bookbuild.dependencies import Dependencies
from bookbuild.launcher import Worker
from bookbuild.project import BookError
from bookbuild.runner import Outcome, Plan
from helpers import PATIENCE
from small_book import Book

PRINTS = """
from lesson_code.toy import twice
print(f"twice: {twice(1.5):.2f}")
values = {"twice": twice(1.5)}
"""
Run = Callable[..., dict[str, Outcome]]
Monkey = pytest.MonkeyPatch


@pytest.fixture
def toy(book: Book) -> Book:
    book.module("toy", "def twice(x):\n    return 2 * x\n")
    return book


@pytest.fixture
def run(toy: Book, worker: Worker) -> Run:
    """Refresh the small book in the shared process; outcomes by name."""

    def run(mode: str = "check", *names: str, everything: bool = False) -> dict[str, Outcome]:
        plan = Plan(names=names, everything=everything, mode=mode)
        return {outcome.name: outcome for outcome in runner.refresh(toy.root, plan, worker)}

    return run


def tree(book: Book) -> dict[str, bytes]:
    folder = book.root / "lesson_code/results"
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_new_then_fresh_then_stale_then_drifted_then_accepted(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    page = toy.page(f"# Page\n\n/// output | {name}\n///\n")
    assert run()[name].status == "missing"
    assert run("accept")[name].status == "written"
    assert results.load(toy.root, name).output == "twice: 3.00\n"
    assert run()[name].status == "fresh"
    toy.module("toy", "def twice(x):\n    # by adding\n    return 2 * x\n")
    assert run()[name].status == "fresh"
    toy.module("toy", "def twice(x):\n    return x + x\n")
    before = tree(toy)
    assert run()[name].status == "agrees"
    assert tree(toy) == before
    toy.module("toy", "def twice(x):\n    return 3 * x\n")
    drifted = run()[name]
    assert drifted.status == "drifted" and drifted.is_problem
    assert tree(toy) == before
    for part in ("-twice: 3.00", "+twice: 4.50", "python -m bookbuild accept l0/it", "value twice"):
        assert part in drifted.message
    assert f"{page.relative_to(toy.root)}:3" in drifted.message
    assert run("accept")[name].status == "written"
    assert run()[name].status == "fresh"


def test_a_fresh_clone_knows_what_is_fresh_without_running_it(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    shutil.rmtree(toy.root / ".bookcache")
    assert run()[name].status == "fresh"
    toy.module("toy", "def twice(x):\n    return x + x\n")
    assert run()[name].status == "agrees"
    shutil.rmtree(toy.root / ".bookcache")
    assert run()[name].status == "agrees", "only the cache knew of the new code"


def test_accepting_everything_renews_the_records_of_what_agrees(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    output = toy.result(name, "output.txt").read_bytes()
    toy.module("toy", "def twice(x):\n    return 2.00001 * x\n")
    assert run("accept")[name].status == "agrees"
    assert run("accept", everything=True)[name].status == "written"
    assert results.load(toy.root, name).values == {"twice": 3.0}
    assert toy.result(name, "output.txt").read_bytes() == output
    shutil.rmtree(toy.root / ".bookcache")
    assert run()[name].status == "fresh"
    before = tree(toy)
    assert run("accept", everything=True)[name].status == "agrees"
    assert tree(toy) == before


def test_a_record_that_does_not_name_all_that_ran_is_refused(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    example, result = project.example(name, toy.root), results.load(toy.root, name)
    named = Dependencies.kept(result.provenance)
    assert named is not None
    ran = {file: names - {"twice"} for file, names in named.ran.items()}
    result.provenance |= freshness.record(toy.root, example, Dependencies(ran, named.read))
    results.write(toy.root, name, result)
    shutil.rmtree(toy.root / ".bookcache")
    assert run()[name].status == "fresh"
    outcome = run(everything=True)[name]
    assert outcome.status == "drifted"
    assert "its record does not name lesson_code/toy.py:twice" in outcome.message
    assert run("accept", everything=True)[name].status == "written"
    assert run(everything=True)[name].status == "agrees"


GARBAGE = """
import os
with open('../{}.json', 'w', errors='surrogateescape') as file:
    file.write({})
os._exit({})
"""
FAILURES = {
    "exception": ("x = 1\nraise ValueError('boom')\n", "it.py:5: ValueError: boom"),
    "in the package": ("from lesson_code.toy import twice\ntwice()\n", "toy.py:1|it.py:5"),
    "syntax": ("x = = 1\n", "it.py:4"),
    "exit": ("import sys\nsys.exit(3)\n", "sys.exit"),
    "hang": ("while True:\n    pass\n", "longer than its limit of 1 s"),
    "sleep": ("import time\ntime.sleep(100)\n", "longer than its limit of 1 s"),
    "crash": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "crashed .SIGSEGV"),
    "kill -9": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "crashed .SIGKILL"),
    "os exit": ("import os\nos._exit(0)\n", "left no result"),
    "network": ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", "no network"),
    "import": ("import no_such_library\n", "No module named 'no_such_library'"),
    "input": ("input()\n", "EOFError"),
    "code in a string": ("eval('1 +')\n", "it.py:4: SyntaxError"),
    "recursion": ("def f():\n    f()\nf()\n", "it.py:5: RecursionError"),
    "many lines": ("raise ValueError('first\\nsecond')\n", "ValueError: first second"),
    "a signal without name": ("import os\nos.kill(os.getpid(), 40)\n", "crashed .signal 40"),
    "too much": ("print('x' * 200_000)\n", "200,001 bytes"),
    "no text": ("import os\nos.write(1, b'\\xff')\n", "not UTF-8"),
    "large file": ("open('big', 'wb').truncate(2**30)\n", "File too large"),
    "own files": ("import lesson_code as b\nopen(b.__file__, 'a')\n", "must not change"),
    "removed": ("import os, lesson_code as b\nos.remove(b.__file__)\n", "must not change"),
    "values": ("values = {'v': float('nan')}\n", "NaN"),
    "odd value": ("values = {'v': object()}\n", "JSON|number or text"),
    "odd values": ("values = 3\n", "values must be a dict"),
    "controls": (r"raise ValueError('\x1b[2J\x1b]52;c;eA==\x07')", r"\x1b[2J\x1b]52;c;eA==\x07"),
    "cut result": (GARBAGE.format("result", "'{'", 0), "no readable word"),
    "deep result": (GARBAGE.format("result", "'[' * 100_000", 0), "no readable word"),
    "binary result": (GARBAGE.format("result", "'\\udcff'", 0), "no readable word"),
    "odd result": (GARBAGE.format("result", "'[]'", 0), "no readable word"),
    "empty error": (GARBAGE.format("error", "''", 1), "no readable word"),
    "odd error": (GARBAGE.format("error", "'[]'", 1), "no readable word"),
    "spoiled json": ("import json\njson.dumps = lambda *a, **k: '{}'\n", "no readable word"),
    "folder removed": ("import shutil\nshutil.rmtree('../..')\n", "removed the folder"),
    "place removed": ("import os\nos.rmdir(os.getcwd())\nopen('x')\n", "FileNotFoundError"),
    "linked": ("import os, lesson_code as b\nos.link(b.__file__, 'd')\n", "must not change"),
    "no value for a page": (r"print('\x1b[31m')", r"it: the character '\x1b' does not belong"),
    "spoiled record": ("open('../recorded.txt', 'a').write('file\\n')\n", "no readable word"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_is_one_clear_message_and_changes_nothing(toy: Book, run: Run, kind: str) -> None:
    name = toy.example("it", "print('fine')\n")
    page = toy.page(f"/// output | {name}\n///\n")
    run("accept")
    before = tree(toy)
    code, says = FAILURES[kind]
    toy.example("it", code, "limit = 1" if "limit of 1 s" in says else "limit = 20")
    outcome = run("accept")[name]
    assert outcome.status == "failed" and outcome.is_problem
    assert any(part in outcome.message.replace("(", ".") for part in says.split("|")), outcome
    assert outcome.message.isprintable()
    if "value" not in kind:
        assert f"{page.relative_to(toy.root)}:1" in outcome.message
    assert tree(toy) == before


@pytest.mark.parametrize(
    "code", ["1 / 0\n", *(FAILURES[key][0] for key in ("cut result", "controls"))]
)
def test_a_failure_does_not_stop_the_others(toy: Book, run: Run, code: str) -> None:
    bad = toy.example("bad", code)
    good = toy.example("good", "print('fine')\n")
    outcomes = run("accept")
    assert (outcomes[good].status, outcomes[bad].status) == ("written", "failed")


def test_a_full_disk_is_named(toy: Book, run: Run, monkeypatch: Monkey) -> None:
    full = SimpleNamespace(free=8192)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    bad = toy.example("bad", FAILURES["empty error"][0])
    assert re.search("the disk of the temporary folder /.* is full", run("accept")[bad].message)


def test_an_interrupted_replacement_is_finished_by_accept_alone(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    promised = toy.root / ".bookcache/pending/l0@it"
    shutil.copytree(toy.result(name, ""), promised)
    (promised / "output.txt").rename(toy.result(name, "output.txt"))
    before = tree(toy)
    outcome = run()[name]
    assert (
        outcome.is_problem
        and "interrupted; finish it with: python -m bookbuild accept l0/it" in (outcome.message)
    )
    assert tree(toy) == before and promised.is_dir()
    outcomes = runner.refresh(toy.root, Plan(mode="accept"))
    assert [one.status for one in outcomes] == ["finished", "fresh"]
    assert run()[name].status == "fresh" and not promised.exists()


def test_a_result_edited_by_hand_stops_a_check(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    toy.result(name, "output.txt").write_text("twice: 9.00\n")
    outcome = run()[name]
    assert outcome.is_problem and "changed by hand" in outcome.message
    assert run("accept")[name].status == "written"
    assert results.load(toy.root, name).output == "twice: 3.00\n"


def test_a_forged_record_runs_again_although_its_digest_fits(toy: Book, run: Run) -> None:
    name = toy.example("it", PRINTS)
    run("accept")
    forged = results.load(toy.root, name)
    results.write(toy.root, name, results.Result("twice: 9.00\n", values=forged.values))
    assert run()[name].status == "drifted"


def test_examples_are_seeded_and_isolated(toy: Book, run: Run) -> None:
    draw = """
    import random, numpy, torch, lesson_code.toy
    print(random.random(), numpy.random.rand(), torch.rand(1), hasattr(lesson_code.toy, "left"))
    lesson_code.toy.left = 1
    """
    one = toy.example("one", draw)
    two = toy.example("two", draw)
    other = toy.example("other", draw, "seed = 1")
    run("accept")
    texts = [results.load(toy.root, name).output for name in (one, two, other)]
    assert texts[0] == texts[1] != texts[2]
    assert "False" in texts[0]


def test_one_thread_and_a_folder_of_its_own(toy: Book, run: Run) -> None:
    code = "import os, torch\nopen('scratch', 'w').close()\n"
    code += "print(torch.get_num_threads(), os.listdir())\n"
    name = toy.example("it", code)
    run("accept")
    output = results.load(toy.root, name).output
    assert output.startswith("1 ") and "scratch" in output
    assert not (toy.root / "scratch").exists()


def test_figures_get_the_theme_and_need_names_and_texts(toy: Book, run: Run) -> None:
    draw = (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots({})\nax.plot([1, 2])\nplt.show()\n"
    )
    good = toy.example("good", draw.format("num='a-line'") + "alt_text = {'a-line': 'A line.'}\n")
    nameless = toy.example("nameless", draw.format(""))
    mute = toy.example("mute", draw.format("num='a-line'"))
    outcomes = run("accept")
    svg = results.load(toy.root, good).figures["a-line"]
    assert "var(--fig-1)" in svg and "var(--fig-fg)" in svg and "#0102" not in svg
    assert "name the figure" in outcomes[nameless].message
    assert "alt_text" in outcomes[mute].message


def test_figures_are_the_same_run_after_run(toy: Book, run: Run) -> None:
    code = """
    import matplotlib.pyplot as plt
    fig, ax = plt.subplots(num="dots")
    ax.scatter([1, 2], [3, 4], clip_on=True)
    alt_text = {"dots": "Dots."}
    """
    name = toy.example("it", code)
    run("accept")
    first = results.load(toy.root, name).figures["dots"]
    run("record", name)
    assert results.load(toy.root, name).figures["dots"] == first


def test_lab_runs_only_when_asked_and_gpu_never_without_record(toy: Book, run: Run) -> None:
    lab = toy.example("slow", PRINTS, "cost = 'lab'")
    gpu = toy.example("card", PRINTS, "cost = 'gpu'")
    outcomes = run("accept")
    assert outcomes[lab].status == outcomes[gpu].status == "kept"
    assert not results.exists(toy.root, lab)
    assert run("accept", lab)[lab].status == "written"
    assert run()[lab].status == "kept"
    assert run(everything=True)[lab].status == "agrees"
    assert run("check", gpu)[gpu].status == "kept"
    assert run("accept", everything=True)[gpu].status == "kept"
    refused = run("record", gpu)[gpu]
    assert refused.status == "failed" and "CUDA" in refused.message


def test_a_lab_record_older_than_its_code_is_renewed_on_demand(toy: Book, run: Run) -> None:
    lab = toy.example("slow", PRINTS, "cost = 'lab'")
    run("accept", lab)
    old = results.load(toy.root, lab).provenance["code"]
    toy.module("toy", "def twice(x):\n    return x + x\n")
    assert run()[lab].status == "kept"
    assert run("accept", lab)[lab].status == "written"
    assert results.load(toy.root, lab).provenance["code"] != old


def test_a_damaged_gpu_record_stops_a_build_that_cannot_make_it_again(toy: Book, run: Run) -> None:
    gpu = toy.example("card", PRINTS, "cost = 'gpu'")
    results.write(toy.root, gpu, results.Result("3 ms\n"))
    toy.result(gpu, "output.txt").write_text("2 ms\n")
    assert run()[gpu].is_problem


def test_without_torch_stale_examples_cannot_run(
    toy: Book, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.example("it", PRINTS)
    run("accept")
    monkeypatch.setattr(runner, "has_torch", lambda: False)
    assert run()
    toy.module("toy", "def twice(x):\n    return x + x\n")
    with pytest.raises(BookError, match="torch is not installed"):
        run()


def test_nothing_stale_imports_no_torch(toy: Book, run: Run) -> None:
    toy.example("it", PRINTS)
    run("accept")
    code = (
        "import sys\nfrom bookbuild.cli import main\nassert main(['check']) == 0\n"
        "heavy = {'torch', 'numpy', 'matplotlib'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=toy.root, timeout=PATIENCE)


def command(book: Book, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bookbuild", *words],
        cwd=book.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return f"/{pid}/" and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


LINGERS = """
import os, pathlib, time
pathlib.Path({marker!r}).write_text(str(os.getpid()))
time.sleep(10_000)
print("changed")
"""


@pytest.fixture
def lingering(toy: Book, run: Run) -> tuple[Book, Path]:
    """An example with a result whose new version tells its process and then sleeps."""
    toy.example("it", "print('old')\n")
    run("accept")
    marker = toy.root / ".marker"
    toy.example("it", LINGERS.format(marker=str(marker)), "limit = 5000")
    return toy, marker


@pytest.fixture
def hears_hangups() -> Iterator[None]:
    """A child hears SIGHUP, also where nohup, which ignores it, runs the suite."""
    kept = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, kept)


@pytest.mark.usefixtures("light", "hears_hangups")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM", "SIGHUP"])
def test_a_killed_command_leaves_the_results_and_no_process(
    lingering: tuple[Book, Path],
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: Monkey,
) -> None:
    killed = signal.Signals[name]
    book, marker = lingering
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setenv("TMPDIR", str(scratch))
    before = tree(book)
    process = command(book, "accept")
    wait_for(marker.exists)
    wait_for(lambda: marker.read_text() != "")
    example = int(marker.read_text())
    os.kill(process.pid, killed)
    output, _ = process.communicate(timeout=PATIENCE)
    wait_for(lambda: not alive(example))
    assert process.returncode != 0
    assert "Traceback" not in output
    assert tree(book) == before
    if killed != signal.SIGKILL:  # which nothing can hear
        assert "no committed result was left half-written" in output
        assert not list(scratch.glob("book-*"))


@pytest.mark.usefixtures("light")
def test_a_killed_worker_is_one_clear_message(lingering: tuple[Book, Path]) -> None:
    book, marker = lingering
    before = tree(book)
    process = command(book, "accept")
    wait_for(marker.exists)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "error: the process that runs examples ended; each result is the old or" in output
    assert tree(book) == before


@pytest.mark.usefixtures("light")
def test_one_at_a_time_all_get_an_answer(toy: Book) -> None:
    for number in range(3):
        toy.example(f"it{number}", "print('short')\n")
    with Worker(jobs=1) as worker:
        outcomes = runner.refresh(toy.root, Plan(mode="accept"), worker)
    assert [outcome.status for outcome in outcomes] == ["written"] * 3


@pytest.mark.usefixtures("light")
def test_two_commands_at_once_do_not_disturb_each_other(toy: Book) -> None:
    names = [toy.example(f"it{number}", PRINTS) for number in range(4)]
    processes = [command(toy, "accept"), command(toy, "accept")]
    for process in processes:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
    for name in names:
        assert results.load(toy.root, name).output == "twice: 3.00\n"


def test_the_command_line_tells_and_exits(toy: Book, run: Run, capfd: object) -> None:
    from bookbuild.cli import main

    name = toy.example("it", PRINTS)
    toy.page(f"/// output | {name}\n///\n")
    assert main(["check"]) == 1
    assert main(["check", "l0/nothing"]) == 1
    run("accept")
    assert main(["check"]) == 0
    assert main(["status"]) == 0


@pytest.mark.usefixtures("light")
def test_the_emulation_of_other_hardware_reaches_the_examples(toy: Book) -> None:
    name = toy.example("it", "import os\nprint(os.environ.get('ATEN_CPU_CAPABILITY'))\n")
    plan = Plan(mode="accept", emulate=True)
    assert runner.refresh(toy.root, plan)[0].status == "written"
    assert results.load(toy.root, name).output == "default\n"
    assert not (toy.root / ".bookcache/fresh").exists(), "an emulated run must leave no stamp"


def test_an_edit_while_an_example_runs_leaves_it_stale(toy: Book, run: Run, worker: Worker) -> None:
    name = toy.example("it", PRINTS)
    real = worker.run

    class Editing:
        def run(self, requests: list[dict[str, object]]) -> Iterator[tuple[int, int | str, float]]:
            for answer in real(requests):
                toy.module("toy", "def twice(x):\n    return 3 * x\n")
                yield answer

    runner.refresh(toy.root, Plan(mode="accept"), Editing())  # type: ignore[arg-type]
    assert results.load(toy.root, name).output == "twice: 3.00\n"
    assert run()[name].status == "drifted"


def test_output_of_c_of_threads_and_of_children_is_kept_and_nothing_is_left(
    toy: Book, run: Run
) -> None:
    code = """
    import ctypes, os, subprocess, sys, threading
    ctypes.CDLL(None).printf(b"from C\\n")
    sys.stdout.flush()
    subprocess.run(["echo", "from a child"], check=True)
    thread = threading.Thread(target=lambda: os.write(1, b"from a thread\\n"))
    thread.start()
    thread.join()
    subprocess.Popen(["sleep", "60"])
    open(os.environ["MARKER"], "w").write(str(os.getpid()))
    os.fork()
    """
    marker = toy.root / ".marker"
    toy.example("it", code.replace('os.environ["MARKER"]', repr(str(marker))))
    outcome = run("accept")["l0/it"]
    assert outcome.status == "written", outcome
    output = results.load(toy.root, "l0/it").output
    assert sorted(output.splitlines()) == ["from C", "from a child", "from a thread"]

    def group_is_gone() -> bool:
        try:
            os.killpg(int(marker.read_text()), 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(group_is_gone)


def test_an_example_may_write_files_named_like_ours(toy: Book, run: Run) -> None:
    code = "open('output.txt', 'w').write('mine')\nopen('result.json', 'w').write('mine')\n"
    name = toy.example("it", code + "print('fine')\n")
    assert run("accept")[name].status == "written"
    assert results.load(toy.root, name).output == "fine\n"


@pytest.mark.usefixtures("light")
def test_a_reader_s_matplotlib_settings_change_nothing(
    toy: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "matplotlibrc"
    settings.write_text("hatch.linewidth: 7\nbackend: TkAgg\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(settings))
    code = "import matplotlib as m\nprint(m.rcParams['hatch.linewidth'], m.get_backend().lower())\n"
    name = toy.example("it", code)
    with Worker(jobs=1) as worker:
        runner.refresh(toy.root, Plan(mode="accept"), worker)
    assert results.load(toy.root, name).output == "1.0 agg\n"


@pytest.mark.usefixtures("light")
def test_other_hardware_is_tried_although_fresh(toy: Book, run: Run) -> None:
    toy.example("it", PRINTS)
    run("accept")
    assert runner.refresh(toy.root, Plan(emulate=True))[0].status == "agrees"


def test_one_module_that_cannot_be_read_is_one_message(toy: Book, run: Run) -> None:
    for number in range(5):
        toy.example(f"it{number}", PRINTS)
    run("accept")
    toy.module("toy", "x = = 1\n")
    outcomes = run().values()
    assert all(outcome.is_problem for outcome in outcomes)
    assert {outcome.message for outcome in outcomes} == {
        "lesson_code/toy.py:1: invalid syntax; it stops 5 examples (l0/it0, l0/it1, l0/it2, ...)"
    }


def test_a_process_that_cannot_load_torch_says_why(
    toy: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.example("it", PRINTS)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/torch.py").write_text("raise ImportError('torch and torchvision differ')\n")
    path = os.pathsep.join([str(tmp_path / "broken"), *sys.path])
    monkeypatch.setenv("PYTHONPATH", path)
    with Worker(jobs=1) as worker, pytest.raises(BookError, match="torch and torchvision differ"):
        runner.refresh(toy.root, Plan(mode="accept"), worker)


@pytest.mark.usefixtures("light")
def test_a_folder_that_cannot_be_written_is_one_message(
    toy: Book, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bookbuild.cli import main

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device", "pending/x")

    name = toy.example("it", PRINTS)
    run("accept")
    before = tree(toy)
    toy.module("toy", "def twice(x):\n    return 3 * x\n")
    monkeypatch.setattr(Path, "rename", full)
    assert main(["accept", name]) == 1
    said = "the result of l0/it cannot be written: [Errno 28] No space left on device: 'pending/x'"
    assert said in capsys.readouterr().out
    assert tree(toy) == before


@pytest.mark.usefixtures("light")
def test_a_terminal_that_knows_ascii_alone_is_told_all(toy: Book, run: Run) -> None:
    name = toy.example("it", "print('a → b')\n")
    run("accept")
    toy.example("it", "print('a → c')\n")
    done = subprocess.run(
        [sys.executable, "-m", "bookbuild", "check", name],
        cwd=toy.root,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1 and done.stderr == ""
    assert r"-a \u2192 b" in done.stdout and r"+a \u2192 c" in done.stdout


class TestLab:
    """Examples that train for minutes: choosing them, their order, threads and tolerances."""

    @pytest.fixture
    def lab(self, toy: Book, worker: Worker, monkeypatch: Monkey) -> Book:
        """A small lab whose commands borrow the shared process."""

        def borrowed(jobs: int, emulate: bool) -> contextlib.AbstractContextManager[Worker]:
            return contextlib.nullcontext(worker)

        monkeypatch.setattr(runner, "Worker", borrowed)
        for name in ("one", "two"):
            header = "# /// example\n# cost = 'lab'\n# limit = 20\n# ///\n"
            toy.module(f"examples/lab/{name}", header + PRINTS)
        toy.example("quick", PRINTS)
        return toy

    @pytest.mark.parametrize("names", [("lab/one",), ("lab",)])
    def test_a_named_one_runs_where_it_is_stale(
        self, lab: Book, run: Run, names: tuple[str, ...]
    ) -> None:
        assert run("check", *names)["lab/one"].status == "missing"
        assert run("accept", *names)["lab/one"].status == "written"
        assert run("check", *names)["lab/one"].status == "fresh"
        assert run("check", *names, everything=True)["lab/one"].status == "agrees"
        lab.module("toy", "def twice(x):\n    return 3 * x\n")
        assert run()["lab/one"].status == "kept"
        assert run("check", *names)["lab/one"].status == "drifted"

    def test_a_folder_is_all_its_examples_and_no_others(self, lab: Book, run: Run) -> None:
        assert run("accept", "lab").keys() == {"lab/one", "lab/two"}
        assert {one.status for one in run("record", "lab").values()} == {"written"}
        with pytest.raises(BookError, match="the nearest is lab"):
            run("check", "lap")

    def test_other_hardware_runs_them_when_they_are_named(
        self, lab: Book, run: Run, worker: Worker
    ) -> None:
        run("accept", "lab", "l0")

        def statuses(*names: str) -> list[str]:
            plan = Plan(names, everything=True, emulate=True)
            return [outcome.status for outcome in runner.refresh(lab.root, plan, worker)]

        assert statuses() == ["agrees", "kept", "kept"]
        assert statuses("lab") == ["agrees", "agrees"]

    def test_what_was_kept_is_said_with_the_command_that_runs_it(
        self, lab: Book, run: Run, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from bookbuild.cli import main

        run("accept", "lab", "l0")
        assert main(["check", "--all", "--emulate"]) == 0
        command = "python -m bookbuild check lab --all --emulate --threads 2"
        assert f"\n2 lab examples kept: {command}\n" in capfd.readouterr().out
        assert main(command.split()[3:]) == 0
        out = capfd.readouterr().out
        assert "lab example" not in out and "2 agrees" in out
        (lab.root / "lesson_code/examples/lab/two.py").unlink()
        assert main(["check", "--all", "--emulate"]) == 0
        assert "\n1 lab example kept: python" in capfd.readouterr().out
        for words in (["check"], ["check", "l0", "--all", "--emulate"]):
            assert main(words) == 0
            assert "kept: python" not in capfd.readouterr().out

    def test_the_longest_begins_first_and_the_unknown_before_it(
        self, lab: Book, run: Run, worker: Worker
    ) -> None:
        run("accept", "lab", "l0")
        for name, seconds in (("lab/one", 2.5), ("lab/two", 30.0), ("l0/quick", 7.0)):
            result = results.load(lab.root, name)
            result.provenance["seconds"] = seconds
            results.write(lab.root, name, result)
        lab.example("new", PRINTS)
        lab.example("another", PRINTS)
        lab.result("l0/another", "result.json").parent.mkdir()
        lab.result("l0/another", "result.json").write_text("{")
        asked: list[object] = []

        class Listening:
            def run(self, requests: list[dict[str, object]]) -> Iterator[object]:
                asked.extend(request["name"] for request in requests)
                return worker.run(requests)

        plan = Plan(("l0", "lab"), everything=True, mode="accept")
        runner.refresh(lab.root, plan, Listening())  # type: ignore[arg-type]
        assert asked == ["l0/another", "l0/new", "lab/two", "l0/quick", "lab/one"]

    def test_each_finished_one_is_a_line_with_its_seconds(
        self, lab: Book, run: Run, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from bookbuild.cli import main

        run("accept", "lab", "l0")
        assert main(["check", "--all"]) == 0
        out = capfd.readouterr().out
        for name in ("lab/one", "lab/two"):
            assert re.search(rf"^{name} agrees, \d+\.\d s \([0-2] left\)$", out, re.MULTILINE)
        assert "l0/quick" not in out

    @pytest.mark.usefixtures("light")
    def test_a_line_comes_as_soon_as_its_example_has_finished(
        self, lab: Book, monkeypatch: Monkey
    ) -> None:
        monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
        header = "# /// example\n# cost = 'lab'\n# limit = 3000\n# ///\n"
        lab.module("examples/lab/two", header + "import time\ntime.sleep(2000)\n")
        process = command(lab, "accept", "lab")
        assert process.stdout is not None
        try:
            assert select.select([process.stdout], [], [], PATIENCE)[0], "nothing was said"
            assert process.stdout.readline().startswith("lab/one written, ")
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.communicate(timeout=PATIENCE)

    def test_a_run_that_took_long_is_told_whatever_its_cost(
        self, lab: Book, run: Run, capfd: pytest.CaptureFixture[str], monkeypatch: Monkey
    ) -> None:
        from bookbuild import cli

        run("accept", "l0")
        monkeypatch.setattr(cli, "_LONG", 0.0)
        assert cli.main(["check", "l0", "--all"]) == 0
        assert "l0/quick agrees, " in capfd.readouterr().out

    def test_threads_reach_the_example_and_leave_no_stamp(self, lab: Book, run: Run) -> None:
        code = "import torch\nx = torch.rand(600, 600)\nx = x @ x @ x\n"
        name = lab.example("it", code + "print(torch.get_num_threads())\n")
        run("accept", name)
        lab.module("toy", "def twice(x):\n    return x + x\n")
        (outcome,) = runner.refresh(lab.root, Plan((name,), threads=2))
        assert outcome.status == "drifted" and "-1\n+2" in outcome.message
        run("accept", "lab/one")
        (lab.root / ".bookcache/fresh/lab@one.json").unlink()
        for _ in range(2):
            (outcome,) = runner.refresh(lab.root, Plan(("lab/one",), threads=2))
            assert outcome.status == "agrees"
        assert not (lab.root / ".bookcache/fresh/lab@one.json").exists()
        assert run("check", "lab/one")["lab/one"].status == "fresh"

    @pytest.mark.parametrize(("cores", "threads", "jobs"), [(8, 1, 8), (8, 3, 2), (2, 4, 1)])
    def test_no_more_threads_than_cores_at_once(
        self, lab: Book, monkeypatch: Monkey, cores: int, threads: int, jobs: int
    ) -> None:
        class Stop(Exception):
            pass

        def start(jobs: int, emulate: bool) -> None:
            begun.append(jobs)
            raise Stop

        begun: list[int] = []
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        monkeypatch.setattr(runner, "Worker", start)
        with pytest.raises(Stop):
            runner.refresh(lab.root, Plan(mode="accept", threads=threads))
        assert begun == [jobs]

    @pytest.mark.parametrize("number", ["0", "-1", "two", "1.5"])
    def test_a_number_of_threads_is_one_or_more(
        self, lab: Book, number: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from bookbuild.cli import main

        with pytest.raises(SystemExit):
            main(["check", "--threads", number])
        assert "is no number; 1 or more" in capfd.readouterr().err
        with pytest.raises(SystemExit):
            main(["accept", "--threads", "2"])

    def test_a_share_runs_what_is_stale_and_each_of_the_rest_in_its_turn(
        self, lab: Book, run: Run, worker: Worker, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from bookbuild.cli import main

        for number in range(3, 5):
            header = f"# /// example\n# cost = 'lab'\n# ///\nx = {number}\n"
            lab.module(f"examples/lab/more{number}", header + PRINTS)
        run("accept", "lab", "l0")
        shutil.rmtree(lab.root / ".bookcache")

        def ran(**options: bool) -> set[str]:
            outcomes = runner.refresh(lab.root, Plan(share=4, **options), worker)
            return {one.name for one in outcomes if one.status == "agrees"}

        drawn = runner.drawn(lab.root, Plan(share=4))
        assert len(drawn) == 1 and ran() == set(drawn)
        assert ran(everything=True) == {"l0/quick", *drawn}
        assert main(["check", "--share", "4"]) == 0
        assert f"one in 4 of the lab, fresh or stale: {drawn[0]}\n" in capfd.readouterr().out
        turns = set()
        path = lab.root / "lesson_code/examples/lab/one.py"
        text = path.read_text()
        for number in range(20):
            path.write_text(f"{text}y = {number}\n")
            turns.update(runner.drawn(lab.root, Plan(share=4)))
        assert len(turns) == 4
        outcomes = {one.name: one for one in runner.refresh(lab.root, Plan(share=4), worker)}
        assert outcomes["lab/one"].status == "agrees"
        assert outcomes["lab/one"].message.startswith("the same, by newer code")
        assert run("accept", "lab/one")["lab/one"].status == "fresh", "this clone knows it"
        assert run("accept", "lab/one", everything=True)["lab/one"].status == "written"

    def test_a_share_on_other_hardware_is_of_the_quick_ones(
        self, lab: Book, run: Run, worker: Worker
    ) -> None:
        for number in range(3):
            text = f"# /// example\n# ///\nx = {number}\n" + PRINTS
            lab.module(f"examples/l0/more{number}", text)
        run("accept", "l0", "lab")
        plan = Plan(emulate=True, share=4)

        def ran() -> set[str]:
            return {one.name for one in runner.refresh(lab.root, plan, worker) if one.seconds}

        (drawn,) = runner.drawn(lab.root, plan)
        assert drawn.startswith("l0/") and ran() == {drawn}
        (lab.root / "lesson_code/examples/l0/more0.py").write_text(text + "y = 1\n")
        run("check")  # it agrees, but only here: its record is of older code
        assert ran() == {"l0/more0", *runner.drawn(lab.root, plan)}

    def test_declared_tolerances_reach_the_comparison(self, lab: Book, run: Run) -> None:
        header = "# /// example\n# cost = 'lab'\n# {}\n# ///\n"
        wide = header.format("within = {twice = 0.5}\n# printed = 0.5")
        lab.module("examples/lab/one", wide + PRINTS)
        run("accept", "lab/one")
        shifted = PRINTS.replace("1.5", "1.6")
        lab.module("examples/lab/one", wide + shifted)
        assert run("check", "lab/one")["lab/one"].status == "agrees"
        lab.module("examples/lab/one", header.format("seed = 0") + shifted)
        assert "value twice: was 3.0, is 3.2" in run("check", "lab/one")["lab/one"].message
