//! Records: a head of eight bytes, fields, and a payload up to the end. Numbers are big-endian.

/// Bytes of a head: kind, flags, code (two bytes), length of what follows (four bytes).
const HEAD_LEN: usize = 8;

/// Bytes that are no message of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Fewer bytes than a head or a length says.
    #[error("a record is cut short")]
    Truncated,
    /// More bytes in a record than its fields take.
    #[error("a record is longer than its fields")]
    TooLong,
    /// Kind of a record that this version does not have.
    #[error("kind {0} of a record is unknown")]
    Kind(u8),
    /// Flags, code or field with a value that this version does not have.
    #[error("a record has an unknown {0}")]
    Value(&'static str),
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
}

/// Record with its head decoded.
pub(crate) struct Record<'a> {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) code: u16,
    pub(crate) body: Fields<'a>,
}

impl Record<'_> {
    /// Checks that there are no flags but `known` ones.
    pub(crate) fn check_flags(&self, known: u8) -> Result<(), DecodeError> {
        if self.flags & !known == 0 { Ok(()) } else { Err(DecodeError::Value("flag")) }
    }
}

/// Decodes the records of a message, each by `decode`. Ends after the first error.
pub(crate) fn decode_all<'a, T>(
    message: &'a [u8],
    decode: impl Fn(Record<'a>) -> Result<T, DecodeError>,
) -> impl Iterator<Item = Result<T, DecodeError>> {
    let mut left = Fields(message);
    std::iter::from_fn(move || {
        if left.0.is_empty() {
            return None;
        }
        let decoded = left.record().and_then(&decode);
        if decoded.is_err() {
            left = Fields(&[]);
        }
        Some(decoded)
    })
}

/// Fields that are not yet decoded.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn record(&mut self) -> Result<Record<'a>, DecodeError> {
        let (kind, flags, code) = (self.u8()?, self.u8()?, self.u16()?);
        let len = self.u32()?;
        Ok(Record { kind, flags, code, body: Fields(self.bytes(len)?) })
    }

    fn bytes(&mut self, len: u32) -> Result<&'a [u8], DecodeError> {
        let len = usize::try_from(len).map_err(|_| DecodeError::Truncated)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn text(&mut self) -> Result<String, DecodeError> {
        let len = self.u32()?;
        let text = std::str::from_utf8(self.bytes(len)?).map_err(|_| DecodeError::Text)?;
        Ok(text.to_owned())
    }

    pub(crate) fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        // Collected into a `Result`, a list takes no memory for items that do not come.
        (0..self.u16()?).map(|_| item(self)).collect()
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<String>, DecodeError> {
        self.list(Self::text)
    }

    pub(crate) fn pairs(&mut self) -> Result<Vec<(String, String)>, DecodeError> {
        self.list(|body| Ok((body.text()?, body.text()?)))
    }

    /// Bytes up to the end of the record.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Value, if no bytes are left.
    pub(crate) fn end<T>(&self, value: T) -> Result<T, DecodeError> {
        if self.0.is_empty() { Ok(value) } else { Err(DecodeError::TooLong) }
    }
}

/// Appends a record without its payload of `payload_len` bytes, which must follow.
pub(crate) fn encode(
    (kind, flags, code): (u8, u8, u16),
    payload_len: usize,
    out: &mut Vec<u8>,
    write_fields: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    out.extend([kind, flags]);
    out.extend(code.to_be_bytes());
    out.extend([0; 4]);
    write_fields(out);
    let len = out.len() - start - HEAD_LEN + payload_len;
    out[start + 4..start + HEAD_LEN].copy_from_slice(&length(len).to_be_bytes());
}

/// Byte of the flags that are set.
pub(crate) fn flags<const N: usize>(all: [(bool, u8); N]) -> u8 {
    all.into_iter().fold(0, |flags, (is_set, flag)| flags | if is_set { flag } else { 0 })
}

pub(crate) fn put_text(text: &str, out: &mut Vec<u8>) {
    out.extend(length(text.len()).to_be_bytes());
    out.extend(text.as_bytes());
}

/// Appends a list, of which 65,535 items are kept at most.
pub(crate) fn put_list<T>(items: &[T], out: &mut Vec<u8>, put: impl Fn(&T, &mut Vec<u8>)) {
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    out.extend(count.to_be_bytes());
    for item in items.iter().take(count.into()) {
        put(item, out);
    }
}

pub(crate) fn put_texts(texts: &[String], out: &mut Vec<u8>) {
    put_list(texts, out, |text, out| put_text(text, out));
}

pub(crate) fn put_pairs(pairs: &[(String, String)], out: &mut Vec<u8>) {
    put_list(pairs, out, |(name, value), out| {
        put_text(name, out);
        put_text(value, out);
    });
}

/// Value of `all` that has this number.
pub(crate) fn by_number<T: Copy>(
    all: &[T],
    number: u16,
    number_of: impl Fn(T) -> u16,
    what: &'static str,
) -> Result<T, DecodeError> {
    all.iter().copied().find(|it| number_of(*it) == number).ok_or(DecodeError::Value(what))
}

/// Length as it is written. A WebSocket of either side has a limit far below 4 GiB.
fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
