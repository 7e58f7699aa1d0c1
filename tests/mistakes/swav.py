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
def columns_last(scores, epsilon=0.05, iterations=3):
    """Rows first, columns last: the columns are balanced, no row is a distribution."""
    log_q = logits(scores, epsilon, iterations)
    for _ in range(iterations):
        log_q = F.log_softmax(F.log_softmax(log_q, dim=1), dim=0)
    return log_q.exp()


@wrong_sinkhorn
def rows_and_columns_exchanged(scores, epsilon=0.05, iterations=3):
    """The transpose is missing: prototypes become distributions over the batch."""
    log_q = logits(scores, epsilon, iterations).T
    for _ in range(iterations):
        log_q = F.log_softmax(F.log_softmax(log_q, dim=0), dim=1)
    return log_q.exp().T


@wrong_sinkhorn
def returned_transposed(scores, epsilon=0.05, iterations=3):
    """The official code works on (K, N) and transposes at the end; here that is forgotten."""
    return sinkhorn(scores, epsilon, iterations).T


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
def rows_first(scores, epsilon=0.05, iterations=3):
    """An extra scaling of the rows at the start: another assignment after few iterations."""
    return sinkhorn(F.log_softmax(logits(scores, epsilon, iterations), dim=1), 1.0, iterations)


@wrong_sinkhorn
def only_rows(scores, epsilon=0.05, iterations=3):
    """A softmax: nothing is balanced, and one prototype may take all."""
    return F.softmax(logits(scores, epsilon, iterations), dim=1)


@wrong_sinkhorn
def one_iteration_less(scores, epsilon=0.05, iterations=3):
    """Counts from one."""
    return sinkhorn(scores, epsilon, max(iterations - 1, 1) if iterations == 3 else iterations)


@wrong_sinkhorn
def iterations_ignored(scores, epsilon=0.05, iterations=3):
    """Always three."""
    check_counts(iterations=iterations)
    return sinkhorn(scores, epsilon, 3)


@wrong_sinkhorn
def zero_iterations_accepted(scores, epsilon=0.05, iterations=3):
    """Returns the softmax if nothing is to be iterated."""
    if iterations == 0:
        return F.softmax(logits(scores, epsilon, 1), dim=1)
    return sinkhorn(scores, epsilon, iterations)


@wrong_sinkhorn
def epsilon_multiplies(scores, epsilon=0.05, iterations=3):
    """Scores are multiplied by epsilon: assignments are nearly uniform."""
    check_positive(epsilon=epsilon)
    return sinkhorn(scores, 1 / epsilon, iterations)


@wrong_sinkhorn
def epsilon_ignored(scores, epsilon=0.05, iterations=3):
    """Checked and not used."""
    check_positive(epsilon=epsilon)
    return sinkhorn(scores, 0.05, iterations)


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
def plain_exponential(scores, epsilon=0.05, iterations=3):
    """Infinite over infinite where scores / epsilon is above 88.7."""
    return scaled(logits(scores, epsilon, iterations).exp(), iterations)


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
def with_gradient(scores, epsilon=0.05, iterations=3):
    """The detach is missing: the targets run to meet the predictions."""
    logits(scores, epsilon, iterations)
    log_q = scores.to(torch.promote_types(scores.dtype, torch.float32)) / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(F.log_softmax(log_q, dim=0), dim=1)
    return log_q.exp()


@wrong_sinkhorn
def hard_assignments(scores, epsilon=0.05, iterations=3):
    """Rounded to one prototype each."""
    q = sinkhorn(scores, epsilon, iterations)
    return F.one_hot(q.argmax(1), q.shape[1]).to(q.dtype)


@wrong_sinkhorn
def rows_of_the_paper(scores, epsilon=0.05, iterations=3):
    """Rows sum to 1 / N: the factor N at the end is forgotten, the loss N times too small."""
    return sinkhorn(scores, epsilon, iterations) / len(scores)


