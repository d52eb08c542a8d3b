# Works on a machine with Python ≥ 3.10, make and git: every target sets up what it needs.
#
#   PYTHON       interpreter to make .venv with       make env PYTHON=python3.12
#   WORKERS      processes of the tests               make test WORKERS=2
#   PYTEST_ARGS  more for pytest                      make test PYTEST_ARGS="-k legend -x"
#   DEMO_OUTPUT  folder the demo writes to            make demo DEMO_OUTPUT=/tmp/demo

DEMO_OUTPUT ?= demo_output
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help env demo test lint ruff format-check types imports format stub pictures clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables:\n'
	@awk '/^$$/ { exit } /^#   / { sub(/^#   /, "  "); print }' $(MAKEFILE_LIST)

env: ## .venv with the command .venv/bin/hsi, the demo data and the development tools
	@PYTHON="$(PYTHON)" sh tools/make_env.sh

demo: env ## train, classify and assess Indian Pines; look into demo_output/ afterwards
	$(BIN)/hsi demo --output "$(DEMO_OUTPUT)"

test: env ## all tests
	@sh tools/ensure_gdal.sh
	$(BIN)/python -m pytest $(if $(WORKERS),-n $(WORKERS)) $(PYTEST_ARGS)

lint: ruff format-check types imports ## style, types and import contracts (all of them: make -k lint)

ruff: env
	$(BIN)/ruff check .

format-check: env
	$(BIN)/ruff format --check .

types: env
	$(BIN)/mypy

imports: env
	$(BIN)/lint-imports

format: env ## rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

stub: env ## rewrite hsi_engine/__init__.pyi after a change of parameters
	$(BIN)/python tools/write_stub.py

pictures: env ## make the pictures of README and docs anew (needs chromium)
	sh tools/make_pictures.sh

clean: ## remove .venv, caches and the demo's output
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis "$(DEMO_OUTPUT)"
