"""Living figures: they come when they are seen, obey the keyboard, and remember in the address."""

import re

import pytest
from book_site import BOTH_ENGINES, ROOT, SIMCLR, Opener
from bookbuild import results
from looking import RULES, axe
from playwright.sync_api import Locator, Page, expect

PLAY = re.compile(r"^    play: (\S+)$", re.MULTILINE)
SHOWN = {
    widget: f"{path.relative_to(ROOT / 'docs').with_suffix('').as_posix()}/"
    for path in sorted((ROOT / "docs").rglob("*.md"))
    for widget in PLAY.findall(path.read_text(encoding="utf-8"))
}
ALL = sorted(path.stem for path in (ROOT / "docs/assets/js/play").glob("*.js"))


def living(page: Page, widget: str) -> Locator:
    """Scroll to a living figure and wait until it lives."""
    figure = page.locator(f"figure[data-play={widget}]")
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".play .play-summary")).not_to_be_empty()
    return figure


def test_every_living_figure_is_on_a_page():
    assert sorted([*SHOWN, "kit"]) == ALL


@BOTH_ENGINES
@pytest.mark.in_turn
@pytest.mark.parametrize("widget", SHOWN)
def test_a_slider_moves_by_keyboard_and_the_address_remembers(visit: Opener, widget: str):
    page = visit(SHOWN[widget])
    figure = living(page, widget)
    expect(figure.locator("[role=img]")).to_be_hidden()
    before = figure.locator(".play-summary").inner_text()
    slider = figure.locator("input[type=range]").first
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowLeft")
    after = figure.locator(".play-summary").inner_text()
    assert after != before
    said = slider.get_attribute("aria-valuetext")
    assert said == figure.locator(".play-slider output").first.inner_text()
    expect(page).to_have_url(re.compile(f"play-{widget}="))
    address = ""
    while page.url != address:  # it may have been written between two keys, and will be again
        address = page.url
        page.wait_for_timeout(1000)
    page.reload()
    expect(living(page, widget).locator(".play-summary")).to_have_text(after)


@pytest.mark.in_turn
@pytest.mark.parametrize("widget", SHOWN)
def test_an_address_with_nonsense_opens_the_figure_as_it_began(visit: Opener, widget: str):
    began = living(visit(SHOWN[widget]), widget).locator(".play-summary").inner_text()
    page = visit(f"{SHOWN[widget]}?play-{widget}=1,<b>,NaN")
    expect(living(page, widget).locator(".play-summary")).to_have_text(began)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.in_turn
@pytest.mark.parametrize("widget", SHOWN)
def test_axe_and_the_width_have_nothing_against_it(visit: Opener, widget: str, width: int):
    page = visit(SHOWN[widget], width=width, dark=width == 320)
    figure = living(page, widget)
    for control in figure.locator("input[type=range]").all():
        box = control.bounding_box()
        assert box and box["width"] > 90, "a slider that no thumb can move"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(
        "document.querySelectorAll('article > :not(figure, h1)').forEach(e => e.remove())"
    )
    assert axe(page, f"{width} px", {"type": "tag", "values": RULES}) == []


def test_a_point_is_dragged_turned_and_moved_by_the_loss(visit: Opener):
    page = visit(SHOWN["circle"])
    figure = living(page, "circle")
    summary = figure.locator(".play-summary")

    def loss() -> float:
        return float(re.search(r"Loss ([0-9.]+)", summary.inner_text())[1])

    point = figure.locator(".play-point").first
    point.scroll_into_view_if_needed()
    start = loss()
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] - 60)
    page.mouse.up()
    dragged = loss()
    assert dragged != start
    point.focus()
    page.keyboard.press("ArrowUp")
    assert loss() != dragged
    figure.get_by_role("button", name="Play").click()  # with reduced motion, at once
    assert loss() < 1.0
    figure.get_by_label("the label bug").check()
    assert loss() > 1.0
    expect(summary).to_contain_text("wrong points")


