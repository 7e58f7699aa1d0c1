"""The patch loss and Gram anchoring: values by hand, loops, a peer, gradient, bad input."""

import math

import pytest
import torch
from helpers import lightly, normal, rotation

from lesson_code import dino_loss, gram_loss, ibot_patch_loss

MASK = torch.tensor([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]).bool()
S, T = normal(3, 4, 5), normal(3, 4, 5, seed=1)


def test_patch_loss_is_a_mean_over_images_of_means_over_their_hidden_patches() -> None:
    expected = 0.0
    for n in range(3):
        pairs = [(S[n, p][None], T[n, p][None]) for p in range(4) if MASK[n, p]]
        terms = [dino_loss(s, t, 0.1, 0.07).item() for s, t in pairs]
        expected += sum(terms) / max(len(terms), 1) / 3
    assert ibot_patch_loss(S, T, MASK).item() == pytest.approx(expected, rel=1e-10)
    zero = torch.zeros(3, 4, 7)  # an undecided student pays ln K where an image hides a patch
    assert ibot_patch_loss(zero, zero, MASK).item() == pytest.approx(2 / 3 * math.log(7))
    assert ibot_patch_loss(zero, zero, MASK & False).item() == 0


def test_patch_loss_a_peer_agrees() -> None:
    peer = lightly().IBOTPatchLoss(output_dim=5, teacher_temp=0.07, student_temp=0.1)
    s, t, mask = S[::2].float(), T[::2].float(), MASK[::2]
    theirs = peer(t[mask], s[mask], mask.view(2, 2, 2))
    torch.testing.assert_close(ibot_patch_loss(s, t, mask), theirs)


def test_gradients_reach_the_student_alone_and_its_hidden_patches() -> None:
    s, t = S.clone().requires_grad_(), T.clone().requires_grad_()
    ibot_patch_loss(s, t, MASK).backward()
    assert t.grad is None and ((s.grad.abs().sum(dim=2) > 0) == MASK).all()
    gram_loss(s, t).backward()
    assert t.grad is None
    assert torch.autograd.gradcheck(lambda x: ibot_patch_loss(x, T, MASK), (s,))
    assert torch.autograd.gradcheck(lambda x: gram_loss(x, T), (s,))


def test_gram_by_hand_and_by_loop() -> None:
    """Two patches at a right angle, and the same two alike: two of four cosines are 1 off."""
    assert gram_loss(torch.eye(2)[None], torch.ones(1, 2, 2)).item() == pytest.approx(0.5)
    expected = 0.0
    for n, i, j in torch.cartesian_prod(torch.arange(3), torch.arange(4), torch.arange(4)):
        s, t = (torch.cosine_similarity(x[n, i], x[n, j], dim=0) for x in (S, T))
        expected += (s - t).item() ** 2 / 48
    assert gram_loss(S, T).item() == pytest.approx(expected, rel=1e-10)
    turned = torch.stack([3 * S[0], S[1] @ rotation(5), -S[2]])
    assert gram_loss(turned, S).item() < 1e-20 < gram_loss(S[:, [1, 0, 2, 3]], S).item()


def test_half_precision_and_bad_input() -> None:
    s, t = (200 * S).half(), (200 * T).half()
    assert ibot_patch_loss(s, t, MASK).dtype == gram_loss(s, t).dtype == torch.float32
    torch.testing.assert_close(gram_loss(s, t), gram_loss(s.float(), t.float()))
    for arguments, words in (
        ((S[0], T[0], MASK), r"student must have 3 axes, got shape \(4, 5\)"),
        ((S, T[:, :2], MASK), "teacher must have the shape of student"),
        ((S, T, MASK.long()), r"mask must be torch.bool of shape \(3, 4\)"),
        ((S, T, MASK[:2]), r"mask must be torch.bool of shape \(3, 4\)"),
        ((S, T, MASK, 0.0), "temperature_s must be a finite number above 0"),
        ((S, T, MASK, 0.1, -1.0), "temperature_t must be a finite number above 0"),
    ):
        with pytest.raises(ValueError, match=words):
            ibot_patch_loss(*arguments)
    with pytest.raises(ValueError, match="teacher must have the shape of student"):
        gram_loss(S, T[:, :2])
