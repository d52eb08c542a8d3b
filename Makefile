# Works on a machine with Python ≥ 3.10, make and git: every target sets up what it needs. The tests of the plugin need
# QGIS, which is installed where that is possible (Debian, Ubuntu as root); elsewhere they fail and say what is missing.
#
#   PYTHON       interpreter to make .venv with       make env PYTHON=python3.12
#   WORKERS      processes of the tests               make test WORKERS=2
#   PYTEST_ARGS  more for pytest                      make test PYTEST_ARGS="-k legend -x"
#   DEMO_OUTPUT  folder the demo writes to            make demo DEMO_OUTPUT=/tmp/demo

DEMO_OUTPUT ?= demo_output
BIN := .venv/bin
# Workers take tests that stand together, which share what is made for them.
DISTRIBUTE = $(if $(WORKERS),-n $(WORKERS) --dist worksteal)
# Threads of torch that wait leave the cores to others, as in the engine's own programs (hsi_engine/entrypoints/threads.py).
export GOMP_SPINCOUNT ?= 1000

# Each start of the engine would compile its modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env demo test test-engine test-lowest test-qgis test-qgis-backports plugin check-plugin lint ruff \
	format-check types imports words structure supply-chain format stub operations lock pictures clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables:\n'
	@awk '/^$$/ { exit } /^#   / { sub(/^#   /, "  "); print }' $(MAKEFILE_LIST)

env: ## .venv with the command .venv/bin/hsi, the demo data and the development tools
	@PYTHON="$(PYTHON)" sh tools/make_env.sh

demo: env ## train, classify and assess Indian Pines; look into demo_output/ afterwards
	$(BIN)/hsi demo --output "$(DEMO_OUTPUT)"

test: test-engine test-qgis ## all tests: of the engine and of the plugin

test-engine: env ## tests of the engine, and of those parts of the plugin that need no QGIS
	@sh tools/ensure_gdal.sh
	$(BIN)/python -m pytest $(DISTRIBUTE) $(PYTEST_ARGS)

test-lowest: env ## tests of the engine with the lowest versions that pyproject.toml allows, in build/lowest
	@sh tools/ensure_gdal.sh
	sh tools/test_lowest.sh $(DISTRIBUTE) $(PYTEST_ARGS)

test-qgis: env ## tests of the plugin in this system's QGIS
	@sh tools/ensure_qgis.sh
	@sh tools/make_qgis_env.sh
	.venv-qgis/bin/python -m pytest tests/qgis $(PYTEST_ARGS)

test-qgis-backports: env ## the same in the newer QGIS of Debian's backports, installed for the run only (needs root)
	@bash tools/qgis_backports.sh $(PYTEST_ARGS)

plugin: env ## build/hsi_classifier and the zip of it in dist/
	$(BIN)/python tools/stage_plugin.py

check-plugin: plugin ## what the plugin repository and Qt6 ask for, on the staged folder
	$(BIN)/python tools/check_plugin.py

lint: ruff format-check types imports words structure supply-chain check-plugin ## style, types, imports, wording, sizes, rules of QGIS (all: make -k lint)

ruff: env
	$(BIN)/ruff check .

format-check: env
	$(BIN)/ruff format --check .

types: env
	$(BIN)/mypy

imports: env
	$(BIN)/lint-imports

words: env ## what users read, held to the list of phrases in tools/words.txt
	$(BIN)/python tools/check_words.py

supply-chain: env ## secrets in the files, known weaknesses of the packages that the plugin installs, and whether their list is up to date
	$(BIN)/python tools/check_supply_chain.py
	$(BIN)/python tools/write_lock.py --check

structure: env ## import circles, and the sizes of folders, modules and functions
	$(BIN)/python tools/check_structure.py

format: env ## rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

stub: env ## rewrite hsi_engine/__init__.pyi and the like after a change of parameters
	$(BIN)/python tools/write_stub.py

operations: env ## rewrite qgis_plugin/resources/operations.json after a change of parameters
	$(BIN)/python tools/write_operations.py

lock: env ## rewrite engine_lock.txt, the packages of the plugin's environment, with what the package index has today
	$(BIN)/python tools/write_lock.py

pictures: plugin ## make the pictures of README and docs anew, from a live QGIS desktop (some minutes)
	sh tools/make_pictures.sh

clean: ## remove environments, caches, what was built and the demo's output
	rm -rf .venv .venv-qgis build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		tests/qgis/.pytest_cache tests/qgis/.qgis-settings "$(DEMO_OUTPUT)"
