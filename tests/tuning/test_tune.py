"""The search as a whole, on an estimator that costs nothing, and on real ones where it matters."""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np
import optuna
import pandas as pd
import pytest
import torch
from optuna.distributions import FloatDistribution, IntDistribution

from tsseq2seq import Training
from tsseq2seq.errors import (
    DataError,
    MissingDependencyError,
    ParameterError,
    ParameterTypeError,
    TrainingError,
)
from tsseq2seq.tuning.problem import Outcome

RANGE = {"x": IntDistribution(0, 6)}


def states(found) -> list[str]:
    return found.trials["state"].tolist()


class TestAsGiven:
    def test_it_is_trial_0_with_its_settings(self, toy, search) -> None:
        found = search(toy(x=20), "data", space=RANGE, trials=4)
        assert found.trials["as_given"].tolist() == [True, False, False, False]
        assert found.trials.loc[0, ["number", "x", "error"]].tolist() == [0, 20, 17.0]
        assert found.study.trials[0].distributions["x"] == IntDistribution(0, 20)

    def test_it_wins_where_nothing_is_better(self, toy, search) -> None:
        found = search(toy(x=3), "data", space={"x": IntDistribution(5, 9)}, trials=5)
        assert (found.best_estimator.x, found.best_params) == (3, {})
        assert toy.fits == [{"x": 3, "rate": 0.1, "kind": "a"}]
        assert found.best_estimator.fitted_on_ == ("data",)

    def test_it_wins_a_tie(self, toy, search) -> None:
        toy.script = staticmethod(lambda estimator, watch: 1.0)
        assert search(toy(x=2), "data", space=RANGE, trials=5).best_params == {}

    def test_it_is_not_changed(self, toy, search) -> None:
        model = toy(x=20)
        before = model.get_params()
        found = search(model, "data", space=RANGE, trials=5)
        assert model.get_params() == before
        assert not hasattr(model, "fitted_on_")
        assert found.best_estimator is not model
        assert found.best_estimator.x == found.best_params["x"] < 20

    def test_it_is_never_pruned(self, toy, search) -> None:
        """Though it is the worst of all, in a study whose other trials are known."""

        def script(estimator, watch):
            for percent in range(10, 101, 10):
                watch(float(estimator.x), percent)
            return float(estimator.x)

        toy.script = staticmethod(script)
        found = search(
            toy(x=1000), "data", space={"x": IntDistribution(1, 4)}, trials=3,
            pruner=optuna.pruners.ThresholdPruner(upper=0.5),
        )  # fmt: skip
        assert states(found) == ["complete", "pruned", "pruned"]

    def test_it_is_enqueued_once_on_resuming(self, toy, search, storages) -> None:
        for _ in range(3):
            found = search(toy(x=5), "data", space=RANGE, trials=2, storage=storages.memory)
        assert len(found.trials) == 6
        assert found.trials["as_given"].tolist() == [True] + [False] * 5

    def test_a_function_does_not_change_it(self, toy, search) -> None:
        seen = []
        toy.script = staticmethod(lambda estimator, watch: seen.append(estimator.x) or float(estimator.x))
        found = search(toy(x=-4), "data", space=lambda trial: {"x": trial.suggest_int("n", 1, 3)}, trials=3)
        assert seen[0] == -4
        assert set(seen[1:]) <= {1, 2, 3}
        assert found.best_params == {}

    def test_it_is_tried_again_after_an_interrupt(self, toy, search, storages) -> None:
        def interrupted(estimator, watch):
            raise KeyboardInterrupt

        good, toy.script = toy.script, staticmethod(interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(toy(x=3), "data", space={"x": [50, 60]}, trials=2, storage=storages.memory)
        toy.script = staticmethod(good)
        found = search(toy(x=3), "data", space={"x": [50, 60]}, trials=3, storage=storages.memory)
        assert "complete" in found.trials.loc[found.trials["as_given"], "state"].tolist()


class TestResult:
    def test_the_best_settings_are_refitted_on_all(self, toy, search) -> None:
        found = search(toy(x=20), "one", "two", space=RANGE, trials=25)
        best = found.trials.loc[found.trials["error"].isna() | found.trials["state"].eq("complete")]
        assert found.best_params == {"x": 3}
        assert len(best) == 25
        assert found.best_estimator.fitted_on_ == ("one", "two")
        assert len(toy.fits) == 1

    def test_more_is_better_where_it_is(self, toy, search) -> None:
        toy.script = staticmethod(lambda estimator, watch: float(estimator.x))
        found = search(toy(x=1), "data", space=RANGE, trials=25, metric="gain", sampler="random")
        assert found.best_params == {"x": 6}
        assert found.study.directions[0].name == "MAXIMIZE"

    def test_without_a_refit_nothing_is_fitted(self, toy, search) -> None:
        found = search(toy(x=20), "data", space=RANGE, trials=5, refit=False)
        assert toy.fits == []
        assert not hasattr(found.best_estimator, "fitted_on_")

    def test_without_a_refit_the_best_is_known_all_the_same(self, toy, search) -> None:
        found = search(toy(x=20), "data", space={"x": [3]}, trials=6, sampler="random", refit=False)
        assert found.best_params == {"x": 3}
        assert found.best_estimator.x == 3

    def test_the_same_seed_finds_the_same(self, toy, search) -> None:
        ways = [
            search(toy(seed=seed), "data", space=RANGE, trials=8).trials["x"].tolist() for seed in (1, 1, 2)
        ]
        assert ways[0] == ways[1] != ways[2]

    def test_any_seed_that_an_estimator_takes(self, toy, search) -> None:
        assert len(search(toy(seed=None), "data", space=RANGE, trials=2).trials) == 2

    def test_a_large_seed(self, toy, search) -> None:
        assert len(search(toy(seed=2**63 - 1), "data", space=RANGE, trials=2).trials) == 2

    def test_values_behind_labels(self, toy, search) -> None:
        found = search(toy(x=20), "data", space={"x": {"far": 9, "near": 3}}, trials=20)
        assert found.best_params == {"x": 3}
        assert set(found.trials["x"]) == {"as given", "far", "near"}

    def test_a_function(self, toy, search) -> None:
        found = search(toy(), "data", space=lambda trial: {"x": 3 * trial.suggest_int("n", 0, 3)}, trials=12)
        assert found.best_params == {"x": 3}
        assert found.best_estimator.x == 3


class TestObjectives:
    def test_the_first_decides_on_the_front(self, toy, search) -> None:
        def script(estimator, watch):
            assert watch is None, "nothing is pruned"
            return Outcome({"error": float(estimator.x)}, 1.0, 100 - estimator.x // 2, 5, None)

        toy.script = staticmethod(script)
        found = search(toy(x=4), "data", space=RANGE, trials=30, metric=["error", "size"], sampler="random")
        points = found.trials[["error", "size"]].drop_duplicates().to_numpy()
        front = {
            tuple(point) for point in points
            if not any((other <= point).all() and (other < point).any() for other in points)
        }  # fmt: skip
        assert set(map(tuple, found.front[["error", "size"]].to_numpy())) == front
        assert found.front["error"].is_monotonic_increasing
        assert found.objectives == ("error", "size")
        assert found.best_params == {"x": 0}

    def test_their_order_decides(self, toy, search) -> None:
        toy.script = staticmethod(
            lambda estimator, watch: Outcome({"error": float(estimator.x)}, 1.0, 100 - estimator.x, 5, None)
        )
        found = search(toy(x=4), "data", space=RANGE, trials=30, metric=["size", "error"], sampler="random")
        assert found.best_params == {"x": 6}

    def test_one_objective_has_a_front_of_its_best(self, toy, search) -> None:
        found = search(toy(x=4), "data", space=RANGE, trials=10, sampler="random")
        assert set(found.front["error"]) == {found.trials["error"].min()}

    def test_a_cost_alone_is_not_pruned_by_errors(self, toy, search) -> None:
        def script(estimator, watch):
            for percent in range(10, 101, 10):
                if watch is not None:
                    watch(float(estimator.x), percent)
            return Outcome({"error": float(estimator.x)}, 1.0, 10 - estimator.x, 5, None)

        toy.script = staticmethod(script)
        found = search(toy(x=0), "data", space=RANGE, trials=25, metric="size", sampler="random")
        assert set(states(found)) == {"complete"}
        assert found.best_params == {"x": 6}


class TestPruning:
    @pytest.mark.parametrize("pruner", [None, "median", "hyperband"])
    def test_hopeless_trials_end_early(self, toy, search, pruner) -> None:
        looks = []

        def script(estimator, watch):
            for percent in range(10, 101, 10):
                looks.append(estimator.x)
                watch(float(estimator.x), percent)
            return float(estimator.x)

        toy.script = staticmethod(script)
        found = search(
            toy(x=1),
            "data",
            space={"x": IntDistribution(1, 1000)},
            trials=30,
            pruner=pruner,
            sampler="random",
        )
        pruned = found.trials[found.trials["state"] == "pruned"]
        assert len(pruned) > 5
        assert pruned["x"].mean() > found.trials.loc[found.trials["state"] == "complete", "x"].mean()
        assert pruned["error"].isna().all()
        assert len(looks) < 300
        assert found.best_estimator.x == 1

    def test_none(self, toy, search) -> None:
        def script(estimator, watch):
            watch(float(estimator.x), 50)
            return float(estimator.x)

        toy.script = staticmethod(script)
        found = search(toy(x=1), "data", space={"x": [1, 1000]}, trials=20, pruner="none")
        assert set(states(found)) == {"complete"}

    def test_nan_on_the_way_ends_the_trial(self, toy, search) -> None:
        def script(estimator, watch):
            watch(float("nan") if estimator.x == 9 else 1.0, 50)
            return 1.0

        toy.script = staticmethod(script)
        found = search(toy(x=1), "data", space={"x": [1, 9]}, trials=30, sampler="random")
        late = found.trials.iloc[10:]
        assert set(late.loc[late["x"] == 9, "state"]) == {"fail"}
        assert late.loc[late["x"] == 9, "error"].str.contains("the metric is nan").all()


class TestSurvival:
    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (TrainingError("the loss is nan"), "TrainingError: the loss is nan"),
            (ParameterError("these contradict"), "ParameterError: these contradict"),
            (MemoryError("too little"), "MemoryError: too little"),
            (
                RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
                "MemoryError: DefaultCPU",
            ),
            ("cuda", "MemoryError: CUDA out of memory"),
            (float("nan"), "not finite: error nan"),
            (float("inf"), "not finite: error inf"),
            (float("-inf"), "not finite: error -inf"),
        ],
        ids=["diverged", "refused", "memory", "torch_cpu", "torch_cuda", "nan", "inf", "minus_inf"],
    )
    def test_what_goes_wrong_is_recorded(self, toy, search, error, said) -> None:
        problem = torch.OutOfMemoryError("CUDA out of memory") if error == "cuda" else error

        def script(estimator, watch):
            if estimator.x == 8 or (isinstance(problem, float) and estimator.x == 7):
                return 8.0
            if isinstance(problem, float):
                return problem
            raise problem

        toy.script = staticmethod(script)
        found = search(toy(x=8), "data", space={"x": [1, 8]}, trials=12, sampler="random", refit=True)
        failed = found.trials[found.trials["state"] == "fail"]
        assert set(failed["x"]) == {1}
        assert len(failed) > 0
        recorded = [trial.user_attrs["error"] for trial in found.study.trials if trial.state.name == "FAIL"]
        assert all(text.startswith(said) for text in recorded)
        assert found.best_estimator.x == 8

    def test_the_estimator_as_given_may_fail_as_well(self, toy, search) -> None:
        def script(estimator, watch):
            if estimator.x == 8:
                raise TrainingError("diverged")
            return 1.0

        toy.script = staticmethod(script)
        found = search(toy(x=8), "data", space={"x": [1]}, trials=12, sampler="random")
        assert states(found)[0] == "fail"
        assert found.best_params == {"x": 1}

    def test_all_failing_says_why(self, toy, search) -> None:
        def script(estimator, watch):
            raise TrainingError("the loss is nan at step 3")

        toy.script = staticmethod(script)
        message = "none of 4 trials ended well, 4 failed; the first: TrainingError: the loss is nan at step 3"
        with pytest.raises(TrainingError, match=message):
            search(toy(), "data", space=RANGE, trials=4)
        assert toy.fits == []

    def test_a_fault_in_the_code_is_not_survived(self, toy, search) -> None:
        def script(estimator, watch):
            raise ZeroDivisionError("a fault")

        toy.script = staticmethod(script)
        with pytest.raises(ZeroDivisionError, match="a fault"):
            search(toy(), "data", space=RANGE, trials=4)

    def test_divergence_of_a_real_one(self, make, daily, search) -> None:
        found = search(
            make(training={"max_steps": 3, "clip_norm": None}), daily,
            space={"training__learning_rate": [1e30]}, trials=5, sampler="random",
        )  # fmt: skip
        wild = found.trials["training__learning_rate"] == 1e30
        assert wild.any()
        assert not (found.trials.loc[wild, "state"] == "complete").any()
        assert found.best_params == {}
        assert found.best_estimator.predict(daily)["Seq2Seq"].notna().all()

    def test_contradictory_settings_of_a_real_one(self, make, daily, search) -> None:
        found = search(
            make(), daily, trials=8, sampler="random", refit=False,
            space={"network__attention": [None, "dot"], "network__input_feeding": [False, True]},
        )  # fmt: skip
        failed = found.trials[found.trials["state"] == "fail"]
        assert len(failed) > 0
        assert failed["error"].str.startswith("ParameterError: ").all()
        assert states(found)[0] == "complete"


