"""Probes: linear classifiers on frozen features, with all labels and with few."""

# --8<-- [start:imports]
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# --8<-- [end:imports]

from lesson_code.guards import (
    check_counts,
    check_finite,
    check_labels,
    check_matrices,
    guard,
)


def _refuse_sets(
    train_features: torch.Tensor,
    train_labels: torch.Tensor,
    test_features: torch.Tensor,
    test_labels: torch.Tensor,
) -> None:
    largest = torch.iinfo(torch.long).max
    for part, features, labels in (
        ("train", train_features, train_labels),
        ("test", test_features, test_labels),
    ):
        check_matrices(**{f"{part}_features": features})
        check_finite(**{f"{part}_features": features})
        try:
            check_labels(labels, rows=len(features), classes=largest)
        except ValueError as error:
            raise ValueError(f"{part}_{error}") from None
    if test_features.shape[1] != train_features.shape[1]:
        raise ValueError(
            f"test_features must have {train_features.shape[1]} columns, "
            f"got {test_features.shape[1]}"
        )


def _refuse_linear(
    train_features: torch.Tensor,
    train_labels: torch.Tensor,
    test_features: torch.Tensor,
    test_labels: torch.Tensor,
) -> None:
    _refuse_sets(train_features, train_labels, test_features, test_labels)
    if len(torch.unique(train_labels)) < 2:
        raise ValueError(
            "train_labels must hold at least 2 classes to tell apart, got 1"
        )


def _refuse_few(
    train_features: torch.Tensor,
    train_labels: torch.Tensor,
    test_features: torch.Tensor,
    test_labels: torch.Tensor,
    per_class: int,
    draws: int,
) -> None:
    _refuse_sets(train_features, train_labels, test_features, test_labels)
    check_counts(per_class=per_class, draws=draws)


def _refuse_draw(labels: torch.Tensor, per_class: int) -> None:
    for label, count in zip(*torch.unique(labels, return_counts=True), strict=True):
        if count < per_class:
            raise ValueError(
                f"per_class must be at most {count.item()}, the images of class "
                f"{label.item()}, got {per_class}"
            )


@guard(_refuse_linear)
# --8<-- [start:linear_probe]
def linear_probe(
    train_features: torch.Tensor,
    train_labels: torch.Tensor,
    test_features: torch.Tensor,
    test_labels: torch.Tensor,
) -> float:
    """The accuracy of logistic regression on frozen features.

    Every feature is first brought to mean 0 and deviation 1 by its values on the
    training set, so that the penalty on the weights (scikit-learn's, ``C=1``) treats
    all alike.

    Args:
        train_features: shape ``(N, D)``.
        train_labels: integers from 0, shape ``(N,)``, of at least two classes.
        test_features: shape ``(M, D)``, from the same network.
        test_labels: integers from 0, shape ``(M,)``.

    Returns:
        The share of test images named right, from 0 to 1.

    Raises:
        ValueError: if shapes, types or labels are not as above, or a number is not
            finite.
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=5000))
    probe.fit(
        train_features.detach().double().cpu().numpy(), train_labels.cpu().numpy()
    )
    guesses = probe.predict(test_features.detach().double().cpu().numpy())
    return float((guesses == test_labels.cpu().numpy()).mean())


# --8<-- [end:linear_probe]


@guard(_refuse_few)
# --8<-- [start:few_label_probe]
def few_label_probe(
    train_features: torch.Tensor,
    train_labels: torch.Tensor,
    test_features: torch.Tensor,
    test_labels: torch.Tensor,
    per_class: int = 5,
    draws: int = 5,
    seed: int = 0,
) -> float:
    """The linear probe on a few labeled images of each class, averaged over draws.

    Which images are drawn depends on the labels and the seed alone, so all networks are
    asked with the very same ones.

    Args:
        train_features: shape ``(N, D)``; only the drawn rows are used.
        train_labels: integers from 0, shape ``(N,)``.
        test_features: shape ``(M, D)``, from the same network.
        test_labels: integers from 0, shape ``(M,)``.
        per_class: labeled images of each class in a draw.
        draws: how many draws to average over.
        seed: of the draws.

    Returns:
        The mean accuracy, from 0 to 1.

    Raises:
        ValueError: if an argument is not as above, or a class has too few images.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = [draw_rows(train_labels, per_class, generator) for _ in range(draws)]
    few = [(train_features[rows], train_labels[rows]) for rows in drawn]
    scores = [linear_probe(*images, test_features, test_labels) for images in few]
    return sum(scores) / draws


# --8<-- [end:few_label_probe]


@guard(_refuse_draw)
# --8<-- [start:draw_rows]
def draw_rows(
    labels: torch.Tensor, per_class: int, generator: torch.Generator
) -> torch.Tensor:
    """The same number of rows of every class, drawn without repetition.

    Args:
        labels: integers, shape ``(N,)``.
        per_class: rows of each class.
        generator: where the randomness comes from.

    Returns:
        Row numbers, class by class, shape ``(C * per_class,)``.

    Raises:
        ValueError: if a class has fewer rows than asked for.
    """
    chosen = []
    for label in torch.unique(labels):
        rows = (labels == label).nonzero().flatten()
        order = torch.randperm(len(rows), generator=generator)
        chosen.append(rows[order[:per_class].to(rows.device)])
    return torch.cat(chosen)


# --8<-- [end:draw_rows]
