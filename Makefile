# One environment, built once from requirements.lock, and the few things one does with it.
# Plain recipe lines that GNU make 3.81 (macOS) and 4 understand; the same steps for PowerShell
# are in docs/windows.md.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

# A stamp's name carries the content that it stands for: a touched file costs nothing, a changed lock
# makes the environment anew, a changed pyproject.toml only installs the project again.
ENVIRONMENT := .venv/.lock-$(shell cat requirements.lock 2>/dev/null | cksum | tr ' ' '-')
INSTALLED := .venv/.project-$(shell cat pyproject.toml | cksum | tr ' ' '-')

# uv makes the lock and installs it, eight times as fast as pip (docs/adr/0003). Bytecode is compiled then:
# where PYTHONDONTWRITEBYTECODE is set, as in many containers, every process would compile it anew.
UV_VERSION := 0.13.9
LOCKED := --no-deps --require-hashes --only-binary :all:

# One lock for every system and Python: the same versions are tried and run everywhere. No registry's
# address is written, so each place uses its own.
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/uv pip compile --universal \
	--fork-strategy fewest --python-version 3.11 --no-python-downloads --generate-hashes \
	--no-strip-extras --no-emit-index-url --quiet

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= account masking csv_reader whole_load

.PHONY: demo test benchmark-exports benchmark-forecast benchmark-intake benchmark-night benchmark-warehouse lint lint-style lint-types lint-rooms lint-sql disclosure faults format lock readers validators rules semantics docs corpus fuzz schema \
	table-profiles dev \
	clean env help

help:
	@echo "make demo    environment, a simulated municipality, one nightly run; prints what it made"
	@echo "make test    environment, and every test"
	@echo "make benchmark-intake  speed and memory of intake; BENCHMARK_ARGS='--mb 2000' takes 2 GB ledgers"
	@echo "make benchmark-night  a night with nothing new beside a full one, in time and processor time"
	@echo "make benchmark-warehouse  dbt build by size; BENCHMARK_ARGS='--children 10000 --sizes 1,20,100'"
	@echo "make benchmark-exports  tables, cockpit, pack and publishing of the run in var/published/current"
	@echo "make benchmark-forecast  forecasts beside their peers (hours); BENCHMARK_ARGS='--parts ledger,speed'"
	@echo "make faults  kill the night at 40 moments and worse, and compare (an hour); ARGS=\"--kills 5\""
	@echo "make disclosure  an attacker on 50 simulated municipalities, and the cells lost to suppression"
	@echo "make readers  100,000 reads on files and on PostgreSQL during 20 publications (some minutes)"
	@echo "make validators  Metabase's and Microsoft's own validators, for tests (needs Node 20 and npm)"
	@echo "make lint    ruff, mypy, import-linter, sqlfluff"
	@echo "make format  ruff's formatter and safe fixes"
	@echo "make rules   dbt's copy of the catalogue of rules, from orchestration/intake/rules.yml"
	@echo "make semantics  exports' copy of the semantic layer, from dbt_project/models/semantic"
	@echo "make docs    the documentation site (docs/build/index.html) and the lineage as a picture"
	@echo "make corpus  the nasty files of tests/intake/corpus and what becomes of each, as a table"
	@echo "make fuzz    the fuzzer on every parser, FUZZ_SECONDS=60 each (Linux); finds go to var/fuzz"
	@echo "make dev     dagster's web page for this code (state under var/)"
	@echo "make lock    requirements.lock from pyproject.toml; LOCK_ARGS=--upgrade takes the newest versions"
	@echo "make clean   remove the environment, caches and the state under var/"

demo: env
	@$(BIN)/raaderum demo

test: env
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(PYTEST_ARGS)

benchmark-intake: env
	@$(BIN)/python -m tests.benchmarks.intake $(BENCHMARK_ARGS)

benchmark-night: env
	@$(BIN)/python -m tests.benchmarks.night $(BENCHMARK_ARGS)

benchmark-warehouse: env
	@$(BIN)/python -m tests.benchmarks.warehouse $(BENCHMARK_ARGS)

benchmark-exports: env
	@$(BIN)/python -m tests.benchmarks.exports $(BENCHMARK_ARGS)

benchmark-forecast: env
	@$(BIN)/python -m tests.benchmarks.forecast $(BENCHMARK_ARGS)

faults: env
	@$(BIN)/python -m tests.faults.campaign $(ARGS)

disclosure: env
	@$(BIN)/python -m tests.exports.disclosure_campaign $(ARGS)

readers: env
	@$(BIN)/python -m tests.readers.campaign $(ARGS)

validators:
	@cd tests/node && npm ci --no-audit --no-fund

lint: lint-style lint-types lint-rooms lint-sql

lint-style: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: env
	$(BIN)/mypy

lint-rooms: env
	$(BIN)/lint-imports --no-logo

lint-sql: env
	cd dbt_project && ../$(BIN)/sqlfluff lint --disable-progress-bar models tests

format: env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

rules: env
	@$(BIN)/python -m orchestration.intake.rules > .rules.csv
	@mv .rules.csv dbt_project/seeds/ref_quality_rules.csv

semantics: env
	@$(BIN)/python -m orchestration.semantic_layer

docs: env
	@$(BIN)/python -m orchestration.docs_site

corpus: env
	@$(BIN)/python -m tests.intake.corpus

fuzz: env
	@for target in $(FUZZ_TARGETS); do \
		$(BIN)/python -m tests.fuzz $$target $(FUZZ_SECONDS) var/fuzz || exit 1; \
	done

schema: env
	@$(BIN)/python -m orchestration.intake.profile_schema
	@$(BIN)/python -m orchestration.scenario_files

table-profiles: env
	@$(BIN)/python -m pytest -q -s -n 0 tests/intake/test_equal_shapes.py

dev: env
	@$(BIN)/python -m orchestration.manifest
	@$(BIN)/dg dev

env: $(INSTALLED)

$(ENVIRONMENT):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("This needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d. Name another one: make PYTHON=/path/to/python3.12" % v)'
	@echo "Building .venv from requirements.lock (once)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(PIP) $(LOCKED) -r requirements-bootstrap.lock
	@$(BIN)/uv pip install --quiet --no-python-downloads --compile-bytecode --python $(BIN)/python \
		$(LOCKED) -r requirements.lock || \
		{ echo "uv could not; pip tries, with its own settings for mirrors and proxies (some minutes)"; \
		$(PIP) $(LOCKED) -r requirements.lock; }
	@touch $@

$(INSTALLED): $(ENVIRONMENT)
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m orchestration.manifest
	@rm -f .venv/.project-*
	@touch $@

lock:
	@rm -rf .venv-lock
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --disable-pip-version-check --quiet "uv==$(UV_VERSION)"
	echo "uv==$(UV_VERSION)" | $(COMPILE) - --output-file requirements-bootstrap.lock
	$(COMPILE) pyproject.toml --extra dev --output-file requirements.lock $(LOCK_ARGS)
	@rm -rf .venv-lock

clean:
	rm -rf .venv .venv-lock var demo build dist raaderum.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache .grimp_cache dbt_project/target dbt_project/logs .tmp_dagster_home_*
	find orchestration forecasting exports tests -name __pycache__ -type d -prune -exec rm -rf {} +
