# Privity: `make run` and `make test` set up all that they need.

SHELL := /bin/bash
# The first Python that is new enough: the one in PATH may be older than the system's.
PYTHON ?= $(shell for each in python3.11 python3 /usr/bin/python3; do \
    $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; \
    done)
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients/js
PAGES := privity/pages/index.html
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT_GET := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q
PIP_INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check --root-user-action=ignore

.PHONY: run test test-fast check check-web chromium web coverage fuzz bench soak lock clean postgresql nats
.DELETE_ON_ERROR:

run: $(VENV)/.run $(PAGES) ## Start the server on an embedded database in ./var
	$(BIN)/privity serve --data-dir var

test: check check-web $(CLIENTS)/node_modules/.done $(PAGES) postgresql nats chromium ## Every check and every test
	$(BIN)/python -m pytest

test-fast: $(VENV)/.dev ## What needs no database server and no real clients
	$(BIN)/python -m pytest -q -m "not real"

check: $(VENV)/.dev ## Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

check-web: web/node_modules/.done ## The same for the browser client, and the tests of its parts
	cd web && npx tsc --noEmit && npx eslint . \
	    && npx depcruise src --config .dependency-cruiser.cjs --output-type err && npx vitest run

web: $(PAGES) ## Build the browser client into the server

coverage: $(VENV)/.dev ## docs/coverage.md anew, from the specification and the routes
	$(BIN)/python -m tests.coverage

fuzz: $(VENV)/.dev ## Many requests that nobody would send, made from the specification
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/python -m pytest -q tests/fuzz

bench: $(VENV)/.dev ## The same load on Privity and on Synapse, in one run
	$(BIN)/python -m bench

soak: $(VENV)/.dev ## A mixed load for half an hour: memory flat, nothing fails
	$(BIN)/python -m bench.soak

lock: $(VENV)/.dev ## Resolve the dependencies anew
	$(BIN)/pip-compile -q --generate-hashes --no-annotate --no-header --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --strip-extras --extra install \
	    -o requirements/run.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-annotate --no-header --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --strip-extras --extra install --extra dev \
	    -o requirements/dev.txt pyproject.toml

clean: ## Everything that was made here, but for ./var
	rm -rf $(VENV) .cache build dist *.egg-info $(CLIENTS)/node_modules web/node_modules privity/pages

$(VENV)/bin/python:
	[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import ensurepip' 2>/dev/null \
	    || { $(APT_GET) update && $(APT_GET) install -y python3-venv; }
	$(or $(PYTHON),/usr/bin/python3) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

$(CLIENTS)/node_modules/.done: $(CLIENTS)/package-lock.json
	npm ci --prefix $(CLIENTS) --no-audit --no-fund
	touch $@

web/node_modules/.done: web/package-lock.json
	npm ci --prefix web --no-audit --no-fund
	touch $@

$(PAGES): web/node_modules/.done $(shell find web -path web/node_modules -prune -o -type f -print)
	npm run --prefix web build

chromium:
	command -v chromium >/dev/null \
	    || { $(APT_GET) update && $(APT_GET) install -y chromium fonts-noto-cjk; }

postgresql:
	[ -x /usr/lib/postgresql/15/bin/initdb ] \
	    || { $(APT_GET) update && $(APT_GET) install -y postgresql-15; }

nats:
	[ -x /usr/sbin/nats-server ] || command -v nats-server >/dev/null \
	    || { $(APT_GET) update && $(APT_GET) install -y nats-server; }
