"""Gradients of every part by finite differences in float64, and bf16 beside float64 at extreme scales.

Parts come from the registries: a class that is written gets its test by its name.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

import tsseq2seq.nn.outputs  # noqa: F401 (enters the outputs)
from tests.nn.losses.test_sequence_losses import FLAT, OFFSETS, VOCABULARY, decoded
from tests.nn.test_encoder_decoder import PLACES, SHAPE, WIDTH, DoubleHead
from tsseq2seq.forecasting.network import build_forecaster
from tsseq2seq.nn.attention import ALIGNMENTS, ATTENTIONS
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.losses import (
    LOSSES,
    SEQUENCE_LOSSES,
    TOKEN_LOSSES,
    WINDOW_LOSSES,
    ContextLoss,
    CoverageLoss,
    MonotonicAlignment,
    NegativeSampling,
)
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned, Output, Point, Quantiles, Tokens
from tsseq2seq.nn.positions import POSITIONS
from tsseq2seq.nn.residuals import RESIDUALS
from tsseq2seq.settings import Settings

ROWS = 2
LENGTHS = torch.tensor([4, 2])


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def ours(registry: Any) -> list[str]:
    """Return the names of the library's classes: other tests enter their own."""
    return [name for name in registry if registry[name].__module__.startswith("tsseq2seq.")]


def networks() -> dict[str, dict[str, Any]]:
    """Return the settings of networks that hold every class of the registries."""
    found: dict[str, dict[str, Any]] = {}
    for name in ours(CELLS):
        found[f"cell {name}"] = {"cell": name}
        found[f"cells {name}"] = {"cell": name, "num_layers": 2, "bidirectional": True}
    for name in ours(ENCODERS):
        found[f"encoder {name}"] = {"encoder": name, "attention": "dot"}
        for option in ("bidirectional", "causal"):
            if option in ENCODERS[name].takes:
                found[f"encoder {name}, {option}"] = {"encoder": name, option: True}
    for name in ours(ATTENTIONS):
        found[f"attention {name}"] = {"attention": name}
        found[f"attention {name} before"] = {"attention": name, "attention_position": "before"}
        found[f"input feeding of {name}"] = {"attention": name, "input_feeding": True}
        if ATTENTIONS[name].takes_coverage:
            found[f"coverage of {name}"] = {"attention": name, "attention_coverage": True}
    for name in ours(ALIGNMENTS):
        found[f"alignment {name}"] = {"attention": "dot", "attention_alignment": name, "attention_window": 1}
    for name in ours(POSITIONS):
        count = {"num_positions": 6} if name == "learned" else {}
        found[f"positions {name}"] = {"encoder": "attention", "positions": name, **count}
    for name in ours(CONTEXTS):
        found[f"context {name}"] = {"context": name, "feed_context": True}
    for value in [value for value in RESIDUALS if value != "smoothing"]:  # its base is given, not computed
        found[f"residual {value}"] = {"residual": value}
    found["several seasons"] = {"residual": "season", "residual_seasons": 2, "residual_weights": "learned"}
    found["parallel"] = {"decoding": "parallel", "feed_context": True, "feed_output": False}
    found["learned first state"] = {"initial_state": "learned", "feed_context": True}
    found["reads"] = {"output_reads": "previous+context", "context_size": 2}
    found["another width"] = {"decoder_hidden_size": 3, "decoder_num_layers": 2, "embedding_size": 2}
    return found


NETWORKS = networks()


def build(settings: dict[str, Any], output: Output, *, double: bool = True) -> Any:
    torch.manual_seed(0)
    shape = dataclasses.replace(SHAPE, season_segments=1) if "residual_seasons" in settings else SHAPE
    model = build_forecaster(Network(hidden_size=4, **settings), output, shape)
    if double:
        model = model.double()
        model.decoder.head = DoubleHead(model.decoder.head)
    return model.eval()


