"""Correct functions for simsiam_loss in many styles."""

import torch
import torch.nn.functional as F


def like_the_official_code(p1, p2, z1, z2):
    """Follows the official code, which asks torch for the cosine."""
    criterion = torch.nn.CosineSimilarity(dim=1)
    z1, z2 = z1.detach(), z2.detach()
    return -(criterion(p1, z2).mean() + criterion(p2, z1).mean()) * 0.5


def like_the_algorithm(p_1, p_2, z_1, z_2):
    """Follows the pseudocode of the paper with a function D."""

    def D(p, z):
        z = z.detach()
        p = F.normalize(p, dim=1)
        z = F.normalize(z, dim=1)
        return -(p * z).sum(dim=1).mean()

    return D(p_1, z_2) / 2 + D(p_2, z_1) / 2


def both_directions_at_once(p_1, p_2, z_1, z_2):
    """Concatenates both directions and takes one mean."""
    p = F.normalize(torch.cat((p_1, p_2), dim=0), dim=-1)
    with torch.no_grad():
        z = F.normalize(torch.cat((z_2, z_1), dim=0), dim=-1)
    return torch.einsum("nd,nd->n", p, z).neg().mean()


def row_by_row(p_1, p_2, z_1, z_2):
    """Loops over the images."""
    n = len(p_1)
    total = p_1.new_zeros(())
    for i in range(n):
        for p, z in ((p_1[i], z_2[i].detach()), (p_2[i], z_1[i].detach())):
            p_unit = p / torch.sqrt(torch.dot(p, p)).clamp_min(1e-12)
            z_unit = z / torch.sqrt(torch.dot(z, z)).clamp_min(1e-12)
            total = total - torch.dot(p_unit, z_unit)
    return total / (2 * n)


def targets_first(p_1, p_2, z_1, z_2):
    """Prepares both targets before anything else."""
    with torch.no_grad():
        t_1 = z_1 / z_1.norm(dim=1, keepdim=True).clamp_min(1e-12)
        t_2 = z_2 / z_2.norm(dim=1, keepdim=True).clamp_min(1e-12)
    q_1 = p_1 / p_1.norm(dim=1, keepdim=True).clamp_min(1e-12)
    q_2 = p_2 / p_2.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return -0.5 * ((q_1 * t_2).sum(-1) + (q_2 * t_1).sum(-1)).mean()


def double_inside(p_1, p_2, z_1, z_2):
    """Computes in float64 and returns the dtype it was given."""
    a = F.normalize(p_1.double(), dim=1) * F.normalize(z_2.detach().double(), dim=1)
    b = F.normalize(p_2.double(), dim=1) * F.normalize(z_1.detach().double(), dim=1)
    return (-(a + b).sum() / (2 * len(a))).to(p_1.dtype)


def diagonal_of_the_product(p_1, p_2, z_1, z_2):
    """Reads the matching pairs off the diagonal of all pairs."""
    a = F.normalize(p_1, dim=1) @ F.normalize(z_2, dim=1).detach().T
    b = F.normalize(p_2, dim=1) @ F.normalize(z_1, dim=1).detach().T
    return -(torch.trace(a) + torch.trace(b)) / (2 * a.shape[0])


def stacked_views(p_1, p_2, z_1, z_2):
    """Stacks the views and flips the targets."""
    p = torch.stack([p_1, p_2])
    z = torch.stack([z_1, z_2]).detach().flip(0)
    p, z = F.normalize(p, dim=2), F.normalize(z, dim=2)
    return -torch.mean(torch.sum(p * z, dim=2))


def vecdot_and_norms(p_1, p_2, z_1, z_2, eps=1e-12):
    """Scales with vector_norm and has one option more."""

    def unit(x):
        return x / torch.linalg.vector_norm(x, dim=1, keepdim=True).clamp(min=eps)

    losses = []
    for p, z in zip((p_1, p_2), (z_2, z_1), strict=True):
        losses.append(-torch.linalg.vecdot(unit(p), unit(z.detach())).mean())
    return sum(losses) / len(losses)


def positional_only(a, b, c, d, /):
    """Takes its arguments by position only."""
    c, d = c.clone().detach(), d.clone().detach()
    return F.cosine_similarity(a, d).add(F.cosine_similarity(b, c)).mean().div(-2)


def keyword_only(*, p_1, p_2, z_1, z_2):
    """Takes its arguments by keyword only, and works on data of the targets."""
    first = F.cosine_similarity(p_1, z_2.data, dim=-1)
    second = F.cosine_similarity(p_2, z_1.data, dim=-1)
    return -torch.stack([first, second]).mean()


def transposed(p_1, p_2, z_1, z_2):
    """Works on columns: one image a column."""
    pairs = [(p_1.T, z_2.T.detach()), (p_2.T, z_1.T.detach())]
    cos = [(F.normalize(p, dim=0) * F.normalize(z, dim=0)).sum(0) for p, z in pairs]
    return torch.cat(cos).mean() * -1


def batched_products(p_1, p_2, z_1, z_2):
    """Multiplies rows by columns in batches of one."""
    p = F.normalize(torch.cat([p_1, p_2]), dim=1).unsqueeze(1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), dim=1).unsqueeze(2)
    return -torch.bmm(p, z).flatten().mean()


class _SimSiam(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def similarity(self, p, z):
        return (F.normalize(p, p=2, dim=1) * F.normalize(z, p=2, dim=1)).sum(dim=1)

    def forward(self, pred_1, pred_2, proj_1, proj_2):
        a = self.similarity(pred_1, proj_2.detach())
        b = self.similarity(pred_2, proj_1.detach())
        return 0.5 * (-a).mean() + 0.5 * (-b).mean()


callable_object = _SimSiam()
