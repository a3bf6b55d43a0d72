"""What all outputs share."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.nn.outputs import (
    Binned,
    NegativeBinomial,
    Normal,
    Output,
    Point,
    Quantiles,
    StudentT,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)
from tsseq2seq.settings import Settings

# What the base shifts; for the others it is an argument of a link function, or a prior.
SHIFTED = [Point(), Point("mse"), Quantiles(), Quantiles([0.1, 0.5]), Normal(), StudentT()]
DEMAND = [ZeroInflatedNegativeBinomial(), Tweedie(), Tweedie(power=1.2)]
OUTPUTS = [*SHIFTED, *DEMAND, NegativeBinomial(), Binned(bins=4, edges=(-2.0, -1.0, 0.0, 1.0, 2.0))]
each_output = pytest.mark.parametrize("output", OUTPUTS, ids=repr)
each_shifted = pytest.mark.parametrize("output", SHIFTED, ids=repr)
each_coupled = pytest.mark.parametrize("output", [o for o in OUTPUTS if o.coupled], ids=repr)


def test_the_interface_itself_cannot_be_built():
    with pytest.raises(TypeError, match="abstract"):
        Output()


@each_output
def test_an_output_is_settings_and_can_be_found_by_name(output):
    assert isinstance(output, Settings)
    assert Settings.registry[f"tsseq2seq.{type(output).__name__}"] is type(output)
    assert type(output)(**output.get_params()) == output


@each_output
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_shapes(output, shape):
    raw, base, truth = torch.randn(*shape, output.size), torch.randn(shape), torch.randn(shape)
    for given in (None, base):
        parameters = output.parameters(raw, given)
        assert parameters.shape[:-1] == shape
        assert output.point(parameters).shape == shape
        assert output.elementwise_loss(parameters, truth).shape == shape
        assert all(part.shape == shape for part in output.quantiles(parameters).values())


@each_shifted
def test_the_base_shifts_forecast_and_truth_alike(output):
    raw, base = torch.randn(5, output.size, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    truth = torch.randn(5, dtype=torch.float64)
    plain, shifted = output.parameters(raw, None), output.parameters(raw, base)
    torch.testing.assert_close(output.point(shifted), output.point(plain) + base, rtol=1e-12, atol=1e-12)
    loss = output.elementwise_loss(plain, truth)
    torch.testing.assert_close(output.elementwise_loss(shifted, truth + base), loss, rtol=1e-10, atol=1e-10)


@each_shifted
def test_the_loss_is_least_where_the_point_is_the_truth(output):
    truth = torch.randn(4)
    raw = torch.full((4, output.size), -30.0)  # quantiles all but on top of each other, a narrow distribution
    at_truth, above, below = (
        output.parameters(raw, truth - output.point(output.parameters(raw, None)) + shift)
        for shift in (0.0, 1.0, -1.0)
    )
    least = output.elementwise_loss(at_truth, truth)
    assert (output.elementwise_loss(above, truth) > least + 0.1).all()
    assert (output.elementwise_loss(below, truth) > least + 0.1).all()


@each_output
@pytest.mark.parametrize("scale", [1.0, 100.0, 1e4])
def test_losses_and_gradients_are_finite(output, scale):
    raw = (torch.randn(200, output.size) * scale).requires_grad_()
    loss = output.elementwise_loss(output.parameters(raw, None), torch.randn(200))
    loss.sum().backward()
    assert loss.isfinite().all()
    assert raw.grad.isfinite().all()


@each_output
def test_only_distributions_can_be_drawn_from(output):
    parameters = output.parameters(torch.randn(2, 3, output.size), None)
    if output.sampled:
        assert output.sample(parameters, None).shape == (2, 3)
    else:
        with pytest.raises(TypeError, match=type(output).__name__):
            output.sample(parameters, None)


@each_output
def test_what_an_output_says_of_itself_is_consistent(output):
    assert output.default_scaling in SCALINGS
    assert output.sampled or not output.coupled, "only what is drawn can be coupled"
    assert bool(output.probabilities) <= (not output.sampled)
    # centred counts could not be told from others
    assert not output.counts or output.needs_proportion


@pytest.mark.parametrize(
    "output", [Point(), Quantiles([0.2, 0.5, 0.9]), Point("mse"), Point("huber")], ids=repr
)
def test_equivariant_is_what_has_the_same_minimiser_among_logarithms(output):
    """The best constant for a sample, searched among its values, and that for the sample's exponentials."""
    sample = torch.randn(51, dtype=torch.float64)

    def best(values: torch.Tensor, number: int) -> int:
        # a row for each constant; all other quantiles stay where they are
        parameters = torch.zeros(len(values), len(values), output.size, dtype=values.dtype)
        parameters[..., number] = values[:, None]
        return int(output.elementwise_loss(parameters, values.expand(len(values), -1)).sum(1).argmin())

    same = [best(sample, number) == best(sample.exp(), number) for number in range(output.size)]
    assert all(same) == output.equivariant


@each_coupled
def test_given_noise_decides_a_draw_and_scores_bring_it_back_in_order(output):
    """Quantities that the noise drives upwards: the same noise twice gives draws in the same order."""
    parameters = output.parameters(torch.randn(1, output.size), None).expand(400, -1)
    noise = torch.linspace(-3, 3, 400)
    drawn = output.sample(parameters, torch.Generator().manual_seed(0), noise=noise)
    again = output.sample(parameters, torch.Generator().manual_seed(0), noise=noise)
    assert torch.equal(drawn, again)
    scores = output.normal_scores(parameters, drawn)
    assert torch.corrcoef(torch.stack([scores, noise]))[0, 1] > 0.85


@each_output
def test_only_coupled_outputs_have_scores(output):
    parameters, truth = output.parameters(torch.randn(2, 3, output.size), None), torch.randn(2, 3)
    if output.coupled:
        scores = output.normal_scores(parameters, truth)
        assert scores.shape == (2, 3)
        assert scores.isfinite().all()
    else:
        with pytest.raises(TypeError, match=type(output).__name__):
            output.normal_scores(parameters, truth)


@each_output
def test_units_matter_to_counts_alone(output):
    parameters = output.parameters(torch.randn(5, output.size), None)
    truth, unit = torch.randint(0, 3, (5,)).float(), torch.full((5,), 6.0)
    plain, by_unit = (output.elementwise_loss(parameters, truth, u) for u in (None, unit))
    assert torch.equal(plain, by_unit) is not output.counts
    assert torch.equal(output.elementwise_loss(parameters, truth, torch.ones(5)), plain)


@each_output
def test_the_probabilities_are_those_of_the_quantiles(output):
    parameters = output.parameters(torch.randn(2, output.size), None)
    assert tuple(output.quantiles(parameters)) == output.probabilities
