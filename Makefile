# `make demo` shows what dockerutils does, `make test` runs every check and test.

# The profile of `make build` and `make demo`: dev or release.
PROFILE ?= release

.PHONY: help build install demo test bench lint manual clean
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

# Paths of the machine that builds do not belong in a program that others get: panics would print them.
CARGO_FOLDER = $(or $(CARGO_HOME),$(HOME)/.cargo)
REMAP = '--remap-path-prefix=$(CURDIR)=dockerutils', '--remap-path-prefix=$(CARGO_FOLDER)=cargo', \
  '--remap-path-prefix=$(shell rustc --print sysroot)=rust'
WITHOUT_PATHS = --config "build.rustflags=[$(REMAP)]"

# What is built. `make test` builds its tests at once: built without them, dependencies get other features and are built twice.
TARGETS ?= --bins

build: ## Build the commands
	cargo build --profile $(PROFILE) $(TARGETS) $(if $(filter release,$(PROFILE)),$(WITHOUT_PATHS))

# The folder into which `cargo install` puts programs.
BIN = $(or $(CARGO_INSTALL_ROOT),$(CARGO_FOLDER))/bin

install: ## Install the commands, and the files that `source dock` reads
	cargo install --locked --path . $(WITHOUT_PATHS)
	install -m 644 shell/dock shell/dock-completion shell/dock.fish "$(BIN)"

demo: ## Install missing packages, build the commands, build and run the image of the example
	scripts/setup.sh demo
	$(MAKE) --no-print-directory build
	scripts/demo.sh $(patsubst dev,debug,$(PROFILE))

test: ## Run the demo, all checks and all tests; root also runs the tests on private engines
	scripts/setup.sh test
	$(MAKE) --no-print-directory demo PROFILE=dev TARGETS='--workspace --lib --bins --tests'
	$(MAKE) --no-print-directory lint
	scripts/test.sh

bench: ## Measure the commands' own time, memory and size (release build)
	cargo bench --workspace

lint: ## Formatting, clippy, rustdoc, ShellCheck, hadolint
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --package dockerutils --no-default-features --lib --bins -- -D warnings
	cargo clippy --package dockerutils --no-default-features --features ecr --lib --bins -- -D warnings
	@# The commands must not panic: only tests may unwrap.
	cargo clippy --workspace --lib --bins -- -D warnings -D clippy::unwrap_used
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps
	scripts/lint.sh

manual: ## Generate man pages and shell completions into target/manual
	cargo run --quiet --package dockerutils-manual -- target/manual

clean: ## Remove everything that was built
	cargo clean
