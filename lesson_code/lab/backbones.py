"""Networks that the lab has not made: of torchvision, of timm, or one's own."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from lesson_code.lab import own
from lesson_code.lab.run import LabError, nearest


def backbone(name: str, channels: int, size: int, lab: Sequence[str]) -> nn.Module:
    """Build a network that gives features, by its name.

    Args:
        name: registered; ``FILE.py:NAME``; ``timm:NAME``; or a classifier of torchvision,
            which loses its last layer.
        channels: of the images.
        size: height and width of the images.
        lab: the names of the lab's own networks, for the message.

    Raises:
        LabError: if there is no such network, or it cannot be built like that.
    """
    kind, _, rest = name.partition(":")
    if (made := own.find(name)) is not None:
        return _of_ones_own(name, made, channels, size)
    if kind == "timm":
        return _of_timm(rest, channels, size)
    return _of_torchvision(rest if kind == "torchvision" else name, channels, size, lab)


def _of_ones_own(name: str, made: Any, channels: int, size: int) -> nn.Module:
    taken = inspect.signature(made).parameters
    given = {"channels": channels, "size": size}
    try:
        network = made(**{key: given[key] for key in given if key in taken})
    except TypeError as error:
        raise LabError(f"network {name} must be made from channels and size: {error}") from error
    if not isinstance(network, nn.Module):
        raise LabError(f"network {name} must be a torch module, got {type(network).__name__}")
    return network


def _of_timm(name: str, channels: int, size: int) -> nn.Module:
    try:
        timm = importlib.import_module("timm")
    except ImportError:
        raise LabError(
            f"network timm:{name} needs timm, which is not installed: pip install timm"
        ) from None
    known = timm.list_models()
    if name.partition(".")[0] not in known:
        raise nearest(name, known, "network of timm")
    options = {"pretrained": False, "num_classes": 0, "in_chans": channels}
    try:
        network: nn.Module = timm.create_model(name, img_size=size, **options)
    except TypeError:  # a convolutional network takes any size
        network = timm.create_model(name, **options)
    return network


def _of_torchvision(name: str, channels: int, size: int, lab: Sequence[str]) -> nn.Module:
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        ours = [*lab, *own.REGISTERED]
        close = difflib.get_close_matches(name.lower(), [*ours, *known], n=1, cutoff=0.4)
        if close:
            raise nearest(name, ours if close[0] in ours else known, "network")
        raise LabError(
            f"no network {name!r}; known: {', '.join(ours)}, the classifiers of torchvision, "
            f"timm:NAME, FILE.py:NAME"
        )
    options: dict[str, Any] = {}
    if name.startswith("vit_"):
        options = {"image_size": size}
    elif name.startswith("maxvit"):
        options = {"input_size": (size, size)}
    elif name in ("googlenet", "inception_v3"):
        options = {"aux_logits": False, "init_weights": True}
    try:
        network: nn.Module = models.get_model(name, weights=None, **options)
    except Exception as error:  # assertions, too
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise LabError(f"network {name} cannot be built for {size} pixels: {reason}") from error
    layers = [key for key, part in network.named_modules() if isinstance(part, nn.Linear)]
    if layers:
        network.set_submodule(layers[-1], nn.Identity())
    return with_channels(network, channels)


def with_channels(network: nn.Module, channels: int) -> nn.Module:
    """Let the first convolution of a network take so many channels."""
    first = next((p for p in network.modules() if isinstance(p, nn.Conv2d)), None)
    if first is not None and first.in_channels != channels:
        first.in_channels, first.groups = channels, 1
        shape = (first.out_channels, channels, *first.kernel_size)
        first.weight = nn.Parameter(first.weight.new_empty(shape))
        first.reset_parameters()
    return network


def length_of(encoder: nn.Module) -> int | None:
    """The length of an encoder's features, if it says so."""
    for name in ("length", "features"):
        value = getattr(encoder, name, None)
        if isinstance(value, int):
            return value
    return None


def measured(encoder: nn.Module, name: str, channels: int, size: int) -> nn.Module:
    """Have an encoder that does not say how long its features are try it on two images.

    Raises:
        LabError: if it cannot take such images, or does not return ``(N, D)``.
    """
    if length_of(encoder) is not None:
        return encoder
    encoder.eval()
    with torch.no_grad():
        try:
            found = encoder(torch.zeros(2, channels, size, size))
        except Exception as error:  # whatever a network of somebody else's raises
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise LabError(
                f"network {name} cannot take images of {channels} x {size} x {size}: {reason}"
            ) from error
    if not isinstance(found, torch.Tensor) or found.ndim != 2 or len(found) != 2:
        got = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
        raise LabError(f"network {name} must return features (N, D), got {got} for 2 images")
    vars(encoder)["length"] = found.shape[1]  # a module's attributes are typed as modules
    return encoder.train()
