"""Honest wrong attempts at uniformity."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "forgets_to_normalize": "rows are not scaled to length one",
    "normalizes_the_columns": "normalized over the wrong axis",
    "pairs_with_itself": "each image is paired with itself too",
    "distance_not_squared": "the distance is not squared",
    "squares_the_wrong_thing": "squares the potential, not the distance",
    "forgets_the_logarithm": "the logarithm is missing",
    "logarithm_inside": "mean of the logarithms, not logarithm of the mean",
    "wrong_sign_inside": "wrong sign in the exponent",
    "wrong_sign_outside": "wrong sign: higher is more even",
    "forgets_t": "t is not used",
    "divides_by_t": "divides by t, not multiplies",
    "sum_not_mean": "sum over the pairs, not their mean",
    "divides_by_n_squared": "divides by N squared, but sums each pair once",
    "cosines_not_distances": "cosines in the exponent, not distances",
    "half_of_the_distance": "uses 1 - cos, half of the squared distance",
    "sums_the_differences": "sums differences before the square",
    "logarithm_last": "convention: logarithm last, -infinity at a large t",
    "decimal_logarithm": "logarithm to base 10",
    "log_with_small_number": "small number in the logarithm is too large",
    "keeps_the_diagonal": "triu keeps the diagonal",
    "zeros_count_as_pairs": "zeros below the diagonal count in the mean",
    "mean_distance": "negative mean distance, no potential",
    "log_softmax_instead": "softmax of each row of the potentials",
    "normalizes_in_place": "mutates its input: normalizes in place",
    "no_gradient": "no gradient: works on detached numbers",
    "raw_and_not_squared": "two: not normalized, and not squared",
    "expects_two_views": "raises: wants a second argument",
}


def forgets_to_normalize(z, t=2.0):
    """Believes the embeddings lie on the sphere already."""
    return torch.pdist(z, p=2).pow(2).mul(-t).exp().mean().log()


def normalizes_the_columns(z, t=2.0):
    """Believes dim=0 scales each embedding."""
    z = F.normalize(z, dim=0)
    return torch.pdist(z).pow(2).mul(-t).exp().mean().log()


def pairs_with_itself(z, t=2.0):
    """Believes all entries of the matrix of distances are pairs."""
    z = F.normalize(z, dim=1)
    d2 = (2 - 2 * z @ z.T).clamp(min=0)
    return torch.exp(-t * d2).mean().log()


def distance_not_squared(z, t=2.0):
    """Believes pdist is what stands in the exponent."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z)).mean().log()


def squares_the_wrong_thing(z, t=2.0):
    """Believes the square goes around the exponential."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z)).pow(2).mean().log()


def forgets_the_logarithm(z, t=2.0):
    """Believes the mean potential is the measure."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z).pow(2)).mean()


