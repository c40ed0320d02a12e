//! Hex dump: offset, hexadecimal and ASCII.

use session::hexadecimal;

/// Bytes per line of a wide dump; a narrow one has half as many.
pub const BYTES_PER_LINE: usize = 16;

/// Bytes before a wider gap.
const GROUP: usize = 8;

/// Placeholder for bytes outside printable ASCII; not the full stop, which is printable.
const UNPRINTABLE: char = '·';

/// Line of a hex dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexLine {
    /// Offset of the first byte.
    pub offset: usize,
    /// Pairs of digits, with a wider gap after the eighth.
    pub hex: String,
    /// Bytes as ASCII characters.
    pub ascii: String,
}

/// Number of lines of `width` bytes for `bytes` bytes.
#[must_use]
pub fn hex_line_count(bytes: usize, width: usize) -> usize {
    bytes.div_ceil(width)
}

/// Line `index` of `bytes`, counted from 0, with up to `width` of them; empty past their end.
#[must_use]
pub fn hex_line(bytes: &[u8], index: usize, width: usize) -> HexLine {
    let offset = index.saturating_mul(width);
    let rest = bytes.get(offset..).unwrap_or_default();
    let shown = &rest[..rest.len().min(width)];
    let groups = shown.chunks(GROUP).map(|group| hexadecimal(group, " "));
    let ascii = shown.iter().map(|byte| match byte {
        b' '..=b'~' => char::from(*byte),
        _ => UNPRINTABLE,
    });
    HexLine { offset, hex: groups.collect::<Vec<_>>().join("  "), ascii: ascii.collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_has_sixteen_bytes_and_the_last_what_is_left() {
        let bytes = b"GET / HTTP/1.1\r\n\x00\xff.";
        assert_eq!(hex_line_count(bytes.len(), BYTES_PER_LINE), 2);
        let first = HexLine {
            offset: 0,
            hex: "47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a".into(),
            ascii: "GET / HTTP/1.1··".into(),
        };
        assert_eq!(hex_line(bytes, 0, BYTES_PER_LINE), first);
        let last = HexLine { offset: 16, hex: "00 ff 2e".into(), ascii: "··.".into() };
        assert_eq!(hex_line(bytes, 1, BYTES_PER_LINE), last);
        let narrow = hex_line(bytes, 1, 8);
        assert_eq!((narrow.hex.as_str(), &*narrow.ascii), ("54 50 2f 31 2e 31 0d 0a", "TP/1.1··"));
        assert_eq!(hex_line_count(bytes.len(), 8), 3);
    }

    #[test]
    fn a_line_past_the_end_is_empty() {
        for index in [1, usize::MAX] {
            let line = hex_line(b"hi", index, BYTES_PER_LINE);
            assert_eq!((line.hex.as_str(), line.ascii.as_str()), ("", ""));
        }
        assert_eq!(hex_line_count(0, BYTES_PER_LINE), 0);
    }

    proptest! {
        #[test]
        fn the_bytes_can_be_read_back(
            bytes in prop::collection::vec(any::<u8>(), 0..100), width in 1..=BYTES_PER_LINE
        ) {
            let lines: Vec<_> = (0..hex_line_count(bytes.len(), width))
                .map(|index| hex_line(&bytes, index, width))
                .collect();
            let pairs = lines.iter().flat_map(|line| line.hex.split_whitespace());
            let read: Vec<_> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
            prop_assert_eq!(&read, &bytes);
            let shown: usize = lines.iter().map(|line| line.ascii.chars().count()).sum();
            prop_assert_eq!(shown, bytes.len());
        }
    }
}
