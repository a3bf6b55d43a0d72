"""Frames on a GPU: the same as on the CPU, and models that move between the two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tsseq2seq import Network, Seq2SeqSynthesizer, Training, load

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings(r"ignore:\d+ of \d+ texts were cut:tsseq2seq.errors.DataWarning"),
]

TEXTS = ["ab", "b", "bac", "a"] * 4
ARRAYS = [np.full((2 + row % 3, 2), row % 2) for row in range(16)]
NETWORKS = {
    "location": Network(encoder="convolutional", hidden_size=8, attention="location", initial_state="zeros"),
    "fused": Network(hidden_size=8, attention="dot", bidirectional=True),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_writes_on_the_gpu_what_it_writes_on_the_cpu(name: str, tmp_path: Path) -> None:
    training = Training(
        max_steps=20, validation_size=2, members=2, teacher_forcing=0.5, device="cuda", progress=False
    )
    model = Seq2SeqSynthesizer(network=NETWORKS[name], training=training).fit(TEXTS, ARRAYS)
    assert all(tensor.is_cuda for one in model.fitted_.members for tensor in one.state_dict().values())
    model.training = Training(device="cpu")
    model.save(tmp_path / "model")
    on_cpu = load(tmp_path / "model")
    assert not next(on_cpu.fitted_.members[0].parameters()).is_cuda
    # a fixed number of frames: an end that is a toss-up may be decided by rounding
    for one, other in zip(
        model.predict(TEXTS, max_length=2), on_cpu.predict(TEXTS, max_length=2), strict=True
    ):
        np.testing.assert_allclose(one[:1], other[:1], atol=1e-3)
    here, there = model.evaluate(TEXTS, ARRAYS), on_cpu.evaluate(TEXTS, ARRAYS)
    assert here["frame_mae"] == pytest.approx(there["frame_mae"], abs=1e-3)
