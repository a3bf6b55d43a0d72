"""Translation: how fast this library searches and trains, beside JoeyNMT with the same sizes.

Each library has a process of its own, in which the models stay; they are asked the same in turn, one at
a time, and ratios are medians over rounds. Every hypothesis has the same length in both: the end token is
blocked until the last step, so that nobody may stop early. Tokens are counted on both sides and must agree.

    export TSSEQ2SEQ_PEERS=joeynmt=.joeynmt/bin/python      # peers/joeynmt_requirements.txt says how
    export TSSEQ2SEQ_DATA=...                               # with Multi30k and the English-Greek pairs
    python benchmarks/translation_speed.py
    python benchmarks/translation_speed.py --rounds 2 --only alone --dry-run    # needs no JoeyNMT
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from peers.launch import interpreters
from peers.turns import BENCHMARKS, Answer, Worker, turns
from report import table, write_section

OURS, JOEYNMT = "tsseq2seq", "JoeyNMT"
SEARCH_BAR, TRAIN_BAR, GREEDY_BAR = 5.0, 2.0, 2.0
BATCHES = (1, 16, 64)
# A turn lasts some tenths of a second: so many calls of translate in each.
CALLS = {1: 8, 16: 2, 64: 1}
PARTS = ("search", "train", "alone")


@dataclass(frozen=True)
class Language:
    """Sentences of made-up tokens for a model whose weights are random.

    Parameters
    ----------
    label
        How tables name it.
    tokenizer
        ``"char"`` or ``"word"``.
    vocabulary
        Tokens, the four special ones included.
    length
        Tokens generated for each sentence; sources have as many on average.
    """

    label: str
    tokenizer: str
    vocabulary: int
    length: int

    def texts(self, count: int) -> dict[str, Any]:
        """Return ``count`` sentences to translate, and pairs that hold every token."""
        rng = np.random.default_rng(0)
        names = [chr(0x4E00 + n) if self.tokenizer == "char" else f"w{n}" for n in range(self.vocabulary - 4)]
        space = "" if self.tokenizer == "char" else " "
        every = [names[n] for n in rng.permutation(len(names))]
        pairs = [space.join(every[n : n + self.length]) for n in range(0, len(every), self.length)]
        lengths = rng.integers(round(0.8 * self.length), round(1.2 * self.length) + 1, count)
        queries = [space.join(rng.choice(names, size=length)) for length in lengths]
        return {"tokenizer": self.tokenizer, "sources": pairs, "targets": pairs, "queries": queries}


@dataclass(frozen=True)
class Corpus:
    """Pairs to train on."""

    label: str
    dataset: str
    tokenizer: str
    min_count: int


CHARACTERS = Language("characters", "char", 100, 30)
WORDS = Language("10,000 words", "word", 10_000, 14)
CORPORA = (
    Corpus("Multi30k, words", "multi30k_train", "word", 2),
    Corpus("English to Greek, characters", "tatoeba_ell", "char", 1),
)


@dataclass(frozen=True)
class Sizes:
    """Of a model; both libraries get the same.

    Parameters
    ----------
    hidden_size
        Width of states and embeddings, for each direction of the encoder.
    num_layers
        Depth of encoder and decoder.
    tied
        Whether the last layer's weights are the decoder's embedding.
    batch_size
        Sentences of a training step.
    attention, input_feeding, dropout, label_smoothing
        As of ``Network`` and ``Tokens``.
    """

    hidden_size: int = 256
    num_layers: int = 2
    tied: bool = False
    batch_size: int = 64
    attention: str = "general"
    input_feeding: bool = False
    dropout: float = 0.2
    label_smoothing: float = 0.0


# The bars are for the first of each, the architecture that the translator has if nothing is said.
SEARCHED: dict[str, dict[str, Any]] = {
    "general": {},
    "additive": {"attention": "additive"},
    "general, input feeding": {"input_feeding": True},
}
TRAINED: dict[str, dict[str, Any]] = {
    "general": {},
    "general, label smoothing 0.1": {"label_smoothing": 0.1},
    "general, input feeding": {"input_feeding": True},
}


@dataclass(frozen=True)
class Bench:
    """The workers, the folder of their files, and the number of rounds."""

    workers: dict[str, Worker]
    folder: Path
    sizes: Sizes
    rounds: int

    def built(self, name: str, question: dict[str, Any], sizes: Sizes) -> Answer:
        """Let each library build a model; ours first, which writes the data for all."""
        data = str(self.folder / f"{name}.npz")
        given = {"name": name, "data": data, "sizes": dataclasses.asdict(sizes)}
        described = self.workers[OURS].ask(**given, **question)
        given["sizes"] |= described
        others = [worker for name, worker in self.workers.items() if name != OURS]
        for worker in others:
            described["their_parameters"] = worker.ask("build", **given)["parameters"]
        return described

    def language(self, name: str, language: Language, **changes: object) -> Answer:
        """Let each library build a model that translates sentences of a language."""
        texts = self.folder / f"{name}.json"
        texts.write_text(json.dumps(language.texts(max(BATCHES))), encoding="utf-8")
        sizes = dataclasses.replace(self.sizes, tied=language.vocabulary >= 1000, **changes)
        return self.built(name, {"do": "build_for_search", "texts": str(texts)}, sizes)

    def corpus(self, name: str, corpus: Corpus, batches: int, own: bool, **changes: object) -> Answer:
        """Let each library build a model to train on a corpus."""
        question = {"do": "build_for_training", "batches": batches, "own": own} | dataclasses.asdict(corpus)
        del question["label"]
        sizes = dataclasses.replace(self.sizes, tied=corpus.tokenizer == "word", **changes)
        return self.built(name, question, sizes)


def middle(answers: list[Answer], key: str = "seconds") -> float:
    """Return the median."""
    return statistics.median(answer[key] for answer in answers)


def ratio(ours: list[Answer], theirs: list[Answer]) -> float:
    """Return how many times our seconds theirs are: the median over rounds."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(other["seconds"] / our["seconds"] for our, other in pairs)


