//! What happened to the stamp.

use crate::macros::open_text_enum;

open_text_enum! {
    /// What happened to the stamp, wire key `action`.
    ///
    /// Source of the two known values: [edeXa's webhook
    /// documentation](crate::guide#sources).
    ///
    /// ```
    /// use edexa_webhooks::Action;
    ///
    /// assert_eq!(Action::from("succeed"), Action::Succeeded);
    ///
    /// let newer = Action::from("revoked");
    /// assert!(matches!(newer, Action::Unknown(_)));
    /// assert_eq!(newer.as_str(), "revoked");
    /// ```
    pub enum Action {
        /// `succeed`: the stamp is on the chain, and the event carries its
        /// transaction id.
        Succeeded = "succeed",
        /// `failed`: no transaction id could be provided.
        Failed = "failed",
    }

    /// An action that this version of the crate does not know. [`Action::from`]
    /// makes it, so it is never `succeed` or `failed`.
    ///
    /// ```compile_fail,E0423
    /// let lie = edexa_webhooks::UnknownAction("succeed".into());
    /// ```
    pub struct UnknownAction;
}
