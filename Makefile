# Everything anyone runs here; `make` lists it. Needs Debian 12 or the like, Python 3.11 and make.

# Debian's own where it can make environments, as production has it: built with profiles, half as fast again.
DEBIANS := $(shell /usr/bin/python3.11 -c 'import ensurepip; print("/usr/bin/python3.11")' 2>/dev/null)
PYTHON ?= $(or $(DEBIANS),python3)
HOST ?= 127.0.0.1
PORT ?= 8000
RESET ?=
TESTS ?= tests
BENCH ?=
SEED ?= 1
MONTHS ?= 1
UPGRADE ?=
LANGUAGE_CODE ?=

CATALOGUES := booking/translations
TEXTS := build/messages.pot
TEXTS_IN := babel.cfg
DEMO := requirements.lock requirements-optimize.lock
DEVELOPMENT := requirements.lock requirements-dev.lock requirements-optimize.lock
PROGRAMS = \
	$(if $(BOOKING_TEST_POSTGRES_URL)$(wildcard /usr/lib/postgresql/*/bin/initdb),,postgresql-15) \
	$(if $(CHROMIUM)$(wildcard /usr/bin/chromium-headless-shell),,chromium-headless-shell) \
	$(if $(wildcard /usr/sbin/nginx),,nginx-light) \
	$(if $(wildcard /usr/bin/redis-server),,redis-server)
LOCK := .venv-lock/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 \
	$(if $(UPGRADE),--upgrade)
export PYTHON
unexport PYTHONDONTWRITEBYTECODE  # or each process compiles all it imports: three seconds instead of one

.PHONY: help demo cluster test check bench simulate format translations texts lock clean

help:  ## List what can be run
	@sed -n 's/^\([a-z]*\):.*## /\1 - /p' Makefile

demo:  ## Run the demo clinic until Ctrl-C (PORT=8000 HOST=127.0.0.1; RESET=1 starts afresh)
	@deploy/python-packages $(DEMO)
	@exec deploy/demo --host $(HOST) --port $(PORT) $(if $(RESET),--reset)

cluster:  ## Run the service over several hosts on this machine until Ctrl-C (PORT=8000)
	@deploy/debian-packages $(PROGRAMS)
	@deploy/python-packages $(DEVELOPMENT)
	@exec .venv/bin/python -m deploy.cluster --port $(PORT)

test:  ## Run all tests, on SQLite and PostgreSQL (TESTS=tests/series runs some)
	@deploy/debian-packages $(PROGRAMS)
	@deploy/python-packages $(DEVELOPMENT)
	.venv/bin/python -m pytest --numprocesses 3 --dist worksteal $(TESTS)

check:  ## Lint, check the format and the types
	@deploy/python-packages $(DEVELOPMENT)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

bench:  ## Print the benchmarks as ratios (BENCH=planner runs one; also web, desk_calendar, slow_network, memory, messages, outbox_memory, cohort, growth, closures, capacity, healing, exact, cp_sat, demo_plans)
	@deploy/debian-packages $(PROGRAMS) $(if $(wildcard /usr/bin/wrk),,wrk)
	@deploy/python-packages $(DEVELOPMENT)
	.venv/bin/python -m bench $(BENCH)

simulate:  ## Run a clinic on a clock of its own, with trouble, and check each day (SEED=1; MONTHS=1: so many seeds)
	@deploy/python-packages $(DEVELOPMENT)
	.venv/bin/python -m simulation --seed $(SEED) --months $(MONTHS)

format:  ## Put the code into its format
	@deploy/python-packages $(DEVELOPMENT)
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

translations:  ## Bring the catalogues up to the texts in the code (LANGUAGE_CODE=es begins one)
	@deploy/python-packages $(DEVELOPMENT)
	$(if $(LANGUAGE_CODE)$(wildcard $(CATALOGUES)),,$(error no language but English yet: LANGUAGE_CODE=es begins one))
	@$(MAKE) --silent texts
	.venv/bin/pybabel -q update -i $(TEXTS) -d $(CATALOGUES) $(if $(LANGUAGE_CODE),--init-missing -l $(LANGUAGE_CODE)) \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	.venv/bin/pybabel compile --statistics -d $(CATALOGUES)

texts:
	@mkdir -p $(dir $(TEXTS))
	.venv/bin/pybabel -q extract -F $(TEXTS_IN) -k _l -c Translators: --add-location=file --no-wrap -o $(TEXTS) .

lock:  ## Write the lock files from pyproject.toml (UPGRADE=1 takes newer versions)
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet uv==0.13.9
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --group dev -c requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group optimize -c requirements-dev.lock --output-file requirements-optimize.lock

clean:  ## Remove what can be made again; keeps instance/, where the demo's bookings are
	rm -rf .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
