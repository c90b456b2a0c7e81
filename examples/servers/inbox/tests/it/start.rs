//! What it starts on, and what it refuses to start on.

use std::process::{Child, Command, Stdio};
use std::thread;

use edexa_webhooks::testing;
use inbox::store::Store;

use crate::faults::full;
use crate::listening::TOKEN;
use crate::place::{Place, places, settings};
use crate::postgres::Postgres;
use crate::running::{Running, inbox, serve_in_vain};

#[test]
fn no_file_no_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox.db");
    let no_file = "DATABASE_URL names no file: all would be gone with the process";
    let no_parameters = "DATABASE_URL takes no parameters for SQLite";
    for (url, error) in [
        ("sqlite:", no_file),
        ("sqlite://", no_file),
        ("sqlite::memory:", no_file),
        ("sqlite://:memory:", no_file),
        ("sqlite:inbox.db?mode=memory", no_parameters),
        ("sqlite:?", no_parameters),
        ("", "DATABASE_URL is neither sqlite:FILE nor postgres://…"),
        (
            "inbox.db",
            "DATABASE_URL is neither sqlite:FILE nor postgres://…",
        ),
    ] {
        assert_eq!(
            serve_in_vain(url, &[]),
            format!("inbox: {error}\n"),
            "{url}"
        );
    }
    let nowhere = format!("sqlite:{}/inbox.db", file.display());
    let error = serve_in_vain(&nowhere, &[]);
    assert!(error.contains("unable to open database file"), "{error}");
}

