//! Hexadecimal digits of bytes.

/// Digits by their value.
const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// Two lower-case hexadecimal digits for each byte, with `separator` between the bytes.
///
/// ```
/// assert_eq!(session::hexadecimal(&[0, 0x1b, 0xff], ""), "001bff");
/// assert_eq!(session::hexadecimal(&[0, 0x1b, 0xff], " "), "00 1b ff");
/// ```
#[must_use]
pub fn hexadecimal(bytes: &[u8], separator: &str) -> String {
    let mut text = String::with_capacity(bytes.len() * (2 + separator.len()));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    text
}
