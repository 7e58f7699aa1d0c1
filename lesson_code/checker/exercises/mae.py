"""The exercises of MAE: which patches to hide, and what the hidden ones cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from lesson_code.checker.exercise import Calls, Exercise, Other, Probe, ReaderError, Seen, normal
from lesson_code.checker.exercise import probes
from lesson_code.mae import mae_loss, patchify, random_masking

_Masking = Callable[..., Any]

# --- random_masking -------------------------------------------------------------------------
# Right functions may draw other numbers, so probes look at what must hold for every draw.


class _Otherwise(Exception):
    """Something else came back than three tensors; says what."""


def _drawn(
    function: _Masking, batch: int, patches: int, ratio: float, seed: int | None = 7
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Draw with a generator of this seed, or with the global one."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    result = function(batch=batch, patches=patches, ratio=ratio, generator=generator)
    if result is None:
        raise ReaderError("returns None")
    if not isinstance(result, (tuple, list)):
        raise _Otherwise(f"a {type(result).__name__}")
    if len(result) != 3:
        raise _Otherwise(f"{len(result)} results")
    keep, mask, restore = (torch.as_tensor(part) for part in result)
    return keep, mask, restore


def _look(name: str, shows: str, remark: str = "") -> Callable[[Callable[[_Masking], Seen]], Probe]:
    """A probe that also tells when something else comes back than three tensors."""

    def made(ask: Callable[[_Masking], Seen]) -> Probe:
        def asked(function: _Masking) -> Seen:
            try:
                return {"what comes back": "keep, mask and restore"} | ask(function)
            except _Otherwise as other:
                return {"what comes back": str(other)}

        return Probe(name, asked, shows, remark)

    return made


_16 = "batch = {}\npatches = 16\nratio = {}\ngenerator = torch.Generator().manual_seed(7)"


@_look("shapes for three images of 16 patches", _16.format(3, 0.75))
def _shapes(function: _Masking) -> Seen:
    keep, mask, restore = _drawn(function, 3, 16, 0.75)
    return {
        "shape of keep": tuple(keep.shape),
        "shape of mask": tuple(mask.shape),
        "shape of restore": tuple(restore.shape),
    }


@_look("type of the results", _16.format(3, 0.75))
def _kind(function: _Masking) -> Seen:
    keep, mask, restore = _drawn(function, 3, 16, 0.75)
    return {
        "mask is boolean": mask.dtype == torch.bool,
        "keep and restore hold whole numbers": not (
            keep.is_floating_point() or restore.is_floating_point()
        ),
    }


@_look("whether keep, mask and restore tell the same", _16.format(50, 0.75))
def _consistent(function: _Masking) -> Seen:
    """Whether the three results tell the same."""
    keep, mask, restore = _drawn(function, 50, 16, 0.75)
    mask = mask.bool()
    kept = keep.shape[-1]
    fits = mask.shape == restore.shape == (50, 16) and keep.shape == (50, kept)
    seen: Seen = {"all have a row for each image": fits}
    if not fits:
        return seen
    hidden = torch.ones(50, 16, dtype=torch.bool).scatter(1, keep, False)
    agreement = {True: "the removed patches", False: "other patches"}[torch.equal(mask, hidden)]
    if torch.equal(mask, ~hidden):
        agreement = "the kept patches"
    order = torch.arange(16).expand(50, 16)
    places = order.gather(1, keep)
    tokens = torch.cat([places, torch.full((50, 16 - kept), -1)], dim=1)
    back = tokens.gather(1, restore)
    return seen | {
        "mask is True at": agreement,
        "restore is a permutation": torch.equal(restore.sort(dim=1).values, order),
        "restore puts the kept patches back": torch.equal(back, order.masked_fill(hidden, -1)),
        "restore and mask agree": torch.equal(mask, restore >= kept),
        "keep is the beginning of restore": torch.equal(keep, restore[:, :kept]),
    }


@_look("how many are removed", _16.format(200, 0.75))
def _counts(function: _Masking) -> Seen:
    keep, mask, _ = _drawn(function, 200, 16, 0.75)
    removed = mask.bool().reshape(-1, 16).sum(dim=1)
    ordered = keep.sort(dim=-1).values
    return {
        "number removed from each image": int(removed[0])
        if bool((removed == removed[0]).all())
        else "it varies",
        "a patch is kept twice": bool((ordered.diff(dim=-1) == 0).any()),
    }


@_look("whether images have masks of their own", _16.format(64, 0.5))
def _different(function: _Masking) -> Seen:
    _, mask, _ = _drawn(function, 64, 16, 0.5)
    found = len(torch.unique(mask.bool().reshape(-1, 16), dim=0))
    several = "nearly all differ" if found > 55 else "some are the same"
    return {"masks of 64 images": "all are the same" if found == 1 else several}


@_look(
    "whether every patch is as likely",
    "batch = 600\npatches = 8\nratio = 0.5\ngenerator = torch.Generator().manual_seed(7)",
)
def _likely(function: _Masking) -> Seen:
    """Whether chance treats all places alike, and neighbors like any two patches."""
    _, mask, _ = _drawn(function, 600, 8, 0.5)
    removed = mask.bool().reshape(-1, 8).double()
    together = (removed[:, 1:] * removed[:, :-1]).mean().item()
    return {
        "each place is removed about as often": bool(
            ((removed.mean(dim=0) - 0.5).abs() < 0.1).all()
        ),
        "neighbors are removed together as often as any two": abs(together - 3 / 14) < 0.08,
    }


@_look("several calls", "batch = 8\npatches = 16\nratio = 0.5\nwithout a generator, twice")
def _calls(function: _Masking) -> Seen:
    masks = [_drawn(function, 8, 16, 0.5, seed=None)[1] for _ in range(2)]
    return {"two calls without a generator give the same masks": torch.equal(*masks)}


_NO_GENERATOR = (
    "It cannot be told which numbers to draw. Hand a `generator` to `torch.rand`, and a run can be "
    "repeated whatever else draws."
)


@_look(
    "several generators",
    "batch = 8\npatches = 16\nratio = 0.5\n"
    "with generators of seeds 3, 3 and 4, then twice with one",
    _NO_GENERATOR,
)
def _generators(function: _Masking) -> Seen:
    """What repeated calls give with a generator."""
    given = [_drawn(function, 8, 16, 0.5, seed)[1] for seed in (3, 3, 4)]
    generator = torch.Generator().manual_seed(3)
    arguments = {"batch": 8, "patches": 16, "ratio": 0.5, "generator": generator}
    going_on = [torch.as_tensor(function(**arguments)[1]) for _ in range(2)]
    return {
        "generators of one seed give the same masks": torch.equal(given[0], given[1]),
        "generators of two seeds give the same masks": torch.equal(given[0], given[2]),
        "a generator gives the same masks again": torch.equal(*going_on),
    }


@_look("the global generator, when another is given", _16.format(2, 0.5), _NO_GENERATOR)
def _global(function: _Masking) -> Seen:
    before = torch.get_rng_state()
    _drawn(function, 2, 16, 0.5)
    return {"the global generator is as before": torch.equal(torch.get_rng_state(), before)}


@_look("order of the kept patches", _16.format(200, 0.75))
def _order(function: _Masking) -> Seen:
    keep, _, _ = _drawn(function, 200, 16, 0.75)
    return {"keep lists the patches in image order": torch.equal(keep.sort(dim=-1).values, keep)}


def _numbered(function: _Masking, batch: int, patches: int, ratio: float, generator: Any) -> Any:
    """Tokens that say their number, so that those kept are known."""
    if generator is not None:
        torch.default_generator.manual_seed(generator.initial_seed())
    tokens = torch.arange(patches, dtype=torch.float32).repeat(batch, 1)[..., None]
    result = function(tokens=tokens, ratio=ratio)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        return result
    kept, mask, restore = (torch.as_tensor(each) for each in result)
    whole = bool(((mask == 0) | (mask == 1)).all())
    return kept[..., 0].long() if kept.ndim == 3 else kept, mask.bool() if whole else mask, restore


def _kept(patches: int, ratio: float) -> Probe:
    @_look(f"{patches} patches, ratio {ratio}", f"batch = 2\npatches = {patches}\nratio = {ratio}")
    def ask(function: _Masking) -> Seen:
        return {"number kept": _drawn(function, 2, patches, ratio)[0].shape[-1]}

    return ask


_masking = Calls(random_masking)

_RANDOM_MASKING = Exercise(
    reference=random_masking,
    optional=("generator",),
    others=(
        Other(
            "random_masking_of",
            "tokens: 'Tensor', ratio: float",
            _numbered,
            "Its tokens are numbered, to see which it keeps.",
        ),
    ),
    probes=(
        *probes(globals()),
        _kept(196, 0.75),
        _kept(64, 0.6),
        _kept(16, 0.9),
        _kept(100, 0.9),
        _masking.refuses("a ratio of 1", "no patch is left to encode", 2, 16, 1.0),
    ),
)

# --- mae_loss -------------------------------------------------------------------------------

_IMAGE = torch.arange(8.0).reshape(1, 1, 2, 4)
_OFF = patchify(_IMAGE, 2) + torch.tensor([[[5.0, 5.0, 5.0, 5.0], [1.0, 3.0, 1.0, 3.0]]])
_ONE = torch.tensor([[False, True]])

#: The ordinary case: square, and in color.
_IMAGES = normal(1, 3, 3, 4, 4)
_GUESS = normal(2, 3, 4, 12)
_MASK = torch.tensor(
    [[True, True, False, True], [False, True, True, True], [True, False, True, True]]
)
_UNEVEN = torch.tensor(
    [[True, True, True, True], [False, True, False, False], [True, False, True, False]]
)
_WIDE = torch.tensor([[True, True, False, True, False, True]])
_DIM = 0.001 * _IMAGES + 0.5
_SKY = torch.full((1, 1, 4, 4), 0.5)
_ALL = torch.ones(1, 4, dtype=torch.bool)

_NOT_SQUARE = (
    "It takes square images of three channels, as MAE's own code does, and fails for others. "
    "`patchify` of the lesson takes any."
)


def _ordinary_first(*probes: Probe) -> tuple[Probe, ...]:
    """Mark what is beyond square images in color, where much published code fails."""

    def is_ordinary(each: Probe) -> bool:
        shape = each.arguments["images"].shape
        return bool(shape[1] == 3 and shape[2] == shape[3])

    return tuple(
        each if each.remark or is_ordinary(each) else replace(each, beyond=_NOT_SQUARE)
        for each in probes
    )


_loss = Calls(mae_loss, prediction=_GUESS, images=_IMAGES, mask=_MASK, patch=2)

_MAE_LOSS = Exercise(
    reference=mae_loss,
    optional=("normalize",),
    form="scale",
    probes=_ordinary_first(
        _loss.value("two patches, one removed", _OFF, _IMAGE, _ONE),
        _loss.value("the other one removed", _OFF, _IMAGE, ~_ONE),
        _loss.value("a perfect prediction", patchify(_IMAGE, 2), _IMAGE, _ONE),
        _loss.value("a normalized target", torch.zeros(1, 2, 4), _IMAGE, _ONE, normalize=True),
        _loss.value("three color images", normalize=False),
        _loss.value("three color images, normalized", normalize=True),
        _loss.value("default target"),
        _loss.value("masks of different sizes", mask=_UNEVEN, normalize=False),
        _loss.value("two channels, not square", normal(4, 1, 6, 8), normal(5, 1, 2, 4, 6), _WIDE),
        _loss.value("patches of low contrast, normalized", images=_DIM, normalize=True),
        _loss.value(
            "a flat image, normalized", torch.full((1, 4, 4), 0.5), _SKY, _ALL, normalize=True
        ),
        _loss.gradient("which way the prediction is pushed", "prediction", normalize=False),
        _loss.untouched("arguments afterwards", normalize=True),
        _loss.precise("float64", normalize=True),
        _loss.half(
            "large numbers in float16",
            "In float16 squares overflow above 65,504. Compute in float32 at least: "
            "`images.float()`.",
            300 * _GUESS,
            300 * _IMAGES,
            normalize=False,
        ),
        _loss.value(
            "nothing removed",
            mask=torch.zeros_like(_MASK),
            normalize=False,
            remark="A mask that removes nothing gives a number, as if the model were perfect or "
            "worse. NaN, or an error, tells that there is nothing to average.",
        ),
    ),
)

EXERCISES = (_RANDOM_MASKING, _MAE_LOSS)
