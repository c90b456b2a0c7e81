//! Buffers that grow by half to a quarter of what they hold, not to the double, so that a
//! hostile body of many small pieces costs less memory.

pub(crate) fn push_str(text: &mut String, more: &str) {
    let free = text.capacity().saturating_sub(text.len());
    if free < more.len() {
        let len = text.len().saturating_add(more.len());
        text.reserve_exact(more.len().saturating_add(part(len)));
    }
    text.push_str(more);
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
