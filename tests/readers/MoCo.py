"""Classes that readers write for ``MoCo``: right, wrong and rare ones."""

import copy

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong
from torch import nn


@right
class KeyByKey(nn.Module):
    """Writes one key after the other and moves the pointer each time."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.dim, self.K, self.m, self.T = dim, K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder)
        self.encoder_k.requires_grad_(False)
        weights = list(encoder.parameters())
        dtype = weights[0].dtype if weights else torch.get_default_dtype()
        columns = [F.normalize(torch.randn(dim, dtype=dtype), dim=0) for _ in range(K)]
        self.register_buffer("queue", torch.stack(columns, dim=1))
        self.register_buffer("queue_ptr", torch.tensor([0]))

    def encode(self, encoder, images):
        f = encoder(images)
        f = f.to(torch.promote_types(f.dtype, torch.float32))
        return f / f.norm(dim=1, keepdim=True).clamp_min(1e-12)

    def update_key_encoder(self):
        with torch.no_grad():
            for slow, fast in zip(self.encoder_k.parameters(), self.encoder_q.parameters()):
                slow.mul_(self.m)
                slow.add_((1 - self.m) * fast)

    def encode_shuffled_keys(self, im_k):
        with torch.no_grad():
            order = torch.randperm(len(im_k))
            shuffled = self.encode(self.encoder_k, im_k[order])
            keys = torch.empty_like(shuffled)
            for place, source in enumerate(order.tolist()):
                keys[source] = shuffled[place]
        return keys

    def contrast(self, q, k):
        positives = torch.stack([a @ b for a, b in zip(q, k)]).view(-1, 1)
        negatives = q @ self.queue.clone().to(q.dtype)
        logits = torch.cat([positives / self.T, negatives / self.T], dim=1)
        return logits, torch.zeros(len(q), dtype=torch.int64)

    def enqueue(self, keys):
        for key in keys.detach():
            self.queue[:, self.queue_ptr.item()] = key
            self.queue_ptr.add_(1).remainder_(self.K)

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if self.training:
            self.update_key_encoder()
            k = self.encode_shuffled_keys(im_k)
            result = self.contrast(q, k)
            self.enqueue(k)
            return result
        with torch.no_grad():
            k = self.encode(self.encoder_k, im_k)
        return self.contrast(q, k)


@right
class NewQueueEachTime(nn.Module):
    """Never writes into the queue: each step puts a new one in its place."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder).requires_grad_(False)
        like = next(encoder.parameters(), torch.empty(0))
        queue = torch.randn(dim, K).to(like.dtype)
        self.register_buffer("queue", queue / queue.norm(dim=0, keepdim=True))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        features = encoder(images)
        return F.normalize(features.to(torch.promote_types(features.dtype, torch.float)))

    @torch.no_grad()
    def update_key_encoder(self):
        fast = dict(self.encoder_q.named_parameters())
        for name, slow in self.encoder_k.named_parameters():
            slow.lerp_(fast[name], 1 - self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.rand(len(im_k)).argsort()
        undo = torch.empty_like(order)
        undo[order] = torch.arange(len(order))
        return self.encode(self.encoder_k, im_k[order]).index_select(0, undo)

    def contrast(self, q, k):
        logits = q @ torch.cat([k.T, self.queue.to(q.dtype)], dim=1)
        logits = torch.cat([(q * k).sum(1, keepdim=True), logits[:, len(k) :]], dim=1)
        return logits / self.T, q.new_zeros(len(q), dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        ptr, n = self.queue_ptr.item(), len(keys)
        turned = self.queue.roll(-ptr, dims=1)
        turned = torch.cat([turned, keys.T.to(turned.dtype)], dim=1)[:, -self.K :]
        self.queue_ptr = torch.tensor([(ptr + n) % self.K])
        self.queue = turned.roll((ptr + n) % self.K, dims=1)

    def forward(self, im_q, im_k):
        if not self.training:
            with torch.no_grad():
                k = self.encode(self.encoder_k, im_k)
            return self.contrast(self.encode(self.encoder_q, im_q), k)
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        output = self.contrast(self.encode(self.encoder_q, im_q), k)
        self.enqueue(k)
        return output


@right
class UndoesAFailedStep(nn.Module):
    """Saves the key encoder before a step and restores it if the step fails."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder).requires_grad_(False)
        like = next(encoder.parameters(), torch.empty(0))
        queue = torch.randn(K, dim, dtype=like.dtype)
        self.register_buffer("queue", F.normalize(queue, dim=1).T.contiguous())
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        x = encoder(images)
        return F.normalize(x.to(torch.promote_types(x.dtype, torch.float32)), dim=-1)

    @torch.no_grad()
    def update_key_encoder(self):
        slow = list(self.encoder_k.parameters())
        if slow:
            fast = list(self.encoder_q.parameters())
            torch._foreach_mul_(slow, self.m)
            torch._foreach_add_(slow, fast, alpha=1 - self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        out = self.encode(self.encoder_k, im_k[order])
        keys = torch.zeros_like(out)
        keys[order] = out
        return keys

    def contrast(self, q, k):
        q_t = q / self.T
        first = (q_t * k).sum(dim=-1, keepdim=True)
        rest = torch.matmul(q_t, self.queue.to(q.dtype, copy=True))
        return torch.cat([first, rest], dim=-1), torch.zeros(q.shape[0]).long()

    @torch.no_grad()
    def enqueue(self, keys):
        if not torch.isfinite(keys).all():
            raise ValueError("keys must be finite")
        for i, key in enumerate(keys):
            self.queue[:, (int(self.queue_ptr) + i) % self.K].copy_(key)
        self.queue_ptr[:] = (self.queue_ptr + len(keys)) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            with torch.no_grad():
                k = self.encode(self.encoder_k, im_k)
            return self.contrast(q, k)
        saved = {n: t.clone() for n, t in self.encoder_k.state_dict().items()}
        try:
            self.update_key_encoder()
            k = self.encode_shuffled_keys(im_k)
            result = self.contrast(q, k)
            self.enqueue(k)
        except Exception:
            self.encoder_k.load_state_dict(saved)
            raise
        return result


@right
class OtherNames(nn.Module):
    """Has other names of arguments, by position only."""

    def __init__(self, base, width=128, size=65536, momentum=0.999, tau=0.07, /):
        super().__init__()
        self.encoder_q = base
        self.encoder_k = copy.deepcopy(base)
        for p in self.encoder_k.parameters():
            p.requires_grad = False
        self._hyper = (size, momentum, tau)
        kind = [p.dtype for p in base.parameters()] or [torch.float32]
        self.register_buffer("queue", F.normalize(torch.randn(width, size), dim=0).to(kind[0]))
        self.register_buffer("queue_ptr", torch.zeros(1).long())

    def encode(self, network, x, /):
        h = network(x)
        h = h.float() if h.dtype.itemsize < 4 else h
        return F.normalize(h, p=2, dim=1)

    def update_key_encoder(self):
        _, m, _ = self._hyper
        with torch.no_grad():
            for a, b in zip(self.encoder_k.parameters(), self.encoder_q.parameters()):
                a.copy_(m * a + (1 - m) * b)

    def encode_shuffled_keys(self, x, /):
        with torch.no_grad():
            p = torch.randperm(x.shape[0])
            return self.encode(self.encoder_k, x[p])[p.sort().indices]

    def contrast(self, q, k, /):
        _, _, tau = self._hyper
        table = torch.cat([k.unsqueeze(2), self.queue.to(q).expand(len(q), -1, -1)], dim=2)
        return torch.einsum("nd,ndk->nk", q, table) / tau, torch.zeros(len(q)).long()

    def enqueue(self, k, /):
        size, _, _ = self._hyper
        with torch.no_grad():
            queue = self.queue.clone()
            at = int(self.queue_ptr)
            for row in k:
                queue[:, at] = row
                at = at + 1 if at + 1 < size else 0
            self.queue.copy_(queue)
            self.queue_ptr.fill_(at)

    def forward(self, a, b, /):
        q = self.encode(self.encoder_q, a)
        if self.training:
            self.update_key_encoder()
        with torch.no_grad():
            k = self.encode_shuffled_keys(b) if self.training else self.encode(self.encoder_k, b)
        out = self.contrast(q, k)
        if self.training:
            self.enqueue(k)
        return out


@right
class MasksTheOldest(nn.Module):
    """Selects the columns to replace with a mask."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder)
        for p in self.encoder_k.parameters():
            p.requires_grad = False
        like = next(encoder.parameters(), torch.empty(0))
        self.register_buffer("queue", F.normalize(torch.randn(dim, K).type_as(like), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        z = encoder(images)
        z = z.to(torch.promote_types(z.dtype, torch.float32))
        return F.normalize(z)

    @torch.no_grad()
    def update_key_encoder(self):
        state = self.encoder_k.state_dict()
        for name, p in self.encoder_q.named_parameters():
            state[name] = state[name] + (1 - self.m) * (p.detach() - state[name])
        self.encoder_k.load_state_dict(state)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k), device=im_k.device)
        back = order.argsort()
        return self.encode(self.encoder_k, im_k[order])[back]

    def contrast(self, q, k):
        pos = (q * k).sum(dim=1)
        neg = q.mm(self.queue.detach().clone().to(q.dtype))
        logits = torch.cat((pos[:, None], neg), dim=1).div_(self.T)
        return logits, torch.full((q.size(0),), 0)

    @torch.no_grad()
    def enqueue(self, keys):
        n = len(keys)
        age = (torch.arange(self.K) - self.queue_ptr) % self.K
        last = age + (n - 1 - age).div(self.K, rounding_mode="floor") * self.K
        fresh = keys[last.clamp(0, n - 1)].T.to(self.queue.dtype)
        self.queue.copy_(torch.where((age < n)[None], fresh, self.queue))
        self.queue_ptr += n
        self.queue_ptr %= self.K

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
        return logits, labels


@right
class ScattersTheKeys(nn.Module):
    """Scatters keys into a copy of the queue and computes logits before that."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.encoder_q = encoder
        self.encoder_k = copy.deepcopy(encoder)
        for name, p in self.encoder_k.named_parameters():
            p.requires_grad = False
        self.dim, self.K, self.m, self.T = dim, K, m, T
        dtypes = {p.dtype for p in encoder.parameters()}
        dtype = dtypes.pop() if dtypes else None
        noise = torch.randn((dim, K), dtype=dtype)
        self.register_buffer("queue", F.normalize(noise, p=2, dim=0))
        self.register_buffer("queue_ptr", torch.zeros((1,), dtype=torch.int64))

    def encode(self, encoder, images):
        out = encoder(images)
        return F.normalize(out.to(torch.promote_types(out.dtype, torch.float32)), dim=1)

    def update_key_encoder(self):
        pairs = zip(self.encoder_k.parameters(), self.encoder_q.parameters())
        for slow, fast in pairs:
            slow.data = torch.lerp(fast.data, slow.data, self.m)

    def encode_shuffled_keys(self, im_k):
        perm = torch.randperm(im_k.size(0))
        inverse = torch.zeros_like(perm).scatter_(0, perm, torch.arange(len(perm)))
        with torch.no_grad():
            return self.encode(self.encoder_k, im_k[perm])[inverse]

    def contrast(self, q, k):
        l_pos = torch.bmm(q[:, None, :], k[:, :, None])[:, 0]
        l_neg = torch.mm(q, self.queue.to(q.dtype))
        return torch.cat((l_pos, l_neg), 1) / self.T, torch.zeros(len(q), dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        n = keys.size(0)
        kept = keys[max(0, n - self.K) :].to(self.queue.dtype)
        offset = n - kept.size(0)
        slots = (self.queue_ptr + offset + torch.arange(kept.size(0))) % self.K
        self.queue = self.queue.scatter(1, slots.expand(self.queue.size(0), -1), kept.t())
        self.queue_ptr = (self.queue_ptr + n) % self.K

    def forward(self, im_q, im_k):
        if self.training:
            self.update_key_encoder()
            keys = self.encode_shuffled_keys(im_k)
        else:
            with torch.no_grad():
                keys = self.encode(self.encoder_k, im_k)
        queries = self.encode(self.encoder_q, im_q)
        logits, labels = self.contrast(queries, keys)
        if self.training:
            self.enqueue(keys)
        return logits, labels


class _Plain(nn.Module):
    """What the attempts below leave as it should be."""

    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = encoder, copy.deepcopy(encoder).requires_grad_(False)
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def encode(self, encoder, images):
        return F.normalize(encoder(images), dim=1)

    @torch.no_grad()
    def update_key_encoder(self):
        for p_k, p_q in zip(self.encoder_k.parameters(), self.encoder_q.parameters()):
            p_k.mul_(self.m).add_(p_q, alpha=1 - self.m)

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k):
        order = torch.randperm(len(im_k))
        return self.encode(self.encoder_k, im_k[order])[torch.argsort(order)]

    def logits(self, q, k):
        pos = (q * k).sum(dim=1, keepdim=True)
        neg = q @ self.queue.detach().clone().to(q.dtype)
        return torch.cat([pos, neg], dim=1) / self.T

    def contrast(self, q, k):
        return self.logits(q, k), torch.zeros(len(q), dtype=torch.long)

    @torch.no_grad()
    def enqueue(self, keys):
        for key in keys:
            self.queue[:, int(self.queue_ptr)] = key
            self.queue_ptr[0] = (self.queue_ptr[0] + 1) % self.K

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


@wrong("the queue is no buffer: not saved, does not move along")
class QueueIsAPlainTensor(_Plain):
    def __init__(self, encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__(encoder, dim, K, m, T)
        queue, pointer = self.queue, self.queue_ptr
        del self.queue, self.queue_ptr
        self.queue, self.queue_ptr = queue, pointer


@wrong("labels are 0, 1, 2, ...: the positive is in column 0")
class LabelsCountUp(_Plain):
    def contrast(self, q, k):
        return self.logits(q, k), torch.arange(len(q))


@wrong("convention: positive in the last column, labels of K")
class PositiveComesLast(_Plain):
    def contrast(self, q, k):
        logits = self.logits(q, k).roll(-1, dims=1)
        return logits, torch.full((len(q),), self.K)


@wrong("raises where a batch runs over the end of the queue")
class RaisesAtTheEnd(_Plain):
    @torch.no_grad()
    def enqueue(self, keys):
        batch_size = keys.shape[0]
        ptr = int(self.queue_ptr)
        assert self.K % batch_size == 0
        self.queue[:, ptr : ptr + batch_size] = keys.T
        self.queue_ptr[0] = (ptr + batch_size) % self.K


@wrong("convention: updates and enqueues in evaluation mode too")
class StepsInEvaluation(_Plain):
    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        return result


@wrong("wrong order: keys are encoded before the update")
class EncodesKeysFirst(_Plain):
    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(k)
        self.update_key_encoder()
        return result


@wrong("convention: returns the loss, not logits and labels")
class ReturnsTheLoss(_Plain):
    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return F.cross_entropy(self.logits(q, k), labels)


@wrong("no gradient: returns numpy arrays")
class ReturnsNumpy(_Plain):
    def contrast(self, q, k):
        logits = self.logits(q, k).detach().numpy()
        return logits, torch.zeros(len(q), dtype=torch.long).numpy()


@wrong("softmax taken already: probabilities, not logits")
class ReturnsProbabilities(_Plain):
    def contrast(self, q, k):
        labels = torch.zeros(len(q), dtype=torch.long)
        return torch.softmax(self.logits(q, k), dim=1), labels


@rare
class MixesKeyAndQuery(_Plain):
    """Enqueues the mean of query and key, to keep both views."""

    def forward(self, im_q, im_k):
        q = self.encode(self.encoder_q, im_q)
        if not self.training:
            return self.contrast(q, self.encode(self.encoder_k, im_k).detach())
        self.update_key_encoder()
        k = self.encode_shuffled_keys(im_k)
        result = self.contrast(q, k)
        self.enqueue(F.normalize(q.detach() + k, dim=1))
        return result


@rare
class CubesTheNegatives(_Plain):
    """Takes the third power of the negatives' cosines, so only hard ones count."""

    def contrast(self, q, k):
        pos = (q * k).sum(1, keepdim=True)
        neg = (q @ self.queue.clone()) ** 3
        return torch.cat([pos, neg], dim=1) / self.T, torch.zeros(len(q)).long()


@rare
class BiasesStayBehind(_Plain):
    """Moves matrices only, as weight decay does, and copies vectors as they are."""

    @torch.no_grad()
    def update_key_encoder(self):
        for p_k, p_q in zip(self.encoder_k.parameters(), self.encoder_q.parameters()):
            p_k.lerp_(p_q, 1 - self.m if p_k.ndim > 1 else 1.0)