def logarithm_inside(z, t=2.0):
    """Believes logarithm and mean can be exchanged."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z).pow(2)).log().mean()


def wrong_sign_inside(z, t=2.0):
    """Believes distances are rewarded by a plus."""
    z = F.normalize(z, dim=1)
    return torch.exp(t * torch.pdist(z).pow(2)).mean().log()


def wrong_sign_outside(z, t=2.0):
    """Believes more uniform must be a higher number."""
    z = F.normalize(z, dim=1)
    return -torch.log(torch.exp(-t * torch.pdist(z).pow(2)).mean())


def forgets_t(z, t=2.0):
    """Believes t is one."""
    z = F.normalize(z, dim=1)
    return torch.logsumexp(-torch.pdist(z).pow(2), 0) - torch.log(
        torch.tensor(len(z) * (len(z) - 1) / 2)
    )


def divides_by_t(z, t=2.0):
    """Believes t is a temperature."""
    z = F.normalize(z, dim=1)
    return torch.exp(-torch.pdist(z).pow(2) / t).mean().log()


def sum_not_mean(z, t=2.0):
    """Believes logsumexp is all there is to it."""
    z = F.normalize(z, dim=1)
    return torch.logsumexp(-t * torch.pdist(z) ** 2, dim=0)


def divides_by_n_squared(z, t=2.0):
    """Believes there are N squared pairs."""
    z = F.normalize(z, dim=1)
    n = len(z)
    total = 0
    for i in range(n):
        for j in range(i + 1, n):
            total = total + torch.exp(-t * (z[i] - z[j]).pow(2).sum())
    return torch.log(total / n**2)


def cosines_not_distances(z, t=2.0):
    """Believes a large cosine is a large distance on the sphere."""
    z = F.normalize(z, dim=1)
    cos = z @ z.T
    other = ~torch.eye(len(z), dtype=torch.bool)
    return torch.exp(-t * cos[other]).mean().log()


def half_of_the_distance(z, t=2.0):
    """Believes the squared distance is one minus the cosine."""
    z = F.normalize(z, dim=1)
    cos = z @ z.T
    other = ~torch.eye(len(z), dtype=torch.bool)
    return torch.exp(-t * (1 - cos[other])).mean().log()


def sums_the_differences(z, t=2.0):
    """Believes the square may come after the sum."""
    z = F.normalize(z, dim=1)
    d2 = (z[:, None] - z[None]).sum(dim=-1) ** 2
    i, j = torch.triu_indices(len(z), len(z), offset=1)
    return torch.exp(-t * d2[i, j]).mean().log()


def logarithm_last(x, t=2):
    """Believes in the two lines of the paper."""
    x = F.normalize(x, dim=1)
    return torch.pdist(x, p=2).pow(2).mul(-t).exp().mean().log()


def decimal_logarithm(z, t=2.0):
    """Believes log is log10, as on a pocket calculator."""
    z = F.normalize(z, dim=1)
    return torch.log10(torch.exp(-t * torch.pdist(z).pow(2)).mean())


def log_with_small_number(z, t=2.0):
    """Believes 1e-3 keeps the logarithm safe and changes nothing."""
    z = F.normalize(z, dim=1)
    return torch.log(torch.exp(-t * torch.pdist(z).pow(2)).mean() + 1e-3)


def keeps_the_diagonal(z, t=2.0):
    """Believes triu without an offset leaves the diagonal out."""
    z = F.normalize(z, dim=1)
    d2 = torch.cdist(z, z).pow(2)
    i, j = torch.triu_indices(len(z), len(z))
    return torch.exp(-t * d2[i, j]).mean().log()


def zeros_count_as_pairs(z, t=2.0):
    """Believes a matrix with zeros has fewer entries."""
    z = F.normalize(z, dim=1)
    potential = torch.exp(-t * (2 - 2 * z @ z.T))
    return torch.triu(potential, diagonal=1).mean().log()


def mean_distance(z, t=2.0):
    """Believes evenness is the mean distance."""
    z = F.normalize(z, dim=1)
    return -t * torch.pdist(z).mean()


def log_softmax_instead(z, t=2.0):
    """Believes uniformity is the denominator of the contrastive loss."""
    z = F.normalize(z, dim=1)
    sim = t * z @ z.T
    sim = sim.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return torch.logsumexp(sim, dim=1).mean()


def normalizes_in_place(z, t=2.0):
    """Believes out= saves memory at no cost."""
    with torch.no_grad():
        z /= z.norm(dim=1, keepdim=True)
    return torch.pdist(z).pow(2).mul(-t).exp().mean().log()


def no_gradient(z, t=2.0):
    """Believes a measure has no gradient."""
    z = F.normalize(z.detach(), dim=1)
    return torch.pdist(z).pow(2).mul(-t).exp().mean().log()


def raw_and_not_squared(z, t=2.0):
    """Believes exp(-t d) of the raw embeddings is the potential."""
    return torch.exp(-t * torch.pdist(z)).mean().log()


def expects_two_views(z_1, z_2, t=2.0):
    """Believes uniformity is measured on both views and averaged."""
    losses = []
    for z in (z_1, z_2):
        z = F.normalize(z, dim=1)
        losses.append(torch.pdist(z).pow(2).mul(-t).exp().mean().log())
    return sum(losses) / 2
