//! Masking (RFC 6455 section 5.3).

/// Bits that no byte of ASCII has.
const NOT_ASCII: u64 = u64::from_ne_bytes([0x80; 8]);

/// Masks or unmasks `bytes`, which is the same operation. The first byte is masked with `key[0]`. Returns
/// true if the result is ASCII: most texts need no other check.
#[inline]
pub fn mask(bytes: &mut [u8], key: [u8; 4]) -> bool {
    let key = u64::from(u32::from_ne_bytes(key));
    let wide = key << 32 | key;
    let mut seen = 0;
    // Chunks of eight bytes let the compiler vectorize.
    let (words, rest) = bytes.as_chunks_mut();
    for word in words {
        let masked = u64::from_ne_bytes(*word) ^ wide;
        seen |= masked;
        *word = masked.to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(wide.to_ne_bytes()) {
        *byte ^= key;
        seen |= u64::from(*byte);
    }
    seen & NOT_ASCII == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_masked_with_its_byte_of_the_key() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for len in 0..100_usize {
            let plain: Vec<u8> = (0..len).map(|byte| u8::try_from(byte).unwrap()).collect();
            let mut masked = plain.clone();
            assert_eq!(mask(&mut masked, key), masked.is_ascii());
            for (at, (masked, plain)) in masked.iter().zip(&plain).enumerate() {
                assert_eq!(*masked, plain ^ key[at % 4]);
            }
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert!(mask(&mut payload, [0x37, 0xfa, 0x21, 0x3d]), "it is ASCII");
        assert_eq!(&payload, b"Hello");
    }
}
