"""Every page: accessible, self-contained, no wider than a phone, with links that lead somewhere."""

import json
import re
from urllib.parse import urldefrag, urljoin

import looking
import pytest
from book_site import ALL_PAGES, LESSON_PAGES, SIMCLR, Opener, Seen, Site
from links import Links, broken, links
from looking import OF_THE_THEME, RULES, axe

KILO = 1000
# A page stands before its fonts, and before what its scripts ask for.
LATER = r"\.(woff2|svg)$|/play/"
SEARCH = re.compile(r"search_index|/workers/")


@pytest.mark.in_turn
@pytest.mark.parametrize("path", ALL_PAGES)
def test_axe_finds_nothing(seen: Seen, path: str):
    """All rules on a desktop; what width and theme change again on a phone in the dark."""
    assert seen(path)["axe"] == []


@pytest.mark.in_turn
@pytest.mark.parametrize("path", ALL_PAGES)
def test_no_page_scrolls_sideways(seen: Seen, path: str):
    assert seen(path)["wide"] == []


@pytest.mark.in_turn
@pytest.mark.parametrize("path", ALL_PAGES)
def test_no_page_scrolls_sideways_without_a_script(seen: Seen, path: str):
    assert seen(path, script=False)["wide"] == []


@pytest.mark.in_turn
@pytest.mark.parametrize("path", ALL_PAGES)
def test_a_page_asks_nothing_of_another_site(seen: Seen, path: str):
    assert seen(path)["left"] + seen(path, script=False)["left"] == []


def test_the_head_of_a_phone_has_contrast_in_the_light(visit: Opener):
    """In the dark, and on a desktop, every page shows it."""
    page = visit(LESSON_PAGES[0], width=390)
    assert axe(page, "390 px", {"type": "rule", "values": OF_THE_THEME}) == []


def test_a_dark_system_gets_the_dark_theme(visit: Opener):
    """By the theme's own script, whose attribute the tests above set by hand."""
    page = visit("", dark=True)
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"


FAULTS = {
    "color-contrast": "paragraphs[3].style.color = 'rgb(128, 128, 128)'",
    "image-alt": "article.append(new Image())",
    "heading-order": "article.querySelector('h2').outerHTML = '<h5>Deep</h5>'",
    "target-size": "for (const name of 'ab') article.append(Object.assign(document"
    ".createElement('button'), {textContent: name, style: 'font-size: 3px; padding: 0; border: 0; "
    "display: block'}))",
    "320 px: ": "paragraphs[1].style.width = '330px'",
    "tiny: ": "Object.assign(article.querySelector('.book-figure svg text'), "
    "{textContent: 'tiny', style: 'font-size: 3px'})",
    "elsewhere": "fetch('http://127.0.0.1:9/elsewhere').catch(() => 0)",
}


def test_each_kind_of_fault_would_be_noticed(visit: Opener, leaving: list[str]):
    page = visit(SIMCLR, width=390)
    page.evaluate(
        "() => { const article = document.querySelector('article'); const paragraphs = "
        f"article.querySelectorAll('p'); {';'.join(FAULTS.values())} }}"
    )
    told = json.dumps(looking.look(page) | {"left": leaving})
    leaving.clear()
    assert [kind for kind in FAULTS if kind not in told] == [], told