def rate_ratio(ours: list[Answer], theirs: list[Answer]) -> float:
    """Return how many times their tokens a second ours are: the median over rounds."""
    rates = [[answer["tokens"] / answer["seconds"] for answer in answers] for answers in (ours, theirs)]
    return statistics.median(our / other for our, other in zip(*rates, strict=True))


def rate(answers: list[Answer], units: int | None = None) -> float:
    """Return the median of what is done in a second: units a turn, or tokens."""
    return statistics.median((units or answer["tokens"]) / answer["seconds"] for answer in answers)


def shown(value: float) -> str:
    """Return a rate with three digits that count."""
    return f"{value:.{max(0, 2 - int(np.floor(np.log10(value))))}f}"


Row = list[object]


def searching(bench: Bench) -> Iterator[tuple[Row, bool, float]]:
    """Measure beam 5: a row, whether its bar counts, and the ratio."""
    for language in (CHARACTERS, WORDS):
        for place, (label, changes) in enumerate(SEARCHED.items()):
            name = f"{language.tokenizer}-{place}"
            bench.language(name, language, **changes)
            for batch in BATCHES:
                calls = CALLS[batch]
                asked = {"do": "search", "name": name, "batch": batch, "beam": 5, "calls": calls}
                asked["length"] = language.length
                found = turns(bench.workers, bench.rounds, lambda n, asked=asked: asked | {"place": n})
                times = ratio(found[OURS], found[JOEYNMT])
                rates = [shown(rate(found[who], batch * calls)) for who in (OURS, JOEYNMT)]
                row = [language.label, label, batch, *rates, found[OURS][0]["tokens"], f"{times:.2f}"]
                print(*row, sep=" | ", flush=True)
                yield row, place == 0, times


def training(bench: Bench, steps: int = 8) -> Iterator[tuple[Row, bool, float]]:
    """Measure training steps: a row, whether its bar counts, and the ratio."""
    kinds = [(label, changes, own) for own in (True, False) for label, changes in TRAINED.items()]
    for corpus in CORPORA:
        for place, (label, changes, own) in enumerate(kinds):
            name = f"{corpus.dataset}-{place}"
            batches = steps * (bench.rounds + 1)
            described = bench.corpus(name, corpus, batches, own, **changes)
            asked = {"do": "train", "name": name, "count": steps}
            found = turns(
                bench.workers,
                bench.rounds,
                lambda n, asked=asked: asked | {"start": n * asked["count"]},
                same_work=not own,
            )
            times = rate_ratio(found[OURS], found[JOEYNMT])
            rates = [shown(rate(found[who])) for who in (OURS, JOEYNMT)]
            vocabularies = f"{described['source_vocabulary']}, {described['target_vocabulary']}"
            drawn = "each its own" if own else "the same"
            row = [corpus.label, vocabularies, drawn, label, *rates, f"{times:.2f}"]
            print(*row, sep=" | ", flush=True)
            yield row, place == 0, times


def alone(bench: Bench, batch: int = 16) -> Iterator[tuple[Row, bool, float]]:
    """Measure our beam 5 against our greedy search: a row, whether its bar counts, and the ratio."""
    ours = {OURS: bench.workers[OURS]}
    bench = dataclasses.replace(bench, workers=ours)
    for language in (CHARACTERS, WORDS):
        name = f"{language.tokenizer}-alone"
        bench.language(name, language)
        asked = {"name": name, "batch": batch, "length": language.length, "calls": 4}
        kinds = [{"do": "search", "beam": 5}, {"do": "search", "beam": 1}, {"do": "greedy"}]
        found: list[list[Answer]] = [[] for _ in kinds]
        for place in range(bench.rounds + 1):
            for kind, answers in zip(kinds, found, strict=True):
                answers.append(ours[OURS].ask(**asked, **kind, place=place))
        beam, one, greedy = (answers[1:] for answers in found)
        rates = [shown(rate(answers, batch * 4)) for answers in (beam, one, greedy)]
        times = ratio(one, beam), ratio(greedy, beam)
        row = [language.label, *rates, *(f"{each:.2f}" for each in times)]
        print(*row, sep=" | ", flush=True)
        yield row, language is CHARACTERS, max(times)


