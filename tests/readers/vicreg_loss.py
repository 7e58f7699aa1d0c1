"""Functions that readers write for ``vicreg_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
def like_the_official_code(x, y, sim_coeff=25.0, std_coeff=25.0, cov_coeff=1.0):
    """Follows the official code and its names."""

    def off_diagonal(m):
        n = m.shape[0]
        return m.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()

    repr_loss = F.mse_loss(x, y)
    x = x - x.mean(dim=0)
    y = y - y.mean(dim=0)
    std_x = torch.sqrt(x.var(dim=0) + 0.0001)
    std_y = torch.sqrt(y.var(dim=0) + 0.0001)
    std_loss = torch.mean(F.relu(1 - std_x)) / 2 + torch.mean(F.relu(1 - std_y)) / 2
    n, d = x.shape
    cov_x = (x.T @ x) / (n - 1)
    cov_y = (y.T @ y) / (n - 1)
    cov_loss = off_diagonal(cov_x).pow_(2).sum().div(d)
    cov_loss = cov_loss + off_diagonal(cov_y).pow_(2).sum().div(d)
    return sim_coeff * repr_loss + std_coeff * std_loss + cov_coeff * cov_loss


@right
def with_torch_cov(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Takes variances and covariances from one call of torch.cov a view."""
    loss = invariance * (z_1 - z_2).pow(2).mean()
    for z in (z_1, z_2):
        c = torch.cov(z.T).reshape(z.shape[1], z.shape[1])
        std = (torch.diagonal(c) + 1e-4).sqrt()
        loss = loss + variance * (1 - std).clamp(min=0).mean() / 2
        other = c - torch.diag(torch.diagonal(c))
        loss = loss + covariance * (other**2).sum() / z.shape[1]
    return loss


