"""Several processes on one study, one of which is killed; PostgreSQL."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from optuna.distributions import FloatDistribution

from tsseq2seq.errors import TrainingError
from tsseq2seq.tuning import worker
from tsseq2seq.tuning.study_setup import StudySetup
from tsseq2seq.tuning.worker import _shares

RATES = {"training__learning_rate": FloatDistribution(1e-4, 1e-1, log=True)}

# A worker whose second trial hangs; the data and the model are those of the fixtures.
VICTIM = """
import pickle, sys, time
from pathlib import Path
from types import SimpleNamespace
from tsseq2seq import tune
from tsseq2seq.tuning.objective import TrialObjective

model, data, space, storage, marker = pickle.loads(Path(sys.argv[1]).read_bytes())
run = TrialObjective._run

def hang(self, trial, *arguments, **options):
    if trial.number == 2:
        Path(marker).touch()
        time.sleep(600)
    return run(self, trial, *arguments, **options)

TrialObjective._run = hang
tune(model, data, space=space, trials=9, storage=storage, heartbeat=1.0, sampler="random", progress=False)
"""


def share_out() -> dict[tuple[int | None, int], list[int | None]]:
    return {(7, 3): [3, 2, 2], (2, 3): [1, 1], (4, 1): [4], (None, 2): [None, None]}


@pytest.mark.parametrize(("trials", "jobs"), list(share_out()))
def test_trials_are_shared_out(trials, jobs) -> None:
    assert _shares(trials, jobs) == share_out()[trials, jobs]


def environment() -> dict[str, str]:
    return os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
    }


def start_victim(folder: Path, *arguments: object) -> tuple[subprocess.Popen[bytes], Path]:
    import cloudpickle

    marker = folder / "hangs"
    (folder / "call.pickle").write_bytes(cloudpickle.dumps((*arguments, str(marker))))
    process = subprocess.Popen([sys.executable, "-c", VICTIM, str(folder / "call.pickle")], env=environment())
    return process, marker


def test_two_processes_and_a_killed_one(make, daily, search, storages) -> None:
    """A worker dies in mid-trial: that trial is lost, and run again by whoever goes on."""
    model = make()
    victim, marker = start_victim(storages.folder, model, daily, RATES, storages.sqlite)
    try:
        deadline = time.monotonic() + 120
        while not marker.exists():
            assert victim.poll() is None, "it ended before it hung"
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # while one works on a trial, another one works on the next
        during = search(
            model,
            daily,
            space=RATES,
            trials=1,
            storage=storages.sqlite,
            heartbeat=1.0,
            sampler="random",
            refit=False,
        )
        assert during.trials["state"].tolist() == ["complete", "complete", "running", "complete"]
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    time.sleep(3.5)  # longer than two heartbeats
    found = search(
        model,
        daily,
        space=RATES,
        trials=2,
        storage=storages.sqlite,
        heartbeat=1.0,
        sampler="random",
        refit=False,
    )
    assert found.trials["state"].tolist() == [
        "complete",
        "complete",
        "fail",
        "complete",
        "complete",
        "complete",
    ]
    again = found.study.trials[4]
    assert again.system_attrs["failed_trial"] == 2
    assert again.params == found.study.trials[2].params
    assert found.trials["as_given"].tolist() == [True] + [False] * 5
    assert found.trials["training__learning_rate"].nunique() == 5, "the one run again has the same"


def test_jobs_share_the_trials(make, daily, search) -> None:
    found = search(make(), daily, space=RATES, trials=7, jobs=2, sampler="random", pruner="none")
    assert found.trials["number"].tolist() == list(range(7))
    assert found.trials["as_given"].sum() == 1
    assert found.trials["as_given"][0]
    assert found.trials["state"].eq("complete").all()
    assert found.best_estimator.predict(daily)["Seq2Seq"].notna().all()
    # each trial's result is what one process finds with these settings
    problem = make().tuning_problem(daily)
    row = found.trials.iloc[-1]
    outcome = problem.run(
        make().set_params(training__learning_rate=row["training__learning_rate"]), ["mase"], None
    )
    assert outcome.scores["mase"] == pytest.approx(row["mase"], rel=1e-4)
    assert found.trials["training__learning_rate"].nunique() == 7, "no two workers propose the same"


def test_workers_import_nothing_of_the_current_folder(tmp_path) -> None:
    """Nor do the processes of the baselines: modules there may be anyone's."""
    for module in ("optuna", "pickle", "random", "joblib", "numpy", "cloudpickle"):
        (tmp_path / f"{module}.py").write_text(
            f"open('imported-{module}', 'w').close()\nraise SystemExit(3)\n"
        )
    rows = [f"{shop},2024-01-{day:02},{day % 7 + day * day % 3}" for shop in "abcd" for day in range(1, 31)]
    (tmp_path / "data.csv").write_text("\n".join(["shop,day,sold", *rows, ""]))
    command = [sys.executable, "-P", "-c", "import sys; from tsseq2seq.cli import main; sys.exit(main())"]
    options = ("data.csv", "--horizon", "2", "--max-steps", "1")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    for arguments in (
        ("tune", *options, "--trials", "2", "--jobs", "2", "--metric", "mae"),
        ("forecast", *options[:3], "--model-name", "theta"),
    ):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert not list(tmp_path.glob("imported-*"))
        assert done.returncode == 0, done.stderr


