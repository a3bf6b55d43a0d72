"""Saved models changed by chance or by somebody who knows the format, and what loading makes of them."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

import tsseq2seq
from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence.files import JSON, TENSORS, signed

SECONDS = 5.0  # that loading may take
CONSTANT = 64 * 2**20  # bytes that loading may take besides twice the size of the files
_HUNG = 30
_VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        "",
        "x",
        "x" * 5000,
        "../../etc/passwd",
        "__import__('os').system('true')",
        "D",
        "nan",
    ),
    *(-1, 0, 1, 2, 7, 1000, 10**5, 10**7, 10**9, 10**12, 2**31, 2**63 - 1, -(2**63), 2**64 - 1),
    *(0.5, -0.5, 1e-300, 1e308, -1e308, [], {}, [[]], [0], [None] * 100, list(range(1000)), {"a": 1}),
    *({"float": "nan"}, {"float": "inf"}, {"float": "1_0"}, {"pairs": [[1, 2]]}, {"pairs": [[[], 2]]}),
    *({"optimizer": "Adam"}, {"optimizer": "lr_scheduler"}, {"optimizer": "__builtins__"}),
    *({"kind": "tokenizer", "parts": {}}, {"kind": "none", "parts": {}}),
    {"settings": "tsseq2seq.Network", "fields": {}},
    {"settings": "tsseq2seq.Point", "fields": {"loss": 3}},
    {"settings": "os.system", "fields": {"command": "true"}},
    {"estimator": "tsseq2seq.Seq2SeqForecaster", "parameters": {"horizon": 10**7}},
    json.loads("[" * 200 + "]" * 200),
]
_TYPES = [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8, torch.bool]


@dataclass
class Files:
    """The two files of a model, before and after a change."""

    json: bytes
    tensors: bytes

    @classmethod
    def of(cls, folder: Path) -> Files:
        return cls((folder / JSON).read_bytes(), (folder / TENSORS).read_bytes())

    @property
    def size(self) -> int:
        return len(self.json) + len(self.tensors)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / JSON).write_bytes(self.json)
        (folder / TENSORS).write_bytes(self.tensors)

    def same_content(self, other: Files) -> bool:
        return self.tensors == other.tensors and json.loads(self.json) == json.loads(other.json)


def sign(content: dict[str, Any], tensors: bytes) -> Files:
    """Give the checksums that fit, as somebody does who knows the format."""
    content = {name: value for name, value in content.items() if name != "sha256"}
    content = signed(content, digest=hashlib.sha256(tensors).hexdigest(), size=len(tensors))
    return Files(json.dumps(content).encode(), tensors)


def _bytes(data: bytes, rng: random.Random) -> bytes:
    """Change bytes as a bad disk, a cut transfer or an editor does."""
    changed, place = bytearray(data), rng.randrange(len(data))
    kind = rng.randrange(6)
    if kind == 0:
        changed[place] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del changed[place:]
    elif kind == 2:
        del changed[place : place + rng.randint(1, 20)]
    elif kind == 3:
        changed[place:place] = rng.randbytes(rng.randint(1, 20))
    elif kind == 4:
        changed[place : place + 8] = bytes(8)
    else:
        changed += data[:place]
    return bytes(changed)


def bytes_of_one_file(files: Files, rng: random.Random) -> Files:
    if rng.random() < 0.5:
        return Files(_bytes(files.json, rng), files.tensors)
    return Files(files.json, _bytes(files.tensors, rng))


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """All pairs of a container and a key or place in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found.append((value, key))
        _places(item, found)
    return found


def values_of_json(files: Files, rng: random.Random) -> Files:
    """Replace, drop, repeat or exchange values, and sign."""
    content = json.loads(files.json)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        places = _places(content, [])
        container, key = rng.choice(places)
        kind = rng.random()
        if kind < 0.6:
            container[key] = copy.deepcopy(rng.choice(_VALUES))
        elif kind < 0.7:
            del container[key]
        elif kind < 0.8:
            other, at = rng.choice(places)
            container[key] = copy.deepcopy(other[at])
        elif isinstance(container, list):
            container[key:key] = [copy.deepcopy(container[key])] * rng.choice((1, 1000))
        else:
            container[rng.choice(("colour", "kind", "float", ""))] = copy.deepcopy(container[key])
    return sign(content, files.tensors)


def numbers_of_json(files: Files, rng: random.Random) -> Files:
    """Change a number into another, often a large one, and sign."""
    content = json.loads(files.json)
    places = [place for place in _places(content, []) if type(place[0][place[1]]) in (int, float)]
    container, key = rng.choice(places)
    old = container[key]
    container[key] = rng.choice(
        (old + 1, old - 1, -old, old * 10, 10**4, 10**6, 10**8, 10**11, 10**15, 2**62, 0)
    )
    return sign(content, files.tensors)


def raw_json(files: Files, rng: random.Random) -> Files:
    """Write what parsers choke on, unsigned: nests, long numbers, names twice, NaN."""
    text, deep = files.json.decode(), rng.choice((10**3, 10**5, 3 * 10**5))
    nests = "[" * deep, "[" * deep + "]" * deep, '{"a":' * deep, "[" + "[]," * deep + "[]]"
    numbers = "9" * deep, "-" + "9" * 25, "1e999", "NaN", "Infinity", "-Infinity", "[" + "1.5," * deep + "1]"
    hostile = rng.choice((*nests, *numbers, '{"a": 1, "a": 2}', '"\\ud800"'))
    place = rng.choice([at for at, letter in enumerate(text) if letter == ":"])
    end = min(at for at in (text.find(",", place), text.find("\n", place), len(text)) if at > 0)
    return Files((text[: place + 1] + hostile + text[end:]).encode(), files.tensors)


