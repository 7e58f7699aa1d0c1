"""Honest wrong attempts at simsiam_loss."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "no_stop_gradient": "missing detach: gradient flows into z",
    "stops_the_predictions": "detaches the predictions, not the projections",
    "stops_everything": "detaches predictions and projections: no gradient at all",
    "stops_one_side_only": "missing detach in the second direction",
    "everything_under_no_grad": "no gradient: computed under no_grad",
    "same_view": "not crossed: each view predicts its own projection",
    "predictions_only": "compares the two predictions, projections are not used",
    "projections_against_each_other": "compares the two projections",
    "forgets_the_minus": "wrong sign",
    "minus_on_the_first_only": "wrong sign of the second direction",
    "dot_products": "rows are not scaled to length one",
    "targets_not_scaled": "the projections are not scaled to length one",
    "scales_columns": "scaled over the batch (dim=0), not over each row",
    "cosine_over_the_batch": "cosine_similarity over dim=0",
    "one_norm_for_the_matrix": "one norm for the whole matrix, not one a row",
    "flattened_batch": "one cosine of the whole batch, flattened",
    "cosine_of_the_means": "cosine of the mean embeddings",
    "mean_over_everything": "mean over all entries: D times too small",
    "adds_the_directions": "convention: sum of the two directions (factor 2)",
    "sums_the_batch": "convention: sum over the batch",
    "loss_of_each_image": "convention: no reduction, shape (N,)",
    "one_minus_cosine": "convention: 1 - cos, shifted by 1",
    "squared_distance": "convention: squared distance of unit rows, as BYOL",
    "halves_twice": "divides by 4: mean over 2N rows and one half more",
    "one_direction_only": "only one of the two directions",
    "plain_squared_error": "squared error without scaling",
    "absolute_cosine": "absolute cosine: opposite rows count as equal",
    "with_negatives": "a softmax over other images: negatives, as SimCLR",
    "softmax_variant": "cross-entropy of softmaxes, a variant of the paper",
    "freezes_the_arguments": "switches requires_grad of z off: mutates its inputs",
    "scales_in_place": "mutates its inputs: scales them in place",
    "keepdim_missing": "raises: keepdim is missing",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "returns_a_pair": "returns both directions, not one number",
    "forgets_to_return": "returns None",
    "two_slips": "two: same view, and missing detach",
    "large_small_number": "1e-2 added to each length: wrong for short rows",
}


def _d(p, z):
    return -F.cosine_similarity(p, z.detach(), dim=1).mean()


def no_stop_gradient(p_1, p_2, z_1, z_2):
    """Believes the predictor alone prevents collapse."""
    a = F.cosine_similarity(p_1, z_2, dim=1).mean()
    b = F.cosine_similarity(p_2, z_1, dim=1).mean()
    return -(a + b) * 0.5


def stops_the_predictions(p_1, p_2, z_1, z_2):
    """Believes the prediction is what has to stand still."""
    a = F.cosine_similarity(p_1.detach(), z_2, dim=1).mean()
    b = F.cosine_similarity(p_2.detach(), z_1, dim=1).mean()
    return -(a + b) / 2


def stops_everything(p_1, p_2, z_1, z_2):
    """Believes detach once more does no harm."""
    p_1, p_2, z_1, z_2 = (x.detach() for x in (p_1, p_2, z_1, z_2))
    return _d(p_1, z_2) / 2 + _d(p_2, z_1) / 2


def stops_one_side_only(p_1, p_2, z_1, z_2):
    """Believes one target is enough."""
    z_2 = z_2.detach()
    a = -(F.normalize(p_1, dim=1) * F.normalize(z_2, dim=1)).sum(dim=1).mean()
    b = -(F.normalize(p_2, dim=1) * F.normalize(z_1, dim=1)).sum(dim=1).mean()
    return a / 2 + b / 2


@torch.no_grad()
def everything_under_no_grad(p_1, p_2, z_1, z_2):
    """Believes stop-gradient means no_grad around the function."""
    return _d(p_1, z_2) / 2 + _d(p_2, z_1) / 2


def same_view(p_1, p_2, z_1, z_2):
    """Believes p_1 predicts z_1, since the numbers match."""
    return 0.5 * _d(p_1, z_1) + 0.5 * _d(p_2, z_2)


def predictions_only(p_1, p_2, z_1, z_2):
    """Believes both predictions should agree."""
    return 0.5 * _d(p_1, p_2) + 0.5 * _d(p_2, p_1)


def projections_against_each_other(p_1, p_2, z_1, z_2):
    """Believes the projections are what is compared."""
    return (_d(z_1, z_2) + _d(z_2, z_1)) / 2


def forgets_the_minus(p_1, p_2, z_1, z_2):
    """Believes the loss is the similarity."""
    cos = torch.nn.CosineSimilarity(dim=1)
    return 0.5 * (cos(p_1, z_2.detach()).mean() + cos(p_2, z_1.detach()).mean())


def minus_on_the_first_only(p_1, p_2, z_1, z_2):
    """Believes one minus in front holds for both."""
    cos = torch.nn.CosineSimilarity(dim=1)
    a = cos(p_1, z_2.detach()).mean()
    b = cos(p_2, z_1.detach()).mean()
    return -a / 2 + b / 2


def dot_products(p_1, p_2, z_1, z_2):
    """Believes a dot product is a cosine."""
    a = (p_1 * z_2.detach()).sum(dim=1).mean()
    b = (p_2 * z_1.detach()).sum(dim=1).mean()
    return -(a + b) / 2


def targets_not_scaled(p_1, p_2, z_1, z_2):
    """Believes constant targets need no scaling."""
    p_1, p_2 = F.normalize(p_1, dim=1), F.normalize(p_2, dim=1)
    a = torch.einsum("nd,nd->n", p_1, z_2.detach()).mean()
    b = torch.einsum("nd,nd->n", p_2, z_1.detach()).mean()
    return -0.5 * a - 0.5 * b


def scales_columns(p_1, p_2, z_1, z_2):
    """Believes dim=0 is the axis of the embedding."""
    p_1, p_2 = F.normalize(p_1, dim=0), F.normalize(p_2, dim=0)
    z_1, z_2 = F.normalize(z_1.detach(), dim=0), F.normalize(z_2.detach(), dim=0)
    return -((p_1 * z_2).sum(dim=1).mean() + (p_2 * z_1).sum(dim=1).mean()) / 2


def cosine_over_the_batch(p_1, p_2, z_1, z_2):
    """Believes cosine_similarity runs along the first axis."""
    a = F.cosine_similarity(p_1, z_2.detach(), dim=0).mean()
    b = F.cosine_similarity(p_2, z_1.detach(), dim=0).mean()
    return -(a + b) / 2


def one_norm_for_the_matrix(p_1, p_2, z_1, z_2):
    """Believes torch.norm works row by row."""

    def d(p, z):
        z = z.detach()
        return -((p / torch.norm(p)) * (z / torch.norm(z))).sum(dim=1).mean()

    return d(p_1, z_2) / 2 + d(p_2, z_1) / 2


def flattened_batch(p_1, p_2, z_1, z_2):
    """Believes the batch is one long vector."""
    a = F.cosine_similarity(p_1.flatten(), z_2.detach().flatten(), dim=0)
    b = F.cosine_similarity(p_2.flatten(), z_1.detach().flatten(), dim=0)
    return -(a + b) / 2


def cosine_of_the_means(p_1, p_2, z_1, z_2):
    """Believes the mean may be taken first."""
    a = F.cosine_similarity(p_1.mean(dim=0), z_2.mean(dim=0).detach(), dim=0)
    b = F.cosine_similarity(p_2.mean(dim=0), z_1.mean(dim=0).detach(), dim=0)
    return -(a + b) / 2


def mean_over_everything(p_1, p_2, z_1, z_2):
    """Believes mean() is the mean over the batch."""
    p = F.normalize(torch.cat([p_1, p_2]), dim=1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), dim=1)
    return -(p * z).mean()


def adds_the_directions(p_1, p_2, z_1, z_2):
    """Believes the loss is the sum of the two directions."""
    return _d(p_1, z_2) + _d(p_2, z_1)


def sums_the_batch(p_1, p_2, z_1, z_2):
    """Believes the loss of a batch is a sum."""
    loss = 0
    for i in range(len(p_1)):
        loss -= F.cosine_similarity(p_1[i], z_2[i].detach(), dim=0) / 2
        loss -= F.cosine_similarity(p_2[i], z_1[i].detach(), dim=0) / 2
    return loss


def loss_of_each_image(p_1, p_2, z_1, z_2):
    """Believes the caller takes the mean."""
    a = F.cosine_similarity(p_1, z_2.detach())
    b = F.cosine_similarity(p_2, z_1.detach())
    return -(a + b) / 2


def one_minus_cosine(p_1, p_2, z_1, z_2):
    """Believes a loss must not be negative."""
    return 1 + 0.5 * (_d(p_1, z_2) + _d(p_2, z_1))


def squared_distance(p_1, p_2, z_1, z_2):
    """Believes the loss is that of BYOL."""

    def d(p, z):
        gap = F.normalize(p, dim=1) - F.normalize(z.detach(), dim=1)
        return gap.square().sum(dim=1).mean()

    return 0.5 * d(p_1, z_2) + 0.5 * d(p_2, z_1)


def halves_twice(p_1, p_2, z_1, z_2):
    """Believes a mean over both views must still be halved."""
    p, z = torch.cat([p_1, p_2]), torch.cat([z_2, z_1])
    return -0.5 * F.cosine_similarity(p, z.detach()).mean()


def one_direction_only(p_1, p_2, z_1, z_2):
    """Believes the loss is symmetric, so one direction is enough."""
    return _d(p_1, z_2)


def plain_squared_error(p_1, p_2, z_1, z_2):
    """Believes prediction is regression."""
    return 0.5 * F.mse_loss(p_1, z_2.detach()) + 0.5 * F.mse_loss(p_2, z_1.detach())


def absolute_cosine(p_1, p_2, z_1, z_2):
    """Believes the sign of a cosine does not matter."""
    a = F.cosine_similarity(p_1, z_2.detach()).abs().mean()
    b = F.cosine_similarity(p_2, z_1.detach()).abs().mean()
    return -(a + b) / 2


def with_negatives(p_1, p_2, z_1, z_2):
    """Believes other images must be pushed away."""
    labels = torch.arange(len(p_1))
    a = F.normalize(p_1) @ F.normalize(z_2.detach()).T
    b = F.normalize(p_2) @ F.normalize(z_1.detach()).T
    return (F.cross_entropy(a, labels) + F.cross_entropy(b, labels)) / 2


def softmax_variant(p_1, p_2, z_1, z_2):
    """Believes in the cross-entropy similarity of the paper's ablation."""

    def d(p, z):
        return -(z.detach().softmax(dim=1) * p.log_softmax(dim=1)).sum(dim=1).mean()

    return d(p_1, z_2) / 2 + d(p_2, z_1) / 2


