"""Honest wrong attempts at vicreg_loss."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "variance_without_the_root": "hinge on the variance, not the standard deviation",
    "root_without_the_small_number": "missing 1e-4 under the root",
    "small_number_after_the_root": "1e-4 is added after the root, not under it",
    "keeps_the_diagonal": "the diagonal of the covariance is not removed",
    "forgets_to_center": "covariance of rows that are not centered",
    "divides_by_n": "divides by N, not N - 1, in the covariance",
    "variance_terms_added": "convention: variance terms are added, as in the paper",
    "squared_distance_of_rows": "convention: squared distance of rows, over N only",
    "paper_equation_6": "convention: both, equation 6 of the paper",
    "covariance_terms_averaged": "covariance terms of the views are averaged, not added",
    "covariance_not_squared": "the covariances are not squared",
    "absolute_covariance": "absolute values where squares are asked",
    "hinge_turned_round": "wrong sign in the hinge",
    "no_hinge": "missing hinge: spread above 1 is rewarded",
    "variance_along_the_row": "variance over the wrong axis",
    "mean_of_the_covariances": "divides by D squared, not D",
    "mean_of_the_off_diagonal": "divides by D (D - 1), not D",
    "normalizes_first": "embeddings are scaled to length one",
    "correlations": "correlations, as in Barlow Twins, not covariances",
    "covariance_of_the_two_views": "covariance between the views, not within each",
    "covariance_of_the_images": "covariance between images, not dimensions",
    "first_view_only": "spread and covariance of the first view only",
    "stops_the_second_view": "extra detach: the second view gets no gradient",
    "views_in_one_batch": "both views in one batch for variance and covariance",
    "weights_in_another_order": "the weights are used in another order",
    "biased_standard_deviation": "standard deviation divides by N, not N - 1",
    "cosine_for_the_invariance": "cosine distance for the invariance",
    "centers_in_place": "mutates its input: centers in place",
    "two_slips": "two: no centering, and the diagonal is kept",
    "forgets_to_return": "returns None",
}


def _off_diagonal(x):
    n, m = x.shape
    assert n == m
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def _spread(z):
    return F.relu(1 - torch.sqrt(z.var(dim=0) + 1e-4)).mean()


def _redundancy(z):
    z = z - z.mean(dim=0)
    cov = (z.T @ z) / (len(z) - 1)
    return _off_diagonal(cov).pow(2).sum() / z.shape[1]


def variance_without_the_root(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the variance is compared with 1."""
    sim = F.mse_loss(z_1, z_2)
    var = (F.relu(1 - z_1.var(dim=0)).mean() + F.relu(1 - z_2.var(dim=0)).mean()) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def root_without_the_small_number(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes torch.std is the same."""
    sim = F.mse_loss(z_1, z_2)
    var = (F.relu(1 - z_1.std(dim=0)).mean() + F.relu(1 - z_2.std(dim=0)).mean()) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def small_number_after_the_root(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the small number guards a division."""
    var = 0
    for z in (z_1, z_2):
        std = z.var(dim=0).sqrt() + 1e-4
        var = var + torch.clamp(1 - std, min=0).mean() / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def keeps_the_diagonal(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes all entries of the covariance should vanish."""
    loss = invariance * ((z_1 - z_2) ** 2).mean()
    for z in (z_1, z_2):
        loss = loss + variance * _spread(z) / 2
        c = torch.cov(z.T)
        loss = loss + covariance * (c**2).sum() / z.shape[1]
    return loss


def forgets_to_center(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes Z^T Z is the covariance."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    n, d = z_1.shape
    cov_1 = z_1.T @ z_1 / (n - 1)
    cov_2 = z_2.T @ z_2 / (n - 1)
    cov = _off_diagonal(cov_1).pow(2).sum() / d + _off_diagonal(cov_2).pow(2).sum() / d
    return invariance * sim + variance * var + covariance * cov


def divides_by_n(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes a covariance is a mean over N."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = 0
    for z in (z_1, z_2):
        z = z - z.mean(0)
        c = torch.einsum("ni,nj->ij", z, z) / len(z)
        cov = cov + _off_diagonal(c).square().sum() / z.shape[1]
    return invariance * sim + variance * var + covariance * cov


def variance_terms_added(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes in equation 6, where the variance terms are added."""
    sim = F.mse_loss(z_1, z_2)
    var = _spread(z_1) + _spread(z_2)
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def squared_distance_of_rows(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes in equation 5, the mean of squared distances."""
    sim = (z_1 - z_2).pow(2).sum(dim=1).mean()
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def paper_equation_6(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes in the paper, letter by letter."""
    s = torch.sum((z_1 - z_2) ** 2) / z_1.shape[0]
    v = _spread(z_1) + _spread(z_2)
    c = _redundancy(z_1) + _redundancy(z_2)
    return invariance * s + variance * v + covariance * c


def covariance_terms_averaged(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes both regularizers are means over the views."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = (_redundancy(z_1) + _redundancy(z_2)) / 2
    return invariance * sim + variance * var + covariance * cov


def covariance_not_squared(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the sum of the covariances goes to zero by itself."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = sum(_off_diagonal(torch.cov(z.T)).sum() / z.shape[1] for z in (z_1, z_2))
    return invariance * sim + variance * var + covariance * cov


def absolute_covariance(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes absolute values do the same as squares."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = 0
    for z in (z_1, z_2):
        cov = cov + _off_diagonal(torch.cov(z.T)).abs().sum() / z.shape[1]
    return invariance * sim + variance * var + covariance * cov


def hinge_turned_round(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the hinge keeps the spread below 1."""
    std_1 = torch.sqrt(z_1.var(dim=0) + 1e-4)
    std_2 = torch.sqrt(z_2.var(dim=0) + 1e-4)
    var = F.relu(std_1 - 1).mean() / 2 + F.relu(std_2 - 1).mean() / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def no_hinge(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes 1 - std is enough, for std stays small."""
    std_1 = torch.sqrt(z_1.var(dim=0) + 0.0001)
    std_2 = torch.sqrt(z_2.var(dim=0) + 0.0001)
    var = (1 - std_1).mean() / 2 + (1 - std_2).mean() / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def variance_along_the_row(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes dim=1 is the batch."""
    std_1 = torch.sqrt(z_1.var(dim=1) + 1e-4)
    std_2 = torch.sqrt(z_2.var(dim=1) + 1e-4)
    var = torch.relu(1 - std_1).mean() / 2 + torch.relu(1 - std_2).mean() / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def mean_of_the_covariances(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes mean() of the zeroed matrix is the term."""
    cov = 0
    for z in (z_1, z_2):
        c = torch.cov(z.T)
        c = c * (1 - torch.eye(len(c), dtype=c.dtype))
        cov = cov + (c**2).mean()
    var = (_spread(z_1) + _spread(z_2)) / 2
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def mean_of_the_off_diagonal(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the term is the mean of the off-diagonal squares."""
    cov_1 = _off_diagonal(torch.cov(z_1.T)).pow(2).mean()
    cov_2 = _off_diagonal(torch.cov(z_2.T)).pow(2).mean()
    var = (_spread(z_1) + _spread(z_2)) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * var + covariance * (cov_1 + cov_2)


def normalizes_first(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes embeddings are always unit vectors."""
    z_1, z_2 = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def correlations(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes dimensions are standardized before they are compared."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = 0
    for z in (z_1, z_2):
        z = (z - z.mean(dim=0)) / z.std(dim=0)
        cov = cov + _off_diagonal(z.T @ z / (len(z) - 1)).pow(2).sum() / z.shape[1]
    return invariance * sim + variance * var + covariance * cov


def covariance_of_the_two_views(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the covariance is between the views."""
    n, d = z_1.shape
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    c = (z_1 - z_1.mean(0)).T @ (z_2 - z_2.mean(0)) / (n - 1)
    cov = 2 * _off_diagonal(c).pow(2).sum() / d
    return invariance * sim + variance * var + covariance * cov


def covariance_of_the_images(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes torch.cov takes rows as observations."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = 0
    for z in (z_1, z_2):
        cov = cov + _off_diagonal(torch.cov(z)).pow(2).sum() / z.shape[1]
    return invariance * sim + variance * var + covariance * cov


def first_view_only(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the second view follows the first."""
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * _spread(z_1) + covariance * _redundancy(z_1)


def stops_the_second_view(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes one of the views needs a stop-gradient."""
    z_2 = z_2.detach()
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def views_in_one_batch(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes more rows give better statistics."""
    z = torch.cat([z_1, z_2])
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * _spread(z) + covariance * 2 * _redundancy(z)


def weights_in_another_order(z_1, z_2, variance=25.0, invariance=25.0, covariance=1.0):
    """Believes the weights come in the order of the name VICReg."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return variance * var + covariance * sim + invariance * cov


def biased_standard_deviation(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes numpy's variance is the variance."""
    var = 0
    for z in (z_1, z_2):
        std = torch.sqrt(z.var(dim=0, unbiased=False) + 1e-4)
        var = var + torch.relu(1 - std).mean() / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


def cosine_for_the_invariance(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes agreement is measured by the cosine."""
    sim = (1 - F.cosine_similarity(z_1, z_2, dim=1)).mean()
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def centers_in_place(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes centering may be done once and for all."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    with torch.no_grad():
        z_1 -= z_1.mean(dim=0)
        z_2 -= z_2.mean(dim=0)
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


def two_slips(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes Z^T Z is the covariance, and that its diagonal is small."""
    n, d = z_1.shape
    c_1 = torch.matmul(z_1.t(), z_1) / (n - 1)
    c_2 = torch.matmul(z_2.t(), z_2) / (n - 1)
    loss = invariance * F.mse_loss(z_1, z_2)
    loss = loss + variance * 0.5 * (_spread(z_1) + _spread(z_2))
    return loss + covariance * (c_1.pow(2).sum() + c_2.pow(2).sum()) / d


def forgets_to_return(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Believes the last line of a function is its value."""
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    invariance * sim + variance * var + covariance * cov
