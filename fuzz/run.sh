#!/usr/bin/env bash
# Fuzzes one target, following coverage, on the plain toolchain: `fuzz/run.sh TARGET [EXECUTIONS] [LIBFUZZER OPTIONS]`.
# Needs a C++ compiler, for libFuzzer itself. What it finds new is kept under `fuzz/found/`, what breaks a promise under
# `fuzz/artifacts/`; `fuzz/run.sh merge TARGET` keeps of both corpora what covers something of its own.
set -euo pipefail
cd "$(dirname "$0")"

# What cargo-fuzz passes without a sanitizer: the code is safe Rust, and overflows are checked by the profile.
export RUSTFLAGS="-Cpasses=sancov-module \
 -Cllvm-args=-sanitizer-coverage-level=4 \
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
 -Cllvm-args=-sanitizer-coverage-pc-table \
 -Cllvm-args=-sanitizer-coverage-trace-compares \
 --cfg fuzzing"
host=$(rustc -vV | sed -n 's/^host: //p')
# With a target named, build scripts and macros are left as they are.
cargo build --locked --release --target "$host"
programs=${CARGO_TARGET_DIR:-target}/$host/release

if [ "${1:-}" = merge ]; then
    target=${2:?which target}
    kept=$(mktemp -d)
    "$programs/$target" -merge=1 -max_len=4096 "$kept" "corpus/$target" "found/$target"
    echo "what is worth keeping stands in $kept"
    exit
fi

target=${1:?which target: answer, bundle, expression or log}
executions=${2:-10000000}
shift $(($# < 2 ? $# : 2))
mkdir -p "found/$target" "artifacts/$target"
# Ten seconds for one input and two gigabytes in all: more is a finding.
exec nice -n 15 "$programs/$target" -runs="$executions" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="artifacts/$target/" "$@" "found/$target" "corpus/$target"
