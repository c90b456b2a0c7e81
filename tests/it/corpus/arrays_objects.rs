//! Arrays and objects: kept where they are unknown, refused where they are not
//! whole, and never read as a scalar or as an event.

use edexa_webhooks::testing::Damage::{
    Apostrophes, BareKey, Batch, CutOff, DataIsArray, MissingColon, MissingComma, MissingKey,
    ObjectForText, TrailingComma, TrailingNul, TwoBodies, WrongBracket,
};

use super::Place::{Body, DataValue, Later, Nested};
use super::{
    Accept, Data, Group, Place, Refuse, RefuseAt, SCALARS, Syntax, UNKNOWN, Verdict, all,
    assert_verdicts, group,
};

pub(super) fn groups() -> Vec<Group> {
    let named = |text: &'static str| (format!("compound {text}"), text);
    let no_event = [(Body, Data, "/webhookId"), (DataValue, Data, "/data/_id")];
    vec![
        group(array(Accept), ARRAYS.map(named)).known_as(&[Batch, DataIsArray]),
        group(array(Refuse(Syntax)), NO_ARRAYS.map(named)).known_as(&[Batch, WrongBracket]),
        group(object(no_event, Accept), OBJECTS.map(named)).known_as(&[ObjectForText, MissingKey]),
        group(
            object(
                [(Body, Syntax, ""), (DataValue, Syntax, "/data")],
                Refuse(Syntax),
            ),
            NO_OBJECTS.map(named),
        )
        .known_as(&[
            TrailingComma,
            MissingComma,
            MissingColon,
            BareKey,
            Apostrophes,
            WrongBracket,
        ]),
        group(array(Refuse(Syntax)), ARRAY_AND_MORE.map(named)).known_as(&[Batch]),
        group(no_object(&[Later, Nested]), OPEN_OBJECTS.map(named)).known_as(&[CutOff]),
        group(no_object(&UNKNOWN), OBJECT_AND_MORE.map(named)).known_as(&[TrailingNul, TwoBodies]),
    ]
}

/// An array is of the wrong type from its bracket on, whatever follows.
fn array(unknown: Verdict) -> Vec<(Place, Verdict)> {
    let outer = all(&[Body, DataValue], Refuse(Data));
    [outer, all(&SCALARS, Refuse(Data)), all(&UNKNOWN, unknown)].concat()
}

fn no_object(unknown: &[Place]) -> Vec<(Place, Verdict)> {
    let elsewhere = [all(unknown, Refuse(Syntax)), all(&[Body], Refuse(Syntax))].concat();
    [elsewhere, all(&SCALARS, Refuse(Data))].concat()
}

fn object(
    outer: [(Place, super::Category, &'static str); 2],
    unknown: Verdict,
) -> Vec<(Place, Verdict)> {
    let outer = outer.map(|(place, category, pointer)| (place, RefuseAt(category, pointer)));
    let inner = [all(&SCALARS, Refuse(Data)), all(&UNKNOWN, unknown)].concat();
    [outer.to_vec(), inner].concat()
}

const ARRAYS: [&str; 14] = [
    "[]",
    "[ ]",
    "[\r\n\t ]",
    "[0]",
    "[null]",
    "[[]]",
    "[{}]",
    "[[[]], [[]]]",
    "[1, \"a\", true, null, {}, []]",
    "[-0, -0.0, 1e2]",
    "[\"\\u0000\"]",
    "[ 1 , 2 ]",
    "[1,2,3,4,5,6,7,8,9,10]",
    "[{\"a\": 1}, {\"a\": 1}]",
];

const NO_ARRAYS: [&str; 29] = [
    "[",
    "[1",
    "[1,",
    "[\"a",
    "[[]",
    "[1,]",
    "[1, ]",
    "[,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1;2]",
    "[1:2]",
    "[\"a\": 1]",
    "[1}",
    "[}",
    "[]]",
    "[[1]",
    "[a]",
    "['a']",
    "[01]",
    "[1.]",
    "[tru]",
    "[\"\\ud800\"]",
    "[1e400]",
    "[...]",
    "[/**/]",
    "[1, // a\n 2]",
    "[\u{a0}1]",
];

const ARRAY_AND_MORE: [&str; 5] = ["[] []", "[]{}", "[]x", "[][0]", "[]\u{0}"];

const OBJECTS: [&str; 17] = [
    "{}",
    "{ }",
    "{\r\n\t }",
    "{\"a\": null}",
    "{\"a\":1}",
    "{ \"a\" : 1 }",
    "{\"\": 0}",
    "{\"a\": {\"a\": {\"a\": {}}}}",
    "{\"a\": []}",
    "{\"a\": 1, \"b\": 2, \"c\": 3}",
    "{\"a\": \"}\", \"b\": \"]\"}",
    "{\"__proto__\": {\"a\": 1}}",
    "{\"a\\u0000b\": 1}",
    "{\"\\ud83d\\ude00\": 1}",
    "{\"metaData\": [1, {\"pages\": 2.50}]}",
    "{\"$ref\": \"#/data\"}",
    "{\"a\": {\"b\": 1, \"b\": 2}}",
];

const NO_OBJECTS: [&str; 35] = [
    "{\"a",
    "{\"a\"",
    "{\"a\":",
    "{\"a\": 1,",
    "{\"a\": 1,}",
    "{,}",
    "{,\"a\": 1}",
    "{\"a\": 1,, \"b\": 2}",
    "{\"a\"}",
    "{\"a\", \"b\"}",
    "{\"a\" 1}",
    "{\"a\":: 1}",
    "{\"a\"= 1}",
    "{\"a\" => 1}",
    "{\"a\": 1 \"b\": 2}",
    "{\"a\": 1; \"b\": 2}",
    "{\"a\": 1, 2}",
    "{\"a\": }",
    "{: 1}",
    "{a: 1}",
    "{'a': 1}",
    "{1: 1}",
    "{null: 1}",
    "{true: 1}",
    "{[]: 1}",
    "{{}: 1}",
    "{\"a\": 1]",
    "{]",
    "{/**/}",
    "{...a}",
    "{\"a\": 01}",
    "{\"a\": tru}",
    "{\"a\": '1'}",
    "{\"\\ud800\": 1}",
    "{\"a\": \"\\udc00\"}",
];

/// Each lacks a bracket, and the object around would end in its own.
const OPEN_OBJECTS: [&str; 4] = ["{", "{\"a\": 1", "{\"a\": {}", "{\"a\": [{}]"];

const OBJECT_AND_MORE: [&str; 6] = ["{} {}", "{}[]", "{}x", "{};", "{}// a", "{}\u{0}"];

#[test]
fn arrays_and_objects() {
    assert_verdicts(&groups());
}

#[test]
fn a_bracket_that_closes_nothing() {
    for bracket in ["]", "}"] {
        let everywhere = super::values(Refuse(Syntax));
        assert_verdicts(&[group(everywhere, [(bracket, bracket)])]);
    }
}