class TestResuming:
    def test_trials_are_added(self, toy, search, storages) -> None:
        first = search(toy(), "data", space=RANGE, trials=3, storage=storages.sqlite)
        second = search(toy(), "data", space=RANGE, trials=4, storage=storages.sqlite)
        assert len(second.trials) == 7
        pd.testing.assert_frame_equal(second.trials.iloc[:3], first.trials)

    def test_with_a_journal(self, toy, search, storages) -> None:
        for total in (3, 6):
            found = search(toy(x=5), "data", space=RANGE, trials=3, storage=storages.journal)
            assert len(found.trials) == total
        assert found.trials["as_given"].sum() == 1

    def test_with_a_storage_object(self, toy, search) -> None:
        storage = optuna.storages.InMemoryStorage()
        for total in (3, 6):
            assert len(search(toy(), "data", space=RANGE, trials=3, storage=storage).trials) == total

    def test_other_names_are_other_studies(self, toy, search, storages) -> None:
        for name in ("one", "two"):
            found = search(toy(), name, space=RANGE, trials=2, storage=storages.memory, study_name=name)
            assert len(found.trials) == 2

    @pytest.mark.parametrize(
        ("model", "data", "options", "said"),
        [
            ({}, "other", {}, "another data: .*'data'.*, and now it is .*'other'"),
            ({}, "data", {"metric": "gain"}, r"another metric: \['error'\], and now it is \['gain'\]"),
            ({}, "data", {"metric": ["error", "size"]}, r"another metric: \['error'\]"),
            ({"rate": 0.2}, "data", {}, "another rate: '0.1', and now it is '0.2'"),
            ({"seed": 1}, "data", {}, "another seed: '0', and now it is '1'"),
            (
                {"training": Training(max_steps=7)}, "data", {},
                "another training__max_steps: 'None', and now it is '7'",
            ),
        ],
        ids=["data", "metric", "metrics", "setting", "seed", "nested"],
    )  # fmt: skip
    def test_a_study_of_something_else_is_refused(
        self, toy, search, storages, model, data, options, said
    ) -> None:
        search(toy(), "data", space=RANGE, trials=1, storage=storages.memory, study_name="mine")
        toy.script = staticmethod(lambda *_: pytest.fail("a trial began"))
        with pytest.raises(ParameterError, match=f"the study 'mine' was made for {said}"):
            search(
                toy(**model),
                data,
                space=RANGE,
                trials=1,
                storage=storages.memory,
                study_name="mine",
                **options,
            )

    def test_what_changes_no_result_may_differ(self, toy, search, storages) -> None:
        for training in (Training(), Training(progress=True, device="cpu")):
            found = search(toy(training=training), "data", space=RANGE, trials=1, storage=storages.memory)
        assert len(found.trials) == 2

    def test_a_study_of_someone_else(self, toy, search, storages) -> None:
        foreign = optuna.create_study(storage=storages.memory, study_name="Toy")
        foreign.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        with pytest.raises(ParameterError, match="the study 'Toy' was not made by tune"):
            search(toy(), "data", space=RANGE, trials=1, storage=storages.memory)
        assert len(foreign.trials) == 1

    def test_the_best_of_another_space_keeps_its_settings(self, toy, search, storages) -> None:
        first = search(
            toy(x=20), "data", space={"x": [3]}, trials=6, sampler="random", storage=storages.memory
        )
        assert first.best_params == {"x": 3}
        try:
            second = search(toy(x=20), "data", space={"kind": ["a", "b"]}, trials=1, storage=storages.memory)
        except ParameterError as error:
            assert "space" in str(error)  # noqa: PT017 (either is fine)
        else:
            assert second.best_estimator.x == 3

    def test_other_values_of_a_name_are_refused_in_our_words(self, toy, search, storages) -> None:
        search(toy(x=3), "data", space={"x": [3, 5]}, trials=2, storage=storages.memory)
        with pytest.raises(ParameterError, match="space"):
            search(toy(x=3), "data", space={"x": [3, 5, 7]}, trials=2, storage=storages.memory)


