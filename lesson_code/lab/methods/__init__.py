"""The methods of the lab by name: each a small class around a published loss."""

from lesson_code.lab.methods.base import Method
from lesson_code.lab.methods.bootstrap import BYOL, SimSiam
from lesson_code.lab.methods.clustering import SwAV
from lesson_code.lab.methods.contrastive import MoCo, SimCLR
from lesson_code.lab.methods.dino import DINO
from lesson_code.lab.methods.distillation import Distillation
from lesson_code.lab.methods.masked import MAE
from lesson_code.lab.methods.redundancy import BarlowTwins, VICReg
from lesson_code.lab.methods.supervised import Supervised
from lesson_code.lab.run import nearest

METHODS: dict[str, type[Method]] = {
    "supervised": Supervised,
    "simclr": SimCLR,
    "moco": MoCo,
    "byol": BYOL,
    "simsiam": SimSiam,
    "swav": SwAV,
    "barlow": BarlowTwins,
    "vicreg": VICReg,
    "dino": DINO,
    "mae": MAE,
    "distillation": Distillation,
}


def method(name: str) -> type[Method]:
    """The class of a method.

    Raises:
        LabError: if there is no method of that name; the message names the nearest.
    """
    if name not in METHODS:
        raise nearest(name, METHODS, "method")
    return METHODS[name]


__all__ = ["METHODS", "Method", "method"]
