# Everything a newcomer types. Needs Python 3.11+, git and make; the rest installs itself into .venv, from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check static fast tools format kill machine bench pictures lock wheel clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

EXAMPLE := --config config/example/couple.toml
run: $(READY) ## start the service with the example couple; its state is under state/example
	@$(BIN)/rituals join Mara --yes $(EXAMPLE) >/dev/null && $(BIN)/rituals join Jon --yes $(EXAMPLE) >/dev/null
	$(BIN)/rituals run $(EXAMPLE)

test: static tools ## everything: format, lint, types, floors, and the whole suite with the slow tests
	$(BIN)/pytest -n auto

check: static fast ## format, lint, types, floors and the fast tests, in under a minute

static: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: $(READY) tools
	$(BIN)/pytest -q -m "not slow" -n auto

tools: $(READY) # what tests need beside Python: two parsers of invitations, a browser
	@tests/tools/install

format: $(READY) ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

kill: $(READY) ## kill the service 1,000 times and count what was lost or doubled
	$(BIN)/pytest --kills 1000 --timeout 3600 -k kill

machine: $(READY) ## live 2,000 random lives of two partners on every pair of routes
	$(BIN)/pytest -s --machine-runs 2000 tests/machine -k exactly_the_plan

bench: $(READY) ## print speed and memory figures; asserts nothing
	@for script in $(wildcard tests/bench/*.py); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

pictures: $(READY) ## take the pictures of the README again; needs Chromium
	@command -v chromium >/dev/null || { echo "Chromium is missing: apt-get install chromium" >&2; exit 1; }
	@for script in $(wildcard tests/pictures/*.py); do $(BIN)/python "$$script" || exit 1; done

lock: $(READY) ## bring both locks up to pyproject.toml; newest versions with UPGRADE=--upgrade
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

wheel: $(READY) ## build dist/*.whl and dist/*.tar.gz
	$(BIN)/hatchling build -d dist

clean: ## remove .venv, builds and caches; leaves state/ alone
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# uv comes as a package, with the hashes that the lock names; it then makes .venv equal to the lock.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/^    #/p' requirements-dev.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock

$(READY): $(BIN)/uv requirements-dev.lock pyproject.toml
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
