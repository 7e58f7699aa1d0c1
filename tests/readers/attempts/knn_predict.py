"""Honest wrong attempts at knn_predict."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "forgets_to_normalize": "rows are not scaled to length one",
    "normalizes_the_columns": "normalized over the wrong axis (columns)",
    "normalizes_the_queries_only": "only the queries are normalized",
    "plain_majority": "votes are not weighted: plain majority",
    "farthest_neighbors": "takes the farthest: topk of distances, largest first",
    "euclidean_without_normalizing": "distances of raw features, equal votes",
    "multiplies_by_the_temperature": "multiplies by the temperature, not divides",
    "temperature_outside": "temperature outside of the exponential",
    "ignores_the_temperature": "the temperature is not used",
    "similarity_as_weight": "weights are similarities, not their exponential",
    "votes_overwrite": "votes of one class overwrite each other, no accumulation",
    "softmax_over_the_queries": "softmax over the wrong axis (queries)",
    "everyone_votes": "k is not used: all rows vote",
    "skips_the_nearest": "leaves out the nearest, as if the query were in the bank",
    "only_the_nearest": "only the nearest votes",
    "returns_row_numbers": "returns row numbers, not labels",
    "returns_votes": "wrong shape: returns the votes (M, C)",
    "classes_by_position": "returns positions among the classes that occur",
    "counts_labels_by_len_unique": "raises where class numbers have gaps",
    "mean_weight_of_a_class": "averages the weights of a class instead of adding",
    "distances_as_similarities": "squared distances: acts like half the temperature",
    "exponential_overflows": "overflows at low temperatures",
    "forgets_to_transpose": "raises: missing transpose",
    "normalizes_in_place": "mutates its input: normalizes the features in place",
    "k_minus_one": "off by one: k - 1 neighbors vote",
    "raw_and_unweighted": "two: no normalization, and no weights",
}


@torch.no_grad()
def forgets_to_normalize(features, labels, queries, k=20, temperature=0.07):
    """Believes the dot product is the cosine."""
    sim = queries @ features.T
    top, idx = sim.topk(k, dim=1)
    w = ((top - top.max(dim=1, keepdim=True).values) / temperature).exp()
    one_hot = F.one_hot(labels[idx]).to(w.dtype)
    return (one_hot * w.unsqueeze(-1)).sum(dim=1).argmax(dim=1)


@torch.no_grad()
def normalizes_the_columns(features, labels, queries, k=20, temperature=0.07):
    """Believes dim=0 scales each image to length one."""
    features = F.normalize(features, dim=0)
    queries = F.normalize(queries, dim=0)
    top, idx = (queries @ features.T).topk(k, dim=1)
    w = F.softmax(top / temperature, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def normalizes_the_queries_only(features, labels, queries, k=20, temperature=0.07):
    """Believes the bank has been normalized when it was built."""
    queries = F.normalize(queries, dim=1)
    top, idx = torch.mm(queries, features.t()).topk(k, dim=1)
    w = F.softmax(top / temperature, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def plain_majority(features, labels, queries, k=20, temperature=0.07):
    """Believes k-NN counts neighbors."""
    features = F.normalize(features, dim=1)
    queries = F.normalize(queries, dim=1)
    nearest = (queries @ features.T).topk(k, dim=1).indices
    return labels[nearest].mode(dim=1).values


@torch.no_grad()
def farthest_neighbors(features, labels, queries, k=20, temperature=0.07):
    """Believes topk of distances gives the nearest."""
    features = F.normalize(features, dim=1)
    queries = F.normalize(queries, dim=1)
    distance, idx = torch.cdist(queries, features).topk(k, dim=1)
    w = F.softmax(-distance / temperature, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def euclidean_without_normalizing(features, labels, queries, k=20, temperature=0.07):
    """Believes in the k-NN of the textbook: Euclidean, one vote each."""
    predictions = []
    for q in queries:
        distances = ((features - q) ** 2).sum(dim=1).sqrt()
        nearest = distances.argsort()[:k]
        predictions.append(torch.bincount(labels[nearest]).argmax())
    return torch.stack(predictions)


@torch.no_grad()
def multiplies_by_the_temperature(features, labels, queries, k=20, temperature=0.07):
    """Believes the temperature is a factor."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp(top * temperature)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(1)


@torch.no_grad()
def temperature_outside(features, labels, queries, k=20, temperature=0.07):
    """Believes exp(s) / T and exp(s / T) are alike."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp(top) / temperature
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(1)


@torch.no_grad()
def ignores_the_temperature(features, labels, queries, k=20, temperature=0.07):
    """Believes softmax has the temperature built in."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    one_hot = F.one_hot(labels)[idx].to(top.dtype)
    return torch.einsum("mk,mkc->mc", top.softmax(1), one_hot).argmax(1)


