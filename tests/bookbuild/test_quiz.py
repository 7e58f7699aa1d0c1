"""Quizzes and checklists: what they become, and which mistakes of an author they refuse."""

import itertools
import re
import textwrap
from collections import Counter

import pytest
from bookbuild import pages
from bookbuild.markdown import questions, quiz
from bookbuild.project import BookError
from markdown import Markdown
from rendering import convert
from small_book import Book

GOOD = """
/// quiz | Which network does the *gradient* move?
- [ ] The target network
    It follows by an average.
- [x] The online network

    Only it is in the optimizer.

    ```text
    a < b
    ```
- [ ] Both
    Then both would collapse.
///
"""


def page(text: str) -> str:
    extensions = ["pymdownx.superfences", "bookbuild.markdown.quiz"]
    return Markdown(extensions=extensions).convert(text)


def test_a_quiz_is_a_fieldset_with_one_name_for_all_its_radio_buttons():
    html = page(GOOD)
    assert "<legend>Which network does the <em>gradient</em> move?</legend>" in html
    assert len(re.findall(r'type="radio"', html)) == 3
    assert len(set(re.findall(r'name="(quiz-\w+)"', html))) == 1
    assert html.count("data-right") == 1


def test_every_option_is_explained_in_the_collapsible_answer():
    answer = page(GOOD).partition("<details")[2]
    assert answer.count("Wrong:") == 2
    assert answer.count("Right:") == 1
    for words in ("It follows by an average.", "Only it is in the optimizer.", "a &lt; b"):
        assert words in answer


def test_explanations_and_options_meet_by_key():
    html = page(GOOD)
    assert re.findall(r'value="(\w+)"', html) == re.findall(r'data-explains="(\w+)"', html)


def test_several_right_options_become_boxes():
    html = page("/// quiz | Which?\n- [x] one\n    y\n- [x] two\n    y\n- [ ] three\n    n\n///\n")
    assert html.count('type="checkbox"') == 3
    assert "More than one is right." in html


def test_keys_follow_the_words_not_the_place():
    first, second = GOOD, GOOD.replace("Which network does", "Which of the two does")
    key = re.search(r'data-quiz="(\w+)"', page(first))
    swapped = re.findall(r'data-quiz="(\w+)"', page(second + first))
    assert key
    assert swapped[1] == key[1] != swapped[0]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("- [ ] one\n    why\n- [ ] two\n    why", "no option is marked as right"),
        ("- [x] one\n    why", "two options or more"),
        ("- [x] one\n    why\n- [ ] two", "the option 'two' has no explanation"),
        ("- [x] one\n- [ ] two\n    why", "the option 'one' has no explanation"),
        ("Something\n- [x] one\n    why", "cannot read 'Something'"),
        ("- one\n    why\n- [x] two\n    why", "cannot read '- one'"),
        ("- [x] one\n    why\n- [ ] one\n    why", "two options are the same"),
        ("- [x] $x^2$\n    why\n- [ ] two\n    why", "needs a word beside its mathematics"),
        ("- [x] one\n    why\n- [x] two\n    why", "every option is marked as right"),
        (
            "- [ ] one\n    why\n- [x] All of the above.\n    why",
            "by their place, 'All of the above'",
        ),
        (
            "- [ ] one\n    why\n- [x] As the second option.\n    why",
            "by their place, 'second option'",
        ),
    ],
)
def test_a_mistake_is_named(body: str, told: str):
    with pytest.raises(BookError, match=re.escape(told)) as raised:
        page(f"/// quiz | Which?\n{body}\n///\n")
    assert "'Which?'" in str(raised.value)


@pytest.mark.parametrize("text", ["Both networks", "The last layer", "All of the batch", "Above 1"])
def test_words_of_place_that_mean_no_option_are_allowed(text: str):
    html = page(f"/// quiz | Which?\n- [x] {text}\n    why\n- [ ] two\n    why\n///\n")
    assert text in html


