"""What the page on representations says: exact for pixels, with wide margins for training."""

import pytest
import torch

from lesson_code.examples.lab import leakage
from lesson_code.knn import knn_predict
from lesson_code.lab.data import digits, standardize
from lesson_code.lab.data.digits import forms, strokes
from lesson_code.lab.study import raw_pixels

# Pixels have no chance in them. These numbers agree on 1 and 2 threads and with other kernels.


@pytest.mark.parametrize(
    ("split", "knn", "linear", "few"),
    [("test", 478 / 500, 460 / 500, 0.8028), ("validation", 192 / 200, 192 / 200, 0.834)],
)
def test_raw_pixels_exactly(split: str, knn: float, linear: float, few: float) -> None:
    found = raw_pixels("digits", split)
    assert found == pytest.approx({"knn": knn, "linear": linear, "few": few}, abs=1e-9)


def test_more_threads_change_nothing_about_pixels() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two = raw_pixels("digits")
        torch.set_num_threads(1)
        assert two == raw_pixels("digits")
    finally:
        torch.set_num_threads(threads)


# The leak


def test_each_form_begins_with_the_digits_in_order() -> None:
    """Three times 0 to 9, of which some forms lack a few; nowhere else in the file."""
    _, labels = strokes()
    order = torch.arange(10).repeat(2)

    def agree(start: int) -> int:
        return int((labels[start : start + 20] == order).sum())

    starts = {place for place in range(len(labels) - 20) if agree(place) >= 17}
    near = {min(digits.FORMS, key=lambda form: abs(form - place)) for place in starts}
    assert set(digits.FORMS) - near <= {1545}
    assert all(min(abs(place - form) for form in digits.FORMS) in (0, 10) for place in starts)
    assert agree(1545) >= 10
    assert forms().bincount().tolist()[0] == 130 and len(forms()) == len(labels)


def test_the_forms_of_the_labs_own_split() -> None:
    """Training and test share none; validation shares one with each."""
    parts = forms()[:1097], forms()[1097:1297], forms()[1297:]
    train, validation, test = ({*part.tolist()} for part in parts)
    assert not train & test
    assert (train & validation, validation & test) == ({8}, {10})


@pytest.mark.parametrize("fold", range(len(leakage.FOLDS)))
def test_no_form_is_in_two_parts(fold: int) -> None:
    """And all images are in one; each form is tested once over the folds."""
    data = leakage.held_out(fold)
    ink, _ = strokes()
    assert len(data.train) + len(data.validation) + len(data.test) == len(ink)
    images = standardize(ink.unsqueeze(1).float() / 16)
    chosen = torch.isin(forms(), torch.tensor(leakage.FOLDS[fold]))
    assert torch.equal(data.test.images, images[chosen])
    before = forms() == (leakage.FOLDS[fold][0] - 1) % 14
    assert torch.equal(data.validation.images, images[before])
    assert sorted(sum(leakage.FOLDS, ())) == list(range(14))


def test_the_order_of_the_file_is_in_its_images_too() -> None:
    """An oracle for ``near``: the nearest neighbor by k-NN, one image at a time."""
    ink, _ = strokes()
    x = ink.flatten(1).float()
    x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
    near, places = 0, torch.arange(len(x))
    for place in range(0, len(x), 20):
        others = places[places != place]
        found = int(knn_predict(x[others], others, x[place : place + 1], k=1))
        near += abs(found - place) <= leakage.NEAR
    assert near / 90 == pytest.approx(leakage.file_order()["near"], abs=0.12)
