"""Correct functions for knn_predict in many styles."""

import numpy as np
import torch
import torch.nn.functional as F


@torch.no_grad()
def scatter_add(features, labels, queries, k=20, temperature=0.07):
    """Adds the softmax weights into one column a class."""
    sim = F.normalize(queries, dim=1) @ F.normalize(features, dim=1).T
    top, idx = sim.topk(k, dim=1, largest=True, sorted=True)
    w = F.softmax(top / temperature, dim=1)
    votes = torch.zeros(len(queries), int(labels.max()) + 1, dtype=w.dtype)
    votes.scatter_add_(1, labels[idx], w)
    return votes.argmax(dim=1)


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


@torch.no_grad()
def mask_of_each_class(features, labels, queries, k=20, temperature=0.07):
    """Adds up the weights of one class after the other."""
    sim = torch.einsum("md,nd->mn", F.normalize(queries), F.normalize(features))
    top, idx = sim.topk(k)
    w = (top / temperature).softmax(dim=1)
    classes = labels.unique()
    columns = [(w * (labels[idx] == c)).sum(dim=1) for c in classes]
    return classes[torch.stack(columns, dim=1).argmax(dim=1)]


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


@torch.no_grad()
def threshold_instead_of_indices(features, labels, queries, k=20, temperature=0.07):
    """Gives weight zero to all rows below the k-th similarity."""
    sim = F.normalize(queries) @ F.normalize(features).T
    kth = sim.topk(k).values[:, -1:]
    logits = (sim / temperature).masked_fill(sim < kth, float("-inf"))
    w = logits.softmax(dim=1)
    return (w @ F.one_hot(labels).to(w.dtype)).argmax(dim=1)


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


@torch.no_grad()
def positional_only(x, y, q, k=20, t=0.07, /):
    """Has positional-only arguments with short names."""
    s, i = F.cosine_similarity(q[:, None], x[None], dim=-1).topk(k)
    w = torch.softmax(s / t, dim=-1)
    return torch.einsum("mk,mkc->mc", w, F.one_hot(y)[i].to(w.dtype)).argmax(-1)


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


def in_numpy(features, labels, queries, k=20, temperature=0.07):
    """Leaves torch for numpy and comes back."""
    x = features.detach().numpy()
    q = queries.detach().numpy()
    y = labels.numpy()
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    q = q / np.maximum(np.linalg.norm(q, axis=1, keepdims=True), 1e-12)
    sim = q @ x.T
    out = np.zeros(len(q), dtype=np.int64)
    for i, row in enumerate(sim):
        idx = np.argsort(-row, kind="stable")[:k]
        w = np.exp((row[idx] - row[idx[0]]) / temperature)
        out[i] = np.argmax(np.bincount(y[idx], weights=w))
    return torch.from_numpy(out)


class _Voter:
    """Fits a bank first and predicts afterwards."""

    def __call__(self, features, labels, queries, k=20, temperature=0.07):
        self.bank = F.normalize(features.detach(), dim=1)
        self.classes, self.codes = labels.unique(return_inverse=True)
        return self.predict(F.normalize(queries.detach(), dim=1), k, temperature)

    def predict(self, queries, k, temperature):
        top, idx = (queries @ self.bank.T).topk(k)
        w = (top / temperature).softmax(dim=1)
        votes = w.new_zeros(len(self.classes), len(queries))
        for j in range(k):
            votes[self.codes[idx[:, j]], torch.arange(len(queries))] += w[:, j]
        return self.classes[votes.argmax(dim=0)]


callable_object = _Voter()
