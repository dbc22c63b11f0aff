# Everything runs from one virtual environment; `make help` lists the targets.
# Where a target needs a Python to make it with: PYTHON=/path/to/python3.11 make venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m airscale
UV_VERSION := 0.13.9
RUNTIME ?= process
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
ROWS ?= 1000000
# What starts engines, browsers or whole systems; each kind runs by itself.
WHOLE := browser or cluster or docker or kubernetes or stack

# Without bytecode on disk every Airflow command starts seconds later.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv venv-dev up down status reset demo doctor test test-fast lint \
  bench-rest bench-views bench-ingest bench-soak bench-jobs soak-jobs screenshots cluster-image \
  cluster-up cluster-demo cluster-down
.DELETE_ON_ERROR:

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

doctor: venv ## Look at everything the local system needs, and say what to do.
	$(RUN) doctor

cluster-image: ## Build the images of the cluster and of the example's jobs.
	docker build -t airscale:0.1.0 .
	docker build -f examples/docker/Dockerfile -t airscale-examples:1.0.0 .

cluster-up: ## Start the cluster of docker-compose.yaml, and return when it is well.
	$(COMPOSE) up -d
	$(COMPOSE) exec -T triggerer-1 python -m airscale doctor --wait 180

cluster-demo: cluster-image cluster-up ## Send the example's scenes through the cluster.
	$(COMPOSE) exec -T triggerer-1 python -m airscale demo --runtime docker

cluster-down: ## Stop the cluster; what it keeps stays.
	$(COMPOSE) down

bench-rest: venv ## Measure the REST lists over a million jobs. ROWS=1000000
	$(BIN)/python -m benchmarks.rest --rows $(ROWS)

bench-views: venv-dev ## Measure the pages over a million jobs; needs Chromium. ROWS=1000000
	$(BIN)/python -m benchmarks.views --rows $(ROWS)

lint: venv-dev ## Check style and types.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

screenshots: venv-dev ## Make the screenshots of docs/ anew; needs Chromium.
	$(BIN)/python -m tests.browser.screenshots

test-fast: venv-dev ## Run the tests that need no Airflow, engine, browser or whole system.
	$(BIN)/python -m pytest -n 2 -m "not (airflow or slow or $(WHOLE))"

bench-ingest: venv-dev ## Measure Strike under load. FILES=100000
	$(BIN)/python -m benchmarks.ingest --files $(or $(FILES),100000)
	$(BIN)/python -m benchmarks.ingest_stack

bench-soak: venv-dev ## Kill Strike over and over. FILES=20000 KILLS=1000
	$(BIN)/python -m benchmarks.ingest_soak --files $(or $(FILES),20000) --kills $(or $(KILLS),1000)

bench-jobs: venv-dev ## Measure jobs beside stock operators; needs a Docker engine. JOBS=40
	$(BIN)/python -m benchmarks.jobs --jobs $(or $(JOBS),40)

soak-jobs: venv-dev ## Kill worker, triggerer and scheduler while jobs run. JOBS=500 KILLS=200
	$(BIN)/python -m benchmarks.job_soak --jobs $(or $(JOBS),500) --kills $(or $(KILLS),200)

test: lint ## Check everything, and run every test.
	$(BIN)/python -m pytest -n 2 -m "not ($(WHOLE))"
	$(BIN)/python -m pytest -m "docker or kubernetes or stack"
	$(BIN)/python -m pytest -m browser
	$(BIN)/python -m pytest -m cluster

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
