"""MoCo against loops and a peer: the logits, the queue, the key encoder, and what must not move."""

import collections
import copy
import math

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_unchanged, lightly, normal, snapshot
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lesson_code import MoCo, SplitBatch

EXACT = {"rtol": 1e-10, "atol": 1e-10}
IN, DIM = 5, 4


def linear(seed: int = 0, dim: int = DIM, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return an encoder without batch normalization."""
    net = nn.Linear(IN, dim).to(dtype)
    with torch.no_grad():
        net.weight.copy_(normal(dim, IN, seed=seed))
        net.bias.copy_(normal(dim, seed=seed + 1))
    return net


def batch_norm() -> nn.Module:
    """Return an encoder with batch normalization."""
    return nn.Sequential(nn.Linear(IN, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, DIM)).double()


def images(n: int = 6, seed: int = 0) -> torch.Tensor:
    return normal(n, IN, seed=seed)


def moved(net: nn.Module) -> nn.Module:
    """Change the parameters of a network, as training does."""
    with torch.no_grad():
        for number, parameter in enumerate(net.parameters()):
            parameter.add_(normal(*parameter.shape, seed=50 + number))
    return net


class Recorder(nn.Module):
    """Passes on what it is given, and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones((), dtype=torch.float64))
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(x.detach().clone())
        return x * self.scale


def state(model: MoCo) -> dict[str, torch.Tensor]:
    """Copy the state that a failed step must leave alone."""
    every = snapshot(model).items()
    return {name: tensor for name, tensor in every if not name.startswith("encoder_q")}


def assert_state(model: MoCo, before: dict[str, torch.Tensor]) -> None:
    now = state(model)
    assert now.keys() == before.keys()
    for name, tensor in before.items():
        assert torch.equal(now[name], tensor), f"{name} has changed"


# --- construction ---------------------------------------------------------------------------


def test_defaults_are_those_of_the_paper() -> None:
    model = MoCo(nn.Linear(3, 128, device="meta"))  # the meta device spares 8 million numbers
    assert (model.queue.shape, model.m, model.T) == ((128, 65536), 0.999, 0.07)


def test_queue_starts_as_random_unit_columns() -> None:
    model = MoCo(nn.Linear(3, 16), dim=16, K=300)
    assert model.queue.shape == (16, 300) and model.queue_ptr.tolist() == [0]
    torch.testing.assert_close(model.queue.norm(dim=0), torch.ones(300))
    similarity = model.queue.T @ model.queue - torch.eye(300)
    assert similarity.abs().max() < 0.95 and similarity.mean().abs() < 0.01


def test_key_encoder_is_a_frozen_copy() -> None:
    encoder = batch_norm()
    model = MoCo(encoder, dim=DIM, K=8)
    assert model.encoder_q is encoder
    for q, k in zip(encoder.parameters(), model.encoder_k.parameters()):
        assert q.requires_grad and not k.requires_grad
        assert torch.equal(q, k) and q.data_ptr() != k.data_ptr()
    for q, k in zip(encoder.buffers(), model.encoder_k.buffers()):
        assert torch.equal(q, k) and q.data_ptr() != k.data_ptr()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_queue_has_the_type_of_the_encoder(dtype: torch.dtype) -> None:
    model = MoCo(nn.Linear(3, 4).to(dtype), dim=4, K=8)
    assert model.queue.dtype == dtype and model.queue_ptr.dtype == torch.int64
    assert MoCo(nn.Identity(), dim=4, K=8).queue.dtype == torch.float32


