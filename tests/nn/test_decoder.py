"""The decoder against a plain numpy loop over rows, queries and steps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from tsseq2seq.nn.attention import build_attention
from tsseq2seq.nn.cells import LSTM, RecurrentState, build_layers
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import DecoderCovariates, FeedContext, Position, PreviousOutput
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.residuals import PreviousSeason, build_residual

ROWS, STEPS, PLACES = 2, 4, 3
VALUE, WIDTH, LAYERS, CONTEXT, COVARIATES, SEGMENT, LAG = 3, 4, 2, 2, 1, 2, 2
MASK = torch.tensor([[True, True, False], [True, True, True]])[:, None]
each_cell = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
#: Attention, before the cell, input feeding.
ATTENTIONS = [
    (None, False, False),
    *itertools.product(["additive", "dot"], [False, True], [False, True]),
]
each_attention = pytest.mark.parametrize(("attention", "before", "feeding"), ATTENTIONS)
each_residual = pytest.mark.parametrize("residual", [None, "season", "value"])


class LinearHead(nn.Module):
    """Without the package's conversion to float32, so that tolerances may be tight."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(WIDTH, SEGMENT)

    def forward(self, hidden, base):
        return self.linear(hidden) if base is None else self.linear(hidden) + base


def build(
    cell="lstm", attention=None, before=False, feeding=False, residual=None, parallel=False, dropout=0.0
):
    if parallel:
        inputs, size = [Position(STEPS, WIDTH), FeedContext(), DecoderCovariates()], WIDTH
    else:
        inputs, size = [PreviousOutput(nn.Identity()), FeedContext(), DecoderCovariates()], SEGMENT
    size += CONTEXT + COVARIATES + (VALUE if before else 0) + (WIDTH if feeding else 0)
    decoder = Decoder(
        inputs=inputs,
        recurrent=build_layers(cell, size, WIDTH, LAYERS, dropout=dropout),
        head=LinearHead(),
        attention=attention and build_attention(attention, query_size=WIDTH, value_size=VALUE),
        value_size=VALUE,
        attention_position="before" if before else "after",
        input_feeding=feeding,
        residual=residual and build_residual(residual, lag=LAG, length=SEGMENT, targets=1),
        parallel=parallel,
        dropout=dropout,
    )
    return decoder.double()


def start(decoder, queries=1):
    def normal(*shape):
        return torch.randn(*shape, dtype=torch.float64)

    hidden = normal(ROWS, queries, LAYERS, WIDTH)
    residual, attention = decoder.residual, decoder.attention
    recent = None if residual is None else normal(ROWS, residual.reach, SEGMENT)
    history = None if residual is None else recent[:, None, :-1].expand(-1, queries, -1, -1)
    values = None if attention is None else normal(ROWS, PLACES, VALUE)
    state = DecoderState(
        RecurrentState(hidden, normal(*hidden.shape) if isinstance(decoder.recurrent, LSTM) else None),
        history,
        normal(ROWS, queries, WIDTH) if decoder.input_feeding else None,
    )
    memory = Memory(
        context=normal(ROWS, CONTEXT),
        keys=None if attention is None else attention.project(values),
        values=values,
        mask=None if attention is None else MASK,
        covariates=normal(ROWS, STEPS, COVARIATES),
        recent=recent,
    )
    return state, memory


def numbers(tensor):
    return None if tensor is None else tensor.detach().numpy()


def linear(layer, x):
    return x @ numbers(layer.weight).T + (0 if layer.bias is None else numbers(layer.bias))


def attend(decoder, query, values, mask):
    """Scores, softmax and mixture for one query of one row."""
    attention = decoder.attention
    scores = []
    for value in values:
        if hasattr(attention, "energy"):
            hidden = np.tanh(linear(attention.query, query) + linear(attention.key, value))
            scores.append(linear(attention.energy, hidden)[0])
        else:
            scores.append(query @ linear(attention.key, value))
    powers = np.where(mask, np.exp(scores), 0.0)
    weights = powers / powers.sum()
    return weights @ values, weights


def decode_loop(decoder, previous, state, memory, row, query, numpy_step):
    """All steps of one query of one row; ``previous`` is (T, D)."""
    hidden = numbers(state.recurrent.hidden)[row, query]
    cell = None if state.recurrent.cell is None else numbers(state.recurrent.cell)[row, query]
    fed = None if state.attentional is None else numbers(state.attentional)[row, query]
    known = None if state.history is None else [*numbers(state.history)[row, query]]
    values = None if memory.values is None else numbers(memory.values)[row]
    outputs, all_weights = [], []
    for t, before in enumerate(previous):
        inputs = [before, numbers(memory.context)[row], numbers(memory.covariates)[row, t]]
        if decoder.before:
            mixed, weights = attend(decoder, hidden[-1], values, MASK[row, 0].numpy())
            inputs.append(mixed)
        if fed is not None:
            inputs.append(fed)
        top, hidden, cell = numpy_step(decoder.recurrent, np.concatenate(inputs), hidden, cell)
        if decoder.attention is not None:
            if not decoder.before:
                mixed, weights = attend(decoder, top, values, MASK[row, 0].numpy())
            top = np.tanh(linear(decoder.combine, np.concatenate([top, mixed])))
            all_weights.append(weights)
        if fed is not None:
            fed = top
        output = linear(decoder.head.linear, top)
        if known is not None:
            known.append(before)
            base = known[-decoder.residual.reach]
            seasonal = isinstance(decoder.residual, PreviousSeason)
            output = output + (base if seasonal else np.full(SEGMENT, base[-1]))
        outputs.append(output)
    return np.stack(outputs), hidden, cell, fed, np.stack(all_weights) if all_weights else None


