# Needs Python 3.11 or newer and make; everything else is installed into .venv.

PYTHON ?= python3
SHELL := /bin/sh
BIN := .venv/bin
INSTALLED := .venv/.installed
# A worker waits for half of its time: for servers that start, and for timeouts. So there are more than cores.
WORKERS ?= 4
# A worker takes a whole file: what its tests share is made once.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Another virtual environment must not leak into this one. Without compiled modules each start takes twice as long.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_USER PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test test-pg15 check fmt generated client released wheel fuzz chaos cluster-test bench bench-quick growth lock clean

help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r target meaning; do \
		printf '  make %-12s %s\n' "$$target" "$$meaning"; \
	done

install: $(INSTALLED) ## install into .venv what requirements-dev.lock names

run: $(INSTALLED) ## start the demo: database, texts, sign-ins, server
	@$(BIN)/editorial quickstart

wheel: $(INSTALLED) ## build the wheel that is installed on servers, into dist/
	@rm -f dist/*.whl
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

test: $(INSTALLED) ## run the tests on the embedded PostgreSQL
	@$(PYTEST)

test-pg15: $(INSTALLED) ## run the tests on an installed PostgreSQL 15 (PG15_BIN: its programs)
	@$(BIN)/python -c "$$ON_POSTGRES_15" $(PYTEST)

fuzz: $(INSTALLED) ## send it hostile and made-up requests for as long as it takes
	@FUZZ=all $(PYTEST) -rP tests/fuzz

check: $(INSTALLED) ## look for mistakes without running anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if find sql -name '*.sql' 2>/dev/null | grep -q .; then \
		echo '$(BIN)/sqlfluff lint sql'; \
		$(BIN)/sqlfluff lint --disable-progress-bar sql; \
	fi

fmt: $(INSTALLED) ## format the code, and mend what can be mended without a thought
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generated: $(INSTALLED) ## write anew what is generated: the document, three pages of docs, the schema and its list
	@$(BIN)/editorial openapi > openapi/.new && mv openapi/.new openapi/editorial.yaml
	@$(BIN)/editorial workflow > docs/.new && mv docs/.new docs/workflow.md
	@$(BIN)/editorial need-to-know > docs/.new && mv docs/.new docs/need-to-know.md
	@$(BIN)/editorial settings > docs/.new && mv docs/.new docs/settings.md
	@$(BIN)/python tests/schema.py sql/definitions.txt > sql/.new && mv sql/.new sql/schema.sql

.PHONY: counts
counts: $(INSTALLED) ## count anew what each operation asks of the database
	@COUNTS=write $(BIN)/pytest -q tests/database/test_round_trips.py

.PHONY: examples
examples: $(INSTALLED) ## record anew the answers that the document shows
	@EXAMPLES=write $(BIN)/pytest -q tests/web/test_examples.py -k written_down
	@$(MAKE) --no-print-directory generated

client: ## make the TypeScript client, an npm package in dist (needs node 20.19 or newer)
	@cd clients/typescript && npm ci --silent && npm run --silent generate && npm run --silent build
	@mkdir -p dist && cd clients/typescript && npm pack --silent --pack-destination ../../dist

released: ## at a release: keep the document that later ones must not break
	@cp openapi/editorial.yaml openapi/released.yaml

bench: $(INSTALLED) ## measure for half an hour, and write bench/RESULTS.md (needs wrk)
	@$(BIN)/python -m bench

bench-quick: $(INSTALLED) ## the same in two minutes, coarser and without what takes longer
	@$(BIN)/python -m bench --quick

growth: $(INSTALLED) ## plan every query on a newsroom grown for decades (GROWTH=--help)
	@$(BIN)/python -m bench.growth $(GROWTH)

chaos: $(INSTALLED) ## break everything under load, and check that every promise was kept (CHAOS: its arguments)
	@$(BIN)/python -m chaos $(CHAOS)

cluster-test: $(INSTALLED) ## take the primary away from a cluster under load, and check that nothing is lost
	@$(BIN)/python -m chaos.failover $(CLUSTER)

lock: ## choose the newest versions anew (needs uv)
	uv pip compile $(LOCKING) pyproject.toml --output-file requirements.lock
	uv pip compile $(LOCKING) --extra demo --extra dev --constraint requirements.lock pyproject.toml \
		--output-file requirements-dev.lock

LOCKING := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'

clean: ## remove what was installed and made; the data folder stays
	rm -rf .venv .install.lock .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One make at a time installs. The lock is the kernel's: a make that is killed leaves none behind.
# Whoever had to wait asks again, under the lock, whether anything is left to do.
ifndef INSTALLING
$(INSTALLED): pyproject.toml requirements-dev.lock
	@MAKEFLAGS= $(PYTHON) -c "$$ONE_AT_A_TIME" \
		$(MAKE) --no-print-directory PYTHON='$(PYTHON)' INSTALLING=yes $(INSTALLED)
else
$(INSTALLED): pyproject.toml requirements-dev.lock
	@echo 'Installing into .venv; the first time takes a minute or two.'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install $(PIP) --require-hashes --requirement requirements-dev.lock
	@$(BIN)/python -m pip install $(PIP) --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)
endif

PIP := --quiet --disable-pip-version-check --no-input --root-user-action ignore

define ONE_AT_A_TIME
import fcntl, signal, subprocess, sys
if sys.version_info < (3, 11):
    sys.exit("Editorial needs Python 3.11 or newer, and this is %d.%d: make PYTHON=python3.12, for example." % sys.version_info[:2])
signal.signal(signal.SIGINT, signal.SIG_DFL)
with open(".install.lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    sys.exit(subprocess.call(sys.argv[1:]))
endef
export ONE_AT_A_TIME

define ON_POSTGRES_15
import os, pathlib, subprocess, sys, tempfile
from editorial.database import embedded as postgres
def programs():
    named = os.environ.get("PG15_BIN")
    places = [named] if named else [*os.get_exec_path(), "/usr/lib/postgresql/15/bin"]
    for server in (pathlib.Path(place, "postgres").resolve() for place in places):
        if all((server.parent / name).exists() for name in ("postgres", "initdb", "pg_ctl", "psql")):
            version = subprocess.run([server, "--version"], capture_output=True, text=True).stdout
            if "(PostgreSQL) 15." in version:
                return server.parent
    sys.exit("There is no PostgreSQL 15 %s." % ("in PG15_BIN, " + named if named else "in PATH or /usr/lib/postgresql/15/bin, and PG15_BIN names none"))
binaries = programs()
with tempfile.TemporaryDirectory() as folder, postgres.start(pathlib.Path(folder), binaries=binaries) as server:
    os.environ["EDITORIAL_TEST_OWNER_URL"] = server.owner_url
    sys.exit(subprocess.call(sys.argv[1:]))
endef
export ON_POSTGRES_15
