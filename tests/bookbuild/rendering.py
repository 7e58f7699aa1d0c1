"""Turning the pages of a small book into HTML: by Python-Markdown alone, and by MkDocs."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import markdown
from bookbuild import freshness, project, results
from bookbuild.dependencies import Dependencies
from helpers import PATIENCE
from markdown.treeprocessors import Treeprocessor
from small_book import Book

EXTENSIONS = [
    "attr_list",
    "md_in_html",
    "tables",
    "toc",
    "admonition",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.arithmatex",
    "pymdownx.superfences",
    "pymdownx.snippets",
    "pymdownx.tabbed",
    "bookbuild.markdown.listings",
    "bookbuild.markdown.outputs",
    "bookbuild.markdown.claims",
    "bookbuild.markdown.citations",
    "bookbuild.markdown.quiz",
    "bookbuild.markdown.museum",
]
SETTINGS = {
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.snippets": {
        "base_path": ["."],
        "check_paths": True,
        "restrict_base_path": True,
        "dedent_subsections": True,
    },
    "pymdownx.tabbed": {"alternate_style": True},
}
CONFIG = """
site_name: small
theme: {{name: mkdocs, locale: en}}
use_directory_urls: {directories}
plugins: []
validation: {{anchors: warn, links: {{not_found: warn}}}}
exclude_docs: "*.toml"
markdown_extensions:
  - attr_list
  - tables
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.snippets: {{base_path: ["."], check_paths: true, dedent_subsections: true}}
  - bookbuild.markdown.listings
  - bookbuild.markdown.outputs
  - bookbuild.markdown.claims
  - bookbuild.markdown.citations
"""


class _Where(Treeprocessor):
    """Stands in for the processor by which MkDocs tells an extension its page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.file = SimpleNamespace(src_uri=page)

    def run(self, root: object) -> None:
        return None


def convert(text: str, page: str = "lesson/page.md", repository: str = "") -> str:
    """Convert one page of the book in the current directory."""
    settings = {**SETTINGS, "bookbuild.markdown.listings": {"repository": repository}}
    md = markdown.Markdown(extensions=EXTENSIONS, extension_configs=settings)
    if page:
        md.treeprocessors.register(_Where(page), "relpath", 0)
    return md.convert(text)


def keep(book: Book, name: str, result: results.Result) -> None:
    """Commit a result of the example ``name`` as the runner would, made by the code as it is."""
    example = project.example(name, book.root)
    script = example.path.relative_to(book.root).as_posix()
    depended = Dependencies({script: frozenset({"<module>"})}, frozenset())
    result.provenance = {
        **freshness.record(book.root, example, depended),
        "versions": {"python": "3.11.7", "torch": "2.14.1"},
        "device": "CPU, x86_64, one thread",
        "seconds": 1.5,
        "date": "2026-03-04",
        **result.provenance,
    }
    results.write(book.root, name, result)


def mkdocs(book: Book, *arguments: str, directories: bool = True) -> subprocess.CompletedProcess:
    """Build the book's site with MkDocs in a process of its own."""
    config = CONFIG.format(directories=str(directories).lower())
    (book.root / "mkdocs.yml").write_text(config)
    command = [sys.executable, "-m", "mkdocs", "build", "-q", *arguments]
    return subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=PATIENCE)
