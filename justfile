# What is done often. `just` lists it.

_default:
    @just --list --unsorted

# Everything a change must pass
ci:
    .ci/run

# The policies: are they right, and do they answer as their suites say
policies:
    cargo run --quiet -- check policies
    cargo run --quiet -- test policies --coverage

# A server that follows the policies as they are edited
serve *arguments:
    cargo run --release -- serve --policies policies {{ arguments }}

# The editor's schemas, after a change of what can be written in a policy
schemas:
    cargo run --quiet -- schema --out policies/.schema

# The expected reports of broken policies; review the difference
bless:
    REDRESS_BLESS=1 cargo test --test diagnostics
    git diff --stat tests/cases

# How long a decision takes
bench *arguments:
    cargo bench {{ arguments }}

# Redress beside a match written by hand, Rhai, CEL and ZEN: the same questions, the same answers
compare:
    cd benches/compare && cargo run --release --locked