@right
def both_views_stacked(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Stacks the views and uses einsum."""
    z = torch.stack([z_1, z_2])
    _, n, d = z.shape
    centered = z - z.mean(dim=1, keepdim=True)
    cov = torch.einsum("vni,vnj->vij", centered, centered) / (n - 1)
    var = torch.einsum("vii->vi", cov)
    flat = F.relu(1 - torch.sqrt(var + 1e-4)).mean()
    off = ~torch.eye(d, dtype=torch.bool)
    redundant = cov[:, off].square().sum() / d
    apart = (z[0] - z[1]).square().mean()
    return invariance * apart + variance * flat + covariance * redundant


@right
def pair_of_dimensions(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Loops over the dimensions and over the pairs of them."""
    n, d = z_1.shape
    apart = sum(((a - b) ** 2).sum() for a, b in zip(z_1, z_2, strict=True)) / (n * d)
    flat = z_1.new_zeros(())
    redundant = z_1.new_zeros(())
    for z in (z_1, z_2):
        columns = [z[:, j] - z[:, j].mean() for j in range(d)]
        for i in range(d):
            std = torch.sqrt(columns[i].dot(columns[i]) / (n - 1) + 1e-4)
            flat = flat + torch.relu(1 - std) / d / 2
            for j in range(d):
                if i != j:
                    c = columns[i].dot(columns[j]) / (n - 1)
                    redundant = redundant + c * c / d
    return invariance * apart + variance * flat + covariance * redundant


@right
def upper_triangle_twice(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Counts the covariances above the diagonal twice."""

    def parts(z):
        var, mean = torch.var_mean(z, dim=0)
        z = z - mean
        c = z.t().mm(z).div(z.size(0) - 1)
        upper = torch.triu(c, diagonal=1)
        return F.relu(1 - (var + 1e-4).sqrt()).mean(), 2 * upper.pow(2).sum() / len(c)

    (v_1, c_1), (v_2, c_2) = parts(z_1), parts(z_2)
    loss = invariance * F.mse_loss(z_1, z_2)
    return loss + variance * (v_1 + v_2) / 2 + covariance * (c_1 + c_2)


in_double(__name__)
by_position(__name__, "a b lam mu nu")


@right
def keyword_only(z_1, z_2, *, invariance=25.0, variance=25.0, covariance=1.0):
    """Takes the weights by name only."""
    n, d = z_1.shape
    total = invariance * torch.sum((z_1 - z_2) ** 2) / (n * d)
    for z in (z_1, z_2):
        residual = z - z.sum(dim=0) / n
        var = (residual * residual).sum(dim=0) / (n - 1)
        gap = 1 - torch.sqrt(var + 1e-4)
        total = total + variance * torch.where(gap > 0, gap, 0).sum() / d / 2
        c = torch.matmul(residual.mT, residual) / (n - 1)
        c = c.masked_fill(torch.eye(d, dtype=torch.bool), 0.0)
        total = total + covariance * c.norm().square() / d
    return total


with_options(__name__, gamma=1.0, eps=0.0001)


@right
def rolled_dimensions(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Meets every pair of dimensions by rolling the columns."""
    n, d = z_1.shape
    apart = F.mse_loss(z_1, z_2, reduction="sum") / z_1.numel()
    flat = redundant = 0
    for z in (z_1, z_2):
        z = z - z.mean(dim=0)
        std = torch.sqrt(z.square().sum(dim=0) / (n - 1) + 1e-4)
        flat = flat + F.relu(1 - std).sum() / d
        for shift in range(1, d):
            c = (z * z.roll(shift, dims=1)).sum(dim=0) / (n - 1)
            redundant = redundant + c.square().sum() / d
    return invariance * apart + variance * flat / 2 + covariance * redundant


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


@wrong("hinge on the variance, not the standard deviation")
def variance_without_the_root(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    var = (F.relu(1 - z_1.var(dim=0)).mean() + F.relu(1 - z_2.var(dim=0)).mean()) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


@wrong("missing 1e-4 under the root")
def root_without_the_small_number(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    var = (F.relu(1 - z_1.std(dim=0)).mean() + F.relu(1 - z_2.std(dim=0)).mean()) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return invariance * sim + variance * var + covariance * cov


@wrong("the diagonal of the covariance is not removed")
def keeps_the_diagonal(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    loss = invariance * ((z_1 - z_2) ** 2).mean()
    for z in (z_1, z_2):
        loss = loss + variance * _spread(z) / 2
        c = torch.cov(z.T)
        loss = loss + covariance * (c**2).sum() / z.shape[1]
    return loss


@wrong("convention: both, equation 6 of the paper")
def paper_equation_6(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    s = torch.sum((z_1 - z_2) ** 2) / z_1.shape[0]
    v = _spread(z_1) + _spread(z_2)
    c = _redundancy(z_1) + _redundancy(z_2)
    return invariance * s + variance * v + covariance * c


@wrong("covariance terms of the views are averaged, not added")
def covariance_terms_averaged(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = (_redundancy(z_1) + _redundancy(z_2)) / 2
    return invariance * sim + variance * var + covariance * cov


@wrong("the covariances are not squared")
def covariance_not_squared(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = sum(_off_diagonal(torch.cov(z.T)).sum() / z.shape[1] for z in (z_1, z_2))
    return invariance * sim + variance * var + covariance * cov


@wrong("divides by D squared, not D")
def mean_of_the_covariances(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    cov = 0
    for z in (z_1, z_2):
        c = torch.cov(z.T)
        c = c * (1 - torch.eye(len(c), dtype=c.dtype))
        cov = cov + (c**2).mean()
    var = (_spread(z_1) + _spread(z_2)) / 2
    return invariance * F.mse_loss(z_1, z_2) + variance * var + covariance * cov


@wrong("spread and covariance of the first view only")
def first_view_only(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * _spread(z_1) + covariance * _redundancy(z_1)


@wrong("both views in one batch for variance and covariance")
def views_in_one_batch(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    z = torch.cat([z_1, z_2])
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * _spread(z) + covariance * 2 * _redundancy(z)


@wrong("the weights are used in another order")
def weights_in_another_order(z_1, z_2, variance=25.0, invariance=25.0, covariance=1.0):
    sim = F.mse_loss(z_1, z_2)
    var = (_spread(z_1) + _spread(z_2)) / 2
    cov = _redundancy(z_1) + _redundancy(z_2)
    return variance * var + covariance * sim + invariance * cov


@wrong("two: no centering, and the diagonal is kept")
def two_slips(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    n, d = z_1.shape
    c_1 = torch.matmul(z_1.t(), z_1) / (n - 1)
    c_2 = torch.matmul(z_2.t(), z_2) / (n - 1)
    loss = invariance * F.mse_loss(z_1, z_2)
    loss = loss + variance * 0.5 * (_spread(z_1) + _spread(z_2))
    return loss + covariance * (c_1.pow(2).sum() + c_2.pow(2).sum()) / d


def _parts(z, power=2):
    z = z - z.mean(dim=0)
    c = z.T @ z / (len(z) - 1)
    off = c - torch.diag(c.diagonal())
    hinge = F.relu(1 - torch.sqrt(c.diagonal() + 1e-4))
    return hinge, off.abs().pow(power).sum() / len(c)


@rare
def worst_dimension_only(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Takes the largest gap of a dimension, not the mean."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.max() + h_2.max()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


@rare
def fourth_powers(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Squares the covariances twice."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1, 4), _parts(z_2, 4)
    spread = (h_1.mean() + h_2.mean()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


@rare
def squared_hinge(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Squares the hinge, as support vector machines may."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.square().mean() + h_2.square().mean()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


@rare
def smooth_distance(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Uses the smooth absolute difference, which ends the squares at 1."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.mean() + h_2.mean()) / 2
    sim = 2 * F.smooth_l1_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)
