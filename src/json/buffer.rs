//! Buffers that grow by half of what they hold, or a quarter where that is long, not to
//! the double, so that a hostile body of many small pieces costs less memory.

/// Makes room for so many bytes more.
pub(crate) fn reserve(text: &mut String, more: usize) {
    let free = text.capacity().saturating_sub(text.len());
    if free < more {
        let len = text.len().saturating_add(more);
        text.reserve_exact(more.saturating_add(part(len)));
    }
}

/// Empties a buffer for so many bytes, never holding what was in it beside them.
pub(super) fn renew(text: &mut String, bytes: usize) {
    text.clear();
    if text.capacity() < bytes {
        *text = String::new();
        text.reserve_exact(bytes);
    }
}

pub(crate) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        items.reserve_exact(part(items.len()));
    }
    items.push(item);
}

/// Half of a length, less for a long one, and more for a short one.
fn part(len: usize) -> usize {
    let of_long = (len / 4).saturating_add(1024);
    (len / 2).min(of_long).saturating_add(4)
}