class TestWarm:
    def test_the_best_are_tried_first(self, toy, search) -> None:
        earlier = search(toy(x=20), "data", space=RANGE, trials=20, sampler="random")
        best = list(dict.fromkeys(earlier.trials.sort_values(["error", "number"], kind="stable")["x"]))
        later = search(toy(x=50), "other", space=RANGE | {"kind": ["a", "b"]}, trials=6, warm_from=earlier)
        assert sorted(later.trials["x"].iloc[1:6]) == sorted(best[:5])
        assert later.trials["x"].iloc[0] == 50

    def test_nothing_is_tried_twice(self, toy, search) -> None:
        earlier = search(toy(x=3), "data", space={"x": [3, 5]}, trials=4)
        seen = []
        toy.script = staticmethod(lambda estimator, watch: seen.append(estimator.x) or 1.0)
        search(toy(x=3), "other", space={"x": [3, 5]}, trials=2, warm_from=earlier.study)
        assert sorted(seen) == [3, 5]


class TestSurroundings:
    def test_ctrl_c_is_raised(self, toy, search) -> None:
        def script(estimator, watch):
            raise KeyboardInterrupt

        toy.script = staticmethod(script)
        with pytest.raises(KeyboardInterrupt):
            search(toy(), "data", space=RANGE, trials=3)
        assert toy.fits == []

    def test_ctrl_c_in_a_real_training_is_raised(self, make, daily, search, monkeypatch) -> None:
        from tsseq2seq.training.step import GradientSteps

        step = GradientSteps.__call__

        def second(steps, number, total):
            if number == 1:
                raise KeyboardInterrupt
            return step(steps, number, total)

        monkeypatch.setattr(GradientSteps, "__call__", second)
        with pytest.raises(KeyboardInterrupt):
            search(make(), daily, space={"network__hidden_size": [4, 6]}, trials=3)

    @pytest.mark.parametrize("ending", ["well", "badly"])
    def test_log_level_and_filters_are_restored(self, toy, search, ending) -> None:
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(logging.DEBUG)
        filters = list(warnings.filters)
        try:
            if ending == "badly":
                toy.script = staticmethod(lambda *_: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    search(toy(), "data", space=RANGE, trials=2)
            else:
                search(toy(), "data", space=RANGE, trials=2)
            assert optuna.logging.get_verbosity() == logging.DEBUG
            assert warnings.filters == filters
        finally:
            optuna.logging.set_verbosity(before)

    def test_nothing_is_printed_without_a_bar(self, toy, search, storages, capfd) -> None:
        search(toy(), "data", space=RANGE, trials=3, storage=storages.sqlite)
        assert capfd.readouterr() == ("", "")

    def test_the_bar_shows_the_best(self, toy, search, capsys) -> None:
        search(toy(x=5), "data", space={"x": [5]}, trials=3, progress=True)
        shown = capsys.readouterr().err
        assert "tune: 100%" in shown
        assert "3/3" in shown
        assert "best 2" in shown

    def test_timeout_ends_the_search(self, toy, search) -> None:
        def script(estimator, watch):
            time.sleep(0.05)
            return 1.0

        toy.script = staticmethod(script)
        found = search(toy(), "data", space=RANGE, trials=None, timeout=0.3)
        assert 2 <= found.trials["x"].nunique() <= 6, "the same settings are not run again"

    def test_no_settings_are_trained_twice(self, toy, search) -> None:
        trained = []

        def script(estimator, watch):
            trained.append(estimator.x)
            return float(len(trained))

        toy.script = staticmethod(script)
        found = search(toy(x=1), "data", space={"x": [1, 2, 3]}, trials=12, sampler="random")
        assert len(found.trials) == 12
        assert trained[0] == 1, "as given"
        assert sorted(trained[1:]) == [1, 2, 3]
        for trial in found.study.trials:
            if "same_as" in trial.user_attrs:
                other = found.study.trials[trial.user_attrs["same_as"]]
                assert (trial.params, trial.values) == (other.params, other.values)
                assert "same_as" not in other.user_attrs

    def test_missing_optuna(self, toy, search, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "optuna", None)
        with pytest.raises(MissingDependencyError, match=r"tune needs.*pip install 'tsseq2seq\[search\]'"):
            search(toy(), "data")


@pytest.mark.usefixtures("no_training")
class TestRefusals:
    """Before anything is trained."""

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"space": {"network__hiden_size": [4]}}, "'network__hiden_size'.*did you mean network__hidden_size"),
            ({"space": {}}, "space is empty"),
            ({"space": {"network__cell": []}}, "space has no value for 'network__cell'"),
            ({"metric": "msae"}, "metric is 'msae'; it must be one of 'mase', 'mae', 'rmse'"),
            ({"metric": []}, "metric is empty"),
            ({"metric": ["mase", "size", "mase"]}, r"metric is \['mase', 'size', 'mase'\]; each may be given once"),
            ({"trials": 0}, "trials is 0; it must be an integer, at least 1"),
            ({"trials": -3}, "trials is -3"),
            ({"trials": None}, "trials and timeout are both None"),
            ({"timeout": 0}, "timeout is 0; it must be a number, above 0"),
            ({"jobs": 0}, "jobs is 0; it must be an integer, at least 1"),
            ({"windows": 0}, "windows is 0"),
            ({"step": 0}, "step is 0"),
            ({"heartbeat": 0.5}, "heartbeat is 0.5"),
            ({"sampler": "grid"}, "sampler is 'grid'; it must be one of None, 'tpe', 'random'"),
            ({"pruner": "mean"}, "pruner is 'mean'; it must be one of None, 'median', 'hyperband', 'none'"),
            ({"windows": 40}, "40 cutoffs of 3 steps are held out, and no series is longer"),
            ({"storage": "study.db"}, "storage is 'study.db'; it must be a URL such as 'sqlite:///study.db'"),
            ({"storage": "sqlite:////nowhere/at/all/s.db"}, "cannot be reached: .*unable to open database file"),
            ({"storage": "journal:///nowhere/at/all/s.log"}, "cannot be reached: there is no folder '/nowhere/at/all'"),
            ({"storage": "oracel://host/db"}, "'oracel://host/db' cannot be reached: Can't load plugin"),
            ({"storage": "postgresql://me:secret@127.0.0.1:1/db"}, r"'postgresql://me:\*\*\*@127.0.0.1:1/db' cannot be"),
        ],
        ids=[
            "name", "empty_space", "no_value", "metric", "no_metric", "metric_twice", "no_trials", "negative_trials",
            "endless", "timeout", "jobs", "windows", "step", "heartbeat", "sampler", "pruner", "too_many_windows",
            "no_url", "sqlite_folder", "journal_folder", "unknown_database", "postgresql",
        ],
    )  # fmt: skip
    def test_values(self, make, daily, search, options, said) -> None:
        with pytest.raises((ParameterError, DataError), match=said):
            search(make(), daily, **({"space": {"network__hidden_size": [4]}} | options))

    @pytest.mark.usefixtures("unchecked_types")
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"space": 5}, "space is 5; it must be a dict by name, or a function"),
            ({"space": {"network__cell": "lstm"}}, "space has 'lstm' for 'network__cell'"),
            ({"trials": 2.5}, "trials is 2.5; it must be an integer"),
            ({"trials": True}, "trials is True"),
            ({"jobs": "all"}, "jobs is 'all'"),
            ({"storage": 5}, "storage is 5; it must be a URL"),
            (
                {"warm_from": "study"},
                "warm_from is 'study'; it must be an Optuna study, or what tune returned",
            ),
            (
                {"jobs": 2, "storage": optuna.storages.InMemoryStorage()},
                "other processes need a URL to reach it",
            ),
        ],
        ids=["space", "entry", "fraction", "bool", "jobs", "storage", "warm_from", "unreachable_object"],
    )
    def test_types(self, make, daily, search, options, said) -> None:
        with pytest.raises(ParameterTypeError, match=said):
            search(make(), daily, **({"space": {"network__hidden_size": [4]}} | options))

    @pytest.mark.usefixtures("unchecked_types")
    def test_a_metric_that_is_no_text(self, make, daily, search) -> None:
        with pytest.raises(ParameterTypeError, match="metric is 3"):
            search(make(), daily, metric=3)

    @pytest.mark.parametrize(
        "estimator", [5, None, "model", TrainingError], ids=["number", "none", "text", "class"]
    )
    def test_no_estimator(self, daily, search, estimator) -> None:
        with pytest.raises(
            ParameterTypeError, match=r"tune: estimator is .*; it must be a Seq2SeqForecaster"
        ):
            search(estimator, daily)

    def test_other_estimators(self, daily, search) -> None:
        from sklearn.linear_model import LinearRegression

        with pytest.raises(ParameterTypeError, match="estimator is LinearRegression"):
            search(LinearRegression(), daily)

    def test_the_class_instead_of_an_estimator(self, make, daily, search) -> None:
        with pytest.raises(ParameterTypeError, match="estimator is <class"):
            search(type(make()), daily)

    def test_bad_data(self, make, daily, search) -> None:
        with pytest.raises(DataError, match="'ds'"):
            search(make(), daily.drop(columns="ds"))

    def test_too_little_data(self, make, daily, search) -> None:
        with pytest.raises(DataError, match="3 steps are held out, and no series is longer"):
            search(make(), daily.groupby("unique_id").head(3))

    def test_rolling_origins_of_sentences(self, translator, pairs, search) -> None:
        with pytest.raises(ParameterError, match="step is 2; pairs of sentences have no rolling origins"):
            search(translator, *pairs, step=2)

    def test_all_pairs_held_out(self, translator, pairs, search) -> None:
        with pytest.raises(ParameterError, match="40 pairs are to be held out, but there are 40"):
            search(translator, *pairs, windows=40)

    def test_an_unknown_name_of_a_function(self, make, daily, search) -> None:
        with pytest.raises(ParameterError, match="did you mean network__hidden_size"):
            search(make(), daily, space=lambda trial: {"network__hiden_size": trial.suggest_int("n", 2, 4)})

    @pytest.mark.parametrize(
        "space",
        [
            {"horizon": [3, 5]},
            {"target_col": ["y", "price"]},
            {"future_covariates": {"none": [], "price": ["price"]}},
            {"past_covariates": {"none": [], "price": ["price"]}},
            {"freq": ["D", "2D"]},
        ],
        ids=["horizon", "target", "future", "past", "freq"],
    )
    def test_what_decides_how_data_are_read_cannot_be_searched(self, make, daily, search, space) -> None:
        with pytest.raises(ParameterError, match=next(iter(space))):
            search(make(), daily, space=space)

    def test_a_port_that_is_no_number(self, make, daily, search) -> None:
        with pytest.raises(ParameterError, match="cannot be reached"):
            search(make(), daily, storage="postgresql://me:secret@127.0.0.1:1x/db")

    def test_sqlite_in_memory(self, make, daily, search) -> None:
        with pytest.raises(ParameterError, match="memory"):
            search(make(), daily, storage="sqlite:///:memory:")

    @pytest.mark.parametrize("kind", ["folder", "text"])
    def test_a_journal_that_is_none(self, make, daily, search, storages, kind) -> None:
        path = storages.folder / "journal"
        if kind == "folder":
            path.mkdir()
        else:
            path.write_text("no journal\n" * 100)
        with pytest.raises(ParameterError, match="cannot be reached"):
            search(make(), daily, storage=f"journal://{path}")

    def test_no_database(self, make, daily, search, storages) -> None:
        (storages.folder / "study.db").write_text("no database" * 100)
        with pytest.raises(ParameterError, match="file is not a database"):
            search(make(), daily, storage=storages.sqlite)


def test_floats_are_drawn_from_the_range_given(toy, search) -> None:
    toy.script = staticmethod(lambda estimator, watch: estimator.rate)
    found = search(toy(rate=0.1), "data", space={"rate": FloatDistribution(0.5, 1.0)}, trials=8)
    assert found.best_params == {}
    assert found.trials["rate"].between(0.1, 1.0).all()
    assert np.isclose(found.trials["rate"][0], 0.1)
