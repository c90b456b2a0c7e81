//! What the tests of the docs read out of Markdown.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The body rows of all tables, each as the text of its cells, code in
/// backticks.
pub(crate) fn tables(markdown: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => row = Vec::new(),
            Event::Start(Tag::TableCell) => row.push(String::new()),
            Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
            Event::Text(text) => push(&mut row, &text),
            Event::Code(code) => push(&mut row, &format!("`{code}`")),
            _ => {}
        }
    }
    rows
}

fn push(row: &mut [String], text: &str) {
    if let Some(cell) = row.last_mut() {
        cell.push_str(text);
    }
}
