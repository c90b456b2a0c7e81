//! Where the keys are, so that one more insertion need not look at all of them.

use crate::json::Entries;

/// The numbers of the entries in runs, each sorted by key and shorter than the one
/// before it. So there are few runs, and a number is merged into a longer run few
/// times.
#[derive(Clone, Default)]
pub(super) struct Index {
    order: Vec<u32>,
    /// How long each run is.
    runs: Vec<usize>,
}

impl Index {
    /// Takes up the entries that have come to the end.
    pub(super) fn catch_up(&mut self, entries: &Entries) {
        if self.order.is_empty() {
            self.order = entries.by_key();
            self.runs.push(self.order.len());
        }
        let known = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
        let all = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        for nth in known..all {
            self.order.push(nth);
            self.runs.push(1);
            self.merge(entries);
        }
    }

    /// Makes one run of the last two for as long as the last is no shorter.
    fn merge(&mut self, entries: &Entries) {
        while let [.., before, last] = self.runs[..] {
            if before > last {
                return;
            }
            let both = before.saturating_add(last);
            self.runs.pop();
            self.runs.pop();
            self.runs.push(both);
            let start = self.order.len().saturating_sub(both);
            if let Some(run) = self.order.get_mut(start..) {
                run.sort_by(|a, b| {
                    entries
                        .nth_key(*a as usize)
                        .cmp(entries.nth_key(*b as usize))
                });
            }
        }
    }

    /// The number of the entry that has a key.
    pub(super) fn find(&self, entries: &Entries, key: &str) -> Option<u32> {
        let mut rest = self.order.as_slice();
        self.runs.iter().find_map(|length| {
            let (run, others) = rest.split_at_checked(*length)?;
            rest = others;
            let at = run.binary_search_by(|nth| entries.nth_key(*nth as usize).cmp(key));
            run.get(at.ok()?).copied()
        })
    }

    /// Leaves an entry out, which those behind it move up for.
    pub(super) fn remove(&mut self, nth: u32) {
        let at = self.order.iter().position(|other| *other == nth);
        let mut before = at.unwrap_or(usize::MAX);
        for run in &mut self.runs {
            if before < *run {
                *run = run.saturating_sub(1);
                break;
            }
            before = before.saturating_sub(*run);
        }
        self.order.retain(|other| *other != nth);
        for other in &mut self.order {
            if *other > nth {
                *other = other.saturating_sub(1);
            }
        }
    }
}
