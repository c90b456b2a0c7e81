//! Paths that do not decode.

use super::Rows;
use crate::bench::Bench;
use crate::process::Running;
use crate::wire::Checked;

pub(super) const ROWS: Rows = &[
    (
        "a token that is not UTF-8 is a wrong token",
        |bench, receiver| {
            answered_as_wrong(
                bench,
                receiver,
                &["%FF", "%C3%28", "%E0%80%80", "%ED%A0%80"],
            )
        },
    ),
    (
        "a token with a broken escape is a wrong token",
        |bench, receiver| answered_as_wrong(bench, receiver, &["%zz", "%2", "%"]),
    ),
];

/// A stranger learns nothing about the path.
fn answered_as_wrong(bench: &Bench, receiver: &Running, odd: &[&str]) -> Checked {
    let answer = |token: &str| {
        let mut client = receiver.connect(bench)?;
        client.send(bench.head("POST", &bench.path_of(token), &["Content-Length: 2"]))?;
        client.send("{}")?;
        let answer = client.answer()?;
        Checked::Ok((answer.status, answer.shown()))
    };
    let (status, body) = answer("guess")?;
    for end in odd {
        for token in [(*end).to_owned(), bench.escaped_token() + end] {
            let (found, text) = answer(&token)?;
            if (found, &text) != (status, &body) {
                let reason = format!("expected {status} as for a guess, got {found}: {text}");
                return Err(format!("{end}: {reason}").into());
            }
        }
    }
    Ok(())
}
