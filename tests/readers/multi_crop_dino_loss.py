"""Functions that readers write for ``multi_crop_dino_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
def two_loops(student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None):
    """Counts the pairs while it adds them up, as the official code does."""
    total_loss = 0
    n_loss_terms = 0
    for iq, q in enumerate(teacher_outputs):
        if center is not None:
            q = q - center
        q = F.softmax(q / temperature_t, dim=-1).detach()
        for v in range(len(student_outputs)):
            if v == iq:
                continue
            log_p = F.log_softmax(student_outputs[v] / temperature_s, dim=-1)
            loss = torch.sum(-q * log_p, dim=-1)
            total_loss += loss.mean()
            n_loss_terms += 1
    return total_loss / n_loss_terms


@right
def table_of_pairs(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Fills a table of all pairs with one einsum and masks its diagonal."""
    s = torch.stack(tuple(student_outputs))
    t = torch.stack(tuple(teacher_outputs)).detach()
    if center is not None:
        t = t - center.detach()
    p = F.softmax(t / temperature_t, dim=2)
    log_q = F.log_softmax(s / temperature_s, dim=2)
    table = -torch.einsum("gnk,vnk->gv", p, log_q) / s.shape[1]
    keep = torch.ones_like(table, dtype=torch.bool)
    keep.fill_diagonal_(False)
    return table[keep].mean()


@right
def with_cross_entropy(students, teachers, t_s=0.1, t_t=0.04, c=None):
    """Calls cross_entropy for each pair and has other names."""
    c = torch.zeros_like(teachers[0][:1]) if c is None else c
    targets = [((t - c) / t_t).softmax(dim=1).detach() for t in teachers]
    pairs = [
        F.cross_entropy(s / t_s, p)
        for g, p in enumerate(targets)
        for v, s in enumerate(students)
        if g != v
    ]
    return sum(pairs) / len(pairs)


