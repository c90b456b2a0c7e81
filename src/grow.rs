//! Buffers that grow by a quarter of what they hold, not to the double, so that a
//! hostile body of many small pieces costs less memory.

pub(crate) fn push_str(text: &mut String, more: &str) {
    let free = text.capacity().saturating_sub(text.len());
    if free < more.len() {
        let len = text.len().saturating_add(more.len());
        text.reserve_exact(more.len().saturating_add(quarter(len)));
    }
    text.push_str(more);
}

pub(crate) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        items.reserve_exact(quarter(items.len()));
    }
    items.push(item);
}

/// A quarter of a length, and for a short one more than that.
const fn quarter(len: usize) -> usize {
    (len / 4).saturating_add(4)
}
