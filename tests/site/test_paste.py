"""The paste contract: a page's Python, copied by its buttons, prints what the page shows.

It holds as a page opens, with the first line of each docstring, and with all of them unfolded: the
first is run, the second must be the same code but for its docstrings.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from book_site import LESSON_PAGES, ROOT, Opener, open_details
from bookbuild import compare, docstrings, project
from helpers import PATIENCE
from looking import ask_all
from playwright.sync_api import Page

# What a reader's empty session is: a process without the packages of the book. It has imported what
# takes seconds, not that a name of it were known, and forks for each page where that is safe.
_SESSION = """
import contextlib, io, json, os, sys, traceback
import matplotlib.pyplot, sklearn.datasets, torch, torch.nn.functional, torchvision
sys.modules["lesson_code"] = sys.modules["bookbuild"] = None  # an import of either fails

def pasted(blocks):
    names, printed = {"__name__": "__main__"}, []
    for number, block in enumerate(blocks, 1):
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(compile(block, f"<block {number}>", "exec"), names)
        except Exception:
            told = traceback.format_exc(limit=-2)
            return {"printed": printed, "block": block, "error": told}
        printed.append(said.getvalue())
    return {"printed": printed}

for line in sys.stdin:
    folder, blocks = json.loads(line)
    child = os.fork() if sys.platform.startswith("linux") else 0
    if child == 0:
        os.chdir(folder)
        print(json.dumps(pasted(blocks)), flush=True)
    if not sys.platform.startswith("linux"):
        continue
    if child == 0:
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        print(json.dumps({"printed": [], "block": "", "error": f"status {status}"}), flush=True)
"""

PASTED = ".md-content :is(.copy:not(.language-sh > *), .output, .record)"
BLOCKS = ".md-content :is(.listing, .language-python:not(.doc-signature):not(.listing *))"


@dataclass
class Shown:
    """One output block of a page, and the blocks of code since the one before."""

    example: str
    cost: str
    text: str
    blocks: list[int] = field(default_factory=list)


@pytest.mark.in_turn
@pytest.mark.parametrize("path", LESSON_PAGES)
def test_pasted_top_to_bottom_a_page_prints_what_it_shows(visit, path: str, tmp_path, paste):
    page = visit(path)
    open_details(page)
    assert page.locator(":is(.output, .record) .copy").count() == 0
    code, shown, waiting = press(page, f"{PASTED}.copy"), [], []
    pieces = iter(range(len(code)))
    for kind, text, example, cost in ask_all(page.locator(PASTED), "pieces"):
        if kind == "copy":
            waiting.append(next(pieces))
        else:
            shown.append(Shown(example, cost, text, waiting))
            waiting = []
    blocks = page.query_selector_all(BLOCKS)
    assert len(code) == len(blocks), "every Python block has a copy button"
    for line in "\n".join(code).splitlines():
        assert not line.startswith((">>>", "... ", "$ ", "In [")), "a prompt would be pasted too"
    if not code:
        return
    check_unfolded(page, code)
    check_taken_home(page, code, shown)

    printed = paste(code, tmp_path)
    for output in shown:
        said = "".join(printed[block] for block in output.blocks)
        if output.cost == "gpu":  # without a GPU it has only to run
            continue
        tolerance = project.example(output.example, ROOT).tolerance
        assert compare.same_text(output.text, said, tolerance), (
            f"{path} shows for {output.example}:\n{output.text}\nbut pasted it prints:\n{said}"
        )
    assert "".join(printed[block] for block in waiting) == "", "printed, but not shown on the page"


def press(page: Page, buttons: str) -> list[str]:
    """What these copy buttons put on the clipboard, which is what is seen."""
    pairs = ask_all(page.locator(buttons), "copied")
    for copied, seen in pairs:
        assert copied.rstrip("\n") == seen.rstrip("\n")
    return [copied for copied, _ in pairs]


def check_unfolded(page: Page, code: list[str]) -> None:
    """Unfold every docstring: what is copied then is longer, and does the same."""
    assert all(one == ["false", "true"] for one in ask_all(page.locator(".fold"), "pressed"))
    folds = ask_all(page.locator(BLOCKS), "folds")
    wholes = press(page, f":is({BLOCKS}) .copy")
    for (rest, fold), short, whole in zip(folds, code, wholes, strict=True):
        assert rest == fold
        assert rest == (len(whole) > len(short))
        assert (docstrings.short(whole) if rest else whole) == short
        assert docstrings.without(whole) == docstrings.without(short)


def check_taken_home(page: Page, code: list[str], shown: list[Shown]) -> None:
    """The page's notebook and script hold what is copied, in its order, and what is shown."""
    for suffix, kind in ((".ipynb", "json"), (".py", "text")):
        link = page.locator(f".place a[download][href$='{suffix}']")
        get = "(link, kind) => fetch(link.href).then(answer => answer[kind]())"
        taken = link.evaluate(get, kind)
        if suffix == ".py":
            compile(taken, "script", "exec")
            assert taken.count("# %%\n") == len(code)
            assert all(block.rstrip() in taken for block in code)
            continue
        cells = [cell for cell in taken["cells"] if cell["cell_type"] == "code"]
        assert ["".join(cell["source"]) for cell in cells] == [block.rstrip() for block in code]
        printed = ["".join(cell["outputs"][0]["text"]) for cell in cells if cell["outputs"]]
        kept = [output.text for output in shown if output.text and output.cost != "gpu"]
        assert "\n".join(printed).split() == "\n".join(kept).split()


@pytest.fixture(scope="session")
def paste() -> Iterator[Callable[[list[str], Path], list[str]]]:
    """What each block prints, pasted one after the other into one process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    environment["OMP_NUM_THREADS"] = "1"  # sessions run beside each other; more threads only wait
    started = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _SESSION],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def pasted(code: list[str], folder: Path) -> list[str]:
        assert started.stdin and started.stdout
        print(json.dumps([str(folder), code]), file=started.stdin, flush=True)
        hanging = threading.Timer(PATIENCE, started.kill)
        hanging.start()
        line = started.stdout.readline()
        while line and not line.startswith('{"printed"'):  # what a library wrote by itself
            line = started.stdout.readline()
        hanging.cancel()
        result = json.loads(line or '{"block": "", "error": "the session has ended"}')
        assert "error" not in result, f"this block fails:\n{result['block']}\n{result['error']}"
        return result["printed"]

    with started:
        yield pasted
        started.kill()


def test_the_session_cannot_import_the_book(tmp_path, paste):
    with pytest.raises(AssertionError, match="ModuleNotFoundError"):
        paste(["import lesson_code"], tmp_path)


def test_the_session_keeps_names_and_tells_what_each_block_printed(tmp_path, paste):
    code = ["def double(x):\n\n    return 2 * x\n", "print(double(2))", "print(double(3))"]
    assert paste(code, tmp_path) == ["", "4\n", "6\n"]
    with pytest.raises(AssertionError, match="NameError"):
        paste(["print(double(2))"], tmp_path)  # the next page knows nothing of it
    with pytest.raises(AssertionError, match="NameError"):
        paste(["torch.eye(2)"], tmp_path)  # nor what the session has imported
    with pytest.raises(AssertionError, match="status"):
        paste(["import os; os._exit(3)"], tmp_path)


def test_only_python_and_commands_have_copy_buttons(visit: Opener):
    page = visit("contributing/")  # of outputs, the test of each page asks
    assert page.locator(".highlight").count() > 0
    assert page.locator(".language-markdown .copy, .language-text .copy").count() == 0
