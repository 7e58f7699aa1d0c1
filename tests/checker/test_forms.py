"""The forms in which people have their losses, the ways to call them, what a file leaves."""

import functools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import ema_update, simsiam_loss
from lesson_code.checker import check


def nt_xent(z_i, z_j, temperature):
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = (z @ z.T / temperature).fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_i)))


class Loss(nn.Module):
    def __init__(self, temperature=0.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, out0, out1):
        return nt_xent(out0, out1, self.temperature)


def of_axis(features, temperature):
    return nt_xent(features[:, 0], features[:, 1], temperature)


def with_labels(embeddings, labels, temperature):
    half = len(labels) // 2
    assert torch.equal(labels[:half], labels[half:])
    return nt_xent(*embeddings.chunk(2), temperature)


def of_views(*views, temperature=0.5):
    return nt_xent(*views, temperature)


@pytest.mark.parametrize(
    "candidate",
    [
        Loss,
        Loss(0.5),
        functools.partial(nt_xent, temperature=0.5),
        nt_xent,
        of_axis,
        with_labels,
        of_views,
        lambda feats, T: nt_xent(feats[::2], feats[1::2], T),
        lambda z1, z2, tau: {"loss": nt_xent(z1, z2, tau), "rows": len(z1)},
        lambda z1, z2, tau: (nt_xent(z1, z2, tau), z1),
        lambda z1, z2, tau, mode="train": nt_xent(z1.cuda(), z2.to("cuda"), tau),
    ],
)
def test_a_form_is_judged_and_what_is_wrong_in_it_is_found(candidate):
    verdict = check("simclr_loss", candidate)
    assert verdict.right, str(verdict)


def test_how_it_was_called_is_told_unless_by_exact_names():
    assert "features=both views, views on axis 1" in str(check("simclr_loss", of_axis))
    assert not check("simclr_loss", nt_xent).notes


@pytest.mark.parametrize(
    "names", ["online_net target_net", "source dest", "model model_ema", "a b"]
)
def test_networks_are_told_by_parts_of_names_or_tried(names):
    online, target = names.split()
    scope = {"ema_update": ema_update}
    exec(f"def f({online}, {target}, tau): ema_update({target}, {online}, tau)", scope)
    verdict = check("ema_update", scope["f"])
    assert verdict.right and f"{target}=target, {online}=online" in verdict.notes[0]
    if online not in ("a",):  # the same with the networks exchanged is no matter of names
        exec(f"def g({online}, {target}, tau): ema_update({online}, {target}, tau)", scope)
        assert check("ema_update", scope["g"]).names == ("ema-networks-swapped",)


def test_a_share_may_be_that_of_the_other_side():
    verdict = check("ema_update", lambda target, online, rate: ema_update(target, online, 1 - rate))
    assert verdict.right and "rate=1 - momentum" in verdict.notes[0]
    exact = check(
        "ema_update", lambda target, online, momentum: ema_update(target, online, 1 - momentum)
    )
    assert exact.names == ("ema-shares-swapped",)


def test_own_views_are_not_accepted_by_another_assignment():
    wrong = check("simsiam_loss", lambda p1, p2, z1, z2: 4 * simsiam_loss(p1, p2, z2, z1) + 2)
    assert wrong.names == ("simsiam-own-view",) and "times 4, plus 2" in wrong.message


def test_a_file_that_cannot_be_called_gets_three_lines():
    told = str(check("sinkhorn", lambda Q, nmb_iters: Q))
    assert "no place for epsilon" in told and "def sinkhorn(scores, epsilon=0.05" in told


def test_a_tensor_goes_into_no_parameter_with_a_default():
    verdict = check("simclr_loss", lambda z, labels=None, temperature=0.5: z.sum())
    assert "labels=" not in "".join(verdict.notes)


@pytest.mark.parametrize(
    "state",
    ["set_grad_enabled(False)", "set_default_dtype(torch.float64)", "set_default_device('meta')"],
)
def test_what_a_file_sets_is_set_back(write, state):
    body = "    n = len(a)\n    z = torch.nn.functional.normalize(torch.cat([a, b]))\n"
    body += "    s = (z @ z.T / t).fill_diagonal_(-torch.inf)\n"
    body += "    return torch.nn.functional.cross_entropy(s, torch.arange(2 * n).roll(n))\n"
    verdict = check("simclr_loss", write(f"import torch\ntorch.{state}\ndef f(a, b, t):\n{body}"))
    assert verdict.right, str(verdict)


def test_a_file_that_borrows_from_the_book_is_told_so(write):
    text = "import importlib\nf = importlib.import_module('lesson_code.simclr')\n"
    text += (
        "def simclr_loss(z_i, z_j, temperature=0.5): return f.simclr_loss(z_i, z_j, temperature)"
    )
    verdict = check("simclr_loss", write(text))
    assert verdict.status == "passed" and not verdict.right
    assert "does not count as solved" in str(verdict)


def test_training_below_the_function_is_left_out(write):
    text = "import torch\ndef simclr_loss(z_i, z_j, temperature):\n    return z_i.sum()\n"
    verdict = check("simclr_loss", write(f"%matplotlib inline\n{text}while True:\n    pass\n"))
    assert verdict.status == "unknown" and "line 5 and what follows" in verdict.notes[-1]


def test_an_error_without_a_text_and_a_file_without_an_end(write, tmp_path):
    text = "class E(Exception):\n    def __str__(self): raise ValueError\n"
    text += "def simclr_loss(z_i, z_j, temperature):\n    raise E\n"
    assert "cannot be read" in check("simclr_loss", write(text)).message
    loop = tmp_path / "loop.py"
    loop.symlink_to(loop)
    assert check("simclr_loss", loop).status == "broken"
