"""The exercises of BYOL: the loss of one direction, and the two networks over several steps.

A class may call its parts as it likes. Probes hand it an encoder, write known numbers into all of
its matrices by their shape, and look at losses and gradients only.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from lesson_code.byol import BYOL, regression_loss
from lesson_code.checker.exercise import Calls, Exercise, Probe, ReaderError, Seen, normal, steps

# --- the loss of one direction --------------------------------------------------------------

_X, _Y = normal(1, 5, 4), normal(2, 5, 4)
_SQUARE = (normal(3, 3, 3), normal(4, 3, 3))
_LONG = 20_000 * normal(5, 3, 32).clamp(-3, 3)


def _through_a_layer(loss: Callable[..., Any]) -> Seen:
    weight = normal(6, 3, 4).requires_grad_()
    result = torch.as_tensor(loss(x=normal(7, 5, 3) @ weight, y=_Y.clone()))
    if result.requires_grad:
        torch.autograd.backward(result.sum())
    return {"gradient in weight": torch.zeros(3, 4) if weight.grad is None else weight.grad}


# --- the class ------------------------------------------------------------------------------

#: Sizes that differ, so that a matrix can be told by its shape.
_IN, _FEATURES, _HIDDEN, _OUT = 3, 5, 12, 4
_ENCODER = (_FEATURES, _IN)
_V1 = normal(11, 6, _IN)
_V2 = _V1 + 0.7 * normal(12, 6, _IN)


class _Encoder(nn.Sequential):
    """One layer with batch normalization; it tells its size, as hardly any encoder does."""

    output_dim = _FEATURES


def _encoder(kind: Callable[..., nn.Module] = _Encoder) -> nn.Module:
    net = kind(nn.Linear(_IN, _FEATURES), nn.BatchNorm1d(_FEATURES))
    _write(net)
    return net


def _write(net: nn.Module) -> None:
    """Known numbers into all matrices, by shape; other vectors than a normalization's to zero."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.reset_running_stats()
                continue
            for parameter in module.parameters(recurse=False):
                parameter.grad = None
                if parameter.ndim == 2:
                    rows, columns = parameter.shape
                    parameter.copy_(normal(100 * rows + columns, rows, columns, scale=0.6))
                else:
                    parameter.zero_()


def _built(make: Callable[..., Any], tau: float = 0.5, encoder: nn.Module | None = None) -> Any:
    """A small model with known weights, which has seen one batch."""
    model = make(encoder=encoder or _encoder(), hidden_dim=_HIDDEN, output_dim=_OUT, tau=tau)
    model(_V1.clone(), _V2.clone())
    _write(model)
    return model


def _loss(model: Any, x1: torch.Tensor = _V1, x2: torch.Tensor = _V2) -> torch.Tensor:
    """A forward pass on copies, so that no model can spoil the views of the next."""
    result = model(x1.clone(), x2.clone())
    if result is None:
        raise ReaderError("returns None")
    return torch.as_tensor(result)


def _optimized(model: Any) -> list[nn.Parameter]:
    """What an optimizer would hold; to import one of torch takes two seconds."""
    return [p for p in model.parameters() if p.requires_grad]


def _train(
    model: Any, optimized: list[nn.Parameter], x1: torch.Tensor = _V1, x2: torch.Tensor = _V2
) -> torch.Tensor:
    """A step of training without an update of the target; the loss before it.

    A bias of the output layers is left at zero: whether there is one is a matter of taste.
    """
    loss = _loss(model, x1, x2)
    for parameter in optimized:
        parameter.grad = None
    if loss.requires_grad:
        torch.autograd.backward(loss.sum())
    with torch.no_grad():
        for parameter in optimized:
            if parameter.grad is not None and parameter.shape != (_OUT,):
                parameter.sub_(parameter.grad, alpha=0.3)
    return loss.detach()


def _matrices(model: Any) -> Iterator[nn.Parameter]:
    return (p for p in model.parameters() if p.ndim == 2)


