"""Every page: accessible, self-contained, no wider than a phone, with links that lead somewhere."""

import json
import re
from urllib.parse import urldefrag, urljoin

import pytest
from book_site import ALL_PAGES, LESSON_PAGES, ROOT, Opener, Site, open_details
from links import Links, broken, links
from playwright.sync_api import Page

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_WIDTH = ["scrollable-region-focusable", "target-size", "bypass", "region"]
OF_THE_THEME = ["color-contrast", "link-in-text-block"]
# Or colors are judged on their way from one theme to the other.
AT_ONCE = "*, *::before, *::after { transition: none !important; animation: none !important }"
KILO = 1000
INDEX = "search/search_index.json"


@pytest.mark.parametrize("path", ALL_PAGES)
def test_axe_finds_nothing_and_a_phone_is_wide_enough(look: Opener, path: str):
    """Every rule on a desktop in the light; what width and theme can change on a phone in the dark.

    What a phone alone shows, the head and the drawer, is on all pages the same: in the light the
    colors of one stand for it.
    """
    page = look(path, width=360)
    assert scheme(page) == "default"
    open_details(page)
    assert_no_wider_than_a_phone(page)
    page.add_script_tag(path=AXE)
    page.add_style_tag(content=AT_ONCE)
    colors = ["color-contrast"] if path == LESSON_PAGES[0] else []
    problems = settled(page, 390, {"type": "rule", "values": [*OF_THE_WIDTH, *colors]})
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    problems += axe(page, "dark", {"type": "rule", "values": OF_THE_THEME})
    page.evaluate("document.body.dataset.mdColorScheme = 'default'")
    problems += settled(page, 1280, {"type": "tag", "values": RULES})
    assert not problems, "\n".join(problems)


def settled(page: Page, width: int, rules: dict[str, object]) -> list[str]:
    """What axe objects to at a width, when the scripts that follow it have had their turn."""
    page.set_viewport_size({"width": width, "height": 900})
    for _ in range(40):  # on a busy machine that takes a while
        page.wait_for_timeout(50)
        if not (found := axe(page, f"{width} px", rules)):
            break
    return found


def axe(page: Page, where: str, rules: dict[str, object]) -> list[str]:
    """What axe objects to on the page as it is now."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{where}, {violation['id']}: {node['html'][:160]}\n    {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"][:3]
    ]


def scheme(page: Page) -> str:
    return page.evaluate("document.body.dataset.mdColorScheme")


def test_a_dark_system_gets_the_dark_theme(visit: Opener):
    """By the theme's own script, whose attribute the test above sets by hand."""
    assert scheme(visit("", dark=True)) == "slate"


def test_axe_would_notice_in_the_dark(visit: Opener):
    page = visit("")
    page.add_script_tag(path=AXE)
    page.add_style_tag(content=AT_ONCE)
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    page.evaluate("document.querySelector('article p').style.color = 'rgb(70, 75, 90)'")
    rules = {"type": "rule", "values": OF_THE_THEME}
    assert any("color-contrast" in problem for problem in axe(page, "dark", rules))


@pytest.mark.parametrize("path", ALL_PAGES)
def test_without_a_script_the_page_never_scrolls_sideways_on_a_phone(look: Opener, path: str):
    """With scripts, the test of axe looks at it."""
    page = look(path, width=360, script=False)
    open_details(page)
    assert_no_wider_than_a_phone(page)


def assert_no_wider_than_a_phone(page: Page) -> None:
    """Assert that a page whose details are open fits in 360 px."""
    for _ in range(40):  # a script follows the width, when a busy machine lets it
        if (wide := page.evaluate("document.documentElement.scrollWidth")) == 360:
            break
        page.wait_for_timeout(50)
    culprits = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
          .filter(e => e.getBoundingClientRect().right > 361)
          .filter(e => { for (let p = e.parentElement; p; p = p.parentElement)
            if (/auto|scroll|hidden/.test(getComputedStyle(p).overflowX)) return false;
            return true; })
          .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
    )
    page.evaluate("scrollTo(500, 0)")
    assert page.evaluate("scrollX") == 0
    assert (wide, culprits) == (360, [])


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


def test_a_request_that_leaves_the_site_would_be_noticed(visit: Opener, look: Opener, request):
    """In a context of its own, and in the tab that tests share."""
    leaving = request.getfixturevalue("leaving")
    shared = look("404.html", width=1280), request.getfixturevalue("tabs")[True][1]
    for page, left in ((visit("404.html"), leaving), shared):
        page.evaluate("fetch('http://127.0.0.1:9/elsewhere').catch(() => 0)")
        assert any("elsewhere" in one for one in left)
        left.clear()


@pytest.mark.parametrize("path", LESSON_PAGES)
def test_a_lesson_page_is_light(visit: Opener, site: Site, path: str):
    """Counted as a host sends it: text compressed, everything else as it is.

    The index of the search, which grows with the whole book, waits until a reader opens search.
    """
    page = visit(None)
    context = page.context
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    urls: dict[str, str] = {}
    client.on(
        "Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]})
    )
    client.on(
        "Network.requestWillBeSent",
        lambda event: urls.update({event["requestId"]: event["request"]["url"]}),
    )
    client.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(site.address + path)
    page.wait_for_load_state("networkidle")
    later = {key for key, kind in kinds.items() if kind in ("Font", "Fetch", "XHR")}
    first = sum(size for key, size in sizes.items() if key not in later)
    assert first > 10 * KILO, "the measure counts nothing"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not any(url.endswith(INDEX) for url in urls.values())
    page.keyboard.press("/")  # the search brings its index
    page.wait_for_function(
        "performance.getEntriesByType('resource').some(e => e.responseEnd && /_index/.test(e.name))"
    )
    page.wait_for_load_state("networkidle")
    everything = sum(sizes.values())
    listed = "\n".join(f"{size / KILO:7.1f} KB {urls.get(key)}" for key, size in sizes.items())
    assert first < 150 * KILO, f"{first / KILO:.0f} KB before fonts\n{listed}"
    index = sum(size for key, size in sizes.items() if urls.get(key, "").endswith(INDEX))
    assert 10 * KILO < index < 90 * KILO, f"the index of the search has {index / KILO:.0f} KB"
    rest = everything - index
    assert rest < 250 * KILO, f"{rest / KILO:.0f} KB in all but the search\n{listed}"


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Links]:
    return links(site.folder)


def test_every_link_within_the_site_leads_somewhere(site: Site, pages: dict[str, Links]):
    wrong = broken(site.folder, site.address, pages)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_file_that_the_site_brings_along_is_accessible_too(visit: Opener, dark: bool):
    page = visit("source/lesson_code/moco.py.html#L3", dark=dark)
    page.add_script_tag(path=AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    assert not found, [one["id"] for one in found]


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
