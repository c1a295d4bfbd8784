//! A value as tag and bytes, and back. Tags are frozen: a new sort of value takes a new one.

use std::borrow::Cow;

use journal::codec::{self, CodecError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_bytes::{ByteBuf, Bytes};

use super::dots::{Dots, DotsOut};
use super::{Date, DateTime, Decimal, Value};
use crate::id::RecordId;

const CLEARED: u8 = 0;
const TEXT: u8 = 1;
const BOOL: u8 = 2;
const INT: u8 = 3;
const DECIMAL: u8 = 4;
const DATE: u8 = 5;
const DATE_TIME: u8 = 6;
const CODE: u8 = 7;
const RECORD: u8 = 8;
const UNRESOLVED: u8 = 9;
const LIST: u8 = 10;
const BYTES: u8 = 11;
const REMOVED: u8 = 12;

/// An item of a list, as it travels.
#[derive(Serialize, Deserialize)]
struct Scalar(u8, ByteBuf);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (tag, bytes) = self.to_wire().map_err(ser::Error::custom)?;
        (tag, Bytes::new(&bytes)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(tag, bytes) = Scalar::deserialize(deserializer)?;
        Ok(Self::from_wire(tag, bytes.into_vec()))
    }
}

impl Value {
    fn to_wire(&self) -> Result<(u8, Cow<'_, [u8]>), CodecError> {
        Ok(match self {
            Self::Cleared => (CLEARED, Cow::Borrowed(&[])),
            Self::Text(text) => (TEXT, Cow::Borrowed(text.as_bytes())),
            Self::Bool(yes) => (BOOL, Cow::Borrowed(if *yes { &[1] } else { &[0] })),
            Self::Int(number) => (INT, pack(number)?),
            Self::Decimal(quantity) => (DECIMAL, pack(&quantity.thousandths())?),
            Self::Date(Date(days)) => (DATE, pack(days)?),
            Self::DateTime(time) => (DATE_TIME, pack(&split(*time))?),
            Self::Code(code) => (CODE, Cow::Borrowed(code.as_bytes())),
            Self::Record(id) => (RECORD, Cow::Borrowed(&id.0)),
            Self::Unresolved(text) => (UNRESOLVED, Cow::Borrowed(text.as_bytes())),
            Self::List(values) => {
                let scalar = |value: &Self| {
                    value.to_wire().map(|(tag, bytes)| Scalar(tag, ByteBuf::from(bytes)))
                };
                (LIST, pack(&values.iter().map(scalar).collect::<Result<Vec<_>, _>>()?)?)
            }
            Self::Bytes(bytes) => (BYTES, Cow::Borrowed(bytes)),
            Self::Removed(dots) => (REMOVED, pack(&DotsOut(dots))?),
            Self::Opaque { tag, bytes } => (*tag, Cow::Borrowed(bytes)),
        })
    }

    /// Never fails: bytes that are not *the* encoding of a value of their tag stay what they are.
    fn from_wire(tag: u8, bytes: Vec<u8>) -> Self {
        match tag {
            LIST => list(&bytes).map(Self::List),
            REMOVED => unpack(&bytes).map(|Dots(dots)| Self::Removed(dots)),
            TEXT => return text(tag, bytes, Self::Text),
            CODE => return text(tag, bytes, Self::Code),
            UNRESOLVED => return text(tag, bytes, Self::Unresolved),
            BYTES => return Self::Bytes(bytes),
            _ => number(tag, &bytes),
        }
        .unwrap_or(Self::Opaque { tag, bytes })
    }
}

fn text(tag: u8, bytes: Vec<u8>, into: fn(String) -> Value) -> Value {
    String::from_utf8(bytes)
        .map_or_else(|error| Value::Opaque { tag, bytes: error.into_bytes() }, into)
}

fn number(tag: u8, bytes: &[u8]) -> Option<Value> {
    Some(match (tag, bytes) {
        (CLEARED, []) => Value::Cleared,
        (BOOL, [0]) => Value::Bool(false),
        (BOOL, [1]) => Value::Bool(true),
        (INT, _) => Value::Int(unpack(bytes)?),
        (DECIMAL, _) => Value::Decimal(Decimal::from_thousandths(unpack(bytes)?)?),
        (DATE, _) => Value::Date(Date(unpack(bytes)?)),
        (DATE_TIME, _) => Value::DateTime(join(unpack(bytes)?)?),
        (RECORD, _) => Value::Record(RecordId(bytes.try_into().ok()?)),
        _ => return None,
    })
}

fn list(bytes: &[u8]) -> Option<Vec<Value>> {
    let scalars: Vec<Scalar> = unpack(bytes)?;
    let value = |Scalar(tag, bytes)| match tag {
        // A list in a list is how a hostile payload would exhaust the stack.
        LIST | REMOVED => None,
        _ => Some(Value::from_wire(tag, bytes.into_vec())),
    };
    scalars.into_iter().map(value).collect()
}

/// An instant as it travels: most have whole seconds, and those take five bytes.
fn split(time: DateTime) -> (i64, i64, i16) {
    (time.utc_ms.div_euclid(1000), time.utc_ms.rem_euclid(1000), time.offset_minutes)
}

fn join((seconds, millis, offset_minutes): (i64, i64, i16)) -> Option<DateTime> {
    let utc_ms = seconds.checked_mul(1000)?.checked_add(millis)?;
    let time = DateTime { utc_ms, offset_minutes };
    (split(time) == (seconds, millis, offset_minutes)).then_some(time)
}

fn pack<T: Serialize>(value: &T) -> Result<Cow<'static, [u8]>, CodecError> {
    // The payload or the state around it has the limit.
    codec::encode(value, usize::MAX).map(Cow::Owned)
}

fn unpack<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    codec::decode_canonical(bytes, bytes.len()).ok()
}
