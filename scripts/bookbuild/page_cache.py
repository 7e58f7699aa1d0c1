"""Finished pages, kept from one build of MkDocs to the next: only what changed is made anew.

A page's article is taken from the cache while all that its making read is as it was: its own text,
the files and folders it looked at (``reading``), the links it resolved, the modules its reference
shows, and everything that is common to all pages (``common``). Around the article stands the
navigation, so the whole page and its entries in the search depend on the titles of all pages too.
Where a dependency cannot be known, and where a page had a warning, the page is made anew.

Every page would be the same without this module; it saves time alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils.yaml import yaml_load

from bookbuild import cached_references, files, project
from bookbuild.project import PACKAGE
from bookbuild.reading import Files

if TYPE_CHECKING:
    import jinja2
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files as SiteFiles
    from mkdocs.structure.nav import Navigation

_ANSWERS = "answers"
_CODE = Path(__file__).parent
_KEPT = 4  # sets of settings: a build, a server, and two branches
#: Settings that no article depends on; the page around it does.
_NOT_IN_ARTICLES = ("nav", "site_url")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)\b[^\n(]*(?:\([^)]*\))?", re.MULTILINE)


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()


def _files_of(folder: Path) -> list[tuple[str, str]]:
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def code_state(code: Path = _CODE) -> str:
    """A hash of the code that makes pages, as it lies on the disk."""
    return _hash(_files_of(code))


#: The code that this process has loaded.
_LOADED = code_state()


def common(root: Path, config: MkDocsConfig, code: str) -> str:
    """What every article depends on: settings, packages, templates, and the code that makes it."""
    settings = _settings(config, *_NOT_IN_ARTICLES)
    folders = {entry for entry in sys.path if Path(entry).is_dir()}
    packages = sorted(path.name for entry in folders for path in Path(entry).glob("*.dist-info"))
    lock = (root / "package-lock.json").read_text(encoding="utf-8")
    return _hash(settings, packages, sys.version, _files_of(root / "theme"), lock, code)


def _settings(config: MkDocsConfig, *without: str) -> list[Any]:
    """What ``mkdocs.yml`` says, its variables of the environment filled in, and the command."""
    with open(config.config_file_path, encoding="utf-8") as file:
        written = yaml_load(file)
    kept = {key: value for key, value in written.items() if key not in without}
    return [kept, config.theme.name, config.use_directory_urls]


class PageCache:
    """The pages of one build, and those of earlier builds."""

    def __init__(self, root: Path, config: MkDocsConfig) -> None:
        self.root = root
        self.config = config
        self.common = common(root, config, _LOADED)
        # Code that was edited since it was loaded makes other pages than a new process would.
        self.trusted = code_state() == _LOADED
        self.folder = project.cache(root) / "pages" / self.common[:24]
        self.files = Files(root, self._read(_ANSWERS))
        self._whole: dict[str, str] = {}
        self.pages = 0
        self.rendered: set[str] = set()
        self.framed: set[str] = set()
        self._kept: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self._imports: str | None = None

    def remembered(self, name: str, ask: Callable[[], list[str]]) -> list[str]:
        """What ``ask`` says, of an earlier build while all that it read is as it was."""
        kept = self._read(name)
        if kept and self.files.unchanged(kept["states"]):
            return list(kept["said"])
        with self.files.recorded() as states:
            said = ask()
        if self.trusted:
            self._write(name, {"states": states, "said": said})
        return said

    # The article: a page's Markdown as HTML

    def render(self, page: Page, files: SiteFiles) -> None:
        """Do what ``Page.render`` does, or take it from an earlier build."""
        self.pages += 1
        name = page.file.src_uri
        own = _hash(page.url, page.markdown, page.meta)
        kept = self._load(name)
        if kept.get("own") == own and self._holds(kept, files):
            self._restore(page, files, kept)
            return
        self.rendered.add(name)
        self._kept[name] = {}
        warnings = _Warnings()
        with warnings, self.files.recorded() as states, ExitStack() as stack:
            links = stack.enter_context(_looked_up(files))
            registered = stack.enter_context(cached_references.registered(self.config))
            shown = stack.enter_context(cached_references.shown(self.config, self.root))
            Page.render(page, self.config, files)
        if warnings.count or not self.trusted:
            return
        states |= {path: self.files.state(path) for path in shown}
        self._kept[name] = {
            "own": own,
            "states": states,
            "links": links,
            "imports": self.imports() if shown else "",
            "registered": registered,
            "content": page.content,
            "toc": _tokens(page.toc),
            "title": page._title_from_render,
            "anchors": sorted(page.present_anchor_ids or ()),
            "to_anchors": [[f.src_uri, a] for f, a in (page.links_to_anchors or {}).items()],
        }
        self._changed.add(name)

    def _holds(self, kept: dict[str, Any], files: SiteFiles) -> bool:
        return (
            self.files.unchanged(kept["states"])
            and all(_target(files, path) == target for path, target in kept["links"].items())
            and kept["imports"] in ("", self.imports())
            and all(files.get_file_from_path(uri) for uri, _ in kept["to_anchors"])
        )

    def _restore(self, page: Page, files: SiteFiles, kept: dict[str, Any]) -> None:
        page.content = kept["content"]
        page.toc = get_toc(kept["toc"])
        # Private to MkDocs, and the only way to give a page the title of its first heading.
        page._title_from_render = kept["title"]
        page.present_anchor_ids = set(kept["anchors"])
        page.links_to_anchors = {
            file: anchors
            for uri, anchors in kept["to_anchors"]
            if (file := files.get_file_from_path(uri))
        }
        cached_references.register_again(self.config, page, kept["registered"])

    def imports(self) -> str:
        """A hash of all imports of the package: by them an object has more than one name."""
        if self._imports is None:
            found = [
                (path.relative_to(self.root).as_posix(), imports)
                for path in sorted((self.root / PACKAGE).rglob("*.py"))
                if (imports := _IMPORT.findall(path.read_text(encoding="utf-8")))
            ]
            self._imports = _hash(found)
        return self._imports

    # The page: the article in its frame, and its entries in the search

    def frame(self, env: jinja2.Environment, nav: Navigation, files: SiteFiles) -> Framed:
        """The templates for pages; all titles and cross-references must be known by now."""
        pages = [[page.url, page.title, page.meta] for page in nav.pages]
        settings = _settings(self.config)
        around = _hash(self.common, pages, _tree(nav.items), settings, self.config.site_url)
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_serve):
            if (page := file.page) and page.content is not None:
                own = [page.url, page.title, page.meta, _tokens(page.toc), page.content]
                self._whole[file.src_uri] = _hash(around, own, file.inclusion.name)
        search = self.config.plugins.get("material/search") or self.config.plugins.get("search")
        if index := getattr(search, "search_index", None):
            add = index.add_entry_from_context
            vars(index)["add_entry_from_context"] = lambda page: self._entries(index, add, page)
        return Framed(env, self)

    def _framed(self, page: Page) -> dict[str, Any]:
        """What is kept of the page in this frame, article and all."""
        name = page.file.src_uri
        kept = self._load(name)
        if kept.get("whole") != self._whole[name]:
            for part in ("entries", "html"):
                kept.pop(part, None)
            kept["whole"] = self._whole[name]
            self._changed.add(name)
        return kept

    def _entries(self, index: Any, add: Callable[[Page], None], page: Page) -> None:
        kept = self._framed(page)
        if "entries" in kept:
            index.entries.extend(kept["entries"])
        else:
            begin = len(index.entries)
            add(page)
            kept["entries"] = index.entries[begin:]

    def html(self, page: Page, make: Callable[[], str]) -> str:
        """The whole page."""
        kept = self._framed(page)
        if "html" not in kept:
            self.framed.add(page.file.src_uri)
            kept["html"] = make()
        return str(kept["html"])

    # The store

    def _load(self, name: str) -> dict[str, Any]:
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.replace('/', '@')}.json"

    def _read(self, name: str) -> dict[str, Any]:
        return files.kept_json(self._path(name)) if self.trusted else {}

    def _write(self, name: str, kept: dict[str, Any]) -> None:
        files.keep(self._path(name), json.dumps(kept))

    def save(self) -> None:
        """Write what is new, and forget settings that were not used for long."""
        if not self.trusted:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self._changed:
            if "content" in self._kept[name]:
                self._write(name, self._kept[name])
        self._write(_ANSWERS, self.files.answers)
        os.utime(self.folder)
        every = sorted(self.folder.parent.iterdir(), key=lambda path: -path.stat().st_mtime)
        for old in every[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def told(self) -> str:
        """One line on what this build did."""
        new, framed = len(self.rendered), len(self.framed - self.rendered)
        also = f" ({framed} in another frame)" if framed else ""
        return f"pages: {new} rendered, {self.pages - new} from the cache{also}"


class Framed:
    """Gives out templates whose rendering of a page the cache may know already."""

    def __init__(self, env: jinja2.Environment, cache: PageCache) -> None:
        self.env = env
        self.cache = cache

    def get_template(self, name: str) -> Any:
        """The template ``name``."""
        return _Template(self.env.get_template(name), self.cache)


class _Template:
    def __init__(self, template: jinja2.Template, cache: PageCache) -> None:
        self.template = template
        self.cache = cache

    def render(self, context: Any) -> str:
        page = context["page"]
        if page is None:
            return self.template.render(context)
        return self.cache.html(page, lambda: self.template.render(context))


class _Warnings(logging.Handler):
    """Counts what MkDocs and its plugins warn of; such a page must warn again."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1

    def __enter__(self) -> _Warnings:
        logging.getLogger("mkdocs").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("mkdocs").removeHandler(self)


def _target(files: SiteFiles, path: str) -> str | None:
    file = files.get_file_from_path(path)
    return f"{file.url} {file.inclusion.name}" if file else None


@contextmanager
def _looked_up(files: SiteFiles) -> Iterator[dict[str, str | None]]:
    """Which files of the site a page's links ask for, and where those are."""
    asked: dict[str, str | None] = {}

    def look(path: str) -> Any:
        file = type(files).get_file_from_path(files, path)
        asked[path] = f"{file.url} {file.inclusion.name}" if file else None
        return file

    with cached_references.replaced(files, "get_file_from_path", look):
        yield asked


def _tokens(items: Any) -> list[dict[str, Any]]:
    return [
        {"name": i.title, "id": i.id, "level": i.level, "children": _tokens(i.children)}
        for i in items
    ]


def _tree(items: Any) -> list[Any]:
    return [
        [type(i).__name__, i.title, getattr(i, "url", ""), _tree(i.children or ())] for i in items
    ]
