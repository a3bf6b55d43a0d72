"""The unroll against loops written by hand, with steppers a user might write and with the networks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tsseq2seq.decoding.stepper import FusedStepper, expand_queries
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point

ROWS, STEPS, WIDTH = 3, 6, 2


@dataclass(frozen=True)
class Carried:
    hidden: torch.Tensor  # (B, Q, WIDTH)


def _linear(width, generator):
    layer = nn.Linear(WIDTH, width).double()
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -1, 1, generator=generator)
    return layer


class OnlySteps(nn.Module):
    """The least that can be unrolled: a recurrence whose output is (B, Q, 3) and whose input is (B, Q, 2)."""

    def __init__(self, remembers=True):
        super().__init__()
        self.remembers = remembers
        generator = torch.Generator().manual_seed(11)  # hypothesis must find the same weights each time
        self.own, self.entering, self.head = (_linear(width, generator) for width in (WIDTH, WIDTH, 3))

    def start(self, encoding):
        return Carried(encoding[:, None]), {"bias": encoding.sin()}

    def step(self, previous, t, state, memory):
        before = state.hidden if self.remembers else torch.zeros_like(state.hidden)
        time = torch.as_tensor(t, dtype=torch.float64).reshape(-1, 1)
        hidden = torch.tanh(self.own(before) + self.entering(previous) + memory["bias"][:, None] + time / 7)
        weights = torch.softmax(hidden, dim=-1)  # (B, Q, S), with S = WIDTH
        return self.head(hidden), Carried(hidden), weights


class Fused(OnlySteps):
    """The same, which can also take all inputs at once."""

    fused = True
    parallel = False

    def __init__(self, remembers=True):
        super().__init__(remembers)
        self.runs = 0

    def run(self, previous, state, memory):
        self.runs += 1
        outputs, all_weights = [], []
        for t in range(previous.shape[1]):
            output, state, weights = self.step(previous[:, t : t + 1], t, state, memory)
            outputs.append(output)
            all_weights.append(weights)
        return torch.cat(outputs, 1), state, torch.cat(all_weights, 1)


class Parallel(OnlySteps):
    fused = False
    parallel = True

    def __init__(self):
        super().__init__()
        self.calls = []

    def run(self, previous, state, memory):
        raise AssertionError("a parallel stepper is never run")

    def step(self, previous, t, state, memory):
        self.calls.append(t)
        return super().step(previous, t, state, memory)


def feedback(output):
    """From an output (…, 3) to an input (…, 2)."""
    return output[..., :2] * 1.5 - output[..., 2:]


def given_things(steps=STEPS, rows=ROWS):
    """An encoding, the first input, and the truth."""
    generator = torch.Generator().manual_seed(7)

    def normal(*shape):
        return torch.randn(*shape, dtype=torch.float64, generator=generator)

    return normal(rows, WIDTH), normal(rows, 1, WIDTH), normal(rows, steps, WIDTH)


def loop(stepper, encoding, first, truth, forced, steps=STEPS, feed=feedback):
    """Row by row and step by step: truth where ``forced``, the model's own output elsewhere."""
    rows = []
    for row in range(len(encoding)):
        only = slice(row, row + 1)
        state, memory = stepper.start(encoding[only])
        previous, outputs = first[only], []
        for t in range(steps):
            if t > 0:
                previous = truth[only, t - 1 : t] if forced[row][t] else feed(outputs[-1])
            output, state, _ = stepper.step(previous, t, state, memory)
            outputs.append(output)
        rows.append(torch.cat(outputs, dim=1))
    return torch.cat(rows)


def never():
    return [[False] * STEPS] * ROWS


def close(ours, expected, tolerance=1e-12):
    torch.testing.assert_close(ours, expected, rtol=tolerance, atol=tolerance)


def gradients_of(outputs, stepper):
    return torch.autograd.grad(outputs.sin().sum(), list(stepper.parameters()))


