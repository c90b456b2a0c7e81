//! What is in the log into the inbox's tables, a batch in one commit.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::{Config, MessagesErrorKind};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use inbox::api::Api;
use inbox::batch::Handler;
use inbox::dialect::is_outage;
use inbox::store::{Entry, Store, digest};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::Error;
use crate::message::entry;
use crate::settings::Apply;

/// How long to wait for the database or the log.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long a message whose acknowledgement was lost comes again.
const ACK_WAIT: Duration = Duration::from_secs(60);

#[derive(Clone)]
struct Applier {
    log: Stream,
    store: Store,
    batch: usize,
    woken: Arc<Notify>,
    stopped: watch::Receiver<bool>,
}

/// Applies and processes until `stop` completes, and then until the batches in flight have
/// ended, or the grace period has.
///
/// # Errors
///
/// Log or database cannot be reached at the start, or another instance takes the same
/// subjects.
pub async fn apply(
    settings: Apply,
    handler: Handler,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let api = Api::new(&settings.inbox)?;
    let store = Store::create(&settings.inbox).await?;
    let log = settings.log.connect(true).await?;
    let log = log.get_stream(&settings.log.nats_stream).await?;
    let (stopping, stopped) = watch::channel(false);
    let (mut workers, mut appliers) = (JoinSet::new(), JoinSet::new());
    let applier = Applier {
        log,
        store: store.clone(),
        batch: settings.inbox.batch,
        woken: Arc::default(),
        stopped: stopped.clone(),
    };
    let (subjects, woken) = (
        applier.log.cached_info().config.subjects.clone(),
        applier.woken.clone(),
    );
    for subject in subjects
        .into_iter()
        .skip(settings.instance)
        .step_by(settings.instances.max(1))
    {
        appliers.spawn(applier.clone().follow(subject));
    }
    inbox::work(
        &store,
        handler,
        api,
        &settings.inbox,
        woken,
        &stopped,
        &mut workers,
    );
    info!(subjects = appliers.len(), "applying");
    let ended = tokio::select! {
        () = stop => Ok(()),
        Some(ended) = appliers.join_next() => ended?,
    };
    stopping.send_replace(true);
    let rest = async {
        while appliers.join_next().await.is_some() {}
        while workers.join_next().await.is_some() {}
        store.database.close().await;
    };
    let grace = Duration::from_millis(settings.inbox.shutdown_grace_ms);
    if timeout(grace, rest).await.is_err() {
        warn!("work was cut off: it is undone, and done again");
    }
    ended
}

impl Applier {
    /// Applies one subject, whatever happens to the log.
    async fn follow(mut self, subject: String) -> Result<(), Error> {
        let mut stopped = self.stopped.clone();
        while !*stopped.borrow() {
            match self.take(&subject).await {
                Ok(()) => {}
                Err(error) if is_taken(&error) => {
                    return Err(format!("another instance takes {subject}").into());
                }
                Err(error) => {
                    warn!(%error, subject, "from the first message that is left");
                    tokio::select! { () = sleep(PAUSE) => {}, _ = stopped.changed() => {} }
                }
            }
        }
        Ok(())
    }

    /// Applies from the first message that is left, in order.
    async fn take(&mut self, subject: &str) -> Result<(), Error> {
        let name = subject.replace('.', "-");
        // A new consumer starts with what nobody has acknowledged; an old one would go on
        // with what is newer than a batch that was lost with its process.
        let _ = self.log.delete_consumer(&name).await;
        let consumer = Config {
            durable_name: Some(name),
            filter_subject: subject.to_owned(),
            ack_wait: ACK_WAIT,
            max_ack_pending: i64::try_from(self.batch)?.saturating_mul(2),
            ..Config::default()
        };
        let consumer = self.log.create_consumer(consumer).await?;
        let messages = consumer.stream().max_messages_per_batch(self.batch);
        let messages = messages.messages().await?;
        let mut batches = messages.ready_chunks(self.batch);
        let mut last = 0;
        loop {
            let batch = tokio::select! {
                batch = batches.next() => batch.ok_or("the consumer has ended")?,
                _ = self.stopped.changed() => return Ok(()),
            };
            let (mut entries, mut messages) = (Vec::new(), Vec::new());
            for message in batch {
                let message = message?;
                let number = message.info()?.consumer_sequence;
                if number.checked_sub(1) != Some(last) {
                    return Err("messages were lost on the way".into());
                }
                last = number;
                entries.push(entry(message.headers.as_ref(), message.payload.clone()));
                messages.push(message);
            }
            if !self.store(entries).await {
                return Ok(());
            }
            self.woken.notify_one();
            for message in messages {
                message.ack().await?;
            }
        }
    }

    /// Stores a batch, however long the database is away: false if it was told to stop.
    async fn store(&mut self, entries: Vec<Entry>) -> bool {
        let mut parts = vec![entries];
        while let Some(mut part) = parts.pop() {
            let Err(error) = self.store.write(&part).await else {
                continue;
            };
            let is_outage = is_outage(&error);
            match &mut *part {
                // One of them is what the database does not take: set aside, as what is refused.
                [Entry::Event { body, .. }] if !is_outage => {
                    error!(%error, "an event is not stored as one");
                    part = vec![Entry::Refused {
                        digest: digest(body),
                        body: body.clone(),
                        codes: "not-stored".into(),
                        problem: format!("{error}"),
                        salvaged: String::new(),
                    }];
                }
                [_, _, ..] if !is_outage => parts.push(part.split_off(part.len() / 2)),
                _ => {
                    error!(%error, "no store");
                    tokio::select! {
                        () = sleep(PAUSE) => {}
                        _ = self.stopped.changed() => return false,
                    }
                }
            }
            parts.push(part);
        }
        true
    }
}

fn is_taken(error: &Error) -> bool {
    let error = error.downcast_ref::<async_nats::error::Error<MessagesErrorKind>>();
    error.is_some_and(|error| error.kind() == MessagesErrorKind::ConsumerDeleted)
}
