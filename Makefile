# Everything runs from one virtual environment; `make help` lists the targets.
# Where a target needs a Python to make it with: PYTHON=/path/to/python3.11 make venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m airscale
UV_VERSION := 0.13.9
RUNTIME ?= process
ROWS ?= 1000000

# Without bytecode on disk every Airflow command starts seconds later.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv venv-dev up down status reset demo test test-fast lint bench-rest bench-ingest bench-soak screenshots
.DELETE_ON_ERROR:

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(VENV)/.installed ## Install what Airscale needs, into .venv.

venv-dev: $(VENV)/.installed-dev ## Install what its tests need, too.

up: venv ## Start the local system.
	$(RUN) up

down: venv ## Stop it; what it keeps stays.
	$(RUN) down

status: venv ## Show what runs, the address and the login.
	$(RUN) status

reset: venv ## Stop it and delete all that it keeps; asks first.
	$(RUN) reset

demo: venv ## Start it with example data. RUNTIME=process|docker
	$(RUN) demo --runtime $(RUNTIME)

bench-rest: venv ## Measure the REST lists over a million jobs. ROWS=1000000
	$(BIN)/python -m benchmarks.rest --rows $(ROWS)

lint: venv-dev ## Check style and types.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

screenshots: venv-dev ## Make the screenshots of docs/ anew; needs Chromium.
	$(BIN)/python -m tests.browser.screenshots

test-fast: venv-dev ## Run the tests that need neither Airflow, engines, a browser nor the whole system.
	$(BIN)/python -m pytest -n 2 -m "not airflow and not browser and not docker and not kubernetes and not slow and not stack"

bench-ingest: venv-dev ## Measure Strike under load. FILES=100000
	$(BIN)/python -m benchmarks.ingest --files $(or $(FILES),100000)
	$(BIN)/python -m benchmarks.ingest_stack

bench-soak: venv-dev ## Kill Strike over and over. FILES=20000 KILLS=1000
	$(BIN)/python -m benchmarks.ingest_soak --files $(or $(FILES),20000) --kills $(or $(KILLS),1000)

test: lint ## Check everything, and run every test.
	$(BIN)/python -m pytest -n 2 -m "not browser and not docker and not kubernetes and not stack"
	$(BIN)/python -m pytest -m "docker or kubernetes or stack"
	$(BIN)/python -m pytest -m browser

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Airscale needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)." \
	       "Install a newer one and run: make $(MAKECMDGOALS) PYTHON=/path/to/it" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt constraints.txt | $(BIN)/pip
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(call install,requirements-dev.txt)
	@touch $@

# uv installs in a fraction of the time; where it cannot be had, pip does the same.
define install
{ $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
  UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install --python $(BIN)/python -r $(1); } || \
{ echo "uv did not install $(1); pip does it, which takes longer." >&2; \
  $(BIN)/python -m pip install --disable-pip-version-check -r $(1) && \
  { $(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true; }; }
endef
