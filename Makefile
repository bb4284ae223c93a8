# Privity: `make run` and `make test` set up all that they need.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients/js
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run test test-fast check bench lock clean

run: $(VENV)/.run ## Start the server on an embedded database in ./var
	$(BIN)/privity serve --data-dir var

test: check $(CLIENTS)/node_modules/.done .cache/.postgresql ## Every check and every test
	$(BIN)/python -m pytest

test-fast: $(VENV)/.dev ## What needs no database server and no real clients
	$(BIN)/python -m pytest -q -m "not real"

check: $(VENV)/.dev ## Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

bench: $(VENV)/.dev ## The same load on Privity and on Synapse, in one run
	$(BIN)/python -m bench

lock: $(VENV)/.dev ## Resolve the dependencies anew
	$(BIN)/pip-compile -q --generate-hashes --no-annotate --no-header --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --strip-extras --extra install \
	    -o requirements/run.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-annotate --no-header --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --strip-extras --extra install --extra dev \
	    -o requirements/dev.txt pyproject.toml

clean: ## Everything that was made here, but for ./var
	rm -rf $(VENV) .cache build dist *.egg-info $(CLIENTS)/node_modules

$(VENV)/bin/python:
	$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	    || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

$(CLIENTS)/node_modules/.done: $(CLIENTS)/package-lock.json
	npm ci --prefix $(CLIENTS) --no-audit --no-fund
	touch $@

.cache/.postgresql:
	[ -x /usr/lib/postgresql/15/bin/initdb ] \
	    || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q postgresql; }
	mkdir -p .cache && touch $@
