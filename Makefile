# make forecast   install into .venv and forecast the airline passengers
# make test       linters, types and tests
# make test-all   the same with the slow tests
# make clean      remove what these made
#
# PYTHON=python3.12 make test   uses another interpreter for .venv

PYTHON  ?= python3
WORKERS ?= 2

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help forecast test test-all check clean

help:
	@sed -n '/^# /s/^# //p;/^$$/q' Makefile

forecast: $(VENV)/.package
	$(BIN)/tsseq2seq forecast datasets/air_passengers.csv --horizon 12 --output forecast.csv --plot forecast.png

test: check
	$(BIN)/python -m pytest -n $(WORKERS)

test-all: check
	$(BIN)/python -m pytest -n $(WORKERS) -m "not notebook"

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

clean:
	rm -rf $(VENV) forecast.csv forecast.png build dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# Each stamp is newer than what it was made from. The install is editable: a changed source
# needs no new one.
$(VENV)/.package: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[plot]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.package

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
