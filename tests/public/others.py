"""Public code for the other exercises, written anew, each with its source."""

import copy

import torch
import torch.nn.functional as F
from proofs.public import right, wrong
from torch import nn


def _soft(student, teacher, temperature, reduction="batchmean"):
    log_p = F.log_softmax(student / temperature, 1)
    return F.kl_div(log_p, F.softmax(teacher.detach() / temperature, 1), reduction=reduction)


@right(
    "knowledge_distillation_loss", "https://github.com/HobbitLong/RepDistiller", "T is no teacher"
)
def distill_kl(y_s, y_t, T=4.0, alpha=0.9, labels=None):
    soft = _soft(y_s, y_t, T) * T**2
    return soft if labels is None else alpha * soft + (1 - alpha) * F.cross_entropy(y_s, labels)


@right("knowledge_distillation_loss", "https://docs.pytorch.org/tutorials", "labels are required")
def with_labels(student_logits, teacher_logits, temperature, alpha, labels):
    soft = _soft(student_logits, teacher_logits, temperature) * temperature**2
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong(
    "knowledge_distillation_loss",
    "https://github.com/haitongli/knowledge-distillation-pytorch/issues/48",
    "kd-mean-over-classes-too",
    "labels are required",
)
def loss_fn_kd(student_logits, teacher_logits, temperature, alpha, labels):
    soft = _soft(student_logits, teacher_logits, temperature, "mean") * temperature**2
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong(
    "knowledge_distillation_loss",
    "https://github.com/SforAiDl/KD_Lib/pull/59",
    "kd-teacher-at-one",
    "with T once: a pair",
)
def softens_the_student(student_logits, teacher_logits, temperature, alpha, labels=None):
    p = F.log_softmax(student_logits / temperature, dim=1)
    target = F.softmax(teacher_logits.detach(), dim=1)
    soft = F.kl_div(p, target, reduction="batchmean") * temperature
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong(
    "knowledge_distillation_loss",
    "https://github.com/labmlai/annotated_deep_learning_paper_implementations/issues/66",
)
def one_network_twice(student_logits, teacher_logits, temperature, alpha, labels=None):
    soft = _soft(teacher_logits, teacher_logits, temperature)
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@right("dino_loss", "https://github.com/lucidrains/vit-pytorch", "a small number in the log")
def dino_of_probabilities(
    teacher_logits, student_logits, teacher_temp, student_temp, centers, eps=1e-20
):
    centers = 0 if centers is None else centers
    student = (student_logits / student_temp).softmax(dim=-1)
    teacher = ((teacher_logits.detach() - centers) / teacher_temp).softmax(dim=-1)
    return -(teacher * torch.log(student + eps)).sum(dim=-1).mean()


@right("dino_loss", "https://github.com/facebookresearch/dino", "run under no_grad")
def teacher_not_detached(
    student_output, teacher_output, student_temp=0.1, teacher_temp=0.04, center=None
):
    center = 0 if center is None else center
    target = F.softmax((teacher_output - center) / teacher_temp, dim=-1)
    return -(target * F.log_softmax(student_output / student_temp, dim=-1)).sum(-1).mean()


@wrong("multi_crop_dino_loss", "https://github.com/alinlab/SelfPatch/issues/8")
def local_crops_teach(student_outputs, teacher_outputs, temperature_s, temperature_t, center=None):
    center = 0 if center is None else center
    teachers = [*teacher_outputs, *(s.detach() for s in student_outputs[len(teacher_outputs) :])]
    terms = [
        -(
            F.softmax((teacher - center) / temperature_t, -1)
            * F.log_softmax(student / temperature_s, -1)
        )
        .sum(-1)
        .mean()
        for i, teacher in enumerate(teachers)
        for j, student in enumerate(student_outputs)
        if i != j
    ]
    return sum(terms) / len(terms)


@wrong("CenteringMechanism", "https://github.com/kristi700/ViT-SSL")
class CentersInForward(nn.Module):
    def __init__(self, out_dim, center_momentum=0.9):
        super().__init__()
        self.m = center_momentum
        self.register_buffer("center", torch.zeros(1, out_dim))

    def forward(self, teacher_output):
        out = teacher_output - self.center
        self.update(teacher_output)
        return out

    @torch.no_grad()
    def update(self, teacher_output):
        self.center = self.center * self.m + teacher_output.mean(0, keepdim=True) * (1 - self.m)


@right("sinkhorn", "https://github.com/facebookresearch/swav", "exponentials")
@torch.no_grad()
def distributed_sinkhorn(out, epsilon=0.05, sinkhorn_iterations=3):
    Q = torch.exp(out / epsilon).t()
    Q /= Q.sum()
    for _ in range(sinkhorn_iterations):
        Q /= Q.sum(dim=1, keepdim=True) * len(Q)
        Q /= Q.sum(dim=0, keepdim=True) * Q.shape[1]
    return (Q * Q.shape[1]).t()


@wrong("barlow_twins_loss", "https://github.com/facebookresearch/vissl/pull/230")
def half_batch(z_1, z_2, lambd=0.005):
    a, b = ((z - z.mean(0)) / (z.std(0, unbiased=False) + 1e-6) for z in (z_1, z_2))
    c = a.T @ b / (2 * len(a))
    own = torch.eye(len(c), dtype=torch.bool)
    return (c[own] - 1).pow(2).sum() + lambd * c[~own].pow(2).sum()


