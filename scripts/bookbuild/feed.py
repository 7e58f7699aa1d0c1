"""The changelog as a feed, RSS 2.0: one item for each of its points, the newest first."""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path

_POINT = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)
_MARKS = re.compile(r"[`*]|\[([^]]*)\]\([^)]*\)")


def feed(root: Path, address: str) -> str:
    """What has changed, for readers of the site at ``address``; an edited point is a new item."""
    items = []
    _, *releases = re.split(r"^## ", (root / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)
    for release in releases:
        version, _, points = release.partition("\n")
        for point in _POINT.findall(points):
            said = " ".join(_MARKS.sub(r"\1", point).split())
            title = re.split(r"[:;.](?= |$)", said)[0]
            name = hashlib.sha256(said.encode()).hexdigest()
            items.append(
                f"<item><title>{escape(title)}</title><link>{escape(address)}</link>"
                f"<description>{escape(said)}</description><category>{escape(version)}</category>"
                f'<guid isPermaLink="false">{name}</guid></item>'
            )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>Learning Without Labels: what has changed</title><link>{escape(address)}</link>\n"
        "<description>What a reader or a contributor notices, the newest first.</description>\n"
        + "\n".join(items)
        + "\n</channel></rss>\n"
    )
