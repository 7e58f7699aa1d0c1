"""Verdicts: a name only where all probes agree, remarks, hints, other names of arguments."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import lesson_code
from lesson_code import DINOHead, simclr_loss
from lesson_code.checker import check, register
from lesson_code.checker.answers import RAISED, answers_with
from lesson_code.checker.shelf import exercise_of
from lesson_code.checker.verdict import written_out


def judged(function):
    return check("simclr_loss", function)


def own_diagonal(a, b, t=0.5):
    """The draft's bug in other words."""
    z = torch.cat([F.normalize(a, dim=1), F.normalize(b, dim=1)])
    logits = (z @ z.T / t).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    labels = [row % len(a) for row in range(len(z))]
    return F.cross_entropy(logits, torch.tensor(labels))


def test_a_bug_is_named_with_its_smallest_example():
    verdict = judged(own_diagonal)
    assert verdict.status == "bug" and verdict.names == ("own-diagonal",)
    assert f"`own-diagonal` on {verdict.asked} of {verdict.asked} probes" in verdict.message
    assert verdict.see == "museum/simclr.md#own-diagonal"
    assert verdict.example.yours == "inf" and verdict.example.expected.startswith("0.2395")
    assert "torch.tensor([[1.0, 0.0], [0.0, 1.0]])" in verdict.example.shows
    assert verdict.details["mend"] == register.find("own-diagonal").advice


def test_what_all_instances_share_is_named_whatever_was_asked_before():
    bug, asked_first = register.find("center-shared-by-all"), exercise_of("CenteringMechanism")
    answers_with.cache_clear()
    for probe in reversed(asked_first.required):
        answers_with(bug).to(probe)
    assert check("CenteringMechanism", register.patched(bug)).names == (bug.name,)


def test_nearly_a_bug_is_not_that_bug():
    """Alike on the first probes, and another function at a low temperature."""

    def nearly(a, b, t=0.5):
        return own_diagonal(a, b, t) if t > 0.1 else simclr_loss(a, b, t) + 1

    verdict = judged(nearly)
    assert verdict.status == "unknown" and not verdict.names


def test_changes_of_one_line_are_one_function_unless_they_put_two_things_in_one_place():
    one, other = map(register.find, ("std-within-a-row", "std-over-n-minus-one"))
    z = F.normalize(torch.randn(5, 3))
    assert torch.isclose(register.patched(one, other)(z), z.std(dim=1).mean() * 3**0.5)
    with pytest.raises(register.BankError, match="two changes of one place"):
        register.patched(register.find("std-summed"), register.find("std-smallest-dimension"))


def test_bugs_are_named_beside_an_error_and_beside_numbers_that_are_not_finite():
    def never_ends(step, warmup_steps, start, end):
        return [start + (end - start) * step / warmup_steps][step == 10]

    def mean_kept(z_1, z_2, lambd=0.005):
        c = (z_1 / z_1.std(0)).T @ (z_2 / z_2.std(0)) / len(z_1)
        return (c.diag() - 1).square().sum() + lambd * (c - c.diag().diag()).square().sum()

    assert "barlow-mean-kept" in check("barlow_twins_loss", mean_kept).names
    verdict = check("linear_warmup", never_ends)
    assert set(verdict.names) == {"warmup-never-ends", "warmup-divides-by-zero"}
    assert "it raises IndexError at “" in verdict.details["besides"]


def test_rows_of_any_length_are_asked_for_and_the_usual_order_of_views_is_told():
    def overflows(features, labels, queries, k=20, temperature=0.07):
        near, rows = (F.normalize(queries) @ features.T).topk(k)
        votes = F.one_hot(labels[rows]) * (near / temperature).exp()[..., None]
        return votes.sum(1).argmax(1)

    verdict = check("knn_predict", overflows)
    assert verdict.names == ("knn-bank-not-normalized",) and not verdict.right

    verdict = judged(lambda features, t=0.5: simclr_loss(features[::2], features[1::2], t))
    assert verdict.right and "one view after the other, it behaves" in verdict.remarks[-1]


def test_a_convention_is_right_and_said():
    verdict = judged(lambda a, b, t=0.5: 2 * len(a) * simclr_loss(a, b, t))
    assert verdict.right and verdict.status == "convention"
    assert verdict.names == ("simclr-sum",)
    assert verdict.details["says"] == register.find("simclr-sum").says