def freezes_the_arguments(p_1, p_2, z_1, z_2):
    """Believes a tensor is stopped by switching requires_grad off."""
    z_1.requires_grad = False
    z_2.requires_grad = False
    a = F.cosine_similarity(p_1, z_2).mean()
    b = F.cosine_similarity(p_2, z_1).mean()
    return -(a + b) / 2


def scales_in_place(p_1, p_2, z_1, z_2):
    """Believes the arguments belong to the function."""
    with torch.no_grad():
        for x in (z_1, z_2):
            x /= x.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return _d(p_1, z_2) / 2 + _d(p_2, z_1) / 2


def keepdim_missing(p_1, p_2, z_1, z_2):
    """Believes lengths of shape (N,) divide rows."""
    p_1, p_2 = p_1 / p_1.norm(dim=1), p_2 / p_2.norm(dim=1)
    z_1, z_2 = z_1.detach(), z_2.detach()
    z_1, z_2 = z_1 / z_1.norm(dim=1), z_2 / z_2.norm(dim=1)
    return -((p_1 * z_2).sum(dim=1) + (p_2 * z_1).sum(dim=1)).mean() / 2


def numpy_habits(p_1, p_2, z_1, z_2):
    """Believes numpy is as good as torch for a loss."""

    def cos(a, b):
        a, b = a.detach().numpy(), b.detach().numpy()
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        return ((a * b).sum(axis=1) / lengths).mean()

    loss = -(cos(p_1, z_2) + cos(p_2, z_1)) / 2
    return torch.tensor(loss, dtype=p_1.dtype)


