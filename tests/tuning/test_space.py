"""Spaces by name and by function."""

from __future__ import annotations

import optuna
import pytest
from optuna.distributions import IntDistribution

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.training.teacher_forcing import Linear
from tsseq2seq.tuning.space import FunctionSpace, NamedSpace, parse_space

RESOLVED = {
    "network__hidden_size": 10,
    "network__cell": "gru",
    "lags": [7],
    "training__teacher_forcing": Linear(),
}


def read(given):
    return parse_space(given, RESOLVED, RESOLVED)


class TestNamed:
    def test_it_is_widened_and_says_what_was_given(self) -> None:
        space = read(
            {
                "network__hidden_size": IntDistribution(16, 32, step=16),
                "lags": {"none": []},
                "training__teacher_forcing": {"truth": 1.0, "less": Linear()},
            }
        )
        assert isinstance(space, NamedSpace)
        assert space.dimensions["network__hidden_size"].distribution == IntDistribution(10, 32, step=2)
        assert space.to_storage(RESOLVED) == {
            "network__hidden_size": 10,
            "lags": "as given",
            "training__teacher_forcing": "less",
        }

    def test_what_it_suggests_are_values(self) -> None:
        space = read({"network__cell": ["lstm"], "lags": {"none": []}})
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        seen = []
        for _ in range(20):
            trial = study.ask()
            suggested = space.suggest(trial)
            seen.append((suggested["network__cell"], tuple(suggested["lags"])))
            study.tell(trial, 0.0)
            assert space.settings_of(study.trials[-1]) == suggested
        assert set(seen) == {("lstm", ()), ("lstm", (7,)), ("gru", ()), ("gru", (7,))}

    def test_telling_the_storage_of_the_estimator_as_given(self) -> None:
        space = read({"network__cell": ["lstm"], "network__hidden_size": [4]})
        study = optuna.create_study()
        study.enqueue_trial(space.to_storage(RESOLVED))
        space.record(study.ask(), RESOLVED)
        assert study.trials[0].params == {"network__cell": "gru", "network__hidden_size": 10}


class TestFunction:
    def test_what_it_returns_is_proposed_and_found_again(self) -> None:
        space = read(lambda trial: {"network__hidden_size": 2 ** trial.suggest_int("power", 2, 5)})
        assert isinstance(space, FunctionSpace)
        assert space.to_storage(RESOLVED) == {}
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        trial = study.ask()
        suggested = space.suggest(trial)
        study.tell(trial, 0.0)
        assert suggested["network__hidden_size"] in {4, 8, 16, 32}
        assert space.settings_of(study.trials[0]) == suggested

    def test_no_dict(self) -> None:
        with pytest.raises(ParameterTypeError, match=r"space returned 5; it must return a dict"):
            read(lambda trial: 5).suggest(optuna.create_study().ask())

    def test_an_unknown_name(self) -> None:
        with pytest.raises(ParameterError, match="'network__size', which is no setting"):
            read(lambda trial: {"network__size": 5}).suggest(optuna.create_study().ask())


class TestRefusals:
    def test_a_near_name_is_suggested(self) -> None:
        message = (
            "space has the name 'network__hiden_size', which is no setting; did you mean network__hidden_size"
        )
        with pytest.raises(ParameterError, match=message):
            read({"network__hiden_size": [4]})

    def test_all_names_where_none_is_near(self) -> None:
        with pytest.raises(
            ParameterError, match="'zzz', which is no setting; there are network__hidden_size, "
        ):
            read({"zzz": [4]})

    def test_a_name_that_is_no_text(self) -> None:
        with pytest.raises(ParameterError, match="space has the name 5, which is no setting"):
            read({5: [4]})

    def test_empty(self) -> None:
        with pytest.raises(ParameterError, match="space is empty; it must name at least one setting"):
            read({})

    @pytest.mark.parametrize("given", [5, ["network__cell"], "network__cell"], ids=["number", "list", "text"])
    def test_something_else(self, given) -> None:
        with pytest.raises(ParameterTypeError, match="it must be a dict by name, or a function of the trial"):
            read(given)
