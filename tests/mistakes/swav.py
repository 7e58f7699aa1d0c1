"""Wrong variants of ``sinkhorn`` and ``swav_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import check_counts, check_matrices, check_positive, sinkhorn, swav_loss
from mistakes.harness import mistake


def wrong_sinkhorn(variant):
    """Register a variant of ``sinkhorn``."""
    return mistake(replaces="sinkhorn", rejected_by="test_swav")(variant)


def wrong_loss(variant):
    """Register a variant of ``swav_loss``."""
    return mistake(replaces="swav_loss", rejected_by="test_swav")(variant)


def logits(scores, epsilon, iterations):
    """Do what ``sinkhorn`` does before it scales."""
    check_matrices(scores=scores)
    check_positive(epsilon=epsilon)
    check_counts(iterations=iterations)
    return scores.detach().to(torch.promote_types(scores.dtype, torch.float32)) / epsilon


def log_predictions(scores, temperature):
    """Return log p of the right loss."""
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
    return F.log_softmax(scores / temperature, dim=1)


def checked(scores_1, scores_2, temperature):
    """Do what ``swav_loss`` does before it computes."""
    check_matrices(scores_1=scores_1, scores_2=scores_2)
    check_positive(temperature=temperature)


# --- sinkhorn -------------------------------------------------------------------------------


@wrong_sinkhorn
def last_rows_not_scaled(scores, epsilon=0.05, iterations=3):
    """Stops after the columns of the last iteration."""
    log_q = logits(scores, epsilon, iterations)
    for step in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        if step < iterations - 1:
            log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@wrong_sinkhorn
def zero_iterations_accepted(scores, epsilon=0.05, iterations=3):
    """Returns the softmax if nothing is to be iterated."""
    if iterations == 0:
        return F.softmax(logits(scores, epsilon, 1), dim=1)
    return sinkhorn(scores, epsilon, iterations)


@wrong_sinkhorn
def epsilon_of_a_tenth_by_default(scores, epsilon=0.1, iterations=3):
    """The default is another one than documented."""
    return sinkhorn(scores, epsilon, iterations)


def scaled(q, iterations):
    """Scale columns and rows of positive numbers."""
    for _ in range(iterations):
        q = q / q.sum(0)
        q = q / q.sum(1, keepdim=True)
    return q


@wrong_sinkhorn
def maximum_of_all_subtracted(scores, epsilon=0.05, iterations=3):
    """Does not overflow; a row far below the maximum becomes 0/0."""
    log_q = logits(scores, epsilon, iterations)
    return scaled((log_q - log_q.max()).exp(), iterations)


@wrong_sinkhorn
def hidden_behind_a_small_number(scores, epsilon=0.05, iterations=3):
    """Sums are kept away from zero: such a row gets no assignment at all."""
    log_q = logits(scores, epsilon, iterations)
    q = (log_q - log_q.max()).exp()
    for _ in range(iterations):
        q = q / (q.sum(0) + 1e-8)
        q = q / (q.sum(1, keepdim=True) + 1e-8)
    return q


@wrong_sinkhorn
def half_precision_throughout(scores, epsilon=0.05, iterations=3):
    """In float16 the exponential overflows for cosines above 0.55."""
    logits(scores, epsilon, iterations)
    return scaled((scores.detach() / epsilon).exp(), iterations)


@wrong_sinkhorn
def always_single_precision(scores, epsilon=0.05, iterations=3):
    """Float64 input is thrown down to float32."""
    check_matrices(scores=scores)
    return sinkhorn(scores.float(), epsilon, iterations)


@wrong_sinkhorn
def rows_of_the_paper(scores, epsilon=0.05, iterations=3):
    """Rows sum to 1 / N: the factor N at the end is forgotten, the loss N times too small."""
    return sinkhorn(scores, epsilon, iterations) / len(scores)


@wrong_sinkhorn
def nan_hidden(scores, epsilon=0.05, iterations=3):
    """NaN becomes zero."""
    return sinkhorn(scores, epsilon, iterations).nan_to_num(0.0)


@wrong_sinkhorn
def unchecked(scores, epsilon=0.05, iterations=3):
    """Whatever is given is computed."""
    log_q = torch.as_tensor(scores).detach()
    log_q = log_q.to(torch.promote_types(log_q.dtype, torch.float32)) / (epsilon or 1e-12)
    for _ in range(int(iterations)):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=-1)
    return log_q.exp()


# --- swav_loss ------------------------------------------------------------------------------


@wrong_loss
def sum_of_both_directions(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Equation 1 as printed: twice the value of the official code."""
    return 2 * swav_loss(scores_1, scores_2, temperature, epsilon, iterations)


@wrong_loss
def entropy_subtracted(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """The divergence instead of the cross-entropy: same gradient, no plateau at ln K."""
    loss = swav_loss(scores_1, scores_2, temperature, epsilon, iterations)
    for scores in (scores_1, scores_2):
        q = sinkhorn(scores, epsilon, iterations)
        loss = loss + torch.xlogy(q, q).sum(1).mean() / 2
    return loss


@wrong_loss
def temperature_ignored(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Checked and not used."""
    checked(scores_1, scores_2, temperature)
    return swav_loss(scores_1, scores_2, 0.1, epsilon, iterations)


@wrong_loss
def settings_of_the_assignment_ignored(
    scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3
):
    """epsilon and iterations are accepted and not passed on."""
    check_positive(epsilon=epsilon)
    check_counts(iterations=iterations)
    return swav_loss(scores_1, scores_2, temperature)


@wrong_loss
def loss_in_half_precision(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Predictions are computed in the precision of the scores."""
    checked(scores_1, scores_2, temperature)
    terms = [
        -(sinkhorn(other, epsilon, iterations) * F.log_softmax(scores / temperature, dim=1))
        .sum(1)
        .mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def loss_without_checks(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """A single row of scores is paired with every row of the other view."""
    scores_1, scores_2 = torch.as_tensor(scores_1), torch.as_tensor(scores_2)
    terms = [
        -(sinkhorn(other, epsilon, iterations) * log_predictions(scores, temperature)).sum(1).mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2
