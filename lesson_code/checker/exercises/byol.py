"""The exercises of BYOL: its loss, and the two networks over several steps.

A class may call its parts as it likes. Probes hand it an encoder, write known numbers into all of
its matrices by their shape, and look at losses and gradients only.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lesson_code.byol import BYOL, regression_loss
from lesson_code.checker.exercise import Calls, Exercise, Seen, normal, probe, probes, refused
from lesson_code.checker.exercises import _byol as models
from lesson_code.checker.exercises._byol import TRAINED as _TRAINED
from lesson_code.checker.exercises._byol import of_model as _probe


@_probe("the first loss", "byol(x1, x2) with six rows each; byol(x2, x1)")
def _first_loss(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    return {
        "loss": models.loss(model),
        "loss with the views swapped": models.loss(model, models.V2, models.V1),
    }


@_probe("gradients", "byol(x1, x2).backward()")
def _gradients(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    loss = models.loss(model)
    if loss.requires_grad:
        torch.autograd.backward(loss.sum())
    seen: dict[tuple[int, int], torch.Tensor] = {}
    learning = 0
    for matrix in models.matrices(model):
        push = torch.zeros_like(matrix) if matrix.grad is None else matrix.grad
        learning += bool(push.abs().max() > 1e-6)
        shape = (matrix.shape[0], matrix.shape[1])
        seen[shape] = seen.get(shape, torch.zeros_like(push)) + push
    return {
        "matrices that learn": learning,
        **{
            f"gradient in {name}": seen.get(shape, torch.zeros(shape))
            for shape, name in models.LAYERS.items()
        },
    }


@_probe("a training step", f"{_TRAINED}, then the loss, twice")
def _a_step(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    before = models.train(model, models.optimized(model))
    return {
        "loss before": before,
        "loss after": models.loss(model).detach(),
        "and once more": models.loss(model).detach(),
    }


@_probe(
    "an update after a step",
    f"{_TRAINED}; byol.update_target_network(); the loss\n"
    "encoder[0].weight; another step, and the loss",
)
def _an_update(make: Callable[..., Any]) -> Seen:
    """The online network goes on after it, and the target must not go along."""
    encoder = models.small_encoder()
    model = models.built(make, encoder=encoder)
    optimized = models.optimized(model)
    models.train(model, optimized)
    model.update_target_network()
    seen = {
        "loss": models.loss(model).detach(),
        "weight of the encoder": next(encoder.parameters()).detach().clone(),
    }
    models.train(model, optimized)
    return {**seen, "loss after another step": models.loss(model).detach()}


@_probe(
    "tau is used as it stands",
    f"{_TRAINED}; byol.update_target_network(); the loss\n"
    "byol.tau = 0.0; byol.update_target_network(); the loss",
    tau=1.0,
)
def _tau(make: Callable[..., Any]) -> Seen:
    """With tau of 1 nothing may change; set to 0 later, the target becomes a copy."""
    model = models.built(make, tau=1.0)
    models.train(model, models.optimized(model))
    before = models.loss(model).detach()
    model.update_target_network()
    kept = models.loss(model).detach() - before
    models.set_tau(model, 1.0, 0.0)
    model.update_target_network()
    copied = models.loss(model).detach()
    return {"change of the loss with tau of 1": kept, "loss with tau of 0": copied}


@_probe(
    "three steps with updates", f"three times {_TRAINED} and byol.update_target_network()", tau=0.75
)
def _three_steps(make: Callable[..., Any]) -> Seen:
    model = models.built(make, tau=0.75)
    optimized, seen = models.optimized(model), {}
    for step in (1, 2, 3):
        seen[f"loss of step {step}"] = models.train(model, optimized)
        model.update_target_network()
    seen["loss afterwards"] = models.loss(model).detach()
    return seen


@_probe(
    "statistics after an update",
    "x2 = x1.flip(0)\n"
    f"three times {_TRAINED}; byol.tau = 0.25; byol.update_target_network(); "
    "byol.eval(); the loss of two other views",
    tau=1.0,
)
def _mixed_statistics(make: Callable[..., Any]) -> Seen:
    """Online and target have different features; an update must leave the statistics alone.

    Both views hold the same rows, so that it does not matter which of them is seen first.
    """
    model, other = models.built(make, tau=1.0), models.V1.flip(0)
    optimized = models.optimized(model)
    for _ in range(3):
        models.train(model, optimized, models.V1, other)
    models.set_tau(model, 1.0, 0.25)
    model.update_target_network()
    model.eval()  # from here on no row sees another, and any two views will do
    return {"loss": models.loss(model).detach()}


@probe(
    "the target's first weights",
    "byol = BYOL(encoder, hidden_dim=12, output_dim=4, tau=0.0)\n"
    "byol(x1, x2) before and after byol.update_target_network()",
)
def _start(make: Callable[..., Any]) -> Seen:
    """As drawn: is the target a copy, so that a first update changes nothing?"""
    model = models.unseen(make, 0.0)
    models.loss(model)
    before = models.loss(model).detach()
    model.update_target_network()
    same = torch.allclose(models.loss(model).detach(), before, atol=1e-5)
    return {"an update before training changes the loss": not same}


@_probe(
    "an optimizer made before the first batch",
    "optimizer = torch.optim.SGD(byol.parameters(), lr=0.3), then two steps with it and updates",
    tau=0.0,
)
def _held_early(make: Callable[..., Any]) -> Seen:
    """With a tau of 0 the target is a copy in each step, whoever else has moved it."""
    model = models.unseen(make, 0.0)
    optimized = models.optimized(model)
    models.loss(model)
    models.write(model)
    for _ in range(2):
        models.train(model, optimized)
        model.update_target_network()
    return {"loss after two steps": models.loss(model).detach()}


@_probe(
    "an encoder that does not tell its size", "encoder has no attribute output_dim; byol(x1, x2)"
)
def _plain_encoder(make: Callable[..., Any]) -> Seen:
    try:
        return {
            "loss": models.loss(models.built(make, encoder=models.small_encoder(nn.Sequential)))
        }
    except AttributeError as error:
        return {"loss": f"AttributeError: {error}"}


@_probe(
    "two models", "the loss of one, before and after another one is made and its weights changed"
)
def _two_models(make: Callable[..., Any]) -> Seen:
    first = models.built(make)
    before = models.loss(first).detach()
    second = models.built(make)
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.neg_()
    return {"change of the loss of the first": models.loss(first).detach() - before}


@_probe("views afterwards", "byol(x1, x2); x1 and x2")
def _views_afterwards(make: Callable[..., Any]) -> Seen:
    model, x1, x2 = models.built(make), models.V1.clone(), models.V2.clone()
    model(x1, x2)
    return {"x1 afterwards": x1, "x2 afterwards": x2}


@_probe(
    "a state dict",
    "fresh.load_state_dict(byol.state_dict()), into a model that saw no batch",
    remark="Its state cannot be taken over by a fresh model that has not seen a "
    "batch, so training cannot be resumed as it stands. All layers must exist after "
    "`__init__`; `nn.LazyLinear` does without its size.",
)
def _resumed(make: Callable[..., Any]) -> Seen:
    """A fresh model takes over from a state dict, without having seen a batch."""
    model = models.built(make)
    models.train(model, models.optimized(model))
    fresh = models.unseen(make, 0.5)
    try:
        fresh.load_state_dict(copy.deepcopy(model.state_dict()))
    except RuntimeError:
        return {"loss goes on": "the state is refused"}
    agree = torch.allclose(models.loss(fresh).detach(), models.loss(model).detach(), atol=1e-5)
    return {"loss goes on": "where it stopped" if agree else "elsewhere"}


@_probe(
    "an encoder in float64",
    "encoder.double(); BYOL(encoder, ...)(x1.double(), x2.double())",
    remark="Projector and predictor are float32 whatever the encoder is. "
    "`self.online_projector.to(like.device, like.dtype)`, with a parameter of the "
    "encoder as `like`, puts them beside it.",
)
def _wide(make: Callable[..., Any]) -> Seen:
    model = models.unseen(make, encoder=models.small_encoder().double())
    try:
        loss = models.loss(model, models.V1.double(), models.V2.double())
        return {"type of the loss": str(loss.dtype)}
    except RuntimeError:
        return {"type of the loss": "RuntimeError: the types do not fit"}


@probe(
    "output layers",
    "byol.parameters() of shape (4,)",
    remark="Its output layers have a bias, as `nn.Linear` has unless told otherwise, "
    "and as several published versions of BYOL do. The official code has none there. "
    "Both work; weights cannot be exchanged.",
)
def _output_biases(make: Callable[..., Any]) -> Seen:
    """Of two networks and a predictor; a last normalization has such vectors, too."""
    vectors = [p for p in models.built(make).parameters() if p.shape == (models.OUT,)]
    return {"vectors of the size of the output": len(vectors)}


@probe(
    "defaults",
    "byol = BYOL(encoder)",
    remark="Its defaults are not the documented ones: 4096 hidden units, 256 outputs "
    "and a tau of 0.99.",
)
def _defaults(make: Callable[..., Any]) -> Seen:
    try:
        model = make(encoder=models.small_encoder())
        models.loss(model)
    except TypeError:
        return {"tau": "no defaults"}
    shapes = sorted({tuple(p.shape) for p in models.matrices(model)})
    return {"tau": float(model.tau), "sizes of its matrices": shapes}


@probe(
    "tau of 1.5",
    "BYOL(encoder, hidden_dim=12, output_dim=4, tau=1.5)",
    remark="A tau above 1 is accepted: the target then runs away from the online "
    "network. An error that names the argument saves a search.",
)
def _bad_tau(make: Callable[..., Any]) -> Seen:
    return {"refused": refused(lambda: models.unseen(make, 1.5))}


#: Those of the class; what follows is the loss.
_PROBES = probes(globals())

_X, _Y = normal(1, 5, 4), normal(2, 5, 4)
_SQUARE = (normal(3, 3, 3), normal(4, 3, 3))
_EAST = torch.tensor([[1.0, 0.0]])
_LONG = 20_000 * normal(5, 3, 32).clamp(-3, 3)


@probe("a layer before the loss")
def _through_a_layer(loss: Callable[..., Any]) -> Seen:
    weight = normal(6, 3, 4).requires_grad_()
    result = torch.as_tensor(loss(x=normal(7, 5, 3) @ weight, y=_Y.clone()))
    if result.requires_grad:
        torch.autograd.backward(result.sum())
    return {"gradient in weight": torch.zeros(3, 4) if weight.grad is None else weight.grad}


_distance = Calls(regression_loss, x=_X, y=_Y)

_REGRESSION_LOSS = Exercise(
    reference=regression_loss,
    form="scale shift",
    unit_rows=True,
    probes=(
        _distance.value("equal directions", _EAST, [[7.0, 0.0]]),
        _distance.value("right angles", _EAST, [[0.0, 3.0]]),
        _distance.value("opposite directions", _EAST, [[-2.0, 0]]),
        _distance.value("two rows by hand", [[3.0, 4.0], [0.0, 2.0]], [[4.0, 3.0], [5.0, 0.0]]),
        _distance.value("five rows"),
        _distance.value("other lengths", 9 * _X, 0.2 * _Y),
        _distance.value("as many rows as columns", _SQUARE[0], _SQUARE[1]),
        _distance.value("wide rows", normal(8, 2, 9), normal(9, 2, 9)),
        _distance.gradient("which way one row is pushed", "x y", [[1.0, 2.0]], [[3.0, 1.0]]),
        _distance.gradient("which way five rows are pushed", "x y"),
        _through_a_layer,
        _distance.untouched("arguments afterwards"),
        _distance.precise("float64"),
        _distance.value(
            "nearly equal directions",
            _EAST,
            [[1.0, 1e-4]],
            remark="2 - 2 cos is the difference of two numbers near 2 and loses its last digits "
            "where training succeeds. The distance itself, `(a - b).square().sum(dim=1)`, stays "
            "exact.",
            rtol=0.01,
            atol=1e-10,
        ),
        _distance.half(
            "float16 with long rows",
            "In float16 the length of a long row overflows: above 65,504 all is infinite. "
            "Compute in float32 at least: `x.float()`.",
            _LONG,
            -_LONG,
        ),
        _distance.refuses(
            "one target for a whole batch",
            "A single row of targets is accepted and compared with every prediction. An error "
            "for arguments of different shapes saves a search.",
            y=_Y[:1],
        ),
    ),
)

EXERCISES = (
    _REGRESSION_LOSS,
    Exercise(
        reference=BYOL,
        values=((2, 0), (1, -2), (0.5, 0), (0.5, -1), (2, -4)),
        methods={
            "update_target_network": "update_moving_average update_target update_target_net "
            "update_target_encoder update_teacher update_ema ema_update momentum_update update"
        },
        probes=_PROBES,
    ),
)