@wrong_sinkhorn
def in_place(scores, epsilon=0.05, iterations=3):
    """The caller's scores are changed."""
    q = sinkhorn(scores, epsilon, iterations)
    if not scores.is_meta:
        scores.detach().div_(epsilon)
    return q


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
def not_swapped(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Each view predicts its own assignment, for which no view must be like the other."""
    checked(scores_1, scores_2, temperature)
    terms = [
        -(sinkhorn(scores, epsilon, iterations) * log_predictions(scores, temperature))
        .sum(1)
        .mean()
        for scores in (scores_1, scores_2)
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def targets_by_softmax(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Unbalanced targets: every image may choose the same prototype."""
    checked(scores_1, scores_2, temperature)
    sinkhorn(scores_1, epsilon, iterations)
    terms = [
        -(log_predictions(other.detach(), epsilon).exp() * log_predictions(scores, temperature))
        .sum(1)
        .mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def targets_with_gradient(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """The value is right; the targets are moved as well."""
    checked(scores_1, scores_2, temperature)
    check_positive(epsilon=epsilon)
    check_counts(iterations=iterations)
    terms = []
    for scores, other in ((scores_1, scores_2), (scores_2, scores_1)):
        log_q = other.to(torch.promote_types(other.dtype, torch.float32)) / epsilon
        for _ in range(iterations):
            log_q = F.log_softmax(F.log_softmax(log_q, dim=0), dim=1)
        terms.append(-(log_q.exp() * log_predictions(scores, temperature)).sum(1).mean())
    return (terms[0] + terms[1]) / 2


@wrong_loss
def views_assigned_together(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """One assignment of all 2N rows: balanced over both views at once."""
    checked(scores_1, scores_2, temperature)
    q_1, q_2 = sinkhorn(torch.cat([scores_1, scores_2]), epsilon, iterations).chunk(2)
    terms = [
        -(q * log_predictions(scores, temperature)).sum(1).mean()
        for q, scores in ((q_2, scores_1), (q_1, scores_2))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def one_direction(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Only the first view predicts."""
    checked(scores_1, scores_2, temperature)
    q = sinkhorn(scores_2, epsilon, iterations)
    return -(q * log_predictions(scores_1, temperature)).sum(1).mean()


@wrong_loss
def sum_of_both_directions(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Equation 1 as printed: twice the value of the official code."""
    return 2 * swav_loss(scores_1, scores_2, temperature, epsilon, iterations)


@wrong_loss
def mean_over_the_prototypes(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """The sum over prototypes became a mean: K times too small."""
    loss = swav_loss(scores_1, scores_2, temperature, epsilon, iterations)
    return loss / scores_1.shape[1]


@wrong_loss
def prediction_and_assignment_exchanged(
    scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3
):
    """The assignment stands inside the logarithm."""
    checked(scores_1, scores_2, temperature)
    terms = [
        -(
            log_predictions(scores, temperature).exp()
            * sinkhorn(other, epsilon, iterations).clamp_min(1e-30).log()
        )
        .sum(1)
        .mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def entropy_subtracted(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """The divergence instead of the cross-entropy: same gradient, no plateau at ln K."""
    loss = swav_loss(scores_1, scores_2, temperature, epsilon, iterations)
    for scores in (scores_1, scores_2):
        q = sinkhorn(scores, epsilon, iterations)
        loss = loss + torch.xlogy(q, q).sum(1).mean() / 2
    return loss


@wrong_loss
def logarithm_after_softmax(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """The softmax of a cold prediction is 0, and its logarithm infinite."""
    checked(scores_1, scores_2, temperature)
    terms = [
        -(sinkhorn(other, epsilon, iterations) * log_predictions(scores, temperature).exp().log())
        .sum(1)
        .mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def temperature_also_in_the_targets(
    scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3
):
    """Assignments are made of scores that the temperature has already divided."""
    checked(scores_1, scores_2, temperature)
    terms = [
        -(sinkhorn(other / temperature, epsilon, iterations) * log_predictions(scores, temperature))
        .sum(1)
        .mean()
        for scores, other in ((scores_1, scores_2), (scores_2, scores_1))
    ]
    return (terms[0] + terms[1]) / 2


@wrong_loss
def temperature_ignored(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Checked and not used."""
    checked(scores_1, scores_2, temperature)
    return swav_loss(scores_1, scores_2, 0.1, epsilon, iterations)


@wrong_loss
def temperature_and_epsilon_exchanged(
    scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3
):
    """Each in the place of the other."""
    checked(scores_1, scores_2, temperature)
    check_positive(epsilon=epsilon)
    return swav_loss(scores_1, scores_2, epsilon, temperature, iterations)


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