def test_no_page_and_no_style_sheet_names_another_site_to_load_from(site: Site):
    """What a browser loads by itself; that nothing else is asked for, every visit here checks."""
    loads = re.compile(
        r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=["']?(?:https?:)?//[^"'>]*"""
        r"""|<link\b(?![^>]*rel=["']?(?:canonical|prev|next))[^>]*href=["']?(?:https?:)?//[^"'>]*"""
        r"""|url\(["']?(?:https?:)?//[^)]*|@import[^;]*""",
        re.IGNORECASE,
    )
    for file in [*site.folder.rglob("*.html"), *site.folder.rglob("*.css")]:
        found = loads.findall(file.read_text(encoding="utf-8"))
        outside = [one for one in found if site.address not in one]
        assert not outside, f"{file.relative_to(site.folder)}: {outside[:3]}"


@pytest.mark.in_turn
@pytest.mark.parametrize("path", LESSON_PAGES)
def test_a_lesson_page_is_light(seen: Seen, path: str):
    """Counted as a host sends it: text compressed, everything else as it is."""
    everything = seen(path)["everything"]
    first = sum(size for url, size in everything.items() if not re.search(LATER, url))
    assert first > 10 * KILO, "the measure counts nothing"
    assert not any(SEARCH.search(url) for url in everything)
    listed = "\n".join(f"{size / KILO:7.1f} KB {url}" for url, size in everything.items())
    assert first < 150 * KILO, f"{first / KILO:.0f} KB before fonts\n{listed}"
    assert sum(size for url, size in everything.items() if "/play/" not in url) < 200 * KILO, listed


def test_the_search_is_light_and_waits_until_a_reader_opens_it(visit: Opener, site: Site):
    page = visit(SIMCLR)
    page.wait_for_load_state("networkidle")
    before = looking.ask(page, "loaded")
    page.keyboard.press("/")
    page.wait_for_function(
        "performance.getEntriesByType('resource').some(e => e.responseEnd && /_index/.test(e.name))"
    )
    after = looking.ask(page, "loaded")
    # A browser fetches fonts and the page's icon when it likes.
    besides = [url for url in after.keys() - before.keys() if not re.search(LATER, url)]
    assert all(SEARCH.search(url) for url in besides), besides
    assert 10 * KILO < after[f"{site.address}search/search_index.json"] < 90 * KILO


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Links]:
    return links(site.folder)


def test_every_link_within_the_site_leads_somewhere(site: Site, pages: dict[str, Links]):
    wrong = broken(site.folder, site.address, pages)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_file_that_the_site_brings_along_is_accessible_too(visit: Opener, dark: bool):
    page = visit("source/lesson_code/moco.py.html#L3", dark=dark)
    assert axe(page, "a source", {"type": "tag", "values": RULES}) == []


def test_no_id_stands_twice_on_a_page(pages: dict[str, Links]):
    doubled = [f"{name}: {page.doubled}" for name, page in pages.items() if page.doubled]
    assert not doubled, "\n".join(doubled)


def test_every_listing_links_to_its_very_lines(site: Site, pages: dict[str, Links]):
    """Each title leads to the line of the file on which its region begins."""
    for path in LESSON_PAGES:
        html = (site.folder / path / "index.html").read_text(encoding="utf-8")
        links = re.findall(r'<a class="listing-place" href="([^"]+)"', html)
        assert len(links) == html.count('<div class="listing"'), path
        for link in links:
            target, anchor = urldefrag(urljoin(f"/{path}", link))
            assert anchor in pages[target.strip("/")].ids
            assert re.fullmatch(r"L\d+", anchor)


def test_the_reference_names_everything_public(pages: dict[str, Links]):
    import lesson_code

    ids = set().union(*(page.ids for name, page in pages.items() if name.startswith("reference/")))
    for name in lesson_code.__all__:
        module = getattr(lesson_code, name).__module__
        assert f"{module}.{name}" in ids, f"{name} is on no page of docs/reference"


def test_pages_describe_themselves(site: Site):
    told = {}
    for path in ALL_PAGES:
        if path == "404.html":
            continue
        html = (site.folder / path / "index.html").read_text(encoding="utf-8")
        description = re.search(r'<meta name="description" content="([^"]+)"', html)
        title = re.search(r"<title>([^<]+)</title>", html)
        assert html.count("<h1") == 1, path
        assert description and title, path
        told[path] = (description[1], title[1])
    assert len({title for _, title in told.values()}) == len(told), "two pages have one title"


def test_the_search_index_holds_words_only(site: Site):
    index = json.loads((site.folder / "search/search_index.json").read_text(encoding="utf-8"))
    text = " ".join(entry["text"] for entry in index["docs"])
    assert not re.search(r"<(math|svg|mrow|fieldset|button)", text)
    assert "The example " not in text or " made this on " not in text  # how results were made
