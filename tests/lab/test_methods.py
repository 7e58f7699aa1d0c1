"""What every method promises the trainer, and that each ablation takes away what it says."""

import dataclasses
import inspect
import subprocess
import sys

import pytest
import torch

from lesson_code import (
    barlow_twins_loss,
    ema_update,
    regression_loss,
    simclr_loss,
    simsiam_loss,
    swav_loss,
    vicreg_loss,
)
from lesson_code.lab import LabError, Run
from lesson_code.lab.augment import recipe
from lesson_code.lab.data import load
from lesson_code.lab.methods import METHODS, method
from lesson_code.lab.methods.base import check_settings
from lesson_code.lab.trainer import train_alone


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def built(name: str, data, **options):
    torch.manual_seed(0)
    return METHODS[name].build(Run(name, options=options), data)


def views_of(one, data, count: int = 32):
    draws = torch.Generator().manual_seed(0)
    views = one.draw(data.train.images[:count], recipe("full", 1), draws)
    return views, data.train.labels[:count]


@pytest.mark.parametrize("name", METHODS)
def test_each_method_keeps_its_promises(digits, name) -> None:
    one = built(name, digits)
    views, labels = views_of(one, digits)
    assert len(views) == one.views
    one.before_step()
    loss = one(views, labels)
    assert loss.shape == ()
    loss.backward()
    trained = [p for group in one.groups(0.1) for p in group["params"]]
    assert len({id(p) for p in trained}) == len(trained)
    assert {id(p) for p in trained} == {id(p) for p in one.parameters() if p.requires_grad}
    # MAE drops the class token in the end, but patches attend to it: all has a gradient.
    assert all(p.grad is not None for p in trained)
    assert all(p.grad is None for p in one.parameters() if not p.requires_grad)
    one.after_step(1, 2)
    one.eval()
    with torch.no_grad():
        assert one.represent(views[0]).shape == (32, one.features)
        assert len(one.embed(views[0])) == 32


@pytest.mark.parametrize("name", METHODS)
def test_looking_changes_nothing(digits, name) -> None:
    one = built(name, digits).eval()
    before = {key: value.clone() for key, value in one.state_dict().items()}
    views, _ = views_of(one, digits)
    with torch.no_grad():
        one.represent(views[0])
        one.embed(views[0])
        one.watch(views)
    assert all(torch.equal(value, before[key]) for key, value in one.state_dict().items())


@pytest.mark.parametrize("name", METHODS)
def test_settings_are_described(name) -> None:
    """Each has its line in the docstring, a usual value, and passes its own check."""
    kind = method(name).Settings
    check_settings(kind())
    for field in dataclasses.fields(kind):
        assert f"    {field.name}: " in inspect.getdoc(kind)  # 3.13 takes off its indent


def test_a_setting_may_be_none_where_it_says_so() -> None:
    made = method("byol").settings_of(Run("byol", options={"momentum": None}))
    assert made.momentum is None


def test_a_method_is_imported_when_it_is_wanted() -> None:
    """A run depends on its own method, so a change in another one concerns it not."""
    code = (
        "import sys; from lesson_code.lab.methods import METHODS; import lesson_code.lab;"
        "known = lambda: {m for m in sys.modules if m.startswith('lesson_code.lab.methods.')};"
        "before = known(); assert 'swav' in METHODS and len(list(METHODS)) == 11;"
        "assert known() == before; METHODS['swav']; print(*sorted(before), '|', *known() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    base, clustering = (f"lesson_code.lab.methods.{name}" for name in ("base", "clustering"))
    assert done.stdout.split() == [base, "|", clustering]


LOSSES = {
    "simclr": lambda z_1, z_2: simclr_loss(z_1, z_2, 0.5),
    "barlow": lambda z_1, z_2: barlow_twins_loss(z_1, z_2, 0.01),
    "vicreg": vicreg_loss,
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_the_published_one(digits, name) -> None:
    one = built(name, digits)
    views, labels = views_of(one, digits)
    expected = LOSSES[name](*(one.embed(images) for images in views))
    torch.testing.assert_close(one(views, labels), expected)


def test_the_loss_of_swav(digits) -> None:
    one = built("swav", digits)
    views, labels = views_of(one, digits)
    one.before_step()
    lengths = one.prototypes.weight.norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))
    torch.testing.assert_close(one(views, labels), swav_loss(*map(one.scores, views)))
    assert one.scores(views[0]).abs().max() <= 1 + 1e-6


