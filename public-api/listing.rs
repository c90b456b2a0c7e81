//! The crate's public surface, with all features on, is what `public-api.txt`
//! says. `UPDATE_SNAPSHOTS=yes` writes the file anew.

#[test]
fn is_up_to_date() -> Result<(), Box<dyn std::error::Error>> {
    let json = rustdoc_json::Builder::default()
        // Stable compilers write JSON for those who ask like this.
        .env("RUSTC_BOOTSTRAP", "1")
        .manifest_path("../Cargo.toml")
        .target_dir("target/documented")
        .all_features(true)
        .build()?;
    public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?
        .assert_eq_or_update("public-api.txt");
    Ok(())
}
