"""What all outputs share."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.outputs import Output, Point, Quantiles
from tsseq2seq.settings import Settings

OUTPUTS = [Point(), Point("mse"), Quantiles(), Quantiles([0.1, 0.5])]
each_output = pytest.mark.parametrize("output", OUTPUTS, ids=repr)


def test_the_interface_itself_cannot_be_built():
    with pytest.raises(TypeError, match="abstract"):
        Output()


@each_output
def test_an_output_is_settings_and_can_be_found_by_name(output):
    assert isinstance(output, Settings)
    assert Settings.registry[type(output).__name__] is type(output)
    assert type(output)(**output.get_params()) == output


@each_output
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_shapes(output, shape):
    raw, base, truth = torch.randn(*shape, output.size), torch.randn(shape), torch.randn(shape)
    for given in (None, base):
        parameters = output.parameters(raw, given)
        assert parameters.shape == raw.shape
        assert output.point(parameters).shape == shape
        assert output.elementwise_loss(parameters, truth).shape == shape
        assert all(part.shape == shape for part in output.quantiles(parameters).values())


@each_output
def test_the_base_shifts_all_parameters_alike(output):
    raw, base = torch.randn(5, output.size, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    shifted = output.parameters(raw, None) + base[:, None]
    torch.testing.assert_close(output.parameters(raw, base), shifted, rtol=1e-12, atol=1e-12)


@each_output
def test_the_loss_is_least_where_the_point_is_the_truth(output):
    truth = torch.randn(4)
    raw = torch.full((4, output.size), -30.0)  # quantiles all but on top of each other
    at_truth = output.parameters(raw.index_fill(-1, torch.arange(output.size), -30.0), None)
    at_truth = at_truth + (truth - output.point(at_truth))[:, None]
    assert (output.elementwise_loss(at_truth, truth).abs() < 1e-6).all()
    assert (output.elementwise_loss(at_truth + 1, truth) > 0.1).all()


@each_output
def test_the_probabilities_are_those_of_the_quantiles(output):
    parameters = output.parameters(torch.randn(2, output.size), None)
    assert tuple(output.quantiles(parameters)) == output.probabilities
