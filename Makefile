# Two commands for a new user: `make run` and `make test`. Everything is set up in .venv.
PORT ?= 8000
PYTHON ?= $(shell for python in python3.12 python3.13 python3.11 python3.14 python3; do command -v $$python >/dev/null && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest
# Tests whose program is not on this machine are left out, and the last line says so; REQUIRE_ALL=1 leaves nothing out.
CHROMIUM = $(shell command -v chromium || command -v chromium-browser)
POSTGRES = $(shell command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)
CLUSTER = $(and $(shell command -v kubectl),$(shell command -v promtool))
LEFT_OUT = $(if $(REQUIRE_ALL),,$(strip $(if $(CHROMIUM),,browser) $(if $(POSTGRES),,postgres) $(if $(CLUSTER),,cluster)))
EMPTY =
SPACE = $(EMPTY) $(EMPTY)
SELECTED = not ($(subst $(SPACE), or ,$(LEFT_OUT)))

.DEFAULT_GOAL := help
.PHONY: help run test check format vignettes docs train check-faults check-image bench mutants lock clean

help:  ## Show the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: .venv/run  ## Set everything up and serve on 127.0.0.1:8000 (PORT= changes it)
	$(BIN)/prrt-cds serve --port $(PORT)

test: .venv/test  ## Set everything up and run all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -n 2 --dist loadfile --cov --cov-report=term $(if $(LEFT_OUT),-m '$(SELECTED)')
	@test -z "$(LEFT_OUT)" || echo "LEFT OUT: the tests marked $(LEFT_OUT); what they need is not on this machine (REQUIRE_ALL=1 insists)."

check: .venv/test  ## The fast part: lint, types, contracts, cases
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -q tests/test_house_rules.py tests/test_clinical_pages.py tests/test_cases.py tests/vignettes

format: .venv/test  ## Lay the code out
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

vignettes: .venv/test  ## Write what the whole-patient answers are today; read the difference before you commit
	$(BIN)/python -m tests.vignettes

docs: .venv/test  ## Make the generated files: openapi.json, docs/clinical/, the rule list, the settings table
	$(BIN)/python -m tests.generated

train: .venv/test  ## Train every risk model and write models/ (artefacts, cards, plots)
	$(BIN)/python -m models.training

check-faults: .venv/test  ## Kill the service and its database 60 times under load, trace its syncs; write docs/faults.md
	$(BIN)/python -m tests.faults

check-image:  ## Build the image and run it hardened (needs root, buildah, podman, mmdebstrap)
	tests/image/container_check.sh .

bench: .venv/test .venv-bench/peers  ## Measure speed as ratios in one run; write docs/performance.md and docs/scaling.md (wrk by apt-get if missing)
	@command -v wrk >/dev/null || apt-get install --yes wrk || { echo "wrk is missing (Debian, Ubuntu: apt-get install wrk)."; exit 1; }
	$(BIN)/python -m tests.benchmarks $(ARGUMENTS)

mutants: .venv/test  ## Move every number, flip every comparator: every mutant must be killed (docs/mutants.md)
	$(BIN)/python -m tests.mutants

lock: .venv/test  ## Compile requirements/*.txt with hashes, without index addresses
	$(BIN)/pip install --quiet uv
	for extra in run build train test; do \
	  $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    $$([ $$extra = run ] || echo --extra $$extra) pyproject.toml -o requirements/$$extra.txt; done
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group bench -o requirements/bench.txt

clean:  ## Remove what the other commands made
	rm -rf .venv .venv-bench .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "python3-venv is missing (Debian, Ubuntu: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: requirements/run.txt requirements/build.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: requirements/test.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv-bench/peers: requirements/bench.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
