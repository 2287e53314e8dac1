# make lab     install, then open the course in JupyterLab
# make test    install what testing needs, then run the tests
# make test-quick   the tests of what has changed, before a commit
# make test-all     every figure with every key in every host, and all of make test
# make test-lowest  with the lowest versions that are allowed; make test-newest with the newest
# make test-wheel   as readers install it, from the wheel and the sdist
# make bench   measure the speeds that the course promises
# make book    build the book, with every figure live; make book-serve builds it again on change
# make slides  build a deck of slides for each chapter, for a room
# make classroom   try a JupyterHub for a class of thirty on this machine
# make lint    format everything, and say what does not fit: styles, types
# make run     execute the notebooks again and store them in canonical form
#
# On Linux without a GPU, TORCH=cpu fetches the small CPU build of PyTorch:  make lab TORCH=cpu

PYTHON ?= python3
VENV   ?= .venv
# The versions that CI knows to work. If they cannot be had here (a newer Python, say), the newest are taken.
LOCK   ?= requirements.lock
TORCH  ?=
export TORCH

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check
CPU := $(BIN)/uv pip install --python $(BIN)/python --torch-backend cpu --reinstall-package torch

.PHONY: lab test test-quick test-all test-lowest test-newest test-wheel book book-serve slides bench classroom run lint lock clean
.DELETE_ON_ERROR:

lab: $(VENV)/.lab
	$(BIN)/attnlab lab

test: $(VENV)/.test
	$(BIN)/python tests/run.py

test-quick: $(VENV)/.test
	$(BIN)/python tests/run.py quick

test-all: $(VENV)/.test
	$(BIN)/python tests/run.py all

test-lowest: $(VENV)/.uv
	$(BIN)/python tests/versions.py lowest

test-newest: $(VENV)/.uv
	$(BIN)/python tests/versions.py newest

$(VENV)/.uv: $(VENV)/.test
	$(PIP) install --quiet uv
	touch $@

test-wheel: $(VENV)/.test
	$(BIN)/python -m pytest -p no:jaxtyping --everything tests/test_wheel.py

book: $(VENV)/.lab
	$(BIN)/attnlab book

book-serve: $(VENV)/.lab
	$(BIN)/attnlab book --serve

slides: $(VENV)/.lab
	$(BIN)/attnlab slides

bench: $(VENV)/.test
	$(BIN)/python tests/bench.py

# A hub for a class, tried with thirty students: its numbers go to attnlab/book/classroom.json.
classroom: $(VENV)/.classroom
	PATH="$(CURDIR)/$(BIN):$(CURDIR)/$(VENV)/proxy/node_modules/.bin:$$PATH" $(BIN)/python tests/classroom.py

$(VENV)/.classroom: $(VENV)/.test classroom/requirements.txt
	$(PIP) install --quiet -r classroom/requirements.txt
	npm install --prefix $(VENV)/proxy --no-fund --no-audit --loglevel=error configurable-http-proxy
	touch $@

run: $(VENV)/.lab
	$(BIN)/attnlab run

lint: $(VENV)/.test tools/node_modules/.attnlab
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	tools/node_modules/.bin/biome check --write
	tools/node_modules/.bin/pyright --pythonpath $(BIN)/python
	$(BIN)/python tests/lengths.py

tools/node_modules/.attnlab: tools/package-lock.json
	cd tools && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	cp tools/package-lock.json $@

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "attnlab needs Python 3.11 or newer; $(PYTHON) is older. Name another: make lab PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

# pip itself cannot choose between PyTorch's builds; uv can.
$(VENV)/.torch-$(TORCH): $(VENV)/.venv
ifeq ($(TORCH),cpu)
	$(PIP) install --quiet uv
	$(CPU) -c $(LOCK) torch || $(CPU) torch
endif
	touch $@

define install
	$(PIP) install --quiet -c $(LOCK) -e "$(1)" || $(PIP) install --quiet -e "$(1)"
	touch $@
endef

$(VENV)/.lab: $(VENV)/.torch-$(TORCH) pyproject.toml $(LOCK)
	$(call install,.)

$(VENV)/.test: $(VENV)/.torch-$(TORCH) pyproject.toml $(LOCK)
	$(call install,.[test])

# A new lock from a fresh environment with the newest of everything but torch.
lock:
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet torch==2.13.0
	$(VENV)-lock/bin/python -m pip install --quiet -e ".[dev]"
	$(VENV)-lock/bin/python -m pip freeze --exclude attnlab | sed 's/+cpu$$//' > requirements.lock
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-lock
