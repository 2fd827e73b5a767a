# make demo   the whole bot in a simulated Discord: no account, no key
# make test   every test, by three workers, because many tests wait for processes
# make coverage  the same with the lines counted, which takes half as long again, and the coverage floor: CI runs this
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install demo test coverage lint types words licences audit image screenshots bench measure chaos simulate lock clean

help:
	@grep -E '^# make' Makefile | sed 's/^# //'

install: .venv/installed

.venv/installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12 install")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	$(BIN)/stillframe demo

# What is compiled once is kept, for the workers and for the bots that tests start.
test coverage: export PYTHONDONTWRITEBYTECODE =
TESTS := pytest -q -n 3 --dist worksteal --durations=15
test: install
	$(BIN)/python -m $(TESTS)

coverage: install
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='bot/*,cogs/*' --fail-under=95

# make lint   format and style, of the Dockerfile too
lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile

# make types  strict types
types: install
	$(BIN)/mypy

# make words  the catalogues in bot/text/locales, brought up to date with the words in the code
words: install
	$(BIN)/python -m tests.tools.words

# make licences  docs/licences.md, from what the installed packages say
licences: install
	$(BIN)/python -m tests.tools.licences

# make audit  known vulnerabilities in the lock files: fails on one, and says so where no database can be reached
audit: install
	$(BIN)/python -m tests.tools.audit

# make image  the container image, with docker or podman, whichever has an engine that runs
image:
	deploy/image

# make screenshots  the cards in docs/images, drawn anew from the real bot
screenshots: install
	$(BIN)/python -m sandbox.screenshots

# make bench  the measurements behind the claims, about two minutes
bench: install
	$(BIN)/python -m bench

# make measure  how large and how tidy the code is, from its text: REV=19a30f7 puts that revision beside it
measure: install
	$(BIN)/python -m tests.meta.measure $(if $(REV),--rev $(REV))

# make chaos  kill the bot at random moments, under load: KILLS=200 SEED=7; ENGINE=postgresql ill-treats several processes
KILLS ?= 200
ENGINE ?= sqlite
chaos: install
	$(BIN)/python -m tests.chaos --kills $(KILLS) --engine $(ENGINE) $(if $(SEED),--seed $(SEED))

# make simulate  members, supplier and Discord with every fault, on a virtual clock: SEEDS=5000
SEEDS ?= 500
simulate: install
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

EXTRAS := --extra charts --extra postgres --extra s3 --extra sentry
# make lock   resolve the dependencies again, for every platform, with hashes and without an index address; what runs is
#             what the tests ran with
lock: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command 'make lock' --upgrade $(EXTRAS) --extra sandbox --group dev \
	    pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command 'make lock' --upgrade $(EXTRAS) \
	    --constraint requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage *.egg-info build
