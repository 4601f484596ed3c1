# Two commands for a newcomer: `make demo` runs the main job, `make test` passes the tests.
# `make check` is exactly what CI runs. Everything else is for people who change Holdfast.

VENV := .venv
PY := $(VENV)/bin/python
PEER := .peer
AZURITE := .azurite/node_modules/.bin/azurite
AXE := .azurite/node_modules/axe-core/axe.min.js
CARDS := .azurite/node_modules/adaptivecards/dist/adaptivecards.js
.DEFAULT_GOAL := help
.PHONY: help setup demo up test fast check lint types contracts format audit docs site bench kills faults planted fuzz lock azurite clean

help:            ## show this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/' | expand -t 18

setup: $(VENV)/.ready      ## make the virtual environment and install the pinned packages

$(VENV)/.ready: requirements-dev.txt pyproject.toml tools/python313
	@python=$$(sh tools/python313) && "$$python" -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup      ## watch the main job: a server is opened, and closed again, proven
	@$(VENV)/bin/holdfast demo

up: setup        ## emulator, local host and store together, until Ctrl-C
	@$(VENV)/bin/holdfast up

test: setup azurite  ## run all the tests
	@$(PY) -m pytest -n 2 --dist loadfile

kills: setup azurite ## kill and freeze workers for real at every step, for about an hour; HOLDFAST_SEED repeats a run
	@HOLDFAST_KILLS=1000 HOLDFAST_FREEZES=10 HOLDFAST_OPENINGS=30 $(PY) -m pytest -s tests/faults

faults: setup    ## 2,000 fleets under every fault, in any order; HOLDFAST_SEED repeats a run, HOLDFAST_FAULTS says how many
	@seed=$${HOLDFAST_SEED:-$$(date +%s)}; echo "HOLDFAST_SEED=$$seed"; nice $(PY) -m pytest -s --show-capture=no \
	  tests/engine/test_fleet_laws.py tests/engine/test_operator_laws.py --hypothesis-profile=faults --hypothesis-seed=$$seed

planted: setup   ## plant bugs into the product, one after the other, and see that the laws of the fleet find each
	@HOLDFAST_PLANTED=all nice $(PY) -m pytest -s --show-capture=no tests/engine/test_planted_bugs.py

fuzz: setup azurite  ## at least 100,000 generated inputs through every door, counted; HOLDFAST_SEED repeats a run
	@HOLDFAST_FUZZ=$${HOLDFAST_FUZZ:-100000} nice $(PY) -m pytest tests/fuzz tests/e2e/test_openapi.py --show-capture=no --tb=short \
	  --hypothesis-profile=fuzz --hypothesis-seed=$${HOLDFAST_SEED:-$$(date +%s)}

fast: setup      ## the tests that start no other process, with few examples each
	@PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(VENV)/pycache \
	  $(PY) -m pytest -n 2 --dist loadfile --hypothesis-profile=quick -m "not e2e and not azurite and not browser and not postgres"

azurite:         # Azurite, axe-core and adaptivecards from npm; where Node is missing their tests skip and say so
	@if command -v npm >/dev/null 2>&1; then \
	  test -x $(AZURITE) -a -f $(AXE) -a -f $(CARDS) || { echo "Installing Azurite, axe-core and adaptivecards into .azurite ..."; \
	    npm install --silent --no-save --prefix .azurite azurite@3.35.0 axe-core@4.14.1 adaptivecards@3.0.5; }; \
	else echo "npm not found: the tests against Azurite and with a browser will be skipped"; fi

check:           ## exactly what CI runs
	@bash .ci/run

lint: setup      ## ruff, format check included, and bandit
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@$(VENV)/bin/bandit -q -c pyproject.toml -r function_app.py shared remediators cli local_host emulator tools

audit: setup     ## ask pip-audit whether a pinned package has a known weakness (needs the internet)
	@$(VENV)/bin/pip-audit --strict --no-deps --disable-pip -r requirements.txt

types: setup     ## mypy, strict
	@$(VENV)/bin/mypy

contracts: setup ## who may import whom
	@$(VENV)/bin/lint-imports

format: setup    ## put the code in its standard form
	@$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

docs: setup      ## write the pages about controls anew, from the code
	@$(PY) -m cli.docs

site: setup      ## the documentation as a site in build/site; a link that leads nowhere fails
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet

screenshots: setup azurite  ## pictures of the pages for the docs, from a running Holdfast, by Chromium
	@$(PY) -m tools.screenshots

bench: setup azurite  ## time, ARM calls, CPU, memory and cost of an event, against floor and peer; writes docs/performance.md
	@$(PY) -m bench

storm: setup     ## 5,000 events in 60 s, 80 % of them for 20 servers; writes docs/load.md
	@$(PY) -m bench.storm

sweep: setup     ## 10,000 servers in 500 subscriptions, with kills and live events, for about 20 minutes; writes docs/load.md
	@$(PY) -m bench.sweep

soak: setup      ## ten minutes of steady load, an hour by Holdfast's clock: does memory grow? Writes docs/load.md
	@$(PY) -m bench.soak

.PHONY: peer storm sweep soak screenshots
peer: $(PEER)/.ready  ## install Cloud Custodian's Azure event handler beside Holdfast, for `make bench` to measure

# It is deployed on Python 3.12; any Python 3.10 or later will do.
$(PEER)/.ready:
	@python=$$(command -v python3.12 || sh tools/python313) && { "$$python" -m venv $(PEER) 2>/dev/null || "$$(sh tools/python313)" -m venv $(PEER); }
	@$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check c7n==0.9.53 c7n_azure==0.7.52
	@touch $@

lock:            ## pin all packages anew from requirements*.in (needs uv)
	@uv pip compile -q --generate-hashes --python-version 3.13 --no-header --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	@uv pip compile -q --generate-hashes --python-version 3.13 --no-header --no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt

clean:           ## remove what the other commands made
	@rm -rf $(VENV) $(PEER) .azurite build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