def test_queue_is_on_the_device_of_the_encoder() -> None:
    model = MoCo(nn.Linear(3, 4, device="meta"), dim=4, K=8)
    assert model.queue.is_meta and model.queue_ptr.is_meta


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"encoder": lambda x: x}, "encoder must be a torch.nn.Module, got function"),
        ({"dim": 0}, "dim must be a whole number above 0, got 0"),
        ({"K": 0}, "K must be a whole number above 0, got 0"),
        ({"m": 1.5}, "m must be from 0 to 1, got 1.5"),
        ({"T": 0}, "T must be a finite number above 0, got 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        MoCo(**{"encoder": nn.Identity(), "dim": 4, "K": 8, **arguments})


# --- logits ---------------------------------------------------------------------------------


def loop_logits(q, k, queue, temperature) -> list[list[float]]:
    """Spell the logits out, one number at a time."""

    def unit(row: torch.Tensor) -> list[float]:
        numbers = row.tolist()
        length = math.sqrt(math.fsum(x * x for x in numbers))
        return [x / length for x in numbers]

    def dot(a, b) -> float:
        return math.fsum(x * y for x, y in zip(a, b)) / temperature

    columns = [column.tolist() for column in queue.T]
    return [
        [dot(unit(a), unit(b)), *(dot(unit(a), column) for column in columns)] for a, b in zip(q, k)
    ]


@pytest.mark.parametrize("temperature", [0.07, 0.2, 1.0])
@pytest.mark.parametrize("n", [1, 3, 6])
def test_logits_equal_the_loop(n: int, temperature: float) -> None:
    """Against the queue as it was, with keys of the key encoder after its step."""
    model = MoCo(linear(), dim=DIM, K=10, m=0.9, T=temperature)
    moved(model.encoder_q)
    im_q, im_k, queue = images(n), images(n, 1), model.queue.clone()
    key_encoder = copy.deepcopy(model.encoder_k)
    for mine, other in zip(key_encoder.parameters(), model.encoder_q.parameters()):
        mine.data = 0.9 * mine.data + 0.1 * other.data
    logits, labels = model(im_q, im_k)
    expected = loop_logits(model.encoder_q(im_q), key_encoder(im_k), queue, temperature)
    torch.testing.assert_close(logits, torch.tensor(expected, dtype=torch.float64), **EXACT)
    assert logits.shape == (n, 11)
    assert labels.dtype == torch.int64 and labels.tolist() == [0] * n


def test_by_hand() -> None:
    """Query and key agree, the queue is orthogonal or opposite: 1/T, 0 and -1/T."""
    model = MoCo(nn.Identity(), dim=2, K=3, T=0.5)
    model.queue.copy_(torch.tensor([[0.0, 0.0, -1.0], [1.0, -1.0, 0.0]]))
    x = torch.tensor([[3.0, 0.0]])
    logits, labels = model(x, x)
    torch.testing.assert_close(logits, torch.tensor([[2.0, 0.0, 0.0, -2.0]]))
    expected = math.log(math.e**2 + 2 + math.e**-2) - 2
    assert F.cross_entropy(logits, labels).item() == pytest.approx(expected, abs=1e-6)


def test_a_network_of_any_input_shape() -> None:
    encoder = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    logits, labels = MoCo(encoder, dim=4, K=8)(torch.randn(2, 3, 8, 8), torch.randn(2, 3, 8, 8))
    assert logits.shape == (2, 9) and labels.shape == (2,)


# --- gradient -------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_gradient_reaches_the_query_encoder_alone(training: bool) -> None:
    model = MoCo(batch_norm(), dim=DIM, K=8).train(training)
    im_q, im_k = images().requires_grad_(), images(6, 1).requires_grad_()
    F.cross_entropy(*model(im_q, im_k)).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.encoder_q.parameters())
    assert all(p.grad is None and not p.requires_grad for p in model.encoder_k.parameters())
    assert im_q.grad is not None and im_k.grad is None
    assert not model.queue.requires_grad