def run(model: Any, inputs: Tensor, previous: Tensor, covariates: Tensor) -> Tensor:
    """Return all outputs of a network under teacher forcing."""
    state, memory = model.start(model.encode(inputs, LENGTHS, covariates))
    if model.fused:
        return model.run(previous, state, memory)[0]
    outputs = []
    for t in range(previous.shape[1]):
        output, state, _ = model.step(previous[:, t : t + 1], t, state, memory)
        outputs.append(output)
    return torch.cat(outputs, 1)


def check(function: Callable[..., Any], *values: Tensor) -> None:
    """Hold gradients against finite differences."""
    assert gradcheck(function, tuple(value.requires_grad_() for value in values), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str) -> None:
    """With regard to everything that they read, and to every weight."""
    model = build(NETWORKS[name], Quantiles())
    names = [key for key, _ in model.named_parameters()]

    def outputs(inputs: Tensor, previous: Tensor, covariates: Tensor, *weights: Tensor) -> Tensor:
        given = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(
            _Run(model), {f"model.{k}": v for k, v in given.items()}, (inputs, previous, covariates)
        )

    values = (
        normal(ROWS, PLACES, WIDTH),
        normal(ROWS, SHAPE.steps, SHAPE.segment_width, seed=1),
        normal(ROWS, SHAPE.steps, 1, seed=2),
        *(weight.detach().clone() for weight in model.parameters()),
    )
    leaves = tuple(value.requires_grad_() for value in values)
    assert gradcheck(outputs, leaves, atol=1e-6, rtol=1e-5, fast_mode=True)
    reached = torch.autograd.grad(outputs(*leaves).square().sum(), leaves, allow_unused=True)
    unused = [key for key, gradient in zip(names, reached[3:], strict=True) if gradient is None]
    assert unused == [], "weights that nothing depends on"


class _Run(torch.nn.Module):
    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Tensor, previous: Tensor, covariates: Tensor) -> Tensor:
        return run(self.model, inputs, previous, covariates)


EDGES = (-2.0, -1.0, 0.0, 1.0, 2.0)


def outputs() -> list[Output]:
    """Return every output of series, and with every loss that it takes."""
    kinds = [
        kind
        for kind in Settings.registry.values()
        if issubclass(kind, Output)
        and not inspect.isabstract(kind)
        and kind.__module__.startswith("tsseq2seq.")
    ]
    kinds = [kind for kind in kinds if kind not in (Tokens, Binned, Point)]
    return [Binned(bins=4, edges=EDGES), *[Point(loss) for loss in LOSSES], *[kind() for kind in kinds]]


@pytest.mark.parametrize("output", outputs(), ids=repr)
def test_outputs(output: Output) -> None:
    truth = normal(5, seed=3).abs().round() if output.counts else normal(5, seed=3).abs()

    def losses(raw: Tensor, base: Tensor) -> Tensor:
        return output.elementwise_loss(output.parameters(raw, base), truth)

    check(losses, normal(5, output.size), normal(5, seed=1))
    check(
        lambda raw: output.elementwise_loss(output.parameters(raw, None), truth),
        normal(5, output.size, seed=4),
    )


def losses_of_series() -> dict[str, Callable[[Tensor], Tensor]]:
    valid = torch.tensor([[True, True, False, True], [True] * 4, [False, True, True, True]])[..., None]
    truth, context = 5 + normal(3, 4, 1, seed=1), 5 + normal(3, 12, 1, seed=2)
    found: dict[str, Callable[[Tensor], Tensor]] = {}
    for name, loss in WINDOW_LOSSES.items():
        more: dict[str, Tensor] = {}
        if isinstance(loss, ContextLoss):
            more = {"context": context, "observed": torch.ones_like(context, dtype=torch.bool)}
        found[name] = lambda numbers, loss=loss, more=more: loss.windows(5 + numbers, truth, valid, **more)
    for name, function in LOSSES.items():
        found[name] = lambda numbers, function=function: function(5 + numbers, truth)
    return found


