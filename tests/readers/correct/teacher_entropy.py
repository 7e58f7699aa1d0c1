"""Correct functions for teacher_entropy in many styles."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def with_log_softmax(teacher_output, temperature_t=0.04, center=None):
    """Multiplies probabilities by log_softmax, which is never infinite."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


def with_xlogy(g, tau=0.04, c=None):
    """Lets xlogy take care of zeros, and has other names."""
    g = g.detach()
    if c is not None:
        g = g - c.detach()
    p = torch.softmax(g / tau, dim=-1)
    return -torch.xlogy(p, p).sum(dim=-1).mean()


@torch.no_grad()
def log_sum_exp_less_expected_logit(teacher_output, temperature_t=0.04, center=None):
    """Takes the logsumexp less the expected logit."""
    center = 0 if center is None else center
    logits = (teacher_output - center) / temperature_t
    logits = logits - logits.amax(dim=1, keepdim=True)
    log_z = logits.logsumexp(dim=1)
    expected = (logits * torch.exp(logits - log_z[:, None])).sum(dim=1)
    return (log_z - expected).mean()


@torch.no_grad()
def row_by_row(teacher_output, temperature_t=0.04, center=None):
    """Loops over the images and over the prototypes that have a share."""
    entropies = []
    for g in teacher_output:
        if center is not None:
            g = g - center.flatten()
        g = g / temperature_t
        e = torch.exp(g - g.max())
        p = e / e.sum()
        h = p.new_zeros(())
        for share in p:
            if share > 0:
                h = h - share * torch.log(share)
        entropies.append(h)
    return torch.stack(entropies).mean()


def with_cross_entropy(teacher_output, temperature_t=0.04, center=None):
    """Takes the cross-entropy of the teacher with itself."""
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center.detach()
    logits = logits / temperature_t
    return F.cross_entropy(logits, logits.softmax(dim=1))


def with_a_distribution(teacher_output, temperature_t=0.04, center=None):
    """Asks a categorical distribution for its entropy."""
    logits = teacher_output.detach().clone()
    if center is not None:
        logits -= center.detach()
    d = torch.distributions.Categorical(logits=logits / temperature_t)
    return d.entropy().mean()


@torch.no_grad()
def masked_logarithm(teacher_output, temperature_t=0.04, center=None):
    """Replaces zeros by ones before the logarithm."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    log_p = p.masked_fill(p == 0, 1.0).log()
    return -torch.einsum("nk,nk->", p, log_p) / len(p)


@torch.no_grad()
def kl_from_uniform(teacher_output, temperature_t=0.04, center=None):
    """Subtracts the KL divergence from the uniform distribution from ln K."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t.double() / temperature_t, dim=1)
    log_k = torch.log(torch.tensor(float(p.shape[1]), dtype=p.dtype))
    kl = F.kl_div(-log_k.expand_as(p), p, reduction="batchmean")
    return (log_k - kl).to(teacher_output.dtype)


def double_inside(teacher_output, temperature_t=0.04, center=None):
    """Computes in float64 and returns the dtype that came in."""
    t = teacher_output.detach().double()
    if center is not None:
        t = t - center.detach().double()
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean().to(teacher_output.dtype)


@torch.no_grad()
def positional_only(t, tau=0.04, c=None, /):
    """Has positional-only arguments."""
    logits = torch.sub(t, 0.0 if c is None else c).div(tau)
    return torch.special.entr(logits.softmax(1)).sum() / t.size(0)


def keyword_only(teacher_output, *, temperature_t=0.04, center=None):
    """Takes the temperature and the center by name only."""

    def entropy(logits):
        log_p = torch.log_softmax(logits, dim=0)
        return -torch.dot(log_p.exp(), log_p)

    logits = teacher_output if center is None else teacher_output - center.view(1, -1)
    logits = logits.detach() / temperature_t
    return torch.stack([entropy(row) for row in logits]).mean()


def more_options(teacher_output, temperature_t=0.04, center=None, reduction="mean", base=None):
    """Has more optional arguments, whose defaults change nothing."""
    with torch.no_grad():
        t = teacher_output if center is None else teacher_output - center
        log_p = F.log_softmax(t / temperature_t, dim=1)
        h = torch.linalg.vecdot(log_p.exp(), -log_p)
        if base is not None:
            h = h / torch.log(torch.tensor(float(base)))
        return h if reduction == "none" else h.mean()


class _Entropy(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    @torch.no_grad()
    def forward(self, teacher_output, temperature_t=0.04, center=None):
        logits = teacher_output.T
        if center is not None:
            logits = logits - center.reshape(-1, 1)
        p = torch.softmax(logits / temperature_t, dim=0)
        return torch.special.entr(p).mean(dim=1).sum()


callable_object = _Entropy()
