"""What functions ask for beyond the arguments of an exercise, and what they are given."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from lesson_code.checker.match import BAGS


def _width(arguments: Mapping[str, Any], tensors: list[torch.Tensor]) -> int:
    """How long a row is; of an encoder, what it returns."""
    nets = [item for item in arguments.values() if isinstance(item, nn.Module)]
    matrices = [it for net in nets for it in net.parameters() if it.ndim == 2]
    return tensors[0].shape[-1] if tensors else len(matrices[-1])


#: What a function may ask for beyond the arguments of an exercise, and what it is given.
FILL: Mapping[str, Callable[[Mapping[str, Any], list[torch.Tensor]], Any]] = {
    **dict.fromkeys(("batchsize", "bs"), lambda _, tensors: len(tensors[0])),
    **dict.fromkeys(
        ("numclasses", "nclasses", "classes"),
        lambda given, _: int(given["labels"].max()) + 1 if "labels" in given else 2,
    ),
    **dict.fromkeys(
        ("outdim", "outputdim", "numfeatures", "embeddingdim", "featuredim", "dim", "indim"), _width
    ),
    **dict.fromkeys(BAGS, lambda *_: None),
    **dict.fromkeys(("projector", "mlp"), lambda *it: "-".join(2 * [str(_width(*it))])),
    "ncrops": lambda given, _: len(given.get("student_outputs", "1")),
    "warmupteachertemp": lambda given, _: given.get("temperature_t", 0.04),
    "nviews": lambda *_: 2,
    "globalstep": lambda *_: 10**9,  # the warm-up of a momentum is over
    **dict.fromkeys(("device",), lambda *_: "cpu"),
    **dict.fromkeys(("worldsize", "nepochs", "ngpu", "niterperep"), lambda *_: 1),
    "lowresolutionoutputs": lambda *_: [],
    **dict.fromkeys(("rank", "epoch", "warmupteachertempepochs"), lambda *_: 0),
    **dict.fromkeys(("it", "step", "iteration", "niter", "currentstep"), lambda *_: 0),
    **dict.fromkeys(("endvalue", "finalvalue", "mend"), lambda *_: 1.0),
}

#: Of these, sizes: whatever their default, they must be those of the arguments.
SIZES = ("outdim", "outputdim", "numfeatures", "embeddingdim", "featuredim", "indim", "batchsize")