def test_the_loss_of_byol_and_simsiam(digits) -> None:
    byol = built("byol", digits)
    views, labels = views_of(byol, digits)
    p_1, p_2 = (byol.predictor(byol.embed(v)) for v in views)
    z_1, z_2 = (byol.target(v) for v in views)
    expected = (regression_loss(p_1, z_2) + regression_loss(p_2, z_1)) / 2
    torch.testing.assert_close(byol(views, labels), expected)
    simsiam = built("simsiam", digits)
    z_1, z_2 = map(simsiam.embed, views)
    expected = simsiam_loss(simsiam.predictor(z_1), simsiam.predictor(z_2), z_1, z_2)
    torch.testing.assert_close(simsiam(views, labels), expected)


def test_slow_copies_follow(digits) -> None:
    for name, slow, fast in (("byol", "target", "online"), ("dino", "teacher", "student")):
        one = built(name, digits)
        with torch.no_grad():
            for parameter in one.encoder.parameters():
                parameter.add_(1.0)
        by_hand = built(name, digits)
        ema_update(getattr(by_hand, slow), getattr(one, fast), 0.97)
        one.after_step(0, 100)
        slow_now = getattr(one, slow).state_dict()
        for key, value in getattr(by_hand, slow).state_dict().items():
            torch.testing.assert_close(slow_now[key], value)
        one.after_step(100, 100)  # the momentum has risen to 1
        for key, value in getattr(one, slow).named_parameters():
            assert torch.equal(value, slow_now[key])


def test_local_crops(digits) -> None:
    one = built("dino", digits, local_crops=2, local_size=5)
    views, labels = views_of(one, digits)
    assert [view.shape[2] for view in views] == [8, 8, 5, 5]
    one(views, labels).backward()
    big = built("dino", digits, local_crops=1, local_size=9)
    with pytest.raises(LabError, match="local_size must be at most 8, got 9"):
        views_of(big, digits)


def test_stop_gradient(digits) -> None:
    """Without it the target passes a gradient: the loss falls from both sides."""
    for name, options in (("byol", {"momentum": None}), ("simsiam", {})):
        grads = []
        for stop in (True, False):
            one = built(name, digits, stop_gradient=stop, **options)
            views, labels = views_of(one, digits)
            loss = one(views, labels)
            loss.backward()
            grads.append((loss.item(), next(one.encoder.parameters()).grad))
        assert grads[0][0] == pytest.approx(grads[1][0], abs=1e-6)
        assert not torch.allclose(grads[0][1], grads[1][1])


def test_pieces_taken_out(digits) -> None:
    def norms(one) -> int:
        return sum("BatchNorm" in type(part).__name__ for part in one.modules())

    byol = built("byol", digits)
    assert norms(built("byol", digits, head_norm=False)) == norms(byol) - 3
    assert norms(built("byol", digits, head_norm=False, norm=False)) == 0
    assert isinstance(built("byol", digits, predictor=False).predictor, torch.nn.Identity)
    assert built("byol", digits, momentum=None).target is None
    simsiam = built("simsiam", digits)
    assert norms(built("simsiam", digits, output_norm=False)) == norms(simsiam) - 1
    rates = [group["lr"] for group in built("byol", digits, predictor_lr=10.0).groups(0.1)]
    assert rates == [0.1, 1.0]
    with pytest.raises(LabError, match="stop_gradient=False needs momentum=None"):
        built("byol", digits, stop_gradient=False)


