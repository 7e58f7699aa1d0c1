"""Rare wrong functions for knn_predict."""

import torch
import torch.nn.functional as F


def _neighbors(features, queries, k):
    sim = F.normalize(queries) @ F.normalize(features).T
    return sim.topk(k)


def _winner(weights, classes, count):
    votes = weights.new_zeros(len(weights), count)
    votes.scatter_add_(1, classes, weights)
    return votes.argmax(dim=1)


@torch.no_grad()
def weighs_by_rank(features, labels, queries, k=20, temperature=0.07):
    """Gives the j-th neighbor the weight 1 / j."""
    top, idx = _neighbors(features, queries, k)
    w = 1 / torch.arange(1, k + 1, dtype=top.dtype)
    return _winner(w.expand_as(top), labels[idx], int(labels.max()) + 1)


@torch.no_grad()
def root_of_the_temperature(features, labels, queries, k=20, temperature=0.07):
    """Divides by the square root of the temperature."""
    top, idx = _neighbors(features, queries, k)
    w = (top / temperature**0.5).softmax(dim=1)
    return _winner(w, labels[idx], int(labels.max()) + 1)


@torch.no_grad()
def last_label_dropped(features, labels, queries, k=20, temperature=0.07):
    """Counts classes with max() and forgets the last one."""
    top, idx = _neighbors(features, queries, k)
    w = (top / temperature).softmax(dim=1)
    count = int(labels.max())
    w = w * (labels[idx] < count)
    return _winner(w, labels[idx].clamp(max=count - 1), count)


@torch.no_grad()
def centers_the_bank(features, labels, queries, k=20, temperature=0.07):
    """Subtracts the mean of the bank from both before it normalizes."""
    mean = features.mean(dim=0)
    top, idx = _neighbors(features - mean, queries - mean, k)
    w = (top / temperature).softmax(dim=1)
    return _winner(w, labels[idx], int(labels.max()) + 1)
