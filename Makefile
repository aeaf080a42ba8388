# Set up, play and test Antiphon. A second call is quick: nothing is installed again until its list changes.
#   make play     install what playing needs and open the instrument   (ARGS="--seconds 60" is handed on)
#   make test     install what testing needs; lint, type-check and run all tests   (JOBS=2 processes of tests)
#   make endure   kill it, flood it, let it write for minutes, and write docs/reliability.md   (ARGS="--minutes 60")
#   make setup    only install what playing needs
# PYTHON=... chooses the Python (3.11 or newer) that .venv is made from.

VENV := .venv
JOBS ?= 2
BIN := $(VENV)/bin
LISTS := pyproject.toml constraints.txt .ci/prepare.sh
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: setup play test endure lint types clean help

setup: $(VENV)/.ready-to-play

play: setup
	@exec $(BIN)/python -m antiphon play $(ARGS)

test: lint types
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile $(ARGS)

endure: $(VENV)/.ready-to-test
	$(BIN)/python -m antiphon endure $(ARGS)

lint: $(VENV)/.ready-to-test
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .

types: $(VENV)/.ready-to-test
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/.ready-to-play: $(LISTS)
	@PYTHON="$(PYTHON)" sh .ci/prepare.sh play $(VENV)
	@echo "installing the Python packages of Antiphon into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready-to-play
	@PYTHON="$(PYTHON)" sh .ci/prepare.sh test $(VENV)
	@$(PIP) --editable '.[dev]'
	@touch $@