def step_loop(decoder, previous, state, memory):
    """(B, Q, T, D) inputs, one step after the other."""
    outputs, all_weights = [], []
    for t in range(previous.shape[2]):
        output, state, weights = decoder.step(previous[:, :, t], t, state, memory)
        outputs.append(output)
        all_weights.append(weights)
    return torch.stack(outputs, 2), state, None if weights is None else torch.stack(all_weights, 2)


def close(ours, expected):
    if expected is None:
        assert ours is None
    else:
        expected = torch.as_tensor(expected)
        torch.testing.assert_close(ours.detach(), expected.detach(), rtol=1e-11, atol=1e-12)


@each_cell
@each_attention
@each_residual
def test_steps_equal_a_numpy_loop_for_each_row_and_query(
    cell, attention, before, feeding, residual, numpy_step
):
    queries = 2
    decoder = build(cell, attention, before, feeding, residual)
    state, memory = start(decoder, queries)
    previous = torch.randn(ROWS, queries, STEPS, SEGMENT, dtype=torch.float64)
    outputs, final, weights = step_loop(decoder, previous, state, memory)
    for row, query in itertools.product(range(ROWS), range(queries)):
        expected, hidden, memory_cell, fed, expected_weights = decode_loop(
            decoder, previous[row, query].numpy(), state, memory, row, query, numpy_step
        )
        close(outputs[row, query], expected)
        close(final.recurrent.hidden[row, query], hidden)
        close(None if final.recurrent.cell is None else final.recurrent.cell[row, query], memory_cell)
        close(None if final.attentional is None else final.attentional[row, query], fed)
        close(None if weights is None else weights[row, query], expected_weights)


@each_cell
@pytest.mark.parametrize("attention", [None, "additive", "dot"])
@each_residual
def test_the_fused_run_equals_the_steps_in_values_state_and_gradients(cell, attention, residual):
    decoder = build(cell, attention, residual=residual)
    assert decoder.fused
    state, memory = start(decoder)
    previous = torch.randn(ROWS, STEPS, SEGMENT, dtype=torch.float64, requires_grad=True)

    def all_of(outputs, final, weights):
        total = outputs.square().sum() + final.recurrent.hidden.sin().sum()
        total = total + (0 if weights is None else weights.square().sum())
        # keys were projected once, so the graph behind them is shared
        gradients = torch.autograd.grad(
            total, [previous, *decoder.parameters()], retain_graph=True, allow_unused=True
        )
        return [outputs, weights, final.recurrent.hidden, final.recurrent.cell, final.history, *gradients]

    fused = decoder.run(previous, state, memory)
    outputs, final, weights = step_loop(decoder, previous[:, None], state, memory)
    stepped = all_of(outputs[:, 0], final, None if weights is None else weights[:, 0])
    for ours, expected in zip(all_of(*fused), stepped, strict=True):
        close(ours, expected)
    assert fused[1].attentional is None


@pytest.mark.parametrize("attention", [None, "additive", "dot"])
@pytest.mark.parametrize("position", ["after", "before"])
@each_residual
def test_parallel_decoding_equals_one_step_for_each_position_from_the_same_start(
    attention, position, residual
):
    before = attention is not None and position == "before"
    decoder = build("lstm", attention, before, residual=residual, parallel=True)
    state, memory = start(decoder)
    expanded = DecoderState(
        RecurrentState(*(x.expand(-1, STEPS, -1, -1) for x in (state.recurrent.hidden, state.recurrent.cell)))
    )
    previous = torch.randn(ROWS, 1, SEGMENT, dtype=torch.float64)
    outputs, _, weights = decoder.step(previous.expand(-1, STEPS, -1), torch.arange(STEPS), expanded, memory)
    for t in range(STEPS):
        output, _, weight = decoder.step(previous, t, state, memory)
        close(outputs[:, t : t + 1], output)
        close(None if weights is None else weights[:, t : t + 1], weight)


def test_parallel_decoding_does_not_look_at_the_previous_output():
    decoder = build(parallel=True)
    state, memory = start(decoder)
    first, second = (torch.randn(ROWS, 1, SEGMENT, dtype=torch.float64) for _ in range(2))
    assert torch.equal(decoder.step(first, 1, state, memory)[0], decoder.step(second, 1, state, memory)[0])


