"""Honest wrong attempts at regression_loss."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "mean_over_everything": "mse_loss: mean over all entries, D times too small",
    "forgets_to_normalize": "rows are not scaled to length one",
    "normalizes_the_batch": "scaled over the batch (dim=0), not over each row",
    "normalizes_the_whole_matrix": "one norm for the whole matrix, not one a row",
    "normalizes_predictions_only": "the targets are not scaled to length one",
    "normalizes_targets_only": "the predictions are not scaled to length one",
    "wrong_sign_of_the_cosine": "2 + 2 cos: wrong sign of the cosine",
    "sums_the_batch": "convention: sum over the batch",
    "distance_of_each_row": "convention: no reduction, shape (N,)",
    "one_minus_cosine": "convention: 1 - cos, half of it",
    "minus_cosine": "convention: -cos, SimSiam's form, half the gradient",
    "plain_cosine": "wrong sign: the mean cosine itself",
    "not_squared": "root of the squared distance: not squared",
    "distance_of_the_batch": "one unsquared norm over the whole matrix of differences",
    "detaches_the_prediction": "detaches the predictions: no gradient into x",
    "detaches_the_target": "convention: detaches the targets itself",
    "all_pairs": "means over all pairs of rows, not over matching rows",
    "squares_the_norm": "divides by the squared length",
    "norm_without_keepdim": "keepdim missing: columns are divided, or it raises",
    "absolute_differences": "L1 distance, not squared L2",
    "huber_habits": "smooth L1, not the squared distance",
    "softmax_first": "softmax where rows should be scaled to length one",
    "standardizes_the_rows": "standardizes each row (mean 0, deviation 1), no length one",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_to_return": "returns None",
    "normalizes_in_place": "mutates its inputs: scales them in place",
    "mean_and_no_norm": "two: mean over all entries, and no scaling to length one",
    "sum_of_squares_halved": "convention: half the squared distance",
    "cosine_over_the_batch": "cosine_similarity over dim=0: over the batch",
    "forgets_the_two": "2 - cos: the factor 2 of the cosine is missing",
    "squared_cosine": "1 - cos squared: opposite rows count as equal",
}


def mean_over_everything(x, y):
    """Believes mse_loss of unit rows is the loss of BYOL."""
    return F.mse_loss(F.normalize(x, dim=1), F.normalize(y, dim=1))


def forgets_to_normalize(x, y):
    """Believes the squared distance of the outputs is enough."""
    return (x - y).pow(2).sum(dim=1).mean()


def normalizes_the_batch(x, y):
    """Believes dim=0 is the axis of the embedding."""
    x = F.normalize(x, dim=0)
    y = F.normalize(y, dim=0)
    return ((x - y) ** 2).sum(dim=1).mean()


def normalizes_the_whole_matrix(x, y):
    """Believes x.norm() is the length of each row."""
    x = x / x.norm()
    y = y / y.norm()
    return ((x - y) ** 2).sum(-1).mean()


def normalizes_predictions_only(x, y):
    """Believes the target is of length one already."""
    x = F.normalize(x, dim=1)
    return (x - y).square().sum(dim=1).mean()


def normalizes_targets_only(x, y):
    """Believes the predictor learns the length by itself."""
    y = F.normalize(y, dim=1)
    return (x - y).square().sum(dim=1).mean()


def wrong_sign_of_the_cosine(x, y):
    """Believes the cross term has a plus."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return 2 + 2 * (x * y).sum(dim=-1).mean()


