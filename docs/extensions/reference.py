"""The reference: a page for each group of modules, written from the package at each build.

A module that is added to a package is on its page without anybody's doing; ``tests/docs`` checks that every
public name is somewhere.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import sys
import types
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx

__all__ = ["GROUPS", "Group", "public_modules"]


@dataclass(frozen=True)
class Group:
    """A page of the reference.

    Attributes
    ----------
    title, text
        What is on it, and what for.
    modules
        Modules and packages below tsseq2seq; of a package all modules, but for packages inside it.
    """

    title: str
    text: str
    modules: tuple[str, ...]


#: The pages, by the name of their file.
GROUPS = {
    "forecaster": Group(
        "Forecaster", "Fit on a frame, predict a frame.",
        ("forecaster", "forecaster_views", "ensemble", "loading"),
    ),
    "other_estimators": Group(
        "Other estimators", "Texts, labels, sounds, anomalies: the same engine.",
        ("translator", "transcriber", "synthesizer", "language_model", "classifier", "tagger", "autoencoder",
         "token_writer", "label_estimator", "estimator"),
    ),
    "network": Group(
        "Network", "The architecture as settings, and the parts that settings name.",
        ("nn", "nn.cells", "nn.encoders", "nn.context", "nn.attention", "nn.residuals"),
    ),
    "outputs_and_losses": Group(
        "Outputs and losses", "The form of a forecast, and what training makes small.",
        ("nn.outputs", "nn.losses"),
    ),
    "decoding": Group("Decoding", "Unrolling, greedy and beam search, sampling.", ("decoding",)),
    "training": Group(
        "Training", "The optimisation, teacher forcing, checkpoints.",
        ("callbacks", "training.callback", "training.training", "training.teacher_forcing",
         "training.checkpoint", "training.folder_checkpoint",
         "training.record", "translation.minimum_risk"),
    ),
    "evaluation": Group(
        "Evaluation", "Backtests, leaderboards, metrics, and models to compare with.",
        ("evaluation", "evaluation.metrics", "evaluation.baselines", "evaluation.foundation"),
    ),
    "plotting": Group("Plots", "Pictures of forecasts, of errors, of attention.", ("plotting",)),
    "tuning": Group(
        "Hyperparameter search", "Searches with Optuna, on one machine or several.",
        ("tuning.tune", "tuning.result", "tuning.space", "tuning.dimension"),
    ),
    "smoothing": Group("Exponential smoothing", "The base that networks add to.", ("smoothing",)),
    "data": Group(
        "Data", "Grids, calendars, scalings, texts, windows, series that ship.",
        ("datasets", "data.grid", "data.scaling", "data.text", "data.text.tokenizers", "data.panel.windows",
         "data.panel.window_index",
         "data.panel.batch", "data.panel.panel", "data.panel.forecast_frame", "data.frames.frames"),
    ),
    "pretraining": Group(
        "Pretraining", "Generated series, and the training of the weights that come with the package.",
        ("pretraining", "pretraining.worlds", "pretraining.components", "forecasting.pretrained_design",
         "forecasting.pretrained_weights"),
    ),
    "saving": Group(
        "Saving and loading", "Files of models, and what may be restored from them.", ("persistence",)
    ),
    "errors": Group("Errors", "What is raised, and what is warned of.", ("errors",)),
    "adapters": Group("Adapters", "Estimators with other libraries' methods.", ("adapters",)),
}  # fmt: skip


def public_modules(name: str) -> list[str]:
    """Return a module, or the modules of a package, by their full names; those that can be imported."""
    try:
        module = importlib.import_module(f"tsseq2seq.{name}")
    except ImportError:
        return []
    found = [module.__name__]
    for entry in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if not (entry.ispkg or entry.name.startswith("_")):
            found.append(f"{module.__name__}.{entry.name}")
    return [each for each in found if _own_names(each)]


def _own_names(name: str) -> list[str]:
    """Return the public names that a module defines itself; what cannot be imported has none."""
    try:
        module = importlib.import_module(name)
    except ImportError:  # an adapter of a library that is not installed
        return []
    names = getattr(module, "__all__", ())
    return [each for each in names if _home(getattr(module, each, None), name) == name]


def _home(value: object, name: str) -> str | None:
    """Return the module that defines a value; of a constant, which does not say so, the one at hand."""
    # autodoc cannot show an alias such as dict[str, float]
    if isinstance(value, types.ModuleType | types.UnionType) or type(value) is types.GenericAlias:
        return None
    home = getattr(value, "__module__", name) if callable(value) else name
    if home.startswith("tsseq2seq."):
        return home
    # An alias of types says where its parts are from; the package passes it on, a module defines it.
    return None if hasattr(sys.modules[name], "__path__") else name


def write_pages(app: Sphinx) -> None:
    """Write the pages of the reference, and the list of them."""
    folder = Path(app.srcdir) / "reference"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, group in GROUPS.items():
        modules = [each for module in group.modules for each in public_modules(module)]
        (folder / f"{name}.md").write_text(_page(group, modules), encoding="utf-8")
    listed = "\n".join(GROUPS)
    text = (
        "# Reference\n\nEvery public name, from its docstring. The letters of shapes are in the "
        "[glossary](../glossary.md).\n\n"
        f"```{{toctree}}\n:maxdepth: 2\n\n{listed}\ncommand_line\n```\n"
    )
    (folder / "index.md").write_text(text, encoding="utf-8")
    (folder / "command_line.md").write_text(_command_line(), encoding="utf-8")


def _page(group: Group, modules: list[str]) -> str:
    parts = [f"# {group.title}\n\n{group.text}\n"]
    for module in modules:
        short = module.removeprefix("tsseq2seq.")
        names = ", ".join(_own_names(module))
        parts.append(f"## {short}\n\n```{{eval-rst}}\n.. automodule:: {module}\n   :members: {names}\n```\n")
    return "\n".join(parts)


def _command_line() -> str:
    """Return the page of the command line: the help of every command, as it is printed."""
    from typer.main import get_command

    from tsseq2seq.cli.app import app as commands

    parts = ["# Command line\n\n`tsseq2seq COMMAND --help` prints the same.\n"]
    todo = [("tsseq2seq", get_command(commands))]
    while todo:
        name, command = todo.pop(0)
        inner = getattr(command, "commands", {})
        todo += [(f"{name} {each}", inner[each]) for each in inner]
        if not inner:
            parts.append(f"## {name}\n\n```text\n{_help_of(name, command)}\n```\n")
    return "\n".join(parts)


def _help_of(name: str, command: object) -> str:
    import contextlib
    import io
    import os

    os.environ["COLUMNS"], os.environ["TERM"] = "100", "dumb"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        command.main(["--help"], prog_name=name)  # type: ignore[attr-defined]
    return printed.getvalue().strip()


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before anything is read."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
