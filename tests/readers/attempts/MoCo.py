"""Honest wrong attempts at MoCo: a queue of keys and a key encoder that follows."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

EXPECTED: dict[str, str] = {
    "EnqueuesFirst": "wrong order: the keys are in the queue before the logits",
    "KeyEncoderStandsStill": "missing: the key encoder is never updated",
    "MomentumSwapped": "momentum: m and 1 - m are swapped",
    "OneEncoderForBoth": "shared: the key encoder is the query encoder itself",
    "KeyEncoderDrawnAnew": "the key encoder starts with weights of its own",
    "KeysGetGradient": "no_grad missing: keys carry a graph, key encoder is trained",
    "QueueIsAPlainTensor": "the queue is no buffer: not saved, does not move along",
    "PointerIsANumber": "the pointer is no buffer: not saved in the state dict",
    "QueueIsAParameter": "the queue is a parameter: the optimizer would train it",
    "FeaturesNotScaled": "missing: queries and keys are not scaled to length one",
    "OnlyQueriesScaled": "missing: keys are not scaled to length one",
    "MultipliesByT": "multiplies by the temperature",
    "LabelsCountUp": "labels are 0, 1, 2, ...: the positive is in column 0",
    "PositiveComesLast": "convention: positive in the last column, labels of K",
    "PositiveLastLabelZero": "positive in the last column, but labels of 0",
    "ForgetsToUnshuffle": "keys stay shuffled: positives belong to other images",
    "ShufflesTwice": "applies the order again instead of undoing it",
    "NeverShuffles": "missing: keys are not shuffled (shows where parts are normed)",
    "QueueOfRows": "convention: the queue has shape (K, dim)",
    "PointerStandsStill": "the pointer never moves: the same columns are replaced",
    "RaisesAtTheEnd": "raises where a batch runs over the end of the queue",
    "CutsAtTheEnd": "keys that run over the end of the queue are dropped",
    "StepsInEvaluation": "updates and enqueues in evaluation mode too",
    "MovesBuffersToo": "moves the norm's running statistics like parameters",
    "EncodesKeysFirst": "wrong order: keys are encoded before the update",
    "NoCopyOfTheQueue": "raises in backward: the queue changes in place",
    "ReturnsTheLoss": "convention: returns the loss, not logits and labels",
    "KeyEncoderInEvaluation": "the key encoder is in evaluation mode while training",
    "QueryWithoutGradient": "no gradient: the query is detached",
    "QueueOnTheClass": "mutable state: all instances share one queue",
    "ReturnsNumpy": "no gradient: returns numpy arrays",
    "ForgetsToReturn": "returns None",
    "ReturnsProbabilities": "softmax taken already: probabilities, not logits",
    "StartsWithZeros": "the queue starts with zeros, not with columns of length one",
    "ScalesWrongAxis": "wrong axis: the queue's rows have length one, not columns",
    "ShiftsTheQueue": "convention: shifts the columns, the pointer stays at 0",
    "ScalesImagesInPlace": "mutates its input: centers the images in place",
}


def _unit(x):
    """Scale rows to length one."""
    return F.normalize(x, dim=1)


def _start(module, dim, K):
    """Register a queue of random columns and a pointer to its first."""
    module.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
    module.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))


def _frozen(encoder):
    """Copy an encoder without gradient."""
    twin = copy.deepcopy(encoder)
    for p in twin.parameters():
        p.requires_grad = False
    return twin


@torch.no_grad()
def _follow(slow, fast, m):
    """Take a step of the moving average."""
    for a, b in zip(slow.parameters(), fast.parameters()):
        a.mul_(m).add_(b, alpha=1 - m)


@torch.no_grad()
def _shuffled(encoder, x):
    """Encode in random order and undo it."""
    order = torch.randperm(len(x))
    return _unit(encoder(x[order]))[torch.argsort(order)]


def _logits(q, k, queue, T):
    """Put the positive before the negatives."""
    pos = (q * k).sum(dim=1, keepdim=True)
    neg = q @ queue.detach().clone().to(q.dtype)
    return torch.cat([pos, neg], dim=1) / T


@torch.no_grad()
def _replace(queue, ptr, keys):
    """Write keys over the oldest columns, around the end."""
    K = queue.shape[1]
    for key in keys:
        queue[:, int(ptr)] = key
        ptr[0] = (ptr[0] + 1) % K


class EnqueuesFirst(nn.Module):
    """Believes the queue must hold the newest keys when it is used."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        logits = _logits(q, k, self.queue, self.T)
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            with torch.no_grad():
                k = self.encode(self.encoder_k, im_k)
            return self.contrast(q, k)
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        self.enqueue(k)
        return self.contrast(q, k)


