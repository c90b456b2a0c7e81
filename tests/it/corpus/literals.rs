//! `true`, `false`, `null`, and what is none of them.

use edexa_webhooks::testing::Damage::{
    CapitalLiteral, Comment, CutInLiteral, Empty, MissingComma, Null, NullUnderRequiredKey,
    TextForBoolean, Undefined,
};

use super::Place::{Action, Body, DataValue, IsEsign, Name, Status};
use super::{
    Accept, Data, Group, Refuse, RefuseAt, Syntax, UNKNOWN, all, assert_verdicts, group, values,
};

pub(super) fn groups() -> Vec<Group> {
    let no_scalar = all(&[Body, DataValue, Action, Status], Refuse(Data));
    let unknown = || all(&UNKNOWN, Accept);
    let boolean = vec![(Name, Refuse(Data)), (IsEsign, Accept)];
    let null = vec![(Name, Accept), (IsEsign, Accept)];
    let wrong_type = all(&[Body, DataValue, Action, Status, Name], Refuse(Data));
    let after = vec![(IsEsign, RefuseAt(Syntax, "/data"))];
    let broken = all(&UNKNOWN, Refuse(Syntax));
    let named = |word: &'static str| (format!("word {word}"), word);
    vec![
        group(
            [no_scalar.clone(), unknown(), boolean].concat(),
            ["true", "false"].map(named),
        )
        .known_as(&[TextForBoolean]),
        group([no_scalar, unknown(), null].concat(), ["null"].map(named))
            .known_as(&[Null, NullUnderRequiredKey]),
        group(values(Refuse(Syntax)), NO_VALUES.map(named)).known_as(&[
            Empty,
            CutInLiteral,
            CapitalLiteral,
            Undefined,
            Comment,
        ]),
        group(
            [wrong_type, after, broken].concat(),
            LITERAL_AND_MORE.map(named),
        )
        .known_as(&[MissingComma]),
    ]
}

const NO_VALUES: [&str; 46] = [
    "",
    "t",
    "f",
    "n",
    "tru",
    "tr ue",
    "True",
    "TRUE",
    "tRUE",
    "truth",
    "fals",
    "False",
    "FALSE",
    "nul",
    "nil",
    "Null",
    "NULL",
    "None",
    "undefined",
    "yes",
    "on",
    "succeed",
    "a",
    "_",
    "$",
    "#",
    "*",
    "?",
    "%22a%22",
    "&quot;a&quot;",
    "=1",
    "(1)",
    ";",
    ":",
    ",",
    "<a>",
    "<!-- a -->",
    "/**/ 1",
    "// a\n1",
    "# a\n1",
    "/",
    "\\",
    "\\u0031",
    "\\\"a\\\"",
    "\u{e9}",
    "\u{1f600}",
];

const LITERAL_AND_MORE: [&str; 8] = [
    "truee",
    "falsey",
    "true false",
    "true1",
    "false\"a\"",
    "true[",
    "false//",
    "true\\n",
];

#[test]
fn literals() {
    assert_verdicts(&groups());
}
