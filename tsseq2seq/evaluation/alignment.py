"""Attention weights of translations as a frame: a row for each pair of target and source token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, ParameterError

__all__ = ["alignment_frame", "weights_frame"]


def alignment_frame(
    hypotheses: Sequence[Hypothesis | None],
    source_names: Sequence[Sequence[str]],
    target_names: Sequence[Sequence[str]],
) -> pd.DataFrame:
    """Return the attention weights of hypotheses.

    Parameters
    ----------
    hypotheses
        The best hypothesis of each sentence; None for a sentence without one.
    source_names, target_names
        The tokens of each sentence as texts: those of the source, and those of the hypothesis, with the end
        token if there is one.

    Returns
    -------
    pandas.DataFrame
        ``sentence`` (index in ``hypotheses``, from 0), ``step`` (position of the target token, from 1),
        ``place`` (position of the source token, from 1), ``target`` and ``source`` (the tokens), and
        ``weight``. The weights of a step add up to 1. A sentence without a hypothesis or without source
        tokens has no rows.

    Raises
    ------
    ParameterError
        If a hypothesis has no alignment.
    DataError
        If the number of names differs from the number of sentences, or of tokens in a sentence.

    Examples
    --------
    >>> import torch
    >>> weights = torch.tensor([[0.75, 0.25], [0.5, 0.5]])
    >>> best = Hypothesis((7, 2), -0.5, -0.25, (-0.3, -0.2), alignment=weights, finished=True)
    >>> alignment_frame([best], [["good", "day"]], [["hello", "<eos>"]])
       sentence  step  place target source  weight
    0         0     1      1  hello   good    0.75
    1         0     1      2  hello    day    0.25
    2         0     2      1  <eos>   good    0.50
    3         0     2      2  <eos>    day    0.50
    """
    for name, names in (("source_names", source_names), ("target_names", target_names)):
        if len(names) != len(hypotheses):
            raise DataError(
                f"{name} has {len(names)} sentences and hypotheses {len(hypotheses)}; they must agree"
            )
    weights = [
        None if best is None else _weights(best, row, (len(target_names[row]), len(source_names[row])))
        for row, best in enumerate(hypotheses)
    ]
    return weights_frame(weights, source_names, target_names)


def weights_frame(
    weights: Sequence[np.ndarray | None],
    source_names: Sequence[Sequence[str]],
    target_names: Sequence[Sequence[str]],
) -> pd.DataFrame:
    """Return attention weights (T, S) as :func:`alignment_frame` does, named by T targets and S sources.

    Parameters
    ----------
    weights
        Those of each sentence; None for a sentence that has no rows.
    source_names, target_names
        What each sentence read, and what was written.

    Examples
    --------
    >>> weights_frame([np.array([[0.75, 0.25]])], [["good", "day"]], [["hello"]])
       sentence  step  place target source  weight
    0         0     1      1  hello   good    0.75
    1         0     1      2  hello    day    0.25
    """
    columns: dict[str, list[np.ndarray]] = {
        name: [] for name in ("sentence", "step", "place", "target", "source", "weight")
    }
    for sentence, matrix in enumerate(weights):
        if matrix is None:
            continue
        step, source_position = np.indices(matrix.shape).reshape(2, -1)
        columns["sentence"].append(np.full(matrix.size, sentence))
        columns["step"].append(step + 1)
        columns["place"].append(source_position + 1)
        columns["target"].append(np.array(target_names[sentence], dtype=object)[step])
        columns["source"].append(np.array(source_names[sentence], dtype=object)[source_position])
        columns["weight"].append(matrix.reshape(-1))
    return pd.DataFrame(
        {name: np.concatenate([_EMPTY[name], *pieces]) for name, pieces in columns.items()}
    ).astype({"target": "str", "source": "str"})


# Empty columns of the right types, so that a frame without rows has them too.
_EMPTY = {
    **dict.fromkeys(("sentence", "step", "place"), np.empty(0, dtype=np.int64)),
    **dict.fromkeys(("target", "source"), np.empty(0, dtype=object)),
    "weight": np.empty(0, dtype=np.float32),
}


def _weights(best: Hypothesis, sentence: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the alignment (tokens, S) of a hypothesis; refuse one of another shape."""
    if best.alignment is None:
        raise ParameterError("attention: the network has none; fit with Network(attention='general')")
    weights = best.alignment.cpu().numpy()
    if weights.shape != shape:
        raise DataError(
            f"hypotheses[{sentence}] has an alignment of {weights.shape[0]} written and {weights.shape[1]} "
            f"read tokens, but {shape[0]} target_names and {shape[1]} source_names; they must agree"
        )
    return weights
