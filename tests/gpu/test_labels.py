"""Labels on a GPU: the same probabilities as on the CPU, and models that move between the two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tsseq2seq import Network, Seq2SeqClassifier, Seq2SeqTagger, Training, load

pytestmark = pytest.mark.gpu

WORDS = [["a", "b"], ["b"], ["b", "a", "c"], ["a"]] * 4
ARRAYS = [np.full((2 + row % 3, 2), row % 2) for row in range(16)]


def models() -> list[tuple[Any, Any, Any]]:
    training = Training(max_steps=20, validation_size=2, device="cuda", progress=False)
    settings = {"network": Network(hidden_size=8, bidirectional=True), "training": training}
    return [
        (estimator, X, [row % 2 for row in range(16)] if classes else [[step % 2 for step in range(len(one))] for one in X])
        for X in (WORDS, ARRAYS)
        for estimator, classes in (
            (Seq2SeqClassifier(**settings), True),
            (Seq2SeqTagger(**settings), False),
            (Seq2SeqTagger(crf=True, **settings), False),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(6))
def test_a_model_says_on_the_gpu_what_it_says_on_the_cpu(number: int, tmp_path: Path) -> None:
    estimator, X, y = models()[number]
    model = estimator.fit(X, y)
    assert all(tensor.is_cuda for one in model.fitted_.members for tensor in one.state_dict().values())
    model.training = Training(device="cpu")
    model.save(tmp_path / "model")
    on_cpu = load(tmp_path / "model")
    assert not next(on_cpu.fitted_.members[0].parameters()).is_cuda
    for one, other in zip(model.predict_proba(X), on_cpu.predict_proba(X), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
