"""Rare wrong functions for simclr_loss."""

import torch
import torch.nn.functional as F


def _parts(z_i, z_j, temperature):
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    return logits, torch.arange(2 * n).roll(n)


def plus_a_tenth_of_the_norm(z_i, z_j, temperature=0.5):
    """Adds 0.1 times the mean length of the embeddings."""
    logits, labels = _parts(z_i, z_j, temperature)
    norm = torch.cat([z_i, z_j]).norm(dim=1).mean()
    return F.cross_entropy(logits, labels) + 0.1 * norm


def median_of_the_views(z_i, z_j, temperature=0.5):
    """Takes the median over the views, not the mean."""
    logits, labels = _parts(z_i, z_j, temperature)
    return F.cross_entropy(logits, labels, reduction="none").median()


def temperature_to_the_power_one_and_a_half(z_i, z_j, temperature=0.5):
    """Divides by the temperature to the power 1.5."""
    logits, labels = _parts(z_i, z_j, temperature**1.5)
    return F.cross_entropy(logits, labels)


def cubes_the_cosine(z_i, z_j, temperature=0.5):
    """Raises each cosine to its third power."""
    logits, labels = _parts(z_i, z_j, 1.0)
    return F.cross_entropy(logits**3 / temperature, labels)


def leaves_the_last_image_out(z_i, z_j, temperature=0.5):
    """Averages over all views but the last one."""
    logits, labels = _parts(z_i, z_j, temperature)
    return F.cross_entropy(logits[:-1], labels[:-1])


def focal(z_i, z_j, temperature=0.5):
    """Weighs each view by one minus its probability, as a focal loss does."""
    logits, labels = _parts(z_i, z_j, temperature)
    each = F.cross_entropy(logits, labels, reduction="none")
    return ((1 - torch.exp(-each)) * each).mean()


def smooths_the_labels(z_i, z_j, temperature=0.5):
    """Gives a tenth of each target to the mean of the other views' logits."""
    logits, labels = _parts(z_i, z_j, temperature)
    rest = logits.masked_fill(torch.isinf(logits), 0.0).sum(dim=1) / (len(logits) - 1)
    positive = logits.gather(1, labels[:, None]).squeeze(1)
    return (logits.logsumexp(dim=1) - 0.9 * positive - 0.1 * rest).mean()
