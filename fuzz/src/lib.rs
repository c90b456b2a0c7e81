//! What the fuzz targets run. The checks live with the crate's tests, which
//! replay the seeds with them and need no fuzzer for it.

#[path = "../../tests/it/fuzz_checks.rs"]
#[allow(dead_code, reason = "some of it is for the tests alone")]
mod fuzz_checks;
#[path = "../../tests/it/record/checks.rs"]
mod record_checks;
#[path = "../../tests/it/reference.rs"]
#[allow(dead_code, reason = "some of it is for the tests alone")]
mod reference;

pub fn parse(data: &[u8]) {
    fuzz_checks::parse(data);
}

pub fn roundtrip(data: &[u8]) {
    fuzz_checks::roundtrip(data);
}

pub fn agree(data: &[u8]) {
    fuzz_checks::agree(data);
}

pub fn compare(data: &[u8]) {
    fuzz_checks::compare(data);
}

pub fn rules(data: &[u8]) {
    fuzz_checks::rules(data);
}

pub fn record(data: &[u8]) {
    record_checks::record(data);
}