HEADERS = {
    "search": ["model", "attention", "batch", f"{OURS}, sentences/s", f"{JOEYNMT}, sentences/s",
               "tokens a turn, each", "times"],
    "train": ["pairs", "vocabularies", "batches", "model", f"{OURS}, target tokens/s",
              f"{JOEYNMT}, target tokens/s", "times"],
    "alone": ["model", "beam 5, sentences/s", "beam 1", "greedy_search", "beam 5 / beam 1, time",
              "beam 5 / greedy_search, time"],
}  # fmt: skip


def verdict(part: str, results: list[tuple[Row, bool, float]]) -> str:
    """Return a sentence on whether the bar of a part is met, by the worst of the rows that count."""
    counted = [times for _, counts, times in results if counts]
    if part == "alone":
        worst = max(counted)
        met, bar = (
            worst <= GREEDY_BAR,
            f"at most {GREEDY_BAR:g} times the time of either greedy search, for characters",
        )
    else:
        worst = min(counted)
        least = SEARCH_BAR if part == "search" else TRAIN_BAR
        met = worst >= least
        bar = f"at least {least:g} times {JOEYNMT}, in every row of the default architecture (general)"
    return f"Bar: {bar}. Here {worst:.2f}: **{'met' if met else 'not met'}**."


def notes(versions: dict[str, Answer], sizes: Sizes, arguments: argparse.Namespace) -> str:
    """Return the conditions of the measurements, a line each."""
    width = sizes.hidden_size
    lines = [
        "Bidirectional LSTM encoder and LSTM decoder with attention after the cell, "
        f"{sizes.num_layers} layers of {width}, embeddings of {width}, the last layer tied to the "
        f"embedding for words; float32, {arguments.threads} threads, a process each, turn about; "
        f"medians of {arguments.rounds} rounds, the first left out.",
        f"Search: random weights; every hypothesis has exactly {CHARACTERS.length} characters or "
        f"{WORDS.length} words, as the end token is blocked until the last step (`greedy_search`: counts "
        "as any other), and tokens were counted to be the same.",
    ]
    if JOEYNMT in versions:
        lines += [
            f"{OURS} is timed from texts to texts (`translate`), {JOEYNMT} from token numbers to token "
            "numbers (`joeynmt.search.search`), in inference mode and with denormals flushed. Without "
            f"ends there are no finished hypotheses, over which {JOEYNMT} loops in Python.",
            f"Training: {sizes.batch_size} sentences a step, dropout {sizes.dropout:g}, Adam, clipping; "
            "target tokens without padding. Each draws its own batches (ours of like length, as `fit` does; "
            f"{JOEYNMT}, which has no buckets, of any length), or both get ours, which leaves {JOEYNMT} with "
            "little padding. Its `TrainManager._train_step`, clip, step.",
        ]
    for who, found in versions.items():
        packages = (f"{name} {version}" for name, version in found["versions"].items())
        lines.append(f"{who}: {', '.join(packages)}.")
    return "\n".join(f"- {line}" for line in lines)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--hidden-size", type=int, default=Sizes.hidden_size)
    parser.add_argument("--layers", type=int, default=Sizes.num_layers)
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    parser.add_argument(
        "--busy", action="store_true",
        help="on a machine with other work: one thread, processor time; an indication, so a dry run",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.busy:
        arguments.threads, arguments.dry_run = 1, True
    return arguments


def main() -> None:
    """Measure, and report."""
    arguments = parse()
    sizes = Sizes(hidden_size=arguments.hidden_size, num_layers=arguments.layers)
    modules = {OURS: "peers.translator"}
    if set(arguments.only) - {"alone"}:
        modules[JOEYNMT] = "peers.joeynmt_models"
    found = interpreters({OURS, *(name.lower() for name in modules)})
    paths = {OURS: [BENCHMARKS, BENCHMARKS.parent], JOEYNMT: [BENCHMARKS]}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        workers = {
            name: stack.enter_context(
                Worker(
                    sys.executable if name == OURS else found[name.lower()],
                    module,
                    Path(folder),
                    threads=arguments.threads,
                    paths=paths[name],
                )
            )
            for name, module in modules.items()
        }
        settings = {"threads": arguments.threads, "clock": "processor" if arguments.busy else "wall"}
        versions = {name: worker.ask("start", **settings) for name, worker in workers.items()}
        bench = Bench(workers, Path(folder), sizes, arguments.rounds)
        measure = {"search": searching, "train": training, "alone": alone}
        results = {part: list(measure[part](bench)) for part in PARTS if part in arguments.only}
    parts = [
        f"{table(HEADERS[part], [row for row, _, _ in rows])}\n\n{verdict(part, rows)}"
        for part, rows in results.items()
    ]
    body = "\n\n".join([*parts, notes(versions, sizes, arguments)])
    print(f"\n{body}", flush=True)
    if not arguments.dry_run:
        write_section("Translation speed", "benchmarks/translation_speed.py", body)


if __name__ == "__main__":
    main()
