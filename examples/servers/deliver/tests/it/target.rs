//! Which addresses are refused.

use deliver::Target;

#[track_caller]
fn refused(url: &str, message: &str) {
    let error = Target::resolve(url, false).unwrap_err().to_string();
    assert_eq!(error, format!("--to: {message}"), "{url}");
}

#[test]
fn other_machines_are_refused_unless_allowed() {
    for (host, address) in [
        ("192.0.2.1:3000", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("169.254.169.254", "169.254.169.254"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[::ffff:192.0.2.1]", "192.0.2.1"),
        ("127.0.0.1@192.0.2.1", "192.0.2.1"),
    ] {
        let url = format!("http://{host}/hook");
        let why = "is not a loopback address; --allow-remote posts to it all the same";
        refused(&url, &format!("{address} {why}"));
        assert!(Target::resolve(&url, true).is_ok(), "{url}");
    }
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
