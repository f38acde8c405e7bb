# make demo: set everything up and run the main job on the sample traces
# make test: set everything up and pass the tests
# make lab:  as root, 320 real calls in network namespaces, and siplens against what every party was told (a minute and a half)
# make bench: against tshark and sngrep; benchmarks/ has more: decision.py, derive_steps.py, and generate_calls.py with pages.py (explorer)
# make pictures: the README's pictures out of the sample traces (the report's takes chromium)
# make lint: ruff, mypy, import layers, SQL

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test lab lint traces pictures bench clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "siplens needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
	$(BIN)/python -m compileall -q src  # where Python is told to keep no bytecode, each command would compile all modules anew
	touch $@

demo: $(READY)
	$(BIN)/siplens demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

lab: $(READY)
	SIPLENS_LAB_CALLS=320 $(BIN)/python -m pytest tests/lab

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar src/siplens

traces: $(READY)
	for recipe in sample_traces/*/recipe.py; do $(BIN)/python $$recipe || exit 1; done

pictures: $(READY)
	$(BIN)/python docs/pictures/make_pictures.py > /dev/null

bench: $(READY)
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/read_logs.py
	$(BIN)/python benchmarks/memory.py

clean:
	rm -rf $(VENV) siplens-demo .mypy_cache .ruff_cache .pytest_cache
