//! What was stamped, and the transaction that stamped it.

use edexa_webhooks::{StampHash, TxId};

/// SHA-256 of `test`, and the same in hex.
const DIGEST: [u8; 32] = [
    0x9f, 0x86, 0xd0, 0x81, 0x88, 0x4c, 0x7d, 0x65, 0x9a, 0x2f, 0xea, 0xa0, 0xc5, 0x5a, 0xd0, 0x15,
    0xa3, 0xbf, 0x4f, 0x1b, 0x2b, 0x0b, 0x82, 0x2c, 0xd1, 0x5d, 0x6c, 0x15, 0xb0, 0xf0, 0x0a, 0x08,
];
const DIGEST_HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Texts that are nearly the 64 hex digits.
fn near_misses() -> Vec<String> {
    vec![
        String::new(),
        DIGEST_HEX[..63].to_owned(),
        format!("{DIGEST_HEX}0"),
        format!("{DIGEST_HEX} "),
        DIGEST_HEX.replacen('9', "g", 1),
        DIGEST_HEX.replacen('9', "+", 1),
        "é".repeat(32),
        format!("0x0x{DIGEST_HEX}"),
    ]
}

/// The digest in each form in which it occurs.
const MATCHES: &[&str] = &[
    DIGEST_HEX,
    "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg",
    "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=",
    "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
    // Base64 of the hexadecimal text.
    "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==",
    "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA",
];

#[test]
fn a_hash_matches_its_sha_256_in_each_form() {
    for text in MATCHES {
        assert!(StampHash::from(*text).matches_sha256(&DIGEST), "{text:?}");
        assert!(StampHash::from(*text).is_digest(), "{text:?}");
    }
}

#[test]
fn a_hash_matches_no_other_digest() {
    for text in MATCHES {
        for at in [0, 15, 31] {
            let mut other = DIGEST;
            other[at] ^= 1;
            assert!(!StampHash::from(*text).matches_sha256(&other), "{text:?}");
        }
    }
    for text in near_misses().into_iter().chain([
        format!("0x{DIGEST_HEX}"),
        "n4bQgYhMfWWaL+qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=".to_owned(),
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg==".to_owned(),
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCg".to_owned(),
    ]) {
        let matches = StampHash::from(text.as_str()).matches_sha256(&DIGEST);
        assert!(!matches, "{text:?}");
    }
    assert!(!StampHash::from("").matches_sha256(&[0; 32]));
}

/// Base64 of 32 letters, which are the hexadecimal text of an MD5 too.
#[test]
fn a_hash_matches_a_digest_that_is_text() {
    let hash = StampHash::from("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=");
    assert!(hash.matches_sha256(&[b'a'; 32]));
    assert!(hash.is_digest());
}

const DIGEST_BYTES: [usize; 6] = [16, 20, 28, 32, 48, 64];

#[test]
fn a_digest_in_hex_has_a_known_length() {
    for digits in 0..=130 {
        let hash = StampHash::from("Fa".repeat(65)[..digits].to_owned());
        let is_digest = digits % 2 == 0 && DIGEST_BYTES.contains(&(digits / 2));
        assert_eq!(hash.is_digest(), is_digest, "{digits} digits");
    }
}

#[test]
fn a_digest_in_base64_has_a_known_length_and_the_right_padding() {
    for (digits, padding) in [(22, 2), (27, 1), (38, 2), (43, 1), (86, 2)] {
        for alphabet in ["+/zZ", "-_zZ"] {
            let text = alphabet.repeat(22)[..digits].to_owned();
            for marks in 0..=4 {
                let padded = text.clone() + &"=".repeat(marks);
                let is_digest = StampHash::from(padded.as_str()).is_digest();
                assert_eq!(is_digest, marks == 0 || marks == padding, "{padded:?}");
            }
        }
    }
}

#[test]
fn other_texts_are_no_digests() {
    for text in [
        "",
        "=",
        "6d6db6c12243mdhfrehrdfghju76",
        "n4bQgYhMfWWaL+qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=",
        "n4bQgYhMfWWaL qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "n4bQgYhMfWWaL=qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n",
        "0x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "ééééééééééé",
        // One digit mistyped: 64 characters are hex or nothing.
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00aO8",
        // Base64 of the hex of a SHA-256 and of an MD5, one digit mistyped: an `O`.
        "T2Y4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==",
        "TzBlNGI2YTFmOTU2M2FhOWU3YzQ0ZjZjNWIxNzM4MmE=",
        // Base64 of 38 hex digits, and of 40 letters that are not all hex.
        "OTBmODZkMDgxODg0YzdkNjU5YTJmZWFhMGM1NWFkMDE1YTNi",
        "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYg==g",
    ] {
        assert!(!StampHash::from(text).is_digest(), "{text:?}");
    }
    for text in [
        DIGEST_HEX,
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        // Base64 of the hex of a SHA-1.
        "YTk0YThmZTVjY2IxOWJhNjFjNGMwODczZDM5MWU5ODc5ODJmYmJkMw==",
        // edeXa's failure sample: by chance the form of a SHA-1 in base64.
        "6d6db6agfgdfgffggffgggsg1ed",
    ] {
        assert!(StampHash::from(text).is_digest(), "{text:?}");
    }
}

/// The ends of what base64 may be: its longest form, four marks behind whole groups, spare
/// bits that are not 0, and bytes that are ASCII and not seen.
#[test]
fn the_ends_of_base64() {
    let longest = StampHash::from("MDAw".repeat(42) + "MDA=");
    assert!(longest.is_digest());
    assert_eq!(longest.normalized(), Some("00".repeat(64)));

    let groups = "A".repeat(64) + "====";
    let hash = StampHash::from(groups.as_str());
    assert!(!hash.is_digest());
    assert_eq!(hash.normalized(), Some(groups));

    let spare = StampHash::from("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgh=");
    assert!(!spare.matches_sha256(&DIGEST));
    assert!(spare.is_digest());
    assert_eq!(spare.normalized().as_deref(), Some(spare.as_str()));

    let zeros = StampHash::from("A".repeat(43) + "=");
    assert!(zeros.is_digest() && zeros.matches_sha256(&[0; 32]));
    assert_eq!(zeros.normalized(), Some("00".repeat(32)));
}

#[track_caller]
fn assert_tx_id(text: &str, is_evm: bool, bytes: Option<[u8; 32]>) {
    let tx_id = TxId::from(text);
    assert_eq!(tx_id.is_evm(), is_evm, "{text:?}");
    assert_eq!(tx_id.to_bytes(), bytes, "{text:?}");
}

#[test]
fn a_transaction_id_is_64_hex_digits() {
    assert_tx_id(&format!("0x{DIGEST_HEX}"), true, Some(DIGEST));
    let upper_case = DIGEST_HEX.to_uppercase();
    assert_tx_id(&format!("0x{upper_case}"), true, Some(DIGEST));
    assert_tx_id(DIGEST_HEX, false, Some(DIGEST));
    assert_tx_id(&upper_case, false, Some(DIGEST));
}

#[test]
fn other_texts_are_no_transaction_ids() {
    for text in near_misses() {
        assert_tx_id(&text, false, None);
        assert_tx_id(&format!("0x{text}"), false, None);
    }
    assert_tx_id(&format!("0X{DIGEST_HEX}"), false, None);
    assert_tx_id(&format!(" 0x{DIGEST_HEX}"), false, None);
    // As edeXa's documentation shortened it.
    assert_tx_id("0x3b7d586651f386c0d415fa1349b9ec0be07b78c86", false, None);
}
