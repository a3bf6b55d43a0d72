"""Every changed file ends in a model or a ModelFileError, soon and in little memory, and the right one is blamed."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from tests.persistence.signing import change_json, sign
from tsseq2seq import Seq2SeqForecaster, load
from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence.files import FORMAT, JSON, TENSORS

KINDS = (
    "bytes of one file",
    "raw JSON",
    "values of the JSON, signed",
    "numbers of the JSON, signed",
    "tensors, signed",
    "header of the tensors, signed",
)
MUTATIONS = 4  # of each kind and model: hundreds in all; ten thousand in benchmarks/fuzz_models.py


@pytest.fixture
def model(tiny: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return a copy of a saved model, to be changed."""
    return lambda name: Path(shutil.copytree(tiny[name], tmp_path / name))


def change_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = safetensors.torch.load((folder / TENSORS).read_bytes())
    change(tensors)
    safetensors.torch.save_file(tensors, folder / TENSORS)
    change_json(folder, lambda content: content.update(tensors=sorted(tensors)))


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("kind", KINDS)
def test_mutations_end_in_a_model_or_a_model_file_error(
    kind: str, tiny: dict[str, Path], tmp_path: Path
) -> None:
    from model_mutations import MUTATIONS as WAYS
    from model_mutations import Files, load_measured

    assert set(WAYS) == set(KINDS)
    for name, folder in tiny.items():
        before = Files.of(folder)
        for number in range(MUTATIONS):
            files = WAYS[kind](before, random.Random(f"{kind} {name} {number}"))
            files.write(tmp_path / "changed")
            outcome = load_measured(tmp_path / "changed")
            fault = outcome.fault(files, before, unsigned="signed" not in kind)
            assert fault is None, (name, number, fault)


def test_every_bit_of_the_tensors_counts(model: Callable[[str], Path]) -> None:
    folder, rng = model("forecaster"), random.Random(0)
    whole = (folder / TENSORS).read_bytes()
    for place in rng.sample(range(8 * len(whole)), 200):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        (folder / TENSORS).write_bytes(changed)
        with pytest.raises(ModelFileError, match=r"tensors\.safetensors was changed after it was saved"):
            load(folder)


def test_a_value_changed_in_the_json_is_seen(model: Callable[[str], Path]) -> None:
    folder = model("forecaster")
    text = (folder / JSON).read_text()
    (folder / JSON).write_text(
        text.replace('"2.0"', '"3.0"').replace('"context_length": 8', '"context_length": 9')
    )
    with pytest.raises(ModelFileError, match=r"model\.json was changed after it was saved"):
        load(folder)


def test_a_checksum_cannot_be_lost_by_a_letter(model: Callable[[str], Path]) -> None:
    folder = model("forecaster")
    text = (folder / JSON).read_text()
    assert text.count('"model":') == 1
    (folder / JSON).write_text(text.replace('"model":', '"modem":'))
    with pytest.raises(ModelFileError, match=r"model\.json was changed after it was saved.*modem"):
        load(folder)


def test_who_means_to_change_the_json_may(model: Callable[[str], Path]) -> None:
    folder = model("forecaster")
    content = json.loads((folder / JSON).read_text())
    content["parameters"]["seed"] = 5
    del content["sha256"]["model"]
    (folder / JSON).write_text(json.dumps(content))
    assert load(folder).seed == 5


def test_how_the_json_is_laid_out_does_not_count(model: Callable[[str], Path]) -> None:
    folder = model("forecaster")
    (folder / JSON).write_text(
        json.dumps(json.loads((folder / JSON).read_text()), indent=4, ensure_ascii=False)
    )
    assert isinstance(load(folder), Seq2SeqForecaster)


def test_files_of_two_models_are_no_model(model: Callable[[str], Path], tiny: dict[str, Path]) -> None:
    folder = model("counts")
    shutil.copy(tiny["paths"] / TENSORS, folder / TENSORS)
    with pytest.raises(ModelFileError, match="belongs to another model"):
        load(folder)


