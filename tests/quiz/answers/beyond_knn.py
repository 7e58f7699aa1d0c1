"""Nearest neighbors."""

import torch
from statements import about, cell

from answers.common import accuracy, close, normal
from lesson_code import knn_predict

PAGE = "docs/module-1/beyond-1.3/knn.md"

alike = about(PAGE, "All features of a collapsed network are equal. What does this k-NN answer?")


def answers() -> tuple[torch.Tensor, torch.Tensor]:
    """What it says of 100 queries of ten classes, equally many of each, and the truth."""
    labels = torch.arange(10).repeat(20)
    same = torch.ones(200, 16)
    return knn_predict(same, labels, same[:100]), labels[:100]


@alike.states("It cannot answer: all distances are zero.")
def equal_features_are_an_error_or_get_no_class() -> bool:
    try:
        told, _ = answers()
    except ValueError as error:
        return bool(str(error))
    return not bool(((told >= 0) & (told < 10)).all())


@alike.states("The same class for every query.")
def all_queries_get_one_class_and_a_tenth_are_right() -> bool:
    told, truth = answers()
    return len(told.unique()) == 1 and close(accuracy(told, truth), 0.1)


@alike.states("A random class for each query.")
def queries_get_different_classes() -> bool:
    return len(answers()[0].unique()) > 1


watch = about(PAGE, "Why is k-NN accuracy a good thing to watch during training?")


def blobs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features of ten classes that overlap, their labels, and queries."""
    labels = torch.arange(10).repeat(40)
    centers = normal(10, 16)[labels]
    return centers + normal(400, 16, seed=1), labels, centers + normal(400, 16, seed=2)


@watch.states("It trains nothing, so it has no hyper-parameters that must fit each checkpoint.")
def features_of_any_scale_get_the_same_answers_at_once() -> bool:
    """A trained layer would need another rate for features a thousand times as large."""
    features, labels, queries = blobs()
    told = [
        knn_predict(scale * features, labels, scale * queries) for scale in (0.01, 1.0, 1.0, 1000.0)
    ]
    return accuracy(told[0], labels) > 0.5 and all(torch.equal(told[0], one) for one in told)


@watch.states("It is an upper bound of the accuracy of a linear layer.")
def no_linear_probe_of_the_lab_is_above_it() -> bool:
    rows = ("Raw pixels", "Random ViT", "SimCLR", "Supervised")
    table = ("lab/representation", "measures")
    return all(cell(*table, row, "k-NN") >= cell(*table, row, "linear") for row in rows)


@watch.states("It needs no labels.")
def other_labels_give_the_same_answers() -> bool:
    features, labels, queries = blobs()
    other = (labels + 1) % 10
    return torch.equal(
        knn_predict(features, labels, queries), knn_predict(features, other, queries)
    )
