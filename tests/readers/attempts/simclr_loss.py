"""Honest wrong attempts at simclr_loss."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "positives_on_the_diagonal": "labels point at the view itself, not at its partner",
    "keeps_the_view_itself": "each view stays among its own negatives (no mask)",
    "masks_with_zero": "the own similarity is set to 0, not to minus infinity",
    "one_direction_only": "one direction: only z_i against z_j, N logits a row",
    "both_directions_across": "CLIP's loss: negatives from the other view only",
    "forgets_to_normalize": "rows are not scaled to length one",
    "normalizes_the_columns": "scaled over the batch (dim=0), not over each row",
    "normalizes_the_whole_matrix": "one norm for the whole matrix, not one a row",
    "multiplies_by_the_temperature": "multiplies by the temperature, does not divide",
    "ignores_the_temperature": "temperature is not used",
    "forgets_the_minus": "wrong sign",
    "positive_not_below": "the positive is missing in the denominator (decoupled loss)",
    "sums_the_views": "convention: sum over the 2N views",
    "adds_both_halves": "convention: the means of both halves added (factor 2)",
    "divides_by_n": "convention: sum over 2N views over N (factor 2)",
    "divides_twice": "half: the mean over 2N views is divided by 2 once more",
    "loss_of_each_view": "convention: no reduction, shape (2N,)",
    "pairs_interleaved": "labels for interleaved views, rows concatenated in halves",
    "rolls_by_one": "off by one: the partner of row a is taken as a + 1",
    "first_half_only": "only the first N rows are averaged",
    "softmax_twice": "softmax twice: cross_entropy gets probabilities",
    "log_of_the_mean": "log and mean in the wrong order: one fraction for the batch",
    "temperature_below_only": "temperature is missing in the numerator",
    "stops_the_second_view": "no gradient into z_j: the second view is detached",
    "graph_lost_in_numpy": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_to_return": "returns None",
    "overflows_when_cold": "unstable: exp by hand overflows at small temperatures",
    "masks_with_minus_one": "masks with -1, the least cosine: not minus infinity",
    "normalizes_in_place": "mutates its inputs: scales them in place",
    "euclidean_distance": "squared distances as logits: twice the cosine, so half T",
    "no_norm_no_mask": "two: no scaling to length one, and no mask of the diagonal",
    "cross_view_without_norm": "two: one direction only, and not scaled",
    "drops_wrong_column": "removes the partner, not the view itself, from the row",
    "negatives_of_the_same_view": "negatives of the same view only, none of the other view",
    "small_number_in_the_log": "1e-8 within the log of a probability: wrong where it is tiny",
}


def positives_on_the_diagonal(z_i, z_j, temperature=0.5):
    """Believes row a is of class a."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    labels = torch.arange(len(z), device=z.device)
    return F.cross_entropy(logits, labels)


def keeps_the_view_itself(z_i, z_j, temperature=0.5):
    """Believes the similarity of a view with itself does no harm below the line."""
    n = z_i.shape[0]
    z = torch.cat([F.normalize(z_i, dim=1), F.normalize(z_j, dim=1)], dim=0)
    sim = torch.mm(z, z.t()) / temperature
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(0, n)])
    return F.cross_entropy(sim, labels)


def masks_with_zero(z_i, z_j, temperature=0.5):
    """Believes a logit of zero counts for nothing."""
    n = len(z_i)
    z = F.normalize(torch.cat((z_i, z_j)), dim=1)
    sim = z @ z.T / temperature
    sim = sim * (1 - torch.eye(2 * n, dtype=z.dtype))
    labels = torch.cat([torch.arange(n) + n, torch.arange(n)])
    return F.cross_entropy(sim, labels)


def one_direction_only(z_i, z_j, temperature=0.5):
    """Believes the loss is that of InfoNCE from view one to view two."""
    a = F.normalize(z_i, dim=1)
    b = F.normalize(z_j, dim=1)
    logits = a @ b.T / temperature
    return F.cross_entropy(logits, torch.arange(len(a)))


def both_directions_across(z_i, z_j, temperature=0.5):
    """Believes negatives come from the other view, in both directions."""
    a = F.normalize(z_i, dim=-1)
    b = F.normalize(z_j, dim=-1)
    logits = a @ b.T / temperature
    labels = torch.arange(len(a))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def forgets_to_normalize(z_i, z_j, temperature=0.5):
    """Believes a dot product is a cosine."""
    N = z_i.size(0)
    z = torch.cat([z_i, z_j], dim=0)
    sim = z @ z.T / temperature
    sim.masked_fill_(torch.eye(2 * N, dtype=torch.bool), float("-inf"))
    target = torch.cat([torch.arange(N, 2 * N), torch.arange(N)])
    return F.cross_entropy(sim, target)