@right("knn_predict", "https://github.com/lightly-ai/lightly", "names, order and a ranking")
def knn_ranking(feature, feature_bank, feature_labels, knn_k=20, knn_t=0.07):
    near, rows = (F.normalize(feature) @ F.normalize(feature_bank).T).topk(knn_k, dim=1)
    votes = torch.zeros(len(feature), int(feature_labels.max()) + 1)
    votes.scatter_add_(1, feature_labels[rows], (near / knn_t).exp())
    return votes.argsort(dim=-1, descending=True)


@wrong("knn_predict", "https://github.com/facebookresearch/dino/issues", "nearest-left-out")
def nearest_dropped(features, labels, queries, k=20, temperature=0.07):
    near, rows = (F.normalize(queries) @ F.normalize(features).T).topk(k + 1, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1)
    votes.scatter_add_(1, labels[rows[:, 1:]], (near[:, 1:] / temperature).exp())
    return votes.argmax(1)


@right("random_masking", "https://github.com/facebookresearch/mae", "no generator")
def masks(batch, patches, ratio):
    shuffle = torch.rand(batch, patches).argsort(dim=1)
    restore, kept = shuffle.argsort(dim=1), int(patches * (1 - ratio) + 1e-6)
    return shuffle[:, :kept], restore >= kept, restore


@wrong(
    "random_masking", "https://github.com/facebookresearch/mae/issues", "masking-mask-turned-round"
)
def turned_round(N, L, mask_ratio, generator=None):
    kept = int(L * (1 - mask_ratio))
    shuffle = torch.rand(N, L, generator=generator).argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    mask = torch.zeros(N, L)
    mask[:, :kept] = 1
    return shuffle[:, :kept], torch.gather(mask, 1, restore), restore


@right("mae_loss", "https://github.com/facebookresearch/mae", "square images in color")
def forward_loss(imgs, pred, mask, patch_size, norm_pix_loss=False):
    side = imgs.shape[2] // patch_size
    assert imgs.shape[2] == imgs.shape[3]
    target = imgs.reshape(len(imgs), 3, side, patch_size, side, patch_size)
    target = torch.einsum("nchpwq->nhwpqc", target).reshape(len(imgs), side * side, -1)
    if norm_pix_loss:
        mean, var = target.mean(-1, keepdim=True), target.var(-1, keepdim=True)
        target = (target - mean) / (var + 1e-6) ** 0.5
    return (((pred - target) ** 2).mean(-1) * mask).sum() / mask.sum()


@wrong("temperature_scaling", "https://github.com/PrimeIntellect-ai/prime-rl/pull/697")
def of_log_probabilities(logits, temperature):
    return torch.log_softmax(logits, dim=-1) / temperature


@wrong(
    "CenteringMechanism",
    "https://github.com/vturrisi/solo-learn/pull/59",
    "center-sum-of-the-batch",
)
class SumsTheBatch(nn.Module):
    def __init__(self, dim, m=0.9):
        super().__init__()
        self.m = m
        self.register_buffer("c", torch.zeros(1, dim))

    def forward(self, x):
        return x - self.c

    def update(self, teacher_output):
        self.c = self.c * self.m + teacher_output.detach().sum(0, keepdim=True) * (1 - self.m)


@right("ema_update", "https://github.com/sthalles/PyTorch-BYOL", "a method of what trains")
class Trainer:
    def __init__(self, online_network, target_network, optimizer, **params):
        self.online_network, self.target_network = online_network, target_network
        self.loader, self.m = torch.load(params["data"]), params["m"]

    @torch.no_grad()
    def _update_target_network_parameters(self):
        for q, k in zip(self.online_network.parameters(), self.target_network.parameters()):
            k.data = k.data * self.m + q.data * (1 - self.m)


@right("ema_update", "https://github.com/huggingface/pytorch-image-models", "keeps its average")
class ModelEma(nn.Module):
    def __init__(self, model, decay=0.9999):
        super().__init__()
        self.module, self.decay = copy.deepcopy(model).eval(), decay

    @torch.no_grad()
    def update(self, model):
        for mine, new in zip(self.module.parameters(), model.parameters()):
            mine.copy_(self.decay * mine + (1 - self.decay) * new)


@right("random_masking", "https://github.com/facebookresearch/mae", "tokens, a mask of numbers")
def random_masking(x, mask_ratio):
    (n, length, width), kept = x.shape, int(x.shape[1] * (1 - mask_ratio))
    shuffle = torch.rand(n, length).argsort(dim=1)
    keep, restore = shuffle[:, :kept], shuffle.argsort(dim=1)
    mask = torch.cat([torch.zeros(n, kept), torch.ones(n, length - kept)], dim=1)
    return x.gather(1, keep[..., None].repeat(1, 1, width)), mask.gather(1, restore), restore


@right("attention", "https://github.com/facebookresearch/dino", "a layer with weights")
class Attention(nn.Module):
    def __init__(self, dim, num_heads=8):
        super().__init__()
        self.num_heads, self.scale = num_heads, (dim // num_heads) ** -0.5
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        n, length, dim = x.shape
        q, k, v = self.qkv(x).view(n, length, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(2, 3) * self.scale).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, length, dim)), weights
