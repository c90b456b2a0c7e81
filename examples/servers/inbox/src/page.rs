//! One page for a browser on the machine itself: read-only, and without a script.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use edexa_webhooks::serde_json::Value;
use tokio::net::TcpListener;
use tracing::error;

use crate::dialect::in_time;
use crate::look::{Answer, rows, shown};
use crate::settings::Settings;
use crate::store::Store;

const TEMPLATE: &str = include_str!("page.html");
/// Nothing from elsewhere, and no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// A socket for the page, if one is set.
///
/// # Errors
///
/// The address is not one of the machine itself: the page asks for no password.
pub(crate) async fn bind(settings: &Settings) -> Result<Option<TcpListener>, String> {
    if settings.page_addr.is_empty() {
        return Ok(None);
    }
    let address = settings.page_addr.parse::<SocketAddr>().ok();
    let Some(address) = address.filter(|address| address.ip().is_loopback()) else {
        return Err("PAGE_ADDR is no loopback address with a port, such as 127.0.0.1:3001".into());
    };
    let listener = TcpListener::bind(address).await;
    listener.map(Some).map_err(|error| error.to_string())
}

pub(crate) fn router(store: Store, settings: &Settings) -> Router {
    let limit = settings.store_timeout();
    let page = async move |State(store): State<Store>, headers: HeaderMap| -> Response {
        if !is_local(&headers) {
            return StatusCode::FORBIDDEN.into_response();
        }
        match in_time(limit, html(&store)).await {
            Ok(html) => {
                let headers = [
                    (CONTENT_SECURITY_POLICY, POLICY),
                    (CACHE_CONTROL, "no-store"),
                ];
                (headers, Html(html)).into_response()
            }
            Err(error) => {
                error!(%error, "no page");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    };
    Router::new().route("/", get(page)).with_state(store)
}

/// Whether the browser was told an address of the machine: a name that somebody made
/// point here is a page of theirs, which may read the answer.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let name = host.unwrap_or_default();
    let name = name.rsplit_once(':').map_or(name, |(name, _port)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// What there is, as HTML.
///
/// # Errors
///
/// The database cannot be read.
pub async fn html(store: &Store) -> sqlx::Result<String> {
    // Not how many are done: that takes a while with a week's events.
    let counts = "SELECT {now} AS now_at, \
         (SELECT COUNT(*) FROM inbox.events WHERE state = 'pending') AS unprocessed, \
         (SELECT MIN(received_at) FROM inbox.events WHERE state = 'pending') AS oldest_at, \
         (SELECT COUNT(*) FROM inbox.events WHERE state = 'done' \
         AND received_at > {now} - 60000000) AS \"done, of the last minute\", \
         (SELECT COUNT(*) FROM inbox.events WHERE state = 'pending' \
         AND received_at > {now} - 60000000) AS \"unprocessed, of the last minute\", \
         (SELECT COUNT(*) FROM inbox.events WHERE state = 'set-aside') AS \"set aside\", \
         (SELECT COUNT(*) FROM inbox.conflicts) AS conflicts, \
         (SELECT COUNT(*) FROM inbox.refused \
         WHERE digest NOT IN (SELECT digest FROM inbox.decisions)) AS refused";
    let set_aside = "SELECT key, received_at, last_error, body AS event FROM inbox.events \
         WHERE state = 'set-aside' ORDER BY received_at DESC LIMIT 20";
    let conflicts = "SELECT key, received_at, times, body AS event FROM inbox.conflicts \
         ORDER BY received_at DESC LIMIT 20";
    let refused = "SELECT digest, received_at, codes, times FROM inbox.refused \
         WHERE digest NOT IN (SELECT digest FROM inbox.decisions) \
         ORDER BY received_at DESC LIMIT 20";
    let Answer(counts) = rows(store, counts, "").await?.pop().unwrap_or_default();
    let (mut tiles, mut now, mut waiting) = (String::new(), String::new(), 0_i64);
    for (name, value) in counts {
        let text = escaped(&value);
        match &*name {
            "now_at" => now = text,
            "set aside" | "conflicts" | "refused" => {
                waiting = waiting.saturating_add(value.as_i64().unwrap_or_default());
                tiles += &tile(&name, &text);
            }
            "oldest_at" if value.is_null() => tiles += &tile("oldest unprocessed", "none"),
            "oldest_at" => tiles += &tile("oldest unprocessed, since", &text),
            name => tiles += &tile(name, &text),
        }
    }
    let mut lists = Vec::new();
    for (title, query) in [
        ("Set aside", set_aside),
        ("Conflicts", conflicts),
        ("Refused", refused),
    ] {
        let items = rows(store, query, "").await?;
        if !items.is_empty() {
            let items: String = items.iter().map(item).collect();
            lists.push(format!("<h2>{title}</h2>\n<ul>\n{items}</ul>\n"));
        }
    }
    let waiting = match waiting {
        0 => "nothing waits for a person".to_owned(),
        1 => "1 waits for a person".to_owned(),
        number => format!("{number} wait for a person"),
    };
    // No value holds a brace: they are escaped.
    Ok(TEMPLATE
        .replace("{waiting}", &waiting)
        .replace("{counts}", &tiles)
        .replace("{lists}", &lists.concat())
        .replace("{now}", &now))
}

fn tile(name: &str, value: &str) -> String {
    format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")
}

fn item(Answer(fields): &Answer) -> String {
    let fields = fields.iter().filter_map(|(name, value)| {
        let value = match &**name {
            "event" => value.pointer("/data/name")?,
            _ => value,
        };
        let unit = if name == "times" { " times" } else { "" };
        (!value.is_null()).then(|| escaped(value) + unit)
    });
    format!("<li>{}</li>\n", fields.collect::<Vec<_>>().join("<br>"))
}

/// A value as a person is shown it, in HTML.
fn escaped(value: &Value) -> String {
    let mut html = String::new();
    for char in shown(value).chars() {
        match char {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            '{' => html += "&#123;",
            '}' => html += "&#125;",
            char => html.push(char),
        }
    }
    html
}
