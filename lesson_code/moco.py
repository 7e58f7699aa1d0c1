"""MoCo: a queue of keys from past batches, encoded by a slowly moving network."""

# --8<-- [start:imports]
import copy

import torch
import torch.nn.functional as F
from torch import nn

# --8<-- [end:imports]

from lesson_code.guards import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_matrices,
    check_positive,
)
from lesson_code.ema import ema_update


# --8<-- [start:MoCo]
class MoCo(nn.Module):
    r"""Contrast a query with its key and with a queue of keys from earlier batches.

    Section 3 and algorithm 1 of MoCo. For a query q, its key k and the K columns of the
    queue, all of length one, the logits are :math:`q^\top k / T` and
    :math:`q^\top k_i / T`; their cross-entropy with label 0 is the loss.

    A forward pass in training mode is one step: it moves the key encoder toward the
    query encoder, encodes the keys, takes the logits against the queue as it was, then
    replaces the oldest keys. In evaluation mode it changes nothing. Where a step fails,
    the queue, its pointer and the key encoder are as before.

    The state dict holds both encoders, the queue and its pointer, so that training
    resumes bit for bit (with the random state restored: keys are shuffled).

    Args:
        encoder: maps a batch of N images to ``(N, dim)``, whatever its parts; it is
            trained. The key encoder is a copy of it that receives no gradient.
        dim: the length of a key.
        K: how many keys the queue holds; it need not be a multiple of the batch size.
        m: the momentum of the key encoder, from 0 to 1.
        T: the temperature, above 0.

    Raises:
        ValueError: if an argument is outside its range.

    Deviations:
        The official code works on several devices, shuffles keys and gathers them
        across devices, and requires K to be a multiple of the batch size. Here is one
        device; ``SplitBatch`` makes up for what shuffling loses by that.
    """

    queue: torch.Tensor
    queue_ptr: torch.Tensor

    def __init__(
        self,
        encoder: nn.Module,
        dim: int = 128,
        K: int = 65536,
        m: float = 0.999,
        T: float = 0.07,
    ) -> None:
        super().__init__()
        if not isinstance(encoder, nn.Module):
            kind = type(encoder).__name__
            raise ValueError(f"encoder must be a torch.nn.Module, got {kind}")
        check_counts(dim=dim, K=K)
        check_fraction(m=m)
        check_positive(T=T)
        self.dim, self.K, self.m, self.T = dim, K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder).requires_grad_(False)
        like = next(encoder.parameters(), torch.empty(0))
        queue = torch.randn(dim, K, dtype=like.dtype, device=like.device)
        self.register_buffer("queue", F.normalize(queue, dim=0))
        pointer = torch.zeros(1, dtype=torch.long, device=like.device)
        self.register_buffer("queue_ptr", pointer)

    def forward(
        self, im_q: torch.Tensor, im_k: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of a batch and its labels; in training mode, take a step.

        Args:
            im_q: one view of each of N images.
            im_k: the other view of the same images, of the same shape.

        Returns:
            Logits ``(N, 1 + K)``, the positive first, and N labels that are all 0. Half
            precision is computed and returned in float32.

        Raises:
            ValueError: if the batches are empty, not floating point or differ in shape
                or device, if the encoder does not return ``(N, dim)``, or if training
                would put NaN or infinity into the key encoder or the queue.
        """
        check_batches(im_q=im_q, im_k=im_k)
        if im_q.device != self.queue.device:
            device = self.queue.device
            raise ValueError(f"im_q must be on {device} like MoCo, got {im_q.device}")
        q = self.encode(self.encoder_q, im_q)  # (N, dim)
        if not self.training:
            with torch.no_grad():
                k = self.encode(self.encoder_k, im_k)  # (N, dim)
            return self.contrast(q, k)
        before = copy.deepcopy(self.encoder_k.state_dict())
        try:
            self.update_key_encoder()
            k = self.encode_shuffled_keys(im_k)
            logits, labels = self.contrast(q, k)  # against the old queue
            self.enqueue(k)
        except Exception:
            self.encoder_k.load_state_dict(before)
            raise
        return logits, labels

    def encode(self, encoder: nn.Module, images: torch.Tensor) -> torch.Tensor:
        """Encode images as rows of length one, in float32 at least."""
        features = encoder(images)
        expected = (len(images), self.dim)
        if not isinstance(features, torch.Tensor) or features.shape != expected:
            got = tuple(getattr(features, "shape", ())) or type(features).__name__
            raise ValueError(f"encoder must return (N, dim) = {expected}, got {got}")
        dtype = torch.promote_types(features.dtype, torch.float32)
        return F.normalize(features.to(dtype))  # (N, dim)

    def update_key_encoder(self) -> None:
        """Move the key encoder's parameters toward the query encoder's; no buffers."""
        ema_update(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k: torch.Tensor) -> torch.Tensor:
        """Encode keys in random order and give them back in the order they came in.

        This is shuffling BN, section 3.3 of MoCo. Batch normalization lets a query and
        its key recognize each other by the statistics of the batch they share. When
        statistics are taken over parts of a batch, shuffling puts a key into another
        part than its query. Over a whole batch it does nothing: see ``SplitBatch``.
        """
        order = torch.randperm(len(im_k), device=im_k.device)
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]  # (N, dim)

    def contrast(
        self, q: torch.Tensor, k: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of queries against their keys and the queue, and labels."""
        # A copy: the backward pass needs the queue as it was before the next enqueue.
        queue = self.queue.to(q.dtype, copy=True)  # (dim, K)
        q = q / self.T
        positive = (q * k).sum(dim=1, keepdim=True)  # (N, 1)
        logits = torch.cat([positive, q @ queue], dim=1)  # (N, 1 + K)
        return logits, torch.zeros(len(q), dtype=torch.long, device=q.device)

    @torch.no_grad()
    def enqueue(self, keys: torch.Tensor) -> None:
        """Replace the oldest columns of the queue, going on at its start after its end.

        Args:
            keys: rows of length one, ``(N, dim)``; of more than K the last K stay.

        Raises:
            ValueError: if the keys have another length or hold NaN or infinity.
        """
        check_matrices(keys=keys)
        if keys.shape[1] != self.dim:
            raise ValueError(f"keys must have length {self.dim}, got {keys.shape[1]}")
        check_finite(keys=keys)
        # No column twice: which of two writes wins is not defined on a GPU.
        newest = torch.arange(len(keys), device=keys.device)[-self.K :]
        columns = (self.queue_ptr + newest) % self.K
        self.queue[:, columns] = keys[newest].T.to(self.queue.dtype)
        self.queue_ptr.copy_((self.queue_ptr + len(keys)) % self.K)


# --8<-- [end:MoCo]


# --8<-- [start:SplitBatch]
class SplitBatch(nn.Module):
    """Run an encoder on equal parts of a batch, one after the other.

    Batch normalization inside then takes its statistics over a part, as it does on
    several devices. ``MoCo(SplitBatch(encoder, 8))`` encodes queries in 8 parts and
    shuffled keys in 8 other ones: shuffling BN on one device.

    Args:
        encoder: any network that maps a batch to a batch.
        groups: how many parts; it must divide the batch size.

    Raises:
        ValueError: if ``groups`` is not a whole number above 0 or does not divide the
            batch.
    """

    def __init__(self, encoder: nn.Module, groups: int) -> None:
        super().__init__()
        check_counts(groups=groups)
        self.encoder, self.groups = encoder, groups

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Encode each part of the batch by itself."""
        if len(x) % self.groups:
            raise ValueError(
                f"x must split into {self.groups} parts, got {len(x)} rows"
            )
        return torch.cat([self.encoder(part) for part in x.chunk(self.groups)])


# --8<-- [end:SplitBatch]
