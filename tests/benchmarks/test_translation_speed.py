from __future__ import annotations

import dataclasses
import itertools
import json
import os
import sys

import numpy as np
import pytest

RUNNER = """
import os, time
from peers.turns import serve

def work(amount, place=0):
    print("what a library prints")
    if amount == "crash":
        os._exit(3)
    if amount == "hang":
        time.sleep(60)
    return {"tokens": 10 // amount, "seconds": 1.0 + place}

serve({"work": work})
"""


@pytest.fixture
def worker(tmp_path):
    """Start workers with a small runner; the folder is theirs."""
    from peers.turns import BENCHMARKS, Worker

    (tmp_path / "runner.py").write_text(RUNNER)
    started = []

    def start(timeout=20.0):
        paths = [BENCHMARKS, tmp_path]
        started.append(Worker(sys.executable, "runner", tmp_path, threads=1, paths=paths, timeout=timeout))
        return started[-1]

    yield start
    for process in started:
        process.__exit__(None, None, None)


def test_a_worker_answers_and_its_prints_go_to_the_log(worker, tmp_path):
    with worker() as asked:
        assert asked.ask("work", amount=2) == {"tokens": 5, "seconds": 1.0}
        assert asked.ask("work", amount=5, place=3) == {"tokens": 2, "seconds": 4.0}
    assert asked.process.returncode == 0
    assert "what a library prints" in (tmp_path / "runner.log").read_text()


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0, "failed when asked to work.*ZeroDivisionError"),
        ("crash", "ended with status 3 when asked to work"),
        ("hang", "ended with status -9 when asked to work"),
    ],
    ids=["raises", "crashes", "hangs"],
)
def test_a_worker_that_fails_says_why(worker, amount, message):
    from peers.turns import WorkerError

    with pytest.raises(WorkerError, match=f"(?s){message}"):
        worker(timeout=2.0).ask("work", amount=amount)


def test_a_worker_that_raised_goes_on(worker):
    from peers.turns import WorkerError

    asked = worker()
    with pytest.raises(WorkerError, match="KeyError: 'play'"):
        asked.ask("play")
    assert asked.ask("work", amount=1)["tokens"] == 10


class Scripted:
    """Answers what it was told to, and notes who was asked when."""

    def __init__(self, name, asked, tokens=7):
        self.name, self.asked, self.tokens = name, asked, tokens

    def ask(self, do, place):
        self.asked.append((self.name, do, place))
        return {"tokens": self.tokens, "seconds": float(place)}


def test_turns_alternate_and_the_first_round_does_not_count():
    from peers.turns import turns

    asked = []
    workers = {name: Scripted(name, asked) for name in ("a", "b")}
    found = turns(workers, 2, lambda n: {"do": "search", "place": n})
    assert asked == [(name, "search", place) for place in (0, 1, 2) for name in ("a", "b")]
    assert [answer["seconds"] for answer in found["b"]] == [1.0, 2.0]


def test_turns_refuse_unequal_work():
    from peers.turns import WorkerError, turns

    workers = {"a": Scripted("a", []), "b": Scripted("b", [], tokens=8)}
    with pytest.raises(WorkerError, match=r"the work was not the same .* tokens \{'a': 7, 'b': 8\}"):
        turns(workers, 1, lambda n: {"do": "search", "place": n})
    found = turns(workers, 1, lambda n: {"do": "train", "place": n}, same_work=False)
    assert (found["a"][0]["tokens"], found["b"][0]["tokens"]) == (7, 8)


def answers(*seconds, tokens=6):
    return [{"seconds": value, "tokens": tokens} for value in seconds]


def test_ratios_and_rates_are_medians_over_rounds():
    from translation_speed import rate, rate_ratio, ratio

    # 4/1, 9/3 and 10/5; the quotient of the medians would be 9/3
    assert ratio(answers(1, 3, 5), answers(4, 9, 10)) == 3
    assert ratio(answers(1, 3, 50), answers(8, 9, 10)) == 3
    assert rate(answers(1, 2, 3)) == 3
    assert rate_ratio(answers(1, 2, 4), answers(2, 6, 8)) == 2
    assert rate(answers(1, 2, 3), units=100) == 50


@pytest.mark.parametrize(
    ("value", "text"), [(0.5041, "0.504"), (7.849, "7.85"), (98.52, "98.5"), (1879.4, "1879")], ids=str
)
def test_rates_are_shown_with_three_digits(value, text):
    from translation_speed import shown

    assert shown(value) == text


@pytest.mark.parametrize(
    ("part", "times", "said"),
    [
        ("search", [9, 5], "**met**"),
        ("search", [9, 4.99], "**not met**"),
        ("train", [2.0, 3], "**met**"),
        ("train", [1.9, 3], "**not met**"),
        ("alone", [2.0], "**met**"),
        ("alone", [2.1], "**not met**"),
    ],
    ids=str,
)
def test_the_bar_is_for_the_worst_row_that_counts(part, times, said):
    from translation_speed import verdict

    other = ([], False, 100.0 if part == "alone" else 0.1)
    assert said in verdict(part, [([], True, value) for value in times] + [other])