def written(*options: str, right: int = 0, question: str = "Which?") -> str:
    lines = [f"/// quiz | {question}"]
    for place, option in enumerate(options):
        lines += [f"- [{'x' if place == right else ' '}] {option}", "    why"]
    return "\n".join([*lines, "///", ""])


def seen(html: str) -> list[str]:
    """The options in the order in which a reader sees them."""
    return re.findall(r'class="quiz-option">.*?<span>(.*?)</span>', html)


def place_of_the_right_one(html: str) -> int:
    return [" data-right" in box for box in re.findall(r"<input [^>]*>", html)].index(True)


def test_what_is_seen_does_not_depend_on_the_order_of_writing():
    texts = ["alpha", "beta", "gamma", "delta"]
    orders = {
        tuple(seen(page(written(*order, right=order.index("beta")))))
        for order in itertools.permutations(texts)
    }
    assert len(orders) == 1
    assert set(orders.pop()) == set(texts)


def test_other_questions_have_other_orders():
    texts = ["alpha", "beta", "gamma", "delta"]
    orders = {tuple(seen(page(written(*texts, question=f"Which {i}?")))) for i in range(40)}
    assert len(orders) > 10  # of 24


def test_explanations_follow_the_order_that_is_seen():
    html = page(written("alpha", "beta", "gamma", "delta"))
    told = re.findall(r"</strong><span>(.*?)</span>", html)
    assert told == seen(html) != ["alpha", "beta", "gamma", "delta"]


def test_several_right_options_are_shuffled_too():
    block = "/// quiz | Which?\n- [x] one\n    y\n- [x] two\n    y\n- [ ] three\n    n\n///\n"
    swapped = "/// quiz | Which?\n- [ ] three\n    n\n- [x] two\n    y\n- [x] one\n    y\n///\n"
    assert seen(page(block)) == seen(page(swapped))


class TestPlan:
    """The places of the right options over all pages of a book."""

    def places(self, book: Book) -> dict[str, int]:
        found = {}
        for path in sorted((book.root / "docs").rglob("*.md")):
            html = page(path.read_text())
            for part in html.split("<fieldset")[1:]:
                legend = re.search("<legend>(.*?)</legend>", part)
                assert legend
                found[legend[1]] = place_of_the_right_one(part)
        return found

    @pytest.fixture
    def asked(self, book: Book) -> Book:
        for number in range(5):
            questions = [
                written("a", "b", "c", right=0, question=f"Page {number}, {i}?") for i in range(4)
            ]
            book.page("# Page\n\n" + "\n".join(questions), f"{number}.md")
        return book

    def test_each_place_is_dealt_equally_often(self, asked: Book):
        often = Counter(self.places(asked).values())
        assert sorted(often.values()) == [6, 7, 7]

    def test_questions_with_other_numbers_of_options_are_dealt_apart(self, asked: Book):
        texts = ("a", "b", "c", "d")
        fours = [written(*texts, right=3, question=f"Four {i}?") for i in range(8)]
        asked.page("# Fours\n\n" + "\n".join(fours), "fours.md")
        places = self.places(asked)
        often = Counter(place for text, place in places.items() if text.startswith("Four"))
        assert often == {0: 2, 1: 2, 2: 2, 3: 2}

    def test_pages_may_be_moved_and_built_in_any_order(self, asked: Book):
        before = self.places(asked)
        (asked.root / "docs/0.md").rename(asked.root / "docs/z.md")
        assert self.places(asked) == before

    def test_a_new_question_is_noticed(self, asked: Book):
        known = questions.plan(asked.root)
        asked.page("# New\n\n" + written("a", "b", question="New?"), "new.md")
        added = questions.plan(asked.root).keys() - known.keys()
        assert added == {(quiz.key("New?"), 2)}

    def test_what_stands_in_a_fence_or_a_comment_is_no_question(self, asked: Book):
        block = written("a", "b", question="Not asked?")
        asked.page(f"# New\n\n```markdown\n{block}```\n\n<!--\n{block}-->\n", "new.md")
        assert (quiz.key("Not asked?"), 2) not in questions.plan(asked.root)

    def test_a_question_inside_another_block_is_one(self, asked: Book):
        block = textwrap.indent(written("a", "b", question="Folded?"), "    ")
        asked.page(f"# New\n\n??? note\n\n{block}", "new.md")
        assert (quiz.key("Folded?"), 2) in questions.plan(asked.root)

    def test_a_question_that_cannot_be_read_leaves_the_others_as_they_are(self, asked: Book):
        before = self.places(asked)
        asked.page("# New\n\n/// quiz | Broken?\n- [ ] one\n    why\n///\n", "new.md")
        with pytest.raises(BookError, match=r"docs/new\.md:3: quiz 'Broken\?'"):
            questions.read(pages.page(asked.root, asked.root / "docs/new.md"))
        (asked.root / "docs/new.md").unlink()
        assert self.places(asked) == before

    def test_a_fence_in_an_explanation_does_not_end_the_question(self, asked: Book):
        fence = "    ```text\n    ///\n    ```\n"
        block = f"/// quiz | Fenced?\n- [x] one\n\n{fence}- [ ] two\n    no\n///\n"
        asked.page(f"# New\n\n{block}", "new.md")
        (found,) = questions.read(pages.page(asked.root, asked.root / "docs/new.md"))
        assert [option.text for option in found.options] == ["one", "two"]
        assert "///" in found.options[0].explanation

    def test_a_claim_in_the_question_does_not_hide_it_from_the_plan(self, asked: Book):
        """While a page is converted, the bar of a claim is another character."""
        text = "Is it {{ l0/loss.last | .2f }}?"
        asked.page("# New\n\n" + written("a", "b", "c", "d", "e", question=text), "new.md")
        options = [quiz.Option(name, "why", name == "a") for name in "abcde"]
        hidden = questions.shown(asked.root, text.replace("|", "\ue00b"), options)
        assert hidden == questions.shown(asked.root, text, options)
        assert hidden[0].text == "a"  # the only question of five options has its first place


