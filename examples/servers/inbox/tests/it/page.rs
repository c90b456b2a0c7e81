//! The page for a browser.

use std::net::TcpListener;

use edexa_webhooks::testing::EventBuilder;
use inbox::page::html;

use crate::place::{Place, places};
use crate::running::{Running, serve_in_vain};

const HOSTILE: &str = "<script>alert(1)</script>\u{202e}{lists}&\"'";
const ESCAPED: &str = "&lt;script&gt;alert(1)&lt;&#x2F;script&gt;\\u{202e}{lists}&amp;&quot;&#x27;";

async fn set_aside(place: &Place) {
    let event = EventBuilder::failed().name(HOSTILE);
    place.accept(event.to_json().unwrap()).await;
    let aside = "UPDATE inbox.events SET state = 'set-aside', \
         last_error = '<b>', received_at = 1700000000000000";
    place.execute(aside).await;
}

#[tokio::test]
async fn what_waits_is_shown_and_escaped() {
    for place in places().await {
        let empty = html(&place.store).await.unwrap();
        assert!(empty.contains("<h1>0 waiting for a person</h1>"), "{empty}");
        assert!(
            empty.contains("<dt>oldest received at</dt><dd>none</dd>"),
            "{empty}"
        );
        assert!(!empty.contains("<h2>"), "{empty}");
        set_aside(&place).await;
        let page = html(&place.store).await.unwrap();
        let key = "6475c02029b5bab6d2f2c6dc:failed";
        for part in [
            "<title>inbox: 1 waiting for a person</title>",
            "<dt>set aside</dt><dd>1</dd>",
            &format!(
                "<li>key: {key}<br>name: {ESCAPED}<br>reason: &lt;b&gt;<br>\
                 received at: 2023-11-14T22:13:20.000000Z<br>times: 0</li>"
            ),
        ] {
            assert!(page.contains(part), "{page}");
        }
        assert!(!page.contains("<script"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_a_port_of_its_own_for_this_machine_alone() {
    let place = Place::sqlite().await;
    set_aside(&place).await;
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let inbox = Running::start(&[
        ("DATABASE_URL", &place.url),
        ("PAGE_ADDR", &free.to_string()),
    ]);
    let get = |host: &str| {
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = agent.build().into();
        let page = agent.get(format!("http://{free}/")).header("Host", host);
        let mut page = page.call().unwrap();
        let text = page.body_mut().read_to_string().unwrap();
        let policy = page.headers().get("content-security-policy").cloned();
        (page.status().as_u16(), policy, text)
    };
    let (status, policy, text) = get(&format!("localhost:{}", free.port()));
    assert_eq!(status, 200);
    assert_eq!(
        policy.unwrap(),
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    );
    assert!(text.contains(ESCAPED), "{text}");
    for (host, status) in [
        ("127.0.0.2:1", 200),
        ("[::1]", 200),
        ("example.com", 403),
        ("127.0.0.1.example.com", 403),
        ("10.0.0.1:3001", 403),
    ] {
        assert_eq!(get(host).0, status, "{host}");
    }
    assert_eq!(inbox.get("/").0, 404);
    let error = "inbox: PAGE_ADDR is no loopback address with a port, such as 127.0.0.1:3001\n";
    for address in ["0.0.0.0:0", "[::]:0", "localhost:1", "127.0.0.1"] {
        let said = serve_in_vain(&place.url, &["--page-addr", address]);
        assert_eq!(said, error);
    }
}
