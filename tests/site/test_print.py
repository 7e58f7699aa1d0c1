"""What comes out of a printer, and the whole book as a PDF and an EPUB."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as etree
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from book_site import ROOT, Opener, Site, built, chromium
from bookbuild import take_home, whole_book
from mkdocs.utils.yaml import yaml_load
from pypdf import PdfReader

LESSON = "module-1/1.3-contrast-to-distillation"


def printed(page) -> list[str]:
    """The text of each sheet of paper, lines that hold nothing left out."""
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    texts = [sheet.extract_text().splitlines() for sheet in sheets]
    return ["\n".join(line.strip() for line in lines if line.strip()) for lines in texts]


def stranded(sheets: list[str], headings: list[str]) -> list[str]:
    """The headings with which a sheet ends."""
    ends = [re.sub(r"\W+", "", sheet) for sheet in sheets[:-1]]
    known = [re.sub(r"\W+", "", heading) for heading in headings]
    return [one for one in known if one and any(end.endswith(one) for end in ends)]


@pytest.mark.parametrize("path", [f"{LESSON}/simclr/", f"{LESSON}/review/", "lab/comparison/"])
def test_on_paper_the_answers_come_last_and_no_heading_alone(visit: Opener, path: str):
    page = visit(path)
    page.wait_for_load_state("networkidle")
    sheets = printed(page)
    text = "\n".join(sheets)
    assert all(len(sheet) > 40 for sheet in sheets), "an empty sheet"
    headings = page.locator("article :is(h1, h2, h3, h4), .listing-title").all_inner_texts()
    assert stranded(sheets, [*headings, "Answers"]) == []
    questions = page.locator("fieldset.quiz").count()
    before, _, answers = text.partition("\nAnswers\n")
    for number in range(1, questions + 1):
        assert f"Question {number}. " in before and f"Question {number}. " in answers
    assert "Wrong:" not in before and answers.count("Wrong:") >= questions
    assert "No record exists" not in text
    # And on the screen all is as it was.
    assert page.locator(".answers").count() == 0
    assert page.locator("fieldset.quiz > .quiz-answer").count() == questions


def test_a_stranded_heading_would_be_noticed():
    sheets = ["A page\nWhat goes\nwrong", "Much."]
    assert stranded(sheets, ["What goes wrong", "Much."]) == ["Whatgoeswrong"]


@pytest.fixture(scope="module")
def book(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both files, made once for all processes."""

    def make(_: Path) -> Path:
        environment = {**os.environ, "BOOK_URL": "", "CHROMIUM": chromium() or ""}
        command = [sys.executable, "-m", "bookbuild", "book", str(site.folder)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return site.folder / take_home.FOLDER

    return built(tmp_path_factory, "book", make)


def test_the_pdf_has_every_page_bookmarks_and_links_that_lead_somewhere(site: Site, book: Path):
    pdf = PdfReader(book / f"{whole_book.NAME}.pdf")
    assert len(pdf.pages) > 200
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert [number for number, text in enumerate(texts, 1) if len(text) < 50] == []
    bookmarks = [one.title for one in pdf.outline if not isinstance(one, list)]
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as settings:
        entries = whole_book.entries(yaml_load(settings)["nav"])
    pages = [(site.folder / one["url"] / "index.html").read_text("utf-8") for one in entries]
    titles = [re.search("<title>(.+) - Learning Without Labels</title>", page)[1] for page in pages]
    assert len(titles) > 50
    assert bookmarks == ["Learning Without Labels", *map(unescape, titles)]
    known, inside = pdf.named_destinations, 0
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            link = link.get_object()
            assert not str(link.get("/A", {}).get("/URI", "")).startswith(("file:", "http://book"))
            if isinstance(target := link.get("/Dest"), str):
                inside += 1
                assert target in known or target.removeprefix("/") in known, target
    assert inside > 500


def test_the_epub_holds_what_it_lists_and_its_links_lead_somewhere(site: Site, book: Path):
    with zipfile.ZipFile(book / f"{whole_book.NAME}.epub") as file:
        first = file.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        parts = {name.removeprefix("book/"): file.read(name) for name in file.namelist()}
    package = etree.fromstring(parts["package.opf"])
    items = {e.get("id"): e.get("href") for e in package.iter() if e.tag.endswith("}item")}
    assert {*items.values(), "mimetype", "META-INF/container.xml", "package.opf"} == parts.keys()
    spine = [e.get("idref") for e in package.iter() if e.tag.endswith("}itemref")]
    assert len(spine) > 50 and spine[0] == "cover" and set(spine) <= items.keys()
    pages = {name: etree.fromstring(parts[name]) for name in parts if name.endswith(".xhtml")}
    ids = {name: {e.get("id") for e in page.iter()} | {""} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.iter("{http://www.w3.org/1999/xhtml}a"):
            target, anchor = urldefrag(unquote(link.get("href", "")))
            assert target.startswith("http") or anchor in ids[target], f"{name}: {target} {anchor}"
    for path in (f"{LESSON}/simclr/", "lab/comparison/", f"{LESSON}/dino-loss/"):
        html = (site.folder / path / "index.html").read_text(encoding="utf-8")
        text = parts[f"{path.strip('/').replace('/', '-')}.xhtml"].decode()
        assert text.count("<figure") == html.count("<figure") > 0
        assert text.count("<math") >= 0.8 * html.count("<math")
        assert "var(--" not in "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))


def test_the_book_is_offered_where_it_is_and_nowhere_else(site: Site):
    first = (site.folder / "index.html").read_text(encoding="utf-8")
    assert f"{take_home.FOLDER}/{whole_book.NAME}" not in first
    assert "A feed of what has changed" in first  # the site has an address here
