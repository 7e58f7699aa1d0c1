"""DINO as the lab trains it: its head, its crops, its center and its teacher."""

from typing import Any

import pytest
import torch
from torch import nn

from lesson_code.lab import Run
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods.dino import DINO, DINOSettings, make_head
from lesson_code.lab.trainer import Trainer


def test_the_heads_first_weights_fit_their_layers() -> None:
    """Unless another size is asked for: one over the root of the inputs."""
    torch.manual_seed(0)
    for std, expected in ((None, [64**-0.5, 128**-0.5, 128**-0.5]), (0.02, [0.02] * 3)):
        head = make_head(64, DINOSettings(head_std=std))
        layers = [layer for layer in head.mlp if isinstance(layer, nn.Linear)]
        assert [layer.weight.std().item() for layer in layers] == pytest.approx(expected, rel=0.05)
        assert all(layer.bias.abs().max() == 0 for layer in layers)


def made(**options: Any) -> DINO:
    """A method with the given settings."""
    method = DINO.build(Run("dino", options=options), load("digits"))
    assert isinstance(method, DINO)
    return method


def test_the_student_sees_all_crops_and_the_teacher_two() -> None:
    """Local crops have their size; the teacher's outputs are those of the first two."""
    trainer = Trainer(
        Run("dino", batch=32, options={"local_crops": 2, "local_size": 4}),
        load("digits"),
        Machine(),
    )
    views, _ = next(trainer.batches())
    assert [tuple(one.shape[2:]) for one in views] == [(8, 8), (8, 8), (4, 4), (4, 4)]
    assert isinstance(trainer.method, DINO)
    assert len(trainer.method.taught(views)) == 2


def test_the_center_serves_the_next_step() -> None:
    """It moves after the loss, in training only, and only where it is used."""
    method, views = made(), [torch.randn(32, 1, 8, 8) for _ in range(2)]
    labels = torch.zeros(32, dtype=torch.long)
    method.eval()(views, labels)
    assert method.centering.center.abs().max() == 0
    method.train()(views, labels)
    teacher = torch.cat(method.taught(views))
    torch.testing.assert_close(method.centering.center, 0.1 * teacher.mean(dim=0, keepdim=True))
    bare = made(centering=False)
    bare.train()(views, labels)
    assert bare.center is None
    assert bare.centering.center.abs().max() == 0


def test_a_teacher_without_momentum_is_a_copy() -> None:
    """After each step it has the student's weights."""
    method = made(momentum=None)
    with torch.no_grad():
        for parameter in method.student.parameters():
            parameter.add_(0.1)
    method.after_step(1, 10)
    pairs = zip(method.teacher.parameters(), method.student.parameters(), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in pairs)
