"""Wrong variants of ``MoCo`` and ``SplitBatch``."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo, SplitBatch, check_batches, ema_update
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``MoCo``."""
    return mistake(replaces="MoCo", rejected_by="test_moco")(variant)


def wrong_split(variant):
    """Register a variant of ``SplitBatch``."""
    return mistake(replaces="SplitBatch", rejected_by="test_moco")(variant)


# --- the queue ------------------------------------------------------------------------------


@wrong
class NeverEnqueues(MoCo):
    """Negatives are random vectors for ever, as in a forward pass without an enqueue."""

    def enqueue(self, keys):
        pass


@wrong
class PointerStandsStill(MoCo):
    """Every batch overwrites the first columns."""

    def enqueue(self, keys):
        super().enqueue(keys)
        self.queue_ptr.zero_()


@wrong
class PointerDoesNotWrap(MoCo):
    """The pointer grows past the end of the queue."""

    def enqueue(self, keys):
        before = self.queue_ptr.clone()
        super().enqueue(keys)
        self.queue_ptr.copy_(before + len(keys))


@wrong
class OverflowDropped(MoCo):
    """What does not fit before the end of the queue is lost, and the pointer starts over."""

    def enqueue(self, keys):
        room = self.K - int(self.queue_ptr)
        super().enqueue(keys[:room])


@wrong
class OldestOfALargeBatchKept(MoCo):
    """Of a batch larger than the queue the first keys stay rather than the last."""

    def enqueue(self, keys):
        super().enqueue(keys[: self.K])


@wrong
class LargeBatchBreaksThePointer(MoCo):
    """Of a batch larger than the queue the last keys stay, in the wrong columns."""

    def enqueue(self, keys):
        super().enqueue(keys[-self.K :])


@wrong
class EnqueuesBeforeTheLogits(MoCo):
    """The positive key is among the negatives too, so the loss cannot go below ln 2."""

    def contrast(self, q, k):
        if self.training:
            before = self.queue.clone(), self.queue_ptr.clone()
            super().enqueue(k)
            result = super().contrast(q, k)
            self.queue.copy_(before[0])
            self.queue_ptr.copy_(before[1])  # the real enqueue follows
            return result
        return super().contrast(q, k)


@wrong
class EnqueuesQueries(MoCo):
    """The queue is filled by the fast encoder."""

    def contrast(self, q, k):
        self.last_q = q.detach()
        return super().contrast(q, k)

    def enqueue(self, keys):
        super().enqueue(self.last_q if keys.isfinite().all() and hasattr(self, "last_q") else keys)


@wrong
class QueueNormalizedAlongTheWrongDimension(MoCo):
    """Rows, not columns, of the first queue have length one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queue.copy_(F.normalize(torch.randn_like(self.queue), dim=1))


@wrong
class QueueStartsAtZero(MoCo):
    """The first negatives are not unit vectors."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queue.zero_()


@wrong
class QueueNotInTheStateDict(MoCo):
    """The queue is lost when training resumes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("queue", self.queue, persistent=False)


@wrong
class PointerNotInTheStateDict(MoCo):
    """The pointer starts over when training resumes, in the midst of the queue."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer("queue_ptr", self.queue_ptr, persistent=False)


@wrong
class QueueIsNoBuffer(MoCo):
    """A plain attribute stays behind when the model moves to another device or type."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        queue = self.queue
        del self.queue
        self.queue = queue


@wrong
class QueueNotCloned(MoCo):
    """The enqueue changes in place what the backward pass needs."""

    def contrast(self, q, k):
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ self.queue.to(q.dtype)], 1)
        return logits / self.T, torch.zeros(len(q), dtype=torch.long, device=q.device)


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
class KeysNotNormalized(MoCo):
    """Keys and queries keep their length."""

    def encode(self, encoder, images):
        super().encode(copy.deepcopy(encoder), images)
        return encoder(images)


@wrong
class OnlyQueriesNormalized(MoCo):
    """Keys enter logits and queue with the length they have."""

    def encode(self, encoder, images):
        if encoder is self.encoder_k:
            super().encode(copy.deepcopy(encoder), images)
            return encoder(images)
        return super().encode(encoder, images)


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
class PositiveComesLast(MoCo):
    """Label 0 then names the first negative."""

    def contrast(self, q, k):
        logits, labels = super().contrast(q, k)
        return logits.roll(-1, dims=1), labels


@wrong
class LabelsCountUp(MoCo):
    """Labels as within a batch: row i has target i."""

    def contrast(self, q, k):
        logits, labels = super().contrast(q, k)
        return logits, torch.arange(len(labels), device=labels.device)


@wrong
class LabelsOnTheCpu(MoCo):
    """Labels are made on the CPU, wherever the logits are."""

    def contrast(self, q, k):
        logits, labels = super().contrast(q, k)
        return logits, torch.zeros(len(labels), dtype=torch.long)


@wrong
class NoTemperature(MoCo):
    """Logits are bare cosines."""

    def contrast(self, q, k):
        return super().contrast(q * self.T, k)


@wrong
class TemperatureOnPositivesOnly(MoCo):
    """Negatives are not divided by the temperature."""

    def contrast(self, q, k):
        logits, labels = super().contrast(q, k)
        return torch.cat([logits[:, :1], logits[:, 1:] * self.T], dim=1), labels


@wrong
class PositivesOfTheNeighbor(MoCo):
    """Each query is paired with the key of the next image."""

    def contrast(self, q, k):
        return super().contrast(q, k.roll(1, 0))


# --- the key encoder ------------------------------------------------------------------------


@wrong
class KeyEncoderIsTheQueryEncoder(MoCo):
    """One network under two names: nothing is slow, and freezing one freezes both."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.encoder_k = self.encoder_q


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


