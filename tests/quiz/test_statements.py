"""Every option of every quiz is so, or is marked as wrong; and what this check notices."""

import re
from collections import Counter

import pytest
from answers.common import unit
from bookbuild import pages
from bookbuild.markdown.questions import Option, Question, plan, read, shown
from statements import ROOT, Registry, answers, given, problems, value

from lesson_code import simclr_loss

QUESTIONS = [question for page in pages.pages(ROOT) for question in read(page)]
PAGES = sorted({question.page for question in QUESTIONS})


@pytest.mark.parametrize("page", PAGES)
def test_what_is_marked_as_right_is_true_and_all_else_is_false(page: str):
    known = {name: entry for name, entry in answers().items() if name[0] == page}
    asked = [question for question in QUESTIONS if question.page == page]
    assert problems(asked, known) == []


def test_no_page_is_judged_that_asks_nothing():
    assert {page for page, _, _ in answers()} == set(PAGES)


def test_every_question_has_a_predicate_for_its_right_option():
    proven = {name for name, entry in answers().items() if callable(entry)}
    lacking = [
        f"{question.page}:{question.line}"
        for question in QUESTIONS
        for option in question.options
        if option.right and (question.page, question.text, option.text) not in proven
    ]
    assert lacking == []


class TestNotices:
    """A small question of which everything can go wrong."""

    TEXT = "What is the loss of two images?"

    def told(self, registry: Registry, **changes: bool | str) -> list[str]:
        marks = {"finite": True, "infinite": False} | changes
        why = str(marks.pop("why", "See above."))
        options = tuple(Option(text, why, bool(right)) for text, right in marks.items())
        return problems([Question("docs/a.md", 3, self.TEXT, options)], registry.entries)

    @pytest.fixture
    def registry(self) -> Registry:
        registry = Registry()
        about = registry.about("docs/a.md", self.TEXT)

        @about.states("finite")
        def the_loss_is_finite() -> bool:
            return bool(simclr_loss(unit(2, 4), unit(2, 4, 1), 0.5) < 10)

        @about.states("infinite")
        def the_loss_is_infinite() -> bool:
            return not the_loss_is_finite()

        return registry

    def test_nothing_where_all_is_well(self, registry: Registry):
        assert self.told(registry) == []

    def test_a_right_option_that_is_false(self, registry: Registry):
        (told,) = self.told(registry, infinite=True)
        assert told == (
            "docs/a.md:3: 'infinite' of 'What is the loss of two images?' is marked as right, but "
            "the_loss_is_infinite comes out False"
        )

    def test_a_wrong_option_that_is_true(self, registry: Registry):
        (told,) = self.told(registry, finite=False)
        assert told.endswith("is marked as wrong, but the_loss_is_finite comes out True")

    def test_an_option_of_which_nothing_is_said(self, registry: Registry):
        (told,) = self.told(registry, unknown=False)
        assert "'unknown'" in told
        assert told.endswith("has neither a predicate nor a reason to have none")

    def test_an_option_that_is_on_no_page(self, registry: Registry):
        registry.about("docs/a.md", self.TEXT).not_computable("gone", because="of no interest " * 5)
        (told,) = self.told(registry)
        assert told.startswith("docs/a.md: 'gone'")
        assert told.endswith("is judged, but no page has it")

    def test_words_that_have_changed(self, registry: Registry):
        registry.entries["docs/a.md", "What was it?", "finite"] = registry.entries.pop(
            ("docs/a.md", self.TEXT, "finite")
        )
        assert len(self.told(registry)) == 2

    def test_two_entries_for_one_option(self, registry: Registry):
        about = registry.about("docs/a.md", self.TEXT)
        with pytest.raises(ValueError, match="'finite' .* has two entries"):
            about.not_computable("finite", because="it was said already")

    @pytest.mark.parametrize(
        ("body", "noticed"),
        [
            ("return False", "returns a constant"),
            ("value('l1_3/simclr_closed_forms', 'chance')", "returns a constant"),
            ("return 1 > 2", "asks neither the code nor a result"),
            ("return value('l1_3/simclr_closed_forms', 'chance')", "no bool"),
            (
                "given(value('l1_3/simclr_closed_forms', 'chance') > 9)\n    return 1 > 2",
                "premise 1",
            ),
        ],
    )
    def test_a_predicate_that_tests_nothing(
        self, registry: Registry, tmp_path, body: str, noticed: str
    ):
        path = tmp_path / "answer.py"
        path.write_text(f"def answer():\n    {body}\n")
        names = {"value": value, "given": given}
        exec(compile(path.read_text(), path, "exec"), names)  # a source file, as inspect needs
        registry.about("docs/a.md", self.TEXT).states("odd")(names["answer"])
        (told,) = self.told(registry, odd=False)
        assert noticed in told

    def test_a_reason_that_says_nothing(self, registry: Registry):
        registry.about("docs/a.md", self.TEXT).not_computable("odd", because="obvious")
        (told,) = self.told(registry, odd=False)
        assert told.endswith("lacks a predicate, and 'obvious' is no reason")

    def test_a_published_number_without_its_source(self, registry: Registry):
        what = "accuracy on ImageNet by batch size"
        registry.about("docs/a.md", self.TEXT).published("odd", what)
        (told,) = self.told(registry, odd=False)
        assert told.endswith("its explanation cites no source")
        assert self.told(registry, odd=False, why="Less [@simclr, Table 1].") == []


class TestOrder:
    """What readers see of all questions of the book."""

    def test_the_right_option_stands_in_each_place_equally_often(self):
        places: dict[int, Counter[int]] = {}
        for question in QUESTIONS:
            order = shown(ROOT, question.text, question.options)
            right = [place for place, option in enumerate(order) if option.right]
            if len(right) == 1:
                places.setdefault(len(order), Counter())[right[0]] += 1
        assert sum(sum(counts.values()) for counts in places.values()) > 40
        for count, seen in places.items():
            often = [seen[place] for place in range(count)]
            assert max(often) - min(often) <= 1, f"of {count} options: {often}"

    def test_the_plan_holds_every_question_with_one_right_option(self):
        asked = {
            question.text
            for question in QUESTIONS
            if sum(option.right for option in question.options) == 1
        }
        assert len(plan(ROOT)) == len(asked)

    def test_no_option_is_lost(self):
        for question in QUESTIONS:
            order = shown(ROOT, question.text, question.options)
            assert Counter(order) == Counter(question.options)

    def test_no_explanation_counts_options(self):
        """Explanations follow their options; they too must not speak of others by place."""
        place = re.compile(r"\b(first|second|third|last|previous|next) (option|answer)\b", re.I)
        found = [
            (question.page, option.text)
            for question in QUESTIONS
            for option in question.options
            if place.search(option.explanation)
        ]
        assert found == []
