"""Lets MkDocs bring the results up to date, and render only what changed.

Pages are right without it. ``mkdocs serve`` accepts what changed and goes on when an example fails;
every other command only checks, and stops. ``BOOK_RUNNER=off`` leaves the runner out, for measuring
what it costs.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from bookbuild import build, project
from bookbuild.page_cache import PageCache
from bookbuild.project import BookError
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority

log = logging.getLogger("mkdocs.hooks.bookbuild")
_builder = build.Builder()
_cache: PageCache


def on_startup(*, command: str, dirty: bool) -> None:
    """Remember whether we serve; if so, let torch load while the first pages are built."""
    _builder.serving = command == "serve"


def on_pre_build(config: Any) -> None:
    """Fetch what the pages are made of and bring the results up to date."""
    global _cache
    _cache = PageCache(project.root(), config)
    if os.environ.get("BOOK_RUNNER") == "off":
        return
    try:
        problems = _builder.prepare(log.info)
    except (BookError, OSError) as error:
        problems = [str(error)]
    for problem in problems:
        log.error(problem)
    if problems and not _builder.serving:
        raise PluginError(f"{len(problems)} of the book's checks failed")


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> None:
    """Let the cache render the page, for MkDocs asks no plugin whether it must be rendered."""
    vars(page)["render"] = lambda config, files: _cache.render(page, files)


@event_priority(-200)  # when the cross-references are resolved
def on_env(env: Any, *, config: Any, files: Any) -> Any:
    """Let the cache answer for templates."""
    return _cache.frame(env, _nav)


def on_nav(nav: Any, *, config: Any, files: Any) -> None:
    """Remember the navigation."""
    global _nav
    _nav = nav


def on_post_build(config: Any) -> None:
    """Keep the new pages, and say what was done."""
    _cache.save()
    log.info(_cache.told())


def on_serve(server: Any, config: Any, builder: Any) -> Any:
    """Watch the published code but not the results that a build itself writes."""
    package, *inner = _builder.watched()
    server.watch(str(package), recursive=False)
    for folder in inner:
        server.watch(str(folder))
    return server


def on_shutdown() -> None:
    """End the process that runs examples."""
    _builder.close()
