//! From any other format, by way of text, to an object.

use serde::Deserializer;
use serde::de::Error as _;

use crate::error::Error;
use crate::field::Field;
use crate::json::write_serde;
use crate::object::read::read_text;

/// Reads the object at a pointer of a body.
pub(crate) fn deserialize<'de, T: Field, D: Deserializer<'de>>(
    from: D,
    at: &str,
) -> Result<T, D::Error> {
    read_serde(from, at.matches('/').count(), &mut None).map_err(|refused| match refused {
        Refused::Json(error) => match error.pointer {
            "" => D::Error::custom(error.kind),
            pointer => D::Error::custom(format_args!("{pointer}: {}", error.kind)),
        },
        Refused::Format(error) => error,
    })
}

/// Why what another format holds is not what was wanted.
pub(crate) enum Refused<E> {
    Json(Box<Error>),
    /// The format's own error, where nothing before it is wrong.
    Format(E),
}

/// Reads an object inside `depth` levels of nesting, from any format.
pub(crate) fn read_serde<'de, T: Field, D: Deserializer<'de>>(
    from: D,
    depth: usize,
    partial: &mut Option<T::Partial>,
) -> Result<T, Refused<D::Error>> {
    let (written, result) = write_serde(from);
    let read = read_text(&written.text, depth, partial);
    let Err(of_format) = result else {
        return read.map_err(Refused::Json);
    };
    Err(match (read, written.refused) {
        // What is wrong before the text breaks off comes first.
        (Err(error), _) if !error.is_cut(&written.text) => Refused::Json(error),
        (Err(mut error), Some(kind)) => {
            error.kind = kind;
            Refused::Json(error)
        }
        _ => Refused::Format(of_format),
    })
}
