"""MoCo: a queue of keys from past batches, encoded by a slowly moving network."""

# --8<-- [start:imports]
import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --8<-- [end:imports]

from lesson_code.guards import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_matrices,
    check_positive,
    first_output,
    guard_methods,
)
from lesson_code.ema import ema_update


def _refuse_settings(encoder: nn.Module, dim: int, K: int, m: float, T: float) -> None:
    if not isinstance(encoder, nn.Module):
        kind = type(encoder).__name__
        raise ValueError(f"encoder must be a torch.nn.Module, got {kind}")
    check_counts(dim=dim, K=K)
    check_fraction(m=m)
    check_positive(T=T)


def _refuse_images(self: "MoCo", im_q: Tensor, im_k: Tensor) -> None:
    check_batches(im_q=im_q, im_k=im_k)
    device = self.queue.device
    if im_q.device != device:
        raise ValueError(f"im_q must be on {device} like MoCo, got {im_q.device}")
    if self.training:
        check_finite(im_k=im_k)  # NaN would stay in the queue and in the statistics
    if "tried" not in vars(self):
        features, expected = first_output(self.encoder_q, im_q), (len(im_q), self.dim)
        if not isinstance(features, Tensor) or features.shape != expected:
            got = tuple(getattr(features, "shape", ())) or type(features).__name__
            raise ValueError(f"encoder must return (N, dim) = {expected}, got {got}")
        vars(self)["tried"] = True


def _refuse_keys(self: "MoCo", keys: Tensor) -> None:
    check_matrices(keys=keys)
    if keys.shape[1] != self.dim:
        raise ValueError(f"keys must have length {self.dim}, got {keys.shape[1]}")
    check_finite(keys=keys)


@guard_methods(__init__=_refuse_settings, forward=_refuse_images, enqueue=_refuse_keys)
# --8<-- [start:MoCo]
class MoCo(nn.Module):
    r"""Algorithm 1 of MoCo: contrast a query with its key and a queue of earlier keys.

    For a query q, its key k and the K columns of the queue, all of length one, the
    logits are :math:`q^\top k / T` and :math:`q^\top k_i / T`; their cross-entropy with
    label 0 is the loss (section 3.1, equation 1).

    A forward pass in training mode is one step: it moves the key encoder toward the
    query encoder, encodes the keys, takes the logits against the queue as it was, then
    replaces the oldest keys. In evaluation mode it changes nothing.

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

    def __init__(
        self,
        encoder: nn.Module,
        dim: int = 128,
        K: int = 65536,
        m: float = 0.999,
        T: float = 0.07,
    ) -> None:
        super().__init__()
        self.dim, self.K, self.m, self.T = dim, K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder).requires_grad_(False)
        like = next(encoder.parameters(), torch.empty(0))
        self.queue = nn.Buffer(F.normalize(like.new_empty(dim, K).normal_(), dim=0))
        self.queue_ptr = nn.Buffer(like.new_zeros(1, dtype=torch.long))

    def forward(self, im_q: Tensor, im_k: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of a batch and its labels; in training mode, take a step.

        Args:
            im_q: one view of each of N images.
            im_k: the other view of the same images, of the same shape.

        Returns:
            Logits ``(N, 1 + K)``, the positive first, and N labels that are all 0. Half
            precision is computed and returned in float32.

        Raises:
            ValueError: if the batches are empty, not floating point or differ in shape
                or device, or if the encoder does not return ``(N, dim)``; in training
                also if ``im_k`` or a parameter of the query encoder holds NaN or
                infinity. Queue and key encoder are unchanged then. Also if keys are not
                finite, which then do not enter the queue.
        """
        q = self.encode(self.encoder_q, im_q)  # (N, dim)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)  # (N, dim)
        logits, labels = self.contrast(q, k)  # against the queue as it was
        self.enqueue(k)
        return logits, labels

    def encode(self, encoder: nn.Module, images: Tensor) -> Tensor:
        """Encode images as rows of length one, in float32 at least."""
        rows = encoder(images)
        return F.normalize(rows.to(torch.promote_types(rows.dtype, torch.float32)))

    def update_key_encoder(self) -> None:
        """Equation 2: the parameters follow the query encoder's; buffers do not."""
        ema_update(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k: Tensor) -> Tensor:
        """Shuffling BN, section 3.3: encode keys in random order, then restore theirs.

        Batch normalization lets a query and its key recognize each other by the
        statistics of the batch they share. When statistics are taken over parts of a
        batch, shuffling puts a key into another part than its query. Over a whole batch
        it does nothing: see ``SplitBatch``.
        """
        order = torch.randperm(len(im_k), device=im_k.device)
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]  # (N, dim)

    def contrast(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        """Equation 1: logits of queries against their keys and the queue, and labels.

        The queue is copied, since the backward pass needs it as it was before the next
        keys come in.
        """
        queue = self.queue.to(q.dtype, copy=True)  # (dim, K)
        q = q / self.T
        positive = (q * k).sum(dim=1, keepdim=True)  # (N, 1)
        logits = torch.cat([positive, q @ queue], dim=1)  # (N, 1 + K)
        return logits, torch.zeros(len(q), dtype=torch.long, device=q.device)

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:
        """Replace the oldest columns of the queue, and go on at its start at its end.

        Args:
            keys: rows of length one, ``(N, dim)``; of more than K the last K stay, so
                that no column is written twice: which write wins is not defined on a
                GPU.

        Raises:
            ValueError: if the keys have another length or hold NaN or infinity.
        """
        newest = torch.arange(len(keys), device=keys.device)[-self.K :]
        columns = (self.queue_ptr + newest) % self.K
        self.queue[:, columns] = keys[newest].T.to(self.queue.dtype)
        self.queue_ptr.copy_((self.queue_ptr + len(keys)) % self.K)


# --8<-- [end:MoCo]


def _refuse_groups(groups: int) -> None:
    check_counts(groups=groups)


def _refuse_rest(self: "SplitBatch", x: Tensor) -> None:
    if len(x) % self.groups:
        raise ValueError(f"x must split into {self.groups} parts, got {len(x)} rows")


@guard_methods(__init__=_refuse_groups, forward=_refuse_rest)
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
        self.encoder, self.groups = encoder, groups

    def forward(self, x: Tensor) -> Tensor:
        """Encode each part of the batch by itself."""
        return torch.cat([self.encoder(part) for part in x.chunk(self.groups)])


# --8<-- [end:SplitBatch]
