"""Lets MkDocs bring the results up to date before it builds; pages are right without it.

``mkdocs serve`` accepts what changed and goes on when an example fails; every other command only
checks, and stops. ``BOOK_RUNNER=off`` leaves the runner out, for measuring what it costs.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from bookbuild import build
from bookbuild.project import BookError
from mkdocs.exceptions import PluginError

log = logging.getLogger("mkdocs.hooks.bookbuild")
_builder = build.Builder()


def on_startup(*, command: str, dirty: bool) -> None:
    """Remember whether we serve; if so, let torch load while the first pages are built."""
    _builder.serving = command == "serve"


def on_pre_build(config: Any) -> None:
    """Fetch what the pages are made of and bring the results up to date."""
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
