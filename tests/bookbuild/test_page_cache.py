"""A build renders what changed, all of it, and nothing else: held against a build from nothing.

Each test builds a small book, edits one thing, builds again, and holds the whole site against that
of a build without a cache. Work is counted in rendered pages, never in seconds.
"""

from __future__ import annotations

import logging
import os
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bookbuild import lint, page_cache, results, take_home
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from small_book import Book

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = f"""
site_name: small
theme: {{name: material, custom_dir: theme/site, font: false}}
hooks: [{ROOT / "scripts/mkdocs_hook.py"}]
extra_css: [book.css]
validation: {{anchors: warn, links: {{not_found: warn}}}}
exclude_docs: "*.toml"
nav: [Start: index.md, Loss: loss.md, Quote: quote.md, Plain: plain.md, Reference: reference.md]
markdown_extensions:
  - attr_list
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.snippets: {{base_path: ["."], check_paths: true, dedent_subsections: true}}
  - bookbuild.markdown.listings: {{repository: "https://host/book"}}
  - bookbuild.markdown.outputs
  - bookbuild.markdown.claims
  - bookbuild.markdown.citations
plugins:
  - search
  - mkdocstrings: {{custom_templates: theme/mkdocstrings, handlers: {{python: {{paths: ["."]}}}}}}
"""
MODULE = '''
"""A module."""


# --8<-- [start:{name}]
def {name}(x: int) -> int:
    """Add {number}."""
    return x + {number}
# --8<-- [end:{name}]
'''
ENTRY = """
[{key}]
title = "{title}"
authors = ["Family, Given"]
date = 2020-01-01
arxiv = "2001.0000{number}"
"""
CODE_STATE = page_cache.code_state
CITED = ENTRY.format(key="first", title="Title", number=1)


class Site:
    """A small book and what the last build of it did."""

    def __init__(self, book: Book, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.book = book
        self.folder = folder
        self.patch = monkeypatch
        self.rendered: set[str] = set()

    def write(self, name: str, text: str) -> None:
        path = self.book.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.book.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def build(self, command: str = "build", **settings: Any) -> dict[str, bytes]:
        """Build the site strictly; its files come back, ``rendered`` holds the pages made anew."""
        folder = self.folder / "site"
        config = load_config("mkdocs.yml", site_dir=str(folder), **{"strict": True, **settings})
        config.plugins.on_startup(command=command, dirty=False)
        try:
            mkdocs_build(config)
        finally:
            hook: Any = next(iter(config.hooks.values()))
            hook._builder.wait()
            self.rendered = hook._cache.rendered
        files = [path for path in folder.rglob("*") if path.is_file()]
        timed = ("sitemap.xml.gz",)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in files
            if path.name not in timed
        }

    def rebuilt(self, **settings: Any) -> dict[str, bytes]:
        """Build after an edit, and hold all files against a build from nothing."""
        quick = self.build(**settings)
        rendered = self.rendered
        shutil.rmtree(self.book.root / ".bookcache/pages")
        slow = self.build(**settings)
        assert quick.keys() == slow.keys()
        assert [name for name in slow if quick[name] != slow[name]] == []
        self.rendered = rendered
        return quick


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a page of each kind, built once in ``book``; the site beside it."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "book").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        site = prepared(Book(folder / "book"), folder, patch)
        site.write("mkdocs.yml", SETTINGS)
        site.write("package-lock.json", "{}")
        site.write("theme/site/main.html", '{% extends "base.html" %}\n')
        site.write("theme/mkdocstrings/python/material/.keep", "")
        for number, name in enumerate(("first", "second"), 1):
            site.write(f"lesson_code/{name}.py", MODULE.format(name=name, number=number))
        site.write("docs/bibliography.toml", CITED)
        site.write("docs/book.css", "p { color: red }\n")
        name = site.book.example("it", "print(1)\n")
        result = results.Result(output="1\n", values={"low": 0.5}, provenance={"seconds": 1.0})
        results.write(site.book.root, name, result)
        site.write("docs/index.md", "# Start\n\n[to it](loss.md#listing-first) and [x](quote.md)\n")
        fence = '```python\n--8<-- "lesson_code/first.py:first"\n```'
        site.write("docs/loss.md", f"# Loss\n\n{fence}\n\n/// output | {name}\n///\n")
        site.write("docs/quote.md", f"# Quote\n\n{{{{ {name}.low | .2f }}}} as in [@first].\n")
        site.write("docs/plain.md", "# Plain\n\nProse with [MoCo][lesson_code.second.second].\n")
        site.write("docs/reference.md", "# Reference\n\n::: lesson_code.second\n")
        site.write("docs/bibliography.md", "# Bibliography\n\n/// bibliography\n///\n")
        site.edit("mkdocs.yml", "Reference: reference.md", "R: reference.md, B: bibliography.md")
        site.build()
        assert len(site.rendered) == 6
    return folder


