# One door for everything: each target makes .venv by itself from constraints.txt (exact versions) and keeps it up to date.
# make PYTHON=python3.12 … chooses the interpreter, make run ARGS="folder --excel" gives the command its arguments.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.DEFAULT_GOAL := help
.PHONY: help run test check bench docs types format clean office

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1|/' | column -t -s '|'

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11: install a newer one and run make PYTHON=python3.11 …" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing: on Debian and Ubuntu, apt install python3-venv" >&2; exit 2; }
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[archives,dev,scale,scan]'
	@touch $@

# Optional: without it everything else works, and old documents are failed rows that say the same.
office:
	@command -v "$${YUSUAN_SOFFICE:-soffice}" >/dev/null || command -v libreoffice >/dev/null || \
	  echo "LibreOffice is not here: .doc, .wps, .rtf and .odt cannot be read (Debian, Ubuntu: apt install libreoffice-writer-nogui libreoffice-calc-nogui)" >&2

run: $(INSTALLED) office  ## read data/raw, write tables to data/out
	@$(BIN)/yusuan run $(ARGS)

test: $(INSTALLED) office  ## run the tests (ARGS="-k word" for some of them)
	@$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED) types  ## format, lint, types, layouts, generated documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@MYPYPATH=build/types $(BIN)/mypy -p yusuan
	@$(BIN)/yusuan layouts check schemas/forms/*.toml
	@$(BIN)/python -m yusuan.pages --check

# mypy looks for a package where its name says; ours stand at the top of the checkout (docs/decisions/0001).
types:
	@rm -rf build/types && mkdir -p build/types/yusuan
	@for path in yusuan/*.py yusuan/py.typed; do ln -s "../../../$$path" build/types/yusuan/; done
	@for path in extract normalize schemas publish; do ln -s "../../../$$path" "build/types/yusuan/$$path"; done

bench: $(INSTALLED)  ## measure speed and accuracy (some minutes; figures and method in bench/README.md)
	@for script in bench/accuracy.py bench/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

docs: $(INSTALLED)  ## write the generated documents again
	@$(BIN)/python -m yusuan.pages

format: $(INSTALLED)  ## let ruff format and mend the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

clean:  ## remove .venv and caches; data stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