def returns_a_number(p_1, p_2, z_1, z_2):
    """Believes a loss is a number, so calls item()."""
    return (_d(p_1, z_2) / 2 + _d(p_2, z_1) / 2).item()


def returns_a_pair(p_1, p_2, z_1, z_2):
    """Believes the caller averages the two directions."""
    return _d(p_1, z_2), _d(p_2, z_1)


def forgets_to_return(p_1, p_2, z_1, z_2):
    """Believes printing the loss hands it back."""
    loss = 0.5 * _d(p_1, z_2) + 0.5 * _d(p_2, z_1)
    print(f"SimSiam loss: {loss:.4f}")


def two_slips(p_1, p_2, z_1, z_2):
    """Believes predictor and projector of one view should agree."""
    a = F.cosine_similarity(p_1, z_1).mean()
    b = F.cosine_similarity(p_2, z_2).mean()
    return -(a + b) / 2


def large_small_number(p_1, p_2, z_1, z_2):
    """Believes 1e-2 is small beside the length of any row."""

    def unit(x):
        return x / (x.norm(dim=1, keepdim=True) + 1e-2)

    p, z = torch.cat([p_1, p_2]), torch.cat([z_2, z_1]).detach()
    return -(unit(p) * unit(z)).sum(dim=1).mean()
