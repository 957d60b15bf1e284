# Everything a person does twice. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help pipeline app test soak brief dagster doctor lint format bench screenshots sample lock clean setup
.PHONY: docs docs-build dbt-docs

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DOCS_STAMP := $(VENV)/.docs-installed

# The first Python between 3.11 and 3.13 that really starts; name another with PYTHON=...
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/make-environment.sh $(VENV)
	@$(BIN)/control-tower setup
	@touch $@

$(DOCS_STAMP): requirements-docs.lock $(STAMP)
	@echo "Installing what builds the documentation (once; seconds) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-docs.lock
	@touch $@

setup: $(STAMP) ## Install everything into .venv

pipeline: $(STAMP) ## Land tickets, build and test the marts, publish the snapshot
	@$(BIN)/control-tower run

app: $(STAMP) ## Serve the dashboard at http://127.0.0.1:8050
	@$(BIN)/control-tower app

brief: $(STAMP) ## Write the Monday briefing of the published snapshot and print it
	@$(BIN)/control-tower brief --print

dagster: $(STAMP) ## Open the asset graph in Dagster's web interface
	@$(BIN)/control-tower dagster

doctor: $(STAMP) ## Look at the machine and the data and say what is not well
	@$(BIN)/control-tower doctor

test: $(STAMP) ## Run all tests
	@sh scripts/install-browser.sh
	@$(BIN)/pytest -n auto --dist loadgroup

soak: $(STAMP) ## Run all tests and more: more moments to interrupt, ten times the examples
	@sh scripts/install-browser.sh
	@SOAK_TIMES=10 $(BIN)/pytest -n auto --dist loadgroup -m "soak or not soak"

lint: $(STAMP) ## Check style, types and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 control_tower_dbt

format: $(STAMP) ## Put code and SQL into the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar control_tower_dbt

bench: $(STAMP) ## Print every figure this project claims, measured here
	$(BIN)/python -m benchmarks

screenshots: $(STAMP) ## Take docs/images anew: every page of the dashboard in both themes
	@sh scripts/install-browser.sh
	@$(BIN)/python scripts/take_screenshots.py

docs: docs-build ## Build the documentation and serve it at http://127.0.0.1:8000
	@echo "The documentation is at http://127.0.0.1:8000; Ctrl-C stops it."
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory docs/_build/html

docs-build: $(DOCS_STAMP) ## Build the documentation into docs/_build/html; a warning is an error
	@$(BIN)/python -m sphinx -b html -W --keep-going -n -q docs docs/_build/html

dbt-docs: $(STAMP) ## Describe the dbt project and serve that at http://127.0.0.1:8080
	@cd control_tower_dbt && $(abspath $(BIN))/dbt docs generate --profiles-dir .
	@cd control_tower_dbt && $(abspath $(BIN))/dbt docs serve --profiles-dir . \
		--host 127.0.0.1 --port 8080 --no-browser

sample: $(STAMP) ## Renew data/sample from the landed tables
	$(BIN)/control-tower sample

lock: ## Pin every package again (needs uv)
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --group dev -q \
		pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --group docs -q \
		-c requirements.lock -o requirements-docs.lock

clean: ## Remove what was generated: data, caches, the environment
	rm -rf $(VENV) data/raw data/reference data/build data/published data/ops.duckdb data/dagster
	rm -f data/briefing.* data/alerts.log* data/.alerts.log.* data/failed_runs.jsonl
	rm -f data/metrics.prom data/watch.log data/.watch.log*
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info docs/_build control_tower_dbt/target
