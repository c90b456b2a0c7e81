//! What is in the log into the inbox's tables, a batch in one commit.

use std::sync::Arc;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info, pull::Config};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;
use inbox::api::Api;
use inbox::batch::Handler;
use inbox::dialect::is_outage;
use inbox::store::{Entry, Store, digest};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{error, warn};

use crate::Error;
use crate::log::connect;
use crate::message::entry;
use crate::settings::Settings;

/// How long to wait for the database or the log.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long a message comes again whose acknowledgement was lost.
const ACK_WAIT: Duration = Duration::from_secs(60);

/// For how long the log may keep a request for messages, and how often it says that it does.
const EXPIRES: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Applies one subject.
struct Applier {
    log: Stream,
    subject: String,
    store: Store,
    batch: usize,
    woken: Arc<Notify>,
}

/// Applies and processes until `stop` completes, and then until the batches in flight have
/// ended.
///
/// # Errors
///
/// Log or database cannot be reached at the start.
pub async fn apply(
    settings: &Settings,
    handler: Handler,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let api = Api::new(&settings.inbox)?;
    let store = Store::create(&settings.inbox).await?;
    let log = connect(settings, ConnectOptions::new()).await?;
    let log = log.get_stream(&settings.nats_stream).await?;
    let (stopping, stopped) = watch::channel(false);
    let (mut tasks, woken) = (JoinSet::new(), Arc::<Notify>::default());
    let subjects = log.cached_info().config.subjects.iter();
    let ours = subjects.skip(settings.instance);
    for subject in ours.step_by(settings.instances.get()) {
        let applier = Applier {
            log: log.clone(),
            subject: subject.clone(),
            store: store.clone(),
            batch: settings.inbox.batch,
            woken: Arc::clone(&woken),
        };
        tasks.spawn(applier.follow(stopped.clone()));
    }
    let inbox = &settings.inbox;
    inbox::work(&store, handler, api, inbox, woken, &stopped, &mut tasks);
    stop.await;
    stopping.send_replace(true);
    while tasks.join_next().await.is_some() {}
    store.database.close().await;
    Ok(())
}

impl Applier {
    /// Applies whatever happens to the log.
    async fn follow(self, mut stopped: watch::Receiver<bool>) {
        let mut stored = 0;
        while !*stopped.borrow() {
            if let Err(error) = self.take(&mut stored, &mut stopped).await {
                warn!(%error, self.subject, stored, "again from the first that is not stored");
                tokio::select! { () = sleep(PAUSE) => {}, _ = stopped.changed() => {} }
            }
        }
    }

    /// Applies in order, from the first message that is not stored.
    async fn take(
        &self,
        stored: &mut u64,
        stopped: &mut watch::Receiver<bool>,
    ) -> Result<(), Error> {
        let name = self.subject.replace('.', "-");
        match self.log.consumer_info(&name).await {
            Ok(info) => *stored = acknowledged(&info).max(*stored),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        // The old consumer would go on behind a batch that was lost with its process.
        let _ = self.log.delete_consumer(&name).await;
        let consumer = Config {
            durable_name: Some(name),
            filter_subject: self.subject.clone(),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: stored.saturating_add(1),
            },
            ack_policy: AckPolicy::All,
            ack_wait: ACK_WAIT,
            ..Config::default()
        };
        let consumer = self.log.create_consumer(consumer).await?;
        let messages = consumer.stream().max_messages_per_batch(self.batch);
        // A request that went down with its server is noticed by the silence.
        let messages = messages.expires(EXPIRES).heartbeat(HEARTBEAT);
        let mut batches = messages.messages().await?.ready_chunks(self.batch);
        let mut place: u64 = 0;
        loop {
            let batch = tokio::select! {
                batch = batches.next() => batch.ok_or("the consumer has ended")?,
                _ = stopped.changed() => return Ok(()),
            };
            let (mut entries, mut last) = (Vec::new(), None);
            for message in batch {
                let message = message?;
                let info = message.info()?;
                place = place.saturating_add(1);
                if info.consumer_sequence != place {
                    return Err("messages were lost on the way".into());
                }
                entries.push(entry(message.headers.as_ref(), message.payload.clone()));
                last = Some((info.stream_sequence, message));
            }
            self.store(entries).await;
            self.woken.notify_one();
            if let Some((sequence, message)) = last {
                *stored = sequence;
                message.ack().await?;
            }
        }
    }

    /// Stores a batch, however long the database is away.
    async fn store(&self, entries: Vec<Entry>) {
        let mut parts = vec![entries];
        while let Some(mut part) = parts.pop() {
            let Err(error) = self.store.write(&part).await else {
                continue;
            };
            match &*part {
                // One of them may be what the database does not take.
                [_, _, ..] if !is_outage(&error) => parts.push(part.split_off(part.len() / 2)),
                [Entry::Event { body, .. }] if !is_outage(&error) => {
                    error!(%error, "set aside with what is refused");
                    part = vec![Entry::Refused {
                        digest: digest(body),
                        body: body.clone(),
                        codes: "not-stored".into(),
                        problem: error.to_string(),
                        salvaged: String::new(),
                    }];
                }
                _ => {
                    error!(%error, "no store");
                    sleep(PAUSE).await;
                }
            }
            parts.push(part);
        }
    }
}

/// The last message that was acknowledged: it is stored, and so are those before it.
fn acknowledged(consumer: &Info) -> u64 {
    let start = match consumer.config.deliver_policy {
        DeliverPolicy::ByStartSequence { start_sequence } => start_sequence,
        _ => 0,
    };
    consumer
        .ack_floor
        .stream_sequence
        .max(start.saturating_sub(1))
}
