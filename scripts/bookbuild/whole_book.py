"""The book as one PDF and one EPUB, made of the pages of a built site.

Chromium joins the articles (``theme/book/join.js``), prints them, and writes each as the XHTML of
which an EPUB is made. What is a link within the book leads there; what is not leads to the site
where its address is known, and is plain text elsewhere.
"""

from __future__ import annotations

import io
import os
import re
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from mkdocs.utils.yaml import yaml_load

from bookbuild import files, take_home
from bookbuild.project import BookError

NAME = "learning-without-labels"
#: Pages of the site alone: its front, its interface, and how it is made.
_NOT_IN_BOOK = re.compile(r"index\.md|reference/(?!words)|museum/confusion|how-it-|contributing")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
_HELD = {"mathml": "<math", "svg": "<svg"}
_TWICE = re.compile(rb"(/Title (?:\(|<FEFF))((?:[^()<>\\]|\\.){4,})\2([)>])")


def entries(nav: Sequence[Mapping[str, Any]], group: str = "") -> Iterator[dict[str, str]]:
    """The pages of the book in the order of the navigation, the first of a group with its name."""
    for item in nav:
        ((heading, what),) = item.items()
        if isinstance(what, list):
            yield from entries(what, heading)
        elif not _NOT_IN_BOOK.match(what):
            url = f"{what.removesuffix('.md')}/".removesuffix("index/")
            yield {"url": url, "heading": heading, "group": group}
            group = ""


def write(root: Path, site: Path) -> None:
    """Write both files beside the notebooks of a built site, and tell how large they are."""
    from playwright.sync_api import sync_playwright  # nothing else of the workshop needs a browser

    with (root / "mkdocs.yml").open(encoding="utf-8") as file:
        said = yaml_load(file)
    about = {"title": said["site_name"], "about": f"{said['site_description']} {said['copyright']}"}
    pages = list(entries(said["nav"]))
    for page in pages:
        built = site / page["url"] / "index.html"
        if not built.is_file():
            raise BookError(f"{built} is missing: ./scripts/build makes the site first")
        page["html"] = built.read_text(encoding="utf-8")
    templates = root / "theme/book"
    join, style = (
        (templates / name).read_text(encoding="utf-8") for name in ("join.js", "print.css")
    )
    with sync_playwright() as playwright:
        named = os.environ.get("CHROMIUM") or None
        browser = playwright.chromium.launch(executable_path=named, args=list(_FLAGS))
        tab = browser.new_context(java_script_enabled=False).new_page()
        tab.goto((site / "index.html").as_uri())
        articles = tab.evaluate(
            join, {**about, "pages": pages, "home": said["site_url"], "style": style}
        )
        printed = tab.pdf(format="A4", prefer_css_page_size=True, outline=True, tagged=True)
        browser.close()
    made = {"pdf": titled_once(printed), "epub": packed(articles, about, templates, site)}
    for kind, content in made.items():
        path = site / take_home.FOLDER / f"{NAME}.{kind}"
        files.write(path, content)
        print(f"{path.name}: {len(content) / 1e6:.1f} MB")


def titled_once(pdf: bytes) -> bytes:
    """A PDF whose bookmarks say each title once: of a long book Chromium writes chapters' twice."""
    return _TWICE.sub(lambda found: b"".join(found.groups()).ljust(len(found[0])), pdf)


def packed(
    articles: list[dict[str, str]], about: Mapping[str, str], templates: Path, site: Path
) -> bytes:
    """An EPUB 3 of these articles."""
    loader = jinja2.FileSystemLoader(templates)
    environment = jinja2.Environment(loader=loader, autoescape=True)
    for one in articles:
        one["holds"] = " ".join(kind for kind, tag in _HELD.items() if tag in one["text"])
    when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    package = environment.get_template("package.opf").render(
        **about,
        articles=articles,
        uuid=uuid.uuid5(uuid.NAMESPACE_URL, NAME),
        modified=time.strftime("%Y-%m-%dT%H:%M:%SZ", when),
    )
    page = environment.get_template("page.xhtml")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # first, as it is
        book.write(templates / "container.xml", "META-INF/container.xml")
        book.writestr("book/package.opf", package)
        book.write(templates / "epub.css", "book/book.css")
        font = "stix-two-math.woff2"
        book.write(site / "assets/vendor" / font, f"book/{font}")
        book.writestr("book/nav.xhtml", page.render(articles=articles))
        for one in articles:
            book.writestr(f"book/{one['id']}.xhtml", page.render(one=one))
    return whole.getvalue()