# --- free running ---


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_free_running_equals_a_loop(kind):
    stepper, (encoding, first, truth) = kind(), given_things()
    unrolled = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback)
    assert unrolled.outputs.shape == (ROWS, 1, STEPS, 3)
    assert unrolled.weights.shape == (ROWS, 1, STEPS, WIDTH)
    expected = loop(stepper, encoding, first, truth, never())
    close(unrolled.outputs[:, 0], expected)
    ours, theirs = gradients_of(unrolled.outputs, stepper), gradients_of(expected, stepper)
    for gradient, other in zip(ours, theirs, strict=True):
        close(gradient, other)


def test_weights_are_those_of_each_step():
    stepper, (encoding, first, _) = OnlySteps(), given_things()
    unrolled = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback)
    state, memory = stepper.start(encoding)
    previous = first
    for t in range(STEPS):
        output, state, weights = stepper.step(previous, t, state, memory)
        close(unrolled.weights[:, :, t], weights)
        previous = feedback(output)


def test_a_stepper_without_attention_has_no_weights():
    class NoWeights(OnlySteps):
        def step(self, previous, t, state, memory):
            return *super().step(previous, t, state, memory)[:2], None

    encoding, first, _ = given_things()
    assert unroll(NoWeights(), encoding, steps=2, first=first, feedback=feedback).weights is None


def test_nothing_is_fed_back_after_the_last_step():
    calls = []

    def counting(output):
        calls.append(output)
        return feedback(output)

    encoding, first, _ = given_things()
    unroll(OnlySteps(), encoding, steps=STEPS, first=first, feedback=counting)
    assert len(calls) == STEPS - 1


def test_a_single_step_needs_neither_feedback_nor_truth():
    def never_called(output):
        raise AssertionError("there is no second step")

    stepper, (encoding, first, truth) = OnlySteps(), given_things()
    unrolled = unroll(stepper, encoding, steps=1, first=first, feedback=never_called)
    close(unrolled.outputs[:, 0], loop(stepper, encoding, first, truth, never(), steps=1))


def test_shorter_unrolls_are_the_beginning_of_longer_ones():
    stepper, (encoding, first, _) = OnlySteps(), given_things()
    short, long = (
        unroll(stepper, encoding, steps=steps, first=first, feedback=feedback).outputs for steps in (2, STEPS)
    )
    close(long[:, :, :2], short)


# --- teacher forcing ---


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
@pytest.mark.parametrize("forced", [None, True], ids=["forced everywhere by default", "forced all True"])
def test_teacher_forcing_equals_a_loop_on_the_truth(kind, forced):
    stepper, (encoding, first, truth) = kind(), given_things()
    mask = None if forced is None else torch.ones(ROWS, STEPS, dtype=torch.bool)
    unrolled = unroll(
        stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, forced=mask
    )
    expected = loop(stepper, encoding, first, truth, [[True] * STEPS] * ROWS)
    close(unrolled.outputs[:, 0], expected)
    assert unrolled.weights.shape == (ROWS, 1, STEPS, WIDTH)


def test_known_inputs_run_as_one_fused_pass():
    stepper, (encoding, first, truth) = Fused(), given_things()
    assert isinstance(stepper, FusedStepper)
    unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth)
    assert stepper.runs == 1
    stepper.fused = False
    unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth)
    assert stepper.runs == 1


def test_the_last_truth_is_never_read():
    stepper, (encoding, first, truth) = Fused(), given_things()
    other = truth.clone()
    other[:, -1] = float("nan")
    for more in (
        {},
        {"forced": torch.rand(ROWS, STEPS) < 0.5},
        {"forced": torch.rand(ROWS, STEPS) < 0.5, "passes": 2},
    ):
        clean, dirty = (
            unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=x, **more).outputs
            for x in (truth, other)
        )
        assert torch.equal(clean, dirty)


def test_never_forced_is_free_running():
    stepper, (encoding, first, truth) = Fused(), given_things()
    forced = torch.zeros(ROWS, STEPS, dtype=torch.bool)
    mixed = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, forced=forced)
    close(mixed.outputs, unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback).outputs)


# --- scheduled sampling: a coin for each element ---


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
@given(forced=st.lists(st.lists(st.booleans(), min_size=STEPS, max_size=STEPS), min_size=ROWS, max_size=ROWS))
def test_each_element_reads_the_truth_exactly_where_it_is_forced(kind, forced):
    stepper, (encoding, first, truth) = kind(), given_things()
    unrolled = unroll(
        stepper,
        encoding,
        steps=STEPS,
        first=first,
        feedback=feedback,
        truth=truth,
        forced=torch.tensor(forced),
    )
    close(unrolled.outputs[:, 0], loop(stepper, encoding, first, truth, forced))


