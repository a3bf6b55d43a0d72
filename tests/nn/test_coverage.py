"""Coverage: the sum of the attention so far, a leaf of the decoder's state."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.stepper import expand_queries
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nests import map_nest
from tsseq2seq.nn.attention import build_attention
from tsseq2seq.nn.cells import RecurrentState
from tsseq2seq.nn.encoder_decoder import Encoding
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point

ROWS, PLACES, STEPS, WIDTH, HIDDEN = 3, 5, 4, 4, 3
LENGTHS = torch.tensor([5, 3, 1])
SHAPE = SeriesShape(segment_length=2, steps=STEPS)
each_kind = pytest.mark.parametrize("kind", ["additive", "general", "concat"])
each_place = pytest.mark.parametrize(
    ("position", "feeding"), list(itertools.product(["after", "before"], [False, True]))
)


def build(kind, position="after", feeding=False):
    network = Network(
        hidden_size=HIDDEN,
        bidirectional=True,
        attention=kind,
        attention_position=position,
        attention_coverage=True,
        input_feeding=feeding,
        residual=None,
    )
    model = build_forecaster(network, Point(), SHAPE).double()
    with torch.no_grad():
        # weights far from equal, and a coverage that is felt
        for parameter in model.decoder.attention.parameters():
            parameter.mul_(4)
    return model


def inputs(rows=ROWS, places=PLACES):
    return torch.randn(rows, places, WIDTH, dtype=torch.float64)


def step_all(model, state, memory, previous):
    """(B, Q, T, W) inputs: outputs (B, Q, T, …), weights, and the coverage before each step."""
    outputs, weights, coverages = [], [], []
    for t in range(previous.shape[2]):
        coverages.append(state.coverage)
        output, state, weight = model.step(previous[:, :, t], t, state, memory)
        outputs.append(output)
        weights.append(weight)
    return torch.stack(outputs, 2), torch.stack(weights, 2), torch.stack(coverages, 2), state


def close(ours, expected):
    torch.testing.assert_close(ours.detach(), expected.detach(), rtol=1e-10, atol=1e-12, check_dtype=False)


def numpy_weights(attention, query, values, valid, covered):
    """The weights of one query, from the papers' formulas and the numbers of the module's weights."""
    weight = {name: p.detach().numpy() for name, p in attention.named_parameters()}
    scores = []
    for value, so_far in zip(values, covered, strict=True):
        if "hidden.weight" in weight:
            read = np.concatenate([query, value, [so_far]])
            scores.append(weight["energy.weight"][0] @ np.tanh(weight["hidden.weight"] @ read))
        elif "energy.weight" in weight:
            hidden = weight["query.weight"] @ query + weight["query.bias"] + weight["key.weight"] @ value
            hidden = hidden + weight["cover.weight"][:, 0] * so_far
            scores.append(weight["energy.weight"][0] @ np.tanh(hidden))
        else:
            scores.append(query @ (weight["key.weight"] @ value + weight["cover.weight"][0] * so_far))
    powers = np.where(valid, np.exp(np.array(scores) - np.max(scores)), 0.0)
    return powers / powers.sum()


@each_kind
@each_place
def test_each_step_sees_the_sum_of_the_weights_before_it(kind, position, feeding):
    model = build(kind, position, feeding)
    queries = 2
    encoding = model.encode(inputs(), LENGTHS)
    state, memory = model.start(encoding)
    assert torch.equal(state.coverage, torch.zeros(ROWS, 1, PLACES, dtype=torch.float64))
    state = expand_queries(state, queries)
    asked = []
    model.decoder.attention.register_forward_pre_hook(lambda _, given: asked.append(given[0]))
    previous = torch.randn(ROWS, queries, STEPS, WIDTH, dtype=torch.float64)
    _, weights, coverages, final = step_all(model, state, memory, previous)
    close(coverages[:, :, 1:], weights.cumsum(2)[:, :, :-1])
    close(final.coverage, weights.sum(2))
    close(final.coverage.sum(-1), torch.full((ROWS, queries), float(STEPS)))
    for row, query in itertools.product(range(ROWS), range(queries)):
        so_far = np.zeros(PLACES)
        for t in range(STEPS):
            expected = numpy_weights(
                model.decoder.attention,
                asked[t][row, query].detach().numpy(),
                memory.values[row].detach().numpy(),
                memory.mask[row, 0].numpy(),
                so_far,
            )
            close(weights[row, query, t], torch.from_numpy(expected))
            so_far = so_far + expected


@each_kind
def test_coverage_changes_the_weights(kind):
    model = build(kind)
    state, memory = model.start(model.encode(inputs()))
    previous = torch.randn(ROWS, 1, WIDTH, dtype=torch.float64)
    covered = torch.zeros_like(state.coverage)
    covered[..., 0] = 1
    _, _, fresh = model.step(previous, 0, state, memory)
    _, _, weights = model.step(previous, 0, type(state)(state.recurrent, coverage=covered), memory)
    assert (fresh - weights).abs().max() > 1e-3


@each_kind
@each_place
def test_it_follows_its_query_when_queries_are_reordered(kind, position, feeding):
    model, order = build(kind, position, feeding), torch.tensor([[2, 0, 0], [1, 2, 0], [0, 0, 0]])
    start, memory = model.start(model.encode(inputs(), LENGTHS))
    previous = torch.randn(ROWS, 3, STEPS, WIDTH, dtype=torch.float64)

    def reordered(leaf):
        index = order.reshape(*order.shape, *[1] * (leaf.ndim - 2))
        return leaf.gather(1, index.expand(-1, -1, *leaf.shape[2:]))

    *_, state = step_all(model, expand_queries(start, 3), memory, previous[:, :, :2])
    outputs, weights, *_ = step_all(model, map_nest(reordered, state), memory, previous[:, :, 2:])
    # each query from the beginning, on its own
    lineage = torch.cat([reordered(previous[:, :, :2]), previous[:, :, 2:]], 2)
    for query in range(3):
        alone, alone_weights, *_ = step_all(model, start, memory, lineage[:, query : query + 1])
        close(outputs[:, query], alone[:, 0, 2:])
        close(weights[:, query], alone_weights[:, 0, 2:])


@each_kind
@each_place
def test_padding_weighs_nothing_is_not_covered_and_changes_nothing(kind, position, feeding):
    model, given = build(kind, position, feeding), inputs()
    previous = torch.randn(ROWS, 1, STEPS, WIDTH, dtype=torch.float64)
    padding = torch.arange(PLACES) >= LENGTHS[:, None]
    outputs, weights, coverages, _ = step_all(model, *model.start(model.encode(given, LENGTHS)), previous)
    assert not coverages[padding[:, None, None].expand_as(coverages)].any()
    poisoned = model.encode(given.masked_fill(padding[..., None], 1e9), LENGTHS)
    states = poisoned.encoded.states.masked_fill(padding[..., None], float("nan"))
    poisoned = Encoding(dataclasses.replace(poisoned.encoded, states=states))
    again, again_weights, *_ = step_all(model, *model.start(poisoned), previous)
    assert torch.equal(again, outputs)
    assert torch.equal(again_weights, weights)
    for row, length in enumerate(LENGTHS.tolist()):
        only = slice(row, row + 1)
        alone = step_all(model, *model.start(model.encode(given[only, :length])), previous[only])
        close(outputs[only], alone[0])
        close(weights[only, ..., :length], alone[1])
        close(coverages[only, ..., :length], alone[2])


@each_kind
def test_a_permuted_batch_gives_permuted_answers(kind):
    model, given, order = build(kind), inputs(), torch.tensor([1, 2, 0])
    previous = torch.randn(ROWS, 1, STEPS, WIDTH, dtype=torch.float64)
    whole = step_all(model, *model.start(model.encode(given, LENGTHS)), previous)
    moved = step_all(model, *model.start(model.encode(given[order], LENGTHS[order])), previous[order])
    for ours, expected in zip(moved[:3], whole[:3], strict=True):
        close(ours, expected[order])


@each_kind
def test_a_row_without_a_valid_place_is_covered_nowhere_and_has_finite_gradients(kind):
    model = build(kind, "before")
    lengths = torch.tensor([5, 3, 0])
    given = inputs().requires_grad_()
    previous = torch.randn(ROWS, 1, STEPS, WIDTH, dtype=torch.float64)
    outputs, weights, _, final = step_all(model, *model.start(model.encode(given, lengths)), previous)
    assert not weights[2].any()
    assert not final.coverage[2].any()
    outputs.square().sum().backward()
    assert given.grad.isfinite().all()
    assert not given.grad[2].any()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), name


@each_kind
def test_gradients_flow_through_the_coverage_of_several_steps(kind):
    model = build(kind, "before", feeding=True)
    state, memory = model.start(model.encode(inputs(), LENGTHS))
    memory = type(memory)(**{k: None if v is None else v.detach() for k, v in vars(memory).items()})
    previous = torch.randn(ROWS, 1, STEPS, WIDTH, dtype=torch.float64)
    recurrent = RecurrentState(state.recurrent.hidden.detach(), state.recurrent.cell.detach())

    def last_weights(covered):
        begun = type(state)(recurrent, None, state.attentional.detach(), covered)
        return step_all(model, begun, memory, previous)[1][:, :, -1]

    start = torch.rand(ROWS, 1, PLACES, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(last_weights, start)
    name = {"concat": "hidden"}.get(kind, "cover")
    parameter = getattr(model.decoder.attention, name).weight
    assert torch.autograd.grad(last_weights(start).square().sum(), parameter)[0][..., -1:].any()


@each_kind
def test_teacher_forcing_takes_the_loop_not_the_fused_pass(kind):
    model = build(kind)
    assert not model.fused
    encoding = model.encode(inputs(), LENGTHS)
    truth = torch.randn(ROWS, STEPS, WIDTH, dtype=torch.float64)
    first = torch.zeros(ROWS, 1, WIDTH, dtype=torch.float64)

    def run(**options):
        return unroll(
            model,
            encoding,
            steps=STEPS,
            first=first,
            feedback=lambda output: output.flatten(2).repeat(1, 1, 2),
            truth=truth,
            **options,
        )

    known = torch.cat([first, truth[:, :-1]], 1)[:, None]
    outputs, weights, *_ = step_all(model, *model.start(encoding), known)
    everywhere = torch.ones(ROWS, STEPS, dtype=torch.bool)
    for unrolled in (run(), run(forced=everywhere, passes=2)):
        close(unrolled.outputs, outputs)
        close(unrolled.weights, weights)
    coins = torch.tensor([[True, False, False, True]] * ROWS)
    # two passes would not be exact with two inputs fed back
    assert torch.equal(run(forced=coins, passes=2).outputs, run(forced=coins).outputs)


def test_without_coverage_the_state_has_no_such_leaf():
    network = Network(hidden_size=HIDDEN, attention="additive", residual=None)
    model = build_forecaster(network, Point(), SHAPE)
    assert model.fused
    state, memory = model.start(model.encode(torch.zeros(ROWS, PLACES, WIDTH)))
    assert state.coverage is None
    assert model.step(torch.zeros(ROWS, 1, WIDTH), 0, state, memory)[1].coverage is None


@each_kind
def test_it_is_added_up_in_float32_under_autocast(kind):
    model = build(kind).float()
    with torch.autocast("cpu", torch.bfloat16):
        state, memory = model.start(model.encode(inputs().float(), LENGTHS))
        previous = torch.randn(ROWS, 1, STEPS, WIDTH)
        outputs, weights, coverages, final = step_all(model, state, memory, previous)
    assert coverages.dtype == final.coverage.dtype == weights.dtype == torch.float32
    torch.testing.assert_close(final.coverage.sum(-1), torch.full((ROWS, 1), float(STEPS)))
    outputs.float().square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


# --- who admits it ---


@pytest.mark.parametrize("kind", ["dot", "scaled", "multihead", None])
def test_attention_that_takes_no_coverage_is_refused(kind):
    with pytest.raises(ParameterError) as refusal:
        Network(attention=kind, attention_coverage=True)
    for part in (f"attention_coverage is True but attention is {kind!r}", "additive", "general", "concat"):
        assert part in str(refusal.value)
    if kind is not None:
        with pytest.raises(ParameterError, match=f"coverage is True, but '{kind}'"):
            build_attention(kind, query_size=4, value_size=4, coverage=True)


@each_kind
def test_parallel_decoding_is_refused(kind):
    with pytest.raises(ParameterError, match="attention_coverage is True but decoding is 'parallel'"):
        Network(attention=kind, attention_coverage=True, decoding="parallel")


@pytest.mark.parametrize("kind", ["additive", "dot", "general", "concat", "scaled", "multihead"])
def test_a_coverage_that_would_be_ignored_is_refused(kind):
    attention = build_attention(kind, query_size=4, value_size=4)
    values, mask = torch.zeros(2, 3, 4), torch.ones(2, 1, 3, dtype=torch.bool)
    with pytest.raises(ParameterError, match="coverage was given, but it was built with coverage=False"):
        attention(torch.zeros(2, 1, 4), attention.project(values), values, mask, torch.zeros(2, 1, 3))


@each_kind
def test_a_coverage_that_is_missing_is_refused(kind):
    attention = build_attention(kind, query_size=4, value_size=4, coverage=True)
    values, mask = torch.zeros(2, 3, 4), torch.ones(2, 1, 3, dtype=torch.bool)
    with pytest.raises(ParameterError, match="coverage is None, but it was built with coverage=True"):
        attention(torch.zeros(2, 1, 4), attention.project(values), values, mask)
