//! Masking (RFC 6455 section 5.3).

/// Masks or unmasks `bytes`, which is the same operation. The first byte is masked with `key[0]`.
pub fn mask(bytes: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    // Chunks of eight bytes let the compiler vectorize.
    let (words, rest) = bytes.as_chunks_mut();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(wide.to_ne_bytes()) {
        *byte ^= key;
    }
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
            mask(&mut masked, key);
            for (at, (masked, plain)) in masked.iter().zip(&plain).enumerate() {
                assert_eq!(*masked, plain ^ key[at % 4]);
            }
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        mask(&mut payload, [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(&payload, b"Hello");
    }
}
