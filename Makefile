# Santiao's commands. `make` alone lists them; ARGS= is passed on to the command behind the target.

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench bench-cluster chaos lock docs wheel clean
ARGS ?=
.NOTPARALLEL:

# Any Python from 3.11 on will do; the first that answers is taken. `make PYTHON=/path/to/python …` names another.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$python"; break; }; done)
endif
BIN := .venv/bin
environment = @test -n "$(PYTHON)" || { echo "set-up: Python 3.11 or newer is needed, and none was found on the PATH." >&2; exit 1; }; \
	"$(PYTHON)" tools/environment.py

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## Play five agencies' deliveries into a hub of its own; console and API on http://127.0.0.1:8000 (ARGS=--once: play, print, end)
	$(environment) run build
	@$(BIN)/santiao demo $(ARGS)

test: ## Set up and run every test (ARGS="tests/store -k lock" for some)
	$(environment) develop
	@$(BIN)/python -m tools.components
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 2)

check: ## Lint, format, types, import rules and the house rules that are tests
	$(environment) develop
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/architecture

format: ## Let ruff format the code and mend what it can
	$(environment) develop
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## Print the figures as JSON (ARGS=--full for the large ones, ARGS='--samples DIR' for linking quality)
	$(environment) develop
	@$(BIN)/python -m bench $(ARGS)

bench-cluster: ## Print the cluster's figures as JSON: PostgreSQL and Kafka on this machine (ARGS='--cases N')
	$(environment) develop
	@$(BIN)/python -m tools.components
	@$(BIN)/python -m bench.cluster $(ARGS)

chaos: ## Raise a long storm over a cluster of three brokers and judge what is left (ARGS='--seed N --seconds N --disputes N')
	$(environment) develop
	@$(BIN)/python tools/components.py
	@$(BIN)/python -m tests.chaos $(ARGS)

lock: ## Write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(environment) lock
	@$(BIN)/python tools/lock.py $(ARGS)

docs: ## Write the pages that are made from code and data: docs/commands.md, docs/rules.md, docs/linkage.md
	$(environment) develop
	@$(BIN)/python tools/commands_page.py
	@$(BIN)/python tools/rules_page.py
	@$(BIN)/python tools/linkage_page.py

wheel: ## Build the wheel into dist/
	$(environment) build
	@$(BIN)/python -m hatchling build -t wheel

clean: ## Remove what the commands made: environment, caches, builds, the default home var/ stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
