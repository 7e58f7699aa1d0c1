"""How good is an encoder, and has it collapsed? Measured without moving anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from lesson_code.collapse import effective_rank, embedding_std
from lesson_code.knn import knn_predict
from lesson_code.lab.data import Data, Split
from lesson_code.lab.methods.base import Method

CHUNK = 1024
WATCHED = 512  # images on which collapse is measured


@contextmanager
def resting(module: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, and back to the mode before."""
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(training)


def as_input(images: torch.Tensor) -> torch.Tensor:
    """Images as a network takes them: photographs become numbers from 0 to 1, centered."""
    if images.dtype != torch.uint8:
        return images
    # Only photographs need torchvision.
    from lesson_code.lab.transforms import photograph_views

    plain = photograph_views("evaluate", images.shape[2])
    return torch.stack([plain(image)[0] for image in images])


def features(
    function: Callable[[torch.Tensor], torch.Tensor], images: torch.Tensor, device: torch.device
) -> torch.Tensor:
    """Apply a function to all images, chunk by chunk; the result is on the CPU in float32.

    No graph is kept, and a network is at rest meanwhile.
    """
    still = resting(function) if isinstance(function, nn.Module) else torch.no_grad()
    with still:
        chunks = [
            function(as_input(images[start : start + CHUNK]).to(device)).float().cpu()
            for start in range(0, len(images), CHUNK)
        ]
    return torch.cat(chunks)


def judge(
    represent: Callable[[torch.Tensor], torch.Tensor],
    data: Data,
    split: str = "test",
    device: torch.device | None = None,
) -> dict[str, float]:
    """Measure a representation by three accuracies on held-out images.

    Args:
        represent: maps images ``(N, C, H, W)`` to features ``(N, D)``; a network is
            judged in evaluation mode.
        data: its training images and labels serve as neighbors and to fit the probes.
        split: ``test``, or ``validation`` while choosing settings.
        device: where ``represent`` wants its images.

    Returns:
        ``knn``: the vote of the 20 nearest neighbors; ``linear``: a linear classifier on
        all labels; ``few``: the same on five labels a class, the mean of five draws. A
        probe for which there are too few labels is left out.
    """
    # Here, because scikit-learn loads slowly.
    from lesson_code.lab.probes import few_label_probe, linear_probe

    device = device or torch.device("cpu")
    held_out: Split = getattr(data, split)
    known = data.train.labeled
    x, y = features(represent, known.images, device), known.labels
    queries, answers = features(represent, held_out.images, device), held_out.labels
    nearest = knn_predict(x, y, queries, k=min(20, len(x)))
    measures = {"knn": (nearest == answers).double().mean().item()}
    counts = y.bincount()
    counts = counts[counts > 0]
    if len(counts) > 1:
        measures["linear"] = linear_probe(x, y, queries, answers)
        if counts.min() >= 5:
            measures["few"] = few_label_probe(x, y, queries, answers)
    return measures


def knn_hits(
    represent: Callable[[torch.Tensor], torch.Tensor],
    data: Data,
    split: str = "test",
    device: torch.device | None = None,
) -> torch.Tensor:
    """Which images of a split the vote in ``judge`` names right, ``(N,)`` booleans."""
    held_out: Split = getattr(data, split)
    known, device = data.train.labeled, device or torch.device("cpu")
    x = features(represent, known.images, device)
    queries = features(represent, held_out.images, device)
    return knn_predict(x, known.labels, queries, k=min(20, len(x))) == held_out.labels


def neighbors(method: Method, data: Data, device: torch.device) -> float:
    """Nearest-neighbor accuracy on the validation images, to follow a run by."""
    with resting(method):
        hits = knn_hits(method.represent, data, "validation", device)
    return hits.double().mean().item()


def health(
    method: Method, images: torch.Tensor, views: list[torch.Tensor], device: torch.device
) -> dict[str, float]:
    """Spread and rank of what the loss sees, and what the method itself watches."""
    with resting(method):
        embedded = features(method.embed, images[:WATCHED], device)
        found = {"std": embedding_std(embedded).item(), "rank": effective_rank(embedded).item()}
        return found | method.watch([one.to(device) for one in views])


def accuracy(method: Method, split: Split, device: torch.device) -> float | None:
    """Accuracy of the method's own classifier, if it has one."""
    logits = getattr(method, "logits", None)
    if logits is None:
        return None
    with resting(method):
        predicted = features(logits, split.images, device).argmax(dim=1)
    return (predicted == split.labels).double().mean().item()
