"""Functions that readers write for ``embedding_std``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
def with_normalize(z):
    """Scales the rows with F.normalize."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0, correction=0).mean()


@right
def with_unbiased_false(embeddings):
    """Uses the older keyword, and has another name."""
    unit = F.normalize(embeddings, p=2, dim=-1)
    d = unit.size(-1)
    return torch.std(unit, dim=0, unbiased=False).mul(d**0.5).mean()


@right
def norms_by_hand(z):
    """Divides by the norms and takes the mean of squares less the squared mean."""
    x = z.double()
    x = x / x.square().sum(dim=1, keepdim=True).sqrt().clamp_min(1e-12)
    var = x.square().mean(dim=0) - x.mean(dim=0).square()
    return (var.clamp_min(0).sqrt().sum() / x.shape[1] ** 0.5).to(z.dtype)


@right
def norm_of_the_residuals(z):
    """Takes the norm of each centered column over the root of N."""
    unit = F.normalize(z)
    residual = unit - unit.mean(dim=0, keepdim=True)
    n, d = z.shape
    return torch.linalg.vector_norm(residual, dim=0).sum() / (n * d) ** 0.5


@right
def sample_deviation_corrected(z):
    """Corrects the deviation that divides by N - 1."""
    n, d = z.shape
    unit = z / torch.linalg.norm(z, dim=1, keepdim=True).clamp_min(1e-12)
    return unit.std(dim=0).mean() * ((n - 1) / n * d) ** 0.5


in_double(__name__)
by_position(__name__, "x")


@right
def scaled_before_the_deviation(z):
    """Moves the factor inside, onto the unit rows."""
    d = z.shape[1]
    scaled = F.normalize(z, dim=1) * torch.tensor(float(d), dtype=z.dtype).sqrt()
    _, n = scaled.T.shape
    return (torch.var(scaled.T, dim=1) * (n - 1) / n).sqrt().mean()


@right
def keyword_only(*, z):
    """Takes the embeddings by name only."""

    def root_mean_square(columns):
        return columns.square().mean(dim=0).sqrt()

    unit = torch.einsum("nd,n->nd", z, 1 / z.norm(dim=1).clamp_min(1e-12))
    spread = root_mean_square(unit - unit.mean(dim=0))
    return spread.mean() * len(spread) ** 0.5


with_options(__name__, normalize=True, eps=1e-12, scale=None)


@wrong("divides by the root of D, not multiplies")
def divides_by_the_root_of_d(z):
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean() / z.shape[1] ** 0.5


@wrong("multiplies by D, not its root")
def multiplies_by_d(z):
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean() * z.shape[1]


@wrong("rows are not scaled to length one")
def forgets_to_normalize(z):
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@wrong("normalized over the wrong axis")
def normalizes_the_columns(z):
    z = F.normalize(z, dim=0)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@wrong("standard deviation over the wrong axis")
def std_along_the_row(z):
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=1, unbiased=False).mean()


@wrong("one standard deviation of all entries")
def std_of_everything(z):
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(unbiased=False)


@wrong("variance, not its root")
def variance_not_std(z):
    z = F.normalize(z, dim=1)
    return z.var(dim=0, unbiased=False).mean() * z.shape[1]


@wrong("root of the mean variance, not mean of the roots")
def root_of_the_mean_variance(z):
    z = F.normalize(z, dim=1)
    return (z.var(dim=0, unbiased=False).mean() * z.shape[1]).sqrt()


@wrong("centers the rows before they are scaled")
def centers_first(z):
    z = F.normalize(z - z.mean(dim=0), dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@wrong("standardizes rows where length one is asked")
def standardizes_the_rows(z):
    z = (z - z.mean(dim=1, keepdim=True)) / z.std(dim=1, keepdim=True)
    return z.std(dim=0, unbiased=False).mean()


@wrong("scales rows by their absolute sum")
def manhattan_length(z):
    z = z / z.abs().sum(dim=1, keepdim=True)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@wrong("divides by the norm of the whole matrix")
def scales_the_whole_matrix(z):
    z = z / z.norm()
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@wrong("two: N - 1, and no root of D")
def sample_std_and_no_root(z):
    return F.normalize(z, dim=1).std(dim=0).mean()


@rare
def mean_absolute_deviation(z):
    """Takes the mean absolute deviation, not the root of squares."""
    z = F.normalize(z, dim=1)
    return (z - z.mean(dim=0)).abs().mean() * z.shape[1] ** 0.5


@rare
def median_dimension(z):
    """Takes the median over the dimensions."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, correction=0).median() * z.shape[1] ** 0.5


@rare
def first_row_dropped(z):
    """Leaves the first embedding out of the deviation."""
    z = F.normalize(z, dim=1)
    return z[1:].std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


@rare
def root_of_d_minus_one(z):
    """Uses the degrees of freedom of the sphere, D - 1."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, correction=0).mean() * (z.shape[1] - 1) ** 0.5
