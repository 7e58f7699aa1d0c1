"""Lesson 1.2: views and invariances."""

import torch
from statements import about, cell, value

from answers.common import accuracy
from lesson_code import knn_predict
from lesson_code.lab.data import load

PAGE = "docs/module-1/1.2-views-and-invariances.md"
KEPT, TURNED = "l1_2/views_kept", "l1_2/views_six_nine"

half = about(
    PAGE,
    "An encoder gives a scan of a digit and its half turn the same features. What can nobody read "
    "off these, with all labels of the world?",
)


def told(labels_of_upright: bool) -> float:
    """How well invariant features tell upright scans from turned ones, or else the digits."""
    digits = load("digits")
    train, test = (
        torch.cat([part.images, part.images.rot90(2, (2, 3))])
        for part in (digits.train, digits.test)
    )
    same = [(one + one.rot90(2, (2, 3))).flatten(1) for one in (train, test)]
    if labels_of_upright:
        way, asked = (torch.arange(2).repeat_interleave(len(one) // 2) for one in same)
        return accuracy(knn_predict(same[0], way, same[1]), asked)
    known, asked = digits.train.labels.repeat(2), digits.test.labels.repeat(2)
    return accuracy(knn_predict(same[0], known, same[1]), asked)


@half.states("Whether it is a 6 or a 9")
def a_nine_is_taken_for_a_six_as_often_as_not() -> bool:
    return value(TURNED, "either_nine") > 0.4


@half.states("Whether the scan stands upright or on its head")
def upright_and_turned_are_told_by_guessing() -> bool:
    return abs(told(labels_of_upright=True) - 0.5) < 0.05


@half.states("Which digit it is")
def digits_are_told_by_guessing() -> bool:
    return told(labels_of_upright=False) < 0.3


carrot = about(
    PAGE, "Which view of a carrot leaves the fewest shortcuts, so that one must know the carrot?"
)


def best_reader(view: str) -> float:
    """What the best of the three simple readers finds."""
    readers = ("pixels", "mean color", "outline")
    return max(cell(KEPT, "views", view, reader) for reader in readers)


def fewest(view: str) -> bool:
    """Whether no reader finds this view as well as the best of each other kind."""
    others = {"mirrored", "gray", "another artist"} - {view}
    return best_reader(view) < min(best_reader(one) for one in others) - 0.1


@carrot.states("Its mirror image")
def the_mirror_image_has_the_fewest() -> bool:
    return fewest("mirrored")


@carrot.states("A gray copy")
def a_gray_copy_has_the_fewest() -> bool:
    return fewest("gray")


@carrot.states("The carrot as another artist draws it")
def another_artist_has_the_fewest() -> bool:
    return fewest("another artist")
