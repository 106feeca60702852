# Tricorder. `make demo` and `make test` set up everything they need; `make help` lists the rest.

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
endif
PIP_INSTALL = -m pip install --disable-pip-version-check --constraint constraints.txt
DEV = .venv-dev/bin
# An ensemble is trained and exported with its members.
TRAINED_MODELS = from specs import SPECS; members = {each.model for spec in SPECS.values() \
	for each in getattr(spec, "members", ())}; print(*(name for name in SPECS if name not in members))
WITH_MEMBERS = import sys; from specs import SPECS; print(*dict.fromkeys(each for name in sys.argv[1:] or SPECS \
	for each in (*(member.model for member in getattr(SPECS[name], "members", ())), name)))

.NOTPARALLEL:
.PHONY: help demo test slow check format regenerate demonstration-weights evaluation-records clean .venv .venv-dev .venv-server .venv-bench

help: ## List the targets
	@grep -E '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 24

demo: .venv/.made .venv-server ## Start Triton, score phantoms and a real radiograph, show the results
	@.venv/bin/tricorder demo

# As many workers as processors: with threads of their own they would mostly wait for each other.
test slow: export OMP_NUM_THREADS ?= 1
test: .venv-dev/.made .venv-server ## Run the test suite (without the slow tier)
	$(DEV)/python -m pytest -m "not slow" --numprocesses auto --maxprocesses 4 --dist loadfile

slow: .venv-dev/.made .venv-server ## Run the slow tier of the test suite
	$(DEV)/python -m pytest -m slow --numprocesses 2 --dist worksteal --timeout 1800 --durations 12

check: .venv-dev/.made ## Format, lint, types, import rules, containers, generated files current
	$(DEV)/ruff format --check .
	$(DEV)/ruff check .
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml
	$(DEV)/hadolint docker/*.Dockerfile
	$(DEV)/python -m tests.generated

format: .venv-dev/.made ## Format the code
	$(DEV)/ruff format .
	$(DEV)/ruff check --fix .

regenerate: .venv-dev/.made ## Rewrite generated files (configurations, cards, README's table, golden messages)
	$(DEV)/python -m tests.generated --write

# One thread adds up in one order: on the same kind of processor the same weights come out, bit for bit.
demonstration-weights: export OMP_NUM_THREADS ?= 1
demonstration-weights: .venv-dev/.made ## Train and export the committed models, or MODELS='NAME ...', anew (all: hours), and compare
	@rm -rf build/committed && mkdir -p build/committed && cp benchmarks/records/evaluation-*.json build/committed
	@for model in $(or $(MODELS),$$($(DEV)/python -c '$(TRAINED_MODELS)')); do \
		$(DEV)/tricorder train $$model && \
		$(DEV)/tricorder export $$model --repository model_repository --version 1 || exit 1; \
	done
	@$(MAKE) --no-print-directory evaluation-records
	@$(DEV)/python -m benchmarks reproduction --committed build/committed --out build/reproduction.json

evaluation-records: .venv-dev/.made ## Measure the committed models, or MODELS='NAME ...', on held-out phantoms of both sites
	@mkdir -p build
	@for model in $$($(DEV)/python -c '$(WITH_MEMBERS)' $(MODELS)); do \
		kind=$$($(DEV)/python -c "from specs import SPECS; print(SPECS['$$model'].kind)"); \
		case $$kind in network|ensemble) baseline="--baseline same";; *) baseline="";; esac; \
		case $$kind in volume) count="--data phantoms:200";; *) count="";; esac; \
		if [ $$kind = tabular ]; then \
			$(DEV)/tricorder evaluate $$model --in-process --json > build/evaluation.json && \
			mv build/evaluation.json benchmarks/records/evaluation-$$model.json || exit 1; \
			continue; \
		fi; \
		for site in A B; do \
			record=benchmarks/records/evaluation-$$model$$([ $$site = A ] || echo -site_b).json; \
			$(DEV)/tricorder evaluate $$model --site $$site $$baseline $$count --in-process --out build/evaluation \
				&& mv build/evaluation/report.json $$record || exit 1; \
			if [ $$site = A ]; then mv build/evaluation/answers.csv benchmarks/records/answers-$$model.csv; fi; \
		done; \
	done
	$(DEV)/python -m tests.generated --write

clean: ## Remove the environments and everything built
	rm -rf .venv .venv-dev .venv-server .venv-bench build *.egg-info

.venv: .venv/.made ## Make the client environment

.venv-dev: .venv-dev/.made ## Make the development environment, with torch

.venv-bench: .venv-bench/.made ## Make the environment of MLServer, a peer of `tricorder bench peers`

# NVIDIA's load generator is inside an old wheel; the libraries that it is linked to are in the server environment.
build/perf_analyzer: .venv-server ## Unpack NVIDIA's perf_analyzer, a peer of `tricorder bench peers`
	@rm -rf $@ build/wheels && mkdir -p $@
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--platform manylinux1_x86_64 --dest build/wheels tritonclient==2.50.0
	@$(PYTHON) -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall("build/wheels")' build/wheels/*.whl
	@mv build/wheels/*/data/bin/perf_analyzer $@ && chmod +x $@/perf_analyzer
	@libraries=$$(echo $(CURDIR)/.venv-server/lib/python3.*/site-packages/nvidia_pytriton.libs); \
	ln -s $$libraries/libb64-*.so.0d $@/libb64.so.0d && ln -s $$libraries/libcudart-*.so.12* $@/libcudart.so.12

# The light client environment: what users run. No torch.
.venv/.made: pyproject.toml constraints.txt
	@$(call require_python)
	@echo "Making the client environment .venv (about a minute)"
	@$(call make_environment,.venv)
	@.venv/bin/python $(PIP_INSTALL) --editable .
	@touch $@

# With training and development tools: 6 GB, for torch brings its CUDA libraries.
.venv-dev/.made: pyproject.toml constraints.txt
	@$(call require_python)
	@echo "Making the development environment .venv-dev (a few minutes, 6 GB)"
	@$(call make_environment,.venv-dev)
	@.venv-dev/bin/python $(PIP_INSTALL) --editable '.[train,dev]'
	@touch $@

# MLServer has an environment of its own: what it needs shall not change what is measured.
.venv-bench/.made: pyproject.toml constraints.txt
	@$(call require_python)
	@echo "Making the environment of MLServer .venv-bench (a minute)"
	@$(call make_environment,.venv-bench)
	@.venv-bench/bin/python $(PIP_INSTALL) --editable '.[bench]'
	@touch $@

# Triton's own environment, as a container would hold it; built from whichever client environment is there. With the
# development environment, whose tests need it, OpenVINO is in it.
.venv-server: ## Make the environment that Triton runs in (OPENVINO=yes: with OpenVINO, 60 MB more to fetch; AOTINDUCTOR=yes: with PyTorch, 5 GB on the disk)
	@if [ ! -e .venv-dev/.made ]; then $(MAKE) --silent --no-print-directory .venv/.made; fi
	@if [ -e .venv-dev/.made ]; then \
	.venv-dev/bin/python -m serving.environment --engine openvino $(if $(AOTINDUCTOR),--engine aotinductor); \
	else .venv/bin/python -m serving.environment $(if $(OPENVINO),--engine openvino) \
		$(if $(AOTINDUCTOR),--engine aotinductor); fi

define make_environment
	$(PYTHON) -m venv --clear $(1) || { rm -rf $(1); \
	echo "If venv is missing: apt install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
	exit 1; }
endef

define require_python
	if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: apt install python3.11 python3.11-venv"; exit 1; fi
endef
