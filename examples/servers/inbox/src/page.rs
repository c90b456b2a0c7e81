//! One page for a browser on the machine itself: read-only, and without a script.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use edexa_webhooks::serde_json::{Map, Value};
use html_escape::encode_safe;
use tokio::net::TcpListener;
use tracing::error;

use crate::dialect::in_time;
use crate::look::{self, Answer, shown};
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

pub(crate) fn router(store: Store) -> Router {
    let limit = store.limit;
    let page = async move |State(store): State<Store>, headers: HeaderMap| -> Response {
        if !is_local(&headers) {
            return StatusCode::FORBIDDEN.into_response();
        }
        match in_time(limit, html(&store)).await {
            Ok(html) => {
                let policy = (CONTENT_SECURITY_POLICY, POLICY);
                ([policy, (CACHE_CONTROL, "no-store")], Html(html)).into_response()
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
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|host| {
        let name = host.host().trim_matches(['[', ']']);
        name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

/// What there is, as HTML.
///
/// # Errors
///
/// The database cannot be read.
pub async fn html(store: &Store) -> sqlx::Result<String> {
    let Answer(status) = look::status(store).await?;
    let (mut tiles, mut lists, mut waiting) = (Vec::new(), Vec::new(), 0_i64);
    for (name, value) in &status {
        let title = name.replace('_', " ");
        if let Value::Array(rows) = value {
            let items: String = rows.iter().filter_map(Value::as_object).map(item).collect();
            if !items.is_empty() {
                lists.push(format!("<h2>{title}</h2>\n<ul>\n{items}</ul>\n"));
            }
            continue;
        }
        if matches!(&**name, "set_aside" | "conflicts" | "refused") {
            waiting = waiting.saturating_add(value.as_i64().unwrap_or_default());
        }
        let none = Value::from("none");
        let shown = escaped(if value.is_null() { &none } else { value });
        tiles.push(format!("<div><dt>{title}</dt><dd>{shown}</dd></div>\n"));
    }
    // Theirs last: they may hold braces.
    Ok(TEMPLATE
        .replace("{waiting}", &waiting.to_string())
        .replace("{counts}", &tiles.concat())
        .replace("{lists}", &lists.concat()))
}

fn item(fields: &Map<String, Value>) -> String {
    let fields = fields.iter().filter(|(_, value)| !value.is_null());
    let fields =
        fields.map(|(name, value)| format!("{}: {}", name.replace('_', " "), escaped(value)));
    format!("<li>{}</li>\n", fields.collect::<Vec<_>>().join("<br>"))
}

/// A value as a person is shown it, in HTML.
fn escaped(value: &Value) -> String {
    encode_safe(&shown(value)).into_owned()
}
