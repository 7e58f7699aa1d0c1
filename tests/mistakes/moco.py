"""Wrong variants of ``MoCo`` and ``SplitBatch``."""

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo, SplitBatch, check_batches
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``MoCo``."""
    return mistake(replaces="MoCo", rejected_by="test_moco")(variant)


def wrong_split(variant):
    """Register a variant of ``SplitBatch``."""
    return mistake(replaces="SplitBatch", rejected_by="test_moco")(variant)


# --- the queue ------------------------------------------------------------------------------


@wrong
class PointerDoesNotWrap(MoCo):
    """The pointer grows past the end of the queue."""

    def enqueue(self, keys):
        before = self.queue_ptr.clone()
        super().enqueue(keys)
        self.queue_ptr.copy_(before + len(keys))


@wrong
class LargeBatchBreaksThePointer(MoCo):
    """Of a batch larger than the queue the last keys stay, in the wrong columns."""

    def enqueue(self, keys):
        super().enqueue(keys[-self.K :])


@wrong
class QueueNotInTheStateDict(MoCo):
    """The queue is lost when training resumes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("queue", self.queue, persistent=False)


@wrong
class NanEntersTheQueue(MoCo):
    """One broken image stays among the negatives until the queue has gone around."""

    @torch.no_grad()
    def enqueue(self, keys):
        if keys.ndim != 2 or keys.shape[1] != self.dim:
            super().enqueue(keys)  # refuses them
        columns = (self.queue_ptr + torch.arange(len(keys))[-self.K :]) % self.K
        self.queue[:, columns] = keys[-self.K :].T.to(self.queue.dtype)
        self.queue_ptr.copy_((self.queue_ptr + len(keys)) % self.K)


@wrong
class NanBecomesZero(MoCo):
    """A broken key enters the queue as a column of zeros."""

    def enqueue(self, keys):
        super().enqueue(keys.nan_to_num())


# --- the logits -----------------------------------------------------------------------------


@wrong
class NormalizedOverTheBatch(MoCo):
    """Columns, not rows, have length one."""

    def encode(self, encoder, images):
        return F.normalize(super().encode(encoder, images), dim=0)


@wrong
class NormalizedInHalfPrecision(MoCo):
    """Computed in the precision of the features."""

    def encode(self, encoder, images):
        return super().encode(encoder, images).to(self.queue.dtype)


@wrong
class PositivesOfTheNeighbor(MoCo):
    """Each query is paired with the key of the next image."""

    def contrast(self, q, k):
        return super().contrast(q, k.roll(1, 0))


# --- the key encoder ------------------------------------------------------------------------


@wrong
class KeyEncoderReceivesGradient(MoCo):
    """The key encoder's parameters ask for a gradient."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.encoder_k.requires_grad_(True)


@wrong
class GradientThroughTheKeys(MoCo):
    """Keys are encoded with gradient, so that images of the key side receive one."""

    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]


# --- shuffling ------------------------------------------------------------------------------


@wrong
class AlwaysTheSameOrder(MoCo):
    """Keys are reversed in every step."""

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        return self.encode(self.encoder_k, im_k.flip(0)).flip(0)


@wrong
class QueriesShuffledToo(MoCo):
    """Queries and keys share one order, so they share their statistics after all."""

    def forward(self, im_q, im_k):
        check_batches(im_q=im_q, im_k=im_k)
        order = torch.randperm(len(im_q))
        logits, labels = super().forward(im_q[order], im_k[order])
        return logits[order.argsort()], labels


@wrong_split
class PartsNotSplit(SplitBatch):
    """The whole batch goes through at once."""

    def forward(self, x):
        super().forward(x.detach()) if len(x) % self.groups else None
        return self.encoder(x)


@wrong_split
class PartsInterleaved(SplitBatch):
    """Parts are every so many rows, and are put one after the other."""

    def forward(self, x):
        if len(x) % self.groups:
            return super().forward(x)
        return torch.cat([self.encoder(x[part :: self.groups]) for part in range(self.groups)])


@wrong_split
class PartsOfUnequalSize(SplitBatch):
    """A batch that does not divide is split as it comes."""

    def forward(self, x):
        return torch.cat([self.encoder(part) for part in x.chunk(self.groups)])


@wrong_split
class NumberOfPartsIsTheirSize(SplitBatch):
    """The number of parts is taken for the size of a part."""

    def forward(self, x):
        if len(x) % self.groups:
            return super().forward(x)
        return torch.cat([self.encoder(part) for part in x.split(self.groups)])


# --- modes and failures ---------------------------------------------------------------------


@wrong
class NoStepWithoutGradient(MoCo):
    """Only a pass with gradient enqueues."""

    def enqueue(self, keys):
        if torch.is_grad_enabled():
            super().enqueue(keys)


@wrong
class EnqueuesThenChecks(MoCo):
    """Keys are looked at when they are in the queue already."""

    def enqueue(self, keys):
        super().enqueue(keys.nan_to_num())
        if not keys.isfinite().all():
            raise ValueError("keys must be finite, got NaN or infinity")


@wrong
class AnyLengthOfFeatures(MoCo):
    """What the encoder returns is not looked at; a single column is broadcast over the queue."""

    def encode(self, encoder, images):
        features = encoder(images)
        if isinstance(features, tuple) or features.shape[1:] not in {(1,), (self.dim,)}:
            return super().encode(encoder, images)
        dtype = torch.promote_types(features.dtype, torch.float32)
        return F.normalize(features.to(dtype))

    def enqueue(self, keys):
        if keys.ndim == 2 and keys.shape[1] == 1:
            keys = keys.expand(-1, self.dim)
        super().enqueue(keys)


@wrong
class BatchesUnchecked(MoCo):
    """Images are not looked at before they are encoded."""

    def forward(self, im_q, im_k):
        if not isinstance(im_k, torch.Tensor) or im_q.is_meta or not im_q.is_floating_point():
            return super().forward(im_q, im_k)
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k))
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


@wrong
class ArgumentsUnchecked(MoCo):
    """The constructor takes a momentum above one and a temperature of zero."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__(encoder if isinstance(encoder, nn.Module) else nn.Identity(), dim, K)
        self.m, self.T = m, T


@wrong
class DefaultsOfVersionTwo(MoCo):
    """The default temperature is that of MoCo v2."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.2):
        super().__init__(encoder, dim, K, m, T)


@wrong
class QueueOnTheCpu(MoCo):
    """The queue is made on the CPU in float32, whatever the encoder is."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queue = F.normalize(torch.randn(self.dim, self.K), dim=0)
