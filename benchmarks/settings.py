"""Settings given at the command line: ``--set network__hidden_size=512``."""

from __future__ import annotations

import argparse
import ast

__all__ = ["add_settings", "parsed"]


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose settings on validation data."""
    parser.add_argument("--validation", action="store_true", help="score held-out training data")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings, with --validation only"
    )


def parsed(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, object]:
    """Return the settings given; the test part is scored with the committed ones alone."""
    if arguments.set and not arguments.validation:
        parser.error("--set goes with --validation: settings are not chosen on the test part")
    return {name: _value(text) for name, _, text in (item.partition("=") for item in arguments.set)}


def _value(text: str) -> object:
    """Return a Python literal, or else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
