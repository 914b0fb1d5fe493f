# pymarl-pipeline. `make help` lists what there is.
#
# Variables: EXP=demo (configs/experiments/EXP.yaml, or a file), CORES (default: all), ENGINE=host|apptainer|docker,
# TORCH=cpu|cuda, PYTHON=python3.12, VENV=.venv, ARGS (options of the command behind the target),
# JOBS (test processes at a time; default: one for each core).
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

VENV ?= .venv
EXP ?= demo
CORES ?= all
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
PY := $(VENV)/bin/python
export VENV TORCH PYTHON
# The environment's own programs first, so that rules and tests call the same Python.
export PATH := $(abspath $(VENV))/bin:$(PATH)

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo "Variables: EXP=name of a file in configs/experiments, CORES=n, ENGINE=host|apptainer|docker, TORCH=cpu|cuda, PYTHON=python3.12"

.PHONY: setup setup-dev
setup: ## create .venv and install everything that a reproduction needs
	@sh workflow/scripts/setup.sh runtime
setup-dev: ## the same, plus the test tools
	@sh workflow/scripts/setup.sh dev

.PHONY: reproduce figures
reproduce: setup ## train, aggregate and draw EXP (default: demo)
	@$(PY) -m workflow reproduce --experiment "$(EXP)" --cores "$(CORES)" $(if $(ENGINE),--engine $(ENGINE)) $(ARGS)
figures: setup ## draw EXP from the runs that are complete, without training
	@$(PY) -m workflow reproduce --experiment "$(EXP)" --cores "$(CORES)" --partial $(ARGS)

.PHONY: bundle verify-bundle
bundle: setup ## pack EXP into results/bundles/EXP.tar.xz: data, figures, configs, locks, provenance
	@$(PY) -m workflow bundle write --experiment "$(EXP)" $(ARGS)
verify-bundle: setup ## check BUNDLE=file and draw its figures again (default: the one of EXP)
	@$(PY) -m workflow bundle verify --redraw "$(or $(BUNDLE),results/bundles/$(EXP).tar.xz)"

.PHONY: test test-slow
test: setup-dev ## run the tests
	@$(PY) -m pymarl.kernels.warmup
	@$(PY) -m pytest -n $(JOBS) --maxprocesses 8 --dist worksteal $(ARGS)
test-slow: setup-dev ## run the tests that take minutes
	@$(PY) -m pytest -m "slow" $(ARGS)

.PHONY: test-resume bench bench-env bench-train bench-plan
test-resume: setup-dev ## the sweep of kill points: killed runs resume to the same bits
	@$(PY) -m pytest -m "slow or not slow" -rP tests/determinism/test_resume.py $(ARGS)
bench: bench-env bench-train bench-plan ## measure speed, as ratios within one run
bench-env: setup ## the simulator against its reference engine in plain Python
	@$(PY) -m tests.reference.engine.bench $(ARGS)
bench-plan: setup ## time and memory of planning 575 runs
	@$(PY) -m workflow bench-plan $(ARGS)
bench-train: setup ## updates, acting and trainings against PyMARL's forms, two jobs at once
	@$(PY) -m pymarl.bench $(ARGS)

# mkdocs-material's banner about MkDocs 2 is not about this site.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs
.PHONY: docs docs-build
docs: setup-dev ## serve the documentation site on http://127.0.0.1:8000 (PORT=n: another port)
	@$(MKDOCS) serve --dev-addr "127.0.0.1:$(or $(PORT),8000)" $(ARGS)
docs-build: setup-dev ## write the documentation site to build/site; a broken link or anchor fails
	@$(MKDOCS) build --strict $(ARGS)

.PHONY: lint type fmt check check-sizes measure-code
lint: setup-dev ## ruff, snakefmt, import contracts, snakemake --lint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m snakefmt --check Snakefile workflow
	@$(VENV)/bin/lint-imports
	@$(PY) -m snakemake --lint
	@$(PY) .ci/citation.py --check
type: setup-dev ## mypy --strict
	@$(PY) -m mypy
fmt: setup-dev ## format Python and Snakemake files
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .
	@$(PY) -m snakefmt Snakefile workflow
check-sizes: ## fail when a limit of code size (CONTRIBUTING.md) is passed
	@python3 .ci/measure_code.py --check >/dev/null
check: lint type check-sizes test ## lint, types, sizes, tests
measure-code: ## sizes of files, functions and folders, docstrings, comments, tests
	@python3 .ci/measure_code.py $(ARGS)

.PHONY: citation lock clean distclean
citation: setup-dev ## write codemeta.json and .zenodo.json from CITATION.cff
	@$(PY) .ci/citation.py
lock: setup-dev ## compile the lock files again (LOCK_FLAGS=--upgrade for newer versions)
	@sh workflow/scripts/lock.sh $(PY)
clean: ## remove caches (results stay)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
distclean: clean ## remove caches and the environment (results stay)
	@rm -rf $(VENV)
