"""Use what was trained: the encoder as a file of torch's, and the features of pictures."""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lesson_code.lab import checkpoint, evaluate
from lesson_code.lab.data import Data, DataError, load, usual_size
from lesson_code.lab.networks import build_encoder
from lesson_code.lab.run import LabError
from lesson_code.lab.telling import nearby, plain, why

CHUNK = 256
CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Encoder:
    """A trained encoder and what it takes.

    Attributes:
        module: maps images ``(N, C, H, W)`` to features ``(N, D)``, in evaluation mode.
        run: it was trained in, as plain values.
        images: their ``channels``, ``size`` and ``type``; photographs (``uint8``) are
            brought to values from 0 to 1, then to ``mean`` 0 and ``deviation`` 1.
    """

    module: nn.Module
    run: dict[str, Any]
    images: dict[str, Any]


def exported(run: Path) -> dict[str, Any]:
    """What ``encoder.pt`` holds: ``network``, ``weights``, ``images`` and ``run``.

    Args:
        run: the folder of a run, or its checkpoint.

    Raises:
        LabError: if there is no checkpoint that can be read.
    """
    file = run if run.name == CHECKPOINT else run / CHECKPOINT
    if not file.is_file():
        what = f"has no {CHECKPOINT}" if run.is_dir() else "does not exist"
        raise LabError(f"the folder {run} {what}: name the folder of a run{nearby(run)}")
    state = checkpoint.load(file)
    prefix = "encoder."
    try:
        images = {key: state["data"][key] for key in ("channels", "size", "type")}
        if images["type"] == "uint8":
            from lesson_code.lab.transforms import DEVIATION, MEAN

            images |= {"mean": list(MEAN), "deviation": list(DEVIATION)}
        weights = {
            name.removeprefix(prefix): tensor
            for name, tensor in state["method"].items()
            if name.startswith(prefix)
        }
        if not weights or not all(isinstance(one, torch.Tensor) for one in weights.values()):
            raise TypeError("no weights of an encoder")
        return {
            "network": state["network"],
            "weights": weights,
            "images": images,
            "run": {"step": state["step"], **state["run"]},
        }
    except KeyError as error:
        raise LabError(f"{file} lacks {error}: another version of the lab wrote it") from None
    except (TypeError, AttributeError) as error:
        raise LabError(f"{file} holds something else than a run ({error})") from None


def export(run: Path, to: Path | None = None) -> Path:
    """Write the encoder of a run, so that ``torch.load(weights_only=True)`` opens it.

    Args:
        run: the folder of a run.
        to: the file; None takes ``encoder.pt`` in that folder.

    Returns:
        The file.

    Raises:
        LabError: if the run cannot be read or the file not be written.
    """
    to = to or (run.parent if run.name == CHECKPOINT else run) / "encoder.pt"
    if to.name == CHECKPOINT:
        raise LabError(f"{to} would replace what a run goes on from: name another file")
    if to.suffix not in (".pt", ".pth") and to.is_file():
        raise LabError(f"{to} is there already and no .pt: name another file")
    buffer = io.BytesIO()
    torch.save(exported(run), buffer)
    checkpoint.write_whole(to, buffer.getvalue())
    return to


def encoder_of(path: Path) -> Encoder:
    """Open the folder of a run, or an ``encoder.pt``.

    Raises:
        LabError: if it is neither, or the encoder was made by a method itself, so that
            the lab cannot make it again.
    """
    try:
        if not path.is_file() or path.name == CHECKPOINT:
            saved = exported(path)
        else:
            saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved["network"] is None:
            raise LabError(
                f"the method {saved['run']['method']} makes its encoder itself: make it, and "
                f"load the weights of `lab export` into it"
            )
        module = build_encoder(**saved["network"])
        module.load_state_dict(saved["weights"])
        images = {key: saved["images"][key] for key in ("channels", "size", "type")}
        run = saved["run"] | {"data": saved["run"]["data"]}
        return Encoder(module.eval(), run, saved["images"] | images)
    except LabError:
        raise
    except Exception as error:  # what is not torch's fails in every way there is
        raise LabError(f"{path} is no encoder of the lab: {why(error)}") from None


