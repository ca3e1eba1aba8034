# Samsvar's commands. `make` alone lists them; each line after ## is what the list says.
# Everything that is made lies in .venv, .uv, .cache and .demo, which git does not know and `make clean` removes.

PORT ?= 8000
HOST ?= 127.0.0.1
DEMO_DIR ?= .demo
# one more than the machines have cores: journeys wait for a browser a third of their time
PYTEST_PROCESSES ?= 3
# The machine's own certificates: a ministry's proxy has its own, and uv would not know it.
export UV_SYSTEM_CERTS ?= 1
# An image of a container often sets it, for one process that starts once; here hundreds start, each compiling Django and Samsvar anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PYTHON := $(BIN)/python
PYTEST := $(BIN)/pytest -n $(PYTEST_PROCESSES) --dist worksteal

.DEFAULT_GOAL := help
.NOTPARALLEL: # checks and tests share .venv
.PHONY: help setup demo test check check-all-but-types bench endurance fmt messages compile-messages front browser environment-site environment-dev clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: environment-dev ## make .venv with everything for work on Samsvar; the command is then .venv/bin/samsvar
	@$(PYTHON) tools/frontend.py --with-tests
	@$(PYTHON) tools/messages.py compile

demo: environment-site ## serve the demonstration on HOST=127.0.0.1 PORT=8000, its data in DEMO_DIR=.demo
	@$(PYTHON) tools/frontend.py
	@$(PYTHON) tools/messages.py compile
	@exec $(BIN)/samsvar-site demo --host "$(HOST)" --port "$(PORT)" --data "$(DEMO_DIR)"

test: setup browser check ## check, then every test: the library, the site and its journeys on SQLite and on PostgreSQL
	$(PYTEST)
	$(PYTEST) --database=postgresql tests/site tests/journeys

# mypy takes as long as all the others together, on one core: it runs beside them
check: setup ## style, types, walls, templates, translations, licences, tracked files
	@$(BIN)/mypy & types=$$!; $(MAKE) --no-print-directory check-all-but-types; others=$$?; wait $$types && exit $$others

check-all-but-types:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	SAMSVAR_TEST_DATABASE=sqlite:///:memory: DJANGO_SETTINGS_MODULE=samsvar.site.settings.testing $(PYTHON) -m django check --database default --fail-level WARNING
	$(BIN)/djlint --quiet --lint src/samsvar/site
	$(PYTHON) tools/messages.py check
	$(PYTHON) tools/english.py check
	$(PYTHON) tools/licences.py
	$(PYTHON) tools/tracked.py
	$(PYTHON) tools/rights.py check
	$(PYTHON) tools/word_forms.py check
	$(PYTHON) -m samsvar.cli thesaurus check

bench: setup ## measure every promise of speed; prints ratios
	@for script in $(filter-out benchmarks/kills.py benchmarks/memory.py,$(wildcard benchmarks/[a-z]*.py)); do \
		echo "== $$script"; $(PYTHON) "$$script" || exit 1; done

endurance: setup ## memory after 100,000 requests, and 200 kills on each database; takes an hour
	$(PYTHON) benchmarks/memory.py
	$(PYTHON) benchmarks/kills.py
	$(PYTHON) benchmarks/kills.py --database postgresql

fmt: environment-dev ## write code in the house's style
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

messages: setup ## collect the sentences to translate into src/samsvar/site/locale
	$(PYTHON) tools/messages.py collect

browser: environment-dev
	@$(PYTHON) tools/chromium.py --install

environment-site:
	@sh tools/environment.sh site

environment-dev:
	@sh tools/environment.sh dev

clean: ## remove everything that make has made, the demonstration's data too
	rm -rf .venv .uv .cache .demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	rm -rf src/samsvar/site/shell/static/vendor
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
