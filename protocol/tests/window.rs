//! Windows of the compressor: nothing refers further back than was negotiated, 256 bytes included, which is
//! less than zlib can do.

use proptest::{collection::vec, prelude::*};
use protocol::{Client, Deflate, Header, Kind, SEED_LEN, Sender, Server, compressed_frame, mask};

/// DEFLATE (RFC 1951) as it is read bit by bit, to know how far back it refers.
struct Inflate<'a> {
    bytes: &'a [u8],
    bit: usize,
    out: Vec<u8>,
    furthest: usize,
}

/// Code lengths to symbols, by canonical Huffman codes (RFC 1951 section 3.2.2).
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        for length in lengths {
            counts[*length] += 1;
        }
        counts[0] = 0;
        let mut symbols = Vec::new();
        for length in 1..16 {
            symbols.extend((0..lengths.len()).filter(|symbol| lengths[*symbol] == length));
        }
        Self { counts, symbols }
    }
}

impl Inflate<'_> {
    fn bits(&mut self, count: usize) -> usize {
        let value = (0..count).map(|at| {
            let bit = self.bit + at;
            usize::from(self.bytes[bit / 8] >> (bit % 8) & 1) << at
        });
        let value = value.sum();
        self.bit += count;
        value
    }

    fn symbol(&mut self, code: &Code) -> usize {
        let (mut value, mut first, mut index) = (0, 0, 0);
        for count in &code.counts[1..] {
            value |= self.bits(1);
            if value < first + count {
                return code.symbols[index + value - first];
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        panic!("no such code");
    }

    /// Inflates one message, with its tail.
    fn message(&mut self) {
        while self.bit < self.bytes.len() * 8 {
            let is_final = self.bits(1) == 1;
            match self.bits(2) {
                0 => {
                    let start = self.bit.div_ceil(8);
                    let len =
                        usize::from(u16::from_le_bytes([self.bytes[start], self.bytes[start + 1]]));
                    self.out.extend_from_slice(&self.bytes[start + 4..start + 4 + len]);
                    self.bit = (start + 4 + len) * 8;
                }
                1 => {
                    let lengths = (0..288).map(|symbol| match symbol {
                        144..256 => 9,
                        256..280 => 7,
                        _ => 8,
                    });
                    let lengths = lengths.collect::<Vec<_>>();
                    self.block(&Code::new(&lengths), &Code::new(&[5; 30]));
                }
                2 => {
                    let (literals, distances) = self.codes();
                    self.block(&literals, &distances);
                }
                _ => panic!("no such block"),
            }
            assert!(!is_final, "the stream goes on");
        }
    }

    /// Codes of a dynamic block (RFC 1951 section 3.2.7).
    fn codes(&mut self) -> (Code, Code) {
        const ORDER: [usize; 19] =
            [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let (literals, distances) = (self.bits(5) + 257, self.bits(5) + 1);
        let count = self.bits(4) + 4;
        let mut lengths = [0; 19];
        for at in &ORDER[..count] {
            lengths[*at] = self.bits(3);
        }
        let code = Code::new(&lengths);
        let mut lengths = Vec::new();
        while lengths.len() < literals + distances {
            let (value, times) = match self.symbol(&code) {
                16 => (*lengths.last().expect("a length before"), 3 + self.bits(2)),
                17 => (0, 3 + self.bits(3)),
                18 => (0, 11 + self.bits(7)),
                length => (length, 1),
            };
            lengths.extend(std::iter::repeat_n(value, times));
        }
        (Code::new(&lengths[..literals]), Code::new(&lengths[literals..]))
    }

    fn block(&mut self, literals: &Code, distances: &Code) {
        loop {
            let symbol = self.symbol(literals);
            if let Ok(byte) = u8::try_from(symbol) {
                self.out.push(byte);
                continue;
            }
            let len = match symbol - 256 {
                0 => return,
                symbol @ 1..=8 => symbol + 2,
                29 => 258,
                symbol => {
                    let extra = (symbol - 5) / 4;
                    (((symbol - 5) % 4 + 4) << extra) + 3 + self.bits(extra)
                }
            };
            let symbol = self.symbol(distances);
            let distance = if symbol < 4 {
                symbol + 1
            } else {
                let extra = symbol / 2 - 1;
                ((symbol % 2 + 2) << extra) + 1 + self.bits(extra)
            };
            self.furthest = self.furthest.max(distance);
            for _ in 0..len {
                self.out.push(self.out[self.out.len() - distance]);
            }
        }
    }
}

/// Longest distance of the payload of `frames`, which must inflate to `message`s.
fn furthest(mut frames: &[u8], messages: &[Vec<u8>]) -> usize {
    let (mut history, mut furthest) = (Vec::new(), 0);
    for message in messages {
        let (header, len) = Header::decode(frames).unwrap().unwrap();
        let (payload, rest) = frames[len..].split_at(usize::try_from(header.len).unwrap());
        frames = rest;
        let mut payload = payload.to_vec();
        mask(&mut payload, header.mask.unwrap_or_default());
        payload.extend_from_slice(&[0, 0, 0xff, 0xff]);
        let start = history.len();
        let mut inflate = Inflate { bytes: &payload, bit: 0, out: history, furthest: 0 };
        inflate.message();
        furthest = furthest.max(inflate.furthest);
        history = inflate.out;
        assert!(history[start..] == message[..], "inflates to the message");
    }
    furthest
}

/// Messages that repeat what is up to 70,000 bytes back.
fn any_messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let message = (vec(any::<u8>(), 1..70), 1..600_usize, 1..40_usize, any::<u64>()).prop_map(
        |(block, period, times, mut state)| {
            let noise = (0..period).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_be_bytes()[0]
            });
            [block, noise.collect::<Vec<_>>()].concat().repeat(times)
        },
    );
    vec(message, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_refers_further_back_than_negotiated(messages in any_messages(), bits in 8..=15_u8) {
        let deflate = Deflate {
            server_max_window_bits: Some(bits),
            client_max_window_bits: Some(bits),
            ..Deflate::default()
        };
        let (mut of_server, mut of_client) = (Vec::new(), Vec::new());
        let mut server = Sender::new(Server, Some(deflate), 0);
        let mut client = Sender::new(Client::new([3; SEED_LEN]), Some(deflate), 0);
        for message in &messages {
            server.write_message(Kind::Binary, message, &mut of_server);
            client.write_message(Kind::Binary, message, &mut of_client);
        }
        prop_assert!(furthest(&of_server, &messages) <= 1 << bits);
        prop_assert!(furthest(&of_client, &messages) <= 1 << bits);
        let shared = compressed_frame(Kind::Binary, &messages[0], bits);
        prop_assert!(furthest(&shared, &messages[..1]) <= 1 << bits);
    }
}

/// A repetition within 250 bytes is found in the smallest window.
#[test]
fn the_smallest_window_compresses() {
    let deflate = Deflate { server_max_window_bits: Some(8), ..Deflate::default() };
    let mut server = Sender::new(Server, Some(deflate), 0);
    assert_eq!(server.window_bits(), Some(8));
    let line = (0..100_u8).collect::<Vec<_>>();
    let message = line.repeat(100);
    let mut out = Vec::new();
    server.write_message(Kind::Binary, &message, &mut out);
    assert!(out.len() < message.len() / 3, "{} of {}", out.len(), message.len());
    assert_eq!(furthest(&out, &[message]), 100);
}
