"""Patches: convolutions over steps and features in front of an encoder."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.encoders import RecurrentEncoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.patches import PatchedEncoder, Patches, PatchLayers

SMALL = Patches(channels=(3, 4))


def layers(patches: Patches = SMALL, features: int = 6, **settings) -> PatchLayers:
    return PatchLayers(
        patches, torch.full((features,), 0.5), torch.full((features,), 2.0), width=5, **settings
    )


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@given(length=st.integers(1, 40))
def test_steps_are_counted_as_the_layers_make_them(stride, length):
    patches = Patches(channels=(2,), stride=stride)
    steps, lengths = layers(patches)(torch.zeros(1, length, 6), torch.tensor([length]))
    assert steps.shape[1] == int(lengths) == patches.steps(length) == -(-length // stride)


@pytest.mark.parametrize("features", [1, 2, 3, 8])
@pytest.mark.parametrize("width", [1, 3, 5])
def test_any_number_of_features_has_a_width(features, width):
    built = layers(Patches(channels=(2, 3, 4), width=width), features)
    assert built(torch.randn(2, 7, features))[0].shape == (2, 4, built.output_size)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("poison", [1e30, float("nan"), float("inf")])
def test_a_sequence_is_the_same_alone_and_beside_longer_ones(stride, poison):
    built = layers(Patches(channels=(3, 4), stride=stride)).double()
    values = torch.randn(3, 11, 6, dtype=torch.float64)
    lengths = torch.tensor([11, 4, 1])
    for row, length in enumerate(lengths.tolist()):
        values[row, length:] = poison
    steps, counts = built(values, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone, _ = built(values[row : row + 1, :length])
        torch.testing.assert_close(steps[row, : int(counts[row])], alone[0])


def test_gradients_do_not_pass_through_padding():
    built = layers()
    values = torch.randn(2, 9, 6, requires_grad=True)
    steps, counts = built(values, torch.tensor([9, 4]))
    (steps[0].sum() + steps[1, : int(counts[1])].sum()).backward()
    assert not values.grad[1, 4:].any()
    assert values.grad[1, :4].any()


def test_a_filter_sees_neighbouring_steps_and_features_and_no_more():
    built = layers(Patches(channels=(4,), width=3, stride=1)).double()
    values = torch.randn(1, 9, 6, dtype=torch.float64)
    before, _ = built(values)
    values[0, 4, 2] += 3.0
    after, _ = built(values)
    changed = (before != after).any(-1)[0]
    assert changed.tolist() == [step in (3, 4, 5) for step in range(9)]


def test_the_encoder_and_its_mask_are_of_the_fewer_steps():
    inner = RecurrentEncoder("gru", input_size=5, hidden_size=4, bidirectional=True)
    encoder = PatchedEncoder(layers(), inner)
    encoded = encoder(torch.randn(2, 9, 6), torch.tensor([9, 3]))
    assert encoded.states.shape == (2, 5, 8)
    assert encoded.mask.sum(1).tolist() == [5, 2]
    assert encoder.output_size == inner.output_size
    assert encoder.final_state().hidden.shape == inner.final_state().hidden.shape


def test_it_is_not_chosen_by_name():
    with pytest.raises(TypeError, match="around an encoder"):
        PatchedEncoder.from_settings(Network(), input_size=3)


@pytest.mark.parametrize(
    ("settings", "error", "named"),
    [
        ({"width": 4}, ParameterError, "width is 4"),
        ({"width": 0}, ParameterError, "width is 0"),
        ({"stride": 0}, ParameterError, "stride is 0"),
        ({"channels": ()}, ParameterError, r"channels is \(\)"),
        ({"channels": (8, 0)}, ParameterError, "channels is 0"),
        ({"channels": 8}, ParameterTypeError, "channels is 8"),
        ({"channels": "8"}, ParameterTypeError, "channels is '8'"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_settings_that_make_no_sense_are_refused(settings, error, named):
    with pytest.raises(error, match=f"Patches: {named}"):
        Patches(**settings)
