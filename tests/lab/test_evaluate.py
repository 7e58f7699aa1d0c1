"""Judging an encoder changes nothing in it, and gives the numbers of known features."""

import pytest
import torch
from helpers import normal

from lesson_code.knn import knn_predict
from lesson_code.lab import Run, evaluate
from lesson_code.lab.data import Data, Split, load
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods import METHODS
from lesson_code.lab.trainer import Trainer

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits() -> Data:
    return load("digits")


def blobs(separable: bool) -> Data:
    """Images of one pixel row; the class is in it, or is not."""

    def split(count: int, seed: int) -> Split:
        labels = torch.arange(count) % 3
        images = 0.1 * normal(count, 1, 1, 3, seed=seed, dtype=torch.float32)
        if separable:
            images[torch.arange(count), 0, 0, labels] += 1.0
        return Split(images, labels)

    return Data("blobs", ("a", "b", "c"), split(90, 0), split(30, 1), split(60, 2))


def flat(images: torch.Tensor) -> torch.Tensor:
    return images.flatten(1)


def test_features_that_tell_the_class() -> None:
    assert evaluate.judge(flat, blobs(True)) == {"knn": 1.0, "linear": 1.0, "few": 1.0}


def test_features_that_do_not() -> None:
    measures = evaluate.judge(flat, blobs(False))
    assert all(0.1 < value < 0.6 for value in measures.values())


def test_the_split_is_the_one_asked_for() -> None:
    data = blobs(True)
    wrong = Split(data.test.images, (data.test.labels + 1) % 3)
    mixed = Data("mixed", data.classes, data.train, data.validation, wrong)
    assert evaluate.judge(flat, mixed, "test")["knn"] == 0.0
    assert evaluate.judge(flat, mixed, "validation")["knn"] == 1.0


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2048])
def test_chunks_are_the_whole(count) -> None:
    images = torch.arange(count, dtype=torch.float32).view(count, 1, 1, 1)
    assert torch.equal(evaluate.features(flat, images, CPU), flat(images))


def test_judging_keeps_no_graph_and_leaves_a_network_as_it_was() -> None:
    """Also of a network of one's own, with nobody's no_grad around it and left in training."""
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.BatchNorm1d(3))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert not evaluate.features(network, blobs(True).train.images, CPU).requires_grad
    assert not evaluate.features(network.forward, blobs(True).train.images, CPU).requires_grad
    network.load_state_dict(before)
    graphs = []
    network.register_forward_hook(lambda module, given, found: graphs.append(found.requires_grad))
    evaluate.judge(network, blobs(True))
    assert graphs and not any(graphs)
    assert network.training
    after = network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_features_are_float32_on_the_cpu() -> None:
    images = torch.zeros(3, 1, 2, 2)
    found = evaluate.features(lambda x: flat(x).bfloat16(), images, CPU)
    assert found.dtype == torch.float32


@pytest.mark.parametrize("name", METHODS)
def test_measuring_changes_neither_mode_nor_weights_nor_randomness(digits, name) -> None:
    options = {"teacher_steps": 1} if name == "distillation" else {}
    trainer = Trainer(Run(name, steps=1, batch=32, options=options), digits, Machine())
    list(trainer.fit())
    trainer.method.train()  # distillation rests its teacher in each step
    modes = [part.training for part in trainer.method.modules()]
    before = {key: value.clone() for key, value in trainer.method.state_dict().items()}
    random = torch.get_rng_state()
    trainer.measure()
    assert [part.training for part in trainer.method.modules()] == modes
    after = trainer.method.state_dict()
    assert all(torch.equal(value, before[key]) for key, value in after.items())
    assert torch.equal(torch.get_rng_state(), random)


def test_resting_comes_back_after_an_error() -> None:
    module = torch.nn.BatchNorm1d(2)
    with pytest.raises(KeyError), evaluate.resting(module):
        assert not module.training
        assert not torch.is_grad_enabled()
        raise KeyError
    assert module.training
    assert torch.is_grad_enabled()


def test_neighbors_on_the_way_are_training_images_alone(digits) -> None:
    """With queries in its bank a query finds itself, and everything is named right."""
    method = Trainer(Run("simclr", steps=1), digits, Machine()).method
    method.represent = flat
    train, held = digits.train, digits.validation
    # The one neighbor that there is has another label: nobody can be right.
    alone = Split(-held.images[:1], (held.labels[:1] + 1) % 10)
    queries = Split(held.images[:1], held.labels[:1])
    data = Data("two", digits.classes, alone, queries, queries)
    assert evaluate.neighbors(method, data, CPU) == 0.0
    # And of all, the accuracy is that of a vote of the training images, and not more.
    vote = knn_predict(flat(train.images), train.labels, flat(held.images), k=20)
    expected = (vote == held.labels).double().mean().item()
    assert evaluate.neighbors(method, digits, CPU) == pytest.approx(expected)
    assert expected < 1


def test_health_sees_collapse(digits) -> None:
    trainer = Trainer(Run("simclr", steps=1), digits, Machine())
    images = digits.train.images
    method = trainer.method
    method.embed = lambda x: torch.ones(len(x), 8)
    found = evaluate.health(method, images, [], CPU)
    assert found["std"] == pytest.approx(0, abs=1e-6)
    method.embed = lambda x: normal(len(x), 8, dtype=torch.float32)
    found = evaluate.health(method, images, [], CPU)
    assert found["std"] == pytest.approx(1, abs=0.05)
    assert found["rank"] == pytest.approx(8, abs=0.2)


def test_accuracy_is_for_classifiers_only(digits) -> None:
    supervised = Trainer(Run("supervised", steps=1), digits, Machine()).method
    found = evaluate.accuracy(supervised, digits.test, CPU)
    with torch.no_grad():
        guesses = supervised.eval().logits(digits.test.images).argmax(dim=1)
    assert found == pytest.approx((guesses == digits.test.labels).double().mean().item())
    simclr = Trainer(Run("simclr", steps=1), digits, Machine()).method
    assert evaluate.accuracy(simclr, digits.test, CPU) is None


def test_photographs_are_centered_before_they_are_judged() -> None:
    pytest.importorskip("torchvision")
    from lesson_code.lab.transforms import DEVIATION, MEAN

    photographs = torch.randint(0, 256, (3, 3, 16, 16), dtype=torch.uint8)
    found = evaluate.as_input(photographs)
    mean, deviation = (torch.tensor(x).view(1, 3, 1, 1) for x in (MEAN, DEVIATION))
    torch.testing.assert_close(found, (photographs / 255 - mean) / deviation)
    floats = torch.randn(2, 1, 8, 8)
    assert evaluate.as_input(floats) is floats