def normalizes_the_columns(z_i, z_j, temperature=0.5):
    """Believes dim=0 is the axis of the embedding."""
    z = torch.cat([z_i, z_j], dim=0)
    z = z / z.norm(dim=0, keepdim=True)
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(len(z)).bool(), -1e9)
    target = torch.arange(len(z)).roll(len(z_i))
    return F.cross_entropy(sim, target)


def normalizes_the_whole_matrix(z_i, z_j, temperature=0.5):
    """Believes torch.norm without an axis works row by row."""
    z_i = z_i / torch.norm(z_i)
    z_j = z_j / torch.norm(z_j)
    z = torch.cat([z_i, z_j], dim=0)
    n = len(z)
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(n).bool(), -torch.inf)
    return F.cross_entropy(sim, torch.arange(n).roll(n // 2))


def multiplies_by_the_temperature(z_i, z_j, temperature=0.5):
    """Believes a temperature scales the logits up."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    n = len(z_i)
    sim = z @ z.T * temperature
    sim.fill_diagonal_(float("-inf"))
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


def ignores_the_temperature(z_i, z_j, temperature=0.5):
    """Believes cosine similarities are logits already."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = F.cosine_similarity(z[:, None], z[None, :], dim=-1)
    sim.fill_diagonal_(float("-inf"))
    n = len(z_i)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


def forgets_the_minus(z_i, z_j, temperature=0.5):
    """Believes the mean log probability is the loss."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    log_prob = F.log_softmax(sim, dim=1)
    idx = torch.arange(2 * n)
    return log_prob[idx, (idx + n) % (2 * n)].mean()


def positive_not_below(z_i, z_j, temperature=0.5):
    """Believes the sum below runs over negatives only, without the positive."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j], dim=0), dim=1)
    sim = z @ z.T / temperature
    pos = torch.cat([torch.diag(sim, n), torch.diag(sim, -n)])
    mask = torch.ones(2 * n, 2 * n, dtype=torch.bool)
    for a in range(2 * n):
        mask[a, a] = False
        mask[a, (a + n) % (2 * n)] = False
    neg = sim[mask].view(2 * n, 2 * n - 2)
    return (torch.logsumexp(neg, dim=1) - pos).mean()


def sums_the_views(z_i, z_j, temperature=0.5):
    """Believes the loss is the sum over all views."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    n = len(z_i)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels, reduction="sum")


def adds_both_halves(z_i, z_j, temperature=0.5):
    """Believes the loss is loss_a + loss_b, as in the official code."""
    n = z_i.shape[0]
    a, b = F.normalize(z_i, dim=1), F.normalize(z_j, dim=1)
    own = torch.eye(n, dtype=a.dtype) * 1e9
    labels = torch.arange(n)
    aa = a @ a.T / temperature - own
    bb = b @ b.T / temperature - own
    ab = a @ b.T / temperature
    loss_a = F.cross_entropy(torch.cat([ab, aa], dim=1), labels)
    loss_b = F.cross_entropy(torch.cat([ab.T, bb], dim=1), labels)
    return loss_a + loss_b


def divides_by_n(z_i, z_j, temperature=0.5):
    """Believes the mean is over the N images, not over the 2N views."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    total = 0.0
    for a in range(2 * n):
        row = torch.stack([z[a] @ z[b] for b in range(2 * n) if b != a]) / temperature
        pos = z[a] @ z[(a + n) % (2 * n)] / temperature
        total = total + torch.logsumexp(row, 0) - pos
    return total / n


def divides_twice(z_i, z_j, temperature=0.5):
    """Believes a mean over 2N rows must still be halved for the two views."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return 0.5 * F.cross_entropy(sim, labels)


def loss_of_each_view(z_i, z_j, temperature=0.5):
    """Believes the caller takes the mean."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels, reduction="none")


def pairs_interleaved(z_i, z_j, temperature=0.5):
    """Believes rows 2k and 2k + 1 are a pair, as in algorithm 1 of the paper."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    m = len(z)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.arange(m) ^ 1
    return F.cross_entropy(sim, labels)


def rolls_by_one(z_i, z_j, temperature=0.5):
    """Believes the partner stands in the next row."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.roll(torch.arange(len(z)), -1)
    return F.cross_entropy(sim, labels)


def first_half_only(z_i, z_j, temperature=0.5):
    """Believes the loss is symmetric, so that half of it will do."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    return F.cross_entropy(sim[:n], torch.arange(n, 2 * n))


def softmax_twice(z_i, z_j, temperature=0.5):
    """Believes cross_entropy wants probabilities."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    probs = F.softmax(sim, dim=1)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(probs, labels)


def log_of_the_mean(z_i, z_j, temperature=0.5):
    """Believes one may sum numerators and denominators before the log."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    e = torch.exp(z @ z.T / temperature)
    e = e * (1 - torch.eye(2 * n, dtype=z.dtype))
    pos = torch.cat([torch.diag(e, n), torch.diag(e, -n)])
    return -torch.log(pos.sum() / e.sum())


def temperature_below_only(z_i, z_j, temperature=0.5):
    """Believes only the denominator is tempered."""
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    n = len(z_i)
    pos = F.cosine_similarity(z_i, z_j).repeat(2)
    sim = (z @ z.T / temperature).masked_fill(torch.eye(2 * n).bool(), -torch.inf)
    return (torch.logsumexp(sim, dim=1) - pos).mean()


def stops_the_second_view(z_i, z_j, temperature=0.5):
    """Believes the second view is a target and must stand still."""
    z_i, z_j = F.normalize(z_i), F.normalize(z_j).detach()
    z = torch.cat([z_i, z_j])
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(len(z)).bool(), -torch.inf)
    return F.cross_entropy(sim, torch.arange(len(z)).roll(len(z_i)))


def graph_lost_in_numpy(z_i, z_j, temperature=0.5):
    """Believes numpy is as good as torch for a loss."""
    z = np.concatenate([z_i.detach().numpy(), z_j.detach().numpy()])
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    sim = z @ z.T / temperature
    np.fill_diagonal(sim, -np.inf)
    top = sim.max(axis=1, keepdims=True)
    lse = np.log(np.exp(sim - top).sum(axis=1)) + top[:, 0]
    n = len(z_i)
    idx = np.arange(2 * n)
    loss = (lse - sim[idx, (idx + n) % (2 * n)]).mean()
    return torch.tensor(loss, dtype=z_i.dtype)


def returns_a_number(z_i, z_j, temperature=0.5):
    """Believes a loss is a number, so calls item()."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels).item()


def forgets_to_return(z_i, z_j, temperature=0.5):
    """Believes printing the loss hands it back."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    loss = F.cross_entropy(sim, labels)
    print("NT-Xent loss:", loss.item())


def overflows_when_cold(z_i, z_j, temperature=0.5):
    """Believes exp of a similarity over T is never large."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    e = torch.exp(z @ z.T / temperature)
    below = e.sum(dim=1) - torch.diag(e)
    pos = torch.exp((z[:n] * z[n:]).sum(dim=1) / temperature).repeat(2)
    return -torch.log(pos / below).mean()


def masks_with_minus_one(z_i, z_j, temperature=0.5):
    """Believes the least cosine is as good as none."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T
    sim = sim.masked_fill(torch.eye(2 * n).bool(), -1.0)
    sim = sim / temperature
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


def normalizes_in_place(z_i, z_j, temperature=0.5):
    """Believes the arguments belong to the function."""
    with torch.no_grad():
        z_i /= z_i.norm(dim=1, keepdim=True)
        z_j /= z_j.norm(dim=1, keepdim=True)
    n = len(z_i)
    z = torch.cat([z_i, z_j])
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


def euclidean_distance(z_i, z_j, temperature=0.5):
    """Believes a distance is as good a logit as a similarity."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    far = (z[:, None] - z[None]).square().sum(-1) / temperature
    logits = -far.masked_fill(torch.eye(2 * n).bool(), torch.inf)
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(logits, labels)


def no_norm_no_mask(z_i, z_j, temperature=0.5):
    """Believes cross_entropy of z z^T is all there is to it."""
    n = len(z_i)
    z = torch.cat([z_i, z_j])
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(z @ z.T / temperature, labels)


def cross_view_without_norm(z_i, z_j, temperature=0.5):
    """Believes z_i z_j^T has the positives on its diagonal and needs no more."""
    scores = torch.einsum("id,jd->ij", z_i, z_j) / temperature
    log_p = torch.log_softmax(scores, dim=1)
    return -torch.diagonal(log_p).mean()


def drops_wrong_column(z_i, z_j, temperature=0.5):
    """Believes the positive must not stand below, but the view itself may."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    losses = []
    for a in range(2 * n):
        p = (a + n) % (2 * n)
        keep = [b for b in range(2 * n) if b != p]
        losses.append(torch.logsumexp(sim[a, keep], dim=0) - sim[a, p])
    return torch.stack(losses).mean()


def negatives_of_the_same_view(z_i, z_j, temperature=0.5):
    """Believes negatives are the other images of the same view."""
    a, b = F.normalize(z_i), F.normalize(z_j)
    n = len(a)
    pos = (a * b).sum(1, keepdim=True) / temperature
    losses = []
    for v in (a, b):
        neg = (v @ v.T / temperature)[~torch.eye(n, dtype=torch.bool)].view(n, n - 1)
        logits = torch.cat([pos, neg], dim=1)
        losses.append(F.cross_entropy(logits, torch.zeros(n, dtype=torch.long)))
    return sum(losses) / 2


def small_number_in_the_log(z_i, z_j, temperature=0.5):
    """Believes a small number in the log makes it safe."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    p = torch.softmax(sim, dim=1)
    idx = torch.arange(2 * n)
    return -torch.log(p[idx, idx.roll(n)] + 1e-8).mean()
