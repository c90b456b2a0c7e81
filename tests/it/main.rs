//! The crate's tests, from outside: one binary, a module for each subject.
#![cfg(test)]

mod delivery;
mod extra;
mod formats;
mod inspect;
mod laws;
mod model;
mod parse_errors;
mod readme;
mod rejection;
mod small_stack;
mod support;
mod times;
mod truncation;
mod validate;
