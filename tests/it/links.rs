//! Links within the repository lead somewhere. No network: what lies outside is
//! not looked at, and what rustdoc makes of the docs CI checks.
#![allow(
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use edexa_webhooks::Rule;

use crate::markdown;

/// Where the docs of the newest release are.
const DOCS: &str = "https://docs.rs/edexa-webhooks/latest/edexa_webhooks/";

/// The guide's pages, as docs.rs and as intra-doc links name them.
const GUIDE: [&str; 2] = ["guide/", "crate::guide::"];

fn root() -> PathBuf {
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap())
}

/// All Markdown files that are not built, downloaded or made up.
fn documents() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (entry.path(), entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                if !["target", ".git", "corpus", "artifacts"]
                    .iter()
                    .any(|n| name == *n)
                {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    found
}

#[track_caller]
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A page of the guide, by its module's name; the index by none.
fn page(name: &str) -> PathBuf {
    let name = if name.is_empty() { "index" } else { name };
    root().join(format!("src/guide/{name}.md"))
}

/// The page of the guide to which a link leads, if it leads to one.
fn guide_page(link: &str) -> Option<PathBuf> {
    let link = link.strip_prefix(DOCS).unwrap_or(link);
    if link == "crate::guide" {
        return Some(page(""));
    }
    let name = GUIDE.iter().find_map(|prefix| link.strip_prefix(prefix))?;
    let name = name.strip_suffix("index.html").unwrap_or(name);
    Some(page(name.trim_end_matches('/')))
}

/// What is wrong with a link in a document.
fn wrong(document: &Path, link: &str) -> Option<&'static str> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        document.to_owned()
    } else if let Some(page) = guide_page(path) {
        page
    } else if path.contains("::") || path.contains("://") || path.starts_with("mailto:") {
        return None;
    } else {
        document.parent().unwrap().join(path)
    };
    if !target.exists() {
        return Some("no such file");
    }
    if anchor.is_empty() {
        return None;
    }
    let mut anchors = markdown::anchors(&read(&target));
    if target.ends_with("guide/rules.md") {
        anchors.extend(Rule::ALL.iter().map(|rule| rule.code().to_owned()));
    }
    (!anchors.contains(anchor)).then_some("no such heading")
}

#[test]
fn every_link_leads_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        for link in markdown::destinations(&read(&document)) {
            if let Some(reason) = wrong(&document, &link) {
                dead.push(format!("{}: {link}: {reason}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "\n{}", dead.join("\n"));
}

#[test]
fn the_documents_are_found() {
    let documents: BTreeSet<PathBuf> = documents().into_iter().collect();
    for name in [
        "README.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "src/guide/rules.md",
    ] {
        assert!(documents.contains(&root().join(name)), "{name}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let readme = root().join("README.md");
    for (link, expected) in [
        ("SECURITY.md", None),
        ("SECURITY.md#reporting", None),
        ("#trust", None),
        ("https://example.com/#nowhere", None),
        ("SECURITY.md#nowhere", Some("no such heading")),
        ("#nowhere", Some("no such heading")),
        ("NOWHERE.md", Some("no such file")),
        ("crate::guide", None),
        ("crate::guide::rules#missing-tx-id", None),
        ("crate::guide::rules#nowhere", Some("no such heading")),
        ("crate::guide::nowhere", Some("no such file")),
    ] {
        assert_eq!(wrong(&readme, link), expected, "{link}");
    }
    for (link, expected) in [
        ("guide/index.html", None),
        ("guide/trust/index.html", None),
        ("guide/redelivery/index.html#the-schedule", None),
        (
            "guide/redelivery/index.html#nowhere",
            Some("no such heading"),
        ),
        ("guide/nowhere/index.html", Some("no such file")),
    ] {
        assert_eq!(wrong(&readme, &format!("{DOCS}{link}")), expected, "{link}");
    }
}

/// It is read on the repository's host, on crates.io and as the docs' front page.
#[test]
fn the_readme_has_no_links_that_need_a_place() {
    for link in markdown::destinations(&read(&root().join("README.md"))) {
        assert!(
            link.starts_with("https://") || link.starts_with('#'),
            "{link}"
        );
    }
}
