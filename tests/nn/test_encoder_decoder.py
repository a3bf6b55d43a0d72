"""The parts composed: fused against stepped, parallel against separate steps, settings against parts."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
import torch
from torch import nn

from tsseq2seq.decoding.stepper import FusedStepper, expand_queries
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nests import map_nest
from tsseq2seq.nn.decoder_inputs import DecoderCovariates, FeedContext, NoInput, Position, PreviousOutput
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point, Quantiles

ROWS, PLACES = 3, 4
LENGTHS = torch.tensor([4, 2, 1])
SHAPE = SeriesShape(
    segment_length=2, steps=3, targets=1, season_segments=2, encoder_covariates=1, decoder_covariates=1
)
WIDTH = SHAPE.segment_width + SHAPE.encoder_covariates

#: Each axis of the settings; all pairs of values are tried together.
AXES = {
    "cell": ["lstm", "gru", "rnn"],
    "bidirectional": [False, True],
    "layers": [(1, None), (2, None), (1, 2), (3, 1)],
    "decoder_hidden_size": [None, 5],
    "attention": [None, "additive", "dot"],
    "residual": [None, "value", "segment", "season"],
    "inputs": [(True, False), (False, True), (True, True), (False, False)],
    "initial_state": [True, False],
    "context": ["last", "mean"],
    "context_size": [None, 2],
    "embedding_size": [None, 0],
}
#: What came later, beside recurrent encoders.
LATER_AXES = {
    "encoder": ["recurrent", "convolutional", "attention", "convolutional+recurrent"],
    "cell": ["lstm", "gru", "slstm"],
    "layers": [(1, None), (2, 1)],
    "bidirectional": [False, True],
    "attention": [None, "additive", "dot", "multihead"],
    "attention_alignment": [None, "monotonic", "predicted"],
    "inputs": [(True, False), (False, True), (True, True)],
    "output_reads": [None, "previous", "context", "previous+context"],
    "initial_state": ["encoder", "zeros", "learned"],
    "context": ["last", "max", "attention"],
    "reversed_source": [False, True],
    "residual": [None, "season"],
}


def covering(axes):
    """Rows that hold every pair of values of every two axes (greedy)."""
    names = list(axes)
    missing = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(range(len(names)), 2)
        for x, y in itertools.product(range(len(axes[names[a]])), range(len(axes[names[b]])))
    }
    rows = []
    while missing:
        row = dict(min(missing))
        for axis in range(len(names)):
            if axis not in row:
                choices = range(len(axes[names[axis]]))
                row[axis] = max(choices, key=lambda choice: (_covered(row, axis, choice, missing), -choice))
        full = sorted(row.items())
        missing -= set(itertools.combinations(full, 2))
        rows.append({names[axis]: axes[names[axis]][choice] for axis, choice in full})
    return rows


def _covered(row, axis, choice, missing):
    return sum(tuple(sorted([(axis, choice), other])) in missing for other in row.items())


def network_of(row, **more):
    values = {**row, **more}
    num_layers, decoder_layers = values.pop("layers")
    feed_output, feed_context = values.pop("inputs")
    if values["initial_state"] not in (True, "encoder"):
        # without an attention the decoder would see nothing of the encoder, and the context would enter nowhere
        in_use = values["context"] != "last" or values.get("context_size")
        feed_context = feed_context or not values["attention"] or bool(in_use)
    values |= admissible(values, feed_output)
    return Network(
        hidden_size=3,
        num_layers=num_layers,
        decoder_num_layers=decoder_layers,
        feed_output=feed_output,
        feed_context=feed_context,
        **values,
    )


def admissible(values, feed_output):
    """What must be otherwise where settings exclude each other."""
    changes = {}
    if values.get("attention_alignment"):
        changes |= {"attention_window": 1} if values["attention"] else {"attention_alignment": None}
    if not feed_output:
        changes |= {"output_reads": without_previous(values.get("output_reads"))}
    if values.get("encoder", "recurrent") in ("convolutional", "attention"):
        changes |= {"bidirectional": False, "causal": values["reversed_source"]}
    elif values["bidirectional"]:
        changes |= {"reversed_source": False}
    return changes


def without_previous(reads):
    return {"previous": None, "previous+context": "context"}.get(reads, reads)


def name_of(network):
    default = Network(hidden_size=3)
    changed = {k: v for k, v in network.get_params().items() if v != getattr(default, k)}
    return "-".join(f"{name}={value}" for name, value in changed.items()) or "default"


NETWORKS = [network_of(row) for row in covering(AXES)]
LATER = [network_of(row) for row in covering(LATER_AXES)]
each_network = pytest.mark.parametrize("network", [*NETWORKS, *LATER], ids=name_of)


class DoubleHead(nn.Module):
    """The head without its conversion to float32, so that tolerances may be tight."""

    def __init__(self, head):
        super().__init__()
        self.linear, self.output, self.shape = head.linear, head.output, head.shape

    def forward(self, hidden, base):
        raw = self.linear(hidden).reshape(*hidden.shape[:2], *self.shape)
        return self.output.parameters(raw, None if base is None else base.reshape(raw.shape[:-1]))


def build(network, shape=SHAPE, output=None):
    model = build_forecaster(network, output or Quantiles(), shape).double()
    model.decoder.head = DoubleHead(model.decoder.head)
    return model


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def encode(model, lengths=LENGTHS):
    return model.encode(normal(ROWS, PLACES, WIDTH), lengths, normal(ROWS, SHAPE.steps, 1))


def leaves(state):
    found = []
    map_nest(lambda leaf: found.append(leaf) or leaf, state)
    return found


def close(ours, expected):
    if expected is None:
        assert ours is None
    else:
        torch.testing.assert_close(ours.detach(), expected.detach(), rtol=1e-10, atol=1e-11)


def step_loop(model, previous, state, memory):
    outputs, all_weights = [], []
    for t in range(previous.shape[1]):
        output, state, weights = model.step(previous[:, t : t + 1], t, state, memory)
        outputs.append(output)
        all_weights.append(weights)
    return torch.cat(outputs, 1), state, None if weights is None else torch.cat(all_weights, 1)


# --- fused, stepped, parallel ---


def test_the_networks_below_hold_every_pair_of_settings():
    assert 20 <= len(NETWORKS) <= 60
    for (a, xs), (b, ys) in itertools.combinations(AXES.items(), 2):
        if {a, b} & {"layers", "inputs"}:
            continue
        seen = {(getattr(network, a), getattr(network, b)) for network in NETWORKS}
        assert seen >= set(itertools.product(xs, ys))


@each_network
def test_the_fused_run_equals_the_steps(network):
    model = build(network)
    assert isinstance(model, FusedStepper)
    assert model.fused
    assert not model.parallel
    state, memory = model.start(encode(model))
    previous = normal(ROWS, SHAPE.steps, SHAPE.segment_width)

    def all_of(outputs, final, weights):
        total = outputs.square().sum() + sum(leaf.sin().sum() for leaf in leaves(final))
        gradients = torch.autograd.grad(total, list(model.parameters()), retain_graph=True, allow_unused=True)
        return [outputs, weights, *leaves(final), *gradients]

    fused = all_of(*model.run(previous, state, memory))
    stepped = all_of(*step_loop(model, previous, state, memory))
    for ours, expected in zip(fused, stepped, strict=True):
        close(ours, expected)
    assert fused[0].shape == (ROWS, SHAPE.steps, 2, 1, 3)


@each_network
def test_parallel_decoding_equals_separate_steps_from_the_same_start(network):
    reads = without_previous(network.output_reads)
    model = build(dataclasses.replace(network, decoding="parallel", output_reads=reads))
    assert model.parallel
    assert not model.fused
    state, memory = model.start(encode(model))
    previous = normal(ROWS, 1, SHAPE.segment_width)
    steps = SHAPE.steps
    outputs, _, weights = model.step(
        previous.expand(-1, steps, -1), torch.arange(steps), expand_queries(state, steps), memory
    )
    for t in range(steps):
        output, _, weight = model.step(previous, t, state, memory)
        close(outputs[:, t : t + 1], output)
        close(None if weights is None else weights[:, t : t + 1], weight)


@each_network
@pytest.mark.parametrize("attention", ["additive", "dot"])
@pytest.mark.parametrize("position", ["before", "after with input feeding"])
def test_what_cannot_be_fused_says_so_and_can_be_stepped(network, attention, position):
    feeding = position != "before"
    network = dataclasses.replace(
        network,
        attention=attention,
        attention_position=position.split()[0],
        input_feeding=feeding,
    )
    model = build(network)
    assert not model.fused
    state, memory = model.start(encode(model))
    outputs, final, weights = step_loop(model, normal(ROWS, SHAPE.steps, SHAPE.segment_width), state, memory)
    assert outputs.isfinite().all()
    total = weights.sum(-1)
    if network.attention_alignment == "monotonic":
        assert total.any()
        total = torch.where(total == 0, 1.0, total)  # nothing to see beyond the end of a source
    close(total, torch.ones(ROWS, SHAPE.steps, dtype=torch.float64))
    assert [leaf.shape for leaf in leaves(final)] == [leaf.shape for leaf in leaves(state)]


@each_network
def test_queries_are_independent_and_the_memory_has_one_row_each(network):
    model, queries = build(network), 3
    state, memory = model.start(encode(model))
    assert all(leaf.shape[:2] == (ROWS, 1) for leaf in leaves(state))
    assert all(leaf.shape[0] == ROWS for leaf in leaves(memory))
    previous = normal(ROWS, queries, SHAPE.segment_width)
    output, state_after, weights = model.step(previous, 1, expand_queries(state, queries), memory)
    assert all(leaf.shape[:2] == (ROWS, queries) for leaf in leaves(state_after))
    for query in range(queries):
        only = slice(query, query + 1)
        lone_output, lone_state, lone_weights = model.step(previous[:, only], 1, state, memory)
        close(output[:, only], lone_output)
        close(None if weights is None else weights[:, only], lone_weights)
        for ours, expected in zip(leaves(state_after), leaves(lone_state), strict=True):
            close(ours[:, only], expected)


def test_a_parallel_network_serves_several_queries_at_one_step():
    model = build(Network(hidden_size=3, decoding="parallel", residual="segment"))
    state, memory = model.start(encode(model))
    previous = normal(ROWS, 3, SHAPE.segment_width)
    output, _, _ = model.step(previous, 1, expand_queries(state, 3), memory)
    expected, _, _ = model.step(previous, torch.tensor([1, 1, 1]), expand_queries(state, 3), memory)
    close(output, expected)


# --- the whole of it ---


@each_network
def test_a_row_alone_permuted_and_with_poison_in_the_padding_gives_the_same(network):
    model = build(network)
    inputs, covariates = normal(ROWS, PLACES, WIDTH), normal(ROWS, SHAPE.steps, 1)
    previous = normal(ROWS, SHAPE.steps, SHAPE.segment_width)

    def outputs(rows, given=inputs):
        start = model.start(model.encode(given[rows], LENGTHS[rows], covariates[rows]))
        return model.run(previous[rows], *start)[0]

    batched = outputs(torch.arange(ROWS))
    order = torch.tensor([2, 0, 1])
    close(outputs(order), batched[order])
    for row in range(ROWS):
        close(outputs(torch.tensor([row])), batched[row : row + 1])
    dirty = inputs.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        dirty[row, length:] = 1e9
    close(outputs(torch.arange(ROWS), dirty), batched)


def test_an_empty_row_is_decoded_from_zeros_without_nan():
    model = build(Network(hidden_size=3, attention="additive", context="mean", bidirectional=True))
    encoding = encode(model, torch.tensor([4, 0, 2]))
    state, memory = model.start(encoding)
    outputs, _, weights = model.run(normal(ROWS, SHAPE.steps, SHAPE.segment_width), state, memory)
    assert outputs.isfinite().all()
    assert not weights[1].any()
    outputs.square().sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("part", ["hidden", "cell"])
@pytest.mark.parametrize("decoder_hidden_size", [None, 5])
def test_both_halves_of_the_lstm_state_reach_the_forecast(part, decoder_hidden_size):
    model = build(Network(hidden_size=3, num_layers=2, decoder_hidden_size=decoder_hidden_size))
    encoding = encode(model)
    final = encoding.encoded.final
    moved = dataclasses.replace(final, **{part: getattr(final, part) + 0.5})
    changed = dataclasses.replace(encoding, encoded=dataclasses.replace(encoding.encoded, final=moved))
    previous = normal(ROWS, 1, SHAPE.segment_width)
    ours, theirs = (model.step(previous, 0, *model.start(given))[0] for given in (encoding, changed))
    assert (ours - theirs).abs().amax((1, 2, 3, 4)).min() > 1e-6


@pytest.mark.parametrize("context", ["last", "mean"])
def test_changing_any_valid_input_changes_the_forecast(context):
    model = build(Network(hidden_size=8, context=context, residual=None))
    inputs = normal(ROWS, PLACES, WIDTH).requires_grad_()
    start = model.start(model.encode(inputs, LENGTHS, normal(ROWS, SHAPE.steps, 1)))
    model.run(normal(ROWS, SHAPE.steps, SHAPE.segment_width), *start)[0].square().sum().backward()
    for row, length in enumerate(LENGTHS.tolist()):
        assert inputs.grad[row, :length].any(-1).all()
        assert not inputs.grad[row, length:].any()


def without_gradient(network):
    # DistributedDataParallel stops at parameters that never get one
    model = build(network)
    state, memory = model.start(encode(model))
    model.run(normal(ROWS, SHAPE.steps, SHAPE.segment_width), state, memory)[0].sum().backward()
    return [name for name, parameter in model.named_parameters() if parameter.grad is None]


@each_network
def test_every_parameter_gets_a_gradient(network):
    assert without_gradient(dataclasses.replace(network, context="last", context_size=None)) == []


def test_every_parameter_of_the_bridge_gets_a_gradient_where_the_context_makes_the_hidden_state():
    assert without_gradient(Network(hidden_size=3, decoder_hidden_size=5, context="mean")) == []


@pytest.mark.parametrize("settings", [{"context_size": 2}, {"context": "attention"}])
def test_a_context_vector_that_enters_nowhere_is_refused(settings):
    name, value = next(iter(settings.items()))
    with pytest.raises(ParameterError, match=f"{name} is {value!r} but initial_state is False"):
        Network(hidden_size=3, attention="dot", initial_state=False, **settings)


# --- start ---


def test_without_an_initial_state_the_decoder_starts_from_zeros():
    model = build(Network(hidden_size=3, initial_state=False, feed_context=True))
    state, _ = model.start(encode(model))
    assert not state.recurrent.hidden.any()
    assert not state.recurrent.cell.any()
    assert model.bridge is None


def test_the_initial_state_is_the_encoders_where_sizes_agree():
    model = build(Network(hidden_size=3, num_layers=2))
    encoding = encode(model)
    state, memory = model.start(encoding)
    assert torch.equal(state.recurrent.hidden, encoding.encoded.final.hidden)
    assert torch.equal(state.recurrent.cell, encoding.encoded.final.cell)
    close(memory.context, encoding.encoded.final.hidden[:, 0, -1])


@pytest.mark.parametrize(("context", "context_size"), [("mean", None), ("mean", 2), ("last", 2)])
def test_another_context_vector_makes_the_hidden_state_and_the_cell_is_still_carried(context, context_size):
    model = build(Network(hidden_size=3, decoder_num_layers=2, context=context, context_size=context_size))
    encoding = encode(model)
    state, memory = model.start(encoding)
    expected = torch.tanh(memory.context @ model.summary.weight.T + model.summary.bias)
    close(state.recurrent.hidden[:, 0].flatten(1), expected)
    final = encoding.encoded.final
    close(state.recurrent.cell, torch.cat([final.cell, final.cell], dim=2))


def test_the_memory_holds_what_the_parts_need_and_nothing_else():
    encoding_parts = {"keys", "values", "mask"}
    model = build(Network(hidden_size=3, residual=None), dataclasses.replace(SHAPE, decoder_covariates=0))
    encoding = model.encode(normal(ROWS, PLACES, WIDTH), LENGTHS)
    _, memory = model.start(encoding)
    assert {name for name, value in vars(memory).items() if value is not None} == {"context"}

    model = build(Network(hidden_size=3, attention="additive"))
    encoding = encode(model)
    state, memory = model.start(encoding)
    assert {name for name, value in vars(memory).items() if value is None} == {"copyable"}
    assert encoding_parts <= set(vars(memory))
    assert torch.equal(memory.values, encoding.encoded.states)
    assert torch.equal(memory.mask[:, 0], encoding.encoded.mask)
    close(memory.keys, encoding.encoded.states @ model.decoder.attention.key.weight.T)
    assert state.attentional is None


def test_a_residual_remembers_the_last_valid_segments():
    model = build(Network(hidden_size=3, residual="season"))
    inputs = normal(ROWS, PLACES, WIDTH)
    encoding = model.encode(inputs, LENGTHS, normal(ROWS, SHAPE.steps, 1))
    state, memory = model.start(encoding)
    for row, length in enumerate(LENGTHS.tolist()):
        earlier = inputs[row, length - 2, :2] if length >= 2 else torch.zeros(2, dtype=torch.float64)
        close(memory.recent[row], torch.stack([earlier, inputs[row, length - 1, :2]]))
        close(state.history[row, 0], earlier[None])


# --- build_forecaster ---


def parts(model):
    return [type(part) for part in model.decoder.inputs]


@pytest.mark.parametrize(
    ("settings", "covariates", "expected"),
    [
        ({}, 0, [PreviousOutput]),
        ({"feed_output": False}, 0, [NoInput]),
        ({"feed_output": False, "feed_context": True}, 0, [FeedContext]),
        ({"feed_context": True}, 1, [PreviousOutput, DecoderCovariates, FeedContext]),
        ({"feed_output": False}, 1, [DecoderCovariates]),
        ({"decoding": "parallel"}, 0, [Position]),
        ({"decoding": "parallel", "feed_context": True}, 1, [Position, DecoderCovariates, FeedContext]),
    ],
)
def test_what_enters_the_decoder(settings, covariates, expected):
    shape = dataclasses.replace(SHAPE, decoder_covariates=covariates)
    assert parts(build(Network(hidden_size=3, **settings), shape)) == expected


@pytest.mark.parametrize(
    ("segment_length", "embedding_size", "expected"),
    [(2, None, 3), (1, None, None), (2, 0, None), (1, 4, 4), (2, 4, 4)],
)
def test_segments_are_embedded_and_single_values_are_not_unless_told(
    segment_length, embedding_size, expected
):
    shape = dataclasses.replace(SHAPE, segment_length=segment_length)
    model = build(Network(hidden_size=3, embedding_size=embedding_size), shape)
    assert model.embedding.output_size == (expected or shape.segment_width + 1)
    decoder_embedding = model.decoder.inputs[0].embedding
    assert decoder_embedding.output_size == (expected or shape.segment_width)
    assert model.embedding is not decoder_embedding


def test_encoder_and_decoder_may_differ_in_depth_and_width():
    model = build(Network(hidden_size=3, num_layers=2, decoder_hidden_size=5, decoder_num_layers=1))
    assert (model.encoder.forwards[0].hidden_size, model.encoder.forwards[0].num_layers) == (3, 2)
    assert (model.decoder.recurrent.hidden_size, model.decoder.recurrent.num_layers) == (5, 1)
    same = build(Network(hidden_size=3, num_layers=2))
    assert (same.decoder.recurrent.hidden_size, same.decoder.recurrent.num_layers) == (3, 2)


def test_the_cell_is_that_of_the_settings():
    for cell, kind in {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}.items():
        model = build(Network(cell=cell, hidden_size=3))
        assert isinstance(model.encoder.forwards[0].layers, kind)
        assert isinstance(model.decoder.recurrent.layers, kind)


def test_several_targets_and_the_width_of_a_segment():
    shape = SeriesShape(segment_length=3, steps=2, targets=2)
    assert shape.segment_width == 12
    model = build(Network(hidden_size=3), shape, Quantiles([0.2, 0.5]))
    state, memory = model.start(model.encode(normal(ROWS, PLACES, 12)))
    outputs, _, _ = model.run(normal(ROWS, 2, 12), state, memory)
    assert outputs.shape == (ROWS, 2, 3, 2, 2)


def test_an_untrained_residual_network_repeats_the_season_where_its_head_is_zero():
    shape = SeriesShape(segment_length=2, steps=5, season_segments=3)
    for decoding in ("autoregressive", "parallel"):
        model = build(Network(hidden_size=3, residual="season", decoding=decoding), shape, Point())
        nn.init.zeros_(model.decoder.head.linear.weight)
        nn.init.zeros_(model.decoder.head.linear.bias)
        inputs = normal(1, PLACES, 4)
        outputs = unroll(
            model, model.encode(inputs), steps=5, first=inputs[:, -1:], feedback=feedback
        ).outputs
        expected = [inputs[0, -3 + step % 3, :2] for step in range(5)]
        close(outputs[0, 0, :, :, 0, 0], torch.stack(expected))


# --- it learns ---


def feedback(outputs):
    values = outputs[..., 0].flatten(2)
    return torch.cat([values, torch.ones_like(values)], dim=-1)


@pytest.mark.parametrize(
    "network",
    [
        Network(hidden_size=16, residual=None),
        Network(cell="gru", hidden_size=16, attention="additive", residual="value"),
        Network(hidden_size=16, decoding="parallel", attention="dot", residual=None),
        Network(encoder="convolutional", hidden_size=16, num_layers=2, attention="dot", residual=None),
        Network(encoder="attention", hidden_size=16, num_layers=2, attention="dot", residual=None),
        Network(encoder="convolutional+recurrent", hidden_size=16, output_reads="context", residual=None),
    ],
    ids=["lstm", "gru with attention and residual", "parallel", "convolutional", "attention", "both"],
)
@pytest.mark.parametrize("task", ["copy", "shift"])
def test_a_network_learns_to_copy_and_to_continue_a_sine(network, task):
    steps, length = 6, 2
    model = build_forecaster(network, Point("mse"), SeriesShape(segment_length=length, steps=steps))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def batch():
        phase = torch.rand(16, 1) * 2 * math.pi
        wave = torch.sin(phase + torch.arange(2 * steps * length) * 2 * math.pi / 9)
        segments = wave.reshape(16, 2 * steps, length)
        segments = torch.cat([segments, torch.ones_like(segments)], dim=-1)
        context, ahead = segments[:, :steps], segments[:, steps:]
        return context, context if task == "copy" else ahead

    def loss(truth_fed):
        context, target = batch()
        parameters = unroll(
            model,
            model.encode(context),
            steps=steps,
            first=context[:, -1:],
            feedback=feedback,
            truth=target if truth_fed else None,
        ).outputs[:, 0]
        return model.decoder.head.output.elementwise_loss(parameters[..., 0, :], target[..., :length]).mean()

    with torch.no_grad():
        before = loss(truth_fed=False).item()
    for step in range(150):
        optimizer.zero_grad()
        loss(truth_fed=step < 50).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        after = loss(truth_fed=False).item()
    assert after < before / 10
