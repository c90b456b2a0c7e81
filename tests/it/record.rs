//! The API's answers, and events held against them.

mod answers;
pub(crate) mod checks;
mod registration;
mod verdicts;

proptest::proptest! {
    #[test]
    fn any_event_and_record((event, record) in edexa_webhooks::strategies::event_and_record()) {
        checks::verdict(&event, &record);
    }
}
