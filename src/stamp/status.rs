//! How far a stamp has come.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::WriteError;
use crate::field::{Scalar, deserialize_integer};
use crate::json::Found;

/// How far the stamp has come, wire key `data.status`: any integer from
/// −2⁶³ to 2⁶³ − 1.
///
/// Source of the three known values: [edeXa's webhook
/// documentation](crate::guide#sources). Ordered by
/// the number on the wire; `Display` writes that number.
///
/// ```
/// use edexa_webhooks::StampStatus;
///
/// assert_eq!(StampStatus::from(1), StampStatus::Succeeded);
///
/// let newer = StampStatus::from(-7);
/// assert!(matches!(newer, StampStatus::Unknown(_)));
/// assert_eq!(newer.code(), -7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StampStatus {
    /// 0: waiting for the response.
    Pending,
    /// 1: response received, success.
    Succeeded,
    /// 2: response received, error or unsuccessful.
    Failed,
    /// A number that this version of the crate does not know.
    Unknown(UnknownStatus),
}

/// A status that this version of the crate does not know. [`StampStatus::from`]
/// makes it, so it is never 0, 1 or 2.
///
/// ```compile_fail,E0423
/// let lie = edexa_webhooks::UnknownStatus(1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UnknownStatus(i64);

impl UnknownStatus {
    /// The number, as it was received.
    #[must_use]
    pub const fn code(self) -> i64 {
        self.0
    }
}

impl StampStatus {
    /// The number, as it was received.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Succeeded => 1,
            Self::Failed => 2,
            Self::Unknown(unknown) => unknown.code(),
        }
    }

    /// Whether the number is 0: no response yet.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Pending)
    }

    /// Whether the number is 1: success.
    #[must_use]
    pub const fn is_succeeded(self) -> bool {
        matches!(self, Self::Succeeded)
    }

    /// Whether the number is 2: an error, or no success.
    #[must_use]
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::Failed)
    }

    /// Whether the stamp has succeeded or failed, so that no other status is
    /// expected to follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// Whether this version of the crate does not know the number.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl From<i64> for StampStatus {
    fn from(code: i64) -> Self {
        match code {
            0 => Self::Pending,
            1 => Self::Succeeded,
            2 => Self::Failed,
            _ => Self::Unknown(UnknownStatus(code)),
        }
    }
}

impl From<StampStatus> for i64 {
    fn from(status: StampStatus) -> Self {
        status.code()
    }
}

impl Ord for StampStatus {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(&other.code())
    }
}

impl PartialOrd for StampStatus {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for StampStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.code(), f)
    }
}

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for StampStatus {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(self.code())
    }
}

impl Scalar for StampStatus {
    const EXPECTED: &'static str = i64::EXPECTED;

    fn from_found(found: &Found<'_>) -> Option<Self> {
        i64::from_found(found).map(Self::from)
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        Ok(Found::Signed(self.code()))
    }
}

impl<'de> Deserialize<'de> for StampStatus {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        deserialize_integer(from)
    }
}
