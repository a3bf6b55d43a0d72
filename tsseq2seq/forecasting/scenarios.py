"""Scenarios: the likeliest whole futures of a binned series, found by beam search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.ensemble import EnsembleStepper
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.window_keys import window_keys
from tsseq2seq.nn.outputs import Binned

__all__ = ["check_scenarios", "search_scenarios"]

# Rows times beam size.
_CHUNK = 2048
# A beam no wider than the number of scenarios finds few that are likelier than a greedy path.
_MIN_BEAM = 20


def check_scenarios(members: Sequence[SeriesModel], targets: int) -> Binned:
    """Refuse models that have no scenarios; return their output.

    Raises
    ------
    ParameterError
        If the output is not :class:`Binned`, decoding is parallel, or there are several targets.
    """
    output = members[0].output
    if not isinstance(output, Binned):
        raise ParameterError(
            f"scenarios: the output is {type(output).__name__}; they are searched for among bins, so fit "
            "with output=Binned()"
        )
    if members[0].network.parallel:
        raise ParameterError(
            "scenarios: decoding is parallel, so that no step knows of another; fit with "
            "Network(decoding='autoregressive')"
        )
    if targets > 1:
        raise ParameterError(f"scenarios: the model has {targets} targets; one can be searched")
    return output


@torch.inference_mode()
def search_scenarios(
    members: Sequence[SeriesModel], windows: Windows, *, count: int, seed: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Search for the likeliest futures of all windows, or sample futures without replacement.

    Parameters
    ----------
    members
        Trained models with a :class:`Binned` output; their probabilities are averaged.
    windows
        The windows to forecast.
    count
        Scenarios of each window.
    seed
        Seed of a sample without replacement (stochastic beam search). None: search for the likeliest.

    Returns
    -------
    values : numpy.ndarray
        (windows, count, horizon) in original units, the likeliest first, or as drawn; each value is the
        centre of its bin.
    log_probabilities : numpy.ndarray
        (windows, count): the log-probabilities of the sequences of bins.

    Raises
    ------
    ParameterError
        If the models have no scenarios; see :func:`check_scenarios`.
    """
    output = check_scenarios(members, windows.panel.values.shape[1])
    device = windows.panel.values.device
    keys = None if seed is None else window_keys(windows, seed)
    beam = Beam(beam_size=max(count, _MIN_BEAM), n_best=count, length_normalization=None)

    def feedback(tokens: Tensor) -> Tensor:
        values = output.decode(tokens)[..., None]
        return torch.cat([values, torch.ones_like(values)], dim=-1)

    values, scores = [], []
    # what is sampled for a series is its own, whatever stands beside it
    chunk = max(1, _CHUNK // beam.beam_size) if keys is None else 1
    for index in torch.arange(len(windows), device=device).split(chunk):
        generator = None
        if keys is not None:
            generator = torch.Generator(device).manual_seed(int(keys[index[0]]) & (2**63 - 1))
        batch = windows.gather(index)
        scaled = members[0].scaled(batch)
        prepared = [model.prepare(scaled) for model in members]
        hypotheses = beam_search(
            # the output's parameters are the bins' log-probabilities, (B, Q, 1, 1, bins)
            EnsembleStepper([model.network for model in members], lambda output: output[..., 0, 0, :]),
            [
                model.network.encode(inputs.segments, inputs.lengths, inputs.covariates)
                for model, inputs in zip(members, prepared, strict=True)
            ],
            first=prepared[0].first,
            max_length=windows.shape.horizon,
            beam=beam,
            log_probabilities=lambda scores: scores,
            feedback=feedback,
            generator=generator,
        )
        tokens = torch.tensor([[one.tokens for one in row] for row in hypotheses], device=device)
        # the scenarios of a window stand on the axis of targets, because they share its scale
        paths = prepared[0].scale.inverse(output.decode(tokens).transpose(1, 2))
        values.append(windows.in_time(paths.transpose(1, 2), index, steps=2).cpu())
        scores.append(torch.tensor([[one.log_probability for one in row] for row in hypotheses]))
    return torch.cat(values).numpy(), torch.cat(scores).numpy()
