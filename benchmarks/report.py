"""RESULTS.md and RELIABILITY.md: each script rewrites its own section, with machine, versions and date."""

from __future__ import annotations

import datetime
import platform
import re
from collections.abc import Callable, Iterable
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
RELIABILITY = Path(__file__).parent / "RELIABILITY.md"
_TITLE = "# {}\n\nEvery section is written by the script that it names; nothing here is typed by hand.\n"


def machine() -> str:
    """Return processor, cores and versions in a line."""
    import pandas
    import torch

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    flags = ""
    if info.exists():
        text = info.read_text()
        found = re.search(r"model name\s*: (.*)", text)
        model = found.group(1) if found else model
        flags = " with AMX" if "amx_tile" in text else " with AVX-512" if "avx512f" in text else ""
    return (
        f"{model}{flags}, {torch.get_num_threads()} threads; Python {platform.python_version()}, "
        f"torch {torch.__version__}, pandas {pandas.__version__}; {datetime.date.today().isoformat()}"
    )


def write_section(name: str, script: str, body: str, *, page: Path | None = None) -> None:
    """Put a section into a page (None: RESULTS.md), in place of the one of the same name."""
    page = RESULTS if page is None else page
    text = page.read_text(encoding="utf-8") if page.exists() else _TITLE.format(page.stem.capitalize())
    section = f"## {name}\n\n`{script}` · {machine()}\n\n{body.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section + "\n", text)
    else:
        text = text.rstrip() + "\n\n" + section
    page.write_text(text.rstrip() + "\n", encoding="utf-8")


def parts(works: Iterable[tuple[str, Callable[[], str]]]) -> list[str]:
    """Measure the parts of a section, by title; a part that fails is reported, and the others still run."""
    sections = []
    for title, measure in works:
        try:
            said = measure()
        except Exception as error:  # whatever it is, the section shows it
            said = f"failed: {type(error).__name__}: {str(error)[:200]}"
        sections.append(f"### {title}\n\n{said}")
        print(f"{sections[-1]}\n", flush=True)
    return sections


def table(header: list[str], rows: list[list[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
