# Tricorder. `make demo` and `make test` set up everything they need; `make help` lists the rest.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP_INSTALL = -m pip install --disable-pip-version-check --constraint constraints.txt
DEV = .venv-dev/bin

.NOTPARALLEL:
.PHONY: help demo test slow check format regenerate demonstration-weights clean .venv-server

help: ## List the targets
	@grep -E '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 24

demo: .venv/.made .venv-server ## Start Triton, score phantoms and a real radiograph, show the results
	@.venv/bin/tricorder demo

test: .venv-dev/.made .venv-server ## Run the test suite (without the slow tier)
	$(DEV)/python -m pytest -m "not slow"

slow: .venv-dev/.made .venv-server ## Run the slow tier of the test suite
	$(DEV)/python -m pytest -m slow

check: .venv-dev/.made ## Format, lint, types, import rules, generated files current
	$(DEV)/ruff format --check .
	$(DEV)/ruff check .
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/python -m tests.generated

format: .venv-dev/.made ## Format the code
	$(DEV)/ruff format .
	$(DEV)/ruff check --fix .

regenerate: .venv-dev/.made ## Rewrite generated files (configurations, golden messages)
	$(DEV)/python -m tests.generated --write

demonstration-weights: .venv-dev/.made ## Train and export the committed models anew (about half an hour)
	$(DEV)/tricorder train mitral_regurgitation
	$(DEV)/tricorder export mitral_regurgitation --repository model_repository
	$(DEV)/tricorder evaluate mitral_regurgitation --in-process --json > benchmarks/records/evaluation-mitral_regurgitation.json
	$(DEV)/python -m tests.generated --write

clean: ## Remove the environments and everything built
	rm -rf .venv .venv-dev .venv-server build out *.egg-info

# The light client environment: what users run. No torch.
.venv/.made: pyproject.toml constraints.txt
	@$(call require_python)
	@echo "Making the client environment .venv (about a minute)"
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo "python venv is missing: apt install python3-venv"; exit 1; }
	@.venv/bin/python $(PIP_INSTALL) --editable .
	@touch $@

# With training and development tools: 6 GB, for torch brings its CUDA libraries.
.venv-dev/.made: pyproject.toml constraints.txt
	@$(call require_python)
	@echo "Making the development environment .venv-dev (a few minutes, 6 GB)"
	@$(PYTHON) -m venv --clear .venv-dev || { rm -rf .venv-dev; echo "python venv is missing: apt install python3-venv"; exit 1; }
	@.venv-dev/bin/python $(PIP_INSTALL) --editable '.[train,dev]'
	@touch $@

# Triton's own environment, as a container would hold it; built from whichever client environment is there.
.venv-server:
	@if [ ! -e .venv-dev/.made ]; then $(MAKE) --no-print-directory .venv/.made; fi
	@$$(ls .venv/bin/python .venv-dev/bin/python 2>/dev/null | head -n 1) -m serving.environment

define require_python
	if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: apt install python3.11 python3.11-venv"; exit 1; fi
endef
