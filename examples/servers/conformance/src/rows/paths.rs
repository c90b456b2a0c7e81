//! Paths that do not decode.

use super::Rows;
use crate::bench::Bench;
use crate::process::Limits;
use crate::wire::Checked;

pub(super) const ROWS: Rows = &[
    ("a token that is not UTF-8 is a wrong token", not_utf_8),
    (
        "a token with a broken escape is a wrong token",
        broken_escape,
    ),
];

fn not_utf_8(bench: &Bench) -> Checked {
    answered_as_wrong(bench, &["%FF", "%C3%28", "%E0%80%80", "%ED%A0%80"])
}

fn broken_escape(bench: &Bench) -> Checked {
    answered_as_wrong(bench, &["%zz", "%2", "%"])
}

/// A stranger learns nothing about the path.
fn answered_as_wrong(bench: &Bench, odd: &[&str]) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let answer = |token: &str| {
        let mut client = receiver.connect(bench)?;
        client.send(bench.head("POST", &bench.path(token), &["Content-Length: 2"]))?;
        client.send("{}")?;
        client.answer()
    };
    let wrong = answer("guess")?;
    let escaped = bench.escaped_token();
    for end in odd {
        for token in [(*end).to_owned(), format!("{escaped}{end}")] {
            let answer = answer(&token)?;
            if (answer.status, &answer.body) != (wrong.status, &wrong.body) {
                let (status, body) = (answer.status, answer.shown());
                let expected = wrong.status;
                return Err(format!(
                    "{end}: expected {expected} as for a guess, got {status}: {body}"
                )
                .into());
            }
        }
    }
    Ok(())
}
