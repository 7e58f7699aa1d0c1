"""What a built page says and where it leads, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin


class Links(HTMLParser):
    """The ids of a page, those that stand twice, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.outside: list[str] = []
        self.doubled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if name := named.get("id"):
            if name in self.ids:
                self.doubled.append(name)
            self.ids.add(name)
        for key in ("href", "src", "data"):
            value = named.get(key)
            if value and not value.startswith(("data:", "mailto:", "javascript:", "#__")):
                self.links.append(value)


class Article(HTMLParser):
    """The text of a page's article, with one space where there is white space."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside += tag == "article"

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "article"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


def links(folder: Path) -> dict[str, Links]:
    """All pages of a site, by their paths."""
    found = {}
    for file in sorted(folder.rglob("*.html")):
        page = Links()
        page.feed(file.read_text(encoding="utf-8"))
        found[file.relative_to(folder).as_posix()] = page
    return found


def article(file: Path) -> str:
    """The text of a page."""
    page = Article()
    page.feed(file.read_text(encoding="utf-8"))
    return page.text


def broken(folder: Path, address: str, pages: dict[str, Links]) -> list[str]:
    """Links within the site at ``address`` that lead to no file or to no such anchor."""
    wrong = []
    for name, page in pages.items():
        here = address + name.removesuffix("index.html")
        for link in page.links:
            target, anchor = urldefrag(urljoin(here, link))
            if not target.startswith(address):
                continue
            inside = unquote(target.removeprefix(address).partition("?")[0])
            file = (
                Path(inside) / "index.html" if not inside or inside.endswith("/") else Path(inside)
            )
            if not (folder / file).is_file():
                wrong.append(f"{name}: {link} leads nowhere")
            elif (
                anchor
                and file.suffix == ".html"
                and unquote(anchor) not in pages[file.as_posix()].ids
            ):
                wrong.append(f"{name}: {link} has no such anchor")
    return sorted(set(wrong))
