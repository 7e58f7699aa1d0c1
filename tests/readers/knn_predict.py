"""Functions that readers write for ``knn_predict``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, rare, right, wrong


@right
@torch.no_grad()
def scatter_add(features, labels, queries, k=20, temperature=0.07):
    """Adds the softmax weights into one column a class."""
    sim = F.normalize(queries, dim=1) @ F.normalize(features, dim=1).T
    top, idx = sim.topk(k, dim=1, largest=True, sorted=True)
    w = F.softmax(top / temperature, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@right
@torch.no_grad()
def one_hot_like_the_official_code(train_features, train_labels, test_features, k=20, T=0.07):
    """Gathers the labels of the neighbors and expands them to one-hot rows."""
    train_features = F.normalize(train_features, dim=1, p=2)
    test_features = F.normalize(test_features, dim=1, p=2)
    num_classes = int(train_labels.max()) + 1
    similarity = torch.mm(test_features, train_features.t())
    distances, indices = similarity.topk(k, largest=True, sorted=True)
    candidates = train_labels.view(1, -1).expand(len(test_features), -1)
    retrieved = torch.gather(candidates, 1, indices)
    one_hot = F.one_hot(retrieved, num_classes).to(distances.dtype)
    weights = (distances - distances[:, :1]).div(T).exp()
    probs = (one_hot * weights[:, :, None]).sum(1)
    return probs.sort(dim=1, descending=True, stable=True).indices[:, 0]


@right
@torch.no_grad()
def query_by_query(features, labels, queries, k=20, temperature=0.07):
    """Loops over the queries and counts with bincount."""
    bank = features / features.norm(dim=1, keepdim=True).clamp_min(1e-12)
    answers = []
    for q in queries:
        q = q / q.norm().clamp_min(1e-12)
        cosines = bank @ q
        order = cosines.argsort(descending=True)[:k]
        w = torch.exp((cosines[order] - cosines[order[0]]) / temperature)
        answers.append(torch.bincount(labels[order], weights=w).argmax())
    return torch.stack(answers)


@right
@torch.no_grad()
def mask_of_each_class(features, labels, queries, k=20, temperature=0.07):
    """Adds up the weights of one class after the other."""
    sim = torch.einsum("md,nd->mn", F.normalize(queries), F.normalize(features))
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    classes = labels.unique()
    columns = [(w * (labels[idx] == c)).sum(dim=1) for c in classes]
    return classes[torch.stack(columns, dim=1).argmax(dim=1)]


@right
@torch.no_grad()
def logarithms_of_votes(features, labels, queries, k=20, temperature=0.07):
    """Compares the logsumexp of the similarities of each class."""
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    classes = labels.unique()
    mine = labels[idx][:, :, None] == classes
    scores = (top / temperature)[:, :, None].expand(mine.shape)
    scores = scores.masked_fill(~mine, float("-inf")).logsumexp(dim=1)
    return classes[scores.argmax(dim=1)]


@right
@torch.no_grad()
def threshold_instead_of_indices(features, labels, queries, k=20, temperature=0.07):
    """Gives weight zero to all rows below the k-th similarity."""
    sim = F.normalize(queries) @ F.normalize(features).T
    kth = sim.topk(k).values[:, -1:]
    logits = (sim / temperature).masked_fill(sim < kth, float("-inf"))
    w = logits.softmax(dim=1)
    return (w @ F.one_hot(labels).to(w.dtype)).argmax(dim=1)


@right
@torch.no_grad()
def double_inside(features, labels, queries, k=20, temperature=0.07):
    """Computes in float64."""
    a, b = F.normalize(queries.double()), F.normalize(features.double())
    top, idx = (a @ b.T).topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = w.new_zeros(len(a), int(labels.max()) + 1)
    rows = torch.arange(len(a))[:, None].expand_as(idx)
    votes.index_put_((rows, labels[idx]), w, accumulate=True)
    return votes.argmax(dim=1)


by_position(__name__, "x y q k t")


@right
@torch.no_grad()
def keyword_only(features, labels, queries, *, k=20, temperature=0.07):
    """Takes k and the temperature by name only."""

    def vote(cosines):
        top, idx = torch.topk(cosines, k)
        w = torch.exp((top - top.max()) / temperature)
        votes = {}
        for label, weight in zip(labels[idx].tolist(), w.tolist(), strict=True):
            votes[label] = votes.get(label, 0.0) + weight
        return min(votes, key=lambda label: (-votes[label], label))

    cosines = F.normalize(queries) @ F.normalize(features).T
    return torch.tensor([vote(row) for row in cosines])


@right
@torch.no_grad()
def more_options(features, labels, queries, k=20, temperature=0.07, chunk=3, num_classes=None):
    """Works through the queries in chunks and can be told the number of classes."""
    if num_classes is None:
        num_classes = int(labels.max()) + 1
    bank = F.normalize(features, dim=1).T
    one_hot = torch.eye(num_classes, dtype=bank.dtype)[labels]
    found = []
    for start in range(0, len(queries), chunk):
        part = F.normalize(queries[start : start + chunk], dim=1)
        top, idx = (part @ bank).topk(k, dim=1)
        w = (top / temperature).softmax(dim=1)
        found.append((w[:, None, :] @ one_hot[idx]).squeeze(1).argmax(dim=1))
    return torch.cat(found)


@wrong("rows are not scaled to length one")
@torch.no_grad()
def forgets_to_normalize(features, labels, queries, k=20, temperature=0.07):
    sim = queries @ features.T
    top, idx = sim.topk(k, dim=1)
    w = ((top - top.max(dim=1, keepdim=True).values) / temperature).exp()
    one_hot = F.one_hot(labels[idx]).to(w.dtype)
    return (one_hot * w.unsqueeze(-1)).sum(dim=1).argmax(dim=1)


@wrong("multiplies by the temperature, not divides")
@torch.no_grad()
def multiplies_by_the_temperature(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp(top * temperature)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(1)


@wrong("the temperature is not used")
@torch.no_grad()
def ignores_the_temperature(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    one_hot = F.one_hot(labels)[idx].to(top.dtype)
    return torch.einsum("mk,mkc->mc", top.softmax(1), one_hot).argmax(1)


@wrong("weights are similarities, not their exponential")
@torch.no_grad()
def similarity_as_weight(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=top.dtype)
    votes.scatter_add_(1, labels[idx], top / temperature)
    return votes.argmax(1)


@wrong("softmax over the wrong axis (queries)")
@torch.no_grad()
def softmax_over_the_queries(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=0)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@wrong("k is not used: all rows vote")
@torch.no_grad()
def everyone_votes(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    w = (sim / temperature).softmax(dim=1)
    return (w @ F.one_hot(labels).to(w.dtype)).argmax(dim=1)


@wrong("only the nearest votes")
@torch.no_grad()
def only_the_nearest(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    best = w.argmax(dim=1, keepdim=True)
    return labels[idx].gather(1, best).squeeze(1)


@wrong("returns row numbers, not labels")
@torch.no_grad()
def returns_row_numbers(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), len(features), dtype=w.dtype)
    votes.scatter_add_(1, idx, w)
    return votes.argmax(dim=1)


@wrong("squared distances: acts like half the temperature")
@torch.no_grad()
def distances_as_similarities(features, labels, queries, k=20, temperature=0.07):
    d2 = torch.cdist(F.normalize(queries), F.normalize(features)).pow(2)
    near, idx = d2.topk(k, largest=False)
    w = (-near / temperature).softmax(dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@wrong("overflows at low temperatures")
@torch.no_grad()
def exponential_overflows(features, labels, queries, k=20, temperature=0.07):
    sim = F.normalize(queries) @ F.normalize(features).T
    top, idx = sim.topk(k)
    w = torch.exp(top / temperature)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


@wrong("two: no normalization, and no weights")
@torch.no_grad()
def raw_and_unweighted(features, labels, queries, k=20, temperature=0.07):
    nearest = (queries @ features.T).topk(k).indices
    return torch.mode(labels[nearest], dim=1)[0]


def _neighbors(features, queries, k):
    sim = F.normalize(queries) @ F.normalize(features).T
    return sim.topk(k)


def _winner(weights, classes, count):
    votes = weights.new_zeros(len(weights), count)
    votes.scatter_add_(1, classes, weights)
    return votes.argmax(dim=1)


@rare
@torch.no_grad()
def weighs_by_rank(features, labels, queries, k=20, temperature=0.07):
    """Gives the j-th neighbor the weight 1 / j."""
    top, idx = _neighbors(features, queries, k)
    w = 1 / torch.arange(1, k + 1, dtype=top.dtype)
    return _winner(w.expand_as(top), labels[idx], int(labels.max()) + 1)


@rare
@torch.no_grad()
def root_of_the_temperature(features, labels, queries, k=20, temperature=0.07):
    """Divides by the square root of the temperature."""
    top, idx = _neighbors(features, queries, k)
    w = (top / temperature**0.5).softmax(dim=1)
    return _winner(w, labels[idx], int(labels.max()) + 1)


@rare
@torch.no_grad()
def last_label_dropped(features, labels, queries, k=20, temperature=0.07):
    """Counts classes with max() and forgets the last one."""
    top, idx = _neighbors(features, queries, k)
    w = (top / temperature).softmax(dim=1)
    count = int(labels.max())
    w = w * (labels[idx] < count)
    return _winner(w, labels[idx].clamp(max=count - 1), count)


@rare
@torch.no_grad()
def centers_the_bank(features, labels, queries, k=20, temperature=0.07):
    """Subtracts the mean of the bank from both before it normalizes."""
    mean = features.mean(dim=0)
    top, idx = _neighbors(features - mean, queries - mean, k)
    w = (top / temperature).softmax(dim=1)
    return _winner(w, labels[idx], int(labels.max()) + 1)
