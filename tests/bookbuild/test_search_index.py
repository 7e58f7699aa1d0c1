"""What the index of the search keeps of a page."""

import json
from pathlib import Path

from bookbuild.search_index import BEGINNING, PREFERRED_LESS, lighten, shortened

LONG = (
    "<p>The queue <b>holds</b> keys.</p> "
    + "word " * 200
    + "sinkhorn SINKHORN queue, which 1234567"
)


def test_a_short_text_loses_its_tags_alone():
    assert shortened("<p>Two\n views</p> of <code>x</code>", False) == "Two views of x"


def test_of_a_long_one_every_word_is_found_once():
    found = shortened(LONG, False)
    assert found.startswith("The queue holds keys. word word")
    assert found.endswith("word sinkhorn")  # the beginning has a queue; numbers find nothing
    assert len(found) < BEGINNING + 20


def test_what_is_preferred_less_is_found_by_its_beginning():
    found = shortened(LONG, True)
    assert "sinkhorn" not in found
    assert PREFERRED_LESS - 10 < len(found) <= PREFERRED_LESS


def test_a_file_may_be_made_light_twice(tmp_path: Path):
    index = tmp_path / "search_index.json"
    docs = [{"location": "a/", "title": "A", "text": LONG}]
    docs.append({"location": "b/", "title": "B", "text": LONG, "boost": 0.3})
    index.write_text(json.dumps({"config": {"lang": ["en"]}, "docs": docs}))
    lighten(index)
    once = json.loads(index.read_text())
    assert [len(entry["text"]) < len(LONG) for entry in once["docs"]] == [True, True]
    assert once["docs"][0]["title"] == "A" and once["config"] == {"lang": ["en"]}
    assert len(once["docs"][1]["text"]) <= PREFERRED_LESS
