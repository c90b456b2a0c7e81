//! The answers that every receiver gives.

#[test]
fn conforms() {
    conformance::run(env!("CARGO_BIN_EXE_receiver-actix-web"));
}
