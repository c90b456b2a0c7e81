//! The channel through which a stamp came.

use crate::macros::open_text_enum;

open_text_enum! {
    /// The channel through which a stamp came, wire key `data.type`: a string
    /// that holds a number.
    ///
    /// The meaning of the numbers is *inferred*: edeXa's documentation describes
    /// the key with `_id`'s words, and its desktop application reads it so.
    ///
    /// ```
    /// use edexa_webhooks::StampType;
    ///
    /// assert_eq!(StampType::from("0"), StampType::Api);
    /// assert_eq!(StampType::from("00").as_str(), "00");
    /// ```
    pub enum StampType {
        /// `"0"`: the API.
        Api = "0",
        /// `"1"`: the web application.
        Web = "1",
        /// `"2"`: the mobile application.
        Mobile = "2",
        /// `"3"`: the desktop application.
        Desktop = "3",
        /// `"4"`: the browser extension.
        Extension = "4",
    }

    /// A type that this version of the crate does not know. [`StampType::from`]
    /// makes it, so it is never `"0"` to `"4"`.
    ///
    /// ```compile_fail,E0423
    /// let lie = edexa_webhooks::UnknownStampType("0".into());
    /// ```
    pub struct UnknownStampType;
}
