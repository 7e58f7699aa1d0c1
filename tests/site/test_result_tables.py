"""Tables of results in a real browser: reached by keyboard, scrolling by themselves, accessible."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from book_site import ROOT, open_details
from bookbuild import project, results
from bookbuild.tables import checked
from looking import RULES, resize, settled
from playwright.sync_api import Page

CONFIG = """
site_name: small
docs_dir: docs
use_directory_urls: false
theme:
  name: material
  font: false
  palette: [{{scheme: {scheme}, primary: custom, accent: custom}}]
extra_css: [assets/css/book.css]
extra_javascript: [{{path: assets/js/book.js, defer: true}}]
plugins: []
markdown_extensions:
  - bookbuild.markdown.listings
  - bookbuild.markdown.outputs
"""
PAGE = """# Tables

/// table | lab/it:wide
All methods of the lab on one set of data, mean and spread over three seeds. The last column says
whether the method collapsed, and *Seconds* how long one run took.
///

/// table | lab/it:narrow
Two columns only.
///

/// table | lab/new:absent
There is no record of this one.
///

/// record | lab/all
///
"""
HEADER = '# /// example\n# cost = "lab"\n# ///\n'
WIDE = {
    "columns": {"Method": ""} | dict.fromkeys(["k-NN", "Linear", "Few labels", "Rank"], ".3f"),
    "rows": [["SimCLR"] + [[0.963, 0.005]] * 4, ["Barlow Twins"] + [[0.9, 0.012]] * 3 + [None]],
}
NARROW = {"columns": {"Batch": "d", "k-NN": ".3f"}, "rows": [[64, 0.5], [1024, 0.25]]}


@pytest.fixture(scope="module", params=["default", "slate"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with tables, in the book's own look, in one of its two themes."""
    root = tmp_path_factory.mktemp("tables")
    folder = root / "lesson_code/examples/lab"
    folder.mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG.format(scheme=request.param))
    for kind in ("css", "js"):
        shutil.copytree(ROOT / "docs/assets" / kind, root / "docs/assets" / kind)
    (root / "docs/index.md").write_text(PAGE)
    for name in ("it", "new", "all"):
        (folder / f"{name}.py").write_text(HEADER + "print(1)\n")
    wide, narrow = checked(WIDE), checked(NARROW)
    made = {"code": "of other code", "device": "CPU", "seconds": 412.5, "date": "2026-03-04"}
    for name, tables in (("it", {"wide": wide, "narrow": narrow}), ("all", {"every": wide})):
        results.write(root, f"lab/{name}", results.Result(provenance=made, tables=tables))
    assert project.root(root) == root.resolve()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return root / "site/index.html"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(request: pytest.FixtureRequest, window: Callable[..., Page], built: Path) -> Page:
    page = window(request.param, [], "")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(built.as_uri())
    return page


def test_axe_finds_nothing(window: Callable[..., Page], built: Path) -> None:
    page = window(True, [], "")
    page.goto(built.as_uri())
    open_details(page)
    for width in (1280, 360):
        resize(page, width)
        rules = {"type": "tag", "values": RULES}
        assert settled(page, f"{width} px", rules, "article") == []


def test_a_wide_table_scrolls_by_itself_on_a_phone(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    wide = phone.locator("#table-lab-it-wide")
    assert wide.evaluate("e => e.scrollWidth > e.clientWidth && e.clientWidth < 360")
    assert wide.get_attribute("tabindex") == "0"
    assert phone.get_by_role("region", name="All methods of the lab").count() == 1
    caption = wide.locator(".table-caption")
    before = caption.bounding_box()
    assert before and before["x"] >= 0 and before["x"] + before["width"] <= 360
    wide.focus()
    for _ in range(8):
        phone.keyboard.press("ArrowRight")
    phone.wait_for_timeout(300)
    assert wide.evaluate("e => e.scrollLeft") > 0
    assert caption.bounding_box() == pytest.approx(before, abs=1), "the caption left the screen"


@pytest.mark.parametrize("phone", [True], indirect=True)
def test_a_narrow_table_is_no_stop_for_the_tab_key(phone: Page) -> None:
    page = phone
    narrow = page.locator("#table-lab-it-narrow")
    page.wait_for_function("!document.querySelector('#table-lab-it-narrow[tabindex]')")
    assert narrow.evaluate("e => e.scrollWidth === e.clientWidth")
    assert page.locator("#table-lab-it-wide[tabindex='0']").count() == 1


def test_numbers_end_at_the_right_and_never_break(phone: Page) -> None:
    for cell in phone.locator(".result-table td").all():
        assert cell.evaluate("e => getComputedStyle(e).textAlign") == "right"
        lines = (
            "e => { const r = new Range(); r.selectNodeContents(e); return r.getClientRects(); }"
        )
        assert len(cell.evaluate(f"e => [...({lines})(e)]")) == 1
    row = phone.locator("#table-lab-it-wide tbody th").first
    assert row.evaluate("e => getComputedStyle(e).textAlign") == "left"


def test_pages_say_how_long_it_took_and_that_the_code_has_changed(phone: Page) -> None:
    for text in phone.locator("details.provenance").all_text_contents():
        assert "in 412.5 s" in text
    assert phone.locator(".record-stale").count() == 3
    assert "No record exists yet" in phone.locator(".record-missing").inner_text()
    assert "There is no record of this one." in phone.locator("article").inner_text()
