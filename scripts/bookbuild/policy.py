"""The content security policy of the built site: a header that a host may send with every page.

All that a page loads or runs comes from the site itself. The few inline scripts of the theme, and
the style sheet inside the pages of source files, are named by their hashes. Attributes of style are
allowed: the figures and the equations cannot do without.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

#: The file in which Netlify, Cloudflare Pages and others read the headers to send.
FILE = "_headers"
_INLINE = re.compile(
    r"<(script|style)\b(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>(.*?)</\1>", re.DOTALL
)


def inline(html: str) -> set[tuple[str, str]]:
    """What a page holds of ``script`` and ``style`` elements, each with its source in a policy."""
    return {
        (tag, f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'")
        for tag, text in _INLINE.findall(html)
    }


def policy(pages: Iterable[str]) -> str:
    """The strictest policy under which these pages work."""
    found = set().union(*map(inline, pages))
    scripts, styles = (
        " ".join(["'self'", *sorted(source for tag, source in found if tag == wanted)])
        for wanted in ("script", "style")
    )
    return (
        f"default-src 'self'; script-src {scripts}; style-src {styles}; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def write(site: Path) -> None:
    """Leave the headers in the built site."""
    pages = (page.read_text(encoding="utf-8") for page in sorted(site.rglob("*.html")))
    lines = [f"Content-Security-Policy: {policy(pages)}", "X-Content-Type-Options: nosniff"]
    (site / FILE).write_text("/*\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