@torch.no_grad()
def similarity_as_weight(features, labels, queries, k=20, temperature=0.07):
    """Believes a vote weighs as much as the cosine, over the temperature."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=top.dtype)
    votes.scatter_add_(1, labels[idx], top / temperature)
    return votes.argmax(1)


@torch.no_grad()
def votes_overwrite(features, labels, queries, k=20, temperature=0.07):
    """Believes += with an index adds up repeated indices."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    for i in range(len(queries)):
        votes[i, labels[idx[i]]] += w[i]
    return votes.argmax(dim=1)


@torch.no_grad()
def softmax_over_the_queries(features, labels, queries, k=20, temperature=0.07):
    """Believes softmax along dim=0 makes the weights of each query sum to one."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=0)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def everyone_votes(features, labels, queries, k=20, temperature=0.07):
    """Believes far rows have no weight anyway, so that k does not matter."""
    sim = F.normalize(queries) @ F.normalize(features).T
    w = (sim / temperature).softmax(dim=1)
    return (w @ F.one_hot(labels).to(w.dtype)).argmax(dim=1)


@torch.no_grad()
def skips_the_nearest(features, labels, queries, k=20, temperature=0.07):
    """Believes the nearest neighbor is always the image itself."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(min(k + 1, sim.shape[1]))
    top, idx = top[:, 1:], idx[:, 1:]
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def only_the_nearest(features, labels, queries, k=20, temperature=0.07):
    """Believes the largest weight decides."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    best = w.argmax(dim=1, keepdim=True)
    return labels[idx].gather(1, best).squeeze(1)


@torch.no_grad()
def returns_row_numbers(features, labels, queries, k=20, temperature=0.07):
    """Believes the rows themselves are voted for."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), len(features), dtype=w.dtype)
    votes.scatter_add_(1, idx, w)
    return votes.argmax(dim=1)


@torch.no_grad()
def returns_votes(features, labels, queries, k=20, temperature=0.07):
    """Believes the caller takes the argmax."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    return votes.scatter_add(1, labels[idx], w)


@torch.no_grad()
def classes_by_position(features, labels, queries, k=20, temperature=0.07):
    """Believes the column of the votes is the class."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    columns = []
    for c in labels.unique():
        columns.append((w * (labels[idx] == c)).sum(dim=1))
    return torch.stack(columns, dim=1).argmax(dim=1)


@torch.no_grad()
def counts_labels_by_len_unique(features, labels, queries, k=20, temperature=0.07):
    """Believes there are as many classes as different labels in the bank."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), len(labels.unique()), dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def mean_weight_of_a_class(features, labels, queries, k=20, temperature=0.07):
    """Believes large classes must not win by their number."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp((top - 1) / temperature)
    predictions = []
    for i in range(len(queries)):
        best, best_score = None, -1.0
        for c in labels[idx[i]].unique():
            score = w[i][labels[idx[i]] == c].mean()
            if score > best_score:
                best, best_score = c, score
        predictions.append(best)
    return torch.stack(predictions)


@torch.no_grad()
def distances_as_similarities(features, labels, queries, k=20, temperature=0.07):
    """Believes exp(-d^2 / T) of unit vectors is the same weight."""
    d2 = torch.cdist(F.normalize(queries), F.normalize(features)).pow(2)
    near, idx = d2.topk(k, largest=False)
    w = (-near / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def exponential_overflows(features, labels, queries, k=20, temperature=0.07):
    """Believes cosines are small enough for exp at any temperature."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp(top / temperature)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def forgets_to_transpose(features, labels, queries, k=20, temperature=0.07):
    """Believes a matrix product compares rows with rows."""
    features = F.normalize(features, dim=1)
    queries = F.normalize(queries, dim=1)
    top, idx = torch.matmul(queries, features).topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def normalizes_in_place(features, labels, queries, k=20, temperature=0.07):
    """Believes x /= y makes a new tensor."""
    features /= features.norm(dim=1, keepdim=True)
    queries /= queries.norm(dim=1, keepdim=True)
    top, idx = (queries @ features.T).topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def k_minus_one(features, labels, queries, k=20, temperature=0.07):
    """Believes a slice to k - 1 ends with the k-th."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.sort(dim=1, descending=True)
    last = max(k - 1, 1)
    top, idx = top[:, :last], idx[:, :last]
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@torch.no_grad()
def raw_and_unweighted(features, labels, queries, k=20, temperature=0.07):
    """Believes dot products and a majority are k-NN."""
    nearest = (queries @ features.T).topk(k).indices
    return torch.mode(labels[nearest], dim=1)[0]
