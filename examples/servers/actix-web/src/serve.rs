//! The webhook's route, and connections that end once a body is refused.

use std::cell::RefCell;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::web::{self, Data, Path, Payload};
use actix_web::{App, HttpRequest, HttpServer};

use crate::{convert, receive};

/// Every connection holds its last body.
type Held = RefCell<Option<Payload>>;

pub(crate) async fn until(
    stop: impl Future<Output = ()> + Send + 'static,
    listener: TcpListener,
    settings: (String, Duration),
) -> io::Result<()> {
    let settings = Data::new(settings);
    let hook = async |s: Data<_>, token: Path<String>, request: HttpRequest, mut body| {
        let answer = receive(&s, &token, &request, &mut body).await;
        // actix-web hangs up after an answer to a body that it did not read. Of one
        // that was dropped it reads every chunk first, however many a client sends.
        if let Some(held) = request.conn_data::<Held>() {
            held.replace(Some(body));
        }
        answer.unwrap_or_else(|rejection| convert::refuse(&rejection))
    };
    let app = move || {
        let app = App::new().app_data(settings.clone());
        app.route("/webhooks/edexa/{token}", web::to(hook))
    };
    HttpServer::new(app)
        .on_connect(|_, connection| {
            connection.insert(Held::default());
        })
        // Otherwise actix-web goes on reading for a second what it has refused.
        .client_disconnect_timeout(Duration::ZERO)
        .shutdown_signal(stop)
        .listen(listener)?
        .run()
        .await
}
