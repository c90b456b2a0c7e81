//! The log, and what must be true of its stream.

use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use async_nats::jetstream::{self, Context};

use crate::Error;
use crate::message::{event_subject, refused_subject};
use crate::settings::Settings;

/// How long one question to the log may take, or one try to publish.
const PATIENCE: Duration = Duration::from_secs(2);
const DAY: u64 = 24 * 60 * 60;

/// Connects, and connects again whenever the connection is lost.
///
/// # Errors
///
/// An address is none, or nobody is there now.
pub async fn connect(settings: &Settings, options: ConnectOptions) -> Result<Context, Error> {
    let client = options.connect(&settings.nats_url).await?;
    let mut log = jetstream::new(client);
    log.set_timeout(PATIENCE);
    Ok(log)
}

/// Makes the stream, or looks at the one that is there: what it is.
///
/// # Errors
///
/// The log is away, has not enough servers or room, or has another stream of that name.
pub async fn setup(settings: &Settings) -> Result<String, Error> {
    let log = connect(settings, ConnectOptions::new()).await?;
    let server = log.client().server_info();
    let (max_bytes, max_messages) = if limits_bytes(&server.version) {
        (settings.log_bytes, -1)
    } else {
        (-1, settings.log_bytes / 1024)
    };
    let name = &settings.nats_stream;
    let replicas = if server.connect_urls.len() < 3 { 1 } else { 3 };
    let shards = (0..settings.shards.get()).map(|shard| event_subject(name, shard));
    let wanted = Config {
        name: name.clone(),
        // Each by its name, so that `apply` finds all of them.
        subjects: shards.chain([refused_subject(name)]).collect(),
        num_replicas: settings.replicas.unwrap_or(replicas),
        max_age: Duration::from_secs(settings.log_days.saturating_mul(DAY)),
        discard: DiscardPolicy::New,
        max_bytes,
        max_messages,
        duplicate_window: Duration::from_secs(settings.duplicate_window),
        ..Config::default()
    };
    let found = log.get_or_create_stream(wanted.clone()).await?;
    let found = describe(&found.cached_info().config);
    let expected = describe(&wanted);
    if found != expected {
        return Err(format!("the stream {name} is {found}, and not {expected}").into());
    }
    Ok(format!("the stream {name} is {found}"))
}

/// Whether the servers' limit on bytes is to be trusted: before 2.10.11, it takes a message
/// that is a little too large, and forgets the oldest one.
fn limits_bytes(version: &str) -> bool {
    let numbers = version.split('.').map_while(|number| number.parse().ok());
    numbers.collect::<Vec<u32>>() >= vec![2, 10, 11]
}

fn describe(config: &Config) -> String {
    let (subjects, servers) = (config.subjects.len(), config.num_replicas);
    let (storage, retention, discard) = (config.storage, config.retention, config.discard);
    let (bytes, messages) = (config.max_bytes, config.max_messages);
    let (age, window) = (config.max_age, config.duplicate_window);
    format!(
        "{subjects} subjects of {storage:?} on {servers} servers for {age:?} ({retention:?}), \
         discard {discard:?} over {bytes} bytes or {messages} messages, ids known for {window:?}"
    )
}
