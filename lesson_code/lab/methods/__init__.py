"""The methods of the lab by name: each a small class around a published loss."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from lesson_code.lab import own
from lesson_code.lab.methods.base import Method, Settings
from lesson_code.lab.run import LabError, nearest

_PLACES = {
    "supervised": ("supervised", "Supervised"),
    "simclr": ("contrastive", "SimCLR"),
    "moco": ("contrastive", "MoCo"),
    "byol": ("bootstrap", "BYOL"),
    "simsiam": ("bootstrap", "SimSiam"),
    "swav": ("clustering", "SwAV"),
    "barlow": ("redundancy", "BarlowTwins"),
    "vicreg": ("redundancy", "VICReg"),
    "dino": ("dino", "DINO"),
    "mae": ("masked", "MAE"),
    "distillation": ("distillation", "Distillation"),
}


class _Methods(Mapping[str, type[Method]]):
    """The classes by name; a module is imported when a class of it is wanted.

    So a run depends on its own method only, and not on the others.
    """

    def __getitem__(self, name: str) -> type[Method]:
        module, kind = _PLACES[name]
        made = importlib.import_module(f"lesson_code.lab.methods.{module}")
        found: type[Method] = getattr(made, kind)
        return found

    def __contains__(self, name: object) -> bool:
        return name in _PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


METHODS = _Methods()


def method(name: str) -> type[Method]:
    """The class of a method: of the lab, registered, or in a file (``mine.py:MyMethod``).

    Raises:
        LabError: if there is no method of that name; the message names the nearest.
    """
    if name in METHODS:
        return METHODS[name]
    made = own.find(name)
    if isinstance(made, type) and issubclass(made, Method):
        return made
    if made is not None:
        raise LabError(f"method {name} must be a class derived from Method, got {made!r}")
    raise nearest(name, [*METHODS, *own.REGISTERED], "method")


__all__ = ["METHODS", "Method", "Settings", "method"]
