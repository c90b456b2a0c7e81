//! The keys of the payload, and where each one stands.

macro_rules! places {
    (
        envelope { $($env:ident = $env_key:literal,)* }
        stamp { $($stamp:ident = $stamp_key:literal,)* }
    ) => {
        /// A place in the body that this crate knows: the whole of it, or the
        /// value under one known key.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Place {
            Body,
            $($env,)*
            $($stamp,)*
        }

        impl Place {
            /// The JSON key; empty for the body itself.
            pub(crate) const fn key(self) -> &'static str {
                match self {
                    Self::Body => "",
                    $(Self::$env => $env_key,)*
                    $(Self::$stamp => $stamp_key,)*
                }
            }

            /// The JSON pointer (RFC 6901) from the root of the body.
            pub(crate) const fn pointer(self) -> &'static str {
                match self {
                    Self::Body => "",
                    $(Self::$env => concat!("/", $env_key),)*
                    $(Self::$stamp => concat!("/data/", $stamp_key),)*
                }
            }

            /// Whether the value at the place is an object.
            pub(crate) const fn is_object(self) -> bool {
                matches!(self, Self::Body | Self::Data)
            }

            /// The object in which the place's key stands.
            pub(crate) const fn object(self) -> Self {
                match self {
                    $(Self::$stamp)|* => Self::Data,
                    _ => Self::Body,
                }
            }

            /// The place of a key of the outer object, if this crate knows it.
            pub(crate) fn in_envelope(key: &str) -> Option<Self> {
                match key {
                    $($env_key => Some(Self::$env),)*
                    _ => None,
                }
            }

            /// The place of a key of the `data` object, if this crate knows it.
            pub(crate) fn in_stamp(key: &str) -> Option<Self> {
                match key {
                    $($stamp_key => Some(Self::$stamp),)*
                    _ => None,
                }
            }
        }
    };
}

places! {
    envelope {
        WebhookId = "webhookId",
        ActionId = "actionId",
        Action = "action",
        Data = "data",
    }
    stamp {
        Id = "_id",
        UserId = "userId",
        ClientId = "clientId",
        Name = "name",
        BlockchainId = "blockchainId",
        TxId = "txId",
        Hash = "hash",
        Type = "type",
        Code = "code",
        IsEsign = "isEsign",
        IsPrivateBc = "isPrivateBc",
        Status = "status",
        CreatedAt = "createdAt",
        UpdatedAt = "updatedAt",
    }
}
