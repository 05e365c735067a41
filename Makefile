# The words of this project. `make demo` and `make test` need Python 3.11, git and make
# alone: they build .venv from the lock files, with uv where it is installed.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV ?= $(shell command -v uv)
BIN := .venv/bin
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url pyproject.toml --extra build

ifneq ($(strip $(UV)),)
MAKE_VENV = $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
# Byte code is written when a module is first used: most of Azure's SDK never is.
MAKE_VENV = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
endif

# Byte code is kept, whatever the environment says: else each of a hundred processes that tests
# start compiles Prefect and Azure's SDK anew, which takes longer than most of them live.
unexport PYTHONDONTWRITEBYTECODE

# Recordings of Azure's own traffic lie beside the repository where they are at hand.
RECORDINGS := $(abspath ../shared/azure/traffic)
ifneq ($(wildcard $(RECORDINGS)),)
export ORRERY_RECORDINGS ?= $(RECORDINGS)
endif

# Two more than two processors can serve: two processes have the tests with a real Prefect, which
# wait half of their time. Which stay in one process says tests/conftest.py.
SIDE_BY_SIDE := -n 4

.PHONY: help demo test tests replay soak bench check fix lock clean

help: ## show these words
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: .venv/.locked ## build GloboJava's network on a simulated Azure, and show it
	@$(BIN)/python -m deployments.demo

test: .venv/.locked-dev ## all that CI runs: every test, and beside them check and recordings of Azure
	@$(MAKE) --no-print-directory -j 2 tests check replay

tests: .venv/.locked-dev
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

replay: .venv/.locked-dev
	@$(BIN)/python -m tests.contract.replay

soak: check ## test, with far more generated networks, 10,000 lives with faults, every final error at every stage, kill -9 and the real az: hours
	@ORRERY_EXAMPLES=300 $(BIN)/python -m pytest -q $(SIDE_BY_SIDE) --timeout 3600
	@$(BIN)/python -m tests.life.soak --lives 10000
	@$(BIN)/python -m tests.life.agreement --networks 500
	@$(BIN)/python -m tests.life.matrix
	@$(BIN)/python -m tests.acceptance.kills --all --random 200
	@$(BIN)/python -m tests.contract.az

bench: .venv/.locked-dev ## ratios: rollouts beside their critical path, planning, proofs beside walks, the simulator beside its floor
	@$(BIN)/python -m tests.benchmarks.rollout
	@$(BIN)/python -m tests.benchmarks.verification
	@$(BIN)/python -m tests.benchmarks.simulator

check: .venv/.locked-dev ## format, lint, types, import contracts, what is generated
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m topology.schema | diff schemas/topology.schema.json -
	$(BIN)/python -m simulator.coverage | diff docs/simulator-coverage.md -

fix: .venv/.locked-dev ## format, and repair what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m topology.schema > schemas/topology.schema.json
	$(BIN)/python -m simulator.coverage > docs/simulator-coverage.md
	$(BIN)/python -m orrery verify examples/globojava.yaml --svg docs/images/globojava.svg --matrix docs/images/matrix.svg > /dev/null
	$(BIN)/python -m orrery verify examples/globojava.yaml --ask eastus/prod westeurope/nonprod --svg docs/images/way.svg > /dev/null

lock: ## resolve the dependencies anew into the lock files (needs uv)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove the environment and all that runs have left
	rm -rf .venv .orrery .soak .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.locked: requirements.lock pyproject.toml
	@echo "building .venv (a minute where nothing is cached)"
	@$(MAKE_VENV)
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.locked-dev: requirements-dev.lock .venv/.locked
	@echo "adding the tools that check"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
