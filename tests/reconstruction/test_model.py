"""The model: what its outputs depend on, in either order, and how values are hidden from it."""

from __future__ import annotations

import itertools

import pytest
import torch

from tsseq2seq import Network
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.registry import resolve_scaling
from tsseq2seq.nn.outputs import Point
from tsseq2seq.reconstruction.covering import windows_of
from tsseq2seq.reconstruction.model import WindowModel
from tsseq2seq.reconstruction.network import AutoencoderShape, build_autoencoder
from tsseq2seq.reconstruction.scaled_windows import ScaledWindows

LENGTH, SEGMENT, LATENT = 12, 3, 2
FED_LATENT = Network(
    hidden_size=6,
    context_size=LATENT,
    feed_output=False,
    feed_context=True,
    initial_state=False,
    residual=None,
)


def model_of(network: Network, *, reverse: bool = False, noise: float = 0.0) -> WindowModel:
    torch.manual_seed(0)
    shape = AutoencoderShape(segment_length=SEGMENT, segments=LENGTH // SEGMENT)
    return WindowModel(
        build_autoencoder(network, Point(), shape),
        covariates=None,
        output=Point(),
        scaling=resolve_scaling("window"),
        segment_length=SEGMENT,
        targets=1,
        reverse=reverse,
        noise=noise,
    ).eval()


@pytest.fixture
def scaled(panel_of) -> ScaledWindows:
    values = torch.randn(30, generator=torch.Generator().manual_seed(1)).tolist()
    windows = windows_of(panel_of(values), WindowShape(LENGTH, 0, SEGMENT), stride=4)
    return ScaledWindows.of(windows.gather(torch.arange(len(windows))), resolve_scaling("window"))


NETWORKS = [
    Network(hidden_size=6, context_size=LATENT, residual=None, cell=cell, **settings)
    for cell, settings in itertools.product(
        ("lstm", "gru", "mingru"),
        (
            {"feed_output": False, "feed_context": True, "initial_state": False},
            {"feed_output": False},
            {"bidirectional": True, "num_layers": 2, "feed_context": True},
            {"decoding": "parallel", "context": "mean"},
        ),
    )
]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_all_that_is_known_of_a_window_passes_through_its_latent_vector(network, scaled) -> None:
    model = model_of(network)
    latent = model.encode(scaled)
    assert latent.shape == (len(scaled.values), LATENT)
    written = model.decode(latent, None, LENGTH)
    assert written.shape == scaled.values.shape
    # other windows with the same latent vectors would be written alike
    (by_latent,) = torch.autograd.grad(written.square().sum(), latent)
    assert (by_latent != 0).any(1).all()
    assert torch.equal(model.decode(latent.detach(), None, LENGTH), written)


def test_nothing_leads_past_the_latent_vector(scaled) -> None:
    """Of an LSTM's final state the cell state, too, would tell the decoder of the window."""
    model = model_of(Network(hidden_size=6, context_size=LATENT, feed_output=False, residual=None))
    assert model.network.bridge is None
    assert model.network.summary is not None
    assert model.network.summary.in_features == LATENT


def test_a_reversed_decoder_writes_the_last_segment_first(scaled) -> None:
    forward, backward = model_of(FED_LATENT), model_of(FED_LATENT, reverse=True)
    latent = forward.encode(scaled)
    assert torch.equal(latent, backward.encode(scaled)), "windows are read in their order"
    ahead, back = forward.decode(latent, None, LENGTH), backward.decode(latent, None, LENGTH)
    assert torch.equal(ahead, back.flip(1))


@pytest.mark.parametrize("reverse", [False, True])
def test_a_decoder_fed_the_truth_reads_what_lies_before_in_its_order(scaled, reverse) -> None:
    """With the truth fed, a step's output depends on segments before it; teacher forcing looks no further."""
    network = Network(hidden_size=6, context_size=LATENT, residual=None)
    model = model_of(network, reverse=reverse)
    values = scaled.values.clone().requires_grad_()
    fed = ScaledWindows(values, None, scaled.scale, None)
    latent = model.encode(scaled).detach()
    model.encode = lambda *_: latent  # type: ignore[method-assign]
    losses, _ = model.losses(fed, 1.0)
    place = SEGMENT if not reverse else LENGTH - 2 * SEGMENT
    (gradient,) = torch.autograd.grad(losses[:, place : place + SEGMENT].sum(), values)
    touched = (gradient != 0).any(0)[:, 0].tolist()
    before = range(SEGMENT) if not reverse else range(LENGTH - SEGMENT, LENGTH)
    expected = {*before, *range(place, place + SEGMENT)}
    assert {step for step, one in enumerate(touched) if one} == expected


def test_hidden_values_have_no_effect_but_count_in_the_loss(scaled) -> None:
    model = model_of(FED_LATENT)
    hidden = torch.zeros_like(scaled.values, dtype=torch.bool)
    hidden[:, 4:7] = True
    poisoned = ScaledWindows(scaled.values.masked_fill(hidden, 1e6), None, scaled.scale, None)
    assert torch.equal(model.encode(scaled, hidden), model.encode(poisoned, hidden))
    assert not torch.equal(model.encode(scaled, hidden), model.encode(scaled))
    losses, valid = model.losses(poisoned, hidden=hidden)
    assert valid.all()
    assert losses[:, 4:7].min() > 1e5


def test_noise_hides_its_share_and_only_in_training(scaled) -> None:
    model = model_of(FED_LATENT, noise=0.4)
    shares: list = []
    encode = model.encode

    def spy(batch: ScaledWindows, hidden: torch.Tensor | None = None) -> torch.Tensor:
        shares.append(None if hidden is None else float(hidden.float().mean()))
        return encode(batch, hidden)

    model.encode = spy  # type: ignore[method-assign]
    for seed in range(40):
        model(scaled, truth_probability=0.0, generator=torch.Generator().manual_seed(seed))
    assert sum(shares) / len(shares) == pytest.approx(0.4, abs=0.03)
    model.reconstruct(scaled)
    assert shares[-1] is None