@right
def large_and_small_apart(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Adds the pairs of large crops and the small crops apart."""

    def loss(s, t):
        with torch.no_grad():
            logits = t if center is None else t - center
            p = F.softmax(logits / temperature_t, dim=1)
        return -(p * F.log_softmax(s / temperature_s, dim=1)).sum(dim=1).mean()

    views = len(teacher_outputs)
    large = [
        loss(student_outputs[v], teacher_outputs[g])
        for g in range(views)
        for v in range(views)
        if v != g
    ]
    small = [loss(s, t) for t in teacher_outputs for s in student_outputs[views:]]
    return torch.stack(large + small).mean()


@right
def sum_of_targets_for_each_crop(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Adds the targets of a crop first, for the loss is linear in them."""
    stacked = torch.stack(list(teacher_outputs)).detach()
    stacked = stacked if center is None else stacked - center.detach()
    targets = F.softmax(stacked / temperature_t, dim=-1)
    total = targets.sum(dim=0)
    views, n, _ = targets.shape
    crops = len(student_outputs)
    loss = 0.0
    for v, s in enumerate(student_outputs):
        own = total - targets[v] if v < views else total
        loss = loss - (own * F.log_softmax(s / temperature_s, dim=-1)).sum() / n
    return loss / (views * crops - views)


@right
def log_sum_exp_by_hand(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts the maximum and writes the softmaxes out."""

    def log_softmax(x):
        x = x - x.detach().max(dim=1, keepdim=True).values
        return x - x.exp().sum(dim=1, keepdim=True).log()

    log_q = [log_softmax(s / temperature_s) for s in student_outputs]
    losses = []
    for g, t in enumerate(teacher_outputs):
        t = t.detach()
        if center is not None:
            t = t - center.view(1, -1).detach()
        p = log_softmax(t / temperature_t).exp()
        for v in range(len(log_q)):
            if v != g:
                losses.append(torch.mean(torch.sum(p * -log_q[v], dim=1)))
    return torch.mean(torch.stack(losses))


@right
def one_batch_then_chunks(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Concatenates the crops for one softmax and cuts them apart again."""
    crops, views = len(student_outputs), len(teacher_outputs)
    student = torch.cat(list(student_outputs)) / temperature_s
    student = F.log_softmax(student, dim=-1).chunk(crops)
    with torch.no_grad():
        teacher = torch.cat(list(teacher_outputs))
        if center is not None:
            teacher = teacher - center
        teacher = F.softmax(teacher / temperature_t, dim=-1).chunk(views)
    total, count = 0, 0
    for v in range(crops):
        for g in range(views):
            if v != g:
                total = total + (teacher[g] * student[v]).sum(dim=-1).mean()
                count = count + 1
    return -total / count


in_double(__name__)
by_position(__name__, "views targets tau_s tau_t c")


with_options(__name__, skip_same=True, weights=None)


def _pair(s, t, temperature_s, temperature_t, center):
    if center is not None:
        t = t - center
    targets = F.softmax(t.detach() / temperature_t, dim=1)
    return -(targets * F.log_softmax(s / temperature_s, dim=1)).sum(dim=1).mean()


@wrong("convention: sum of the pairs, as equation 3")
def sums_the_pairs(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    loss = 0
    for g, t in enumerate(teachers):
        for v, s in enumerate(students):
            if v != g:
                loss = loss + _pair(s, t, temp_s, temp_t, center)
    return loss


@wrong("divides by G V: skipped pairs are counted")
def divides_by_all_pairs(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    loss = 0
    for g, t in enumerate(teachers):
        for v, s in enumerate(students):
            if v == g:
                continue
            loss += _pair(s, t, temp_s, temp_t, center)
    return loss / (len(students) * len(teachers))


@wrong("divides by the number of student crops only")
def divides_by_student_crops(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    loss = 0
    for g, t in enumerate(teachers):
        for v, s in enumerate(students):
            if v != g:
                loss += _pair(s, t, temp_s, temp_t, center)
    return loss / len(students)


@wrong("the small crops are left out")
def only_global_crops(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    total, count = 0, 0
    for g, (t, _) in enumerate(zip(teachers, students, strict=False)):
        for v, (s, _) in enumerate(zip(students, teachers, strict=False)):
            if v != g:
                total += _pair(s, t, temp_s, temp_t, center)
                count += 1
    return total / max(count, 1)


@wrong("the large crops of the student are left out")
def only_local_crops(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    local = students[len(teachers) :]
    terms = [_pair(s, t, temp_s, temp_t, center) for t in teachers for s in local]
    return sum(terms) / max(len(terms), 1)


@wrong("averages the teachers before the loss")
def mean_teacher_first(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    target = torch.stack(list(teachers)).mean(dim=0)
    losses = [_pair(s, target, temp_s, temp_t, center) for s in students]
    return torch.stack(losses).mean()


@wrong("averages the students before the loss")
def mean_student_first(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    terms = []
    for g, t in enumerate(teachers):
        others = [s for v, s in enumerate(students) if v != g]
        s = torch.stack(others).mean(dim=0)
        terms.append(_pair(s, t, temp_s, temp_t, center))
    return torch.stack(terms).mean()


@wrong("skips v <= g: pairs counted in one direction only")
def each_pair_once(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    terms = []
    for g in range(len(teachers)):
        for v in range(g + 1, len(students)):
            s, t = students[v], teachers[g]
            terms.append(_pair(s, t, temp_s, temp_t, center))
    return sum(terms) / max(len(terms), 1)


@wrong("the two temperatures are swapped")
def swaps_the_temperatures(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    terms = []
    for g, t in enumerate(teachers):
        for v, s in enumerate(students):
            if g != v:
                terms.append(_pair(s, t, temp_t, temp_s, center))
    return torch.stack(terms).mean()


@wrong("two: temperature_s for both, and own pairs kept")
def no_sharpening_and_itself(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    total = 0
    for t in teachers:
        for s in students:
            total += _pair(s, t, temp_s, temp_s, center)
    return total / (len(students) * len(teachers))


@wrong("all crops in one batch: a crop is compared with itself")
def concatenates_the_crops(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    student = torch.cat(list(students))
    views, crops = len(teachers), len(students)
    repeated = [teachers[v % views] for v in range(crops)]
    return _pair(student, torch.cat(repeated), temp_s, temp_t, center)


def _terms(students, teachers, temperature_s, temperature_t, center):
    terms = {}
    for g, t in enumerate(teachers):
        t = t.detach() if center is None else t.detach() - center
        p = F.softmax(t / temperature_t, dim=1)
        for v, s in enumerate(students):
            if v != g:
                log_q = F.log_softmax(s / temperature_s, dim=1)
                terms[g, v] = -(p * log_q).sum(dim=1).mean()
    return terms


@rare
def hardest_pair_only(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    """Takes the largest of the terms."""
    terms = _terms(students, teachers, temp_s, temp_t, center)
    return torch.stack(list(terms.values())).max()


@rare
def last_crop_dropped(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    """Leaves out the last crop of the student, unless there are only two."""
    if len(students) > 2:
        students = students[:-1]
    terms = _terms(students, teachers, temp_s, temp_t, center)
    return sum(terms.values()) / max(len(terms), 1)


@rare
def later_crops_count_less(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    """Weighs crop v by 1 / (v + 1)."""
    terms = _terms(students, teachers, temp_s, temp_t, center)
    total = sum(loss / (v + 1) for (_, v), loss in terms.items())
    return total / sum(1 / (v + 1) for _, v in terms)


@rare
def centers_the_first_teacher_only(students, teachers, temp_s=0.1, temp_t=0.04, center=None):
    """Sets the center to None after its first use."""
    terms = []
    for g, t in enumerate(teachers):
        if center is not None:
            t = t - center
            center = None
        p = F.softmax(t.detach() / temp_t, dim=1)
        for v, s in enumerate(students):
            if v != g:
                log_q = F.log_softmax(s / temp_s, dim=1)
                terms.append(-(p * log_q).sum(dim=1).mean())
    return torch.stack(terms).mean()