def numbers_of_tensors(files: Files, rng: random.Random) -> Files:
    """Change shapes, types, numbers and names of tensors, and sign."""
    tensors, content = safetensors.torch.load(files.tensors), json.loads(files.json)
    name, kind = rng.choice(sorted(tensors)), rng.randrange(8)
    tensor = tensors[name]
    if kind == 0:
        tensors[name] = torch.zeros(rng.choice(((), (0,), (1,), (3, 3), (0, 4), (2, 1, 2), (10**5,))))
    elif kind == 1:
        tensors[name] = tensor.to(rng.choice(_TYPES))
    elif kind == 2 and tensor.numel():
        number = rng.choice((float("nan"), float("inf"), -float("inf"), 1e30, -1.0, 2**31))
        flat = tensor.double().reshape(-1).clone()
        flat[rng.randrange(len(flat))] = number
        fits = tensor.is_floating_point() or (number == number and abs(number) < 2**62)
        tensors[name] = flat.reshape(tensor.shape).to(tensor.dtype) if fits else tensor + 1
    elif kind == 3:
        del tensors[name]
    elif kind == 4:
        tensors[rng.choice(("model.7.weight", "x", "optimizer.0.a.b", "model.0.x"))] = tensors.pop(name)
    elif kind == 5:
        other = rng.choice(sorted(tensors))
        tensors[name], tensors[other] = tensors[other].clone(), tensor.clone()
    elif kind == 6:
        tensors[name] = torch.cat((tensor, tensor)) if tensor.dim() else tensor[None]
    else:
        tensors["more"] = torch.ones(3)
    if rng.random() < 0.7:
        content["tensors"] = sorted(tensors)
    return sign(content, safetensors.torch.save({k: t.contiguous() for k, t in tensors.items()}))


def header_of_tensors(files: Files, rng: random.Random) -> Files:
    """Change the header of safetensors: places that overlap, huge shapes, other types; and sign."""
    length = int.from_bytes(files.tensors[:8], "little")
    header, data = json.loads(files.tensors[8 : 8 + length]), files.tensors[8 + length :]
    entry = header[rng.choice([name for name in header if name != "__metadata__"])]
    kind = rng.randrange(6)
    if kind == 0:
        entry["data_offsets"] = [rng.choice((0, 8, -1, 10**12)), rng.choice((4, 64, 2**40))]
    elif kind == 1:
        entry["shape"] = rng.choice(([10**12], [2**40, 2**40], [-1], [0], [1] * 100, "x"))
    elif kind == 2:
        entry["dtype"] = rng.choice(("F64", "F16", "I8", "BOOL", "U64", "F8_E4M3", "x"))
    elif kind == 3:
        header["again"] = dict(entry)
    elif kind == 4:
        data = (
            data[: rng.randrange(len(data) + 1)] if rng.random() < 0.5 else data + bytes(rng.randint(1, 100))
        )
    text = json.dumps(header).encode()
    size = rng.choice((0, 2**40, 2**63, len(text) // 2)) if kind == 5 else len(text)
    return sign(json.loads(files.json), size.to_bytes(8, "little") + text + data)


#: Ways to change a model, by name.
MUTATIONS: dict[str, Callable[[Files, random.Random], Files]] = {
    "bytes of one file": bytes_of_one_file,
    "raw JSON": raw_json,
    "values of the JSON, signed": values_of_json,
    "numbers of the JSON, signed": numbers_of_json,
    "tensors, signed": numbers_of_tensors,
    "header of the tensors, signed": header_of_tensors,
}


@dataclass(frozen=True)
class Outcome:
    """What loading a changed model came to."""

    loaded: bool
    error: BaseException | None
    seconds: float  # of the processor: others may be at work beside it
    bytes: int  # of memory at most, besides what was in use before

    def fault(self, files: Files, before: Files, *, unsigned: bool) -> str | None:
        """What is wrong with it; None: nothing."""
        if self.error is not None and not isinstance(self.error, ModelFileError):
            return f"{type(self.error).__name__}: {self.error}"
        if self.error is not None and "allocate" in str(self.error):
            return f"memory: {self.error}"
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} s"
        if self.bytes > 2 * files.size + CONSTANT:
            return f"{self.bytes / 2**20:.0f} MB for {files.size / 1e3:.0f} kB"
        if self.loaded and unsigned and not files.same_content(before):
            return "a change was not seen"
        return None


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def load_measured(folder: Path) -> Outcome:
    """Load a folder, and measure time and the peak of memory."""
    start_bytes, started = _reset_peak(), time.process_time()
    error: BaseException | None = None
    try:
        with _no_longer_than(_HUNG), warnings.catch_warnings():
            warnings.simplefilter("error")
            tsseq2seq.load(folder)
    except BaseException as raised:  # whatever it is, it is counted
        if isinstance(raised, KeyboardInterrupt):
            raise
        error = raised
    seconds = time.process_time() - started
    return Outcome(error is None, error, seconds, _status("VmHWM") - start_bytes)


def _reset_peak() -> int:
    """Set the peak of this process' memory to what it uses now, and return that."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)
