//! Frames of whole messages (RFC 6455 section 5.2), by a client and by a server.

/// Opcode (RFC 6455 section 11.8).
#[derive(Clone, Copy)]
pub(crate) enum Opcode {
    /// Text message in one frame.
    Text = 0x1,
    /// Binary message in one frame.
    Binary = 0x2,
    /// Ping, to be answered by a pong with its payload.
    Ping = 0x9,
    Pong = 0xA,
    /// Compressed binary message in one frame: with the bit RSV1 (RFC 7692 section 6).
    Compressed = 0x42,
}

/// FIN bit of the first byte.
const FIN: u8 = 0x80;
/// Bit of the second byte: a masking key follows the length (RFC 6455 section 5.2).
const MASKED: u8 = 0x80;

/// Length code for two more bytes of length.
const IN_2_BYTES: u8 = 0x7E;
/// Length code for eight more bytes of length.
const IN_8_BYTES: u8 = 0x7F;

/// Frame of a client, masked with this key.
pub(crate) fn masked(opcode: Opcode, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), MASKED);
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

pub(crate) fn unmasked(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), 0);
    frame.extend(payload);
    frame
}

/// Header with the length in the fewest bytes (RFC 6455 section 5.2). `masked` is the MASK bit, or
/// zero.
fn header(opcode: Opcode, len: usize, masked: u8) -> Vec<u8> {
    let mut header = vec![FIN | opcode as u8];
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ ..IN_2_BYTES), _) => header.push(masked | len),
        (_, Ok(len)) => {
            header.push(masked | IN_2_BYTES);
            header.extend(len.to_be_bytes());
        }
        _ => {
            header.push(masked | IN_8_BYTES);
            header.extend((len as u64).to_be_bytes());
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 6455 section 5.7.
    #[test]
    fn frames_are_those_of_the_rfc() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(masked(Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]), hello);
        assert_eq!(unmasked(Opcode::Text, b"Hello"), b"\x81\x05Hello");
        assert_eq!(unmasked(Opcode::Pong, b"Hello"), b"\x8a\x05Hello");
        assert_eq!(unmasked(Opcode::Binary, &[0; 256])[..4], [0x82, 0x7e, 1, 0]);
        assert_eq!(
            unmasked(Opcode::Binary, &vec![0; 65_536])[..10],
            [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]
        );
    }

    #[test]
    fn the_length_changes_its_form_where_the_rfc_says() {
        for (len, header) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            assert_eq!(unmasked(Opcode::Binary, &vec![0; len]).len(), header + len);
            assert_eq!(masked(Opcode::Binary, &vec![0; len], [1; 4]).len(), header + 4 + len);
        }
    }
}
