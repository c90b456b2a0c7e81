//! Buffers that grow by half of what they hold, not to the double, so that a
//! hostile body of many small pieces costs less memory.

pub(crate) fn push_str(text: &mut String, more: &str) {
    let free = text.capacity().saturating_sub(text.len());
    if free < more.len() {
        let len = text.len().saturating_add(more.len());
        text.reserve_exact(more.len().saturating_add(half(len)));
    }
    text.push_str(more);
}

pub(crate) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        items.reserve_exact(half(items.len()));
    }
    items.push(item);
}

/// Half of a length, and for a short one more than that.
const fn half(len: usize) -> usize {
    (len / 2).saturating_add(4)
}
