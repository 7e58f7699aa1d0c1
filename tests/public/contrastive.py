"""Public code for the contrastive and bootstrap exercises, written anew, each with its source."""

import copy

import torch
import torch.nn.functional as F
from proofs.public import right, wrong
from torch import nn


def _by_hand(loss):
    """NT-Xent with exponentials: ``loss`` gets them without the diagonal, and the positives."""

    def nt_xent(z_i, z_j, temperature=0.5):
        z = F.normalize(torch.cat([z_i, z_j]), dim=1)
        rest = torch.exp(z @ z.T / temperature) * (1 - torch.eye(len(z)))
        positive = torch.exp((z * z.roll(len(z_i), 0)).sum(1) / temperature)
        return loss(rest, positive, len(z_i))

    return nt_xent


right("simclr_loss", "https://github.com/sthalles/SimCLR", "exponentials by hand")(
    _by_hand(lambda rest, positive, _: -torch.log(positive / rest.sum(1)).mean())
)
right("simclr_loss", "https://github.com/facebookresearch/vissl", "summed")(
    _by_hand(lambda rest, positive, _: -torch.log(positive / rest.sum(1)).sum())
)
wrong("simclr_loss", "https://github.com/sthalles/SimCLR/issues/16", "minus-forgotten")(
    _by_hand(lambda rest, positive, _: torch.log(positive / rest.sum(1)).mean())
)
wrong("simclr_loss", "https://github.com/Spijkervet/SimCLR/issues/30", "first-views-ask-alone")(
    _by_hand(lambda rest, positive, n: -torch.log(positive / rest.sum(1))[:n].mean())
)
wrong("simclr_loss", "https://github.com/Spijkervet/SimCLR/issues/43")(
    _by_hand(lambda rest, positive, _: -torch.log(positive / rest.sum()).mean())
)
wrong(
    "simclr_loss",
    "https://github.com/mpatacchiola/self-supervised-relational-reasoning/issues/3",
    "simclr-logarithm-of-the-mean",
)(_by_hand(lambda rest, positive, _: -torch.log((positive / rest.sum(1)).mean())))
wrong("simclr_loss", "https://github.com/Shen-Lab/GraphCL/issues/27")(
    _by_hand(
        lambda rest, positive, n: -torch.log(positive / (rest[:n, n:].sum() - positive)).mean()
    )
)


@right("simclr_loss", "https://github.com/leftthomas/SimCLR", "rows of length one")
def for_unit_rows(out_1, out_2, temperature=0.5):
    out = torch.cat([out_1, out_2])
    rest = torch.exp(out @ out.t() / temperature)
    rest = rest.masked_select(~torch.eye(len(out), dtype=torch.bool)).view(len(out), -1)
    positive = torch.exp((out_1 * out_2).sum(-1) / temperature).repeat(2)
    return -torch.log(positive / rest.sum(-1)).mean()


