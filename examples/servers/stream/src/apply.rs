//! What is in the log into the inbox's tables, a batch in one commit.

use std::{sync::Arc, time::Duration};

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info, pull::Config};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use inbox::store::{Entry, Store};
use inbox::{api::Api, batch::Handler, dialect::is_outage};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{error, warn};

use crate::Error;
use crate::log::connect;
use crate::message::set_aside;
use crate::settings::Options;

/// How long to wait for the database or the log, and for the log's word that it is there.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Applier {
    log: Stream,
    store: Store,
    batch: usize,
    woken: Arc<Notify>,
}

/// Applies and processes until `stop` completes, and then until the events in flight are
/// processed.
///
/// # Errors
///
/// There is no such instance, or log or database cannot be reached at the start.
pub async fn apply(
    settings: &Options,
    handler: Handler,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    if settings.instance >= settings.instances.get() {
        return Err("INSTANCE counts from 0, and must be less than INSTANCES".into());
    }
    let (inbox, woken) = (&settings.inbox, Arc::<Notify>::default());
    let api = Api::new(inbox)?;
    let store = Store::create(inbox).await?;
    let log = connect(settings, ConnectOptions::new()).await?;
    let log = log.get_stream(&settings.nats_stream).await?;
    let (mut appliers, mut workers) = (JoinSet::new(), JoinSet::new());
    let applier = Applier {
        log: log.clone(),
        store: store.clone(),
        batch: inbox.batch.get().into(),
        woken: Arc::clone(&woken),
    };
    let subjects = log.cached_info().config.subjects.iter();
    let ours = subjects.skip(settings.instance);
    for subject in ours.step_by(settings.instances.get()) {
        appliers.spawn(applier.clone().follow(subject.clone()));
    }
    let (stopping, stopped) = watch::channel(false);
    inbox::work(&store, handler, api, inbox, &woken, &stopped, &mut workers);
    stop.await;
    stopping.send_replace(true);
    // A batch that is cut off is not acknowledged, and comes again.
    appliers.shutdown().await;
    while workers.join_next().await.is_some() {}
    store.close().await;
    Ok(())
}

impl Applier {
    /// Applies one subject, whatever happens to the log.
    async fn follow(self, subject: String) {
        let mut stored = 0;
        while let Err(error) = self.take(&subject, &mut stored).await {
            warn!(%error, subject, stored, "again from the first that is not stored");
            sleep(PAUSE).await;
        }
    }

    /// Applies in order, from the first message that is not stored.
    async fn take(&self, subject: &str, stored: &mut u64) -> Result<(), Error> {
        let name = subject.replace('.', "-");
        match self.log.consumer_info(&name).await {
            // Not what this process knows: a log that lost its end gives new messages the
            // same numbers.
            Ok(info) => *stored = acknowledged(&info),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        // The old consumer would go on behind a batch that was lost with its process.
        let _ = self.log.delete_consumer(&name).await;
        let start_sequence = stored.saturating_add(1);
        let consumer = Config {
            durable_name: Some(name),
            filter_subject: subject.to_owned(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
            ack_policy: AckPolicy::All,
            ..Config::default()
        };
        let consumer = self.log.create_consumer(consumer).await?;
        let messages = consumer.stream().max_messages_per_batch(self.batch);
        // A request that went down with its server is noticed by the silence.
        let messages = messages.heartbeat(PAUSE);
        let mut batches = messages.messages().await?.ready_chunks(self.batch);
        let mut place: u64 = 0;
        while let Some(batch) = batches.next().await {
            let (mut entries, mut last) = (Vec::new(), None);
            for message in batch {
                let message = message?;
                let info = message.info()?;
                place = place.saturating_add(1);
                if info.consumer_sequence != place {
                    return Err("messages were lost on the way".into());
                }
                // The body decides: anybody with access to the log may have chosen the subject.
                entries.push(Entry::read(message.payload.clone()).0);
                last = Some((info.stream_sequence, message));
            }
            self.store(entries).await;
            self.woken.notify_one();
            if let Some((sequence, message)) = last {
                *stored = sequence.max(*stored);
                message.ack().await?;
            }
        }
        Err("the consumer has ended".into())
    }

    /// Stores a batch, however long the database is away.
    async fn store(&self, entries: Vec<Entry>) {
        let mut parts = vec![entries];
        while let Some(mut part) = parts.pop() {
            let written = self.store.write(&part).await;
            let Err(error) = written else { continue };
            error!(%error, "no store");
            match (&*part, is_outage(&error)) {
                // One of them is what the database does not take.
                ([_, _, ..], false) => parts.push(part.split_off(part.len() / 2)),
                ([entry], false) if entry.refused.is_none() => {
                    part = vec![set_aside(&entry.body, &error)];
                }
                _ => sleep(PAUSE).await,
            }
            parts.push(part);
        }
    }
}

/// The last message that was acknowledged to this consumer or one before it. Until something
/// is acknowledged, the floor of a new consumer is not that.
fn acknowledged(consumer: &Info) -> u64 {
    let start = match consumer.config.deliver_policy {
        DeliverPolicy::ByStartSequence { start_sequence } => start_sequence,
        _ => 0,
    };
    start
        .saturating_sub(1)
        .max(consumer.ack_floor.stream_sequence)
}
