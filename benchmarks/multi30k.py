"""Multi30k captions, English to German and back: BLEU on the 2016 Flickr test part.

    python benchmarks/multi30k.py                         # both directions, 37 minutes each
    python benchmarks/multi30k.py --directions en-de
    python benchmarks/multi30k.py --validation --set training__max_steps=4000 network__dropout=0.4

Sentences come tokenised and in lower case, and are scored so, by sacrebleu with its tokeniser ``none``.
``--validation`` scores the validation part. On it words were chosen over byte pairs; all other settings
were set beforehand.
"""

from __future__ import annotations

import argparse
import time

import sacrebleu
from report import table, write_section
from settings import add_settings, parsed

from tsseq2seq import Network, Seq2SeqTranslator, Training, datasets
from tsseq2seq.nn.outputs import Tokens

COLUMNS = {"en": "source", "de": "target"}
# BLEU, and the minutes within which it counts.
BARS = {"en-de": ((36.0, 60.0), (39.0, float("inf"))), "de-en": ((38.0, 60.0),)}


def translator(seconds: float) -> Seq2SeqTranslator:
    """The settings."""
    return Seq2SeqTranslator(
        "word",
        min_count=2,
        output=Tokens(label_smoothing=0.1),
        network=Network(
            hidden_size=256, embedding_size=128, bidirectional=True, attention="general", dropout=0.3
        ),
        training=Training(max_time=seconds, batch_size=64, weight_decay=0.0, members=4),
    )


def bleu(found: list[str], truth: list[str]) -> float:
    """Return corpus BLEU of sentences that are tokenised already."""
    return float(sacrebleu.corpus_bleu(found, [truth], tokenize="none", force=True).score)


def judged(score: float, minutes: float, bar: float, within: float) -> str:
    """Return a sentence on whether a bar is met."""
    limit = f" within {within:.0f} minutes of two cores" if within < float("inf") else ""
    return f"Bar: {bar:.1f}{limit}: {'met' if score >= bar and minutes <= within else 'not met'}."


def run(direction: str, seconds: float, part: str, settings: dict[str, object]) -> list[object]:
    """Train and score one direction."""
    source, target = (COLUMNS[language] for language in direction.split("-"))
    train, test = datasets.load("multi30k_train"), datasets.load(f"multi30k_{part}")
    model = translator(seconds)
    model.set_params(**settings)
    begun = time.perf_counter()
    model.fit(train[source].tolist(), train[target].tolist())
    fitted = time.perf_counter() - begun
    sentences, truth = test[source].tolist(), test[target].tolist()
    scores = model.evaluate(sentences, truth, beam_size=5)
    return [
        direction, f"{fitted / 60:.1f}", model.n_steps_, len(model.fitted_.members),
        f"{scores['perplexity']:.2f}", f"{bleu(model.predict(sentences, beam_size=1), truth):.2f}",
        f"{scores['bleu']:.2f}", f"{scores['chrf']:.1f}",
    ]  # fmt: skip


def main() -> None:
    """Parse the command line, run, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2200)
    parser.add_argument("--directions", nargs="+", choices=list(BARS), default=list(BARS))
    add_settings(parser)
    arguments = parser.parse_args()
    settings = parsed(arguments, parser)
    part = "val" if arguments.validation else "test"
    header = [
        "direction", "fit, min", "steps", "members", "perplexity", "BLEU, greedy", "BLEU, beam 5", "chrF",
    ]  # fmt: skip
    rows = [run(direction, arguments.seconds, part, settings) for direction in arguments.directions]
    body = table(header, rows)
    print(body)
    if not arguments.validation:
        for row in rows:
            note = " ".join(judged(float(str(row[6])), float(str(row[1])), *bar) for bar in BARS[str(row[0])])
            write_section(
                f"Multi30k, {row[0]}", "benchmarks/multi30k.py", f"{table(header, [row])}\n\n{note}"
            )


if __name__ == "__main__":
    main()
