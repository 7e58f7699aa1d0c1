"""Honest wrong attempts at multi_crop_dino_loss."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "a_crop_predicts_itself": "pairs of a crop with itself are not skipped",
    "sums_the_pairs": "convention: sum of the pairs, as equation 3",
    "divides_by_all_pairs": "divides by G V: skipped pairs are counted",
    "divides_by_student_crops": "divides by the number of student crops only",
    "only_global_crops": "the small crops are left out",
    "only_local_crops": "the large crops of the student are left out",
    "counts_local_crops_from_zero": "compares wrong indices: skips small crops too",
    "mean_teacher_first": "averages the teachers before the loss",
    "mean_student_first": "averages the students before the loss",
    "forgets_the_stop_gradient": "missing detach: the gradient flows into the teacher",
    "total_starts_again": "the total is reset for each teacher crop",
    "breaks_too_early": "break where continue is meant",
    "returns_in_the_loop": "returns inside the loop, after the first teacher crop",
    "each_pair_once": "skips v <= g: pairs counted in one direction only",
    "softmax_over_the_batch": "after stacking, dim=1 is the batch: wrong axis",
    "swaps_the_temperatures": "the two temperatures are swapped",
    "centers_after_the_temperature": "the center is subtracted after the temperature",
    "compares_tensors_to_skip": "never skips: tensors of the two networks differ",
    "counter_one_too_many": "off by one: the counter of pairs starts at 1",
    "mean_over_everything": "mean over all entries: K times too small",
    "no_sharpening_and_itself": "two: temperature_s for both, and own pairs kept",
    "concatenates_the_crops": "all crops in one batch: a crop is compared with itself",
    "centers_in_place": "mutates its input: subtracts the center in place",
    "empties_the_list": "mutates its input: changes the list of student outputs",
}


def _pair(s, t, temperature_s, temperature_t, center):
    if center is not None:
        t = t - center
    targets = F.softmax(t.detach() / temperature_t, dim=1)
    return -(targets * F.log_softmax(s / temperature_s, dim=1)).sum(dim=1).mean()


def a_crop_predicts_itself(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes all pairs are all pairs."""
    losses = []
    for t in teacher_outputs:
        for s in student_outputs:
            losses.append(_pair(s, t, temperature_s, temperature_t, center))
    return torch.stack(losses).mean()