@wrong
class KeyEncoderNeverMoves(MoCo):
    """The key encoder stays the random network it began as."""

    def update_key_encoder(self):
        ema_update(self.encoder_k, self.encoder_q, 1)


@wrong
class MomentumInverted(MoCo):
    """The momentum weighs the query encoder."""

    def update_key_encoder(self):
        ema_update(self.encoder_k, self.encoder_q, 1 - self.m)


@wrong
class MovesTwice(MoCo):
    """Two momentum updates a step."""

    def update_key_encoder(self):
        super().update_key_encoder()
        super().update_key_encoder()


@wrong
class MovesAfterTheKeys(MoCo):
    """The key encoder moves when the keys are encoded already."""

    def update_key_encoder(self):
        ema_update(self.encoder_k, self.encoder_q, 1)

    def encode_shuffled_keys(self, im_k):
        keys = super().encode_shuffled_keys(im_k)
        ema_update(self.encoder_k, self.encoder_q, self.m)
        return keys


@wrong
class CopiesTheStatistics(MoCo):
    """Running statistics of batch normalization follow the query encoder's."""

    def update_key_encoder(self):
        super().update_key_encoder()
        for mine, other in zip(self.encoder_k.buffers(), self.encoder_q.buffers()):
            mine.copy_(other)


@wrong
class KeyEncoderInEvaluationMode(MoCo):
    """The key encoder normalizes by running statistics that never move."""

    def encode_shuffled_keys(self, im_k):
        self.encoder_k.eval()
        return super().encode_shuffled_keys(im_k)


# --- shuffling ------------------------------------------------------------------------------


@wrong
class OrderNotRestored(MoCo):
    """Keys stay shuffled, so queries meet the keys of other images."""

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        return self.encode(self.encoder_k, im_k[torch.randperm(len(im_k))])


@wrong
class ShuffledTwice(MoCo):
    """The permutation is applied again instead of its inverse."""

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order]


@wrong
class NeverShuffles(MoCo):
    """Keys are encoded in the order of their queries."""

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        return self.encode(self.encoder_k, im_k)


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
class EvaluationTakesAStep(MoCo):
    """Measuring the loss on held-out images changes the model."""

    def forward(self, im_q, im_k):
        training = self.training
        self.training = True
        try:
            return super().forward(im_q, im_k)
        finally:
            self.training = training


@wrong
class NoStepWithoutGradient(MoCo):
    """Only a pass with gradient enqueues."""

    def enqueue(self, keys):
        if torch.is_grad_enabled():
            super().enqueue(keys)


@wrong
class NothingRestored(MoCo):
    """A failed step leaves the key encoder moved."""

    def forward(self, im_q, im_k):
        check_batches(im_q=im_q, im_k=im_k)
        if not self.training or im_q.is_meta:
            return super().forward(im_q, im_k)
        q = self.encode(self.encoder_q, im_q)
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


@wrong
class OnlyParametersRestored(MoCo):
    """A failed step leaves its batch in the key encoder's running statistics."""

    def forward(self, im_q, im_k):
        check_batches(im_q=im_q, im_k=im_k)
        if not self.training or im_q.is_meta:
            return super().forward(im_q, im_k)
        q = self.encode(self.encoder_q, im_q)
        before = copy.deepcopy(dict(self.encoder_k.named_parameters()))
        try:
            self.update_key_encoder()
            k = self.encode_shuffled_keys(im_k)
            result = self.contrast(q, k)
            self.enqueue(k)
        except Exception:
            self.encoder_k.load_state_dict(before, strict=False)
            raise
        return result


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
