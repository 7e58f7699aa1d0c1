"""What a reader does: reads without a script, answers, ticks, searches, prints, gets lost."""

import html
import re
from collections import Counter, defaultdict

import pytest
from book_site import ALL_PAGES, BOTH_ENGINES, LESSON_PAGES, SIMCLR, Opener, Seen, Site
from fontTools.ttLib import TTFont
from playwright.sync_api import Locator, Page, expect

REVIEW = next(path for path in LESSON_PAGES if path.endswith("review/"))
LESSON = min(LESSON_PAGES, key=len)
MOCO, SWAV = (next(p for p in LESSON_PAGES if f"/{n}/" in p) for n in ("moco", "swav"))


@pytest.mark.in_turn
@pytest.mark.parametrize("path", LESSON_PAGES)
def test_a_page_is_whole_without_a_script(seen: Seen, path: str):
    assert seen(path, script=False)["unread"] == []


def test_mathematics_is_set_in_the_books_font(visit: Opener):
    page = visit(SIMCLR)
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px \"STIX Two Math\"', 'ℒ')")
    assert page.locator("math").count() > 5
    text = page.locator("article").evaluate(
        "e => (e.querySelectorAll('pre, code').forEach(c => c.remove()), e.textContent)"
    )
    assert not re.search(r"\\(frac|tau|mathcal|sum)|\$\$", text)


def test_the_font_is_small_and_has_every_sign_of_the_formulas(site: Site):
    path = site.folder / "assets/vendor/stix-two-math.woff2"
    font = TTFont(path)
    pages = [file.read_text(encoding="utf-8") for file in site.folder.rglob("index.html")]
    formulas = "".join(re.findall(r"<math.*?</math>", "".join(pages), re.DOTALL))
    signs = {*html.unescape(re.sub(r"<[^>]+>", "", formulas)), *"√∥∇ℝℒ𝟙𝒩𝑥𝜏"}
    assert len(signs) > 80 and path.stat().st_size < 40_000 and "MATH" in font
    assert [sign for sign in signs if ord(sign) not in font.getBestCmap() and sign != "\n"] == []


def quiz(page: Page, number: int = 0):
    return page.locator("fieldset.quiz").nth(number)


@BOTH_ENGINES
def test_the_quiz_works_by_keyboard_alone(visit: Opener):
    page = visit(REVIEW)
    box = quiz(page)
    options = box.locator("input[type=radio]")
    right = box.locator("input[data-right]")
    place = options.evaluate_all("all => all.findIndex(e => 'right' in e.dataset)")
    verdict = box.locator("output")

    options.first.focus()
    page.keyboard.press("Space")
    for _ in range((place + 1) % options.count()):  # to the option after the right one
        page.keyboard.press("ArrowDown")
    assert not right.is_checked()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Not quite.")
    assert not box.locator("details").evaluate("e => e.open")

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowUp")
    assert right.is_checked()
    expect(verdict).to_be_empty()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Right.")
    assert box.locator("details").evaluate("e => e.open")

    for _ in range(5):  # the verdict may hold links
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    assert not box.locator("details").evaluate("e => e.open")


def test_the_quiz_asks_for_a_choice_first(visit: Opener):
    page = visit(REVIEW)
    quiz(page).get_by_role("button", name="Check").click()
    expect(quiz(page).get_by_role("status")).to_have_text("Choose an option first.")


def answer(box: Locator, selector: str) -> None:
    box.locator("label", has=box.page.locator(selector)).first.click()
    box.get_by_role("button", name="Check").click()


@BOTH_ENGINES
def test_a_review_asks_again_what_was_missed_until_it_is_right(visit: Opener):
    page = visit(MOCO)
    answer(quiz(page), "input:not([data-right])")
    answer(quiz(page), "[data-right]")  # at once, when one has just read why
    page.goto(page.url.replace("/moco/", "/simclr/"))
    answer(quiz(page), "[data-right]")
    page.goto(page.url.replace("/simclr/", "/review/"))
    bar = page.locator(".asked-bar")
    total = page.locator(".asked").count()
    expect(bar).to_contain_text(f"Of {total} questions you missed 1 and had 1 right.")
    assert page.locator(".asked:visible").count() == total - 1
    first = page.locator(".asked").first
    expect(first).to_contain_text("From MoCo")
    assert first.locator("input:checked").count() == 0
    answer(first.locator("fieldset"), "[data-right]")
    page.reload()
    expect(bar).to_contain_text("you missed 0 and had 2 right")
    bar.get_by_role("button", name="Show all").click()
    assert page.locator(".asked:visible").count() == total
    bar.get_by_role("button", name="Forget all my answers").click()
    expect(bar).to_contain_text("you missed 0 and had 0 right")


