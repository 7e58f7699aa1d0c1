"""Lets MkDocs bring the results up to date, and render only what changed.

Pages are right without it. ``mkdocs serve`` shows the committed results at once, verifies them
behind, accepts what changed and goes on when an example or a page fails; every other command only
checks, and stops. ``BOOK_RUNNER=off`` leaves the runner out, for measuring what it costs; CI must
not.
"""

from __future__ import annotations

import gc
import html
import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bookbuild import build, cli, policy, project, search_index, source_files, take_home
from bookbuild.page_cache import PageCache, quick_templates
from bookbuild.project import BookError
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.toc import get_toc
from watchdog.events import FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent
from watchdog.observers import Observer

log = logging.getLogger("mkdocs.hooks.bookbuild")
#: What happens to a file when it is saved; a build opens and closes thousands.
_CHANGES = [FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent]
_builder = build.Builder()
_cache: Any = None
_BANNER = (
    "position:fixed;inset:auto 0 0 0;margin:0;padding:.6rem 1rem;max-height:30vh;overflow:auto;"
    "background:#7a1f1f;color:#fff;z-index:9"
)


def on_startup(*, command: str, dirty: bool) -> None:
    """Remember whether we serve."""
    _builder.serving = command == "serve"
    cli.end_cleanly()


@event_priority(200)  # before the search asks for its words
def on_config(config: Any) -> None:
    """Let the theme compile and list its templates once."""
    quick_templates(config.theme)


def on_pre_build(config: Any) -> None:
    """Fetch what the pages are made of and bring the results up to date."""
    global _cache
    _builder.wait(outdated=True)
    if unfit := project.unfit(project.root()):
        told = "; ".join(f"{path}: {why}" for path, why in sorted(unfit.items()))
        raise PluginError(project.harmless(told))
    _refuse_what_a_build_would_spoil(Path(config.site_dir))
    if _builder.serving:
        gc.disable()  # a fifth of a rebuild; what it leaves behind is looked for after it
    _cache = PageCache(project.root(), config, _cache if _builder.serving else None)
    if not config.extra.get("repository"):
        source_files.ensure(project.root())
    if os.environ.get("BOOK_RUNNER") == "off":
        if os.environ.get("CI"):
            raise PluginError("BOOK_RUNNER=off is for measuring; CI must check the results")
        return
    try:
        problems = _builder.prepare(log.info, _cache.remembered)
    except (BookError, OSError) as error:
        problems = [str(error)]
    for problem in problems:
        log.error(problem)
    if problems and not _builder.serving:
        raise PluginError(f"{len(problems)} of the book's checks failed")


def _refuse_what_a_build_would_spoil(site: Path) -> None:
    """MkDocs empties this folder, and what a link in it leads to, without a question."""
    linked = [path for path in (site, *site.rglob("*")) if path.is_symlink()]
    if linked:
        raise PluginError(f"{linked[0]} is a link, and a build empties what it leads to: remove it")


def on_page_read_source(*, page: Any, config: Any) -> str | None:
    """A page that is no text stops a build in one line; where it is served, it says so itself."""
    try:
        if page.file.abs_src_path:
            project.read(Path(page.file.abs_src_path), page.file.src_uri)
    except BookError as error:
        if not _builder.serving:
            raise PluginError(str(error)) from None
        log.error(str(error))
        return f"# This page is broken\n\n{error}\n"
    return None


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> None:
    """Let the cache render the page, for MkDocs asks no plugin whether it must be rendered."""
    vars(page)["render"] = lambda config, files: _render(page, files)


def _render(page: Any, files: Any) -> None:
    """A served page that cannot be made says why; the others are served as ever."""
    try:
        _cache.render(page, files)
    except Exception as error:
        if not _builder.serving:
            raise
        log.error(f"{page.file.src_uri}: {error}")
        page.content = f"<h1>This page is broken</h1><pre>{html.escape(str(error))}</pre>"
        page.toc, page.present_anchor_ids, page.links_to_anchors = get_toc([]), None, None


@event_priority(-200)  # when the cross-references are resolved
def on_env(env: Any, *, config: Any, files: Any) -> Any:
    """Let the cache answer for templates."""
    return _cache.frame(env, files)


def on_nav(nav: Any, *, config: Any, files: Any) -> None:
    """Remember the navigation."""
    _cache.nav = nav


def on_post_page(output: str, *, page: Any, config: Any) -> str:
    """Say on a served page what the verification found."""
    if not _builder.serving or not _builder.notices:
        return output
    said = html.escape(" · ".join(line for text in _builder.notices for line in text.split("\n")))
    return output.replace("</body>", f'<p role="status" style="{_BANNER}">{said}</p></body>')


def on_post_build(config: Any) -> None:
    """Finish the site; where it is served, behind the pages, and then verify the results."""
    log.info(_cache.told())
    gc.enable()
    steps = list(_finishing(Path(config.site_dir)))
    if not _builder.serving:
        for step in steps:
            step()
        policy.write(Path(config.site_dir))
        return
    _builder.finish_behind([*steps, _lint], log.error)
    if os.environ.get("BOOK_RUNNER") != "off":
        _builder.verify_behind(log.info, log.warning)


def _finishing(site: Path) -> Iterator[Callable[[], None]]:
    """What no page waits for: the search, the cache, the notebooks."""
    yield _cache.index
    yield lambda: search_index.lighten(site / "search/search_index.json")
    yield _cache.save
    remembered = _builder.unless_outdated(_cache.remembered)
    yield lambda: take_home.write(project.root(), site, remembered)


def _lint() -> None:
    if os.environ.get("BOOK_RUNNER") != "off":
        for problem in _builder.problems(_builder.unless_outdated(_cache.remembered)):
            log.error(problem)


def on_serve(server: Any, config: Any, builder: Any) -> Any:
    """Watch pages and published code, but not what a build itself writes among them.

    The system tells of a change at once; MkDocs looks twice a second, which ``BOOK_POLL`` brings
    back where the system cannot tell, as of some folders of a container.
    """
    server.unwatch(config.docs_dir)
    if not os.environ.get("BOOK_POLL"):
        server.unwatch(config.config_file_path)
        server.observer = Observer()
        server.observer.schedule = partial(server.observer.schedule, event_filter=_CHANGES)
        # The folder, not the settings: a file that an editor replaces is lost sight of.
        server.watch(str(project.root()), recursive=False)
    for folder, whole in _builder.watched():
        server.watch(str(folder), recursive=whole)
    return server


def on_shutdown() -> None:
    """End the process that runs examples."""
    _builder.close()
