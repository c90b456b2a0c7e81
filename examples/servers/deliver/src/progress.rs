//! What a person sees while a run goes on, all of it on standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Once;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on a terminal, a line for every tenth elsewhere, or nothing.
pub(crate) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    noted: Once,
}

impl Progress {
    pub(crate) fn new(count: u32, quiet: bool) -> Self {
        let bar = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(count.into())
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            // Shows that it lives while it waits for a retry.
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        let noted = Once::new();
        Self { bar, quiet, noted }
    }

    /// Once a run: why it may stand still.
    pub(crate) fn first_failure(&self, message: impl FnOnce() -> String) {
        self.noted.call_once(|| self.line(message()));
    }

    pub(crate) fn one_ended(&self) {
        self.bar.inc(1);
        let (ended, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if self.bar.is_hidden() && ended.checked_rem((all / 10).max(1)) == Some(0) {
            self.line(format_args!("{ended} of {all}"));
        }
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: impl Display) {
        if !self.quiet {
            let line = || writeln!(io::stderr(), "deliver: {text}");
            // Nobody may be there to read it, and the run goes on.
            let _ = self.bar.suspend(line);
        }
    }
}
