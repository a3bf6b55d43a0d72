"""What the demos share: their settings, and the folder of the generator of dates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tsseq2seq import Network, Seq2SeqTranslator, Training


@pytest.fixture
def learn() -> Callable[..., Seq2SeqTranslator]:
    """Train a small translator of characters: one layer of 64, ``steps`` of ``batch_size`` pairs."""

    def fit(
        sources: list[str], targets: list[str], *, steps: int, batch_size: int, seed: int = 0
    ) -> Seq2SeqTranslator:
        model = Seq2SeqTranslator(
            "char",
            network=Network(hidden_size=64, bidirectional=True, attention="general"),
            # so small a network learns in half the steps at more than the default rate
            training=Training(max_steps=steps, batch_size=batch_size, learning_rate=5e-3, progress=False),
            seed=seed,
        )
        return model.fit(sources, targets)

    return fit


@pytest.fixture(autouse=True)
def benchmarks_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """``dates`` is a script of the benchmarks, which are no package."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "benchmarks")
