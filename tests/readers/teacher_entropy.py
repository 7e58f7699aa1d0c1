"""Functions that readers write for ``teacher_entropy``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
@torch.no_grad()
def with_log_softmax(teacher_output, temperature_t=0.04, center=None):
    """Multiplies probabilities by log_softmax, which is never infinite."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


@right
def with_xlogy(g, tau=0.04, c=None):
    """Lets xlogy take care of zeros, and has other names."""
    g = g.detach()
    if c is not None:
        g = g - c.detach()
    p = torch.softmax(g / tau, dim=-1)
    return -torch.xlogy(p, p).sum(dim=-1).mean()


@right
@torch.no_grad()
def log_sum_exp_less_expected_logit(teacher_output, temperature_t=0.04, center=None):
    """Takes the logsumexp less the expected logit."""
    center = 0 if center is None else center
    logits = (teacher_output - center) / temperature_t
    logits = logits - logits.amax(dim=1, keepdim=True)
    log_z = logits.logsumexp(dim=1)
    expected = (logits * torch.exp(logits - log_z[:, None])).sum(dim=1)
    return (log_z - expected).mean()


@right
def with_cross_entropy(teacher_output, temperature_t=0.04, center=None):
    """Takes the cross-entropy of the teacher with itself."""
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center.detach()
    logits = logits / temperature_t
    return F.cross_entropy(logits, logits.softmax(dim=1))


@right
def with_a_distribution(teacher_output, temperature_t=0.04, center=None):
    """Asks a categorical distribution for its entropy."""
    logits = teacher_output.detach().clone()
    if center is not None:
        logits -= center.detach()
    d = torch.distributions.Categorical(logits=logits / temperature_t)
    return d.entropy().mean()


@right
@torch.no_grad()
def masked_logarithm(teacher_output, temperature_t=0.04, center=None):
    """Replaces zeros by ones before the logarithm."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    log_p = p.masked_fill(p == 0, 1.0).log()
    return -torch.einsum("nk,nk->", p, log_p) / len(p)


@right
@torch.no_grad()
def kl_from_uniform(teacher_output, temperature_t=0.04, center=None):
    """Subtracts the KL divergence from the uniform distribution from ln K."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t.double() / temperature_t, dim=1)
    log_k = torch.log(torch.tensor(float(p.shape[1]), dtype=p.dtype))
    kl = F.kl_div(-log_k.expand_as(p), p, reduction="batchmean")
    return (log_k - kl).to(teacher_output.dtype)


in_double(__name__)
by_position(__name__, "t tau c")


with_options(__name__, reduction="mean", base=None)


@wrong("wrong sign")
@torch.no_grad()
def forgets_the_minus(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return (log_p.exp() * log_p).sum(dim=1).mean()


@wrong("mean over all entries: K times too small")
@torch.no_grad()
def mean_over_everything(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=-1)
    return -(log_p.exp() * log_p).mean()


@wrong("convention: exponential of the entropy")
@torch.no_grad()
def perplexity(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return torch.exp(-(log_p.exp() * log_p).sum(dim=1).mean())


@wrong("softmax over the wrong axis")
@torch.no_grad()
def softmax_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    log_p = torch.log_softmax(t / temperature_t, 0)
    return -(log_p.exp() * log_p).sum(0).mean()


@wrong("the temperature is not used")
@torch.no_grad()
def forgets_the_temperature(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t, dim=1)
    return -(p * p.log()).sum(dim=1).mean()


@wrong("multiplies by the temperature, not divides")
@torch.no_grad()
def multiplies_by_the_temperature(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t * temperature_t, dim=1)
    return -(p * p.log()).sum(dim=1).mean()


@wrong("the default temperature is the student's, 0.1")
@torch.no_grad()
def temperature_of_the_student(teacher_output, temperature_t=0.1, center=None):
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@wrong("wrong sign of the center")
@torch.no_grad()
def adds_the_center(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output + center
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@wrong("missing detach: gradient flows into the teacher")
def keeps_the_gradient(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


@wrong("two: entropy of the mean, and the center is not used")
@torch.no_grad()
def two_slips(teacher_output, temperature_t=0.04, center=None):
    p = F.softmax(teacher_output / temperature_t, dim=1).mean(0)
    return torch.special.entr(p).sum()


@wrong("returns None")
def forgets_to_return(teacher_output, temperature_t=0.04, center=None):
    t = teacher_output.detach()
    t = t if center is None else t - center
    p = F.softmax(t / temperature_t, dim=1)
    print("entropy:", torch.special.entr(p).sum(dim=1).mean().item())


def _probabilities(teacher_output, temperature_t, center):
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    return F.softmax(t / temperature_t, dim=1)


@rare
def gini_impurity(teacher_output, temperature_t=0.04, center=None):
    """Takes one minus the sum of squares, as decision trees do."""
    p = _probabilities(teacher_output, temperature_t, center)
    return (1 - p.square().sum(dim=1)).mean()


@rare
def collision_entropy(teacher_output, temperature_t=0.04, center=None):
    """Takes the entropy of Renyi of order two."""
    p = _probabilities(teacher_output, temperature_t, center)
    return -p.square().sum(dim=1).log().mean()


@rare
def median_of_the_batch(teacher_output, temperature_t=0.04, center=None):
    """Takes the median over the images."""
    p = _probabilities(teacher_output, temperature_t, center)
    return torch.special.entr(p).sum(dim=1).median()


@rare
def odd_power_of_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """Raises the temperature to the power 1.5."""
    p = _probabilities(teacher_output, temperature_t**1.5, center)
    return torch.special.entr(p).sum(dim=1).mean()