@pytest.mark.parametrize("tokenizer", ["char", "word"])
def test_made_up_sentences_hold_every_token_of_the_vocabulary(tokenizer):
    from translation_speed import Language

    from tsseq2seq.data.text.tokenizers import build_tokenizer

    language = Language("", tokenizer, 50, 10)
    texts = language.texts(12)
    built = build_tokenizer(tokenizer, texts["sources"])
    assert built.vocabulary_size == 50
    assert len(texts["queries"]) == 12
    lengths = [len(built.encode(query)) for query in texts["queries"]]
    assert min(lengths) >= 8
    assert max(lengths) <= 12
    assert not any(3 in built.encode(query) for query in texts["queries"])  # none is unknown


def test_token_numbers_are_given_joeynmts_special_ones():
    from peers.joeynmt_models import translated

    from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD, UNK

    # its own: unknown 0, padding 1, begin 2, end 3
    assert translated(np.array([[UNK, PAD], [BOS, EOS], [4, 99]])).tolist() == [[0, 1], [2, 3], [4, 99]]


SIZES = {
    "hidden_size": 8, "num_layers": 1, "tied": False, "batch_size": 4, "attention": "general",
    "input_feeding": False, "dropout": 0.0, "label_smoothing": 0.0,
}  # fmt: skip


@pytest.fixture
def models():
    from peers.translator import Models

    return Models()


def built_for_search(models, tmp_path):
    from translation_speed import Language

    (tmp_path / "texts.json").write_text(json.dumps(Language("", "word", 30, 5).texts(6)))
    data = tmp_path / "data.npz"
    return data, models.build_for_search("m", str(tmp_path / "texts.json"), str(data), SIZES)


def test_our_hypotheses_have_exactly_the_length_asked_for(models, tmp_path):
    data, described = built_for_search(models, tmp_path)
    assert described["target_vocabulary"] == 30
    with np.load(data) as file:
        assert file["sources"].shape == (6, file["sources_lengths"].max())
    asked = {"name": "m", "batch": 4, "length": 5, "calls": 2, "place": 1}
    for found in (models.search(beam=5, **asked), models.search(beam=1, **asked), models.greedy(**asked)):
        assert found["tokens"] == 2 * 4 * 5
        assert found["seconds"] > 0


def test_our_steps_train_on_the_batches_that_were_written(models, tmp_path, monkeypatch):
    import pandas as pd
    from peers import translator

    texts = [f"{word} " * length for word in "abc" for length in range(1, 6)]
    frame = pd.DataFrame({"source": texts, "target": texts[::-1]})
    monkeypatch.setattr(translator, "load", lambda name: frame)
    data = tmp_path / "data.npz"
    models.build_for_training("m", "some", "word", 1, 3, False, str(data), SIZES)
    model = models.models["m"].objective.module
    before = [weight.detach().clone() for weight in model.parameters()]
    found = models.train("m", start=1, count=2)
    with np.load(data) as file:
        assert found["tokens"] == sum((file[f"target_{n}"] > 0).sum() for n in (1, 2))
        assert (file["source_lengths_0"] == (file["source_0"] > 0).sum(1)).all()
    assert any((old != new).any() for old, new in zip(before, model.parameters(), strict=True))


def test_others_own_batches_are_pairs_in_any_order(models, tmp_path, monkeypatch):
    import pandas as pd
    from peers import translator

    texts = [f"{word} " * length for word in "abc" for length in range(1, 6)]
    monkeypatch.setattr(translator, "load", lambda name: pd.DataFrame({"source": texts, "target": texts}))
    data = tmp_path / "data.npz"
    models.build_for_training("m", "some", "word", 1, 99, True, str(data), SIZES | {"batch_size": 4})
    with np.load(data) as file:
        lengths = [file[f"source_lengths_{n}"].tolist() for n in range(4)]
    assert list(map(len, lengths)) == [4, 4, 4, 3]
    assert sorted(itertools.chain.from_iterable(lengths)) == sorted(len(text.split()) for text in texts)
    assert len(set(lengths[0])) > 1


@pytest.fixture
def joeynmt(tmp_path):
    """Start JoeyNMT's runner, where its environment is named."""
    from peers.launch import interpreters
    from peers.turns import Worker

    named = os.environ.get("TSSEQ2SEQ_PEERS", "")
    if "joeynmt=" not in named:
        pytest.skip("TSSEQ2SEQ_PEERS names no interpreter for joeynmt (joeynmt=PATH)")
    interpreter = interpreters({"joeynmt"})["joeynmt"]
    with Worker(interpreter, "peers.joeynmt_models", tmp_path, threads=1, timeout=60) as started:
        assert started.ask("start", threads=1, clock="wall")["versions"]["joeynmt"]
        yield started


@pytest.mark.parametrize("attention", ["general", "additive"])
def test_joeynmt_does_as_much(joeynmt, models, tmp_path, attention):
    from translation_speed import Sizes

    data, described = built_for_search(models, tmp_path)
    sizes = dataclasses.asdict(Sizes(hidden_size=8, num_layers=1)) | SIZES | described
    joeynmt.ask("build", name="m", data=str(data), sizes=sizes | {"attention": attention})
    asked = {"name": "m", "batch": 4, "beam": 5, "length": 5, "calls": 2, "place": 1}
    assert joeynmt.ask("search", **asked)["tokens"] == models.search(**asked)["tokens"]
