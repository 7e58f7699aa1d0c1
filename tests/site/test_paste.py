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
from playwright.sync_api import ElementHandle, Page

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

# What a reader who selects the code by hand would copy.
_SEEN = """button => [...(button.closest(".listing") ?? button.closest(".highlight"))
  .querySelectorAll("pre > code")].map(code => code.innerText).join("\\n")"""


PASTED = ".md-content :is(.copy:not(.language-sh > *), .output, .record)"
BLOCKS = ".md-content :is(.listing, .language-python:not(.doc-signature):not(.listing *))"


@dataclass
class Shown:
    """One output block of a page, and the blocks of code since the one before."""

    example: str
    cost: str
    text: str
    blocks: list[int] = field(default_factory=list)


@pytest.mark.parametrize("path", LESSON_PAGES)
def test_pasted_top_to_bottom_a_page_prints_what_it_shows(visit, path: str, tmp_path, paste):
    page = visit(path)
    open_details(page)
    code, shown, waiting = [], [], []
    for element in page.query_selector_all(PASTED):
        if "copy" in (element.get_attribute("class") or ""):
            waiting.append(len(code))
            code.append(press(page, element))
        else:
            text = "".join(pre.inner_text() for pre in element.query_selector_all("pre"))
            example, cost = (
                element.get_attribute("data-example"),
                element.get_attribute("data-cost"),
            )
            shown.append(Shown(example or "", cost or "", text, waiting))
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


def press(page: Page, button: ElementHandle) -> str:
    """What a copy button puts on the clipboard, which is what is seen."""
    button.click()
    page.wait_for_function("button => button.textContent === 'Copied'", arg=button)
    copied = page.evaluate("navigator.clipboard.readText()")
    page.evaluate("navigator.clipboard.writeText('nothing')")
    assert copied.rstrip("\n") == button.evaluate(_SEEN).rstrip("\n")
    return copied


def check_unfolded(page: Page, code: list[str]) -> None:
    """Unfold every docstring: what is copied then is longer, and does the same."""
    for fold in page.query_selector_all(".md-content .fold"):
        assert fold.get_attribute("aria-pressed") == "false"
        fold.click()
        assert fold.get_attribute("aria-pressed") == "true"
    for number, block in enumerate(page.query_selector_all(BLOCKS)):
        if block.query_selector(".docstring-rest") is None:
            assert block.query_selector(".fold") is None
            continue
        button = block.query_selector(".copy")
        assert button is not None
        whole = press(page, button)
        assert len(whole) > len(code[number])
        assert docstrings.short(whole) == code[number]
        assert docstrings.without(whole) == docstrings.without(code[number])


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
    for path in LESSON_PAGES:
        page = visit(path)
        assert page.locator(":is(.output, .record) .copy").count() == 0
        page.context.close()
    page = visit("contributing/")
    assert page.locator(".highlight").count() > 0
    assert page.locator(".language-markdown .copy, .language-text .copy").count() == 0
