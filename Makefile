# Lotsi's two commands: `make serve` and `make test`. Both do all their own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
UV_VERSION := 0.13.9
# A uv that is on the machine is used; otherwise one is fetched from PyPI into .uv.
UV ?= $(shell command -v uv || echo .uv/bin/uv)
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: help install serve test train knowledge docs screenshots lint format lock clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' \
		| while IFS='|' read -r name text; do printf '  %-11s %s\n' "$$name" "$$text"; done

.uv/bin/uv:
	@echo "Fetching uv $(UV_VERSION) from PyPI"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Lotsi needs Python 3.11; $(PYTHON) is another. Install python3.11 and python3.11-venv."; exit 1; }
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'

$(VENV)/.installed: requirements.lock pyproject.toml | $(filter .uv/bin/uv,$(UV))
	@echo "Setting up $(VENV): about 2 GB the first time"
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip sync --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

install: $(VENV)/.installed ## Set up .venv from requirements.lock

train: install ## Train a model, if the newest is not up to date
	$(BIN)/lotsi train --if-changed

knowledge: install ## Build the knowledge database
	$(BIN)/lotsi knowledge build

serve: train knowledge ## Serve the chat at http://localhost:8080 (PORT=… for another port)
	@echo "Lotsi starts at http://localhost:$(PORT) (Ctrl+C ends it)"
	$(BIN)/lotsi serve --port $(PORT)

test: train ## Run all tests, in two processes (ARGS=… for pytest)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

docs: install ## Write docs/cli.md from the commands' own help
	$(BIN)/python -m cli.reference > docs/cli.md

screenshots: train ## Picture widget, console and studio into docs/screenshots (needs Chromium)
	LOTSI_SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser/test_widget_axe.py tests/browser/test_console_pictures.py

lint: install ## Check style, types, knowledge and training data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lotsi knowledge check
	$(BIN)/lotsi train --check

format: install ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(filter .uv/bin/uv,$(UV)) ## Resolve requirements.lock anew
	$(UV) pip compile --quiet --extra dev --generate-hashes --override overrides.txt --python-version 3.11 \
		--upgrade pyproject.toml -o requirements.lock

clean: ## Remove everything that the targets made, state in var/ excepted
	rm -rf $(VENV) .uv .rasa *.egg-info .pytest_cache .mypy_cache .ruff_cache bot/models/*.tar.gz bot/models/*.json
