# make forecast   install into .venv and forecast the airline passengers
# make test       linters, types, tests, and the notebooks with little training
# make test-all   the same with the slow tests
# make smoke      build the wheel, install it with core dependencies alone, and use it
# make lowest     install the lowest versions that pyproject.toml allows into .lowest, and run a part of the tests
# make audit      look for known vulnerabilities of the pinned versions (needs the advisories of an index)
# make coverage   say which branches the tests take
# make mutations  put faults into the code, and say which the tests notice: hours
# make docs       build the site into build/site, and check its links
# make notebooks  run the notebooks as they are stored, with all their training: minutes each
# make picture    draw the forecast that README.md shows
# make bench      measure this library beside its peers: hours; benchmarks/RESULTS.md gets the tables
# make bench-throughput   one script of benchmarks/ alone, so one table
# make .peers     only the peers' environment
# make clean      remove what these made
#
# PYTHON=python3.12 make test   uses another interpreter for .venv
# TSSEQ2SEQ_PEERS=PATH make bench   uses an interpreter that has the peers, and makes no .peers
# make -k bench   goes on after a script that fails

PYTHON  ?= python3
WORKERS ?= 2

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# The scripts of make bench, in this order: the short ones first, the contests by the hour last.
BENCHMARKS := import_time step_structure processor textbook_step step_costs backtest_cost forecasts_per_minute \
	large_panel smoothing_speed throughput etth1 small_series search m4_quantiles m4_seconds

NOTEBOOKS = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --nbmake --nbmake-timeout=600 -m notebook notebooks

.PHONY: docs help forecast picture test test-all check smoke lowest audit coverage mutations notebooks bench .peers clean $(BENCHMARKS:%=bench-%)
.NOTPARALLEL:  # two measurements at a time would disturb each other

help:
	@sed -n '/^# /s/^# //p;/^$$/q' Makefile

forecast: $(VENV)/.package
	$(BIN)/tsseq2seq forecast datasets/air_passengers.csv --horizon 12 --output forecast.csv --plot forecast.png

picture: $(VENV)/.package
	$(BIN)/tsseq2seq forecast datasets/air_passengers.csv --horizon 12 \
		--title "Airline passengers, in thousands" --plot docs/forecast.png

test: check
	$(BIN)/python -m pytest -n $(WORKERS) --durations 25
	TSSEQ2SEQ_QUICK=1 $(NOTEBOOKS)

docs: $(VENV)/.test
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/site
	$(BIN)/python docs/check_site.py

notebooks: $(VENV)/.test
	$(NOTEBOOKS)

test-all: check
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n $(WORKERS) -m "not notebook"

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

smoke:
	PYTHON=$(PYTHON) .ci/smoke.sh

lowest: .lowest/.made
	.lowest/bin/python benchmarks/versions.py lowest=.lowest/bin/python

audit:
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

coverage: $(VENV)/.test
	$(PIP) coverage
	$(BIN)/python benchmarks/branch_coverage.py --workers $(WORKERS)

mutations: $(VENV)/.test
	$(BIN)/python benchmarks/mutation_score.py --jobs $(WORKERS)

bench: $(BENCHMARKS:%=bench-%)

ifdef TSSEQ2SEQ_PEERS
export TSSEQ2SEQ_PEERS
$(BENCHMARKS:%=bench-%): bench-%: $(VENV)/.bench
else
$(BENCHMARKS:%=bench-%): export TSSEQ2SEQ_PEERS := $(CURDIR)/.peers/bin/python
$(BENCHMARKS:%=bench-%): bench-%: $(VENV)/.bench .peers/.made
endif
	$(BIN)/python benchmarks/$*.py

.peers: .peers/.made

clean:
	rm -rf $(VENV) .peers .lowest .audit forecast.csv forecast.png build dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# Each stamp is newer than what it was made from. The install is editable: a changed source
# needs no new one.
$(VENV)/.package: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[plot]'
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[test]'
	$(PIP) --no-deps sktime  # it allows no pandas as new as the pinned one, with which its checks pass
	$(PIP) scikit-base
	@touch $@ $(VENV)/.package

$(VENV)/.bench: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[all]'
	@touch $@ $(VENV)/.package

# Tools for tests are the pinned ones: they are no dependency of users.
TOOLS := $(shell grep -E '^(pytest|pytest-xdist|pytest-timeout|hypothesis|babel|beartype|hatchling)==' constraints.txt)

.lowest/.made: pyproject.toml constraints-lowest.txt
	$(PYTHON) -m venv .lowest
	.lowest/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-lowest.txt \
		--editable '.[all,sktime]' $(TOOLS)
	@touch $@

.peers/.made: benchmarks/peers/requirements.txt benchmarks/peers/constraints.txt
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement benchmarks/peers/requirements.txt --constraint benchmarks/peers/constraints.txt
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
