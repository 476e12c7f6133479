//! libFuzzer on the target `answer`.

#![no_main]

redress_fuzz::target!(answer);
