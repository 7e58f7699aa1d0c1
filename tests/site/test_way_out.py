"""The way out stays open: Zensical makes the same book of the same settings.

The theme's authors support mkdocs-material until May 2027 and write Zensical, which reads
``mkdocs.yml`` and no hook. What a script does with its pages, the tests with ``BOTH_ENGINES`` try.
"""

from __future__ import annotations

import pytest
from book_site import Opener, Site, open_details
from links import article, broken, links
from test_paste import BLOCKS, press


def test_the_text_of_every_page_is_the_same(site: Site, other_site: Site):
    pages = {file.relative_to(site.folder) for file in site.folder.rglob("index.html")}
    others = {file.relative_to(other_site.folder) for file in other_site.folder.rglob("index.html")}
    assert pages == others and len(pages) > 50
    different = []
    for page in sorted(pages):
        ours, theirs = article(site.folder / page), article(other_site.folder / page)
        assert len(ours) > 100, f"{page} has no article"
        if ours != theirs:
            pairs = enumerate(zip(ours, theirs, strict=False))
            at = next((at for at, (a, b) in pairs if a != b), min(len(ours), len(theirs)))
            begin = max(0, at - 40)
            different.append(f"{page}: {ours[begin : at + 40]!r} is {theirs[begin : at + 40]!r}")
    assert not different, "\n".join(different)


def test_its_links_and_anchors_lead_somewhere(other_site: Site):
    wrong = broken(other_site.folder, other_site.address, links(other_site.folder))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("engine", ["zensical"], indirect=True)
def test_copying_gives_what_is_seen(visit: Opener):
    page = visit("module-1/1.3-contrast-to-distillation/simclr/")
    open_details(page)
    copied = press(page, f":is({BLOCKS}) .copy")
    assert any(text.startswith("import torch") for text in copied), copied[:1]
