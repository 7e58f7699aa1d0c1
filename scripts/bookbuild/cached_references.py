"""What a page of the reference gives to all pages, and shows of the package, kept beside it.

mkdocstrings and autorefs say neither to anybody, so their methods are listened to while a page is
made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.pages import Page

from bookbuild.reading import unrecorded

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


@contextmanager
def replaced(holder: object, name: str, value: object) -> Iterator[None]:
    """Put a function in the place of a method, for one object."""
    vars(holder)[name] = value
    try:
        yield
    finally:
        del vars(holder)[name]


@contextmanager
def registered(config: MkDocsConfig) -> Iterator[dict[str, Any]]:
    """The names that the reference pages announce to all pages, and by which handlers."""
    found: dict[str, Any] = {"anchors": [], "inventory": [], "handlers": []}
    if not (plugin := config.plugins.get("mkdocstrings")):
        yield found
        return
    autorefs: Any = config.plugins["autorefs"]
    handlers = plugin.handlers
    register, enter, get = (
        autorefs.register_anchor,
        handlers.inventory.register,
        handlers.get_handler,
    )

    def anchor(page: Page, *given: Any, **named: Any) -> None:
        found["anchors"].append([given, named])
        register(page, *given, **named)

    def inventory(**item: Any) -> None:
        found["inventory"].append(item)
        enter(**item)

    def handler(name: str, *given: Any) -> Any:
        if name not in found["handlers"]:
            found["handlers"].append(name)
        return get(name, *given)

    with (
        replaced(autorefs, "register_anchor", anchor),
        replaced(handlers.inventory, "register", inventory),
        replaced(handlers, "get_handler", handler),
    ):
        yield found


def register_again(config: MkDocsConfig, page: Page, registered: dict[str, Any]) -> None:
    """Announce what a page from the cache announced when it was made."""
    if not (plugin := config.plugins.get("mkdocstrings")):
        return
    for name in registered["handlers"]:
        plugin.handlers.get_handler(name)
    autorefs: Any = config.plugins["autorefs"]
    for given, named in registered["anchors"]:
        autorefs.register_anchor(page, *given, **named)
    inventory = plugin.handlers.inventory
    for item in registered["inventory"]:
        if item["priority"] == 1 or item["name"] not in inventory:
            inventory.register(**item)


@contextmanager
def shown(config: MkDocsConfig, root: Path, templates: Any) -> Iterator[set[str]]:
    """The modules whose objects a reference page shows; its templates are compiled once.

    The whole package is read for the first object, so what was read says nothing here.
    """
    found: set[str] = set()
    if not (plugin := config.plugins.get("mkdocstrings")):
        yield found
        return
    handlers = plugin.handlers
    with ExitStack() as stack:
        for name in config.plugins["mkdocstrings"].config.handlers or {"python": {}}:
            with unrecorded():
                handler = handlers.get_handler(name)
            handler.env.bytecode_cache = templates
            collect = handler.collect

            def collected(identifier: str, options: Any, collect: Any = collect) -> Any:
                with unrecorded():
                    data = collect(identifier, options)
                found.update(_modules(data, root))
                return data

            stack.enter_context(replaced(handler, "collect", collected))
        yield found


def _modules(data: Any, root: Path) -> set[str]:
    """The files of an object of griffe's, of what it holds, and of the packages it lies in."""
    found: set[Path] = set()
    waiting = [data]
    while waiting:
        here = waiting.pop()
        if here.is_alias:
            waiting.append(here.final_target)
            continue
        found |= set(here.filepath if isinstance(here.filepath, list) else [here.filepath])
        exported = set(map(str, here.exports or ())) if here.is_module else set()
        waiting += [
            member
            for name, member in here.members.items()
            if not member.is_alias or name in exported
        ]
    package = data.package.filepath
    found |= set(package if isinstance(package, list) else [package])
    return {os.path.relpath(path, root).replace(os.sep, "/") for path in found}
