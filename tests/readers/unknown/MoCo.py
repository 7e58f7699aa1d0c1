"""Rare wrong classes for MoCo."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


def _unit(x):
    """Scale rows to length one."""
    return F.normalize(x, dim=1)


def _start(module, encoder, dim, K):
    """Set both encoders, the queue and its pointer."""
    module.encoder_q = encoder
    module.encoder_k = copy.deepcopy(encoder).requires_grad_(False)
    module.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
    module.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))


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


@torch.no_grad()
def _replace(queue, ptr, keys):
    """Write keys over the oldest columns, around the end."""
    for key in keys:
        queue[:, int(ptr)] = key
        ptr[0] = (ptr[0] + 1) % queue.shape[1]


class MixesKeyAndQuery(nn.Module):
    """Enqueues the mean of query and key, to keep both views."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue.clone()], dim=1) / self.T
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
        self.enqueue(_unit(q.detach() + k))
        return result


class LastColumnMuted(nn.Module):
    """Keeps the last column free as a sign of the queue's end."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        neg = q @ self.queue[:, :-1].clone()
        logits = torch.cat([pos, neg, torch.zeros_like(pos)], dim=1) / self.T
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


class FadesTheOldKeys(nn.Module):
    """Shrinks all old keys a little at each step, since they are out of date."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue.clone()], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        self.queue.mul_(0.9)
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


class CubesTheNegatives(nn.Module):
    """Takes the third power of the negatives' cosines, so only hard ones count."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        neg = (q @ self.queue.clone()) ** 3
        return torch.cat([pos, neg], dim=1) / self.T, torch.zeros(len(q)).long()

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


class BiasesStayBehind(nn.Module):
    """Moves matrices only, as weight decay does, and copies vectors as they are."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    @torch.no_grad()
    def update_key_encoder(self):
        for p_k, p_q in zip(self.encoder_k.parameters(), self.encoder_q.parameters()):
            p_k.lerp_(p_q, 1 - self.m if p_k.ndim > 1 else 1.0)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue.clone()], dim=1) / self.T
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


class EverySecondKey(nn.Module):
    """Enqueues every second key, so that the queue lasts longer."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue.clone()], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    def enqueue(self, keys):
        _replace(self.queue, self.queue_ptr, keys[::2])

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


class EnqueuesBackward(nn.Module):
    """Writes from the end of the queue to its start."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        _start(self, encoder, dim, K)

    def encode(self, encoder, images):
        return _unit(encoder(images))

    def update_key_encoder(self):
        _follow(self.encoder_k, self.encoder_q, self.m)

    def encode_shuffled_keys(self, im_k):
        return _shuffled(self.encoder_k, im_k)

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        logits = torch.cat([pos, q @ self.queue.clone()], dim=1) / self.T
        return logits, torch.zeros(len(q), dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        for key in keys:
            self.queue_ptr[0] = (self.queue_ptr[0] - 1) % self.K
            self.queue[:, int(self.queue_ptr)] = key

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result