def prepared(book: Book, folder: Path, patch: pytest.MonkeyPatch) -> Site:
    patch.setattr(page_cache, "code_state", lambda: page_cache._LOADED)  # whoever edits it now
    patch.chdir(book.root)
    patch.setenv("BOOK_RUNNER", "off")
    patch.delenv("CI", raising=False)
    patch.setenv("NO_MKDOCS_2_WARNING", "1")
    return Site(book, folder, patch)


@pytest.fixture
def site(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """That book, a copy for each test; what was built of it stands."""
    shutil.copytree(built, tmp_path / "built")
    book = Book.__new__(Book)
    book.root = tmp_path / "built/book"
    return prepared(book, tmp_path / "built", monkeypatch)


@pytest.mark.parametrize("where", ["site", "site/lab"])
def test_nothing_behind_a_link_is_emptied(
    site: Site, tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mine").write_text("")
    shutil.rmtree(site.folder / where, ignore_errors=True)
    (site.folder / where).symlink_to(tmp_path)
    with pytest.raises(Abort):
        site.build()
    assert "is a link, and a build empties what it leads to" in caplog.text
    assert (tmp_path / "mine").exists()


def append(name: str, text: str) -> Callable[[Site], None]:
    return lambda site: site.write(name, (site.book.root / name).read_text() + text)


def another_result(site: Site) -> None:
    results.write(site.book.root, "l0/it", results.Result("2\n", values={"low": 0.25}))


@pytest.mark.parametrize(
    ("edit", "rendered"),
    [
        pytest.param(lambda site: None, set(), id="nothing"),
        pytest.param(append("docs/plain.md", "\nMore.\n"), {"plain.md"}, id="text"),
        pytest.param(
            lambda site: site.edit("lesson_code/first.py", "x + 1", "1 + x"),
            {"loss.md"},
            id="included region",
        ),
        pytest.param(
            lambda site: site.edit("lesson_code/second.py", "Add 2", "Add the number 2"),
            {"reference.md"},
            id="docstring of the reference",
        ),
        pytest.param(another_result, {"loss.md", "quote.md"}, id="result"),
        pytest.param(
            lambda site: site.edit("docs/bibliography.toml", "Title", "Another title"),
            {"quote.md", "bibliography.md"},
            id="entry that is cited",
        ),
        pytest.param(
            append("docs/bibliography.toml", ENTRY.format(key="other", title="Other", number=2)),
            # The second entry of a year gives the first a letter.
            {"quote.md", "bibliography.md"},
            id="entry that changes another's label",
        ),
        pytest.param(
            append(
                "docs/bibliography.toml",
                ENTRY.format(key="other", title="Other", number=2).replace("Family", "Zed"),
            ),
            {"bibliography.md"},
            id="entry that no page cites",
        ),
        pytest.param(
            lambda site: site.edit("mkdocs.yml", "Plain: plain", "Simple: plain"),
            set(),
            id="title in the navigation",
        ),
        pytest.param(
            lambda site: site.edit("docs/book.css", "red", "blue"), set(), id="style sheet"
        ),
        pytest.param(
            lambda site: site.edit("theme/site/main.html", "%}\n", "%}\n{# new #}\n"),
            {"index", "loss", "quote", "plain", "reference", "bibliography"},
            id="template",
        ),
        pytest.param(
            lambda site: site.edit("mkdocs.yml", "- attr_list", "- attr_list\n  - tables"),
            {"index", "loss", "quote", "plain", "reference", "bibliography"},
            id="settings",
        ),
        pytest.param(
            lambda site: site.write(
                "lesson_code/third.py", "from lesson_code.second import second"
            ),
            {"reference.md"},
            id="import that gives an object one more name",
        ),
        pytest.param(
            lambda site: site.write("lesson_code/third.py", "x = 1\n"), set(), id="unrelated code"
        ),
        pytest.param(
            lambda site: site.write("docs/more.md", "# More\n"), {"more.md"}, id="another page"
        ),
    ],
)
def test_an_edit_renders_the_pages_it_reaches_and_no_other(
    site: Site, edit: Callable[[Site], None], rendered: set[str]
) -> None:
    edit(site)
    site.rebuilt()
    assert site.rendered == {name.removesuffix(".md") + ".md" for name in rendered}


def test_another_address_renders_nothing_and_is_on_every_page(site: Site) -> None:
    files = site.rebuilt(site_url="https://host/path/")
    assert site.rendered == set()
    assert b"https://host/path/plain/" in files["plain/index.html"]


def test_links_of_kept_pages_are_held_against_new_anchors(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.edit("docs/index.md", "loss.md#listing-first", "plain.md#plain")
    site.rebuilt()
    site.edit("docs/plain.md", "# Plain", "# Simple")
    with pytest.raises(Abort, match="1 warning"):
        site.build()
    assert "'plain.md' does not contain an anchor '#plain'" in caplog.text


def test_a_link_to_a_page_that_went_renders_its_page_and_warns_each_time(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    (site.book.root / "docs/quote.md").unlink()
    site.edit("mkdocs.yml", "Quote: quote.md, ", "")
    for _ in range(2):
        caplog.clear()
        with pytest.raises(Abort, match="1 warning"):
            site.build()
        assert "contains a link 'quote.md', but the target is not found" in caplog.text
        assert "index.md" in site.rendered


def test_a_reference_from_a_kept_page_to_an_object_that_went_is_told(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.edit("docs/reference.md", "lesson_code.second", "lesson_code.first")
    with pytest.raises(Abort, match="1 warning"):
        site.build()
    assert "Could not find cross-reference target 'lesson_code.second.second'" in caplog.text


def test_a_page_that_no_longer_fails_is_new(site: Site) -> None:
    site.edit("docs/quote.md", ".low", ".lower")
    with pytest.raises(Abort):
        site.build()
    site.edit("docs/quote.md", ".lower", ".low")
    site.rebuilt()
    assert site.rendered <= {"quote.md"}


def test_code_of_the_book_s_tools_that_was_edited_trusts_no_kept_page(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path_factory.mktemp("tools") / "bookbuild"
    shutil.copytree(page_cache._CODE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    loaded = CODE_STATE(copy)
    with (copy / "markdown/claims.py").open("a") as file:
        file.write("# edited\n")
    edited = CODE_STATE(copy)
    assert edited != loaded
    monkeypatch.setattr(page_cache, "code_state", lambda: edited)  # while this process runs
    site.build()
    assert len(site.rendered) == 6
    monkeypatch.setattr(page_cache, "_LOADED", edited)  # a new process has loaded it
    site.build()
    assert len(site.rendered) == 6, "pages of the old code were kept as the new code's"
    site.build()
    assert site.rendered == set()


def test_what_a_server_keeps_in_memory_is_as_good_as_the_disk(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Edit after edit, back and forth, with no more than the first build of the server to read."""
    caplog.set_level(logging.INFO, "mkdocs")
    site.build(command="serve")
    for kept in site.book.root.glob(".bookcache/pages/*/*"):
        kept.write_text("gone")
    for name, old, new, rendered in (
        ("docs/plain.md", "Prose", "Words", "plain.md"),
        ("lesson_code/second.py", "Add 2", "Add to 2", "reference.md"),
        ("docs/plain.md", "Words", "Prose", "plain.md"),
        ("lesson_code/first.py", "x + 1", "1 + x", "loss.md"),
    ):
        site.edit(name, old, new)
        quick = site.build(command="serve")
        assert site.rendered == {rendered}
    assert "pages: 1 rendered, 5 from the cache" in caplog.text
    shutil.rmtree(site.book.root / ".bookcache/pages")
    slow = site.build()
    assert len(site.rendered) == 6
    assert [name for name in quick if quick[name] != slow[name]] == []


def test_a_page_reads_a_result_once_and_depends_on_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reader = results._read_once
    monkeypatch.setattr(results, "_read_once", lambda *g: (read.append(g[1]), reader(*g))[1])
    site.write("docs/quote.md", "# Quote\n\n" + "{{ l0/it.low | .2f }} and " * 9 + "[@first].\n")
    site.build()
    assert site.rendered == {"quote.md"} and len(read) == 2  # once more for the notebook
    result = results.Result(output="1\n", values={"low": 0.25}, provenance={"seconds": 1.0})
    results.write(site.book.root, "l0/it", result)
    site.rebuilt()
    assert "quote.md" in site.rendered


def test_a_damaged_cache_costs_time_only(site: Site) -> None:
    for path in (site.book.root / ".bookcache/pages").rglob("*.json"):
        path.write_text("{")
    site.rebuilt()
    assert len(site.rendered) == 6


def test_a_page_whose_file_changes_while_it_is_made_is_made_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.edit("lesson_code/first.py", "x + 1", "1 + x")
    recorded = page_cache.Files.state
    written = []

    def late(files: Any, key: str) -> str:
        state = recorded(files, key)
        if key == "lesson_code/first.py" and not written:
            written.append(key)
            site.edit("lesson_code/first.py", "1 + x", "x - -1")
        return state

    with monkeypatch.context() as patch:
        patch.setattr(page_cache.Files, "state", late)
        site.build()
    site.rebuilt()
    assert site.rendered == {"loss.md"}


def test_the_runner_cannot_be_left_out_in_ci(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Abort):
        site.build()
    assert "BOOK_RUNNER=off is for measuring" in caplog.text


@pytest.mark.parametrize(
    ("place", "target"),
    [("docs/leak.txt", "/etc/hostname"), ("docs/loop", ".."), ("lesson_code/x.py", "first.py")]
    + [(place, "") for place in ("docs/page.md", "docs/figure.svg", "lesson_code/results/pipe")],
)
def test_no_link_is_followed_and_no_pipe_waited_for(
    site: Site, place: str, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A link out of the repository, round in a circle, or within: MkDocs would follow each."""
    path = site.book.root / place
    path.symlink_to(target) if target else os.mkfifo(path)
    with pytest.raises(Abort):
        site.build()
    why = "a symbolic link, which a build would follow" if target else "neither a file nor a folder"
    assert f"{place}: {why}" in caplog.text
    assert any(f"{place}:1: {why}" in one for one in lint.problems(site.book.root))


def test_the_lock_of_an_editor_is_no_page(site: Site) -> None:
    before, said = site.build(), lint.problems(site.book.root)
    for name in ("docs/.#index.md", "lesson_code/.#first.py", "docs/.#quiz.toml"):
        (site.book.root / name).symlink_to("somebody@somewhere.1234:1")
    assert site.build() == before
    assert lint.problems(site.book.root) == said


def test_an_edit_has_one_page_linted_and_packed_again_and_what_is_said_is_new(site: Site) -> None:
    root = site.book.root
    cache: Any = None
    asked: list[str] = []

    def remembered(name: str, ask: Callable[[], Any]) -> Any:
        return cache.remembered(name, lambda: (asked.append(name), ask())[1])

    def told(in_memory: bool = True) -> str:
        nonlocal cache
        config = load_config("mkdocs.yml", site_dir=str(site.folder / "site"))
        cache = page_cache.PageCache(root, config, cache if in_memory else None)
        asked.clear()
        said = lint.problems(root, (), remembered)
        take_home.write(root, site.folder / "site", remembered)
        assert said == lint.problems(root)
        return "\n".join(said)

    told()
    before = root / "docs/plain.md"
    stat = before.stat()
    for in_memory, edits in ((True, ("Prose", "{{ x")), (False, ("{{ x", "{{ y"))):
        site.edit("docs/plain.md", *edits)
        os.utime(before, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # a date proves nothing
        assert "docs/plain.md:3" in told(in_memory)
        assert asked == ["lint docs/plain.md", "lint words", "take-home docs/plain.md "]
    site.write("docs/module-1/a.md", "# A\n\nA formula, $V$.\n")
    site.edit("mkdocs.yml", "nav: [", "nav:\n  - A: module-1/a.md\n  - Rest: [")
    assert "the letter $V$ is introduced nowhere" in told()
    site.edit("mkdocs.yml", "- A: module-1/a.md", "- A: a.md")
    assert "$V$" not in told()
    shutil.rmtree(root / "lesson_code/results")
    assert "has no result" in told()
    site.write("docs/more.toml", "[")
    assert told().startswith("docs/more.toml: ")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"# Caf\xe9\n", "plain.md: byte 5 is not UTF"), (b"# A\n\0\n", "plain.md:2: the character")],
)
def test_a_page_that_is_no_text_is_named(
    site: Site, caplog: pytest.LogCaptureFixture, content: bytes, says: str
) -> None:
    (site.book.root / "docs/plain.md").write_bytes(content)
    with pytest.raises(Abort):
        site.build()
    assert says in caplog.text and "Traceback" not in caplog.text