@each_residual
def test_one_step_of_a_parallel_decoder_serves_several_queries(residual):
    queries = 3
    decoder = build(residual=residual, parallel=True)
    state, memory = start(decoder, queries)
    previous = torch.zeros(ROWS, queries, SEGMENT, dtype=torch.float64)
    outputs, _, _ = decoder.step(previous, 1, state, memory)
    same_step = torch.ones(queries, dtype=torch.long)
    close(outputs, decoder.step(previous, same_step, state, memory)[0])


@each_attention
def test_fused_is_true_only_where_nothing_but_the_recurrence_links_the_steps(attention, before, feeding):
    assert build("gru", attention, before, feeding).fused == (not before and not feeding)
    if not feeding:
        assert not build("gru", attention, before, parallel=True).fused


@each_attention
def test_gradients_reach_every_parameter_and_both_halves_of_the_state(attention, before, feeding):
    decoder = build("lstm", attention, before, feeding, "season")
    state, memory = start(decoder)
    leaves = [state.recurrent.hidden, state.recurrent.cell, memory.context, memory.covariates]
    leaves += [state.attentional] * feeding
    for leaf in leaves:
        leaf.requires_grad_()
    previous = torch.randn(ROWS, 1, STEPS, SEGMENT, dtype=torch.float64)
    outputs, _, _ = step_loop(decoder, previous, state, memory)
    outputs.square().sum().backward()
    assert all(leaf.grad.abs().sum() > 0 for leaf in leaves)
    for name, parameter in decoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


@each_attention
def test_the_memory_is_neither_tiled_nor_touched(attention, before, feeding):
    decoder = build("lstm", attention, before, feeding, "season")
    state, memory = start(decoder, queries=3)
    tensors = {name: value for name, value in vars(memory).items() if value is not None}
    copies = {name: value.clone() for name, value in tensors.items()}
    seen = []
    if decoder.attention is not None:
        decoder.attention.register_forward_pre_hook(lambda _, given: seen.append(given[1:]))
    step_loop(decoder, torch.randn(ROWS, 3, STEPS, SEGMENT, dtype=torch.float64), state, memory)
    assert all(torch.equal(value, copies[name]) for name, value in tensors.items())
    assert len(seen) == (0 if attention is None else STEPS)
    for keys, values, mask in seen:
        assert keys is memory.keys
        assert values is memory.values
        assert mask is memory.mask


@pytest.mark.parametrize("way", ["step", "run"])
def test_dropout_stands_before_the_head_and_only_in_training(way):
    decoder = build("gru", dropout=0.5)
    heads = []
    decoder.head.register_forward_pre_hook(lambda _, given: heads.append(given[0]))
    state, memory = start(decoder)
    previous = torch.randn(ROWS, 1, SEGMENT, dtype=torch.float64)

    def enters_the_head():
        if way == "run":
            decoder.run(previous, state, memory)
        else:
            decoder.step(previous, 0, state, memory)
        return heads[-1]

    torch.manual_seed(5)
    dropped = enters_the_head()
    assert 0 < (dropped == 0).sum() < dropped.numel()
    decoder.eval()
    assert torch.equal(enters_the_head(), enters_the_head())
    assert enters_the_head().all()


def single(part):
    """The same tensors in float32, apart from what made them."""
    if isinstance(part, torch.Tensor):
        return part.detach().float() if part.is_floating_point() else part
    if part is None:
        return None
    return type(part)(**{name: single(value) for name, value in vars(part).items()})


@pytest.mark.parametrize("way", ["step", "run"])
def test_bf16_autocast_on_a_cpu(way):
    decoder = build("lstm", "additive", residual="season")
    state, memory = map(single, start(decoder))
    previous = torch.randn(ROWS, 1, SEGMENT)
    decoder.float()

    def decode():
        return (
            decoder.run(previous, state, memory) if way == "run" else decoder.step(previous, 0, state, memory)
        )

    exact, _, exact_weights = decode()
    with torch.autocast("cpu", torch.bfloat16):
        output, after, weights = decode()
        if way == "step":
            again, _, _ = decoder.step(output, 1, after, memory)
            assert again.isfinite().all()
    torch.testing.assert_close(output.float(), exact, rtol=0, atol=0.05)
    torch.testing.assert_close(weights, exact_weights, rtol=0, atol=0.03)
    output.float().sum().backward()
    assert all(p.grad.isfinite().all() for p in decoder.parameters() if p.grad is not None)


def test_dropout_of_the_head_is_torchs():
    decoder = build("gru", dropout=0.5)
    heads = []
    decoder.head.register_forward_pre_hook(lambda _, given: heads.append(given[0]))
    decoder.recurrent.dropout = 0.0  # leave the draw to the dropout before the head
    state, memory = start(decoder)
    previous = torch.randn(ROWS, 1, SEGMENT, dtype=torch.float64)
    torch.manual_seed(5)
    decoder.step(previous, 0, state, memory)
    decoder.eval()
    decoder.step(previous, 0, state, memory)
    torch.manual_seed(5)
    close(heads[0], functional.dropout(heads[1], 0.5))