def sums_the_pairs(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes equation 3 is the loss, and it is a sum."""
    loss = 0
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if v != g:
                loss = loss + _pair(s, t, temperature_s, temperature_t, center)
    return loss


def divides_by_all_pairs(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the number of pairs is the product of the two lengths."""
    loss = 0
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if v == g:
                continue
            loss += _pair(s, t, temperature_s, temperature_t, center)
    return loss / (len(student_outputs) * len(teacher_outputs))


def divides_by_student_crops(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the mean is over the student's crops."""
    loss = 0
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if v != g:
                loss += _pair(s, t, temperature_s, temperature_t, center)
    return loss / len(student_outputs)


def only_global_crops(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes zip visits every crop."""
    total, count = 0, 0
    for g, (t, _) in enumerate(zip(teacher_outputs, student_outputs, strict=False)):
        for v, (s, _) in enumerate(zip(student_outputs, teacher_outputs, strict=False)):
            if v != g:
                total += _pair(s, t, temperature_s, temperature_t, center)
                count += 1
    return total / max(count, 1)


def only_local_crops(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes local-to-global means only small crops predict large ones."""
    local = student_outputs[len(teacher_outputs) :]
    terms = [
        _pair(s, t, temperature_s, temperature_t, center) for t in teacher_outputs for s in local
    ]
    return sum(terms) / max(len(terms), 1)


def counts_local_crops_from_zero(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the indices of two lists that start elsewhere can be compared."""
    views = len(teacher_outputs)
    large, small = student_outputs[:views], student_outputs[views:]
    terms = []
    for g, t in enumerate(teacher_outputs):
        for crops in (large, small):
            for v, s in enumerate(crops):
                if v != g:
                    terms.append(_pair(s, t, temperature_s, temperature_t, center))
    return torch.stack(terms).mean()


def mean_teacher_first(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the crops of the teacher can be averaged into one target."""
    target = torch.stack(list(teacher_outputs)).mean(dim=0)
    losses = [_pair(s, target, temperature_s, temperature_t, center) for s in student_outputs]
    return torch.stack(losses).mean()


def mean_student_first(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the crops of the student can be averaged before the logarithm."""
    terms = []
    for g, t in enumerate(teacher_outputs):
        others = [s for v, s in enumerate(student_outputs) if v != g]
        s = torch.stack(others).mean(dim=0)
        terms.append(_pair(s, t, temperature_s, temperature_t, center))
    return torch.stack(terms).mean()


def forgets_the_stop_gradient(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the teacher gets no gradient because no optimizer holds it."""
    center = 0 if center is None else center
    total, n_terms = 0, 0
    for g, t in enumerate(teacher_outputs):
        p = F.softmax((t - center) / temperature_t, dim=-1)
        for v, s in enumerate(student_outputs):
            if v == g:
                continue
            loss = torch.sum(-p * F.log_softmax(s / temperature_s, dim=-1), dim=-1)
            total += loss.mean()
            n_terms += 1
    return total / n_terms


def total_starts_again(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the total is set to zero in the right place."""
    for g, t in enumerate(teacher_outputs):
        total = 0
        count = 0
        for v, s in enumerate(student_outputs):
            if v != g:
                total = total + _pair(s, t, temperature_s, temperature_t, center)
                count += 1
    return total / count


def breaks_too_early(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes break skips one crop."""
    total = torch.zeros(())
    count = 0
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if v == g:
                break
            total = total + _pair(s, t, temperature_s, temperature_t, center)
            count += 1
    return total / max(count, 1)


def returns_in_the_loop(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the return is outside of the loops."""
    total, count = 0, 0
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if v != g:
                total = total + _pair(s, t, temperature_s, temperature_t, center)
                count += 1
        return total / count


def each_pair_once(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the loss is symmetric, so each pair counts once."""
    terms = []
    for g in range(len(teacher_outputs)):
        for v in range(g + 1, len(student_outputs)):
            s, t = student_outputs[v], teacher_outputs[g]
            terms.append(_pair(s, t, temperature_s, temperature_t, center))
    return sum(terms) / max(len(terms), 1)


def softmax_over_the_batch(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes dim=1 still holds the prototypes once the crops are stacked."""
    t = torch.stack(list(teacher_outputs)).detach()
    if center is not None:
        t = t - center
    p = F.softmax(t / temperature_t, dim=1)
    log_q = F.log_softmax(torch.stack(list(student_outputs)) / temperature_s, dim=1)
    table = -torch.einsum("gnk,vnk->gv", p, log_q) / p.shape[1]
    other = ~torch.eye(*table.shape, dtype=torch.bool)
    return table[other].mean()


def swaps_the_temperatures(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the helper takes the teacher's temperature first."""
    terms = []
    for g, t in enumerate(teacher_outputs):
        for v, s in enumerate(student_outputs):
            if g != v:
                terms.append(_pair(s, t, temperature_t, temperature_s, center))
    return torch.stack(terms).mean()


def centers_after_the_temperature(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the center belongs to the sharpened outputs."""
    student = [s / temperature_s for s in student_outputs]
    teacher = [t.detach() / temperature_t for t in teacher_outputs]
    if center is not None:
        teacher = [t - center for t in teacher]
    total, count = 0, 0
    for g, t in enumerate(teacher):
        for v, s in enumerate(student):
            if v != g:
                total += F.cross_entropy(s, t.softmax(dim=1))
                count += 1
    return total / count


def compares_tensors_to_skip(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the same crop is the same tensor."""
    terms = []
    for t in teacher_outputs:
        for s in student_outputs:
            if s is t:
                continue
            terms.append(_pair(s, t, temperature_s, temperature_t, center))
    return sum(terms) / len(terms)


def counter_one_too_many(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a counter starts at one."""
    total, count = 0, 1
    for v, s in enumerate(student_outputs):
        for g, t in enumerate(teacher_outputs):
            if v != g:
                total += _pair(s, t, temperature_s, temperature_t, center)
                count += 1
    return total / count


def mean_over_everything(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes mean() is the mean over pairs and batch."""
    center = 0 if center is None else center
    terms = []
    for g, t in enumerate(teacher_outputs):
        p = F.softmax((t.detach() - center) / temperature_t, dim=1)
        for v, s in enumerate(student_outputs):
            if v != g:
                terms.append(-p * F.log_softmax(s / temperature_s, dim=1))
    return torch.stack(terms).mean()


def no_sharpening_and_itself(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes one temperature and all pairs will do."""
    total = 0
    for t in teacher_outputs:
        for s in student_outputs:
            total += _pair(s, t, temperature_s, temperature_s, center)
    return total / (len(student_outputs) * len(teacher_outputs))


def concatenates_the_crops(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the crops can be one long batch, the teacher's repeated to fit."""
    student = torch.cat(list(student_outputs))
    views, crops = len(teacher_outputs), len(student_outputs)
    repeated = [teacher_outputs[v % views] for v in range(crops)]
    return _pair(student, torch.cat(repeated), temperature_s, temperature_t, center)


def centers_in_place(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a detached tensor is a copy."""
    targets = []
    for t in teacher_outputs:
        t = t.detach()
        if center is not None:
            t -= center
        t /= temperature_t
        targets.append(t.softmax(dim=1))
    terms = []
    for g, p in enumerate(targets):
        for v, s in enumerate(student_outputs):
            if v != g:
                log_q = F.log_softmax(s / temperature_s, dim=1)
                terms.append(-(p * log_q).sum(dim=1).mean())
    return torch.stack(terms).mean()


def empties_the_list(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the list is its own, and takes the crops out of it."""
    terms = []
    v = 0
    while student_outputs:
        s = student_outputs.pop(0)
        for g, t in enumerate(teacher_outputs):
            if g != v:
                terms.append(_pair(s, t, temperature_s, temperature_t, center))
        v += 1
    return torch.stack(terms).mean()
