"""Functions that readers write for ``simsiam_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def like_the_official_code(p1, p2, z1, z2):
    """Follows the official code, which asks torch for the cosine."""
    criterion = torch.nn.CosineSimilarity(dim=1)
    z1, z2 = z1.detach(), z2.detach()
    return -(criterion(p1, z2).mean() + criterion(p2, z1).mean()) * 0.5


@right
def both_directions_at_once(p_1, p_2, z_1, z_2):
    """Concatenates both directions and takes one mean."""
    p = F.normalize(torch.cat((p_1, p_2), dim=0), dim=-1)
    with torch.no_grad():
        z = F.normalize(torch.cat((z_2, z_1), dim=0), dim=-1)
    return torch.einsum("nd,nd->n", p, z).neg().mean()


@right
def targets_first(p_1, p_2, z_1, z_2):
    """Prepares both targets before anything else."""
    with torch.no_grad():
        t_1 = z_1 / z_1.norm(dim=1, keepdim=True).clamp_min(1e-12)
        t_2 = z_2 / z_2.norm(dim=1, keepdim=True).clamp_min(1e-12)
    q_1 = p_1 / p_1.norm(dim=1, keepdim=True).clamp_min(1e-12)
    q_2 = p_2 / p_2.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return -0.5 * ((q_1 * t_2).sum(-1) + (q_2 * t_1).sum(-1)).mean()


in_double(__name__)
by_position(__name__, "a b c d")


@right
def diagonal_of_the_product(p_1, p_2, z_1, z_2):
    """Reads the matching pairs off the diagonal of all pairs."""
    a = F.normalize(p_1, dim=1) @ F.normalize(z_2, dim=1).detach().T
    b = F.normalize(p_2, dim=1) @ F.normalize(z_1, dim=1).detach().T
    return -(torch.trace(a) + torch.trace(b)) / (2 * a.shape[0])


@right
def stacked_views(p_1, p_2, z_1, z_2):
    """Stacks the views and flips the targets."""
    p = torch.stack([p_1, p_2])
    z = torch.stack([z_1, z_2]).detach().flip(0)
    p, z = F.normalize(p, dim=2), F.normalize(z, dim=2)
    return -torch.mean(torch.sum(p * z, dim=2))


@right
def keyword_only(*, p_1, p_2, z_1, z_2):
    """Takes its arguments by keyword only, and works on data of the targets."""
    first = F.cosine_similarity(p_1, z_2.data, dim=-1)
    second = F.cosine_similarity(p_2, z_1.data, dim=-1)
    return -torch.stack([first, second]).mean()


@right
def transposed(p_1, p_2, z_1, z_2):
    """Works on columns: one image a column."""
    pairs = [(p_1.T, z_2.T.detach()), (p_2.T, z_1.T.detach())]
    cos = [(F.normalize(p, dim=0) * F.normalize(z, dim=0)).sum(0) for p, z in pairs]
    return torch.cat(cos).mean() * -1


@right
def batched_products(p_1, p_2, z_1, z_2):
    """Multiplies rows by columns in batches of one."""
    p = F.normalize(torch.cat([p_1, p_2]), dim=1).unsqueeze(1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), dim=1).unsqueeze(2)
    return -torch.bmm(p, z).flatten().mean()


@wrong("detaches the predictions, not the projections")
def stops_the_predictions(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1.detach(), z_2, dim=1).mean()
    b = F.cosine_similarity(p_2.detach(), z_1, dim=1).mean()
    return -(a + b) / 2


@wrong("wrong sign")
def forgets_the_minus(p_1, p_2, z_1, z_2):
    cos = torch.nn.CosineSimilarity(dim=1)
    return 0.5 * (cos(p_1, z_2.detach()).mean() + cos(p_2, z_1.detach()).mean())


@wrong("rows are not scaled to length one")
def dot_products(p_1, p_2, z_1, z_2):
    a = (p_1 * z_2.detach()).sum(dim=1).mean()
    b = (p_2 * z_1.detach()).sum(dim=1).mean()
    return -(a + b) / 2


@wrong("scaled over the batch (dim=0), not over each row")
def scales_columns(p_1, p_2, z_1, z_2):
    p_1, p_2 = F.normalize(p_1, dim=0), F.normalize(p_2, dim=0)
    z_1, z_2 = F.normalize(z_1.detach(), dim=0), F.normalize(z_2.detach(), dim=0)
    return -((p_1 * z_2).sum(dim=1).mean() + (p_2 * z_1).sum(dim=1).mean()) / 2


@wrong("cosine_similarity over dim=0")
def cosine_over_the_batch(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1, z_2.detach(), dim=0).mean()
    b = F.cosine_similarity(p_2, z_1.detach(), dim=0).mean()
    return -(a + b) / 2


@wrong("one cosine of the whole batch, flattened")
def flattened_batch(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1.flatten(), z_2.detach().flatten(), dim=0)
    b = F.cosine_similarity(p_2.flatten(), z_1.detach().flatten(), dim=0)
    return -(a + b) / 2


@wrong("cosine of the mean embeddings")
def cosine_of_the_means(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1.mean(dim=0), z_2.mean(dim=0).detach(), dim=0)
    b = F.cosine_similarity(p_2.mean(dim=0), z_1.mean(dim=0).detach(), dim=0)
    return -(a + b) / 2


@wrong("mean over all entries: D times too small")
def mean_over_everything(p_1, p_2, z_1, z_2):
    p = F.normalize(torch.cat([p_1, p_2]), dim=1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), dim=1)
    return -(p * z).mean()


@wrong("convention: no reduction, shape (N,)")
def loss_of_each_image(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1, z_2.detach())
    b = F.cosine_similarity(p_2, z_1.detach())
    return -(a + b) / 2


@wrong("divides by 4: mean over 2N rows and one half more")
def halves_twice(p_1, p_2, z_1, z_2):
    p, z = torch.cat([p_1, p_2]), torch.cat([z_2, z_1])
    return -0.5 * F.cosine_similarity(p, z.detach()).mean()


@wrong("squared error without scaling")
def plain_squared_error(p_1, p_2, z_1, z_2):
    return 0.5 * F.mse_loss(p_1, z_2.detach()) + 0.5 * F.mse_loss(p_2, z_1.detach())


@wrong("two: same view, and missing detach")
def two_slips(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1, z_1).mean()
    b = F.cosine_similarity(p_2, z_2).mean()
    return -(a + b) / 2


def _cosines(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1, z_2.detach(), dim=1)
    b = F.cosine_similarity(p_2, z_1.detach(), dim=1)
    return a, b


@rare
def median_of_the_batch(p_1, p_2, z_1, z_2):
    """Takes the median over the images."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -(a.median() + b.median()) / 2


@rare
def cubes_the_cosine(p_1, p_2, z_1, z_2):
    """Raises each cosine to its third power."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -(a**3 + b**3).mean() / 2


@rare
def worse_direction(p_1, p_2, z_1, z_2):
    """Takes the smaller of the two cosines of each image."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -torch.minimum(a, b).mean()


@rare
def manhattan_length(p_1, p_2, z_1, z_2):
    """Scales rows so that the sum of absolute values is one."""
    p = F.normalize(torch.cat([p_1, p_2]), p=1, dim=1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), p=1, dim=1)
    return -(p * z).sum(dim=1).mean()
