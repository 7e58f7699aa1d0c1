"""Where the site is put: under its strict policy, under a path, where a browser keeps nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from book_site import ALL_PAGES, ROOT, Site, open_details
from bookbuild import policy
from playwright.sync_api import Page, expect

LESSON = "module-1/1.3-contrast-to-distillation"
#: One page of each kind.
KINDS = ["", f"{LESSON}/simclr/", f"{LESSON}/review/", "lab/comparison/", "museum/simclr/"]
KINDS += ["museum/", "reference/contrastive/", "bibliography/", "no/such/page/", "404.html"]
KINDS += [f"{LESSON}/{page}/" for page in ("moco", "byol", "dino-loss", "dino")]  # all that live
HEARD = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  refused.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

FOREIGN = """
document.body.append(
  Object.assign(document.createElement("script"), {textContent: "window.foreign = 1"}));
"""


Opened = Callable[..., tuple[Page, list[str]]]


@pytest.fixture
def opened(window: Callable[..., Page]) -> Opened:
    """A page and the errors of its scripts; ``scripts`` run before those of the page."""

    def open_page(address: str, *scripts: str) -> tuple[Page, list[str]]:
        errors: list[str] = []
        page = window(True, errors, "", scripts=scripts)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page, errors

    return open_page


def header(site: Site) -> str:
    text = (site.folder / policy.FILE).read_text()
    found = re.search(r"^/\*\n  Content-Security-Policy: (.+)$", text, re.MULTILINE)
    assert found, text
    return found[1]


def search(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("momentum")
    expect(page.locator(".md-search-result__link").first).to_be_attached()
    page.keyboard.press("Escape")


def switch_theme(page: Page) -> None:
    before = page.evaluate("document.body.dataset.mdColorScheme")
    page.locator("label.md-header__button[for^=__palette]:visible").first.click()
    page.wait_for_function(f"document.body.dataset.mdColorScheme !== {before!r}")


def play_all(page: Page) -> None:
    """Wait until each living figure of a page lives, and press its buttons."""
    for figure in page.locator("figure[data-play]").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".play-summary")).not_to_be_empty()
        for button in figure.locator("button").all():
            button.click()


class TestPolicy:
    def test_it_is_strict(self, site: Site):
        rules = dict(rule.strip().split(" ", 1) for rule in header(site).split(";"))
        assert rules["default-src"] == "'self'"
        for name in ("script-src", "style-src"):
            first, *others = rules[name].split()
            assert first == "'self'" and 1 <= len(others) <= 12
            assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", one) for one in others)
        assert {rules[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}

    def test_it_names_what_stands_in_any_page(self, site: Site):
        stated = header(site)
        for file in site.folder.rglob("*.html"):
            html = file.read_text(encoding="utf-8")
            assert not re.search(r"<[^>]*\son\w+=", html), file
            assert all(source in stated for _, source in policy.inline(html)), file
        assert policy.inline("<script>x()</script>") and not policy.inline(
            "<script src=x></script>"
        )

    @pytest.mark.in_turn
    @pytest.mark.parametrize("path", KINDS)
    def test_nothing_on_a_page_is_refused(self, guarded_site: Site, opened: Opened, path: str):
        page, errors = opened(guarded_site.address + path, HEARD)
        open_details(page)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        search(page)
        switch_theme(page)
        for button in page.locator(".copy:visible, .quiz-check:visible").all()[:3]:
            button.click()
        play_all(page)
        assert (page.evaluate("refused"), errors) == ([], [])
        page.evaluate(FOREIGN)
        page.wait_for_function("refused.length === 1")
        assert not page.evaluate("'foreign' in window"), "the policy is not in force"


BLOCKED = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    get() { throw new DOMException("denied", "SecurityError"); }, configurable: true });
"""
NONE = (
    'for (const name of ["localStorage", "sessionStorage"]) '
    "Object.defineProperty(window, name, {value: null, configurable: true});"
)
KEPT = "localStorage.setItem('/book/.__palette', {!r})"
DAMAGED = [
    "{",
    "3",
    "null",
    '{"index": -1}',
    '{"index": "x", "color": {}}',
    '{"index": 0, "color": null}',
    '{"index": 7, "color": {"scheme": "slate"}}',
    '{"index": 0, "color": {"a b": "c"}}',
    '{"index": 1, "color": {"scheme": "gone"}}',
]


