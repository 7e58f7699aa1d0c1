"""Quizzes and checklists: what they become, and which mistakes of an author they refuse."""

import re

import pytest
from bookbuild.markdown import quiz
from bookbuild.project import BookError
from markdown import Markdown

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
    ],
)
def test_a_mistake_is_named(body: str, told: str):
    with pytest.raises(BookError, match=re.escape(told)) as raised:
        page(f"/// quiz | Which?\n{body}\n///\n")
    assert "'Which?'" in str(raised.value)


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