@pytest.mark.parametrize("training", [True, False])
def test_gradient_is_that_of_the_value(training: bool) -> None:
    """The backward pass sees the queue as it was, though the forward pass has changed it."""
    model = MoCo(linear(), dim=DIM, K=8, T=0.5, m=1).train(training)

    def loss(im_q: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(*copy.deepcopy(model)(im_q, images(3, 1)))

    assert torch.autograd.gradcheck(loss, images(3).requires_grad_())


def test_two_losses_one_backward() -> None:
    """Accumulating over two batches before going backward is legal."""
    model = MoCo(linear(), dim=DIM, K=8)
    twin = copy.deepcopy(model)
    sum(F.cross_entropy(*model(images(), images(6, s))) for s in (1, 2)).backward()
    for s in (1, 2):
        F.cross_entropy(*twin(images(), images(6, s))).backward()
    for mine, other in zip(model.encoder_q.parameters(), twin.encoder_q.parameters()):
        torch.testing.assert_close(mine.grad, other.grad, **EXACT)


# --- the queue ------------------------------------------------------------------------------


@given(
    K=st.integers(1, 12),
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    seed=st.integers(0, 10**6),
)
def test_queue_holds_the_newest_keys(K: int, sizes: list[int], seed: int) -> None:
    model = MoCo(Recorder(), dim=3, K=K)
    newest = collections.deque(model.queue.T.clone(), maxlen=K)
    for step, n in enumerate(sizes):
        x = normal(n, 3, seed=seed + step)
        model(x, x)
        newest.extend(F.normalize(x))
    oldest_first = model.queue.roll(-int(model.queue_ptr), dims=1)
    torch.testing.assert_close(oldest_first, torch.stack(list(newest)).T, **EXACT)
    assert int(model.queue_ptr) == sum(sizes) % K
    torch.testing.assert_close(model.queue.norm(dim=0), torch.ones(K).double(), **EXACT)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (torch.ones(2, DIM + 1), f"keys must have length {DIM}, got {DIM + 1}"),
        (torch.ones(DIM), "keys must be a non-empty matrix"),
        (torch.full((2, DIM), math.nan), "keys must be finite, got NaN or infinity"),
    ],
)
def test_enqueue_refuses(keys: torch.Tensor, message: str) -> None:
    model = MoCo(linear(), dim=DIM, K=8)
    before = snapshot(model)
    with pytest.raises(ValueError, match=f"^{message}"):
        model.enqueue(keys)
    assert_unchanged(model, before)


# --- the key encoder ------------------------------------------------------------------------


def test_one_momentum_update_a_step() -> None:
    """Three steps toward a standing network: its distance shrinks by m to the third."""
    model = MoCo(linear(), dim=DIM, K=8, m=0.9)
    start = model.encoder_k.weight.clone()
    goal = moved(model.encoder_q).weight.detach().clone()
    for _ in range(3):
        model(images(), images(6, 1))
    expected = goal + 0.9**3 * (start - goal)
    torch.testing.assert_close(model.encoder_k.weight.detach(), expected, **EXACT)
    assert torch.equal(model.encoder_q.weight.detach(), goal)


def test_buffers_are_its_own() -> None:
    """Each encoder keeps the statistics of the batches it has seen itself."""
    model = MoCo(batch_norm(), dim=DIM, K=8, m=0.5)
    query_net, key_net = copy.deepcopy(model.encoder_q), copy.deepcopy(model.encoder_k)
    model(images(), 3 + images(6, 1))
    query_net(images()), key_net(3 + images(6, 1))
    for mine, other in [(model.encoder_q, query_net), (model.encoder_k, key_net)]:
        for name, buffer in other.named_buffers():
            torch.testing.assert_close(mine.get_buffer(name), buffer, **EXACT)


# --- shuffling ------------------------------------------------------------------------------


def test_keys_are_encoded_in_another_order_and_given_back_in_theirs() -> None:
    model = MoCo(Recorder(), dim=IN, K=64)
    x = images(32)
    logits, _ = model(x, x)
    (seen,) = model.encoder_k.seen
    assert not torch.equal(seen, x)
    assert sorted(seen.tolist()) == sorted(x.tolist())
    torch.testing.assert_close(
        logits[:, 0], torch.full((32,), 1 / 0.07, dtype=torch.float64), **EXACT
    )
    torch.testing.assert_close(model.queue[:, :32].double(), F.normalize(x).T, **EXACT)
    assert torch.equal(model.encoder_q.seen[0], x), "queries keep their order"


def test_each_step_draws_its_own_order() -> None:
    model = MoCo(Recorder(), dim=IN, K=64)
    for _ in range(2):
        model(images(32), images(32))
    first, second = model.encoder_k.seen
    assert not torch.equal(first, second)


def test_over_the_whole_batch_shuffling_does_nothing() -> None:
    model = MoCo(batch_norm(), dim=DIM, K=8)
    plain = F.normalize(copy.deepcopy(model.encoder_k)(images()))
    torch.testing.assert_close(model.encode_shuffled_keys(images()), plain, **EXACT)


