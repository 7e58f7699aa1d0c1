"""Words that a page marks at their first use, and the list of all of them."""

from pathlib import Path
from types import SimpleNamespace

import markdown
import pytest
from bookbuild import bank, project
from bookbuild import glossary as words
from bookbuild.markdown import citations, glossary
from bookbuild.project import BookError

WORDS = """
[view]
says = "A changed image."
also = ["views"]

["NT-Xent"]
says = "A loss."
"""


@pytest.fixture
def convert(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/glossary.toml").write_text(WORDS, encoding="utf-8")
    monkeypatch.setattr(project, "root", lambda *_: tmp_path)
    monkeypatch.setattr(glossary, "page_of", lambda _: "lab/index.md")
    extensions = ["attr_list", "bookbuild.markdown.glossary"]
    return lambda text: markdown.markdown(text, extensions=extensions)


def test_the_first_use_is_marked_whatever_its_form(convert):
    html = convert("# A view\n\nTwo *views*, one view, `NT-Xent`, review.\n\nNT-Xent or NT-Xent-2.")
    assert html.count("<abbr") == 2
    assert '<em><abbr title="A changed image.">views</abbr></em>, one view' in html
    assert '<p><abbr title="A loss.">NT-Xent</abbr> or NT-Xent-2.</p>' in html


def test_text_around_marks_stays_as_it_was(convert):
    assert convert("Before a view between NT-Xent after.") == (
        '<p>Before a <abbr title="A changed image.">view</abbr> between '
        '<abbr title="A loss.">NT-Xent</abbr> after.</p>'
    )


def test_links_and_pages_that_are_no_lesson_stay_unmarked(convert, monkeypatch):
    assert "<abbr" not in convert("[a view](x.md)")
    monkeypatch.setattr(glossary, "page_of", lambda _: "contributing.md")
    assert "<abbr" not in convert("A view.")


def test_the_list_names_every_word(convert):
    html = convert("/// glossary\n///")
    assert html.count("<dt") == html.count("<dd") == 2
    assert '<dt id="word-nt-xent">NT-Xent</dt>' in html and "<dd>A loss.</dd>" in html


DAMAGED = {
    b"[x\n": "Expected ']'",
    b'[x]\nsays = "caf\xe9"\n': "byte 14 is not UTF-8 text",
    b"x = 3\n": "entry 'x' cannot be 3",
    b'[[x]]\nsays = "a"\n': "entry 'x' cannot be",
    b"[x]\nsays = 3\n": "entry 'x' needs",
    b"x = " + b"[" * 20_000: "recursion",
}


@pytest.mark.parametrize("content", DAMAGED)
@pytest.mark.parametrize("file", ["glossary", "bibliography"])
def test_a_damaged_file_of_entries_is_told_in_a_sentence(tmp_path, content, file):
    (tmp_path / "docs").mkdir()
    (tmp_path / f"docs/{file}.toml").write_bytes(content)
    ask = {"glossary": words.glossary, "bibliography": citations.entries}[file]
    with pytest.raises(BookError, match=f"docs/{file}.toml: ") as caught:
        ask(tmp_path)
    assert DAMAGED[content] in str(caught.value) or "says" in content.decode("latin-1")


def test_a_damaged_bank_is_told_in_a_sentence(monkeypatch):
    def family(name):
        raise AttributeError("'int' object has no attribute 'items'")

    reader = SimpleNamespace(family=family, bugs_of=family, BankError=ValueError)
    monkeypatch.setattr(bank, "bank", lambda root: reader)
    for ask in (bank.family, bank.bugs_of):
        with pytest.raises(BookError, match="checker/bank: 'int' object has no attribute"):
            ask(Path(), "moco")
