//! Which addresses are refused.

use deliver::Target;

#[track_caller]
fn refused(url: &str, message: &str) {
    assert_eq!(
        Target::resolve(url, false).unwrap_err().to_string(),
        format!("--to: {message}")
    );
}

#[test]
fn other_machines_are_refused() {
    for host in ["192.0.2.1", "0.0.0.0", "169.254.169.254", "10.0.0.1"] {
        let message =
            format!("{host} is not a loopback address; --allow-remote posts to it all the same");
        refused(&format!("http://{host}:3000/hook"), &message);
    }
    refused(
        "http://[2001:db8::1]/hook",
        "2001:db8::1 is not a loopback address; --allow-remote posts to it all the same",
    );
    refused(
        "http://[::ffff:192.0.2.1]/hook",
        "192.0.2.1 is not a loopback address; --allow-remote posts to it all the same",
    );
    refused(
        "http://127.0.0.1@192.0.2.1/hook",
        "192.0.2.1 is not a loopback address; --allow-remote posts to it all the same",
    );
}

#[test]
fn other_machines_are_allowed_on_demand() {
    assert!(Target::resolve("http://192.0.2.1/hook", true).is_ok());
}

#[test]
fn loopback_is_allowed_in_every_spelling() {
    for host in [
        "127.0.0.1:3000",
        "127.9.9.9",
        "0x7f.1",
        "[::1]:3000",
        "[::ffff:127.0.0.1]",
        "localhost:3000",
    ] {
        let target = Target::resolve(&format!("http://{host}/hook"), false);
        assert!(target.is_ok(), "{host}: {target:?}");
    }
}

#[test]
fn other_schemes_are_refused() {
    for url in [
        "ftp://127.0.0.1/",
        "file:///etc/hosts",
        "127.0.0.1:3000",
        "",
    ] {
        refused(url, "not an http address");
    }
}

#[cfg(not(feature = "tls"))]
#[test]
fn https_needs_the_feature() {
    refused(
        "https://127.0.0.1/",
        "https needs a build with `--features tls`",
    );
}
