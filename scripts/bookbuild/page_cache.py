"""Finished pages, kept from one build of MkDocs to the next: only what changed is made anew.

A page's article is taken from the cache while all that its making read is as it was: its own text,
the files and folders it looked at (``reading``), the links it resolved, the modules its reference
shows, and everything that is common to all pages (``common``). Around the article stands the
navigation, so the whole page and its entries in the search depend on the titles of all pages too.
Where a dependency cannot be known, and where a page had a warning, the page is made anew.

Every page would be the same without this module; it saves time alone.
"""

from __future__ import annotations

import copy
import functools
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
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jinja2 import MemcachedBytecodeCache
from mkdocs.structure.files import InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import CountHandler
from mkdocs.utils.yaml import yaml_load

from bookbuild import cached_references, files, project
from bookbuild.project import PACKAGE
from bookbuild.reading import Files

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files as SiteFiles
    from mkdocs.theme import Theme

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


def common(root: Path, settings: dict[str, Any], code: str) -> str:
    """What every article depends on: settings, packages, templates, and the code that makes it."""
    settings = {name: one for name, one in settings.items() if name not in _NOT_IN_ARTICLES}
    folders = {entry for entry in sys.path if Path(entry).is_dir()}
    packages = sorted(path.name for entry in folders for path in Path(entry).glob("*.dist-info"))
    lock = (root / "package-lock.json").read_text(encoding="utf-8")
    return _hash(settings, packages, sys.version, _files_of(root / "theme"), lock, code)


def _settings(config: MkDocsConfig) -> dict[str, Any]:
    """What ``mkdocs.yml`` says, its variables of the environment filled in, and the command."""
    with open(config.config_file_path, encoding="utf-8") as file:
        written: dict[str, Any] = yaml_load(file)
    return written | {"": [config.theme.name, config.use_directory_urls]}


_compiled: dict[str, bytes] = {}
_memory: Any = SimpleNamespace(get=_compiled.get, set=_compiled.__setitem__)
#: Templates that this process has compiled, by what each says: a build has new environments.
_TEMPLATES = MemcachedBytecodeCache(_memory)
_listed: dict[str, list[str]] = {}


def quick_templates(theme: Theme) -> None:
    """Let a theme compile each template once in a process, and list its files once.

    They are many thousand, and only those of our own folder change while a server runs.
    """
    make = theme.get_env
    ours = Path(theme.custom_dir).rglob("*") if theme.custom_dir else ()
    own = _hash(theme.dirs, sorted(map(str, ours)))

    def made() -> Environment:
        env = make()
        env.bytecode_cache = _TEMPLATES
        listing = env.list_templates

        def listed(**given: Any) -> list[str]:
            if own not in _listed:
                _listed[own] = listing(**given)
            return _listed[own]

        vars(env)["list_templates"] = listed
        return env

    vars(theme)["get_env"] = made


class PageCache:
    """The pages of one build, and those of earlier builds."""

    def __init__(self, root: Path, config: MkDocsConfig, before: PageCache | None = None) -> None:
        self.root = root
        self.nav: Any = None
        self.config = config
        self.settings = _settings(config)
        self.settled = _hash(self.settings)
        self.common = common(root, self.settings, _LOADED)
        # Code that was edited since it was loaded makes other pages than a new process would.
        self.trusted = code_state() == _LOADED
        self.folder = project.cache(root) / "pages" / self.common[:24]
        if before and not (self.trusted and before.trusted and before.folder == self.folder):
            before = None
        # A server need not read again what its last build left in memory.
        self.files: Files = Files(root, before.files.answers if before else self._read(_ANSWERS))
        self._said: dict[str, dict[str, Any]] = before._said if before else {}
        self._whole: dict[str, str] = {}
        self._indexed: list[Page] = []
        self.pages = 0
        self.rendered: set[str] = set()
        self.framed: set[str] = set()
        self._kept: dict[str, dict[str, Any]] = before._kept if before else {}
        self._changed: set[str] = before._changed if before else set()

    def remembered(self, name: str, ask: Callable[[], Any]) -> Any:
        """What ``ask`` says, of an earlier build while all that it read is as it was."""
        kept = self._said.get(name) or self._read(name)
        if not (kept and kept["settings"] == self.settled and self.files.unchanged(kept["states"])):
            with self.files.recorded() as states:
                kept = {"settings": self.settled, "states": states, "said": ask()}
            if self.trusted:
                self._write(name, kept)
        self._said[name] = kept
        return kept["said"]

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
        warnings = CountHandler(level=logging.WARNING)  # such a page must warn again
        with self.files.recorded() as states, ExitStack() as stack:
            logging.getLogger("mkdocs").addHandler(warnings)
            stack.callback(logging.getLogger("mkdocs").removeHandler, warnings)
            links = stack.enter_context(_looked_up(files))
            registered = stack.enter_context(cached_references.registered(self.config))
            references = cached_references.shown(self.config, self.root, _TEMPLATES)
            shown = stack.enter_context(references)
            Page.render(page, self.config, files)
        if warnings.counts or not self.trusted:
            return
        states |= {path: self.files.state(path) for path in shown}
        self._kept[name] = {
            "own": own,
            "states": states,
            "links": links,
            "imports": self.imports if shown else "",
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
            and kept["imports"] in ("", self.imports)
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

    @functools.cached_property
    def imports(self) -> str:
        """A hash of all imports of the package: by them an object has more than one name."""
        found = [
            (path.relative_to(self.root).as_posix(), imports)
            for path in sorted((self.root / PACKAGE).rglob("[!.]*.py"))
            if (imports := _IMPORT.findall(path.read_text(encoding="utf-8")))
        ]
        return _hash(found)

    # The page: the article in its frame, and its entries in the search

    def frame(self, env: Environment, files: SiteFiles) -> Environment:
        """The templates for pages; all titles and cross-references must be known by now."""
        pages = [[page.url, page.title, page.meta] for page in self.nav.pages]
        around = _hash(
            self.common, pages, _tree(self.nav.items), self.settled, self.config.site_url
        )
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_serve):
            if (page := file.page) and page.content is not None:
                own = [page.url, page.title, page.meta, _tokens(page.toc), page.content]
                self._whole[file.src_uri] = _hash(around, own, file.inclusion.name)
        if index := getattr(self._search, "search_index", None):
            # The search takes what only it reads out of a page when it has read it.
            later = self._indexed
            vars(index)["add_entry_from_context"] = lambda page: later.append(copy.copy(page))
        get = env.get_template

        def framed(name: str, *given: Any) -> Template:
            template = get(name, *given)
            render = functools.partial(type(template).render, template)
            vars(template)["render"] = functools.partial(self._html, render)
            return template

        vars(env)["get_template"] = framed
        return env

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

    @property
    def _search(self) -> Any:
        return self.config.plugins.get("material/search") or self.config.plugins.get("search")

    def index(self) -> None:
        """Give the search all pages and write it anew; no page waits for that."""
        if not self._indexed:
            return
        index = self._search.search_index
        for page in self._indexed:
            kept = self._framed(page)
            if "entries" not in kept:
                begin = len(index.entries)
                type(index).add_entry_from_context(index, page)
                kept["entries"] = index.entries[begin:]
            else:
                index.entries.extend(kept["entries"])
        self._search.on_post_build(config=self.config)

    def _html(self, render: Callable[[Any], str], context: Any) -> str:
        """The whole page; what is no page is rendered each time."""
        if (page := context["page"]) is None:
            return render(context)
        kept = self._framed(page)
        if "html" not in kept:
            self.framed.add(page.file.src_uri)
            kept["html"] = render(context)
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
        self._changed.clear()
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
