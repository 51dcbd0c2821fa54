# Two commands do everything: `make demo` and `make test`. Each installs what is missing and says so.
#
# Everything is built in one profile (release): another would compile RocksDB again. Build products live outside the
# clone, so that a second clone does not compile RocksDB again either.

export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wherefore/target
CARGO := cargo

.PHONY: demo test pages check bench peers imports everyone build clients search mutants

## Build everything, load the worked example into a fresh store, and serve GraphiQL on http://127.0.0.1:4477/graphiql
demo: build
	$(CARGO) run --release --locked -- demo $(DEMO)

build: pages
	$(CARGO) build --release --locked

## Run all tests: engine, store, documents, commands, HTTP, browser
test: prerequisites-test pages tests/outside/node_modules/.done tests/outside/venv/.done
	ulimit -v 24000000; $(CARGO) test --release --locked -- --skip graphql::outside --skip release::readers
	$(CARGO) test --release --locked --test main -- graphql::outside release::readers

## Format and lints, as the check of every change
check: pages
	$(CARGO) fmt --check
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

## Figures: import, open, first question, reach
bench: pages
	$(CARGO) bench --locked

## Random comparisons with other numbers than `make test`, ROUNDS times (10); stops at the first that fails
search: pages
	for round in $$(seq $(or $(ROUNDS),10)); do \
	  seed=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "WHEREFORE_SEED=$$seed"; \
	  (ulimit -v 24000000; WHEREFORE_SEED=$$seed $(CARGO) test --release --locked --test main -- judge:: engine::random recorded::random) || exit 1; \
	done

## Mutants of coverage and checks that no test catches, with cargo-mutants: one build for each, days of them (docs/testing.md).
## MUTANTS narrows: MUTANTS='-F never_used'
mutants: pages
	$(CARGO) mutants $(MUTANTS)

## OpenLineage clients from PyPI, dbt among them, against a real server
clients: build
	tests/clients/run.sh $(CARGO_TARGET_DIR)/release/wherefore
	tests/clients/dbt.sh $(CARGO_TARGET_DIR)/release/wherefore

## Wherefore beside other engines on the same graphs: SIZES are S, M, L (100 thousand, a million, ten million flows)
peers: pages
	benches/peers/run.sh $(or $(SIZES),S M)

## Importing a table of acts beside SQLite: processor time, memory, bytes on disk; ACTS (a million)
imports: build
	benches/import.py $(CARGO_TARGET_DIR)/release/wherefore $(or $(ACTS),1000000)

## Lineage for everyone in one store: opening, asking, committing; ACTS (a million)
everyone: build
	benches/everyone.py $(CARGO_TARGET_DIR)/release/wherefore $(or $(ACTS),1000000)

## The browser pages, only when their sources changed
pages: web/dist/index.html

web/dist/index.html: web/package-lock.json $(shell find web/src web/examples web/*.html web/*.js web/*.ts web/*.mjs web/scripts -type f 2>/dev/null)
	@scripts/prerequisites.sh build
	npm --prefix web ci --no-audit --no-fund
	npm --prefix web run build
	@touch web/dist/index.html

tests/outside/node_modules/.done: tests/outside/package-lock.json
	npm --prefix tests/outside ci --no-audit --no-fund
	@touch $@

tests/outside/venv/.done: tests/outside/requirements.txt
	python3 -m venv tests/outside/venv
	tests/outside/venv/bin/pip install --quiet --disable-pip-version-check -r tests/outside/requirements.txt
	@touch $@

.PHONY: prerequisites-test
prerequisites-test:
	@scripts/prerequisites.sh test
