//! The crate's tests, from outside: one binary, a module for each subject.