def test_the_same_question_twice_on_a_page_is_refused():
    with pytest.raises(BookError, match="stands twice"):
        page(GOOD + GOOD)


def test_a_checklist_has_a_labelled_box_for_each_item():
    html = page("/// checklist | l1_3\n- I can *derive*\n  it.\n- I can $x$\n///\n")
    assert '<ul class="checklist" data-checklist="l1_3">' in html
    assert len(re.findall(r"<li><label><input [^>]*/><span>.*?</span></label></li>", html)) == 2
    assert "I can <em>derive</em> it." in html


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("/// checklist | l1_3\n///\n", "has no items"),
        ("/// checklist | Lesson 1\n- a\n///\n", "its name may hold"),
        ("/// checklist | l1_3\nwords\n///\n", "cannot read 'words'"),
    ],
)
def test_a_wrong_checklist_is_refused(block: str, told: str):
    with pytest.raises(BookError, match=told):
        page(block)


def test_a_key_is_stable_and_ignores_case_and_spaces():
    assert quiz.key("Which  Network?") == quiz.key("which network?")
    assert quiz.key("which network?") != quiz.key("which networks?")
    assert re.fullmatch(r"[0-9a-f]{10}", quiz.key("x"))


def test_a_review_asks_what_the_pages_of_its_folder_ask(book: Book):
    book.page(f"# What moves\n\n{GOOD}", "lesson/moves.md")
    book.page("# Nothing\n", "lesson/silent.md")
    html = convert("# Review\n\n/// review | moves\n///\n\nAfter.")
    assert html.count("<fieldset") == 1 == html.count('class="asked"')
    assert '<p>From <a href="moves.md">What moves</a></p>' in html
    assert re.findall(r'data-quiz="(\w+)"', html) == re.findall(r'data-quiz="(\w+)"', page(GOOD))
    with pytest.raises(BookError, match="lesson/page.md: the review names silent, which asks"):
        convert("/// review | silent\n///")
    with pytest.raises(BookError, match="the review names none, which is no page of its folder"):
        convert("/// review | none\n///")