def network(**fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        for settings in (content["learned"]["choices"]["network"], content["parameters"]["network"]):
            settings["fields"].update(fields)

    return change


HUGE = {
    "width": ("forecaster", network(hidden_size=100_000)),
    "layers": ("forecaster", network(num_layers=10_000_000)),
    "layers of a translator": ("translator", network(num_layers=1_000_000)),
    "horizon beyond bounds": ("paths", lambda content: content["learned"].update(horizon=10**15)),
    "context": ("forecaster", lambda content: content["learned"]["choices"].update(context_length=10**12)),
    "segment": ("paths", lambda content: content["learned"]["choices"].update(segment_length=10**8)),
    "window": ("autoencoder", lambda content: content["learned"]["choices"].update(window_length=10**9)),
    "latent": ("autoencoder", lambda content: content["learned"]["choices"].update(latent_size=10**6)),
    "members": ("forecaster", lambda content: content["learned"].update(members=10**9)),
    "lags": ("forecaster", lambda content: content["learned"]["choices"].update(lags=[10**12])),
    "frames": ("synthesizer", lambda content: content["learned"]["choices"].update(frames_per_step=10**7)),
}


@pytest.mark.parametrize(("name", "change"), HUGE.values(), ids=HUGE)
def test_a_small_file_asks_for_little(model: Callable[[str], Path], name: str, change: Callable) -> None:
    from model_mutations import CONSTANT, SECONDS, load_measured

    folder = model(name)
    change_json(folder, change)
    outcome = load_measured(folder)
    assert isinstance(outcome.error, ModelFileError), outcome
    assert outcome.seconds < SECONDS
    assert outcome.bytes < CONSTANT + 2 * sum(file.stat().st_size for file in folder.iterdir())


def test_memory_is_at_most_twice_the_files(tmp_path: Path, benchmarks_on_the_path: None) -> None:
    from model_mutations import load_measured
    from tiny_models import frame

    from tsseq2seq import Network, Training

    training = Training(max_steps=1, progress=False, precision="float32", device="cpu")
    wide = Seq2SeqForecaster(
        2, context_length=4, network=Network(hidden_size=2000), training=training, seed=0
    )
    wide.fit(frame()[["unique_id", "ds", "y"]]).save(tmp_path / "wide")
    size = sum(file.stat().st_size for file in (tmp_path / "wide").iterdir())
    assert size > 100e6, "or the constant would hide it"
    del wide
    outcome = load_measured(tmp_path / "wide")
    assert outcome.loaded
    assert outcome.bytes < 2.2 * size


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    "name", ["forecaster", "ensemble", "tagger", "translator", "synthesizer", "autoencoder"]
)
def test_weights_that_are_not_finite_are_refused(
    model: Callable[[str], Path], name: str, number: float
) -> None:
    folder = model(name)

    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        weights = sorted(key for key in tensors if "model.0." in key)
        tensors[weights[-1]].view(-1)[-1] = number

    change_tensors(folder, spoil)
    with pytest.raises(ModelFileError, match="not finite"):
        load(folder)


def test_a_model_that_could_not_be_loaded_is_not_saved(tiny: dict[str, Path], tmp_path: Path) -> None:
    diverged = load(tiny["forecaster"])
    with torch.no_grad():
        next(diverged.fitted_.members[0].parameters()).fill_(float("nan"))
    with pytest.raises(ModelFileError, match="not finite"):
        diverged.save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


PANEL = {
    "rows": (lambda t: t.update({"panel.values": t["panel.values"][:-1].clone()}), "offsets"),
    "observed": (lambda t: t.update({"panel.observed": t["panel.observed"][:-1].clone()}), "panel.observed"),
    "offsets back": (lambda t: t["panel.offsets"][1:2].fill_(-1), "offsets"),
    "offsets of one more": (lambda t: t.update({"panel.offsets": torch.tensor([0, 1, 2, 80])}), "offsets"),
    "type": (lambda t: t.update({"panel.values": t["panel.values"].double()}), "panel.values"),
    "scale": (lambda t: t["panel.scale"].fill_(0.0), "scale"),
    "location": (lambda t: t["panel.location"].fill_(float("nan")), "panel.location"),
    "values": (lambda t: t["panel.values"][0].fill_(float("inf")), "panel.values"),
    "codes": (lambda t: t["panel.static.codes"].fill_(7), "static.codes"),
    "mask": (lambda t: t.update({"panel.past.mask": t["panel.past.mask"][:, :0].clone()}), "panel.past.mask"),
    "a role less": (lambda t: [t.pop(f"panel.past.{key}") for key in ("numbers", "mask", "codes")], "past"),
}


@pytest.mark.parametrize(("change", "part"), PANEL.values(), ids=PANEL)
def test_parts_of_a_panel_that_differ_are_refused(
    model: Callable[[str], Path], change: Callable, part: str
) -> None:
    folder = model("covariates")
    change_tensors(folder, change)
    with pytest.raises(ModelFileError, match=part):
        load(folder)


