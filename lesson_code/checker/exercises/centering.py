"""The exercise of DINO's centering."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import torch

from lesson_code.centering import CenteringMechanism
from lesson_code.checker.exercise import Exercise, NoPlace, ReaderError, Seen, normal, probe, probes

_BATCH = torch.tensor([[1.0, 4.0], [3.0, -8.0]])
_THREE = torch.tensor([[1.0, 4.0], [3.0, -8.0], [2.0, -2.0]])  # not square, with the same mean
_OTHER = torch.tensor([[4.5, 0.5]])
_READ = "the center, read as -apply_centering(zeros)"


def _fresh(cls: Callable[..., Any], k: int = 2, momentum: float = 0.75) -> Any:
    """A center at zero, whatever earlier ones have left behind."""
    return _zeroed(cls(output_dim=k, momentum=momentum))


def _zeroed(centering: Any) -> Any:
    if isinstance(center := getattr(centering, "center", None), torch.Tensor):
        center.data.zero_()
    return centering


def _updated(cls: Callable[..., Any]) -> Any:
    """One that has seen a batch."""
    centering = _fresh(cls)
    centering.update_center(_BATCH.clone())
    return centering


def _centered(centering: Any, outputs: torch.Tensor) -> torch.Tensor:
    result = centering.apply_centering(outputs)
    if result is None:
        raise ReaderError("returns None from apply_centering")
    if not isinstance(result, torch.Tensor):
        raise ReaderError(f"returns a {type(result).__name__} from apply_centering")
    return result


def _center(centering: Any, k: int = 2) -> torch.Tensor:
    """The center, read off from what centering subtracts."""
    with torch.no_grad():
        return -_centered(centering, torch.zeros(1, k)).detach().clone()


def _attribute(centering: Any) -> Any:
    """The attribute ``center``; a class that names it otherwise is judged by what it does."""
    if not hasattr(centering, "center"):
        raise NoPlace("has no attribute `center`")
    return centering.center


_START = "centering = CenteringMechanism(output_dim=2, momentum=0.75)"
_A = "a = torch.tensor([[1.0, 4.0], [3.0, -8.0]])"
_B = "b = torch.tensor([[4.5, 0.5]])"
_UPDATE = "centering.update_center(a)"


@probe("one batch", _START, "a = torch.tensor([[1.0, 4.0], [3.0, -8.0], [2.0, -2.0]])", _UPDATE)
def _one_batch(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls)
    centering.update_center(_THREE.clone())
    return {_READ: _center(centering)}


@probe("two batches", _START, _A, _B, _UPDATE, "centering.update_center(b)")
def _two_batches(cls: Callable[..., Any]) -> Seen:
    centering = _updated(cls)
    centering.update_center(_OTHER.clone())
    return {_READ: _center(centering)}


@probe("centered outputs", _START, _A, _UPDATE, "centering.apply_centering(a)")
def _applied(cls: Callable[..., Any]) -> Seen:
    return {"centered outputs": _centered(_updated(cls), _BATCH.clone())}


@probe("one centered output", _START, _A, _B, _UPDATE, "centering.apply_centering(b)")
def _one_row(cls: Callable[..., Any]) -> Seen:
    return {"a centered output": _centered(_updated(cls), _OTHER.clone())}


@probe("applied twice", _START, _A, _B, _UPDATE, "centering.apply_centering(b), and once more")
def _applied_twice(cls: Callable[..., Any]) -> Seen:
    centering = _updated(cls)
    _centered(centering, _OTHER.clone())
    return {"the second time": _centered(centering, _OTHER.clone())}


@probe(
    "both views of five images",
    "centering = CenteringMechanism(output_dim=4, momentum=0.9)",
    "centering.update_center(torch.cat([five_outputs, five_other_outputs]))",
)
def _both_views(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls, 4, 0.9)
    centering.update_center(torch.cat([normal(1, 5, 4), 1 + normal(2, 5, 4)]))
    return {_READ: _center(centering, 4)}


@probe(
    "five batches of other sizes",
    "centering = CenteringMechanism(output_dim=4, momentum=0.9)",
    "five updates, with batches of 3 to 7 rows",
)
def _many_steps(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls, 4, 0.9)
    for seed in range(5):
        centering.update_center(2 + normal(seed, 3 + seed, 4))
    return {_READ: _center(centering, 4)}


@probe(
    "momentum of 1 and of 0",
    "CenteringMechanism(2, momentum=1.0), CenteringMechanism(2, momentum=0.0)",
    "two updates each",
)
def _extremes(cls: Callable[..., Any]) -> Seen:
    keeps, replaces = _fresh(cls, momentum=1.0), _fresh(cls, momentum=0.0)
    for centering in (keeps, replaces):
        centering.update_center(_BATCH.clone())
        centering.update_center(_OTHER.clone())
    return {
        "-apply_centering(zeros) at momentum 1": _center(keeps),
        "-apply_centering(zeros) at momentum 0": _center(replaces),
    }


@probe("in evaluation", _START, "centering.eval()", _A, _UPDATE)
def _evaluated(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls)
    centering.eval()
    centering.update_center(_BATCH.clone())
    return {_READ: _center(centering)}


@probe("a second one", _START, _A, _UPDATE, "another one is made; its center?")
def _a_second_one(cls: Callable[..., Any]) -> Seen:
    first = _updated(cls)
    second = cls(output_dim=2, momentum=0.75)
    return {
        "-second.apply_centering(zeros)": _center(second),
        "-first.apply_centering(zeros)": _center(first),
    }


@probe("a copy", _START, _A, "copy.deepcopy(centering).update_center(a)")
def _copied(cls: Callable[..., Any]) -> Seen:
    first = _fresh(cls)
    copy.deepcopy(first).update_center(_BATCH.clone())
    return {_READ: _center(first)}


@probe("saved and loaded", _START, _A, _UPDATE, "its state_dict is loaded into another one")
def _saved(cls: Callable[..., Any]) -> Seen:
    first = _updated(cls)
    state = {key: tensor.clone() for key, tensor in first.state_dict().items()}
    second = _fresh(cls)
    second.load_state_dict(state)
    return {"-apply_centering(zeros) after loading": _center(second)}


@probe("moved", _START, "centering.double().center.dtype")
def _moved(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls).double()
    return {"dtype after .double()": str(_attribute(centering).dtype).removeprefix("torch.")}


@probe("nothing to train", _START, "len(list(centering.parameters()))")
def _trained(cls: Callable[..., Any]) -> Seen:
    return {"parameters": len(list(_fresh(cls).parameters()))}


@probe(
    "a graph",
    _START,
    _A,
    _B,
    "centering.update_center(2 * a), where a requires a gradient",
    "centering.apply_centering(b).grad_fn",
)
def _graph(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls)
    centering.update_center(_BATCH.clone().requires_grad_() * 2)
    graph = _centered(centering, _OTHER.clone()).grad_fn is not None
    return {"a graph after the update": graph}


@probe(
    "gradient through the centering",
    _START,
    _A,
    "(centering.apply_centering(a) * torch.tensor([1.0, 2.0])).sum().backward()",
)
def _gradient(cls: Callable[..., Any]) -> Seen:
    centering, outputs = _fresh(cls), _BATCH.clone().requires_grad_()
    centering.update_center(_OTHER.clone())
    result = _centered(centering, outputs)
    if result.requires_grad:
        torch.autograd.backward((result * torch.tensor([1.0, 2.0])).sum())
    return {
        "gradient in teacher_output": torch.zeros(2, 2) if outputs.grad is None else outputs.grad
    }


@probe("outputs afterwards", _START, _A, _UPDATE, "centering.apply_centering(a)")
def _afterwards(cls: Callable[..., Any]) -> Seen:
    centering, outputs = _fresh(cls), _BATCH.clone()
    centering.update_center(outputs)
    _centered(centering, outputs)
    return {"teacher_output afterwards": "as before" if torch.equal(outputs, _BATCH) else "changed"}


@probe("the attribute", _START, _A, _UPDATE, "centering.center")
def _buffer(cls: Callable[..., Any]) -> Seen:
    return {"numbers in `center`": _attribute(_updated(cls)).detach().clone().flatten()}


@probe("shape of the center", "CenteringMechanism(3, 0.75).center.shape")
def _shape(cls: Callable[..., Any]) -> Seen:
    return {"shape of the center": tuple(_attribute(_fresh(cls, 3)).shape)}


@probe(
    "default momentum",
    "centering = CenteringMechanism(output_dim=2)",
    _A,
    _UPDATE,
    remark="Made without a momentum it does not use the documented one, 0.9.",
)
def _default(cls: Callable[..., Any]) -> Seen:
    try:
        centering = _zeroed(cls(output_dim=2))
    except TypeError:
        return {_READ: "no default momentum"}
    centering.update_center(_BATCH.clone())
    return {_READ: _center(centering)}


@probe(
    "a NaN in a batch",
    _START,
    _A,
    _UPDATE,
    "centering.update_center(torch.tensor([[nan, 0.0]]))",
    remark="One NaN in a batch stays in the center for good, and in every loss from "
    "then on. An error before the update saves the run.",
)
def _spoilt(cls: Callable[..., Any]) -> Seen:
    centering = _updated(cls)
    with contextlib.suppress(ValueError, RuntimeError, AssertionError):
        centering.update_center(torch.tensor([[torch.nan, 0.0]]))
    return {"still finite": bool(_center(centering).isfinite().all())}


@probe(
    "float16 outputs",
    "centering = CenteringMechanism(output_dim=2, momentum=0.0)",
    "centering.update_center(torch.full((300, 2), 300.0, dtype=torch.float16))",
    remark="Outputs in float16 are added up, or kept, in float16, where 300 times 300 "
    "is infinite. Average in the type of the center: `mean(dim=0, dtype=...)`.",
)
def _half(cls: Callable[..., Any]) -> Seen:
    centering = _fresh(cls, momentum=0.0)
    centering.update_center(torch.full((300, 2), 300.0, dtype=torch.float16))
    return {_READ: _center(centering).float()}


EXERCISES = (
    Exercise(
        reference=CenteringMechanism,
        methods={
            "update_center": "update",
            "apply_centering": "apply apply_center center_output subtract_center forward",
        },
        probes=(*probes(globals()),),
    ),
)