def test_over_parts_of_the_batch_it_mixes_the_statistics() -> None:
    """Query and key of one image then are normalized among different images."""
    model = MoCo(SplitBatch(batch_norm(), 4), dim=DIM, K=8)
    plain = F.normalize(copy.deepcopy(model.encoder_k)(images(16)))
    shuffled = model.encode_shuffled_keys(images(16))
    assert (plain - shuffled).abs().amax(1).min() > 1e-6


def test_split_batch_encodes_each_part_by_itself() -> None:
    encoder = batch_norm()
    x = images(12)
    expected = torch.cat([copy.deepcopy(encoder)(part) for part in (x[:4], x[4:8], x[8:])])
    split = SplitBatch(encoder, 3)
    torch.testing.assert_close(split(x), expected, **EXACT)
    recorder = Recorder()
    SplitBatch(recorder, 3)(x)
    assert [len(part) for part in recorder.seen] == [4, 4, 4]
    assert torch.equal(torch.cat(recorder.seen), x)


def test_split_batch_refuses() -> None:
    for groups in (0, -1, 1.5):
        with pytest.raises(ValueError, match="^groups must be a whole number above 0"):
            SplitBatch(nn.Identity(), groups)
    with pytest.raises(ValueError, match="^x must split into 4 parts, got 6 rows"):
        SplitBatch(nn.Identity(), 4)(images(6))


# --- evaluation, precision, resuming --------------------------------------------------------


def test_evaluation_changes_nothing() -> None:
    model = MoCo(batch_norm(), dim=DIM, K=8)
    moved(model.encoder_q)
    model.eval()
    before, random = snapshot(model), torch.get_rng_state()
    logits, labels = model(images(), images(6, 1))
    assert_unchanged(model, before)
    assert torch.equal(torch.get_rng_state(), random)
    expected = loop_logits(
        model.encoder_q(images()), model.encoder_k(images(6, 1)), model.queue, 0.07
    )
    torch.testing.assert_close(logits, torch.tensor(expected, dtype=torch.float64), **EXACT)
    assert labels.tolist() == [0] * 6


