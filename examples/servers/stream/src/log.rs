//! The stream: what must be true of it.

use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::context::{Context, ContextBuilder, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use tracing::warn;

use crate::Error;
use crate::message::{event_subject, refused_subject};
use crate::settings::{Log, Setup};

/// How long one question to the log may take, or one try to publish.
const PATIENCE: Duration = Duration::from_secs(2);

impl Log {
    /// Connects, and connects again whenever the connection is lost. `patient`: the log may
    /// come later.
    ///
    /// # Errors
    ///
    /// An address is none, or nobody is there.
    pub async fn connect(&self, patient: bool) -> Result<Context, Error> {
        let options = ConnectOptions::new().name("stream");
        let options = if patient {
            options.retry_on_initial_connect()
        } else {
            options
        };
        let client = options.connect(&self.nats_url).await?;
        let context = ContextBuilder::new()
            .timeout(PATIENCE)
            .ack_timeout(PATIENCE);
        Ok(context.build(client))
    }
}

/// Makes the stream, or looks at the one that is there: what it is.
///
/// # Errors
///
/// The log is away, has not enough servers or room, or has another stream of that name.
pub async fn setup(settings: &Setup) -> Result<String, Error> {
    let context = settings.log.connect(false).await?;
    let servers = context.client().server_info().connect_urls.len();
    let wanted = wanted(settings, servers);
    let found = match context.get_stream(&wanted.name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(_) => {
                let made = context.create_stream(wanted.clone()).await?;
                made.cached_info().config.clone()
            }
            _ => return Err(error.into()),
        },
    };
    let (described, found) = (describe(&wanted), describe(&found));
    if found != described {
        return Err(format!("there is a stream with {found}, and not with {described}").into());
    }
    if wanted.num_replicas < 3 {
        warn!("with fewer than 3 replicas, a 200 is a promise of one server");
    }
    Ok(format!("stream {}: {found}", wanted.name))
}

fn wanted(settings: &Setup, servers: usize) -> Config {
    let name = &settings.log.nats_stream;
    let shards = (0..settings.shards).map(|shard| event_subject(name, shard));
    Config {
        name: name.clone(),
        // Each by its name, so that `apply` finds all of them.
        subjects: shards.chain([refused_subject(name)]).collect(),
        storage: StorageType::File,
        num_replicas: settings.replicas.unwrap_or(if servers < 3 { 1 } else { 3 }),
        // What is applied is gone, and nothing that is not.
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_bytes: settings.max_bytes,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        duplicate_window: Duration::from_secs(settings.duplicate_window),
        ..Config::default()
    }
}

fn describe(config: &Config) -> String {
    format!(
        "{} subjects, {} replicas, storage {:?}, retention {:?}, discard {:?}, at most {} bytes, \
         messages known for {:?}",
        config.subjects.len(),
        config.num_replicas,
        config.storage,
        config.retention,
        config.discard,
        config.max_bytes,
        config.duplicate_window,
    )
}
