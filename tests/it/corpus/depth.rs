//! Nesting on both sides of the limit. The body is level 1, `data` level 2.

use edexa_webhooks::testing::Damage;

use super::Place::{Body, Later, LaterInData, Name, Nested, Status};
use super::{
    Accept, Data, Group, Place, Refuse, RefuseAt, Syntax, Verdict, assert_verdicts, group,
};

/// How many levels are left for a value at each place.
const LEFT: [(Place, usize); 3] = [(Later, 63), (LaterInData, 62), (Nested, 61)];

const LEVELS: [usize; 10] = [3, 60, 61, 62, 63, 64, 65, 126, 127, 128];

/// What opens a level, what closes it, and what stands in the innermost one.
const SHAPES: [(&str, &str, &str); 4] = [
    ("[", "]", ""),
    ("{\"a\":", "}", "{}"),
    ("[0, ", ", {}]", "1.5"),
    ("{\"a\": \"[\", \"c\": ", ", \"b\": 1}", "\"]\""),
];

pub(super) fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    for (open, close, inner) in SHAPES {
        for levels in LEVELS {
            // What stands inside or beside the innermost level may open one more.
            let opens_more = inner == "{}" || close.contains("{}");
            let opened = levels.saturating_sub(usize::from(opens_more));
            let piece = [&open.repeat(opened), inner, &close.repeat(opened)].concat();
            let name = format!("{levels} levels of {open}");
            groups
                .push(group(verdicts(open, levels), [(name, piece)]).known_as(&[Damage::TooDeep]));
        }
    }
    groups
}

fn verdicts(open: &str, levels: usize) -> Vec<(Place, Verdict)> {
    let unknown = LEFT.map(|(place, left)| {
        let fits = levels <= left;
        (place, if fits { Accept } else { Refuse(Syntax) })
    });
    let body = match (open.starts_with('['), levels <= 64) {
        (true, _) => Refuse(Data),
        (false, true) => RefuseAt(Data, "/webhookId"),
        (false, false) => RefuseAt(Syntax, ""),
    };
    let known = [(Body, body), (Name, Refuse(Data)), (Status, Refuse(Data))];
    [unknown, known].concat()
}

#[test]
fn depth() {
    assert_verdicts(&groups());
}
