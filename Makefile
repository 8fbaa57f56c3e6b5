PYTHON ?= python3
BIN := .venv/bin
# compiled once, not in each of the many processes that tests start: wherever a machine says otherwise
export PYTHONDONTWRITEBYTECODE :=
SOURCES := $(shell find grader -type f -not -name '*.pyc' 2>/dev/null) pyproject.toml

.PHONY: demo test soak bench pictures lint release clean

demo: .venv/installed
	rm -rf build/demo report
	$(BIN)/grader demo -a affine -o build/demo
	GRADER_SEED=demo $(BIN)/grader grade build/demo -a affine -o report --exit-zero

test: .venv/tools
	$(BIN)/python -m pytest -n 4 --dist loadscope

soak: .venv/tools
	GRADER_SOAK=1 $(BIN)/python -m pytest -n 4 --dist loadscope

bench: .venv/tools
	$(BIN)/python tests/benchmarks/everything.py

pictures: .venv/tools
	$(BIN)/python docs/pictures/make.py

lint: .venv/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests solutions
	$(BIN)/mypy

release: .venv/installed
	$(BIN)/grader release

.venv/installed: requirements.lock $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	touch $@

.venv/tools: .venv/installed requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.lock
	touch $@

clean:
	rm -rf .venv build dist report
