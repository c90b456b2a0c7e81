#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| edexa_webhooks_fuzz::record(data));