def test_the_coin_of_the_first_step_is_not_used():
    stepper, (encoding, first, truth) = Fused(), given_things()
    forced = torch.rand(ROWS, STEPS) < 0.5
    for passes in (None, 3):
        ours, theirs = (
            unroll(
                stepper,
                encoding,
                steps=STEPS,
                first=first,
                feedback=feedback,
                truth=truth,
                forced=torch.cat([torch.full((ROWS, 1), coin), forced[:, 1:]], dim=1),
                passes=passes,
            ).outputs
            for coin in (True, False)
        )
        assert torch.equal(ours, theirs)


def test_inputs_seen_by_the_stepper_are_truth_or_its_own_output():
    class Spy(OnlySteps):
        def step(self, previous, t, state, memory):
            seen.append(previous)
            outputs.append(super().step(previous, t, state, memory)[0])
            return super().step(previous, t, state, memory)

    seen, outputs = [], []
    encoding, first, truth = given_things()
    forced = torch.rand(ROWS, STEPS) < 0.5
    unroll(Spy(), encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, forced=forced)
    assert torch.equal(seen[0], first)
    for t in range(1, STEPS):
        for row in range(ROWS):
            expected = truth[row, t - 1] if forced[row, t] else feedback(outputs[t - 1])[row, 0]
            assert torch.equal(seen[t][row, 0], expected)


# --- gradients ---


def test_gradients_flow_through_what_is_fed_back():
    stepper, (encoding, first, _) = OnlySteps(), given_things()

    def last_output(encoding, first):
        return unroll(stepper, encoding, steps=4, first=first, feedback=feedback).outputs[:, :, -1]

    assert torch.autograd.gradcheck(last_output, (encoding.requires_grad_(), first.requires_grad_()))
    forgetful = OnlySteps(remembers=False)  # only the feedback links its steps
    output = unroll(forgetful, encoding, steps=4, first=first, feedback=feedback).outputs[:, :, -1]
    (gradient,) = torch.autograd.grad(output.sum(), first)
    assert gradient.all()


def test_a_feedback_that_detaches_cuts_them():
    stepper, (encoding, first, truth) = OnlySteps(remembers=False), given_things()
    first.requires_grad_()

    def cut(output):
        return feedback(output).detach()

    unrolled = unroll(stepper, encoding, steps=3, first=first, feedback=cut)
    assert not torch.autograd.grad(unrolled.outputs[:, :, -1].sum(), first)[0].any()
    ours = gradients_of(unroll(stepper, encoding, steps=3, first=first, feedback=cut).outputs, stepper)
    expected = loop(stepper, encoding, first, truth, never(), steps=3, feed=cut)
    for gradient, other in zip(ours, gradients_of(expected[:, None], stepper), strict=True):
        close(gradient, other)


def test_gradients_of_scheduled_sampling_equal_the_loops():
    stepper, (encoding, first, truth) = Fused(), given_things()
    forced = torch.rand(ROWS, STEPS) < 0.5
    outputs = unroll(
        stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, forced=forced
    ).outputs
    expected = loop(stepper, encoding, first, truth, forced.tolist())[:, None]
    for ours, other in zip(gradients_of(outputs, stepper), gradients_of(expected, stepper), strict=True):
        close(ours, other)


# --- fused passes in place of the loop ---


def by_passes(stepper, forced, passes):
    encoding, first, truth = given_things()
    unrolled = unroll(
        stepper,
        encoding,
        steps=STEPS,
        first=first,
        feedback=feedback,
        truth=truth,
        forced=torch.tensor(forced),
        passes=passes,
    )
    return unrolled.outputs[:, 0], loop(stepper, encoding, first, truth, forced)


def fed_back(row):
    """The steps of a row whose input is fed back; the first step's coin is not used."""
    return [t for t in range(1, STEPS) if not row[t]]


def run_ending_at(row, t):
    """How many inputs up to step ``t`` are fed back without a truth between them."""
    length = 0
    while t - length >= 1 and not row[t - length]:
        length += 1
    return length


