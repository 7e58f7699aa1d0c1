"""The probes on features whose accuracy is known, their invariances, their draws, bad input."""

import math

import pytest
import torch
from helpers import normal
from sklearn.datasets import load_digits

from lesson_code.lab.probes import draw_rows, few_label_probe, linear_probe


def blobs(n: int = 60, classes: int = 3, d: int = 4, spread: float = 0.1, seed: int = 0):
    """Well separated classes, in turn: features and labels."""
    labels = torch.arange(n) % classes
    centers = 3 * torch.eye(classes, d).double()
    return centers[labels] + spread * normal(n, d, seed=seed), labels


def noise(n: int = 60, classes: int = 3, d: int = 4, seed: int = 0):
    return normal(n, d, seed=seed), torch.arange(n) % classes


@pytest.fixture(scope="module")
def digits():
    """Train and test in the order of the writers, as the lab splits them."""
    data = load_digits()
    images = torch.tensor(data.data, dtype=torch.float32) / 16
    labels = torch.tensor(data.target, dtype=torch.int64)
    return images[:1297], labels[:1297], images[-500:], labels[-500:]


def test_separable_features_are_named_right() -> None:
    train, test = blobs(), blobs(30, seed=1)
    assert linear_probe(*train, *test) == 1.0
    assert few_label_probe(*train, *test) == 1.0


def test_noise_is_chance() -> None:
    train, test = noise(300, 2), noise(2000, 2, seed=1)
    assert linear_probe(*train, *test) == pytest.approx(0.5, abs=0.05)
    assert few_label_probe(*train, *test) == pytest.approx(0.5, abs=0.05)


def test_collapsed_features_are_the_largest_class() -> None:
    """Nothing varies: division by a deviation of zero must not end in NaN."""
    labels = torch.tensor([0, 1, 1, 1, 2, 2])
    one = torch.ones(6, 3)
    assert linear_probe(one, labels, one, labels) == pytest.approx(0.5)


def test_accuracy_is_that_of_the_test_set() -> None:
    """Labels of the test set are swapped for a quarter of it; the training set is fitted."""
    train, (features, labels) = blobs(), blobs(40, seed=1)
    wrong = labels.clone()
    wrong[:10] = (wrong[:10] + 1) % 3
    assert linear_probe(*train, features, wrong) == pytest.approx(0.75)
    assert few_label_probe(*train, features, wrong) == pytest.approx(0.75)


def test_raw_pixels_of_digits(digits) -> None:
    """Order of writers, all 1,297 labels; and with few labels it is worse."""
    linear, few = linear_probe(*digits), few_label_probe(*digits)
    assert linear == pytest.approx(0.92, abs=0.015)
    assert few == pytest.approx(0.81, abs=0.03)
    assert isinstance(linear, float) and isinstance(few, float)


def test_scale_and_offset_of_each_feature_do_not_matter(digits) -> None:
    """Standardized by the training set alone; the test set is moved by the same numbers."""
    train, train_labels, test, test_labels = (tensor[:400] for tensor in digits)
    reference = linear_probe(train, train_labels, test, test_labels)
    scale = normal(64, seed=1).exp().float()
    offset = normal(64, seed=2).float()
    moved = linear_probe(scale * train + offset, train_labels, scale * test + offset, test_labels)
    assert moved == pytest.approx(reference, abs=0.005)


def test_the_test_set_is_not_standardized_by_itself() -> None:
    """A test set of one class lies where that class was in training."""
    features, labels = blobs(40, seed=1)
    only = labels == 1
    assert linear_probe(*blobs(), features[only], labels[only]) == 1.0


def test_the_same_answer_every_time(digits) -> None:
    """Whatever the global random state is, and it is left alone."""
    small = [tensor[:200] for tensor in digits]
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = linear_probe(*small), few_label_probe(*small)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert (linear_probe(*small), few_label_probe(*small)) == first


def test_half_precision_and_graphs_are_accepted(digits) -> None:
    train, train_labels, test, test_labels = (tensor[:200] for tensor in digits)
    reference = linear_probe(train, train_labels, test, test_labels)
    half = linear_probe(train.half(), train_labels, test.bfloat16(), test_labels)
    assert half == pytest.approx(reference, abs=0.02)
    alive = linear_probe(train.clone().requires_grad_(), train_labels, test, test_labels)
    assert alive == reference


def test_a_draw_has_as_many_of_each_class_and_none_twice() -> None:
    labels = torch.tensor([0] * 5 + [3] * 50 + [7] * 9)
    rows = draw_rows(labels, 4, torch.Generator().manual_seed(0))
    assert labels[rows].tolist() == [0] * 4 + [3] * 4 + [7] * 4
    assert len(set(rows.tolist())) == 12


def test_every_image_is_drawn_alike() -> None:
    labels = torch.arange(20) % 2
    generator = torch.Generator().manual_seed(0)
    counts = torch.zeros(20)
    for _ in range(2000):
        counts[draw_rows(labels, 3, generator)] += 1
    assert (counts - 600).abs().max() < 100


def test_draws_depend_on_labels_and_seed_alone(monkeypatch) -> None:
    """Two networks are asked with the very same images; several draws differ."""
    from lesson_code.lab import probes

    seen: list[list[float]] = []

    def spy(features, labels, *_):
        seen.append(features[:, 0].tolist())
        return 0.25 * len(seen)

    monkeypatch.setattr(probes, "linear_probe", spy)
    labels = torch.arange(40) % 4
    rows = torch.arange(40.0)[:, None]
    mean = probes.few_label_probe(rows, labels, rows, labels, 3, 4)
    assert mean == pytest.approx((0.25 + 0.5 + 0.75 + 1) / 4)
    assert all(len(draw) == 12 for draw in seen) and len({tuple(draw) for draw in seen}) == 4
    probes.few_label_probe(rows, labels, rows[:9], labels[:9], 3, 4)
    assert seen[4:] == seen[:4]
    probes.few_label_probe(rows, labels, rows, labels, 3, 4, seed=1)
    assert seen[8:] != seen[:4]


GOOD = blobs(12)


@pytest.mark.parametrize("probe", [linear_probe, few_label_probe])
@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (0, torch.ones(4), "train_features must be a non-empty matrix"),
        (0, GOOD[0] * math.nan, "train_features must be finite"),
        (1, GOOD[1][:5], r"train_labels must have shape \(12,\)"),
        (1, GOOD[1] - 1, "train_labels must be from 0"),
        (1, torch.zeros(12, dtype=torch.int64), "train_labels must hold at least 2 classes"),
        (2, torch.ones(12, 5), "test_features must have 4 columns, got 5"),
        (2, GOOD[0] * math.inf, "test_features must be finite"),
        (3, GOOD[1][:, None], "test_labels must have shape"),
    ],
)
def test_bad_tensors_are_refused(probe, position, value, message) -> None:
    arguments = [*GOOD, *GOOD]
    arguments[position] = value
    extra = {"per_class": 2} if probe is few_label_probe else {}
    with pytest.raises(ValueError, match=f"^{message}"):
        probe(*arguments, **extra)


def test_bad_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="^per_class must be at most 4, the images of class 0"):
        few_label_probe(*GOOD, *GOOD, per_class=5)
    with pytest.raises(ValueError, match="^per_class must be a whole number above 0"):
        few_label_probe(*GOOD, *GOOD, per_class=0)
    with pytest.raises(ValueError, match="^draws must be a whole number above 0"):
        few_label_probe(*GOOD, *GOOD, per_class=2, draws=0)