class KeyEncoderStandsStill(nn.Module):
    """Believes a deep copy follows its original."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder)
        self.encoder_k.requires_grad_(False)
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return F.normalize(encoder(images), dim=1)

    def update_key_encoder(self):
        pass

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(im_k.shape[0])
        k = self.encode(self.encoder_k, im_k[order])
        return k[torch.argsort(order)]

    def contrast(self, q, k):
        l_pos = torch.einsum("nc,nc->n", [q, k]).unsqueeze(-1)
        l_neg = torch.einsum("nc,ck->nk", [q, self.queue.clone().detach()])
        logits = torch.cat([l_pos, l_neg], dim=1)
        logits /= self.T
        return logits, torch.zeros(logits.shape[0], dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        where = (int(self.queue_ptr) + torch.arange(len(keys))) % self.K
        self.queue[:, where] = keys.T
        self.queue_ptr[0] = (int(self.queue_ptr) + len(keys)) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        with torch.no_grad():
            if self.training:
                k = self.encode_shuffled_keys(im_k)
            else:
                k = self.encode(self.encoder_k, im_k)
        out = self.contrast(q, k)
        if self.training:
            self.enqueue(k)
        return out


class MomentumSwapped(nn.Module):
    """Believes m is the share of the query encoder."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    @torch.no_grad()
    def update_key_encoder(self):
        for p_q, p_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            p_k.data = p_k.data * (1 - self.m) + p_q.data * self.m

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class OneEncoderForBoth(nn.Module):
    """Believes assigning an encoder to a second name copies it."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = encoder
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        with torch.no_grad():
            if not self.training:
                k = self.encode(self.encoder_k, im_k)
            else:
                k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        if self.training:
            self.enqueue(k)
        return result


class KeyEncoderDrawnAnew(nn.Module):
    """Believes the key encoder begins at random, as BYOL's official target does."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = _frozen(encoder)
        for module in self.encoder_k.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class KeysGetGradient(nn.Module):
    """Believes an optimizer that is not given the key encoder is enough."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        for p_q, p_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            p_k.data = p_k.data * self.m + p_q.data * (1 - self.m)

    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys.detach())

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k))
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class QueueIsAPlainTensor(nn.Module):
    """Believes a tensor on a module is part of its state."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.queue = F.normalize(torch.randn(dim, K), dim=0)
        self.queue_ptr = torch.zeros(1, dtype=torch.long)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class PointerIsANumber(nn.Module):
    """Believes a counter can be a Python number."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.queue_ptr = 0

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    @torch.no_grad()
    def enqueue(self, keys):
        for key in keys:
            self.queue[:, self.queue_ptr] = key
            self.queue_ptr = (self.queue_ptr + 1) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class QueueIsAParameter(nn.Module):
    """Believes only parameters are saved."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.queue = nn.Parameter(F.normalize(torch.randn(dim, K), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(dim=1, keepdim=True)
        neg = q @ self.queue.clone()
        logits = torch.cat([pos, neg], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue.data, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class FeaturesNotScaled(nn.Module):
    """Believes the encoder's outputs are compared as they are."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return encoder(images)

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class OnlyQueriesScaled(nn.Module):
    """Believes a dot product needs one side of length one."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        features = encoder(images)
        return features if encoder is self.encoder_k else _unit(features)

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        k = torch.empty(len(im_k), self.queue.shape[0])
        k[order] = self.encoder_k(im_k[order])
        return k

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class MultipliesByT(nn.Module):
    """Believes a low temperature makes the logits small."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        l_pos = (q * k).sum(1).view(-1, 1)
        l_neg = q.mm(self.queue.clone())
        logits = torch.cat((l_pos, l_neg), dim=1) * self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class LabelsCountUp(nn.Module):
    """Believes the positives are on a diagonal, as within a batch."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        return _logits(q, k, self.queue, self.T), torch.arange(len(q))

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class PositiveComesLast(nn.Module):
    """Believes the place of the positive is free as long as the label says it."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        logits = _logits(q, k, self.queue, self.T).roll(-1, dims=1)
        return logits, torch.full((len(q),), self.K)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class PositiveLastLabelZero(nn.Module):
    """Believes cat([negatives, positive]) and a label of 0 go together."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = torch.bmm(q.unsqueeze(1), k.unsqueeze(2)).squeeze(2)
        neg = q @ self.queue.clone()
        logits = torch.cat([neg, pos], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ForgetsToUnshuffle(nn.Module):
    """Believes the order of keys does not matter to a queue."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        return self.encode(self.encoder_k, im_k[torch.randperm(len(im_k))])

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ShufflesTwice(nn.Module):
    """Believes applying an order twice undoes it."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order]

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class NeverShuffles(nn.Module):
    """Believes shuffling is for several devices only."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        return self.encode(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        if self.training:
            self.update_key_encoder()
        q = self.encode(self.encoder_q, im_q)
        k = self.encode_shuffled_keys(im_k)
        logits, labels = self.contrast(q, k)
        if self.training:
            self.enqueue(k)
        return logits, labels


class QueueOfRows(nn.Module):
    """Believes a queue holds a key in each row."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.register_buffer("queue", F.normalize(torch.randn(K, dim), dim=1))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue.T, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue.T, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class PointerStandsStill(nn.Module):
    """Believes ptr = ... changes the buffer that ptr was read from."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    @torch.no_grad()
    def enqueue(self, keys):
        ptr = int(self.queue_ptr)
        for key in keys:
            self.queue[:, ptr] = key
            ptr = (ptr + 1) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class RaisesAtTheEnd(nn.Module):
    """Believes K is a multiple of the batch size, as the official code asks."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    @torch.no_grad()
    def enqueue(self, keys):
        batch_size = keys.shape[0]
        ptr = int(self.queue_ptr)
        assert self.K % batch_size == 0
        self.queue[:, ptr : ptr + batch_size] = keys.T
        self.queue_ptr[0] = (ptr + batch_size) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class CutsAtTheEnd(nn.Module):
    """Believes the keys that do not fit may be lost."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    @torch.no_grad()
    def enqueue(self, keys):
        ptr = int(self.queue_ptr)
        end = min(ptr + len(keys), self.K)
        self.queue[:, ptr:end] = keys[: end - ptr].T
        self.queue_ptr.fill_(end % self.K)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class StepsInEvaluation(nn.Module):
    """Believes a forward pass is a step, whatever the mode."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class MovesBuffersToo(nn.Module):
    """Believes the average is over all of the state dict."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    @torch.no_grad()
    def update_key_encoder(self):
        fast = self.encoder_q.state_dict()
        slow = self.encoder_k.state_dict()
        for name, tensor in slow.items():
            tensor.copy_(self.m * tensor + (1 - self.m) * fast[name])

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class EncodesKeysFirst(nn.Module):
    """Believes the update comes at the end of a step."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        self.update_key_encoder()
        return result


class NoCopyOfTheQueue(nn.Module):
    """Believes a buffer may change once the logits are computed."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(dim=1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ReturnsTheLoss(nn.Module):
    """Believes the caller wants the loss at once."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return F.cross_entropy(_logits(q, k, self.queue, self.T), labels)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class KeyEncoderInEvaluation(nn.Module):
    """Believes a network that is not trained is in evaluation mode."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        self.encoder_k.eval()
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class QueryWithoutGradient(nn.Module):
    """Believes all of forward belongs under no_grad, to be safe."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    @torch.no_grad()
    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k))
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class QueueOnTheClass(nn.Module):
    """Believes the queue of a class is the queue of its objects."""

    _queues: dict = {}

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        if (dim, K) not in self._queues:
            self._queues[dim, K] = F.normalize(torch.randn(dim, K), dim=0)
        self.register_buffer("queue", self._queues[dim, K])
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ReturnsNumpy(nn.Module):
    """Believes logits leave the network as numpy arrays."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        logits = _logits(q, k, self.queue, self.T).detach().numpy()
        return logits, torch.zeros(len(q), dtype=torch.long).numpy()

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ForgetsToReturn(nn.Module):
    """Believes the last lines of a step are its result."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if self.training:
            self.update_key_encoder()
            k = self.encode_shuffled_keys(im_k)
        else:
            k = self.encode(self.encoder_k, im_k).detach()
        logits, labels = self.contrast(q, k)
        if self.training:
            self.enqueue(k)


class ReturnsProbabilities(nn.Module):
    """Believes cross-entropy is taken of probabilities."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return torch.softmax(_logits(q, k, self.queue, self.T), dim=1), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class StartsWithZeros(nn.Module):
    """Believes an empty queue is a queue of zeros."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.register_buffer("queue", torch.zeros(dim, K))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ScalesWrongAxis(nn.Module):
    """Believes dim=1 scales the keys of the queue, as it does those of a batch."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=1))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ShiftsTheQueue(nn.Module):
    """Believes a queue moves up: the oldest leaves at the front."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    @torch.no_grad()
    def enqueue(self, keys):
        self.queue = torch.cat([self.queue, keys.T], dim=1)[:, -self.K :]

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class ScalesImagesInPlace(nn.Module):
    """Believes images should be centered before they are encoded."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, _frozen(encoder)
        _start(self, dim, K)

    def encode(self, encoder, images):
        with torch.no_grad():
            images -= images.mean()
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[order.argsort()]

    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return _logits(q, k, self.queue, self.T), labels

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result