def test_all_code_up_to_a_listing_is_copied_at_once(visit: Opener):
    page = visit(SWAV)
    boxes, everything = page.locator(".listing"), page.locator(".copy-all")
    assert everything.count() == boxes.count() - 1
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    everything.nth(1).click()
    expect(everything.nth(1)).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "def sinkhorn" in copied and copied.index("import torch") == 0
    boxes.nth(2).locator(".copy").click()
    alone = page.evaluate("navigator.clipboard.readText()")
    assert copied != alone and copied.endswith(alone)


@BOTH_ENGINES
def test_answers_are_kept(visit: Opener):
    page = visit(SWAV)
    last = page.locator("fieldset.quiz").count() - 1
    quiz(page, last).locator("label", has=page.locator("[data-right]")).first.click()
    quiz(page, last).get_by_role("button", name="Check").click()
    page.reload()
    expect(quiz(page, last).locator("input[data-right]").first).to_be_checked()
    expect(quiz(page, last).locator("output")).to_contain_text("Right.")
    assert quiz(page, 0).locator("input:checked").count() == 0


def test_every_question_has_its_every_option_explained(visit: Opener):
    page = visit(REVIEW)
    assert page.locator("fieldset.quiz").count() >= 5
    for box in page.locator("fieldset.quiz").all():
        values = box.locator("input").evaluate_all("all => all.map(e => e.value)")
        explained = box.locator("li[data-explains]").evaluate_all(
            "all => all.map(e => e.dataset.explains)"
        )
        assert values == explained


def test_the_right_options_place_gives_nothing_away(site: Site):
    """Over all pages, of the questions with as many options, each place is right equally often."""
    places: defaultdict[int, Counter[int]] = defaultdict(Counter)
    boxes = {}  # a review asks again what another page asks
    for path in site.folder.rglob("index.html"):
        for box in re.findall(r'<fieldset class="?quiz.*?</fieldset>', path.read_text(), re.DOTALL):
            boxes[re.findall(r"data-quiz=\W?(\w+)", box)[0]] = box
    for box in boxes.values():
        right = ["data-right" in option for option in re.findall("<input[^>]*>", box)]
        if sum(right) == 1:
            places[len(right)][right.index(True)] += 1
    assert sum(map(Counter.total, places.values())) > 40
    for count, seen in places.items():
        often = [seen[place] for place in range(count)]
        assert max(often) - min(often) <= 1, f"of {count} options: {often}"


def test_the_checklist_stays_ticked(visit: Opener):
    page = visit(LESSON)
    boxes = page.locator("ul.checklist input")
    assert boxes.count() > 1
    boxes.nth(1).check()
    page.reload()
    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(0)).not_to_be_checked()
    boxes.nth(1).uncheck()
    page.reload()
    expect(boxes.nth(1)).not_to_be_checked()


def test_a_long_table_of_bugs_can_be_filtered_and_stands_whole_without_a_script(visit: Opener):
    path = "museum/simclr/"
    rows = visit(path, script=False).locator(".filtered tbody tr")
    every = rows.count()
    assert every > 10 and rows.last.is_visible()
    page = visit(path)
    rows = page.locator(".filtered tbody tr")
    page.get_by_label("Filter the rows of this table").fill("Temperature IGNORED")
    shown = [row for row in rows.all() if row.is_visible()]
    assert 0 < len(shown) < every == rows.count()
    assert all("temperature" in row.inner_text().lower() for row in shown)


def test_the_first_page_begins_with_one_screen_of_a_phone(visit: Opener):
    """What the book is, a figure, where to start, and why to trust it, above 700 px."""
    page = visit("", width=390)
    ends = page.evaluate("document.querySelector('.hero').getBoundingClientRect().bottom")
    assert 500 < ends <= 700
    numbers = page.locator(".hero .proof data.claim").all_inner_texts()
    assert len(numbers) == 4 and all(re.match(r"\d", number) for number in numbers)
    page.locator(".hero a.start").click()
    expect(page.locator("h1")).to_contain_text("What is a representation worth?")


def test_the_navigation_fits_in_sight_and_says_where_one_is(visit: Opener):
    page = visit(SIMCLR)
    page.set_viewport_size({"width": 1280, "height": 800})
    seen = [
        link.inner_text().strip()
        for link in page.locator(".md-tabs a, .md-sidebar--primary a").all()
        if link.is_visible() and (link.bounding_box() or {"y": 900})["y"] < 800
    ]
    assert len(seen) <= 20
    assert {"Learn", "Lab", "Bugs", "Reference", "SimCLR", "Review"} <= set(seen)
    assert re.search(r"page 2 of \d+, \d+ minutes", page.locator(".place").inner_text())
    page.set_viewport_size({"width": 390, "height": 800})
    for side in ("prev", "next"):
        assert page.locator(f".md-footer__link--{side} .md-ellipsis").inner_text()
    museum = visit("museum/moco/", width=1280).locator(".md-tabs [aria-current]")
    assert museum.inner_text().strip() == "Bugs"


