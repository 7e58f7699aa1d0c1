"""The distillation laboratory: one teacher for many students, and three experiments."""

from dataclasses import replace

import pytest
import torch

from lesson_code.examples.lab import distillation_learns as lab
from lesson_code.examples.lab.omitted_digit import best_bias, hits
from lesson_code.lab.data import Data, Split, load
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods import distillation
from lesson_code.lab.methods.distillation import taught, teacher_of
from lesson_code.lab.run import Run
from lesson_code.lab.study import gains
from lesson_code.lab.trainer import Trainer, train_alone

SHORT = {"teacher_steps": 2}


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture(autouse=True)
def empty_memory(monkeypatch):
    monkeypatch.setattr(distillation, "_teachers", {})


def student(steps=3, options=SHORT, **others):
    return Run("distillation", steps=steps, width=4, options=options, **others)


@pytest.fixture
def trained():
    """The runs of the teachers that were trained."""
    return []


@pytest.fixture
def counted(trained):
    def count(run, data, device):
        trained.append(run)
        return train_alone(run, data, device)

    return count


def test_hard_labels_are_the_same_loop_with_alpha_0(data):
    few = {"images": 100, "augmentation": "none", "steps": 8, "width": 4}
    hard = train_alone(Run("distillation", options={"alpha": 0.0, **SHORT}, **few), data)
    plain = train_alone(Run("supervised", **few), data)
    weights = hard.state_dict()
    for name, tensor in plain.state_dict().items():
        assert torch.equal(weights[name], tensor), name


def test_all_students_of_a_seed_share_one_teacher(data, trained, counted):
    for options in ({"alpha": 0.0}, {"temperature": 2.0}, {"temperature": 8.0}):
        Trainer(student(options={**options, **SHORT}), data, Machine()).method.prepare(
            student(options={**options, **SHORT}), data, "cpu", counted
        )
    assert len(trained) == 1
    for other in (student(seed=1), student(options={"teacher_steps": 3})):
        taught(teacher_of(other), data, "cpu", counted)
    assert len(trained) == 3


def test_another_data_set_has_another_teacher(data, trained, counted):
    run = teacher_of(student())
    half = Split(data.train.images[:600], data.train.labels[:600])
    for one in (data, Data(data.name, data.classes, half, data.validation, data.test)):
        taught(run, one, "cpu", counted)
        taught(run, one, "cpu", counted)
    assert len(trained) == 2


def test_teachers_of_photographs_are_not_remembered(data, monkeypatch):
    monkeypatch.setattr(distillation, "_teachers", {})
    split = Split(data.train.images.to(torch.uint8), data.train.labels)
    photographs = Data("photographs", data.classes, split, split, split)
    for known, count in ((photographs, 0), (data, 1)):
        taught(teacher_of(student()), known, "cpu", lambda *_: torch.nn.Linear(1, 1))
        assert len(distillation._teachers) == count


def test_only_so_many_teachers_are_remembered(data, monkeypatch):
    monkeypatch.setattr(distillation, "REMEMBERED", 1)
    for seed in (0, 1):
        taught(teacher_of(student(seed=seed)), data, "cpu", train_alone)
    (key,) = distillation._teachers
    assert "seed=1" in key[0]


def test_a_teacher_knows_nothing_of_its_student():
    plain = teacher_of(student())
    others = student(
        images=50,
        omit=(3,),
        augmentation="none",
        batch=64,
        lr=0.5,
        options={"alpha": 0.3, "temperature": 9.0, **SHORT},
    )
    assert teacher_of(others) == plain
    assert (plain.method, plain.width, plain.images, plain.omit) == ("supervised", 24, None, ())
    assert plain.augmentation is None


def test_a_teacher_leaves_the_random_numbers_alone(data):
    before = torch.get_rng_state()
    taught(teacher_of(student()), data, "cpu", train_alone)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_remembered_teacher_teaches_as_a_fresh_one(data):
    first, second = (train_alone(student(), data).state_dict() for _ in range(2))
    assert len(distillation._teachers) == 1
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_students_do_not_change_their_teacher(data):
    kept = {
        name: tensor.clone()
        for name, tensor in taught(teacher_of(student()), data, "cpu", train_alone).items()
    }
    trained = train_alone(student(steps=5), data).get_submodule("teacher").state_dict()
    again = taught(teacher_of(student()), data, "cpu", train_alone)
    for name, tensor in kept.items():
        assert torch.equal(trained[name], tensor), name
        assert torch.equal(again[name], tensor), name


def test_a_student_sees_only_the_images_it_is_given(data):
    run = student(images=100, augmentation="none")
    views, labels = next(Trainer(run, data, Machine()).batches())
    assert views[0].shape[0] == 100
    seen = {tuple(image.flatten().tolist()) for image in views[0]}
    assert seen == {tuple(image.flatten().tolist()) for image in data.train.images[:100]}
    assert labels.bincount().tolist() == data.train.labels[:100].bincount().tolist()
    for _, labels in Trainer(student(steps=9, omit=(3,)), data, Machine()).batches():
        assert 3 not in labels


def test_gains_are_paired():
    assert gains([0.5, 0.75], [0.25, 1.0]) == [0.25, -0.25]


def test_the_best_bias_lies_in_the_middle_of_the_best():
    logits = torch.zeros(2, 10)
    logits[0, 1], logits[1, 1] = 4.1, 6.1  # right as a 3; right as a 1
    labels = torch.tensor([3, 1])
    assert best_bias(logits, labels) == 5.25  # 4.25 to 6.0 name both right
    assert hits(logits, labels, 5.25).tolist() == [True, True]
    assert hits(logits, labels, 0.0).tolist() == [False, True]


def test_a_student_of_opinions_shares_the_teacher_of_its_draw_and_sees_no_label(monkeypatch):
    seen = []

    def spy(run, data):
        seen.append((run, data.train.digest))
        return train_alone(replace(run, steps=1, width=4, options={**run.options, **SHORT}), data)

    monkeypatch.setattr(lab, "train_alone", spy)
    accuracies = iter([0.5, 0.7, 0.5, 0.6])
    monkeypatch.setattr(lab.study, "accuracy_of", lambda method, data: next(accuracies))
    values = lab.measure((0, 1)).values
    assert values["mean_gain"] == pytest.approx(0.15) and values["least_gain"] == pytest.approx(0.1)
    for labeled, opinions in (seen[:2], seen[2:]):
        assert labeled[0].options["alpha"] == 0 and labeled[0].images == 100
        assert opinions[0].options["alpha"] == 1 and opinions[0].images is None
        assert teacher_of(labeled[0]) == teacher_of(opinions[0]) and labeled[1] == opinions[1]
    assert seen[0][1] != seen[2][1]
