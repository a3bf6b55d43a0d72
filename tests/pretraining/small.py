"""A generator and settings small enough for tests."""

from __future__ import annotations

from tsseq2seq.pretraining.generator import Generator
from tsseq2seq.pretraining.settings import Pretraining

GENERATOR = Generator(series=24, shortest=16, longest=60)
SETTINGS = Pretraining(batch_size=16, mixed=2, windows=48, longest_horizon=20, held_back=2)
