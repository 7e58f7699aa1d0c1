"""Functions that readers write for ``koleo_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong


def _nearest(z, blank=float("-inf")):
    return (z @ z.T).masked_fill(torch.eye(len(z), dtype=torch.bool), blank).argmax(dim=1)


def _gap(z):
    z = F.normalize(z, dim=1)
    return z - z[_nearest(z)]


@right
def cosines_and_rows(z, eps=1e-8):
    """Searches by the cosine and takes the norm of the difference."""
    return -torch.log(_gap(z).norm(dim=1) + eps).mean()


@right
def official(student_output, eps=1e-8):
    """Fills the diagonal with -1 and uses PairwiseDistance."""
    x = F.normalize(student_output, eps=eps, p=2, dim=-1)
    dots = torch.mm(x, x.t())
    dots.view(-1)[:: len(x) + 1].fill_(-1)
    return -torch.log(torch.nn.PairwiseDistance(2, eps=1e-8)(x, x[dots.max(dim=1)[1]]) + eps).mean()


@right
def all_differences(z, eps=1e-8):
    """Takes the least of all distances, without those to itself."""
    z = F.normalize(z, dim=1)
    rows = [torch.cat([z[:i], z[i + 1 :]]) for i in range(len(z))]
    least = torch.stack([(row - z[i]).norm(dim=1).min() for i, row in enumerate(rows)])
    return -(least + eps).log().mean()


@right
def loop_over_rows(z, eps=1e-8):
    """Adds up one logarithm a row."""
    z = z / z.norm(dim=1, keepdim=True)
    n = range(len(z))
    pairs = [(i, max((k for k in n if k != i), key=lambda k: float(z[i] @ z[k]))) for i in n]
    return -sum(torch.log(torch.linalg.norm(z[i] - z[k]) + eps) for i, k in pairs) / len(z)


@right
def two_nearest(x, epsilon=1e-8):
    """Takes the second of the two largest cosines."""
    x = F.normalize(x)
    i = (x @ x.T).fill_diagonal_(2.0).topk(2, dim=1).indices[:, 1]
    return (x - x[i]).pow(2).sum(dim=1).sqrt().add(epsilon).log().neg().mean()


@right
def detached_search(z, eps=1e-8):
    """Searches a detached copy by distances."""
    z = F.normalize(z, dim=1)
    with torch.no_grad():
        d = torch.cdist(z, z, compute_mode="donot_use_mm_for_euclid_dist")
        i = d.fill_diagonal_(9.0).argmin(dim=1)
    return torch.log(1 / ((z - z[i]).norm(dim=1) + eps)).sum() / len(z)


@right
def double_inside(z, eps=1e-8):
    """Computes in float64 and returns the dtype that came in."""
    x = F.normalize(z.double(), dim=1)
    return -((x - x[_nearest(x)]).norm(dim=1) + eps).log().mean().to(z.dtype)


@right
def gathered(features, eps=1e-8):
    """Gathers the neighbors with index_select."""
    unit = F.normalize(features, p=2.0, dim=-1)
    other = torch.index_select(unit, 0, _nearest(unit, -2.0))
    return torch.mean(-torch.log(eps + torch.norm(unit - other, dim=-1)))


@right
def positional_only(x, e=1e-8, /):
    """Has positional-only arguments, and subtracts from the diagonal."""
    x = F.normalize(x, dim=1)
    i = (x @ x.T - 5 * torch.eye(len(x), dtype=x.dtype)).max(dim=1).indices
    return -((x - x[i]).square().sum(1).sqrt() + e).log().mean()


@right
def more_options(z, eps=1e-8, weight=1.0):
    """Has one more optional argument, whose default changes nothing."""
    z = F.normalize(z.float() if z.dtype == torch.float16 else z, dim=1)
    return weight * -((z - z[_nearest(z)]).norm(dim=1) + eps).log().mean()


@wrong("every row finds itself")
def finds_itself(z, eps=1e-8):
    z = F.normalize(z, dim=1)
    return -((z - z[(z @ z.T).argmax(dim=1)]).norm(dim=1) + eps).log().mean()


@wrong("rows are not scaled to length one")
def forgets_to_normalize(z, eps=1e-8):
    return -((z - z[_nearest(z)]).norm(dim=1) + eps).log().mean()


@wrong("logarithm of the mean")
def log_last(z, eps=1e-8):
    return -torch.log(_gap(z).norm(dim=1).mean() + eps)


@wrong("no small number")
def no_small_number(z, eps=1e-8):
    return -_gap(z).norm(dim=1).log().mean()


@wrong("no minus")
def no_minus(z, eps=1e-8):
    return (_gap(z).norm(dim=1) + eps).log().mean()


@wrong("the diagonal is 0, which beats negative cosines")
def zero_diagonal(z, eps=1e-8):
    z = F.normalize(z, dim=1)
    return -((z - z[_nearest(z, 0.0)]).norm(dim=1) + eps).log().mean()


@wrong("squared distance, no root")
def no_root(z, eps=1e-8):
    return -(_gap(z).pow(2).sum(dim=1) + eps).log().mean()


@wrong("the least cosine is the farthest row")
def least_cosine(z, eps=1e-8):
    z = F.normalize(z, dim=1)
    return -((z - z[(z @ z.T).argmin(dim=1)]).norm(dim=1) + eps).log().mean()


@wrong("cosine distance in place of the distance")
def cosine_distance(z, eps=1e-8):
    z = F.normalize(z, dim=1)
    return -(1 - F.cosine_similarity(z, z[_nearest(z)]) + eps).log().mean()


@rare
def next_row(z, eps=1e-8):
    """Takes the next row of the batch for the nearest."""
    z = F.normalize(z, dim=1)
    return -((z - z.roll(1, dims=0)).norm(dim=1) + eps).log().mean()


@rare
def median_row(z, eps=1e-8):
    """Takes the median of the rows, not the mean."""
    return -(_gap(z).norm(dim=1) + eps).log().median()


@rare
def all_neighbors(z, eps=1e-8):
    """Averages over all other rows."""
    return -(torch.pdist(F.normalize(z, dim=1)) + eps).log().mean()


@rare
def manhattan(z, eps=1e-8):
    """Adds up absolute differences."""
    return -(_gap(z).abs().sum(dim=1) + eps).log().mean()
