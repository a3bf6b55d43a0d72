"""Real processes that save, read, die, and find no room: a folder holds one whole model at every moment."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqForecaster, Training, load
from tsseq2seq.persistence.files import JSON, TENSORS, tensors_between

SAVER = Path(__file__).with_name("saving_process.py")
LOADS = 60  # a thousand in benchmarks/kill_saves.py
KILLS = 10  # three hundred there

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX does")


def fitted(size: int) -> Seq2SeqForecaster:
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    df = pd.DataFrame({"ds": days, "y": np.random.default_rng(size).normal(size=30).cumsum()})
    training = Training(max_steps=2, progress=False, precision="float32", device="cpu")
    return Seq2SeqForecaster(3, network=Network(hidden_size=size), training=training).fit(df)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Saved models by the size of their network, a small and a larger one."""
    folder = tmp_path_factory.mktemp("sources")
    for size in (3, 40):
        fitted(size).save(folder / str(size))
    return {size: folder / str(size) for size in (3, 40)}


@pytest.fixture(scope="module")
def forecasts(sources: dict[int, Path]) -> dict[int, pd.DataFrame]:
    return {size: load(path).predict() for size, path in sources.items()}


class Saver:
    """A process whose children save the models of ``sources`` into the folder in turn, until they are killed."""

    def __init__(self, folder: Path, *sources: Path) -> None:
        command = [sys.executable, str(SAVER), str(folder), *map(str, sources)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Have a child save while the body runs; then it is killed."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        child = int(self._line())
        try:
            yield
        finally:
            os.kill(child, signal.SIGKILL)
            assert self._line() == "dead"

    def __enter__(self) -> Saver:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def assert_whole(folder: Path, forecasts: dict[int, pd.DataFrame]) -> int:
    """Load the folder; return the size of the network, whose forecast it must give."""
    model = load(folder)
    size = model.network_.hidden_size
    pd.testing.assert_frame_equal(model.predict(), forecasts[size], check_exact=True)
    return size


def test_readers_see_one_whole_model_while_two_processes_save(
    sources: dict[int, Path], forecasts: dict[int, pd.DataFrame], tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(sources[3], folder)
    small, large = sources[3], sources[40]
    savers = Saver(folder, small, large), Saver(folder, large, small)
    with savers[0] as one, savers[1] as other, one.saving(), other.saving():
        seen = [assert_whole(folder, forecasts) for _ in range(LOADS)]
    assert set(seen) == {3, 40}
    load(sources[3]).save(folder)
    assert_whole(folder, forecasts)
    assert {JSON, TENSORS} <= {path.name for path in folder.iterdir()}


def test_a_saver_killed_at_any_moment_leaves_a_whole_model(
    sources: dict[int, Path], forecasts: dict[int, pd.DataFrame], tmp_path: Path
) -> None:
    folder, rng = tmp_path / "model", random.Random(0)
    shutil.copytree(sources[3], folder)
    (folder / "notes.txt").write_text("precious")
    model = load(sources[3])
    with Saver(folder, sources[40], sources[3]) as saver:
        for _ in range(KILLS):
            with saver.saving():
                time.sleep(rng.uniform(0.0, 0.05))
            assert_whole(folder, forecasts)
            model.save(folder)
            assert assert_whole(folder, forecasts) == 3
    assert (folder / "notes.txt").read_text() == "precious"
    for left in folder.glob(".tsseq2seq-*"):
        os.utime(left, (0, 0))
    model.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == [JSON, "notes.txt", TENSORS]


@pytest.mark.parametrize("named", [False, True])
def test_a_save_that_ended_between_two_files_is_whole(
    sources: dict[int, Path], forecasts: dict[int, pd.DataFrame], tmp_path: Path, named: bool
) -> None:
    """New tensors lie under the name between; ``model.json`` is the old one, or names them already."""
    import json

    folder = tmp_path / "model"
    shutil.copytree(sources[3], folder)
    digest = json.loads((sources[40] / JSON).read_text())["sha256"]["tensors"]
    shutil.copy(sources[40] / TENSORS, tensors_between(folder / TENSORS, digest))
    if named:
        shutil.copy(sources[40] / JSON, folder / JSON)
    assert assert_whole(folder, forecasts) == (40 if named else 3)
    load(sources[3]).save(folder)
    assert assert_whole(folder, forecasts) == 3
    assert sorted(path.name for path in folder.iterdir()) == [JSON, TENSORS]


FULL_DISK = """
set -e
mount -t tmpfs -o size=60k tmpfs "$1"
cp -r "$2" "$1/model"
"$3" - "$1/model" "$4" <<'PYTHON'
import sys, tsseq2seq
from tsseq2seq.errors import ModelFileError
folder, large = sys.argv[1:]
model = tsseq2seq.load(large)
before = tsseq2seq.load(folder).predict()
for target in (folder, folder + "-new"):
    try:
        model.save(target)
    except ModelFileError as error:
        print(error)
assert tsseq2seq.load(folder).predict().equals(before)
import os
print(sorted(os.listdir(folder)), sorted(os.listdir(os.path.dirname(folder))))
PYTHON
"""


def test_a_full_disk_leaves_the_old_model(sources: dict[int, Path], tmp_path: Path) -> None:
    """On a file system of 60 kB, mounted for this test alone."""
    can = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)], capture_output=True
    )
    if can.returncode:
        pytest.skip(f"no file system can be mounted here: {can.stderr.decode().strip()}")
    arguments = [str(tmp_path), str(sources[3]), sys.executable, str(sources[40])]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    first, second, left = done.stdout.splitlines()
    for said, target in ((first, "model"), (second, "model-new")):
        assert f"{tmp_path / target} cannot be written" in said
        assert "No space left on device" in said
    assert left == f"{[JSON, TENSORS]} {['model']}"


LIMITED = """
import resource, signal, sys, tsseq2seq
from tsseq2seq.errors import ModelFileError
folder, large = sys.argv[1:]
model = tsseq2seq.load(large)
before = tsseq2seq.load(folder).predict()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    model.save(folder)
except ModelFileError as error:
    print(error)
assert tsseq2seq.load(folder).predict().equals(before)
"""


def test_a_file_that_may_not_grow_leaves_the_old_model(sources: dict[int, Path], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(sources[3], folder)
    command = [sys.executable, "-c", LIMITED, str(folder), str(sources[40])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{folder} cannot be written" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == [JSON, TENSORS]


def test_tensors_on_another_disk_are_replaced_there(
    sources: dict[int, Path], forecasts: dict[int, pd.DataFrame], tmp_path: Path
) -> None:
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system that may be written")
    with tempfile.TemporaryDirectory(dir=shared) as other:
        folder, elsewhere = tmp_path / "model", Path(other) / "tensors"
        shutil.copytree(sources[3], folder)
        shutil.move(folder / TENSORS, elsewhere)
        (folder / TENSORS).symlink_to(elsewhere)
        load(sources[40]).save(folder)
        assert assert_whole(folder, forecasts) == 40
        assert (folder / TENSORS).is_symlink()
        assert [path.name for path in Path(other).iterdir()] == ["tensors"]