def test_training_without_gradient_is_a_step_too() -> None:
    """The mode decides, not the gradient: a queue is often filled before training starts."""
    model = MoCo(linear(), dim=DIM, K=8)
    with torch.no_grad():
        logits, _ = model(images(), images(6, 1))
    assert int(model.queue_ptr) == 6 and not logits.requires_grad


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype) -> None:
    model = MoCo(linear(dtype=dtype), dim=DIM, K=8)
    single = MoCo(linear(dtype=dtype).float(), dim=DIM, K=8)
    single.queue.copy_(model.queue)
    im_q, im_k = images().to(dtype), images(6, 1).to(dtype)
    logits, labels = model(im_q, im_k)
    assert logits.dtype == torch.float32 and logits.isfinite().all()
    torch.testing.assert_close(logits, single(im_q.float(), im_k.float())[0], rtol=0.02, atol=0.2)
    F.cross_entropy(logits, labels).backward()
    assert all(p.grad.isfinite().all() for p in model.encoder_q.parameters())
    assert model.queue.dtype == dtype
    torch.testing.assert_close(model.queue.float().norm(dim=0), torch.ones(8), rtol=0.01, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_under_autocast(dtype: torch.dtype) -> None:
    model = MoCo(linear(dtype=torch.float32), dim=DIM, K=8)
    with torch.autocast("cpu", dtype=dtype):
        logits, labels = model(images().float(), images(6, 1).float())
        loss = F.cross_entropy(logits, labels)
    loss.backward()
    assert loss.isfinite()
    assert model.queue.dtype == torch.float32
    torch.testing.assert_close(model.queue.norm(dim=0), torch.ones(8))


def test_resumes_bit_for_bit() -> None:
    def trained(model: MoCo, optimizer: torch.optim.Optimizer, steps: range) -> list[float]:
        losses = []
        for step in steps:
            optimizer.zero_grad()
            loss = F.cross_entropy(*model(images(6, step), images(6, step + 100)))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def fresh() -> tuple[MoCo, torch.optim.Optimizer]:
        model = MoCo(batch_norm(), dim=DIM, K=16, m=0.9)
        return model, torch.optim.SGD(model.encoder_q.parameters(), lr=0.1, momentum=0.9)

    model, optimizer = fresh()
    trained(model, optimizer, range(4))
    saved = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    random = torch.get_rng_state()
    straight = trained(model, optimizer, range(4, 7))

    resumed, its_optimizer = fresh()
    resumed.load_state_dict(saved[0])
    its_optimizer.load_state_dict(saved[1])
    torch.set_rng_state(random)
    assert trained(resumed, its_optimizer, range(4, 7)) == straight
    assert_unchanged(resumed, snapshot(model))


def test_moves_as_a_whole() -> None:
    model = MoCo(linear(), dim=DIM, K=8).to("meta")
    assert all(tensor.is_meta for tensor in model.state_dict().values())
    assert MoCo(linear(), dim=DIM, K=8).float().queue.dtype == torch.float32


def test_everything_is_made_on_the_device_of_the_model() -> None:
    """The meta device has no numbers; it does refuse to meet a tensor of another device."""
    model = MoCo(nn.Identity(), dim=4, K=8).to("meta")
    x = torch.empty(2, 4, device="meta")
    for made in (*model.contrast(x, x), *model.eval()(x, x), model.encode_shuffled_keys(x)):
        assert made.is_meta


def test_columns_are_counted_on_the_device_of_the_queue(monkeypatch) -> None:
    """The pointer would not meet numbers of another device; without numbers, none is finite."""
    monkeypatch.setattr("lesson_code.moco.check_finite", lambda **_: None)
    model = MoCo(nn.Identity(), dim=4, K=8).to("meta")
    model.enqueue(torch.empty(2, 4, device="meta"))
    assert model.queue.is_meta and model.queue_ptr.is_meta


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_step_on_a_gpu_is_the_step_on_a_cpu() -> None:
    here = MoCo(linear(), dim=DIM, K=8, m=0.9)
    there = copy.deepcopy(here).cuda()
    for n in (6, 3, 20):
        im_q, im_k = images(n), images(n, 1)
        logits, labels = there(im_q.cuda(), im_k.cuda())
        assert labels.device == logits.device
        torch.testing.assert_close(logits.cpu(), here(im_q, im_k)[0], **EXACT)
        torch.testing.assert_close(there.queue.cpu(), here.queue, **EXACT)
        assert torch.equal(there.queue_ptr.cpu(), here.queue_ptr)


# --- failures leave the state alone ---------------------------------------------------------

FINE = images()


@pytest.mark.parametrize(
    ("im_q", "im_k", "message"),
    [
        (FINE, FINE[:5], "im_k must have the shape of im_q"),
        (FINE, (255 * FINE).to(torch.uint8), "im_k must be floating point"),
        (FINE.to("meta"), FINE.to("meta"), "im_q must be on cpu"),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_bad_batches_are_refused(im_q, im_k, message: str, training: bool) -> None:
    model = MoCo(batch_norm(), dim=DIM, K=8, m=0.5).train(training)
    moved(model.encoder_q)
    before = snapshot(model)
    with pytest.raises(ValueError, match=f"^{message}"):
        model(im_q, im_k)
    assert_unchanged(model, before)


class Shaped(nn.Module):
    """Returns whatever it is told to."""

    def __init__(self, returns) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
        self.returns = returns

    def forward(self, x: torch.Tensor):
        return self.returns(x + self.weight)


@pytest.mark.parametrize(
    ("returns", "got"),
    [
        (lambda x: x, r"\(6, 5\)"),
        (lambda x: x[:, :1], r"\(6, 1\)"),
        (lambda x: x[:3, :DIM], r"\(3, 4\)"),
        (lambda x: x[:, :DIM, None], r"\(6, 4, 1\)"),
        (lambda x: (x[:, :DIM], x), "tuple"),
    ],
)
def test_encoder_of_another_length_is_refused(returns, got: str) -> None:
    model = MoCo(Shaped(returns), dim=DIM, K=8, m=0.5)
    moved(model.encoder_q)
    before = snapshot(model)
    with pytest.raises(ValueError, match=rf"^encoder must return \(N, dim\) = \(6, 4\), got {got}"):
        model(images(), images(6, 1))
    assert_unchanged(model, before)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_keys_that_are_not_finite_do_not_enter_the_queue(bad: float) -> None:
    """Finite images may have keys that are not."""
    model = MoCo(Shaped(lambda x: x[:, :DIM] * torch.where(x[:, :1] == 99, bad, 1.0)), DIM, K=8)
    model(images(), images(6, 1))
    im_k, before = images(6, 1), (model.queue.clone(), model.queue_ptr.clone())
    im_k[3, 0] = 99
    with pytest.raises(ValueError, match="^keys must be finite, got NaN or infinity"):
        model(images(), im_k)
    assert torch.equal(model.queue, before[0]) and torch.equal(model.queue_ptr, before[1])


def test_nan_of_a_query_is_nan_in_its_logits_alone() -> None:
    model = MoCo(linear(), dim=DIM, K=8)
    im_q = images()
    im_q[2, 3] = math.nan
    logits, _ = model(im_q, images(6, 1))
    assert logits[2].isnan().all() and logits[[0, 1, 3, 4, 5]].isfinite().all()
    assert model.queue.isfinite().all()


class Fragile(nn.Module):
    """Batch normalization, and then an error where an image starts with 99."""

    def __init__(self) -> None:
        super().__init__()
        self.net = batch_norm()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = self.net(x)
        if (x[:, 0] == 99).any():
            raise RuntimeError("out of memory")
        return features


def spoiled(place: int, value: float) -> torch.Tensor:
    """Images of which one begins, or ends, with something else."""
    x = images(6, 1)
    x[2, place] = value
    return x


@pytest.mark.parametrize(
    ("change", "im_q", "im_k", "message"),
    [
        (lambda model: model, FINE, spoiled(3, math.nan), "im_k must be finite, got NaN"),
        (lambda model: model, FINE, spoiled(3, math.inf), "im_k must be finite, got NaN or inf"),
        (
            lambda model: model.encoder_q.net[3].bias.data.fill_(math.nan),
            *(FINE, FINE),
            "online parameter net.3.bias must be finite",
        ),
        (lambda model: setattr(model, "m", 1.5), FINE, FINE, "momentum must be from 0 to 1"),
        (lambda model: model, spoiled(0, 99), FINE, "out of memory"),
    ],
)
def test_a_failed_step_leaves_the_state(change, im_q, im_k, message: str) -> None:
    """Neither NaN nor half a step enters queue and key encoder: queries are encoded first."""
    model = MoCo(Fragile(), dim=DIM, K=8, m=0.5)
    model(FINE, FINE)
    moved(model.encoder_q)
    change(model)
    before = state(model)
    with pytest.raises((ValueError, RuntimeError), match=f"^{message}"):
        model(im_q, im_k)
    assert_state(model, before)


# --- a peer ---------------------------------------------------------------------------------


def test_equals_lightly_with_a_memory_bank() -> None:
    """Loss, gradient and queue over steps that divide the queue; lightly's bank is (K, dim)."""
    model = MoCo(linear(), dim=DIM, K=24, m=0.9, T=0.2)
    theirs = lightly().NTXentLoss(temperature=0.2, memory_bank_size=(24, DIM)).double()
    theirs.memory_bank.bank.copy_(model.queue.T)
    for step in range(6):
        moved(model.encoder_q)
        im_q, im_k = images(6, step), images(6, step + 100)
        model.encoder_q.zero_grad()
        loss = F.cross_entropy(*model(im_q, im_k))
        loss.backward()
        gradient = model.encoder_q.weight.grad.clone()
        model.encoder_q.zero_grad()
        with torch.no_grad():
            keys = model.encoder_k(im_k)
        expected = theirs(model.encoder_q(im_q), keys)
        expected.backward()
        torch.testing.assert_close(loss, expected, **EXACT)
        torch.testing.assert_close(gradient, model.encoder_q.weight.grad, **EXACT)
        torch.testing.assert_close(model.queue, theirs.memory_bank.bank.T, **EXACT)