def test_recorded_runs_end_where_the_results_say(visit: Opener):
    """What is read from the drawing is what was measured; each switch leads to another run."""
    ablations = results.load(ROOT, "lab/byol_collapse").tables["ablations"]
    means = {row[0]: (row[3][0], row[4][0]) for row in ablations.rows}
    values = results.load(ROOT, "l1_3/byol_digits").values
    means["here"] = values["no_stop"], values["no_stop_loss"]
    for path, off, run in (
        ("lab/collapse/", (), "BYOL"),
        ("lab/collapse/", ("slow target",), "no slow target"),
        ("lab/collapse/", ("predictor",), "no predictor"),
        ("lab/collapse/", ("predictor", "slow target"), "no predictor, no slow target"),
        ("lab/collapse/", ("stop-gradient",), "no stop-gradient"),
        (SHOWN["collapse"], ("stop-gradient",), "here"),
    ):
        figure = living(visit(path), "collapse")
        for name in off:
            figure.get_by_role("checkbox", name=name).uncheck()
        said = figure.locator(".play-summary").inner_text()
        shown = [float(number) for number in re.findall(r"(?<= )\d+\.\d+(?=[,.] )", said)]
        assert shown == pytest.approx(means[run], abs=0.06), said
        assert abs(shown[0] - means[run][0]) < 0.006
    figure.get_by_role("checkbox", name="predictor").uncheck()
    expect(figure.locator(".play-summary")).to_contain_text("not recorded")
    figure.get_by_role("checkbox", name="predictor").check()
    figure.get_by_role("slider").fill("1")
    figure.get_by_role("button", name="Play").click()  # with reduced motion, at once
    expect(figure.locator(".play-summary")).to_contain_text("step 100")


def test_crops_begin_as_the_lesson_cut_them_and_can_be_cut_anew(visit: Opener):
    figure = living(visit(SHOWN["crops"]), "crops")
    summary = figure.locator(".play-summary")
    expect(summary).to_contain_text("18 comparisons; patches of 16 × 16: student 680, teacher 392")
    began = summary.inner_text()
    figure.get_by_role("button", name="Other crops").click()
    assert summary.inner_text() != began
    figure.get_by_role("slider", name="Local crops").fill("0")
    expect(summary).to_contain_text("Crop 2, global")
    expect(summary).to_contain_text("like the teacher on crop 1:")
    expect(summary).to_contain_text("2 comparisons")
    figure.get_by_role("button", name="Start again").click()
    expect(summary).to_have_text(began)


def test_a_missing_script_leaves_the_drawing(visit: Opener):
    address = visit(SHOWN["circle"]).url
    page = visit(None)
    page.route("**/play/kit.js", lambda route: route.abort())
    page.goto(address)
    page.locator("figure[data-play=circle]").scroll_into_view_if_needed()
    expect(page.locator("figure[data-play=circle] [role=img]")).to_be_visible()


TAPPED = {
    "label.md-header__button[for=__search]": SIMCLR,
    "label.md-header__button[for^=__palette] >> visible=true": SIMCLR,
    ".quiz-option >> nth=0": SIMCLR,
    "figure[data-play=temperature] input[type=range] >> nth=0": SHOWN["temperature"],
}
ROOTS = "let x = 0; for (let i = 0; i < 2e7; i += 1) x += Math.sqrt(i);"  # 20 to 60 ms of work
SHOWN_NEXT = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("control", TAPPED)
def test_the_first_tap_costs_little_work(visit: Opener, control: str):
    """Counted as time of the page's thread until it is drawn, which no other program prolongs."""
    page = visit(TAPPED[control], width=390)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = client.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    page.wait_for_load_state("networkidle")
    if "figure" in control:
        living(page, "temperature")
    page.locator(control).scroll_into_view_if_needed()
    before = worked()
    page.evaluate(ROOTS)
    between = worked()
    page.locator(control).click()
    faded = page.evaluate("document.getAnimations().map(a => a.transitionProperty)")
    assert faded.count("color") < 5  # where all colors fade, each frame styles every link anew
    page.evaluate(SHOWN_NEXT)
    assert worked() - between < 1.5 * (between - before)