masks = st.lists(st.lists(st.booleans(), min_size=STEPS, max_size=STEPS), min_size=ROWS, max_size=ROWS)


@st.composite
def masks_with_few_fed_back(draw):
    """Passes, and a mask with fewer fed-back inputs than that in each row."""
    passes = draw(st.integers(1, STEPS))
    rows = []
    for _ in range(ROWS):
        free = draw(st.sets(st.integers(1, STEPS - 1), max_size=passes - 1))
        rows.append([t not in free for t in range(STEPS)])
    return passes, rows


@st.composite
def masks_with_short_runs(draw):
    """Passes, and a mask whose runs of fed-back inputs are all shorter than that."""
    passes, rows = draw(st.integers(1, 4)), []
    for _ in range(ROWS):
        row = [True]
        for t in range(1, STEPS):
            longest = t >= passes and not any(row[t - passes + 1 : t])
            row.append(passes == 1 or longest or draw(st.booleans()))
        assert all(run_ending_at(row, t) < passes for t in range(STEPS))
        rows.append(row)
    return passes, rows


@given(drawn=masks_with_few_fed_back())
def test_passes_equal_the_loop_where_fewer_inputs_than_passes_are_fed_back(drawn):
    passes, forced = drawn
    stepper = Fused()
    ours, expected = by_passes(stepper, forced, passes)
    close(ours, expected)
    for gradient, other in zip(gradients_of(ours, stepper), gradients_of(expected, stepper), strict=True):
        close(gradient, other)


@given(passes=st.integers(1, STEPS), forced=masks)
def test_passes_differ_from_the_loop_from_the_first_input_fed_back_too_often(passes, forced):
    ours, expected = by_passes(Fused(), forced, passes)
    for row in range(ROWS):
        places = fed_back(forced[row])
        exact = places[passes - 1] if len(places) >= passes else STEPS
        close(ours[row, :exact], expected[row, :exact])
        if exact < STEPS:
            assert (ours[row, exact] - expected[row, exact]).abs().max() > 1e-9


@given(drawn=masks_with_short_runs())
def test_passes_equal_the_loop_where_runs_are_short_if_only_the_last_input_counts(drawn):
    passes, forced = drawn
    stepper = Fused(remembers=False)
    ours, expected = by_passes(stepper, forced, passes)
    close(ours, expected)
    for gradient, other in zip(gradients_of(ours, stepper), gradients_of(expected, stepper), strict=True):
        close(gradient, other)


@given(passes=st.integers(1, 4), forced=masks)
def test_passes_of_a_stepper_without_memory_differ_exactly_where_runs_are_long(passes, forced):
    ours, expected = by_passes(Fused(remembers=False), forced, passes)
    differs = (ours - expected).abs().amax(-1) > 1e-9
    assert differs.tolist() == [[run_ending_at(row, t) >= passes for t in range(STEPS)] for row in forced]


@pytest.mark.parametrize("passes", [1, 2, 4])
def test_passes_are_so_many_runs(passes):
    stepper = Fused()
    by_passes(stepper, [[True, False, False, True, True, True]] * ROWS, passes)
    assert stepper.runs == passes


def test_passes_without_coins_are_one_run_on_the_truth():
    stepper, (encoding, first, truth) = Fused(), given_things()
    unrolled = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, passes=3)
    assert stepper.runs == 1
    close(unrolled.outputs[:, 0], loop(stepper, encoding, first, truth, [[True] * STEPS] * ROWS))


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_a_stepper_that_cannot_be_fused_takes_the_exact_loop_instead_of_passes(kind):
    stepper = kind()
    stepper.fused = False
    ours, expected = by_passes(stepper, [[True, False, False, False, True, False]] * ROWS, 2)
    close(ours, expected)


