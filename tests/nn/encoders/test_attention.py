"""The attention encoder against torch.nn.TransformerEncoder with the same weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.encoders import AttentionEncoder
from tsseq2seq.nn.network import Network

STEPS, WIDTH, WIDE = 7, 8, 12


def build(**settings) -> AttentionEncoder:
    return AttentionEncoder(**({"input_size": WIDTH, "hidden_size": WIDTH} | settings)).double()


def torch_twin(encoder: AttentionEncoder, heads: int, layers: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        WIDTH, heads, WIDE, dropout=0.0, batch_first=True, norm_first=True, dtype=torch.float64
    )
    twin = nn.TransformerEncoder(
        layer, layers, norm=nn.LayerNorm(WIDTH, dtype=torch.float64), enable_nested_tensor=False
    )
    weights = {"norm.weight": encoder.norm.weight, "norm.bias": encoder.norm.bias}
    names = {
        "self_attn.in_proj_": "query_key_value.",
        "self_attn.out_proj.": "output.",
        "linear1.": "wide.",
        "linear2.": "narrow.",
        "norm1.": "attention_norm.",
        "norm2.": "feedforward_norm.",
    }
    ours = dict(encoder.blocks.named_parameters())
    for number in range(layers):
        for theirs, our in names.items():
            for kind in ("weight", "bias"):
                weights[f"layers.{number}.{theirs}{kind}"] = ours[f"{number}.{our}{kind}"]
    twin.load_state_dict({name: weight.detach() for name, weight in weights.items()})
    return twin


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("causal", [False, True])
def test_values_and_gradients_equal_those_of_torchs_transformer(heads, layers, causal):
    encoder = build(heads=heads, num_layers=layers, feedforward_size=WIDE, causal=causal)
    twin = torch_twin(encoder, heads, layers)
    lengths = torch.tensor([STEPS, 3, 1])
    inputs = torch.randn(3, STEPS, WIDTH, dtype=torch.float64)
    ours_in, twin_in = inputs.clone().requires_grad_(), inputs.clone().requires_grad_()
    ours = encoder(ours_in, lengths)
    expected = twin(
        encoder.positions(twin_in),
        mask=nn.Transformer.generate_square_subsequent_mask(STEPS, dtype=torch.float64) if causal else None,
        src_key_padding_mask=torch.where(ours.mask, 0.0, -torch.inf).double(),
        is_causal=causal,
    )
    expected = expected.masked_fill(~ours.mask[:, :, None], 0.0)
    torch.testing.assert_close(ours.states, expected, rtol=1e-10, atol=1e-11)
    factors = torch.randn_like(expected)
    (ours.states * factors).sum().backward()
    (expected * factors).sum().backward()
    torch.testing.assert_close(ours_in.grad, twin_in.grad, rtol=1e-9, atol=1e-10)
    theirs = twin.layers[0].linear1.weight.grad
    torch.testing.assert_close(encoder.blocks[0].wide.weight.grad, theirs, rtol=1e-9, atol=1e-10)


def test_heads_are_the_largest_of_4_2_and_1_that_divides_the_width_unless_told():
    for width, heads in ((8, 4), (6, 2), (9, 1)):
        assert AttentionEncoder(input_size=2, hidden_size=width).blocks[0].heads == heads
    assert AttentionEncoder(input_size=2, hidden_size=9, heads=3).blocks[0].heads == 3


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ParameterError, match="heads is 3, but hidden_size is 8"):
        AttentionEncoder(input_size=2, hidden_size=8, heads=3)


def test_the_settings_of_a_network_reach_it():
    network = Network(
        encoder="attention",
        hidden_size=6,
        num_layers=2,
        encoder_heads=3,
        feedforward_size=5,
        positions="learned",
        num_positions=11,
        causal=True,
        dropout=0.25,
    )
    encoder = AttentionEncoder.from_settings(network, input_size=4)
    assert (len(encoder.blocks), encoder.blocks[0].heads, encoder.blocks[0].wide.out_features) == (2, 3, 5)
    assert encoder.positions.weight.shape == (11, 6)
    assert encoder.read.in_features == 4
    assert all(block.causal and block.dropout == 0.25 for block in encoder.blocks)
    usual = AttentionEncoder.from_settings(Network(encoder="attention", hidden_size=6), input_size=6)
    assert isinstance(usual.read, nn.Identity)
    assert usual.blocks[0].wide.out_features == 24
