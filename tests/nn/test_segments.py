"""Segments against loops over single values."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.outputs import Point, Quantiles
from tsseq2seq.nn.segments import SegmentEmbedding, SegmentHead, last_segments, to_segments


@pytest.mark.parametrize("length", [1, 2, 3, 6])
@pytest.mark.parametrize("features", [1, 2])
def test_to_segments_places_every_value_and_its_mask(length, features):
    values, mask = torch.randn(2, 6, features), torch.rand(2, 6, features) < 0.7
    segments = to_segments(values, mask, length)
    assert segments.shape == (2, 6 // length, 2 * length * features)
    for row in range(2):
        for time in range(6):
            for feature in range(features):
                segment, place = divmod(time, length)
                column = place * features + feature
                assert segments[row, segment, column] == values[row, time, feature]
                assert segments[row, segment, length * features + column] == float(mask[row, time, feature])


def test_to_segments_keeps_the_type_of_the_values():
    values = torch.ones(1, 2, 1, dtype=torch.float64)
    assert to_segments(values, values > 0, 2).dtype == torch.float64


@pytest.mark.parametrize("count", [1, 3, 6])
def test_last_segments_equals_python_slices(count):
    lengths = [5, 2, 0, 1]
    segments = torch.randn(4, 5, 3)
    zeros = [[0.0] * 3] * count
    expected = [(zeros + row[:n])[-count:] for row, n in zip(segments.tolist(), lengths, strict=True)]
    assert last_segments(segments, torch.tensor(lengths), count).tolist() == expected
    expected = [(zeros + row)[-count:] for row in segments.tolist()]
    assert last_segments(segments, None, count).tolist() == expected


def test_last_segments_never_reads_the_padding():
    segments = torch.randn(3, 5, 2)
    lengths = torch.tensor([3, 1, 0])
    dirty = segments.clone()
    for row, length in enumerate(lengths.tolist()):
        dirty[row, length:] = float("nan")
    assert torch.equal(last_segments(dirty, lengths, 4), last_segments(segments, lengths, 4))


def test_embedding_is_linear_then_relu():
    embedding = SegmentEmbedding(4, 3).double()
    segments = torch.randn(2, 5, 4, dtype=torch.float64)
    linear = embedding.layers[0]
    expected = (segments @ linear.weight.T + linear.bias).clamp(min=0)
    torch.testing.assert_close(embedding(segments), expected, rtol=1e-12, atol=1e-12)
    assert embedding.output_size == 3


def test_embedding_of_width_0_is_the_segment_itself():
    embedding = SegmentEmbedding(4, 0)
    segments = torch.randn(2, 5, 4)
    assert torch.equal(embedding(segments), segments)
    assert embedding.output_size == 4
    assert not list(embedding.parameters())


@pytest.mark.parametrize("output", [Point(), Quantiles([0.1, 0.5, 0.8])], ids=["point", "quantiles"])
@pytest.mark.parametrize("with_base", [False, True], ids=["plain", "residual"])
def test_head_gives_the_parameters_of_each_value(output, with_base):
    length, targets = 3, 2
    head = SegmentHead(output, hidden_size=4, length=length, targets=targets)
    hidden = torch.randn(2, 5, 4)
    base = torch.randn(2, 5, length * targets) if with_base else None
    parameters = head(hidden, base)
    assert parameters.shape == (2, 5, length, targets, output.size)
    raw = hidden @ head.linear.weight.T + head.linear.bias
    for place in range(length):
        for target in range(targets):
            value = place * targets + target
            one = raw[..., value * output.size : (value + 1) * output.size]
            expected = output.parameters(one, None if base is None else base[..., value])
            torch.testing.assert_close(parameters[:, :, place, target], expected, rtol=1e-6, atol=1e-6)


def test_head_reads_segments_in_the_order_that_to_segments_writes_them():
    # a base cut by to_segments must be added to the very same (time, target) places
    values = torch.randn(1, 6, 2)
    segments = to_segments(values, torch.ones_like(values, dtype=torch.bool), 3)
    head = SegmentHead(Point(), hidden_size=4, length=3, targets=2)
    torch.nn.init.zeros_(head.linear.weight)
    torch.nn.init.zeros_(head.linear.bias)
    parameters = head(torch.randn(1, 2, 4), segments[..., :6])
    assert torch.equal(parameters.reshape(1, 6, 2), values)


def test_head_is_float32_under_bf16_autocast():
    head = SegmentHead(Point(), hidden_size=4, length=2, targets=1)
    with torch.autocast("cpu", torch.bfloat16):
        assert head(torch.randn(2, 1, 4), torch.randn(2, 1, 2)).dtype == torch.float32
