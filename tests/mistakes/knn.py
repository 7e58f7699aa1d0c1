"""Wrong variants of ``knn_predict``."""

import torch
import torch.nn.functional as F

from lesson_code import knn_predict
from lesson_code.knn import _refuse
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``knn_predict``."""
    return mistake(replaces="knn_predict", rejected_by="test_knn")(variant)


def prepared(features, labels, queries, k, temperature):
    """Check as the real function does; return unit rows of both sides."""
    _refuse(features, labels, queries, k, temperature)
    dtype = torch.promote_types(features.dtype, queries.dtype)
    dtype = torch.promote_types(dtype, torch.float32)
    with torch.no_grad():
        return F.normalize(features.to(dtype)), F.normalize(queries.to(dtype))


def vote(similarity, labels, k, temperature):
    """Let the k largest of each row vote, as the real function does."""
    similarity, nearest = similarity.topk(k)
    weights = (similarity / temperature).softmax(dim=1)
    classes, owner = torch.unique(labels, return_inverse=True)
    votes = weights.new_zeros(len(weights), len(classes))
    votes.scatter_add_(1, owner[nearest], weights)
    return classes[votes.argmax(dim=1)]


@wrong
def centered_first(features, labels, queries, k=20, temperature=0.07):
    """The mean of the features is subtracted from both sides: another protocol."""
    _refuse(features, labels, queries, k, temperature)
    mean = features.detach().mean(0, keepdim=True)
    return knn_predict(features.detach() - mean, labels, queries.detach() - mean, k, temperature)


@wrong
def euclidean_distances(features, labels, queries, k=20, temperature=0.07):
    """The vote weighs by distance, whose scale is another than that of the cosine."""
    x, q = prepared(features, labels, queries, k, temperature)
    return vote(-torch.cdist(q, x), labels, k, temperature)


@wrong
def temperature_ignored(features, labels, queries, k=20, temperature=0.07):
    """The temperature is checked and not used."""
    _refuse(features, labels, queries, k, temperature)
    return knn_predict(features, labels, queries, k, 0.07)


@wrong
def temperature_of_contrastive_training_by_default(
    features, labels, queries, k=20, temperature=0.1
):
    """The default is another one than documented."""
    return knn_predict(features, labels, queries, k, temperature)


@wrong
def ten_neighbors_by_default(features, labels, queries, k=10, temperature=0.07):
    """The default is another one than documented."""
    return knn_predict(features, labels, queries, k, temperature)


@wrong
def ties_to_the_higher_class(features, labels, queries, k=20, temperature=0.07):
    """Equal votes go to the higher number."""
    x, q = prepared(features, labels, queries, k, temperature)
    similarity, nearest = (q @ x.T).topk(k)
    weights = (similarity / temperature).softmax(dim=1)
    classes, owner = torch.unique(labels, return_inverse=True)
    votes = weights.new_zeros(len(q), len(classes)).scatter_add_(1, owner[nearest], weights)
    return classes[len(classes) - 1 - votes.flip(1).argmax(1)]


@wrong
def as_many_columns_as_the_largest_label(features, labels, queries, k=20, temperature=0.07):
    """Votes have a column for every number up to the largest label."""
    x, q = prepared(features, labels, queries, k, temperature)
    similarity, nearest = (q @ x.T).topk(k)
    votes = similarity.new_zeros(len(q), int(labels.max()) + 1)
    if votes.numel() > 2**27:
        raise RuntimeError(f"[enforce fail] not enough memory for {votes.numel()} numbers")
    votes.scatter_add_(1, labels[nearest], (similarity / temperature).softmax(1))
    return votes.argmax(1)


@wrong
def all_similarities_at_once(features, labels, queries, k=20, temperature=0.07):
    """For ImageNet this matrix would hold 50,000 times 1.28 million numbers, 239 GiB."""
    x, q = prepared(features, labels, queries, k, temperature)
    return vote(q @ x.T, labels, k, temperature)


@wrong
def last_chunk_dropped(features, labels, queries, k=20, temperature=0.07):
    """Queries go in eights, and what is left over is not asked."""
    whole = len(queries) // 8 * 8 or len(queries)
    return knn_predict(features, labels, queries, k, temperature)[:whole]


@wrong
def one_vote_for_a_whole_chunk(features, labels, queries, k=20, temperature=0.07):
    """Neighbors are sought in the batch of queries rather than for each query."""
    answer = knn_predict(features, labels, queries, k, temperature)
    return answer.mode().values.expand(len(answer))


@wrong
def half_precision_throughout(features, labels, queries, k=20, temperature=0.07):
    """Computed in the precision of the input: short rows become 0/0, close cosines tie."""
    _refuse(features, labels, queries, k, temperature)
    with torch.no_grad():
        dtype = torch.promote_types(features.dtype, queries.dtype)
        similarity = F.normalize(queries.to(dtype)) @ F.normalize(features.to(dtype)).T
        return vote(similarity, labels, k, temperature)


@wrong
def always_single_precision(features, labels, queries, k=20, temperature=0.07):
    """Float64 input is thrown down to float32."""
    _refuse(features, labels, queries, k, temperature)
    return knn_predict(features.float(), labels, queries.float(), k, temperature)


@wrong
def k_silently_reduced(features, labels, queries, k=20, temperature=0.07):
    """With fewer than k features all of them vote, without a word."""
    k = min(k, len(features)) if isinstance(features, torch.Tensor) else k
    return knn_predict(features, labels, queries, k, temperature)


@wrong
def nan_is_a_neighbor(features, labels, queries, k=20, temperature=0.07):
    """NaN is replaced by zero, so a broken network gets an accuracy."""
    if not (isinstance(features, torch.Tensor) and isinstance(queries, torch.Tensor)):
        raise ValueError("features must be a tensor")
    clean = (x.nan_to_num(0, 0, 0) for x in (features, queries))
    return knn_predict(next(clean), labels, next(clean), k, temperature)


@wrong
def unlabeled_images_vote(features, labels, queries, k=20, temperature=0.07):
    """A label of -1, which says that there is none, is a class like any other."""
    if not (isinstance(labels, torch.Tensor) and labels.dtype == torch.long and labels.numel()):
        return knn_predict(features, labels, queries, k, temperature)
    if labels.is_meta or labels.min() >= 0:
        return knn_predict(features, labels, queries, k, temperature)
    return knn_predict(features, labels + 1, queries, k, temperature) - 1