#[test]
fn no_token_no_start() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("inbox.db").display());
    for token in ["", " ", "change-me\n"] {
        assert_eq!(
            serve_in_vain(&url, &["--webhook-token", token]),
            "inbox: set WEBHOOK_TOKEN to the secret part of the webhook's URL, \
             without white space\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_starts_at_once() {
    for place in places().await {
        let times = if full() { 30 } else { 2 };
        for _ in 0..times {
            place.without_tables().await;
            let start = |_| {
                let url = place.url.clone();
                thread::spawn(move || Running::start(&[("DATABASE_URL", &url)]))
            };
            let starts: Vec<_> = (0..4).map(start).collect();
            for start in starts {
                assert_eq!(start.join().unwrap().post(testing::SUCCEEDED).0, 200);
            }
            assert_eq!(place.count("SELECT COUNT(*) FROM inbox.version").await, 3);
        }
        println!("first starts: {times} times 4 at once, none failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_others_are_left_alone() {
    for place in places().await {
        place.without_tables().await;
        // The role's name is that of the schema, and so the schema comes first.
        let schema = if place.url.starts_with("sqlite") {
            ""
        } else {
            "public."
        };
        for table in ["events", "stamps", "version", "_sqlx_migrations"] {
            place
                .execute(&format!("CREATE TABLE {schema}{table} (mine TEXT)"))
                .await;
        }
        let inbox = place.serve();
        assert_eq!(inbox.post(testing::SUCCEEDED).0, 200);
        place.drained().await;
        let theirs = format!("SELECT COUNT(mine) FROM {schema}events");
        assert_eq!(place.count(&theirs).await, 0);
    }
}

/// A log on a full disk, or whoever reads it is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_said_ends_nothing() {
    let place = Place::sqlite().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let full = || std::fs::File::options().write(true).open("/dev/full");
    let mut child = Command::new(env!("CARGO_BIN_EXE_inbox"))
        .env("DATABASE_URL", &place.url)
        .env("WEBHOOK_TOKEN", TOKEN)
        .env("BIND_ADDR", address.to_string())
        .stdout(full().unwrap())
        .stderr(full().unwrap())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(address).is_err() {
        assert_eq!(child.try_wait().unwrap(), None);
    }
    for _ in 0..2 {
        let url = format!("http://{address}/webhooks/edexa/{TOKEN}");
        let answer = ureq::post(url).send(testing::SUCCEEDED);
        assert_eq!(
            answer.ok().map(|answer| answer.status().as_u16()),
            Some(200)
        );
    }
    place.drained().await;
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A slow machine may take longer to open a file than a sender would wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_takes_the_time_that_it_needs() {
    let place = Place::sqlite().await;
    let no_time = [("DATABASE_URL", &*place.url), ("STORE_TIMEOUT_MS", "0")];
    assert_eq!(Running::start(&no_time).get("/livez").0, 200);
}

#[tokio::test]
async fn nothing_is_shown_of_a_database_without_tables() {
    for place in places().await {
        place.without_tables().await;
        let error = "inbox: there are no tables of this inbox: start it, which makes them\n";
        let status = inbox(&place.url, &["status"]);
        assert_eq!(status, (1, String::new(), error.into()));
    }
}

#[tokio::test]
async fn tables_of_an_older_version_are_brought_up_to_date() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        for older in [
            "DELETE FROM inbox.version WHERE version > 1",
            "DROP TABLE inbox.leases",
            "ALTER TABLE inbox.events ADD COLUMN claims BIGINT NOT NULL DEFAULT 0",
        ] {
            place.execute(older).await;
        }
        Store::create(&settings(&place.url, &[])).await.unwrap();
        place.example().step().await.unwrap();
        let done = "SELECT COUNT(*) FROM inbox.events WHERE state = 'done'";
        assert_eq!(place.count(done).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_left_alone() {
    for place in places().await {
        place.execute("INSERT INTO inbox.version VALUES (4)").await;
        let error = "inbox: the tables are of version 4, and this inbox knows 3: \
             a newer inbox has been here, so run that one\n";
        assert_eq!(serve_in_vain(&place.url, &[]), error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_owns_the_schema_needs_no_other_right() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    place.without_tables().await;
    let (url, guest) = place.guest("").await;
    let schema = format!("CREATE SCHEMA inbox AUTHORIZATION {guest}");
    place.execute(&schema).await;
    let store = Store::create(&settings(&url, &[])).await;
    assert_eq!(store.err().map(|error| error.to_string()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_connections_are_named() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let (url, guest) = place.guest("CONNECTION LIMIT 4").await;
    for statement in [
        format!("ALTER SCHEMA inbox OWNER TO {guest}"),
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA inbox TO {guest}"),
    ] {
        place.execute(&statement).await;
    }
    let error = format!(
        "inbox: PostgreSQL has no room for the 5 connections of this instance \
         (error returned from database: too many connections for role \"{guest}\"): \
         lower WRITERS and WORKERS, or raise its limit\n"
    );
    assert_eq!(serve_in_vain(&url, &[]), error);
    let enough = [("DATABASE_URL", &*url), ("WRITERS", "1"), ("WORKERS", "1")];
    assert_eq!(Running::start(&enough).get("/livez").0, 200);
}

/// Set for a role, a database or a server, it would lose what was acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_received_waits_for_the_disk() {
    for place in places().await {
        let (get, on) = if place.url.starts_with("sqlite") {
            (
                "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
                "2",
            )
        } else {
            let database = place.url.rsplit_once('/').unwrap().1;
            let off = format!("ALTER DATABASE {database} SET synchronous_commit = off");
            place.execute(&off).await;
            ("SELECT current_setting('synchronous_commit')", "on")
        };
        let again = Place::at(place.url.clone()).await;
        assert_eq!(again.setting(get).await, on);
    }
}

/// Sessions that are there follow the server's settings, unless they have their own.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_received_waits_for_the_disk_whatever_is_set_later() {
    let Some(server) = Postgres::start(false).await else {
        return;
    };
    let place = Place::at(server.database().await).await;
    let off = "ALTER SYSTEM SET synchronous_commit = off";
    let found = "SELECT reset_val || ' ' || setting FROM pg_settings \
         WHERE name = 'synchronous_commit'";
    assert_eq!(place.setting(found).await, "on on");
    place.execute(off).await;
    place.count("SELECT COUNT(pg_reload_conf())").await;
    while place.setting(found).await == "on on" {}
    assert_eq!(place.setting(found).await, "off on");
}

/// Set for a role, a database or a server, statements would not see what was just committed.
#[tokio::test(flavor = "multi_thread")]
async fn each_statement_sees_what_is_committed() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let database = place.url.rsplit_once('/').unwrap().1;
    let set = format!("ALTER DATABASE {database} SET default_transaction_isolation = serializable");
    place.execute(&set).await;
    let again = Place::at(place.url.clone()).await;
    let level = "SELECT current_setting('transaction_isolation')";
    assert_eq!(again.setting(level).await, "read committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_without_every_character_is_refused() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let latin = format!("{}_latin", place.url);
    let name = latin.rsplit_once('/').unwrap().1;
    let create = format!(
        "CREATE DATABASE {name} ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    );
    place.execute(&create).await;
    let error = "inbox: the database has the encoding LATIN1, and not UTF8\n";
    assert_eq!(serve_in_vain(&latin, &[]), error);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_shared_are_refused() {
    let Some(server) = Postgres::shared().await else {
        return;
    };
    let url = server.database().await;
    let refused = "inbox: sessions are shared between clients, as by PgBouncer in transaction \
         mode: connect to PostgreSQL itself, or to a pool in session mode\n";
    let Some(bouncer) = Bouncer::start(&url, "transaction") else {
        return;
    };
    assert_eq!(serve_in_vain(&bouncer.url, &[]), refused);
    drop(bouncer);
    let bouncer = Bouncer::start(&url, "session").unwrap();
    let inbox = Running::start(&[("DATABASE_URL", &bouncer.url)]);
    assert_eq!(inbox.post(testing::SUCCEEDED).0, 200);
}

struct Bouncer {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Bouncer {
    fn start(database: &str, mode: &str) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let (server, name) = database.rsplit_once('/').unwrap();
        let (_, server_port) = server.rsplit_once(':').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n{name} = host=127.0.0.1 port={server_port} user=inbox\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n"
        );
        std::fs::write(&file, settings).unwrap();
        let mut command = Command::new("pgbouncer");
        if rustix::process::geteuid().is_root() {
            // It refuses to run as root.
            std::os::unix::fs::chown(folder.path(), Some(65534), None).unwrap();
            command.args(["-u", "nobody"]);
        }
        let started = command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            eprintln!("SKIPPED behind PgBouncer: no pgbouncer in PATH");
            return None;
        };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            thread::yield_now();
        }
        Some(Self {
            child,
            url: format!("postgres://inbox@127.0.0.1:{port}/{name}"),
            _folder: folder,
        })
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
