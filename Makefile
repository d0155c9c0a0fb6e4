# The verbs of the house. Each one makes what it needs: a fresh machine has Python 3.11+, make and a package index.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Files of tests run side by side, on a few cores at most: each brings services, databases and solvers of its own.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile

.PHONY: setup demo test test-ui chaos lint format bench serve lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("evenfleet needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/evenfleet warm-up
	@touch $(READY)

demo: setup
	$(BIN)/evenfleet demo

test: setup
	$(BIN)/python -m pytest --ignore=tests/ui $(SIDE_BY_SIDE)

test-ui: setup
	$(BIN)/python -m pytest tests/ui

chaos: setup
	$(BIN)/python -m pytest tests/property --hypothesis-profile=chaos
	$(BIN)/python -m tests.chaos
	$(BIN)/python -m tests.chaos.bounds
	$(BIN)/python -m tests.fuzz --executions 1000000
	$(BIN)/python -m tests.service.contract --cases 50000

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m tests.bench

serve: setup
	$(BIN)/evenfleet serve

# Pins every dependency with its hashes, for here and, without what only development needs, for the image.
# Needs `pip install uv`.
lock:
	uv pip compile pyproject.toml --extra dev --extra postgres --extra dask --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock
	echo setuptools | uv pip compile pyproject.toml - --extra postgres --extra dask --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --quiet --output-file docker/requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