def features_of_pictures(
    encoder: Encoder, folder: Path, device: str = "cpu", skip_damaged: bool = False
) -> tuple[torch.Tensor, list[str]]:
    """Encode all pictures in a folder and the folders below it.

    Args:
        encoder: trained on photographs.
        folder: of pictures, in any order; no classes are needed.
        device: where to compute.
        skip_damaged: whether to leave out those that cannot be read.

    Returns:
        Features ``(N, D)`` float32, and the N file names, from the folder on.

    Raises:
        LabError: if the encoder is not one of photographs.
        DataError: if there are no pictures, or some cannot be read; all are named.
    """
    from lesson_code.lab.data.pictures import decode, pictures_in

    if encoder.images["type"] != "uint8":
        raise LabError(
            f"this encoder was trained on {encoder.run['data']}, not on photographs: it "
            f"encodes the data sets of the lab"
        )
    if not folder.is_dir():
        raise DataError(f"the folder {folder} does not exist{nearby(folder)}")
    files = pictures_in(folder)
    found, names, damaged = [], [], []
    for start in range(0, len(files), CHUNK):
        pixels = []
        for file in files[start : start + CHUNK]:
            name = file.relative_to(folder).as_posix()
            try:
                pixels.append(torch.from_numpy(decode(file, encoder.images["size"])[0].copy()))
                names.append(name)
            except DataError as error:
                damaged.append(f"\n  {plain(f'{file}: {error}', '')}")
        if pixels:
            found.append(_encoded(encoder, torch.stack(pixels), device))
    if damaged and not skip_damaged:
        raise DataError(
            f"{len(damaged)} of {len(files)} pictures cannot be read; --skip-damaged "
            f"leaves them out:{''.join(damaged)}"
        )
    if not found:
        raise DataError(f"{folder} has no pictures")
    return torch.cat(found), names


def features_of_data(
    encoder: Encoder, data: Data, device: str = "cpu"
) -> tuple[torch.Tensor, list[str]]:
    """Encode all images of a data set.

    Returns:
        Features ``(N, D)`` float32, and N names: of the split, and the image in it.

    Raises:
        LabError: if its images are not like those that the encoder was trained on.
    """
    facts = data.facts()
    theirs, ours = (
        {key: one[key] for key in ("channels", "size", "type")} for one in (encoder.images, facts)
    )
    if theirs != ours:
        raise LabError(f"the encoder takes images of {theirs}, {data.name} has {ours}")
    splits = data.splits()
    found = [_encoded(encoder, split.images, device) for split in splits.values()]
    names = [f"{part}/{name}" for part, split in splits.items() for name in data.names(split)]
    return torch.cat(found), names


def _encoded(encoder: Encoder, images: torch.Tensor, device: str) -> torch.Tensor:
    module = encoder.module.to(device)
    found = evaluate.features(module, images, torch.device(device))
    if not found.isfinite().all():
        raise LabError("the encoder gives features that are not finite: its weights are damaged")
    return found


def features(
    trained: Path, images: str | None = None, device: str = "cpu", skip_damaged: bool = False
) -> tuple[torch.Tensor, list[str]]:
    """Encode a folder of pictures or a data set.

    Args:
        trained: the folder of a run, or its ``encoder.pt``.
        images: a folder, or a name that ``load`` knows; None takes what the run trained on.
        device: where to compute.
        skip_damaged: whether to leave out pictures that cannot be read.

    Returns:
        Features ``(N, D)`` float32, and N names.
    """
    encoder = encoder_of(trained)
    name = images or encoder.run["data"]
    folder = Path(os.path.expanduser(name.removeprefix("folder:")))
    if name.startswith("folder:") or folder.is_dir():
        return features_of_pictures(encoder, folder, device, skip_damaged)
    size = encoder.images["size"] if usual_size(name) else None
    return features_of_data(encoder, load(name, size=size), device)


def write(features: torch.Tensor, names: Sequence[str], to: Path) -> list[Path]:
    """Write features as ``.npy``, names beside them line by line; or both as ``.safetensors``.

    In a line, what is no letter or sign of a name is spelled out, such as an end of line.

    Returns:
        The files; a ``.safetensors`` file has the names in its metadata, as JSON.

    Raises:
        LabError: if the suffix is another, or a file cannot be written.
    """
    check_target(to)
    if to.suffix == ".safetensors":
        try:
            save = importlib.import_module("safetensors.torch").save
        except ImportError:
            raise LabError(
                "a .safetensors file needs safetensors: pip install safetensors, or write .npy"
            ) from None
        checkpoint.write_whole(to, save({"features": features}, {"names": json.dumps(list(names))}))
        return [to]
    import numpy as np

    buffer, beside = io.BytesIO(), to.with_suffix(".txt")
    np.save(buffer, features.numpy())
    checkpoint.write_whole(to, buffer.getvalue())
    checkpoint.write_whole(beside, "".join(f"{plain(name, '')}\n" for name in names).encode())
    return [to, beside]


def check_target(to: Path) -> None:
    """Require a file that features can be written to, before they are computed.

    Raises:
        LabError: if the suffix is another, or its names would replace another file.
    """
    if to.suffix not in (".npy", ".safetensors"):
        raise LabError(f"features are written as .npy or .safetensors, got {to}")
    beside = to.with_suffix(".txt")
    if to.suffix == ".npy" and beside.exists() and not to.exists():
        raise LabError(f"{beside} is another file, and the names would replace it: choose another")
