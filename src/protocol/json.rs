//! The JSON of responses.
//!
//! The output is that of [`serde_json`], in half of the time: names of fields need no escapes, and most
//! strings need none either. A test holds both equal.

use std::{fmt, io::Write as _};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeSeq, SerializeStruct},
};
use serde_json::Error;

/// Appends the JSON of a value.
///
/// # Errors
/// Fails for types that responses do not have, such as maps and tuples.
pub fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    value.serialize(Writer(out))
}

struct Writer<'a>(&'a mut Vec<u8>);

/// A list or an object, whose next item or member is preceded by `before`.
struct Items<'a> {
    out: &'a mut Vec<u8>,
    before: u8,
}

/// Whether a string has a character that JSON escapes.
fn needs_escape(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return text.iter().any(|byte| is_escaped(*byte));
    };
    let (words, _) = text.as_chunks();
    words.iter().any(|word| has_escaped(*word)) || has_escaped(*last)
}

const fn is_escaped(byte: u8) -> bool {
    byte < b' ' || matches!(byte, b'"' | b'\\')
}

/// Whether any byte of a word is [escaped](is_escaped).
const fn has_escaped(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH_BITS: u64 = ONES << 7;
    /// Sets the high bit of the first byte that is less than `bound`, if there is one.
    const fn below(word: u64, bound: u8) -> u64 {
        word.wrapping_sub(ONES * bound as u64) & !word & HIGH_BITS
    }
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    let word = u64::from_ne_bytes(word);
    below(word, b' ') | below(word ^ QUOTES, 1) | below(word ^ BACKSLASHES, 1) != 0
}

/// Writes numbers and similar values as [`serde_json`] does.
macro_rules! scalars {
    ($($method:ident: $type:ty,)*) => {$(
        fn $method(self, value: $type) -> Result<(), Error> {
            serde_json::to_writer(self.0, &value)
        }
    )*};
}

/// Rejects a type.
macro_rules! unsupported {
    ($($method:ident($($argument:ty),*) -> $output:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$output, Error> {
            Err(Error::custom("responses do not have this type"))
        }
    )*};
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
    }

    unsupported! {
        serialize_bytes(&[u8]) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        if needs_escape(text.as_bytes()) {
            return serde_json::to_writer(self.0, text);
        }
        self.0.reserve(text.len() + 2);
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        let start = self.0.len();
        self.0.push(b'"');
        write!(self.0, "{value}").map_err(Error::io)?;
        if needs_escape(self.0.get(start + 1..).unwrap_or_default()) {
            self.0.truncate(start);
            return serde_json::to_writer(self.0, &value.to_string());
        }
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::custom("responses do not have this type"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Error> {
        Ok(Items { out: self.0, before: b'[' })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Error> {
        Ok(Items { out: self.0, before: b'{' })
    }
}

impl Items<'_> {
    #[inline]
    fn next(&mut self) {
        self.out.push(std::mem::replace(&mut self.before, b','));
    }

    fn end(self, empty: [u8; 2]) {
        match self.before {
            b',' => self.out.extend_from_slice(&empty[1..]),
            _ => self.out.extend_from_slice(&empty),
        }
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next();
        write(self.out, value)
    }

    fn end(self) -> Result<(), Error> {
        self.end(*b"[]");
        Ok(())
    }
}

impl SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.next();
        self.out.reserve(name.len() + 3);
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        write(self.out, value)
    }

    fn end(self) -> Result<(), Error> {
        self.end(*b"{}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Object<'a> {
        text: &'a str,
        numbers: (),
        list: Vec<Option<Empty>>,
        none: Vec<u64>,
        ip: std::net::IpAddr,
        ratio: f64,
        count: i64,
        is_set: bool,
        unit: Unit,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u64>,
    }

    #[derive(Serialize)]
    struct Empty {}

    #[derive(Serialize)]
    enum Unit {
        One,
    }

    struct Shown<'a>(&'a str);

    impl Serialize for Shown<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self.0)
        }
    }

    fn both<T: Serialize>(value: &T) {
        let mut json = Vec::new();
        write(&mut json, value).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), serde_json::to_string(value).unwrap());
    }

    #[test]
    fn the_output_is_that_of_serde_json() {
        for text in
            ["", "plain", "名", "\"", "\\", "\n", "\u{1f}\u{7f}", "a long text with \u{0} inside"]
        {
            both(&Shown(text));
            both(&Object {
                text,
                numbers: (),
                list: vec![Some(Empty {}), None],
                none: Vec::new(),
                ip: "10.0.0.4".parse().unwrap(),
                ratio: 0.1,
                count: -1,
                is_set: true,
                unit: Unit::One,
                absent: None,
            });
        }
    }

    #[test]
    fn every_escaped_byte_is_found_at_every_place() {
        for length in 0..20 {
            assert!(!needs_escape("\u{e9}x".repeat(length).as_bytes()));
            for (place, byte) in (0..length).flat_map(|it| (0..=255).map(move |byte| (it, byte))) {
                let mut text = vec![b'x'; length];
                text[place] = byte;
                assert_eq!(needs_escape(&text), is_escaped(byte), "{text:?}");
            }
        }
    }

    #[test]
    fn a_type_that_responses_do_not_have_is_an_error() {
        write(&mut Vec::new(), &(1, 2)).unwrap_err();
    }
}
