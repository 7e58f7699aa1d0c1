"""What the page on representations says: exact for pixels, with wide margins for training."""

import pytest
import torch

from lesson_code.examples.lab import leakage
from lesson_code.knn import knn_predict
from lesson_code.lab import Run, train
from lesson_code.lab.data import load
from lesson_code.lab.data.digits import shuffled_digits, strokes
from lesson_code.lab.evaluate import judge
from lesson_code.lab.study import raw_pixels, untrained_network


def accuracies(data) -> dict[str, float]:
    return judge(lambda images: images.flatten(1), data)


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


def test_few_labels_are_where_training_shows() -> None:
    """After 60 steps SimCLR beats pixels and its own start with few labels, not by k-NN."""
    learned = train(Run("simclr", steps=60, batch=128)).record.measures
    pixels = raw_pixels("digits")
    start = untrained_network(Run("simclr", batch=128))
    assert learned["few"] > pixels["few"] + 0.03
    assert learned["few"] > start["few"] + 0.06
    assert learned["knn"] < pixels["knn"] + 0.02


def test_a_random_transformer_is_far_below_a_random_cnn() -> None:
    cnn = untrained_network(Run("supervised"), gathered=False)
    vit = untrained_network(Run("mae"), gathered=False)
    assert vit["knn"] < cnn["knn"] - 0.2
    assert vit["few"] < cnn["few"] - 0.2


# The leak


def test_the_lab_holds_out_the_last_block() -> None:
    turned, usual = leakage.held_out(leakage.STARTS[0]), load("digits")
    for part in ("train", "validation", "test"):
        mine, theirs = getattr(turned, part), getattr(usual, part)
        assert torch.equal(mine.images, theirs.images)
        assert torch.equal(mine.labels, theirs.labels)


@pytest.mark.parametrize("start", leakage.STARTS)
def test_a_held_out_block_is_in_one_piece(start: int) -> None:
    """All images once, the block last, what stands before it in the file for validation."""
    _, labels = strokes()
    data = leakage.held_out(start)
    assert torch.equal(data.test.labels, labels[start : start + 500])
    before = torch.cat([labels, labels])[start + len(labels) - 200 : start + len(labels)]
    assert torch.equal(data.validation.labels, before)
    parts = [part.images for part in (data.train, data.validation, data.test)]
    every = torch.cat(parts).flatten(1).double()
    usual = load("digits")
    whole = torch.cat([usual.train.images, usual.validation.images, usual.test.images])
    assert torch.allclose(every.sum(0), whole.flatten(1).double().sum(0))


def test_the_worst_shuffle_is_easier_than_the_best_block() -> None:
    """k-NN on pixels, and the shuffle leaves at most two thirds of the errors."""
    blocks = [accuracies(leakage.held_out(start)) for start in leakage.STARTS]
    shuffles = [accuracies(shuffled_digits(seed)) for seed in range(3)]
    for key in ("knn", "linear"):
        assert min(one[key] for one in shuffles) > max(one[key] for one in blocks)
        block, shuffle = (sum(1 - x[key] for x in some) / len(some) for some in (blocks, shuffles))
        assert shuffle < 2 / 3 * block


def test_pixels_of_every_split_exactly() -> None:
    knn = [accuracies(leakage.held_out(start))["knn"] for start in leakage.STARTS]
    assert knn == pytest.approx([0.956, 0.968, 0.95, 0.944], abs=1e-9)


def test_neighbors_in_the_file_are_of_one_hand() -> None:
    traces = leakage.file_order()
    assert traces["form"] > 0.5
    assert traces["near"] > 5 * traces["near_chance"]


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
