"""The three textbook decoder inputs, and what the output layer reads: shown by gradients.

Sutskever et al. 2014: the context vector is the first state, and enters nowhere else. Cho et al. 2014: it
enters every step, with or without the previous output. Which inputs a step's output depends on is read off
gradients with the step's state held fixed, so that nothing reaches it through earlier steps.
"""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nests import map_nest
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point

SHAPE = SeriesShape(segment_length=2, steps=4)
ROWS, PLACES, WIDTH = 3, 5, SHAPE.segment_width
FORMS = {
    "context as first state alone": (Network(feed_output=False), {"state"}),
    "context at every step": (Network(feed_output=False, feed_context=True), {"state", "context"}),
    "context and previous output at every step": (
        Network(feed_context=True),
        {"state", "context", "previous"},
    ),
    "previous output at every step": (Network(), {"state", "previous"}),
    "output layer reads the previous output": (
        Network(output_reads="previous"),
        {"state", "previous", "previous at the head"},
    ),
    "output layer reads the context": (
        Network(output_reads="context"),
        {"state", "previous", "context", "context at the head"},
    ),
    "output layer reads both": (
        Network(output_reads="previous+context", feed_context=True),
        {"state", "previous", "context", "previous at the head", "context at the head"},
    ),
}
each_form = pytest.mark.parametrize("form", FORMS)
each_cell = pytest.mark.parametrize("cell", ["lstm", "gru"])
each_encoder = pytest.mark.parametrize("encoder", ["recurrent", "attention"])


def build(form, cell, encoder="recurrent"):
    network = dataclasses.replace(
        FORMS[form][0], cell=cell, encoder=encoder, hidden_size=8, residual=None, context="mean"
    )
    model = build_forecaster(network, Point(), SHAPE)
    return model.double()


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def depends(output, leaf):
    (gradient,) = torch.autograd.grad(output.double().sin().sum(), leaf, retain_graph=True, allow_unused=True)
    return gradient is not None and bool(gradient.any())


@each_form
@each_cell
@each_encoder
def test_which_inputs_the_output_of_a_step_depends_on(form, cell, encoder):
    model = build(form, cell, encoder)
    state, memory = model.start(model.encode(normal(ROWS, PLACES, WIDTH), torch.tensor([5, 2, 4])))
    held = map_nest(lambda leaf: leaf.detach().requires_grad_(), state)
    context = memory.context.detach().requires_grad_()
    memory = dataclasses.replace(memory, context=context)
    previous = normal(ROWS, 1, WIDTH).requires_grad_()
    output, after, _ = model.step(previous, 0, held, memory)
    found = {
        "state": depends(output, held.recurrent.hidden),
        "context": depends(output, context),
        "previous": depends(output, previous),
        # what the head reads by itself does not pass through the recurrence
        "previous at the head": not same_readout(model, held, memory, previous, "previous"),
        "context at the head": not same_readout(model, held, memory, previous, "context"),
    }
    assert {name for name, there in found.items() if there} == FORMS[form][1]
    # the state after the step depends on what enters the recurrence, and on nothing else
    hidden = after.recurrent.hidden
    assert depends(hidden, context) == model_feeds(form, "feed_context")
    assert depends(hidden, previous) == model_feeds(form, "feed_output")


def model_feeds(form, name):
    return getattr(FORMS[form][0], name)


def same_readout(model, state, memory, previous, changed):
    """Whether the output stays if only the readout's own view of an input changes."""
    readout = model.decoder.readout
    if readout is None:
        return True
    before = model.step(previous, 0, state, memory)[0]

    def other(module, given):
        hidden, fed, context = given
        return (hidden, fed + 1, context) if changed == "previous" else (hidden, fed, context + 1)

    handle = readout.register_forward_pre_hook(other)
    after = model.step(previous, 0, state, memory)[0]
    handle.remove()
    return torch.equal(before, after)


@each_form
@each_cell
def test_over_all_steps_the_context_reaches_the_output_and_a_later_truth_does_not(form, cell):
    """Step t depends on the source and on outputs before t where they are fed, never on later ones."""
    model = build(form, cell)
    inputs = normal(ROWS, PLACES, WIDTH).requires_grad_()
    previous = normal(ROWS, SHAPE.steps, WIDTH).requires_grad_()
    state, memory = model.start(model.encode(inputs, torch.tensor([5, 2, 4])))
    outputs, _, _ = model.run(previous, state, memory)
    for t in range(SHAPE.steps):
        of_source, of_previous = torch.autograd.grad(
            outputs[:, t].double().sin().sum(), [inputs, previous], retain_graph=True, allow_unused=True
        )
        assert of_source[0].any(-1).all()
        assert of_source[1].any(-1).tolist() == [True, True, False, False, False]
        if not model_feeds(form, "feed_output"):
            assert of_previous is None or not of_previous.any()
            continue
        reaches = of_previous.any(-1).any(0).tolist()
        assert reaches == [place <= t for place in range(SHAPE.steps)]