META = {
    "a name twice": (lambda panel: panel.update(ids=["a", "a"]), "'a' twice"),
    "a name more": (lambda panel: panel["ids"].append("c"), "starts"),
    "a start less": (lambda panel: panel["starts"]["values"].pop(), "starts"),
    "a target more": (lambda panel: panel["targets"].append("z"), "panel.values"),
    "no target": (lambda panel: panel["targets"].clear(), "targets"),
    "named": (lambda panel: panel.update(named="yes"), "named"),
}


@pytest.mark.parametrize(("change", "part"), META.values(), ids=META)
def test_what_is_said_of_a_panel_is_compared_with_it(
    model: Callable[[str], Path], change: Callable, part: str
) -> None:
    folder = model("paths")
    change_json(folder, lambda content: change(content["learned"]["panel"]))
    with pytest.raises(ModelFileError, match=part):
        load(folder)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"optimizer": "lr_scheduler"}', "lr_scheduler"),
        ('{"optimizer": "__builtins__"}', "__builtins__"),
        ('{"settings": "os.system", "fields": {"command": "touch ran"}}', r"os\.system"),
        ('{"estimator": "subprocess.Popen", "parameters": {"args": "touch ran"}}', r"subprocess\.Popen"),
        ('{"kind": "pickle", "parts": "Y29zCnN5c3RlbQo="}', "pickle"),
        ('{"float": "1_000"}', "1_000"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("9" * 30, "64 bits"),
        ("9" * 10_000, "64 bits"),
        ("[" * 100_000 + "]" * 100_000, "nested"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        ("[" + "[]," * 10_000_000 + "[]]", "memory"),
    ],
    ids=lambda value: value[:20],
)
def test_values_that_no_model_has(
    model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    folder = model("classifier")
    monkeypatch.chdir(folder.parent)
    content = json.loads((folder / JSON).read_text())
    content["sha256"].pop("model")
    content["parameters"]["seed"] = "HERE"
    (folder / JSON).write_text(json.dumps(content).replace('"HERE"', value))
    with pytest.raises(ModelFileError, match=said) as refusal:
        load(folder)
    assert JSON in str(refusal.value)
    assert not (folder.parent / "ran").exists()


def test_a_newer_format_is_told_before_its_contents_are_judged(model: Callable[[str], Path]) -> None:
    folder = model("tagger")
    (folder / JSON).write_text(json.dumps({"format": FORMAT + 1, "all": "new"}))
    with pytest.raises(ModelFileError, match="Upgrade tsseq2seq"):
        load(folder)


UNREADABLE = """
import os, sys, tsseq2seq
tsseq2seq.load, tsseq2seq.errors  # imported while files of the environment may be read
os.setgroups([])
os.setuid(65534)
try:
    tsseq2seq.load(sys.argv[1])
except tsseq2seq.errors.ModelFileError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", [JSON, TENSORS])
def test_the_owner_of_a_file_that_may_not_be_read_is_named(
    model: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    folder = model("tagger")
    for parent in (folder, *folder.parents):
        if parent.owner() == "root" and parent.is_relative_to(tmp_path.parents[-3]):
            parent.chmod(0o755)
    (folder / name).chmod(0o600)
    done = subprocess.run([sys.executable, "-c", UNREADABLE, str(folder)], capture_output=True, text=True)
    assert f"{folder / name} cannot be read: it belongs to the user 'root'" in done.stdout, done.stderr


def test_tensors_of_other_bytes_than_the_json_says_are_told_by_their_size(
    model: Callable[[str], Path],
) -> None:
    folder = model("tagger")
    whole = (folder / TENSORS).read_bytes()
    (folder / TENSORS).write_bytes(whole[:-5])
    with pytest.raises(ModelFileError, match=f"truncated: it has {len(whole) - 5:,} of {len(whole):,} bytes"):
        load(folder)


def test_places_in_the_file_that_overlap_are_refused(model: Callable[[str], Path]) -> None:
    folder = model("tagger")
    data = (folder / TENSORS).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    names = sorted(name for name in header if name.startswith("model."))
    header[names[0]] = header[names[1]]
    text = json.dumps(header).encode()
    (folder / TENSORS).write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    sign(folder)
    with pytest.raises(ModelFileError, match=r"tensors\.safetensors"):
        load(folder)
