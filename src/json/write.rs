//! Strings on their way out.

/// Appends a text as a JSON string, in the fewest bytes that mean it.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some((plain, special)) = split_at_special(rest) {
        json.push_str(plain);
        let mut chars = special.chars();
        if let Some(c) = chars.next() {
            push_escape(json, c);
        }
        rest = chars.as_str();
    }
    json.push_str(rest);
    json.push('"');
}

fn split_at_special(text: &str) -> Option<(&str, &str)> {
    let at = text
        .bytes()
        .position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')?;
    text.split_at_checked(at)
}

fn push_escape(json: &mut String, c: char) {
    let letter = match c {
        '"' | '\\' => c,
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => {
            json.push_str("\\u00");
            let digit = |value| char::from_digit(value, 16).unwrap_or('0');
            json.extend([digit(u32::from(c) >> 4), digit(u32::from(c) & 0xf)]);
            return;
        }
    };
    json.extend(['\\', letter]);
}
