"""The same seed gives the same bits, whatever else the process does; answers are of an item alone."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.every_estimator import CASES, SHORT, Case, fitted
from tsseq2seq import Training, tune
from tsseq2seq.forecasting import prediction, scenarios
from tsseq2seq.reconstruction import covering
from tsseq2seq.translation import search

ROOT = Path(__file__).resolve().parents[2]
OWN = [name for name, case in CASES.items() if case.draws and case.own_draws]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """With the same number of threads: sums are added up in the same order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def global_states() -> list[Any]:
    """Return the states of torch's and numpy's generators, that a process shares.

    While tests run, Python's own is drawn from by the checks of types; see the test in a process without them.
    """
    kind, words, *place = np.random.get_state()  # noqa: NPY002
    return [torch.get_rng_state(), kind, np.array(words), place]


def assert_equal(one: Any, other: Any) -> None:
    """Equal to the last bit."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list | tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_equal(*pair)
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other


def everything(case: Case, *, training: Training = SHORT, seed: int = 0) -> list[Any]:
    """Return weights, what was learned besides, answers, and draws."""
    model = case.fit(training, seed)
    learned, tensors = model.learned()
    drawn = case.draws(model, case.items) if case.draws else []
    return [dict(tensors), repr(learned.get("threshold")), case.answers(model, case.items), drawn]


TRAININGS = {
    "short": SHORT,
    "all else": Training(
        max_steps=4, members=2, ema=0.9, validation_size=0.25, validation_every=2,
        progress=False, precision="float32", batch_size=3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("training", TRAININGS.values(), ids=TRAININGS)
@pytest.mark.parametrize("name", CASES)
def test_the_same_seed_gives_the_same_bits_and_no_global_state_is_touched(
    name: str, training: Training
) -> None:
    torch.manual_seed(1)
    before = global_states()
    once = everything(CASES[name], training=training)
    assert_equal(global_states(), before)
    torch.manual_seed(2)  # what the caller draws in between is of no importance
    random.seed(3)
    np.random.seed(4)  # noqa: NPY002
    assert_equal(everything(CASES[name], training=training), once)


PROCESS = """
import random
import sys

import numpy as np
import torch

from tests.every_estimator import CASES

torch.set_num_threads(1)
for name, case in CASES.items():
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    model = case.fit()
    case.answers(model, case.items)
    if case.draws:
        case.draws(model, case.items)
    assert torch.equal(torch.get_rng_state(), before[0]), name
    assert np.random.get_state()[1].tolist() == before[1], name
    assert random.getstate() == before[2], name
    assert not torch.are_deterministic_algorithms_enabled()
print("untouched", len(CASES))
"""


def test_pythons_own_generator_is_not_touched_either() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"untouched {len(CASES)}\n", done.stderr


@pytest.mark.parametrize("name", CASES)
def test_another_seed_gives_other_weights(name: str) -> None:
    """Or the test above would say nothing."""
    one, other = (list(everything(CASES[name], seed=seed)[0].values()) for seed in (0, 1))
    assert any(not torch.equal(*pair) for pair in zip(one, other, strict=True) if pair[0].numel() > 1)


def test_fits_in_threads_are_those_of_one_after_the_other() -> None:
    """All estimators at once, beside threads that draw from the process's generator without a seed."""
    names = list(CASES) * 2
    expected = {name: everything(case) for name, case in CASES.items()}
    over = threading.Event()

    def draw_anew() -> None:
        translator = fitted("translator")
        while not over.is_set():
            translator.translate(["abca"], num_samples=2, max_length=5)

    fitted("translator")
    with ThreadPoolExecutor(4) as threads:
        drawing = threads.submit(draw_anew)
        try:
            found = list(threads.map(lambda name: everything(CASES[name]), names))
        finally:
            over.set()
        drawing.result()
    for name, one in zip(names, found, strict=True):
        assert_equal(one, expected[name])


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_answer_is_of_its_item_alone(name: str, data: st.DataObject) -> None:
    """Whatever stands beside it, in any order."""
    case, model = CASES[name], fitted(name)
    order = data.draw(st.permutations(range(len(case.items))))
    chosen = order[: data.draw(st.integers(1, len(order)))]
    assert_close(
        asked(case.answers, model, case, chosen), asked(case.answers, model, case, range(len(order)))
    )
    if name in OWN:
        assert case.draws is not None
        assert_close(
            asked(case.draws, model, case, chosen), asked(case.draws, model, case, range(len(order)))
        )


def asked(ask: Any, model: Any, case: Case, chosen: Any) -> dict[int, list[np.ndarray]]:
    """Return what is answered about items, by their places."""
    return dict(zip(chosen, ask(model, [case.items[place] for place in chosen]), strict=True))


def assert_close(found: dict[int, list[np.ndarray]], expected: dict[int, list[np.ndarray]]) -> None:
    for place, arrays in found.items():
        for one, other in zip(arrays, expected[place], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_size_of_chunks_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case, model = CASES[name], fitted(name)
    ways = [case.answers, *([case.draws] if name in OWN else [])]
    whole = [asked(way, model, case, range(len(case.items))) for way in ways]
    for module, constant, size in [
        (prediction, "_CHUNK", 2), (scenarios, "_CHUNK", 40), (covering, "_CHUNK", 2), (search, "_TOKENS", 30),
    ]:  # fmt: skip
        assert hasattr(module, constant)
        monkeypatch.setattr(module, constant, size)
    for way, expected in zip(ways, whole, strict=True):
        assert_close(asked(way, model, case, range(len(case.items))), expected)


SEARCHED = {
    "forecaster": {"network__hidden_size": [3, 5, 8], "training__learning_rate": [1e-3, 1e-2]},
    "translator": {"network__hidden_size": [3, 5, 8], "training__learning_rate": [1e-3, 1e-2]},
    "transcriber": {"network__hidden_size": [3, 5, 8], "training__learning_rate": [1e-3, 1e-2]},
}


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_in_one_process_is_the_same_again(name: str) -> None:
    pytest.importorskip("optuna")
    case, found = CASES[name], list[list[Any]]()
    for caller in (1, 2):
        torch.manual_seed(caller)
        np.random.seed(caller)  # noqa: NPY002
        random.seed(caller)
        before = global_states()
        result = tune(case.make(SHORT, 5), *case.data, space=SEARCHED[name], trials=4, progress=False)
        assert_equal(global_states(), before)
        best = result.best_estimator
        trials = repr(result.trials.drop(columns="seconds").to_dict("list"))
        found.append([trials, dict(result.best_params), best.learned()[1], case.answers(best, case.items)])
    assert_equal(*found)
