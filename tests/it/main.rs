//! The crate's tests, from outside: one binary, a module for each subject.
#![cfg(test)]

mod corpus;
mod delivery;
mod extra;
mod fingerprint;
mod formats;
mod fuzz_checks;
mod generators;
mod guide;
mod inspect;
mod json_schema;
mod kit;
mod laws;
mod links;
mod markdown;
mod memory;
mod model;
mod modules;
mod parse_errors;
mod properties;
mod readme;
mod record;
mod reference;
mod rejection;
mod replay;
#[cfg(feature = "http")]
mod screen;
mod security;
mod small_stack;
mod support;
mod times;
mod truncation;
mod validate;
