"""Make the weights that come with the package: python -m tsseq2seq.pretraining --help."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from tsseq2seq.errors import TsSeq2SeqError
from tsseq2seq.forecasting.pretrained_weights import weights_path, write_weights
from tsseq2seq.pretraining.pretrain import pretrain
from tsseq2seq.pretraining.settings import Pretraining
from tsseq2seq.training.training import Training

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and write the weights; return 0, or 2 for what cannot be done."""
    asked = _parser().parse_args(arguments)
    try:
        settings = Pretraining(size=asked.size, seed=asked.seed)
        training = Training(
            max_time=None if asked.steps else 60 * asked.minutes,
            max_steps=asked.steps,
            learning_rate=asked.learning_rate,
            device=asked.device,
            checkpoint=asked.checkpoint,
        )
        model, record = pretrain(
            settings,
            training,
            processes=asked.processes,
            begin=asked.begin,
            resume=asked.checkpoint if asked.resume else None,
        )
        output = weights_path(asked.size) if asked.output is None else asked.output
        write_weights(model, output)
    except TsSeq2SeqError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    errors = [row["validation_error"] for row in record.history]
    least = min((error for error in errors if not math.isnan(error)), default=math.nan)
    print(f"{record.steps} steps, validation error {least:.4f}: {output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tsseq2seq.pretraining", description=__doc__)
    parser.add_argument("--size", default="small", help="the network")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--minutes", type=float, default=120.0, help="how long to train; 120")
    limit.add_argument("--steps", type=int, help="training steps, in place of minutes")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="the largest learning rate; 0.002")
    parser.add_argument("--processes", type=int, default=1, help="processes that generate series; 1")
    parser.add_argument("--seed", type=int, default=0, help="of series and first weights; 0")
    parser.add_argument("--begin", type=Path, help="file of weights to begin from; drawn ones by default")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda …")
    parser.add_argument("--checkpoint", type=Path, help="folder to which states are written")
    parser.add_argument("--resume", action="store_true", help="go on from the folder of --checkpoint")
    parser.add_argument("--output", type=Path, help="file to write; that of the package by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
