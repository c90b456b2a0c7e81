//! What is measured: in each group one task that the others are compared with.

use std::hint::black_box;
use std::rc::Rc;

use edexa_webhooks::WebhookEvent;
use serde::de::DeserializeOwned;

use crate::bodies::{self, Body};
use crate::hand;
use crate::hostile::hostile;

/// Tasks that start from the same bytes. The first is the one that the others
/// are compared with.
pub struct Group {
    pub name: String,
    pub bytes: usize,
    pub tasks: Vec<Task>,
}

/// One thing to do, again and again.
pub struct Task {
    pub name: &'static str,
    pub run: Box<dyn Fn()>,
}

impl Group {
    fn new(name: String, bytes: usize) -> Self {
        let tasks = Vec::new();
        Self { name, bytes, tasks }
    }

    fn task<T>(&mut self, name: &'static str, run: impl Fn() -> T + 'static) {
        let run = Box::new(move || {
            black_box(run());
        });
        self.tasks.push(Task { name, run });
    }
}

/// Every group, the most quoted first.
pub fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = bodies::accepted().into_iter().map(read).collect();
    groups.push(serialize());
    groups.extend(bodies::equal().into_iter().map(compare));
    groups.extend(bodies::refused().into_iter().map(refuse));
    groups.extend(hostile().into_iter().map(bear));
    groups
}

fn parse(bytes: &[u8]) -> WebhookEvent {
    WebhookEvent::from_slice_with_limit(black_box(bytes), usize::MAX).expect("the body is accepted")
}

/// The hand-written struct, read by serde_json and by faster parsers.
fn peers<T: DeserializeOwned + 'static>(group: &mut Group, bytes: &Rc<[u8]>) {
    let input = Rc::clone(bytes);
    group.task("hand-written", move || {
        serde_json::from_slice::<T>(black_box(&input)).expect("the body is accepted")
    });
    let input = Rc::clone(bytes);
    group.task("hand-written, sonic-rs", move || {
        sonic_rs::from_slice::<T>(black_box(&input)).expect("the body is accepted")
    });
    let input = Rc::clone(bytes);
    group.task("hand-written, simd-json", move || {
        let mut copy = black_box(&input).to_vec();
        simd_json::serde::from_slice::<T>(&mut copy).expect("the body is accepted")
    });
}

fn read(body: Body) -> Group {
    let mut group = Group::new(format!("read: {}", body.name), body.bytes.len());
    let bytes: Rc<[u8]> = body.bytes.into();
    if body.has_unknown {
        peers::<hand::KeepingEvent>(&mut group, &bytes);
    } else {
        peers::<hand::Event>(&mut group, &bytes);
    }
    let input = Rc::clone(&bytes);
    group.task("serde_json::Value", move || {
        serde_json::from_slice::<serde_json::Value>(black_box(&input)).expect("JSON")
    });
    let input = Rc::clone(&bytes);
    group.task("from_slice", move || parse(&input));
    let input = Rc::clone(&bytes);
    group.task("from_slice + outcome", move || {
        let event = parse(&input);
        black_box(event.outcome().expect("the event is valid"));
        event
    });
    let input = Rc::clone(&bytes);
    group.task("through serde_json", move || {
        serde_json::from_slice::<WebhookEvent>(black_box(&input)).expect("the body is accepted")
    });
    let event = parse(&bytes);
    group.task("check alone", move || black_box(&event).check());
    group
}

fn serialize() -> Group {
    let body = bodies::success();
    let mut group = Group::new("write: success".to_owned(), body.bytes.len());
    let by_hand: hand::Event = serde_json::from_slice(&body.bytes).expect("the body is accepted");
    group.task("hand-written", move || {
        serde_json::to_vec(black_box(&by_hand)).expect("it can be written")
    });
    let event = parse(&body.bytes);
    let written = event.clone();
    group.task("to_json", move || {
        black_box(&written).to_json().expect("it can be written")
    });
    group.task("through serde_json", move || {
        serde_json::to_vec(black_box(&event)).expect("it can be written")
    });
    group
}

/// Two events of one meaning, against reading one of them.
fn compare((name, [one, other]): (&str, [Vec<u8>; 2])) -> Group {
    let mut group = Group::new(format!("compare: {name}"), one.len());
    let (a, b) = (parse(&one), parse(&other));
    group.task("reading one", move || parse(&one));
    group.task("==", move || {
        assert!(black_box(&a) == black_box(&b));
    });
    group
}

fn refuse(body: Body) -> Group {
    let mut group = Group::new(format!("refuse: {}", body.name), body.bytes.len());
    let accepted = bodies::success().bytes;
    group.task("accepting the success body", move || parse(&accepted));
    group.task("from_slice", move || {
        WebhookEvent::from_slice(black_box(&body.bytes)).expect_err("the body is refused")
    });
    group
}

/// Byte for byte, a hostile body against the success body.
fn bear(body: Body) -> Group {
    let mut group = Group::new(format!("hostile: {}", body.name), body.bytes.len());
    let sample = bodies::success().bytes;
    let times = body.bytes.len() / sample.len();
    group.task("as many bytes of success bodies", move || {
        for _ in 0..times {
            black_box(parse(&sample));
        }
    });
    group.task("from_slice", move || {
        WebhookEvent::from_slice(black_box(&body.bytes))
    });
    group
}
