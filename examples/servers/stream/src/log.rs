//! The log, and what must be true of its stream.

use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use async_nats::jetstream::{self, Context};

use crate::Error;
use crate::message::subject;
use crate::settings::Options;

/// How long one question to the log may take, or one try to publish.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a message is there, applied or not: as long as the inbox keeps a key, so that
/// whatever comes again is known.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Connects, and connects again whenever the connection is lost.
///
/// # Errors
///
/// An address is none, or nobody is there now.
pub async fn connect(settings: &Options, options: ConnectOptions) -> Result<Context, Error> {
    let options = options.token(settings.nats_token.clone());
    let client = options.connect(&settings.nats_url).await?;
    let mut log = jetstream::new(client);
    log.set_timeout(PATIENCE);
    Ok(log)
}

/// Makes the stream, or looks at the one that is there, and prints what it is.
///
/// # Errors
///
/// The log is away, has not enough servers or room, or has another stream of that name.
pub async fn setup(settings: &Options) -> Result<(), Error> {
    let log = connect(settings, ConnectOptions::new()).await?;
    let server = log.client().server_info();
    let bytes = limits_bytes(&server.version).then_some(settings.log_bytes);
    let name = &settings.nats_stream;
    let replicas = if server.connect_urls.len() < 3 { 1 } else { 3 };
    let shards =
        (0..settings.shards.get()).map(|shard| subject(settings, &format!("events.{shard}")));
    let wanted = Config {
        name: name.clone(),
        // Each by its name, so that `apply` finds all of them.
        subjects: shards.chain([subject(settings, "refused")]).collect(),
        num_replicas: settings.replicas.unwrap_or(replicas),
        max_age: KEPT,
        discard: DiscardPolicy::New,
        max_bytes: bytes.unwrap_or(-1),
        max_messages: bytes.map_or(settings.log_bytes / 1024, |_| -1),
        duplicate_window: Duration::from_secs(settings.duplicate_window),
        ..Config::default()
    };
    let found = log.get_or_create_stream(wanted.clone()).await?;
    let (found, expected) = (describe(&found.cached_info().config), describe(&wanted));
    if found != expected {
        return Err(format!("the stream {name} is {found}, and not {expected}").into());
    }
    println!("the stream {name} is {found}");
    Ok(())
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