def test_workers_import_what_this_process_can(tmp_path, monkeypatch) -> None:
    """In a notebook the current folder is on the path, and a class of one's own may live there."""
    seen = {}

    def start(command: list[str], *, env: dict[str, str]) -> subprocess.Popen[bytes]:
        seen.update(command=command, path=env["PYTHONPATH"].split(os.pathsep))
        return object.__new__(subprocess.Popen)

    setup = StudySetup(
        **dict.fromkeys(("estimator", "space", "metric", "windows", "step", "storage", "sampler", "pruner")),
        data=(),
        study_name="study",
        heartbeat=1.0,
    )
    monkeypatch.setattr(worker, "subprocess", SimpleNamespace(Popen=start))
    monkeypatch.chdir(tmp_path)
    for entries, own in (([""], True), ([], False)):
        monkeypatch.setattr(sys, "path", [*entries, "/somewhere"])
        worker._start(tmp_path / "setup.pickle", setup, 1, None, 1)
        assert "-P" in seen["command"]
        assert (os.path.realpath(tmp_path) in seen["path"]) == own
        assert seen["path"][-1] == "/somewhere"


def test_all_workers_failing(make, daily, search, monkeypatch, capfd) -> None:
    monkeypatch.setattr(worker.sys, "executable", "/bin/false")
    with pytest.raises(TrainingError, match="tune: all 2 workers failed; the first with exit status 1"):
        search(make(), daily, space=RATES, trials=2, jobs=2)


@pytest.fixture
def postgresql() -> Iterator[str]:
    """A server of its own, on loopback, in a temporary folder; its URL."""
    driver = next((name for name in ("psycopg2", "psycopg") if importlib.util.find_spec(name)), None)
    if driver is None:
        pytest.skip("neither psycopg2 nor psycopg is installed: no driver for PostgreSQL")
    places = os.pathsep.join(
        [os.environ.get("PATH", ""), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin")))]
    )
    programs = {name: shutil.which(name, path=places) for name in ("initdb", "postgres", "pg_ctl")}
    if programs["initdb"] is None or programs["pg_ctl"] is None:
        pytest.skip("PostgreSQL is not installed: there is no initdb or no pg_ctl")
    # the server refuses to run as root
    owner: dict[str, str] = {}
    if os.geteuid() == 0:
        import pwd

        try:
            pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
        owner = {"user": "postgres"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="tsseq2seq-postgresql-", dir="/tmp"))
    if owner:
        shutil.chown(folder, "postgres")
    cluster, log = str(folder / "cluster"), str(folder / "log")

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs[program]), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            timeout=60,
            **owner,
        )

    try:
        call("initdb", "-D", cluster, "-U", "tester", "-A", "trust", "-N")
        options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
        call("pg_ctl", "-D", cluster, "-l", log, "-o", options, "-w", "start")
        try:
            # which driver a plain "postgresql://" means depends on SQLAlchemy's version
            yield f"postgresql+{driver}://tester@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def test_postgresql(make, daily, search, postgresql, storages) -> None:
    """What holds for a file holds for a server: two processes, one killed, and resuming."""
    model = make()
    victim, marker = start_victim(storages.folder, model, daily, RATES, postgresql)
    try:
        while not marker.exists():
            assert victim.poll() is None, "it ended before it hung"
            time.sleep(0.1)
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    time.sleep(3.5)
    options = {"space": RATES, "storage": postgresql, "heartbeat": 1.0, "sampler": "random", "refit": False}
    found = search(model, daily, trials=2, jobs=2, **options)
    assert sorted(found.trials["state"]) == ["complete"] * 4 + ["fail"]
    assert found.trials["as_given"].sum() == 1
    assert found.study.trials[2].params in [trial.params for trial in found.study.trials[3:]]
    # nothing is left open that would be warned of
    found.study._storage.remove_session()
    found.study._storage._backend.engine.dispose()