@right("simclr_loss", "https://uvadlc-notebooks.readthedocs.io", "both views in one argument")
def info_nce_loss(feats, temperature=0.07, mode="train"):
    cosines = F.cosine_similarity(feats[:, None, :], feats[None, :, :], dim=-1)
    own = torch.eye(len(cosines), dtype=torch.bool)
    cosines = cosines.masked_fill(own, -9e15) / temperature
    return (-cosines[own.roll(len(own) // 2, 0)] + torch.logsumexp(cosines, dim=-1)).mean()


@right("simclr_loss", "https://github.com/PyTorchLightning/lightning-bolts", "a module")
class NTXent(nn.Module):
    def __init__(self, temperature=0.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, zis, zjs):
        z = F.normalize(torch.cat([zis, zjs]), dim=1)
        logits = (z @ z.T / self.temperature).fill_diagonal_(-1e9)
        return {"loss": F.cross_entropy(logits, torch.arange(len(z)).roll(len(zis)))}


@wrong("simclr_loss", "https://github.com/microsoft/torchgeo/issues/1208")
def exp_of_t(z1, z2, t=0.5):
    similarity = F.normalize(z1) @ F.normalize(z2).T * torch.exp(torch.tensor(t))
    return F.cross_entropy(similarity, torch.arange(len(z1)))


@wrong("simclr_loss", "https://github.com/sthalles/SimCLR/issues/33")
def labels_of_one(z1, z2, temperature=0.07):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    sim, n = z @ z.T, len(z)
    rest = sim[~torch.eye(n, dtype=torch.bool)].view(n, -1)
    logits = torch.cat([(z * z.roll(n // 2, 0)).sum(1, keepdim=True), rest], dim=1)
    return F.cross_entropy(logits / temperature, torch.ones(n, dtype=torch.long))


@right("ema_update", "https://github.com/vturrisi/solo-learn", "the online network first")
@torch.no_grad()
def update(online_net, target_net, tau):
    for online, target in zip(online_net.parameters(), target_net.parameters(), strict=True):
        target.data = tau * target.data + (1 - tau) * online.data


@right(
    "ema_update", "https://github.com/Curt-Park/rainbow-is-all-you-need", "tau is the other share"
)
def soft_update(local_model, target_model, tau=0.005):
    for local, target in zip(local_model.parameters(), target_model.parameters(), strict=True):
        target.data.copy_(tau * local.data + (1.0 - tau) * target.data)


@right("ema_update", "https://github.com/lucidrains/denoising-diffusion-pytorch", "a class")
class EMA:
    def __init__(self, beta):
        self.beta = beta

    def update_model_average(self, ma_model, current_model):
        pairs = zip(current_model.parameters(), ma_model.parameters(), strict=True)
        for current, average in pairs:
            average.data = average.data * self.beta + (1 - self.beta) * current.data


@right("ema_update", "https://github.com/facebookresearch/dino", "names of no known side")
@torch.no_grad()
def follow(first, second, rate):
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        other.mul_(rate).add_(one, alpha=1 - rate)


@wrong("ema_update", "https://github.com/CVMI-Lab/cosmix/issues/21")
@torch.no_grad()
def buffers_of_online(online, target, tau):
    for one, other in zip(online.parameters(), target.parameters(), strict=True):
        other.mul_(tau).add_(one, alpha=1 - tau)
    for one, other in zip(online.buffers(), target.buffers(), strict=True):
        one.copy_(other)


@wrong(
    "ema_update",
    "https://github.com/Lightning-Universe/lightning-bolts/issues/574",
    "ema-weights-only",
)
def weights_only(online_net, target_net, current_tau):
    named = zip(online_net.named_parameters(), target_net.parameters(), strict=True)
    for (name, online), target in named:
        if "weight" in name:
            target.data = current_tau * target.data + (1 - current_tau) * online.data


@right(
    "simsiam_loss", "https://github.com/lightly-ai/lightly", "zero-based names, projections first"
)
def simsiam_loss(z0, z1, p0, p1):
    one = F.cosine_similarity(p0, z1.detach()).mean()
    return -(one + F.cosine_similarity(p1, z0.detach()).mean()) / 2


@wrong(
    "simsiam_loss",
    "https://github.com/PatrickHua/SimSiam/issues",
    "simsiam-own-view",
    "doubled too",
)
def own_view_and_summed(p1, p2, z1, z2):
    own = F.cosine_similarity(p1, z1.detach()).mean() + F.cosine_similarity(p2, z2.detach()).mean()
    return 2 - 2 * own


@right("regression_loss", "https://github.com/lucidrains/byol-pytorch", "one number a row")
def loss_fn(x, y):
    return 2 - 2 * (F.normalize(x, dim=-1) * F.normalize(y, dim=-1)).sum(dim=-1)


@right(
    "regression_loss", "https://github.com/Lightning-Universe/lightning-bolts/issues/697", "-2 cos"
)
def minus_two_cosines(h1, z2):
    return -2 * F.cosine_similarity(h1, z2).mean()


@right("regression_loss", "https://github.com/wangg12/sslic", "the target first")
def teacher_first(z_t, z_s):
    return 2 - 2 * F.cosine_similarity(z_t.detach(), z_s, dim=1).mean()


@right("cosine_momentum", "https://github.com/facebookresearch/dino", "an array")
def scheduled(step, total_steps, base):
    steps = torch.arange(total_steps, dtype=torch.float64)
    every = 1 + 0.5 * (base - 1) * (1 + torch.cos(torch.pi * steps / total_steps))
    return every[step].item()


class _Queue(nn.Module):
    """MoCo after its official code; subclasses change a line."""

    def __init__(self, base_encoder, dim=128, K=65536, m=0.999, T=0.07):
        super().__init__()
        self.K, self.m, self.T = K, m, T
        self.encoder_q, self.encoder_k = base_encoder, copy.deepcopy(base_encoder)
        self.encoder_k.requires_grad_(False)
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.register_buffer("queue_ptr", torch.zeros(1, dtype=torch.long))

    def forward(self, im_q, im_k):
        q = F.normalize(self.encoder_q(im_q), dim=1)
        with torch.no_grad():
            if self.training:
                pairs = zip(self.encoder_q.parameters(), self.encoder_k.parameters(), strict=True)
                for one, other in pairs:
                    other.data = other.data * self.m + one.data * (1 - self.m)
            order = self.order(len(im_k))
            k = F.normalize(self.encoder_k(im_k[order]), dim=1)[order.argsort()]
        positive = (q * k).sum(1, keepdim=True)
        logits = torch.cat([positive, q @ self.queue.clone()], dim=1) / self.T
        if self.training:
            n, ptr = len(k), int(self.queue_ptr)
            assert self.K % n == 0  # for simplicity, as there
            self.queue[:, ptr : ptr + n] = k.T
            self.queue_ptr[0] = (ptr + n) % self.K
        return self.result(logits)

    def order(self, n):
        return torch.randperm(n)

    def result(self, logits):
        return logits, torch.zeros(len(logits), dtype=torch.long)


@right("MoCo", "https://github.com/facebookresearch/moco", "batches that divide the queue")
class MoCo(_Queue):
    pass


@wrong(
    "MoCo", "https://github.com/lightly-ai/lightly/issues/1007", "never-shuffles", "returns a loss"
)
class NeverShuffles(_Queue):
    def order(self, n):
        return torch.arange(n)

    def result(self, logits):
        return F.cross_entropy(*super().result(logits))


@wrong("MoCo", "https://github.com/seonghoon/MoCo/issues/2")
class LabelsOfOne(_Queue):
    def result(self, logits):
        return logits, torch.ones(len(logits), dtype=torch.long)