def test_a_function_that_fails_everywhere_is_not_named():
    """Whatever bug may fail with the same error: nothing was computed that could be compared."""

    def fails(z_i, z_j, temperature=0.5):
        raise RuntimeError("no")

    verdict = judged(fails)
    assert verdict.status == "raises" and verdict.message == "It raises RuntimeError: no"
    assert RAISED not in verdict.message


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda a, b, t=0.5: 3.5 * simclr_loss(a, b, t), "3.5 times the expected value"),
        (lambda a, b, t=0.5: simclr_loss(a, b, t) + 0.25, "0.25 more than expected"),
        (lambda a, b, t=0.5: a @ b.T, "a single number is expected"),
    ],
)
def test_what_an_unknown_bug_does_is_described(function, hint):
    verdict = judged(function)
    assert verdict.status == "unknown"
    assert hint in verdict.details["hint"] and hint in written_out(verdict)


def test_float64_computed_in_float32_is_a_remark():
    verdict = judged(lambda a, b, t=0.5: simclr_loss(a.float(), b.float(), t))
    assert verdict.right and any("float64" in remark for remark in verdict.remarks)
    assert "Remark" in written_out(verdict)


def test_a_right_function_needs_no_remark():
    verdict = judged(simclr_loss)
    assert verdict.right and not verdict.remarks and written_out(verdict) == "✓ simclr_loss: Right."


def test_arguments_may_have_other_names_and_places():
    for function in (
        lambda *, x1, x2, tau=0.5: simclr_loss(x1, x2, tau),
        lambda a, b, /, t: simclr_loss(a, b, t),
        lambda temperature, z_i, z_j: simclr_loss(z_i, z_j, temperature),
        lambda z_i, z_j, temperature=0.5, eps=1e-8: simclr_loss(z_i, z_j, temperature),
        lambda **given: simclr_loss(**given),
    ):
        assert judged(function).right


def test_a_module_may_be_given_whose_forward_names_the_arguments():
    class Loss(torch.nn.Module):
        def forward(self, x1, x2, tau=0.5):
            return simclr_loss(x1, x2, tau)

    assert judged(Loss()).right


def test_what_is_left_out_before_a_positional_argument_gets_its_default():
    from lesson_code.checker.forms import forms
    from lesson_code.checker.shelf import exercise_of

    def noted(a, b=7, t=0.5, /):
        return a, b, t

    call = forms(noted, exercise_of("simclr_loss"))[0].invoke
    assert call({"a": 1, "t": 3}) == (1, 7, 3)
    assert call({"a": 1}) == (1, 7, 0.5)
    with pytest.raises(TypeError):
        call({"b": 1})


def test_what_cannot_be_called_is_told():
    assert "nothing that can be called" in judged(3.0).message
    assert judged(3.0).status == "broken"


def test_nothing_is_printed_in_a_notebook(capsys):
    def talks(z_i, z_j, temperature=0.5):
        print("talk")
        return simclr_loss(z_i, z_j, temperature)

    verdict = judged(talks)
    assert verdict.right and capsys.readouterr().out == ""
    assert str(verdict).startswith("✓ simclr_loss: Right.")


def test_a_verdict_is_plain_data():
    told_ = judged(own_diagonal).as_dict()
    assert told_["right"] is False and told_["names"] == ("own-diagonal",)
    assert told_["example"]["probe"] == "two aligned pairs"


def test_colors_and_pages():
    text = written_out(judged(own_diagonal), colors=True, book="https://book.example/")
    assert "\033[31m" in text
    assert "https://book.example/museum/simclr/#own-diagonal" in text
    plain = written_out(judged(own_diagonal))
    assert "\033[" not in plain and "docs/museum/simclr.md, own-diagonal" in plain
    assert "$" not in plain


def test_the_published_functions_pass():
    from lesson_code.checker.shelf import exercises

    for name in exercises():
        verdict = check(name, getattr(lesson_code, name))
        assert verdict.status == "passed" and not verdict.remarks, str(verdict)


def test_of_a_network_the_layer_is_told():
    class Head(DINOHead):
        def __init__(self, *sizes, **named):
            super().__init__(*sizes, **named)
            self.mlp[1] = nn.LayerNorm(named["hidden_dim"])

    told = check("DINOHead", Head).details["hint"]
    assert "(more: 5, 5)" in told and "up to `mlp.0` (Linear), and no longer at `mlp.1`" in told