QUERIES = {
    "EMA": "moco",
    "InfoNCE": "simclr",
    "NT-Xent": "simclr",
    "stop-gradient": "byol",
    "projection head": "simclr",
    "what is a view": "1.2-views-and-invariances",
    "cosine similarity": "1.3-contrast-to-distillation",
    "temperature": "dino-loss",
    "centering": "dino-loss",
    "collapse": "no-negatives",
    "linear probe": "probes",
    "batch normalization": "1.1-representations",
}


def test_search_finds_first_the_page_that_explains_and_leads_there(visit: Opener):
    page = visit("")
    page.keyboard.press("/")
    first = page.locator(".md-search-result__link").first
    for words, name in QUERIES.items():
        page.locator(".md-search__input").press("Control+a")
        page.keyboard.type(words)
        expect(first).to_have_attribute("href", re.compile(rf"/{name}/(\?|$)"))
    first.click()
    expect(page.locator("h1")).to_contain_text("What is a representation worth?")


@pytest.mark.in_turn
@pytest.mark.parametrize("path", LESSON_PAGES)
def test_a_lesson_page_is_no_longer_than_a_sitting(seen: Seen, path: str):
    high = seen(path)["high"]
    print(f"{path}: {high:.1f} screens of a phone")
    assert 2 < high <= 12


@pytest.mark.in_turn
@pytest.mark.parametrize("path", [path for path in ALL_PAGES if path.startswith(("mo", "lab"))])
def test_letters_of_figures_can_be_read_and_figures_are_numbered(seen: Seen, path: str):
    found = seen(path)
    assert found["letters"] == []
    assert found["figures"] == [f"Figure {n}." for n in range(1, found["captions"] + 1)]


def test_a_page_says_how_to_cite_it(visit: Opener, site: Site):
    page = visit(SIMCLR)
    page.get_by_text("Cite this page").click()
    entry = page.locator(".cite pre").inner_text()
    assert "title = {SimCLR: compare every view with every other}" in entry
    assert re.search(r"url = \{http://[^}]*/simclr/\}", entry)


def test_a_note_says_more_on_hover_tap_and_focus(visit: Opener):
    page = visit(SIMCLR, width=390)
    note = page.locator(".book-note")
    for kind in ("abbr", "data.claim", ".citation > a"):
        mark = page.locator(f"article {kind}[data-says]").locator("visible=true").first
        mark.focus()
        expect(note).to_be_visible()
        assert mark.get_attribute("data-says").split("\n")[0] in note.inner_text()
        assert mark.get_attribute("aria-describedby") == "book-note"
        box = note.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
        page.keyboard.press("Escape")
        expect(note).to_be_hidden()
        mark.blur()
        mark.hover()
        expect(note).to_be_visible()
        page.mouse.move(0, 0)
        expect(note).to_be_hidden()


@BOTH_ENGINES
def test_the_theme_can_be_changed_and_is_kept(visit: Opener):
    page = visit("")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "default"
    page.get_by_title("Switch to dark mode").click()
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    page.reload()
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"


def test_print_shows_the_answers_and_not_the_frame(visit: Opener):
    for script in (True, False):
        page = visit(REVIEW, script=script)
        page.emulate_media(media="print")
        for reason in page.locator(".quiz-reason").all():
            box = reason.bounding_box()
            assert box and box["height"] > 10
        for hidden in (".md-header", ".md-sidebar--primary", ".md-footer"):
            assert not page.locator(hidden).first.is_visible()


def test_a_missing_page_says_so_and_leads_home(visit: Opener, site: Site):
    page = visit("module-1/no/such/page/")
    expect(page.locator("h1")).to_have_text("This page does not exist")
    sheets = "[...document.styleSheets].filter(s => s.href).every(s => s.cssRules.length > 0)"
    assert page.evaluate(sheets)
    page.get_by_role("link", name="Start from the first page").click()
    assert page.url == site.address


@pytest.mark.parametrize("path", [SIMCLR, REVIEW])
def test_tab_stops_are_few_where_nothing_scrolls(visit: Opener, path: str):
    page = visit(path)
    page.wait_for_load_state("networkidle")
    stops = page.locator(".math-display").evaluate_all(
        "all => all.filter(e => e.tabIndex === 0).map(e => e.scrollWidth > e.clientWidth)"
    )
    assert all(stops)
