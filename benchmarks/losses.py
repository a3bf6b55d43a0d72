"""What each loss does: the same network, series and steps; then the same for tokens.

Series: the yearly numbers of sunspots, eleven years ahead, the last forty of them held out. Tokens: numbers
in digits to English words, of which most were never seen in training. Nothing else varies. Every column is a
measure of its own: a loss is good at what it measures.

    python benchmarks/losses.py
"""

from __future__ import annotations

import argparse
import random
import warnings

import numpy as np
import torch
from report import table, write_section

from tsseq2seq import (
    MinimumRisk,
    Network,
    Point,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Tokens,
    Training,
    backtest,
    datasets,
    evaluate,
)
from tsseq2seq.nn.losses import FocalLoss, MonotonicAlignment, NegativeSampling, SoftDTW, TransitionLoss
from tsseq2seq.nn.losses.ngrams import NGrams
from tsseq2seq.nn.losses.shape import soft_dtw

HORIZON, HELD_OUT = 11, 40
SERIES = {
    "mae": "mae",
    "mse": "mse",
    "huber": "huber",
    "difference": "difference",
    "soft_dtw": "soft_dtw",
    "soft_dtw, divergence": SoftDTW(divergence=True),
    "smape": "smape",
    "mase": "mase",
}
TOKENS: dict[str, tuple[Tokens, MinimumRisk | None]] = {
    "cross_entropy": (Tokens(), None),
    "without label smoothing": (Tokens(label_smoothing=0.0), None),
    "class weights, balanced": (Tokens(class_weights="balanced"), None),
    "focal": (Tokens(loss=FocalLoss(2.0)), None),
    "negative sampling, 256": (Tokens(loss=NegativeSampling(256)), None),
    "transition, 0.1": (Tokens(beside=[TransitionLoss(0.1, order=3)]), None),
    "monotonic, 1.0": (Tokens(beside=[MonotonicAlignment(1.0)]), None),
    "minimum risk": (Tokens(), MinimumRisk()),
}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
)
_ONES += "seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def words(number: int) -> str:
    """Write a number below 10,000 in English."""
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {words(number % size)}" if number % size else ""
            return f"{words(number // size)} {name}{rest}"
    if number < 20:
        return _ONES.split()[number]
    rest = f" {words(number % 10)}" if number % 10 else ""
    return f"{_TENS.split()[number // 10 - 2]}{rest}"


def series_row(loss: object, steps: int) -> list[str]:
    """Fit a forecaster with a loss, and measure its forecasts of the held-out part."""
    df = datasets.load("sunspots")
    train = df.iloc[:-HELD_OUT]
    training = Training(max_steps=steps, progress=False)
    model = Seq2SeqForecaster(
        HORIZON,
        output=Point(loss),
        network=Network(hidden_size=32),
        training=training,
        network_share=1.0,
        seed=0,
    ).fit(train)
    windows = HELD_OUT - HORIZON + 1
    result = backtest(model, df, windows=windows, step=1, refit=None, progress=False)
    forecasts = result.forecasts if hasattr(result, "forecasts") else result
    scores = evaluate(forecasts, ["mae", "rmse", "smape", "mase"], train=train, season_length=11)
    values = scores.set_index("metric").iloc[:, -1]
    truth, found = (
        torch.from_numpy(forecasts[name].to_numpy(float).reshape(windows, HORIZON))
        for name in ("y", "Seq2Seq")
    )
    changes = (truth.diff() - found.diff()).abs().mean()
    lengths = torch.full((windows,), HORIZON)
    warped = (soft_dtw(found, truth, lengths, gamma=1e-3) / HORIZON).clamp(min=0).sqrt().mean()
    return [f"{number:.3g}" for number in (*values, changes.item(), warped.item())]


def token_row(output: Tokens, risk: MinimumRisk | None, steps: int) -> list[str]:
    """Fit a translator with a loss, and measure its translations of held-out numbers."""
    numbers = list(range(10_000))
    random.Random(0).shuffle(numbers)
    train, held_out = numbers[:1000], numbers[1000:1300]
    translator = Seq2SeqTranslator(
        target_tokenizer="word",
        output=output,
        network=Network(hidden_size=48, attention="general", bidirectional=True),
        training=Training(max_steps=steps, batch_size=32, learning_rate=5e-3, progress=False),
        minimum_risk=risk,
        seed=0,
    ).fit([str(one) for one in train], [words(one) for one in train])
    sources, targets = [str(one) for one in held_out], [words(one) for one in held_out]
    scores = translator.evaluate(sources, targets, metrics=["exact_match", "cer", "perplexity"])
    written = [row[0] for row in translator.translate(sources)]
    target = translator.fitted_.target
    lists = [target.encode(words(one)) for one in train]
    flat = torch.tensor([token for one in lists for token in one])
    offsets = torch.tensor([0, *np.cumsum([len(one) for one in lists])])
    grams = NGrams(flat, offsets, 2, vocabulary=target.vocabulary_size, begin=0)
    pairs = torch.tensor(
        [pair for one in written for pair in zip((0, *one.tokens), one.tokens[:-1], strict=False)]
    )
    unlikely = -grams.log_probability(pairs[:, :1], pairs[:, 1]).mean()
    back = [_steps_back(one.alignment) for one in written if one.alignment is not None]
    numbers_found = (
        *(scores[name] for name in ("exact_match", "cer", "perplexity")),
        unlikely,
        np.mean(back),
    )
    return [f"{float(number):.3g}" for number in numbers_found]


def _steps_back(alignment: torch.Tensor) -> float:
    """Return how far attention goes back in a step, as a share of the source."""
    place = (alignment * torch.arange(alignment.shape[1])).sum(-1) / max(1, alignment.shape[1] - 1)
    return float((place[:-1] - place[1:]).clamp(min=0).mean()) if len(place) > 1 else 0.0


def main() -> None:
    """Fit with every loss, and write one table for series and one for tokens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows: list[list[object]] = []
    for name, loss in SERIES.items():
        rows.append([name, *series_row(loss, arguments.steps)])
        print(rows[-1], flush=True)
    measures = ["mae", "rmse", "smape", "mase", "error of changes", "time warping"]
    body = table(["loss, sunspots", *measures], rows)
    rows = []
    for name, (output, risk) in TOKENS.items():
        rows.append([name, *token_row(output, risk, arguments.steps)])
        print(rows[-1], flush=True)
    measures = ["exact", "cer", "perplexity", "bigram surprise", "attention back"]
    body += f"\n\n{table(['loss, numbers in words', *measures], rows)}"
    body += f"\n\n{arguments.steps} training steps each, one seed: differences of a few percent mean nothing."
    write_section("What each loss does", "benchmarks/losses.py", body)


if __name__ == "__main__":
    main()