# --- queries ---


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_queries_run_on_independently_from_one_start(kind):
    stepper, (encoding, first, _), queries = kind(), given_things(), 4
    noise = torch.randn(STEPS, ROWS, queries, WIDTH, dtype=torch.float64)

    def noisy(select):
        drawn = iter(noise)
        return lambda output: feedback(output) + next(drawn)[:, select]

    together = unroll(
        stepper, encoding, steps=STEPS, first=first, feedback=noisy(slice(None)), queries=queries
    )
    assert together.outputs.shape == (ROWS, queries, STEPS, 3)
    assert together.weights.shape == (ROWS, queries, STEPS, WIDTH)
    for query in range(queries):
        only = slice(query, query + 1)
        alone = unroll(stepper, encoding, steps=STEPS, first=first, feedback=noisy(only))
        close(together.outputs[:, only], alone.outputs)
        close(together.weights[:, only], alone.weights)


def test_without_noise_all_queries_are_the_same():
    stepper, (encoding, first, _) = OnlySteps(), given_things()
    outputs = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, queries=3).outputs
    for query in range(3):
        assert torch.equal(outputs[:, query], outputs[:, 0])


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_queries_under_scheduled_sampling(kind):
    stepper, (encoding, first, truth) = kind(), given_things()
    forced = torch.rand(ROWS, STEPS) < 0.5
    outputs = unroll(
        stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, forced=forced, queries=3
    ).outputs
    expected = loop(stepper, encoding, first, truth, forced.tolist())
    assert outputs.shape == (ROWS, 3, STEPS, 3)
    for query in range(3):
        close(outputs[:, query], expected)


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_queries_under_teacher_forcing_are_as_many_as_asked_for(kind):
    stepper, (encoding, first, truth) = kind(), given_things()
    outputs = unroll(
        stepper, encoding, steps=STEPS, first=first, feedback=feedback, truth=truth, queries=3
    ).outputs
    assert outputs.shape == (ROWS, 3, STEPS, 3)


def test_queries_of_a_parallel_stepper_are_as_many_as_asked_for():
    encoding, first, _ = given_things()
    outputs = unroll(Parallel(), encoding, steps=STEPS, first=first, feedback=feedback, queries=3).outputs
    assert outputs.shape == (ROWS, 3, STEPS, 3)


def test_the_memory_is_handed_on_as_it_is():
    class Spy(OnlySteps):
        def start(self, encoding):
            state, memories["made"] = super().start(encoding)
            return state, memories["made"]

        def step(self, previous, t, state, memory):
            assert memory is memories["made"]
            assert memory["bias"].shape == (ROWS, WIDTH)
            return super().step(previous, t, state, memory)

    memories = {}
    encoding, first, _ = given_things()
    unroll(Spy(), encoding, steps=STEPS, first=first, feedback=feedback, queries=3)


# --- parallel decoding ---


def test_parallel_decoding_is_one_step_that_equals_separate_ones_from_the_same_start():
    stepper, (encoding, first, truth) = Parallel(), given_things()
    for more in (
        {},
        {"truth": truth},
        {"truth": truth, "forced": torch.rand(ROWS, STEPS) < 0.5, "passes": 2},
    ):
        stepper.calls.clear()
        unrolled = unroll(stepper, encoding, steps=STEPS, first=first, feedback=feedback, **more)
        assert len(stepper.calls) == 1
        assert unrolled.outputs.shape == (ROWS, 1, STEPS, 3)
        state, memory = stepper.start(encoding)
        for t in range(STEPS):
            output, _, weights = stepper.step(first, t, state, memory)
            close(unrolled.outputs[:, :, t], output)
            close(unrolled.weights[:, :, t], weights)


# --- the length ---


@pytest.mark.parametrize("kind", [OnlySteps, Fused])
def test_a_longer_truth_does_not_lengthen_the_unroll(kind):
    stepper, (encoding, first, truth) = kind(), given_things()
    outputs = unroll(stepper, encoding, steps=2, first=first, feedback=feedback, truth=truth).outputs
    assert outputs.shape == (ROWS, 1, 2, 3)


# --- with the networks ---


def segment_feedback(outputs):
    values = outputs[..., 0].flatten(2)
    return torch.cat([values, torch.ones_like(values)], dim=-1)


NETWORKS = {
    "fused": Network(hidden_size=4, attention="additive", residual="season"),
    "deep gru": Network(cell="gru", hidden_size=4, num_layers=2, residual="value", feed_context=True),
    "stepped": Network(hidden_size=4, attention="dot", attention_position="before", input_feeding=True),
    "parallel": Network(hidden_size=4, attention="dot", decoding="parallel", residual="season"),
}