def sums_the_batch(x, y):
    """Believes the loss of a batch is a sum."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return (2 - 2 * (x * y).sum(dim=1)).sum()


def distance_of_each_row(x, y):
    """Believes the caller takes the mean, as in the well-known snippet."""
    x = F.normalize(x, dim=-1, p=2)
    y = F.normalize(y, dim=-1, p=2)
    return 2 - 2 * (x * y).sum(dim=-1)


def one_minus_cosine(x, y):
    """Believes a cosine distance is one minus the cosine."""
    return (1 - F.cosine_similarity(x, y, dim=1)).mean()


def minus_cosine(x, y):
    """Believes minus the cosine is the same thing."""
    return -F.cosine_similarity(x, y, dim=-1).mean()


def plain_cosine(x, y):
    """Believes similarity is what the loss measures."""
    return F.cosine_similarity(x, y, dim=-1).mean()


def not_squared(x, y):
    """Believes a norm is the squared distance."""
    gap = F.normalize(x, dim=1) - F.normalize(y, dim=1)
    return torch.norm(gap, dim=1).mean()


def distance_of_the_batch(x, y):
    """Believes torch.norm works row by row."""
    gap = F.normalize(x, dim=1) - F.normalize(y, dim=1)
    return torch.norm(gap) / len(x)


def detaches_the_prediction(x, y):
    """Believes the first argument is the target."""
    x = F.normalize(x.detach(), dim=1)
    y = F.normalize(y, dim=1)
    return ((x - y) ** 2).sum(dim=1).mean()


def detaches_the_target(x, y):
    """Believes the stop-gradient belongs in here."""
    x = F.normalize(x, dim=1)
    y = F.normalize(y.detach(), dim=1)
    return ((x - y) ** 2).sum(dim=1).mean()


def all_pairs(x, y):
    """Believes x y^T followed by a mean is the mean of the dot products."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return 2 - 2 * (x @ y.T).mean()


def squares_the_norm(x, y):
    """Believes the length is the sum of squares."""
    x = x / (x * x).sum(dim=1, keepdim=True)
    y = y / (y * y).sum(dim=1, keepdim=True)
    return ((x - y) ** 2).sum(dim=1).mean()


def norm_without_keepdim(x, y):
    """Believes broadcasting finds the right axis."""
    x = x / x.norm(dim=1)
    y = y / y.norm(dim=1)
    return ((x - y) ** 2).sum(dim=1).mean()


def absolute_differences(x, y):
    """Believes the bars of the equation are absolute values."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return (x - y).abs().sum(dim=1).mean()


def huber_habits(x, y):
    """Believes a smooth L1 loss is a safer squared distance."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return F.smooth_l1_loss(x, y, reduction="none").sum(dim=1).mean()


def softmax_first(x, y):
    """Believes normalizing means a softmax."""
    p, q = x.softmax(dim=1), y.softmax(dim=1)
    return (p - q).square().sum(dim=1).mean()


def standardizes_the_rows(x, y):
    """Believes normalizing means mean 0 and deviation 1."""
    x = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
    y = (y - y.mean(1, keepdim=True)) / y.std(1, keepdim=True)
    return ((x - y) ** 2).sum(1).mean()


def numpy_habits(x, y):
    """Believes numpy and torch are interchangeable."""
    a = x.detach().numpy()
    b = y.detach().numpy()
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    return torch.tensor(np.mean(np.sum((a - b) ** 2, axis=1)))


def returns_a_number(x, y):
    """Believes a loss is a float."""
    cos = F.cosine_similarity(x, y, dim=1)
    return float((2 - 2 * cos).mean())


def forgets_to_return(x, y):
    """Believes printing is returning."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    print(((x - y) ** 2).sum(dim=1).mean())


def normalizes_in_place(x, y):
    """Believes the arguments may be overwritten."""
    x.data /= x.data.norm(dim=1, keepdim=True)
    y.data /= y.data.norm(dim=1, keepdim=True)
    return 2 - 2 * (x * y).sum(dim=1).mean()


def mean_and_no_norm(x, y):
    """Believes BYOL regresses with nn.MSELoss()."""
    return torch.nn.MSELoss()(x, y)


def sum_of_squares_halved(x, y):
    """Believes a squared loss carries a half in front."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return 0.5 * ((x - y) ** 2).sum(dim=1).mean()


def cosine_over_the_batch(x, y):
    """Believes cosine_similarity compares along its first axis."""
    return (2 - 2 * F.cosine_similarity(x, y, dim=0)).mean()


def forgets_the_two(x, y):
    """Believes the equation reads 2 minus the cosine."""
    return (2 - F.cosine_similarity(x, y, dim=1)).mean()


def squared_cosine(x, y):
    """Believes the square stands on the cosine."""
    return (2 - 2 * F.cosine_similarity(x, y, dim=1) ** 2).mean()
