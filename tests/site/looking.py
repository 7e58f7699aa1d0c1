"""What can be seen of a page in one visit: accessible, no wider than a screen, legible, light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from book_site import ROOT, open_details
from playwright.sync_api import Locator, Page

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_WIDTH = ["scrollable-region-focusable", "target-size", "bypass", "region"]
OF_THE_THEME = ["color-contrast", "link-in-text-block"]
SCREEN = 700  # pixels of a phone's screen that a page can use

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").strip()


def ask(page: Page, name: str, argument: object = None) -> Any:
    """The answer of a function of looking.js."""
    return page.evaluate(f"argument => {SCRIPT}.{name}(argument)", argument)


def ask_all(found: Locator, name: str) -> Any:
    """The same, of all that a locator finds."""
    return found.evaluate_all(f"all => {SCRIPT}.{name}(all)")


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def darken(page: Page) -> None:
    """Switch the theme, and let no color be judged on its way to the other."""
    page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    page.evaluate("document.getAnimations().forEach(one => one.finish())")


def too_wide(page: Page, width: int) -> list[str]:
    """What is wider than the screen, when the scripts that follow the width have had their turn."""
    resize(page, width)
    for _ in range(40):
        if not (found := ask(page, "tooWide", width)):
            break
        page.wait_for_timeout(50)
    return found


def axe(page: Page, where: str, rules: Any, part: str = "html") -> list[str]:
    """What axe objects to on the page, or a part of it, as it is now."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    ask(page, "alike")
    options = {"runOnly": rules, "resultTypes": ["violations"], "elementRef": False}
    asked = "([part, options]) => axe.run(part, options).then(said => said.violations)"
    found = page.evaluate(asked, [part, options | {"preload": False}])
    return [
        f"{where}, {violation['id']}: {node['html'][:160]}\n    {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"][:3]
    ]


def settled(page: Page, *asked: Any) -> list[str]:
    """What axe still objects to when the scripts that follow the width have had their turn."""
    for patience in (0, 100, 400, 1600):
        page.wait_for_timeout(patience)
        if not (found := axe(page, *asked)):
            break
    return found


def look(page: Page) -> dict[str, Any]:
    """All that one visit can see of a page that has just been opened, with its scripts."""
    resize(page, 390)
    page.wait_for_load_state("networkidle")
    high = page.evaluate("document.querySelector('article').offsetHeight") / SCREEN
    ask(page, "through")
    everything = ask(page, "loaded")
    open_details(page)
    letters = ask(page, "smallLetters", 11)
    wide = [problem for width in (390, 320, 1920, 1280) for problem in too_wide(page, width)]
    letters += ask(page, "smallLetters", 11)
    figures = page.locator("figcaption .figure-number").all_inner_texts()
    captions = page.locator("article figure:has(figcaption)").count()
    problems = settled(page, "1280 px, light", {"type": "tag", "values": RULES})
    resize(page, 390)
    darken(page)
    rules = {"type": "rule", "values": [*OF_THE_WIDTH, *OF_THE_THEME]}
    problems += settled(page, "390 px, dark", rules)
    return {
        "everything": everything,
        "high": high,
        "axe": problems,
        "wide": wide,
        "letters": letters,
        "figures": figures,
        "captions": captions,
    }


def read(page: Page) -> dict[str, Any]:
    """What there is to see of it without a script."""
    unread = ask(page, "unread")
    open_details(page)
    return {"unread": unread, "wide": too_wide(page, 360)}
