"""Words that a page marks at their first use, and the list of all of them."""

import markdown
import pytest
from bookbuild import project
from bookbuild.markdown import glossary

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