class TestStorage:
    @pytest.mark.in_turn
    @pytest.mark.parametrize("script", [BLOCKED, NONE], ids=["blocked", "none"])
    @pytest.mark.parametrize("name", ["review", "byol", "dino"])
    def test_search_theme_quiz_and_figures_live_without_it(
        self, site: Site, opened: Opened, name: str, script: str
    ):
        page, errors = opened(f"{site.address}{LESSON}/{name}/", script)
        play_all(page)
        search(page)
        switch_theme(page)
        page.locator(".quiz-check").first.click()
        expect(page.locator(".quiz-verdict").first).not_to_be_empty()
        assert errors == []

    @pytest.mark.in_turn
    @pytest.mark.parametrize("kept", DAMAGED)
    def test_they_live_with_what_was_damaged(self, site: Site, opened: Opened, kept: str):
        page, errors = opened(site.address, KEPT.format(kept))
        assert page.evaluate("document.body.dataset.mdColorScheme") in ("default", "slate")
        switch_theme(page)
        search(page)
        assert errors == []

    def test_what_is_sound_is_kept(self, site: Site, opened: Opened):
        page, _ = opened(site.address)
        switch_theme(page)
        page.reload()
        assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"


@pytest.mark.parametrize("path", ["gone/", "a/b/c/d/", "lab/gone.html"])
def test_a_missing_page_under_a_path_is_whole(site: Site, opened: Opened, path: str):
    page, errors = opened(site.address + path)
    expect(page.locator("h1")).to_have_text("This page does not exist")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky"
    )
    search(page)
    page.get_by_role("link", name="Start from the first page").click()
    expect(page).to_have_url(site.address)
    assert errors == []


@pytest.mark.parametrize(
    "path", ["", *(f"{LESSON}/{n}/" for n in ("simclr", "byol", "dino")), "museum/"]
)
def test_opened_as_files_every_link_leads_to_a_page(site: Site, opened: Opened, path: str):
    page, errors = opened((site.folder / path / "index.html").as_uri())
    expect(page.locator(".copy").first if "simclr" in path else page.locator("h1")).to_be_visible()
    expect(page.locator(".md-search")).to_be_hidden()
    play_all(page)
    links = page.eval_on_selector_all("a[href]", "all => all.map(link => link.href)")
    local = [unquote(urlsplit(link).path) for link in links if link.startswith("file:")]
    assert len(local) > 20
    assert [one for one in local if not Path(one).is_file()] == []
    page.evaluate("document.querySelector('.md-tabs a, .md-nav a').click()")
    expect(page.locator("h1")).to_be_attached()
    assert all(one.endswith("/search/search_index.js") for one in errors), errors


def test_every_page_is_reached_by_some_kind():
    assert set(KINDS) - {"no/such/page/"} <= set(ALL_PAGES)


SETTINGS = """
site_name: small
site_url: https://example.org/book/
theme: {{name: material, custom_dir: {theme}, font: false}}
extra: {{repository: "{repository}", whole_book: "yes"}}
plugins: []
"""
LISTING = "# A page\n\n## Below\n\n<div class='listing'></div>".replace("'", '"')


@pytest.mark.parametrize("repository", ["", "https://github.com/owner/name", "https://host/name"])
def test_what_is_published_is_offered(tmp_path: Path, repository: str):
    settings = SETTINGS.format(theme=ROOT / "theme/site", repository=repository)
    (tmp_path / "mkdocs.yml").write_text(settings)
    (tmp_path / "docs/part").mkdir(parents=True)
    for name in ("index", "part/index", "part/one"):
        (tmp_path / f"docs/{name}.md").write_text(LISTING)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    subprocess.run(command, cwd=tmp_path, check=True)
    first, folder, page = (
        (tmp_path / "site" / path / "index.html").read_text() for path in ("", "part", "part/one")
    )
    for kind in ("pdf", "epub"):
        assert f'<a href="take-home/learning-without-labels.{kind}" download>' in first
    assert '<a href="take-home/changes.xml">' in first
    assert 'type="application/rss+xml" title="What has changed" href="../take-home/' in folder
    github = "https://colab.research.google.com/github/owner/name/blob/notebooks/part"
    offered = repository.startswith("https://github.com/")
    assert (f'<a href="{github}.ipynb">open in Colab</a>' in folder) == offered
    assert (f'<a href="{github}/one.ipynb">open in Colab</a>' in page) == offered
    assert ("colab" in folder + page) == offered