def _first_loss(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    return {"loss": _loss(model), "loss with the views swapped": _loss(model, _V2, _V1)}


def _gradients(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    loss = _loss(model)
    if loss.requires_grad:
        torch.autograd.backward(loss.sum())
    seen: dict[tuple[int, int], torch.Tensor] = {}
    learning = 0
    for matrix in _matrices(model):
        push = torch.zeros_like(matrix) if matrix.grad is None else matrix.grad
        learning += bool(push.abs().max() > 1e-6)
        shape = (matrix.shape[0], matrix.shape[1])
        seen[shape] = seen.get(shape, torch.zeros_like(push)) + push
    names = {
        _ENCODER: "encoder",
        (_HIDDEN, _FEATURES): "first layer of the projector",
        (_HIDDEN, _OUT): "first layer of the predictor",
        (_OUT, _HIDDEN): "both output layers, added",
    }
    return {
        "matrices that learn": learning,
        **{
            f"gradient in {name}": seen.get(shape, torch.zeros(shape))
            for shape, name in names.items()
        },
    }


def _a_step(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    before = _train(model, _optimized(model))
    return {
        "loss before": before,
        "loss after": _loss(model).detach(),
        "and once more": _loss(model).detach(),
    }


def _an_update(make: Callable[..., Any]) -> Seen:
    """The online network goes on after it, and the target must not go along."""
    encoder = _encoder()
    model = _built(make, encoder=encoder)
    optimized = _optimized(model)
    _train(model, optimized)
    model.update_target_network()
    seen = {"loss": _loss(model).detach(), "weight of the encoder": _weight(encoder)}
    _train(model, optimized)
    return {**seen, "loss after another step": _loss(model).detach()}


def _three_steps(make: Callable[..., Any]) -> Seen:
    model = _built(make, tau=0.75)
    optimized, seen = _optimized(model), {}
    for step in (1, 2, 3):
        seen[f"loss of step {step}"] = _train(model, optimized)
        model.update_target_network()
    seen["loss afterwards"] = _loss(model).detach()
    return seen


def _tau(make: Callable[..., Any]) -> Seen:
    """With tau of 1 nothing may change; set to 0 later, the target becomes a copy."""
    model = _built(make, tau=1.0)
    _train(model, _optimized(model))
    before = _loss(model).detach()
    model.update_target_network()
    kept = _loss(model).detach() - before
    model.tau = 0.0
    model.update_target_network()
    return {"change of the loss with tau of 1": kept, "loss with tau of 0": _loss(model).detach()}


def _mixed_statistics(make: Callable[..., Any]) -> Seen:
    """Online and target have different features; an update must leave the statistics alone.

    Both views hold the same rows, so that it does not matter which of them is seen first.
    """
    model, other = _built(make, tau=1.0), _V1.flip(0)
    optimized = _optimized(model)
    for _ in range(3):
        _train(model, optimized, _V1, other)
    model.tau = 0.25
    model.update_target_network()
    model.eval()  # from here on no row sees another, and any two views will do
    return {"loss": _loss(model).detach()}


def _start(make: Callable[..., Any]) -> Seen:
    """As drawn: is the target a copy, so that a first update changes nothing?"""
    model = make(encoder=_encoder(), hidden_dim=_HIDDEN, output_dim=_OUT, tau=0.0)
    _loss(model)
    before = _loss(model).detach()
    model.update_target_network()
    same = torch.allclose(_loss(model).detach(), before, atol=1e-5)
    return {"an update before training changes the loss": not same}


def _held_early(make: Callable[..., Any]) -> Seen:
    """With a tau of 0 the target is a copy in each step, whoever else has moved it."""
    model = make(encoder=_encoder(), hidden_dim=_HIDDEN, output_dim=_OUT, tau=0.0)
    optimized = _optimized(model)
    _loss(model)
    _write(model)
    for _ in range(2):
        _train(model, optimized)
        model.update_target_network()
    return {"loss after two steps": _loss(model).detach()}


def _weight(encoder: nn.Module) -> torch.Tensor:
    return next(encoder.parameters()).detach().clone()


def _plain_encoder(make: Callable[..., Any]) -> Seen:
    try:
        return {"loss": _loss(_built(make, encoder=_encoder(nn.Sequential)))}
    except AttributeError as error:
        return {"loss": f"AttributeError: {error}"}


def _two_models(make: Callable[..., Any]) -> Seen:
    first = _built(make)
    before = _loss(first).detach()
    second = _built(make)
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.neg_()
    return {"change of the loss of the first": _loss(first).detach() - before}


def _views_afterwards(make: Callable[..., Any]) -> Seen:
    model, x1, x2 = _built(make), _V1.clone(), _V2.clone()
    model(x1, x2)
    return {"x1 afterwards": x1, "x2 afterwards": x2}


def _resumed(make: Callable[..., Any]) -> Seen:
    """A fresh model takes over from a state dict, without having seen a batch."""
    model = _built(make)
    _train(model, _optimized(model))
    fresh = make(encoder=_encoder(), hidden_dim=_HIDDEN, output_dim=_OUT, tau=0.5)
    try:
        fresh.load_state_dict(copy.deepcopy(model.state_dict()))
    except RuntimeError:
        return {"loss goes on": "the state is refused"}
    agree = torch.allclose(_loss(fresh).detach(), _loss(model).detach(), atol=1e-5)
    return {"loss goes on": "where it stopped" if agree else "elsewhere"}


def _wide(make: Callable[..., Any]) -> Seen:
    encoder = _encoder().double()
    model = make(encoder=encoder, hidden_dim=_HIDDEN, output_dim=_OUT, tau=0.5)
    try:
        return {"type of the loss": str(_loss(model, _V1.double(), _V2.double()).dtype)}
    except RuntimeError:
        return {"type of the loss": "RuntimeError: the types do not fit"}


def _output_biases(make: Callable[..., Any]) -> Seen:
    """Of two networks and a predictor; a last normalization has such vectors, too."""
    vectors = [p for p in _built(make).parameters() if p.shape == (_OUT,)]
    return {"vectors of the size of the output": len(vectors)}


def _defaults(make: Callable[..., Any]) -> Seen:
    try:
        model = make(encoder=_encoder())
        _loss(model)
    except TypeError:
        return {"tau": "no defaults"}
    shapes = sorted({tuple(p.shape) for p in _matrices(model)})
    return {"tau": float(model.tau), "sizes of its matrices": shapes}


def _bad_tau(make: Callable[..., Any]) -> Seen:
    try:
        make(encoder=_encoder(), hidden_dim=_HIDDEN, output_dim=_OUT, tau=1.5)
    except (ValueError, RuntimeError, AssertionError):
        return {"refused": True}
    return {"refused": False}


_MODEL = (
    "encoder = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))\n"
    "byol = BYOL(encoder, hidden_dim=12, output_dim=4, tau={tau}), known weights in every matrix"
)
_TRAINED = "a step of gradient descent on byol(x1, x2)"


def _probe(
    name: str, ask: Callable[[Any], Seen], does: str, tau: float = 0.5, remark: str = ""
) -> Probe:
    shows = f"{_MODEL.format(tau=tau)}\n{does}"
    return Probe(name, ask, shows, remark=remark, rtol=1e-3, atol=1e-4)


_distance = Calls(regression_loss)

EXERCISES = (
    Exercise(
        reference=regression_loss,
        family="byol",
        page="module-1/1.3-contrast-to-distillation/byol.md",
        aliases={"x": "p q pred prediction online a x1 input", "y": "z target proj b x2 z_target"},
        hints=(
            "Directions are compared, not lengths: what has to happen to each row first?",
            "`F.normalize(x, dim=1)` scales every row to length one.",
            "The squared distance of two rows is a *sum* over the columns. Only the rows are "
            "averaged.",
            "`(a - b).square().sum(dim=1).mean()`, or 2 - 2 times the mean cosine of the rows.",
        ),
        probes=(
            _distance.value(
                "equal directions", torch.tensor([[1.0, 0.0]]), torch.tensor([[7.0, 0.0]])
            ),
            _distance.value("right angles", torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 3.0]])),
            _distance.value(
                "opposite directions", torch.tensor([[1.0, 0.0]]), torch.tensor([[-2.0, 0]])
            ),
            _distance.value(
                "two rows by hand",
                torch.tensor([[3.0, 4.0], [0.0, 2.0]]),
                torch.tensor([[4.0, 3.0], [5.0, 0.0]]),
            ),
            _distance.value("five rows", _X, _Y),
            _distance.value("other lengths", 9 * _X, 0.2 * _Y),
            _distance.value("as many rows as columns", _SQUARE[0], _SQUARE[1]),
            _distance.value("wide rows", normal(8, 2, 9), normal(9, 2, 9)),
            _distance.gradient(
                "which way one row is pushed",
                "x y",
                torch.tensor([[1.0, 2.0]]),
                torch.tensor([[3.0, 1.0]]),
            ),
            _distance.gradient("which way five rows are pushed", "x y", _X, _Y),
            steps("a layer before the loss", _through_a_layer),
            _distance.untouched("arguments afterwards", _X, _Y),
            _distance.precise("float64", _X, _Y),
            replace(
                _distance.value(
                    "nearly equal directions",
                    torch.tensor([[1.0, 0.0]]),
                    torch.tensor([[1.0, 1e-4]]),
                ),
                remark="2 - 2 cos is the difference of two numbers near 2 and loses its last "
                "digits where training succeeds. The distance itself, "
                "`(a - b).square().sum(dim=1)`, stays exact.",
                rtol=0.01,
                atol=1e-10,
            ),
            _distance.half(
                "float16 with long rows",
                "In float16 the length of a long row overflows: above 65,504 all is infinite. "
                "Compute in float32 at least: `x.float()`.",
                _LONG,
                -_LONG,
                dtype=torch.float16,
            ),
            _distance.refuses(
                "one target for a whole batch",
                "A single row of targets is accepted and compared with every prediction. An error "
                "for arguments of different shapes saves a search.",
                _X,
                _Y[:1],
            ),
        ),
    ),
    Exercise(
        reference=BYOL,
        family="byol",
        page="module-1/1.3-contrast-to-distillation/byol.md",
        methods=("__init__", "forward", "predict", "build_projectors", "update_target_network"),
        aliases={
            "encoder": "backbone base_encoder net base network",
            "hidden_dim": "hidden hidden_size width projection_hidden_size",
            "output_dim": "out_dim size projection_size projection_dim dim",
            "tau": "momentum m beta moving_average_decay base_tau decay",
        },
        hints=(
            "Five parts: an encoder, a projector and a predictor that learn, and copies of the "
            "first two that follow. Which of them sees which view?",
            "`copy.deepcopy` makes the target, `requires_grad = False` keeps the optimizer away "
            "from it. The predictor has no copy.",
            "The projector's input size is that of the features. `nn.LazyLinear` takes it from the "
            "first batch; the target's projector must then get the same weights.",
            "In `forward`: predictions of both views, projections of both views by the target "
            "under `torch.no_grad()`, and the loss *crosswise*, averaged over both directions.",
            "In `update_target_network`: tau times the target's parameter plus 1 - tau times the "
            "online one, in place, for encoder *and* projector. Buffers stay as they are.",
        ),
        probes=(
            _probe("the first loss", _first_loss, "byol(x1, x2) with six rows each; byol(x2, x1)"),
            _probe("gradients", _gradients, "byol(x1, x2).backward()"),
            _probe("a training step", _a_step, f"{_TRAINED}, then the loss, twice"),
            _probe(
                "an update after a step",
                _an_update,
                f"{_TRAINED}; byol.update_target_network(); the loss\n"
                "encoder[0].weight; another step, and the loss",
            ),
            _probe(
                "tau is used as it stands",
                _tau,
                f"{_TRAINED}; byol.update_target_network(); the loss\n"
                "byol.tau = 0.0; byol.update_target_network(); the loss",
                tau=1.0,
            ),
            _probe(
                "three steps with updates",
                _three_steps,
                f"three times {_TRAINED} and byol.update_target_network()",
                tau=0.75,
            ),
            _probe(
                "statistics after an update",
                _mixed_statistics,
                "x2 = x1.flip(0)\n"
                f"three times {_TRAINED}; byol.tau = 0.25; byol.update_target_network(); "
                "byol.eval(); the loss of two other views",
                tau=1.0,
            ),
            Probe(
                "the target's first weights",
                _start,
                "byol = BYOL(encoder, hidden_dim=12, output_dim=4, tau=0.0)\n"
                "byol(x1, x2) before and after byol.update_target_network()",
            ),
            _probe(
                "an optimizer made before the first batch",
                _held_early,
                "optimizer = torch.optim.SGD(byol.parameters(), lr=0.3), then two steps with it "
                "and updates",
                tau=0.0,
            ),
            _probe(
                "an encoder that does not tell its size",
                _plain_encoder,
                "encoder has no attribute output_dim; byol(x1, x2)",
            ),
            _probe(
                "two models",
                _two_models,
                "the loss of one, before and after another one is made and its weights changed",
            ),
            _probe("views afterwards", _views_afterwards, "byol(x1, x2); x1 and x2"),
            _probe(
                "a state dict",
                _resumed,
                "fresh.load_state_dict(byol.state_dict()), into a model that saw no batch",
                remark="Its state cannot be taken over by a fresh model that has not seen a "
                "batch, so training cannot be resumed as it stands. All layers must exist after "
                "`__init__`; `nn.LazyLinear` does without its size.",
            ),
            _probe(
                "an encoder in float64",
                _wide,
                "encoder.double(); BYOL(encoder, ...)(x1.double(), x2.double())",
                remark="Projector and predictor are float32 whatever the encoder is. "
                "`self.online_projector.to(like.device, like.dtype)`, with a parameter of the "
                "encoder as `like`, puts them beside it.",
            ),
            Probe(
                "output layers",
                _output_biases,
                "byol.parameters() of shape (4,)",
                remark="Its output layers have a bias, as `nn.Linear` has unless told otherwise, "
                "and as several published versions of BYOL do. The official code has none there. "
                "Both work; weights cannot be exchanged.",
            ),
            Probe(
                "defaults",
                _defaults,
                "byol = BYOL(encoder)",
                remark="Its defaults are not the documented ones: 4096 hidden units, 256 outputs "
                "and a tau of 0.99.",
            ),
            Probe(
                "tau of 1.5",
                _bad_tau,
                "BYOL(encoder, hidden_dim=12, output_dim=4, tau=1.5)",
                remark="A tau above 1 is accepted: the target then runs away from the online "
                "network. An error that names the argument saves a search.",
            ),
        ),
    ),
)