def losses_of_tokens() -> dict[str, Callable[[Tensor], Tensor]]:
    truth = torch.tensor([4, 0, 2, 5, 1])
    found: dict[str, Callable[[Tensor], Tensor]] = {}
    for name, loss in TOKEN_LOSSES.items():
        for smoothing in (0.0, 0.1) if loss.smooths else (0.0,):
            found[f"{name}, {smoothing}"] = lambda scores, loss=loss, smoothing=smoothing: (
                _sampled(loss, scores, truth)
                if isinstance(loss, NegativeSampling)
                else loss.tokens(scores, truth, smoothing)
            )
    return found


def _sampled(loss: NegativeSampling, scores: Tensor, truth: Tensor) -> Tensor:
    """Return the loss with the same tokens drawn at each call."""
    weight, bias = normal(VOCABULARY, VOCABULARY, seed=5), normal(VOCABULARY, seed=6)
    return loss.sampled(scores, weight, bias, truth, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", losses_of_series())
def test_losses_of_series(name: str) -> None:
    check(losses_of_series()[name], normal(3, 4, 1, seed=7))


@pytest.mark.parametrize("name", losses_of_tokens())
def test_losses_of_tokens(name: str) -> None:
    check(losses_of_tokens()[name], normal(5, VOCABULARY))


@pytest.mark.parametrize("name", SEQUENCE_LOSSES)
def test_losses_of_sequences(name: str) -> None:
    loss, batch = SEQUENCE_LOSSES[name], decoded()
    function = loss.function(FLAT, OFFSETS, VOCABULARY)

    def of_scores(hidden: Tensor, energies: Tensor) -> Tensor:
        weights = energies.masked_fill(~batch.source_mask[:, None], -torch.inf).softmax(-1)
        return function(dataclasses.replace(batch, hidden=hidden, weights=weights))

    assert isinstance(loss, MonotonicAlignment | CoverageLoss) is loss.reads_attention
    assert gradcheck(
        of_scores,
        (batch.hidden.clone().requires_grad_(), normal(3, 4, 5, seed=8).requires_grad_()),
        atol=1e-6,
    )


# --- bf16 ---

SCALES = [1e-6, 1.0, 1e6]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_in_bf16_are_near_those_in_float64(name: str, scale: float) -> None:
    """The loss is finite and as large; and so is the gradient."""
    model = build(NETWORKS[name], Point(), double=False)
    exact = copy.deepcopy(model).double()
    exact.decoder.head = DoubleHead(exact.decoder.head)
    inputs = normal(ROWS, PLACES, WIDTH) * scale
    previous = normal(ROWS, SHAPE.steps, SHAPE.segment_width, seed=1) * scale
    covariates = normal(ROWS, SHAPE.steps, 1, seed=2)
    expected = run(exact, inputs, previous, covariates).abs().mean()
    with torch.autocast("cpu", torch.bfloat16):
        found = run(model, *(part.float() for part in (inputs, previous, covariates))).float().abs().mean()
    found.backward()
    assert found.item() == pytest.approx(expected.item(), rel=0.05, abs=0.01)
    assert all(w.grad is None or w.grad.isfinite().all() for w in model.parameters())


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("output", outputs(), ids=repr)
def test_losses_in_bf16_are_near_those_in_float64(output: Output, scale: float) -> None:
    """Raw outputs and truths of every size: the last layer's are float32 whatever the products are."""
    raw, truth = normal(50, output.size) * scale, normal(50, seed=3).abs() * scale
    truth = truth.round() if output.counts else truth
    expected = output.elementwise_loss(output.parameters(raw, None), truth)
    leaf = raw.float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = output.elementwise_loss(output.parameters(leaf, None), truth.float())
    found.sum().backward()
    assert found.isfinite().all()
    assert leaf.grad is not None
    assert leaf.grad.isfinite().all()
    torch.testing.assert_close(found.double().mean(), expected.mean(), rtol=1e-3, atol=1e-6)
