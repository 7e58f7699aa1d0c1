"""Functions that readers write for ``regression_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, rare, right, wrong


@right
def squared_distance(x, y):
    """Takes the squared distance of unit rows."""
    x = F.normalize(x, dim=1)
    y = F.normalize(y, dim=1)
    return ((x - y) ** 2).sum(dim=1).mean()


@right
def two_minus_two_cosines(x, y):
    """Uses the right side of the equation."""
    x = F.normalize(x, dim=-1, p=2)
    y = F.normalize(y, dim=-1, p=2)
    return (2 - 2 * (x * y).sum(dim=-1)).mean()


@right
def with_cosine_similarity(prediction, target):
    """Asks torch for the cosine."""
    return 2 - 2 * F.cosine_similarity(prediction, target, dim=-1).mean()


@right
def mse_times_dimension(online, target):
    """Multiplies mse_loss, which divides by N D, with D."""
    a, b = F.normalize(online, dim=1), F.normalize(target, dim=1)
    return F.mse_loss(a, b) * online.shape[1]


@right
def mse_sum_over_n(q, z):
    """Takes the sum of mse_loss over the number of rows."""
    q = q / q.norm(dim=1, keepdim=True).clamp_min(1e-12)
    z = z / z.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return F.mse_loss(q, z, reduction="sum") / q.size(0)


@right
def diagonal_of_the_product(x, y):
    """Reads the matching pairs off the diagonal of all pairs."""
    cos = F.normalize(x, dim=1) @ F.normalize(y, dim=1).T
    return 2 - 2 * torch.trace(cos) / cos.shape[0]


@right
def pairwise_distance_squared(p, z):
    """Squares torch's pairwise distance, with no small number added."""
    p, z = F.normalize(p, dim=1), F.normalize(z, dim=1)
    return F.pairwise_distance(p, z, eps=0.0).pow(2).mean()


@right
def cosine_embedding(x, y):
    """Uses cosine_embedding_loss with target 1, which is 1 - cos, twice."""
    ones = torch.ones(len(x), dtype=x.dtype, device=x.device)
    return 2 * F.cosine_embedding_loss(x, y, ones)


by_position(__name__, "p z")


@right
def transposed(x, y):
    """Works on columns: one embedding a column."""
    xt, yt = F.normalize(x.T, dim=0), F.normalize(y.T, dim=0)
    return (xt - yt).square().sum(0).mean()


@wrong("mse_loss: mean over all entries, D times too small")
def mean_over_everything(x, y):
    return F.mse_loss(F.normalize(x, dim=1), F.normalize(y, dim=1))


@wrong("rows are not scaled to length one")
def forgets_to_normalize(x, y):
    return (x - y).pow(2).sum(dim=1).mean()


@wrong("the targets are not scaled to length one")
def normalizes_predictions_only(x, y):
    x = F.normalize(x, dim=1)
    return (x - y).square().sum(dim=1).mean()


@wrong("the predictions are not scaled to length one")
def normalizes_targets_only(x, y):
    y = F.normalize(y, dim=1)
    return (x - y).square().sum(dim=1).mean()


@wrong("2 + 2 cos: wrong sign of the cosine")
def wrong_sign_of_the_cosine(x, y):
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return 2 + 2 * (x * y).sum(dim=-1).mean()


@wrong("convention: sum over the batch")
def sums_the_batch(x, y):
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return (2 - 2 * (x * y).sum(dim=1)).sum()


@wrong("convention: 1 - cos, half of it")
def one_minus_cosine(x, y):
    return (1 - F.cosine_similarity(x, y, dim=1)).mean()


@wrong("convention: -cos, SimSiam's form, half the gradient")
def minus_cosine(x, y):
    return -F.cosine_similarity(x, y, dim=-1).mean()


@wrong("wrong sign: the mean cosine itself")
def plain_cosine(x, y):
    return F.cosine_similarity(x, y, dim=-1).mean()


@wrong("smooth L1, not the squared distance")
def huber_habits(x, y):
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return F.smooth_l1_loss(x, y, reduction="none").sum(dim=1).mean()


@wrong("two: mean over all entries, and no scaling to length one")
def mean_and_no_norm(x, y):
    return torch.nn.MSELoss()(x, y)


@wrong("cosine_similarity over dim=0: over the batch")
def cosine_over_the_batch(x, y):
    return (2 - 2 * F.cosine_similarity(x, y, dim=0)).mean()


@wrong("2 - cos: the factor 2 of the cosine is missing")
def forgets_the_two(x, y):
    return (2 - F.cosine_similarity(x, y, dim=1)).mean()


@wrong("1 - cos squared: opposite rows count as equal")
def squared_cosine(x, y):
    return (2 - 2 * F.cosine_similarity(x, y, dim=1) ** 2).mean()


def _distances(x, y):
    return (F.normalize(x, dim=1) - F.normalize(y, dim=1)).square().sum(dim=1)


@rare
def plus_a_tenth_of_the_norm(x, y):
    """Adds 0.1 times the mean length of the predictions."""
    return _distances(x, y).mean() + 0.1 * x.norm(dim=1).mean()


@rare
def median_of_the_rows(x, y):
    """Takes the median over the rows, not the mean."""
    return _distances(x, y).median()


@rare
def cubes_the_cosine(x, y):
    """Raises each cosine to its third power."""
    return (2 - 2 * F.cosine_similarity(x, y, dim=1) ** 3).mean()


@rare
def angle_squared(x, y):
    """Takes the squared angle between the rows."""
    cos = F.cosine_similarity(x, y, dim=1).clamp(-0.9999, 0.9999)
    return torch.arccos(cos).square().mean()