def test_moco_moves_its_queue(digits) -> None:
    one = built("moco", digits, queue=64)
    views, labels = views_of(one, digits)
    before = one.moco.queue.clone()
    one(views, labels)
    assert not torch.equal(one.moco.queue[:, :32], before[:, :32])
    assert torch.equal(one.moco.queue[:, 32:], before[:, 32:])


def test_mae_paints_only_what_it_did_not_see(digits) -> None:
    one = built("mae", digits)
    images = digits.train.images[:8]
    torch.manual_seed(3)
    painted, mask = one.paint(images)
    assert painted.shape == (8, 16, 4)
    assert mask.sum(dim=1).tolist() == [12] * 8
    changed = images.clone()
    hidden = mask.view(8, 4, 4).repeat_interleave(2, 1).repeat_interleave(2, 2)[:, None]
    changed[hidden] += 1.0
    torch.manual_seed(3)
    again, _ = one.paint(changed)
    assert torch.equal(again, painted)


def test_distillation_keeps_its_teacher(digits) -> None:
    one = built("distillation", digits, teacher_steps=2)
    one.prepare(Run("distillation", options={"teacher_steps": 2}), digits, "cpu", train_alone)
    before = {key: value.clone() for key, value in one.teacher.state_dict().items()}
    views, labels = views_of(one, digits)
    one.train()(views, labels).backward()
    assert all(torch.equal(value, before[key]) for key, value in one.teacher.state_dict().items())
    assert one.teacher.encoder.features == 96


def test_a_student_begins_from_its_seed_whatever_its_teacher(digits) -> None:
    first, second = (built("distillation", digits, teacher_width=width) for width in (8, 24))
    for a, b in zip(first.encoder.parameters(), second.encoder.parameters()):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("simclr", {"temperature": 0.0}, "temperature must be a finite number above 0, got 0.0"),
        ("simclr", {"temperature": "hot"}, "temperature must be a number, got 'hot'"),
        ("simclr", {"norm": 1}, "norm must be True or False, got 1"),
        ("moco", {"queue": 0}, "queue must be a whole number above 0, got 0"),
        ("moco", {"momentum": 2}, "momentum must be from 0 to 1, got 2"),
        ("moco", {"momentum": None}, "momentum must be a number, got None"),
        ("mae", {"mask_ratio": 2}, "mask_ratio must be from 0 to 1, got 2"),
        ("dino", {"local_crops": -1}, "local_crops must be 0 or more, got -1"),
        ("dino", {"outputs": 1.5}, "outputs must be a whole number above 0, got 1.5"),
        ("dino", {"pool": "max"}, "no pool 'max'"),
        ("distillation", {"teacher_steps": 0}, "teacher_steps must be a whole number above 0"),
        ("distillation", {"alpha": 1.5}, "alpha must be from 0 to 1, got 1.5"),
        ("vicreg", {"variance": -1.0}, "variance must be 0 or more, got -1.0"),
        ("swav", {"prototype": 3}, "no setting of swav 'prototype'; did you mean prototypes"),
        ("byol", {"momentum": 1.5}, "momentum must be"),
        ("byol", {"predictor": 1}, "predictor must be True or False, got 1"),
        ("byol", {"predictor_lr": -1.0}, "predictor_lr must be 0 or more, got -1.0"),
        ("swav", {"prototypes": 0}, "prototypes must be"),
        ("swav", {"epsilon": 0.0}, "epsilon must be"),
        ("swav", {"temperature": True}, "temperature must be a number, got True"),
        ("dino", {"start": "evn"}, "no start 'evn'; did you mean even"),
        ("dino", {"pool": 3}, "pool must be a word, got 3"),
        ("dino", {"head_std": float("nan")}, "head_std must be 0 or more, got nan"),
    ],
)
def test_bad_settings_are_named(digits, name, options, message) -> None:
    with pytest.raises((ValueError, LabError)) as caught:
        built(name, digits, **options)
    assert message in str(caught.value)


def test_unknown_method() -> None:
    with pytest.raises(LabError, match="no method 'dinno'; did you mean dino"):
        method("dinno")
