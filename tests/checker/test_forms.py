"""The forms in which people have their losses, the ways to call them, what a file leaves."""

import functools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import DINOHead, ema_update, multi_crop_dino_loss, simclr_loss, simsiam_loss
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


def timed(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@timed
def behind(z_i, z_j, tau=0.5):
    return nt_xent(z_i, z_j, tau)


def spread(*args, **kwargs):
    one, two = args
    return nt_xent(one, two, kwargs.get("tau", 0.5))


def named(**batch):
    return nt_xent(batch["z_i"], batch["z_j"], batch.pop("T"))


def maker(tau):
    def loss(z_i, z_j):
        return nt_xent(z_i, z_j, tau)

    return loss


async def later(z_i, z_j, tau):
    return nt_xent(z_i, z_j, tau)


def halved(z_i, z_j, tau):
    return nt_xent(z_i.half(), z_j.to(torch.float16), tau)


def cast(z_i, z_j, tau):
    with torch.autocast("cpu"):
        return nt_xent(z_i, z_j, tau)


@pytest.mark.parametrize("form", [behind, spread, named, maker, later, halved, cast])
def test_what_a_signature_hides_is_judged_right_or_wrong(form, monkeypatch):
    verdict = check("simclr_loss", form)
    assert verdict.right, str(verdict)
    told = "half precision, and was judged as in float32" in str(verdict)
    assert told == (form in (halved, cast))
    monkeypatch.setitem(globals(), "nt_xent", lambda a, b, t: simclr_loss(a, b, t * t))
    assert not check("simclr_loss", form).right
    if form is halved:
        monkeypatch.setitem(globals(), "nt_xent", lambda a, b, t: (9e4 * a).sum() + b.sum() * t)
        assert "half precision" not in str(check("simclr_loss", form))


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


class Centered(nn.Module):
    """As official code has it: the center is a buffer, the temperature a list by epochs."""

    def __init__(
        self, out_dim, ncrops, warmup_teacher_temp, teacher_temp, nepochs, student_temp=0.1
    ):
        super().__init__()
        self.student_temp, self.ncrops = student_temp, ncrops
        self.register_buffer("center", torch.zeros(1, out_dim))
        self.temperatures = nepochs * [teacher_temp]

    def forward(self, student_output, teacher_output, epoch):
        students = (student_output / self.student_temp).chunk(self.ncrops)
        temperature = self.temperatures[epoch]
        teachers = F.softmax((teacher_output - self.center) / temperature, dim=1)
        losses = [
            -(t * F.log_softmax(s, dim=1)).sum(dim=1).mean()
            for i, t in enumerate(teachers.detach().chunk(2))
            for v, s in enumerate(students)
            if self.keeps(i, v)
        ]
        self.center = 0.9 * self.center + 0.1 * teacher_output.mean(dim=0, keepdim=True)
        return sum(losses) / len(losses)

    def keeps(self, i, v):
        return i != v


class KeepsAll(Centered):
    def keeps(self, i, v):
        return True


def test_crops_in_one_tensor_and_a_center_held_inside():
    verdict = check("multi_crop_dino_loss", Centered)
    assert verdict.right, str(verdict)
    assert check("multi_crop_dino_loss", KeepsAll).names == ("crops-same-pairs-kept",)


def dino(student, teacher, center, student_temp, teacher_temp):
    targets = F.softmax((teacher.detach() - center) / teacher_temp, dim=1)
    return -(targets * F.log_softmax(student / student_temp, dim=1)).sum(dim=1).mean()


def test_a_center_that_is_always_asked_for_is_zero_where_there_is_none():
    assert check("dino_loss", dino).right
    added = check("dino_loss", lambda s, t, center, tps, tpt: dino(s, t, -center, tps, tpt))
    assert added.names == ("dino-center-added",)


def soft(y_s, y_t, T):
    log_s, p_t = F.log_softmax(y_s / T, dim=1), F.softmax(y_t.detach() / T, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean") * T**2


def of_params(outputs, labels, teacher_outputs, params):
    hard = (1 - params.alpha) * F.cross_entropy(outputs, labels)
    return params.alpha * soft(outputs, teacher_outputs, params.temperature) + hard


def test_settings_of_a_parser_are_those_of_the_call():
    verdict = check("knowledge_distillation_loss", of_params)
    assert verdict.right and "params=..." in verdict.notes[0]
    hard = check("knowledge_distillation_loss", lambda s, t, y, args: of_params(s, y, t, args) / 2)
    assert "times 0.5" in hard.message
    unknown = check("knowledge_distillation_loss", lambda s, t, y, args: s.sum() * args.bits)
    assert "asks its settings for `bits`" in str(unknown)


def test_a_soft_term_alone_is_judged_where_there_are_no_labels():
    verdict = check("knowledge_distillation_loss", soft)
    assert verdict.right and "has no place for labels" in " ".join(verdict.remarks)
    wrong = check("knowledge_distillation_loss", lambda y_s, y_t, T: soft(y_s, y_t, T) / T**2)
    assert "kd-t-squared-forgotten" in wrong.names


def test_a_weight_of_the_hard_term_is_told_by_a_small_default_and_not_by_a_large_one():
    def keras(student, teacher, labels, alpha=0.1, T=3.0):
        hard = F.cross_entropy(student, labels)
        return alpha * hard + (1 - alpha) * soft(student, teacher, T)

    def slip(student, teacher, labels, alpha=0.7, T=3.0):
        return keras(student, teacher, labels, alpha, T)

    assert check("knowledge_distillation_loss", keras).right
    assert check("knowledge_distillation_loss", slip).names == ("kd-weights-swapped",)
    swapped = check("ema_update", lambda t, s, alpha=0.999: ema_update(t, s, 1 - alpha))
    assert not swapped.right


class Holder:
    def patches(self, x):
        return x

    def nt_xent(self, z1, z2, tau=0.5):
        return nt_xent(self.patches(z1), z2, tau)


def test_of_several_methods_the_one_that_fits_is_asked():
    assert check("simclr_loss", Holder).right


def test_a_batch_size_is_no_view():
    def of_size(features, batch_size, n_views, temperature):
        assert len(features) == n_views * batch_size
        return nt_xent(*features.chunk(2), temperature)

    assert check("simclr_loss", of_size).right


def test_what_stands_outside_of_a_function_is_a_setting(write):
    text = "import torch, argparse, torch.distributed as dist\n"
    text += "args = argparse.Namespace(epsilon=0.05, sinkhorn_iterations=3)\n"
    text += "@torch.no_grad()\ndef distributed_sinkhorn(out):\n"
    text += "    Q = torch.exp(out / args.epsilon).t()\n    K, B = Q.shape\n"
    text += "    B *= dist.get_world_size()\n"
    text += "    for _ in range(args.sinkhorn_iterations):\n"
    text += "        rows = Q.sum(dim=1, keepdim=True)\n        dist.all_reduce(rows)\n"
    text += "        Q = Q / rows / K\n        Q = Q / Q.sum(dim=0, keepdim=True) / B\n"
    verdict = check("sinkhorn", write(text + "    return (Q * B).t()\n"))
    assert verdict.right, str(verdict)
    wrong = check("sinkhorn", write(text + "    return Q * B\n"))
    assert wrong.names == ("sinkhorn-returned-transposed",)


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


OWN = "from torch import nn\nclass Own(nn.Module):\n    def __init__(self, bits, knots):\n"
OWN += (
    "        super().__init__()\n        self.w = bits + knots\n    def forward(self, a, b, c=0):\n"
)
OWN += "        return self.w * (a * b).sum()\n"
NET = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, knots, bits):\n"
NET += "        super().__init__()\n        self.f = nn.Linear(knots, bits)\n"
NET += "    def forward(self, x):\n        return self.f(x)\n"


@pytest.mark.parametrize(
    ("exercise", "text", "own", "filled"),
    [
        ("sinkhorn", "def f(Q, loops):\n    return Q\n", "(Q, loops)", "(scores, iterations)"),
        ("simclr_loss", OWN, "(bits, knots)", "(temperature, 1)"),
        ("simclr_loss", OWN.replace("forward", "cost"), "(bits, knots)", "(temperature, 1)"),
        ("MLP", NET, "(knots, bits)", "(in_dim, out_dim)"),
        ("sinkhorn", "def sinkhorn(Q, loops):\n    return Q\n", "(Q, loops)", "(scores, epsilon)"),
    ],
)
def test_three_lines_make_judgeable_what_cannot_be_called(write, exercise, text, own, filled):
    told = check(exercise, write(text))
    assert told.status == "broken" and "in place of your names" in str(told)
    lines = told.details["lines"].replace(own, filled).replace("(a, b, c)", "(z_i, z_j)")
    judged = check(exercise, write(text + lines))
    assert len(lines.splitlines()) == 3 and judged.status == "unknown", f"{lines}\n{judged}"


def test_an_argument_that_has_no_place_is_what_it_is_by_default():
    def farthest(x):
        x = F.normalize(x, dim=1)
        return -torch.log(torch.cdist(x, x).max(dim=1).values + 1e-8).mean()

    assert check("koleo_loss", farthest).names == ("koleo-farthest",)


def test_a_size_by_default_stays_and_zero_stands_for_no_center():
    assert not check("DINOHead", type("Head", (DINOHead,), {})).remarks

    def crops(students, teachers, temp_s, temp_t, center=0.0):
        return multi_crop_dino_loss(students, [t - center for t in teachers], temp_s, temp_t)

    assert check("multi_crop_dino_loss", crops).right


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