def network_things(name):
    model = build_forecaster(
        NETWORKS[name], Point(), SeriesShape(segment_length=2, steps=5, season_segments=2)
    )
    inputs = torch.randn(ROWS, 4, 4)
    return model, model.encode(inputs, torch.tensor([4, 2, 1])), inputs[:, -1:], torch.randn(ROWS, 5, 4)


def network_loop(model, encoding, first, truth, forced, queries=1):
    state, memory = model.start(encoding)
    state, previous, outputs = expand_queries(state, queries), first.expand(-1, queries, -1), []
    for t in range(5):
        if t > 0:
            own = segment_feedback(outputs[-1])
            previous = torch.stack(
                [truth[b, t - 1].expand(queries, -1) if forced[b, t] else own[b] for b in range(ROWS)]
            )
        output, state, _ = model.step(previous, t, state, memory)
        outputs.append(output)
    return torch.stack(outputs, dim=2)


@pytest.mark.parametrize("name", ["fused", "deep gru", "stepped"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_networks_equal_the_loop(name, share):
    model, encoding, first, truth = network_things(name)
    forced = torch.rand(ROWS, 5) < share
    for queries in (1, 3):
        unrolled = unroll(
            model,
            encoding,
            steps=5,
            first=first,
            feedback=segment_feedback,
            truth=truth,
            forced=forced,
            queries=queries,
        )
        close(unrolled.outputs, network_loop(model, encoding, first, truth, forced, queries), 1e-5)


@pytest.mark.parametrize("name", ["fused", "deep gru"])
def test_passes_of_networks_equal_the_loop_where_few_inputs_are_fed_back(name):
    model, encoding, first, truth = network_things(name)
    forced = torch.ones(ROWS, 5, dtype=torch.bool)
    forced[0, 2] = forced[1, [1, 4]] = False
    for passes in (3, 4):
        unrolled = unroll(
            model,
            encoding,
            steps=5,
            first=first,
            feedback=segment_feedback,
            truth=truth,
            forced=forced,
            passes=passes,
        )
        close(unrolled.outputs, network_loop(model, encoding, first, truth, forced), 1e-5)


@pytest.mark.parametrize("name", ["fused", "deep gru"])
def test_forced_all_true_equals_fused_teacher_forcing(name):
    model, encoding, first, truth = network_things(name)
    given = {"steps": 5, "first": first, "feedback": segment_feedback, "truth": truth}
    fused = unroll(model, encoding, **given)
    looped = unroll(model, encoding, **given, forced=torch.ones(ROWS, 5, dtype=torch.bool))
    close(fused.outputs, looped.outputs, 1e-5)
    if name == "fused":
        close(fused.weights, looped.weights, 1e-5)


def test_a_parallel_network_gives_the_same_with_and_without_truth():
    model, encoding, first, truth = network_things("parallel")
    given = {"steps": 5, "first": first, "feedback": segment_feedback}
    free = unroll(model, encoding, **given)
    assert torch.equal(free.outputs, unroll(model, encoding, **given, truth=truth).outputs)
    state, memory = model.start(encoding)
    for t in range(5):
        output, _, weights = model.step(first, t, state, memory)
        close(free.outputs[:, :, t], output, 1e-5)
        close(free.weights[:, :, t], weights, 1e-5)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_bf16_autocast_unrolls_and_trains_on_a_cpu(name):
    model, _, first, truth = network_things(name)
    inputs, forced = torch.randn(ROWS, 4, 4), torch.rand(ROWS, 5) < 0.5
    given = {"steps": 5, "first": first, "feedback": segment_feedback}
    exact = unroll(model, model.encode(inputs, torch.tensor([4, 2, 1])), **given).outputs
    for more in (
        {},
        {"truth": truth},
        {"truth": truth, "forced": forced},
        {"truth": truth, "forced": forced, "passes": 2},
    ):
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            encoding = model.encode(inputs, torch.tensor([4, 2, 1]))
            outputs = unroll(model, encoding, **given, **more).outputs
        assert outputs.dtype == torch.float32
        if not more:
            torch.testing.assert_close(outputs, exact, rtol=0, atol=0.1)
        outputs.square().mean().backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
