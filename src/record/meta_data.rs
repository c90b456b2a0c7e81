//! A value that may be any JSON.

use serde::Deserialize;

use crate::error::WriteError;
use crate::field::Scalar;
use crate::json::{Canonical, Found, Read, Reader};

/// A record's `metaData`: any JSON but `null`, kept as its text.
///
/// Equal however it is spelled, as unknown values of an [`Extra`](crate::Extra) are.
///
/// ```
/// use edexa_webhooks::record::{Answer, StampRecord};
///
/// let body = br#"{"status":200,"data":{"hash":"1","metaData":{"invoice":7}}}"#;
/// let record = Answer::<StampRecord>::from_slice(body)?.into_result()?;
/// let meta_data = record.meta_data.unwrap();
/// assert_eq!(meta_data.as_str(), r#"{"invoice":7}"#);
/// assert_eq!(meta_data.parse::<serde_json::Value>()?["invoice"], 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetaData(Box<str>);

impl MetaData {
    /// The JSON text, character for character.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the value into a type of yours.
    ///
    /// # Errors
    ///
    /// The value is not what `T` reads: `"12"` into a `u32`, say. This is serde_json's
    /// own error, which may quote the value at any length.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// Keeps the JSON text of one value.
    #[cfg(feature = "arbitrary")]
    pub(crate) fn new(json: &str) -> Self {
        Self(json.into())
    }
}

impl PartialEq for MetaData {
    fn eq(&self, other: &Self) -> bool {
        Canonical::default().are_equal(&self.0, &other.0)
    }
}

impl Eq for MetaData {}

impl Scalar for MetaData {
    const EXPECTED: &'static str = "any JSON";

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let start = reader.at;
        reader.skip_value()?;
        Ok(Self(reader.since(start).into()))
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        Ok(Found::Json(self.as_str().into()))
    }
}
