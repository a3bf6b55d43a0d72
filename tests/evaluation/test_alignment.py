"""Frames of what translations attended to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.evaluation.alignment import alignment_frame

COLUMNS = ["sentence", "step", "place", "target", "source", "weight"]


def hypothesis(steps: int, places: int, seed: int = 0) -> Hypothesis:
    logits = torch.randn(steps, places, generator=torch.Generator().manual_seed(seed))
    scores = (-0.1,) * steps
    return Hypothesis((5,) * steps, sum(scores), -0.1, scores, logits.softmax(-1), True)


class TestRows:
    def test_each_is_a_cell_of_an_alignment(self) -> None:
        found = [hypothesis(2, 3), hypothesis(3, 1, seed=1)]
        sources, targets = [["a", "b", "c"], ["a"]], [["x", "<eos>"], ["y", "x", "<eos>"]]
        frame = alignment_frame(found, sources, targets)
        assert list(frame.columns) == COLUMNS
        expected = [
            (sentence, step + 1, place + 1, targets[sentence][step], sources[sentence][place], weight)
            for sentence, best in enumerate(found)
            for step, row in enumerate(best.alignment.tolist())
            for place, weight in enumerate(row)
        ]
        assert list(frame.itertuples(index=False, name=None)) == expected
        assert frame.index.tolist() == list(range(9))

    def test_a_sentence_without_hypothesis_or_source_has_none(self) -> None:
        found = [None, hypothesis(1, 2), hypothesis(2, 0), hypothesis(1, 1)]
        frame = alignment_frame(found, [["a"], ["a", "b"], [], ["c"]], [[], ["x"], ["x", "y"], ["z"]])
        assert frame["sentence"].tolist() == [1, 1, 3]

    def test_no_sentence_gives_the_same_columns_of_the_same_types(self) -> None:
        some = alignment_frame([hypothesis(1, 1)], [["a"]], [["x"]])
        pd.testing.assert_series_equal(alignment_frame([], [], []).dtypes, some.dtypes)
        pd.testing.assert_series_equal(alignment_frame([None], [["a"]], [[]]).dtypes, some.dtypes)

    def test_of_a_translator(self) -> None:
        model = Seq2SeqTranslator(
            network=Network(hidden_size=6, attention="dot"),
            training=Training(max_steps=2, progress=False, precision="float32"),
        ).fit(["one two", "three"], ["eins zwei", "drei"])
        sources = ["one two", "three", "tow"]
        found = [row[0] for row in model.translate(sources, beam_size=2)]
        source, target = model.fitted_.source, model.fitted_.target
        frame = alignment_frame(
            found,
            [source.names(source.encode(text)) for text in sources],
            [target.names(best.tokens) for best in found],
        )
        sums = frame.groupby(["sentence", "step"])["weight"].sum()
        np.testing.assert_allclose(sums, 1.0, rtol=1e-5)
        assert len(sums) == sum(len(best.tokens) for best in found)
        for number, text in enumerate(sources):
            first = frame[(frame["sentence"] == number) & (frame["step"] == 1)]
            assert "".join(first["source"]) == text


class TestRefusals:
    def test_no_attention(self) -> None:
        without = Hypothesis((5,), -0.1, -0.1, (-0.1,), None, True)
        with pytest.raises(ParameterError, match="the network has none; fit with Network"):
            alignment_frame([without], [["a"]], [["x"]])

    @pytest.mark.parametrize(
        ("sources", "targets", "message"),
        [
            ([], [["x"]], "source_names has 0 sentences and hypotheses 1"),
            ([["a"]], [["x"], ["y"]], "target_names has 2 sentences and hypotheses 1"),
            (
                [["a"]],
                [["x"]],
                r"hypotheses\[0\] has an alignment of 1 written and 2 read tokens, but 1 target_names",
            ),
            ([["a", "b"]], [[]], r"hypotheses\[0\] .* but 0 target_names and 2 source_names"),
        ],
        ids=["sources", "targets", "read", "written"],
    )
    def test_other_numbers_of_names(
        self, sources: list[list[str]], targets: list[list[str]], message: str
    ) -> None:
        with pytest.raises(DataError, match=message):
            alignment_frame([hypothesis(1, 2)], sources, targets)
