"""Memory that ends: batches shrink, nothing finished is computed twice, and a text that fits nowhere is named."""

import time
from threading import Barrier, Lock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from planted.tables import Row, tables
from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder, embed
from topicgpu.embed.engine import DoesNotFit, Engine
from topicgpu.embed.forward import Forward
from topicgpu.embed.locate import locate_model
from topicgpu.errors import DeviceError, TextTooLargeError

ERRORS = {
    "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "cpu": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
}


class Device:
    """A forward pass with memory for so many tokens, padding included; a sequence's vector is its first token."""

    def __init__(self, room, error="cuda", pad_to=None):
        self.room, self.error, self.pad_to = room, ERRORS[error], pad_to
        self.computed, self.asked = [], 0

    def __call__(self, sequences):
        assert sorted(map(len, sequences), reverse=True) == [len(sequence) for sequence in sequences]
        self.asked += 1
        longest = -(-len(sequences[0]) // (self.pad_to or 1)) * (self.pad_to or 1)
        held = sum(map(len, sequences)) if self.pad_to is None else longest * len(sequences)
        if held > self.room:
            raise self.error
        self.computed += [int(sequence[0]) for sequence in sequences]
        return torch.tensor([[float(sequence[0]), 1.0] for sequence in sequences])


def numbered(lengths):
    return [np.full(length, number, dtype=np.int32) for number, length in enumerate(lengths)]


def run(engine, lengths):
    """Rows as they come, after checking that each has its own vector."""
    rows = []
    for batch, vectors in engine.run(numbered(lengths)):
        np.testing.assert_array_equal(vectors, [[row, 1.0] for row in batch])
        rows += batch.tolist()
    return rows


LENGTHS = st.lists(st.integers(1, 100), max_size=60)


@given(
    LENGTHS, st.integers(1, 5000), st.integers(112, 3000), st.sampled_from([None, 16]), st.sampled_from(["cuda", "cpu"])
)
@settings(deadline=None)
def test_every_row_comes_once_and_is_computed_once_whatever_the_memory(lengths, budget, room, pad_to, error):
    device = Device(room, error, pad_to)
    engine = Engine(device, budget, pad_to)
    assert sorted(run(engine, lengths)) == list(range(len(lengths)))
    assert sorted(device.computed) == list(range(len(lengths)))
    assert len(engine.too_large) <= np.log2(max(budget, 2)) + 1  # halved, and not made smaller step by step
    assert engine.too_large == sorted(engine.too_large, reverse=True)


@pytest.mark.parametrize("error", ERRORS)
def test_the_budget_is_halved_and_stays_so(error):
    device = Device(room=300, error=error)
    engine = Engine(device, 1000, None)
    assert len(run(engine, [10] * 200)) == 200
    assert (engine.budget, engine.too_large) == (250, [1000, 500])
    assert device.asked == 8 + 2
    assert len(run(engine, [10] * 25)) == 25  # the next window does not try again what did not fit
    assert device.asked == 11
    assert engine.too_large == [1000, 500]


def test_a_budget_far_over_the_batch_is_not_halved_in_vain():
    device = Device(room=300)
    engine = Engine(device, 1_000_000, None)
    run(engine, [10] * 40)
    assert engine.too_large == [1_000_000]
    assert device.asked == 3


def test_padding_is_counted_where_a_batch_is_halved():
    device = Device(room=1100, pad_to=16)
    engine = Engine(device, 2048, 16)
    run(engine, [512] + [1] * 300)  # 4 of 512 would have fitted the budget; they hold few tokens and much padding
    assert engine.too_large == [2048]
    assert engine.budget == 1024


def test_another_error_passes_and_what_was_yielded_stays():
    class Broken(Device):
        def __call__(self, sequences):
            if len(self.computed) == 20:
                raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
            return super().__call__(sequences)

    made = Engine(Broken(room=1000), 100, None).run(numbered([10] * 50))
    assert [row for _ in range(2) for row in next(made)[0]] == list(range(20))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        next(made)


def test_a_sequence_that_fits_nowhere_is_told_by_its_row():
    device = Device(room=50)
    engine = Engine(device, 400, None)
    with pytest.raises(DoesNotFit) as caught:
        run(engine, [10, 20, 70, 10])
    assert (caught.value.row, caught.value.n_tokens) == (2, 70)


@given(LENGTHS, st.integers(1, 5000), st.integers(112, 3000), st.sampled_from([None, 16]), st.integers(2, 4))
@settings(deadline=None)
def test_threads_change_neither_rows_nor_what_memory_does(lengths, budget, room, pad_to, threads):
    device, before = Device(room, "cpu", pad_to), torch.get_num_threads()
    engine = Engine(device, budget, pad_to, threads=threads)
    assert sorted(run(engine, lengths)) == list(range(len(lengths)))
    assert sorted(device.computed) == list(range(len(lengths)))
    assert len(engine.too_large) <= np.log2(max(budget, 2)) + 1
    assert torch.get_num_threads() == before


def test_batches_run_at_the_same_time_each_on_one_thread():
    meeting, threads = Barrier(3, timeout=60), []

    def forward(sequences):
        meeting.wait()  # breaks unless three are under way
        threads.append(torch.get_num_threads())
        return torch.tensor([[float(sequence[0]), 1.0] for sequence in sequences])

    assert sorted(run(Engine(forward, 10, None, threads=3), [10] * 6)) == list(range(6))
    assert threads == [1] * 6


def test_a_small_job_gives_every_thread_a_batch():
    sizes = []

    def forward(sequences):
        sizes.append(len(sequences))
        return torch.tensor([[float(sequence[0]), 1.0] for sequence in sequences])

    run(Engine(forward, 1000, None, threads=4), [10] * 40)
    assert sizes == [10] * 4


def test_one_that_failed_in_company_is_tried_alone_before_it_is_given_up():
    """Memory that others hold: a single long text fits as soon as they are done."""
    lock, inside = Lock(), []

    def forward(sequences):
        with lock:
            inside.append(len(sequences[0]))
            crowded = len(inside) > 1
        time.sleep(0.01)
        with lock:
            inside.pop()
        if len(sequences[0]) == 90 and crowded:
            raise ERRORS["cpu"]
        return torch.tensor([[float(sequence[0]), 1.0] for sequence in sequences])

    engine = Engine(forward, 20, None, threads=2)
    assert sorted(run(engine, [90, 90, 10, 10])) == list(range(4))
    assert engine.too_large == []


def test_an_error_in_a_thread_passes_and_ends_them_all():
    def forward(sequences):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        list(Engine(forward, 20, None, threads=2).run(numbered([10] * 9)))


class OnGpu:
    """A result that is not there yet."""

    is_cuda = True

    def __init__(self, tensor, log):
        self.tensor, self.log = tensor, log

    def cpu(self):
        self.log.append("fetched")
        return self.tensor


def test_the_next_batch_is_sent_before_the_last_one_is_fetched():
    log, device = [], Device(room=1000)

    def forward(sequences):
        log.append("sent")
        return OnGpu(device(sequences), log)

    assert run(Engine(forward, 20, None, ahead=1), [10] * 5) == list(range(5))
    assert log == ["sent", "sent", "fetched", "sent", "fetched", "fetched"]


def test_a_batch_on_its_way_is_not_lost_when_the_next_does_not_fit():
    log, device = [], Device(room=25)

    def forward(sequences):
        if len(sequences) == 3:  # the second batch: three short ones
            raise ERRORS["cuda"]
        return OnGpu(device(sequences), log)

    assert sorted(run(Engine(forward, 21, None, ahead=1), [20, 7, 7, 7])) == [0, 1, 2, 3]
    assert sorted(device.computed) == [0, 1, 2, 3]


# Through the encoder


def load(folder, **changes):
    config = EmbeddingSection(model=str(folder), device="cpu", **changes)
    return Encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"))


@pytest.fixture
def memory(monkeypatch):
    """Give the real forward pass memory for so many tokens."""

    def limit(room):
        forward = Forward.__call__

        def call(self, sequences):
            if sum(map(len, sequences)) > room:
                raise ERRORS["cpu"]
            return forward(self, sequences)

        monkeypatch.setattr(Forward, "__call__", call)

    return limit


TEXTS = [f"the rocket {'of bread ' * (number % 7)}is in orbit {number}" for number in range(60)]


def test_the_encoder_goes_on_with_smaller_batches_and_says_so(tiny_model, memory):
    expected = load(tiny_model).encode(TEXTS)
    memory(150)
    encoder = load(tiny_model, batch_tokens=1000)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-5)
    assert encoder.facts["batch_tokens_too_large"][0] == 1000
    assert encoder.facts["batch_tokens"] <= 150


def test_a_text_that_does_not_fit_alone_is_an_error_that_knows_it(tiny_model, memory):
    memory(30)
    encoder = load(tiny_model)
    assert encoder.encode(["bread"]).shape == (1, 32)
    text = "of bread " * 20
    with pytest.raises(TextTooLargeError) as caught:
        encoder.encode(["bread", text, "soil"])
    assert caught.value.text == text
    assert str(caught.value) == (
        "cpu has too little memory for a single text of 42 tokens; "
        "set embedding.max_tokens lower, or take a device with more memory."
    )


def test_a_segment_that_does_not_fit_alone_is_named(tiny_model, memory):
    segments = tables([Row("a"), Row("b")], {"a": "2024", "b": "2024"}).segments
    memory(3)
    with pytest.raises(DeviceError) as caught:
        embed(segments, load(tiny_model))
    assert not isinstance(caught.value, TextTooLargeError)
    assert str(caught.value).startswith(f"{segments.segment_id[0]}: cpu has too little memory for a single text of ")
