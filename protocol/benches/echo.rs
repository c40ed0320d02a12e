//! Cost of a message between the socket's reads and writes: decoded, and encoded as an answer.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use protocol::{
    Client, Deflate, Header, Kind, Limits, Opcode, Received, Receiver, SEED_LEN, Sender, Server,
    mask,
};

const LIMITS: Limits = Limits { frame: 16 << 20, message: 16 << 20 };

/// A client's messages: `count` texts of `len` bytes, masked.
fn messages(count: usize, text: &str, len: usize) -> Vec<u8> {
    let key = [0x37, 0xfa, 0x21, 0x3d];
    let payload: String =
        text.chars().cycle().take(len / text.len() * text.chars().count()).collect();
    let mut bytes = Vec::new();
    for _ in 0..count {
        let len = payload.len() as u64;
        Header { fin: true, compressed: false, opcode: Opcode::Text, mask: Some(key), len }
            .encode(&mut bytes);
        let start = bytes.len();
        bytes.extend_from_slice(payload.as_bytes());
        mask(&mut bytes[start..], key);
    }
    bytes
}

fn answer_all(receiver: &mut Receiver, mut input: &mut [u8], out: &mut Vec<u8>) {
    let mut sender = Sender::new(Server, None, 0);
    out.clear();
    while let Ok(Some(received)) = receiver.receive(&mut input) {
        if let Received::Message(kind, payload) = received {
            sender.write_message(kind, &payload, out);
        }
    }
    black_box(out);
}

fn echo(criterion: &mut Criterion) {
    for (name, count, text, len) in [
        ("32 B", 64, "x", 32),
        ("16 KiB", 1, "x", 16 << 10),
        ("16 KiB Korean", 1, "한국어", 16 << 10),
        ("1 MiB", 1, "x", 1 << 20),
    ] {
        let bytes = messages(count, text, len);
        let mut group = criterion.benchmark_group("echo");
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} of {name}"), |bencher| {
            let mut receiver = Receiver::<Server>::new(LIMITS, None);
            let mut out = Vec::with_capacity(bytes.len());
            bencher.iter_batched_ref(
                || bytes.clone(),
                |bytes| answer_all(&mut receiver, bytes, &mut out),
                BatchSize::LargeInput,
            );
        });
    }
}

fn compression(criterion: &mut Criterion) {
    let text = "{\"id\":1234,\"name\":\"a message as services send it\"}".repeat(20);
    criterion.bench_function("compress 1 KiB of JSON", |bencher| {
        let mut sender = Sender::new(Server, Some(Deflate::default()), 0);
        let mut out = Vec::new();
        bencher.iter(|| {
            out.clear();
            sender.write_message(Kind::Text, black_box(text.as_bytes()), &mut out);
        });
    });
}

fn masking(criterion: &mut Criterion) {
    let mut bytes = vec![0; 16 << 10];
    criterion.bench_function("mask 16 KiB", |bencher| {
        bencher.iter(|| mask(black_box(&mut bytes), [1, 2, 3, 4]));
    });
    let mut out = Vec::new();
    let mut server = Sender::new(Server, None, 0);
    criterion.bench_function("write a frame of 32 B", |bencher| {
        bencher.iter(|| {
            out.clear();
            server.write_frame(Opcode::Text, black_box(&[b'x'; 32]), &mut out);
        });
    });
    let mut client = Sender::new(Client::new([0; SEED_LEN]), None, 0);
    criterion.bench_function("write a masked frame of 32 B", |bencher| {
        bencher.iter(|| {
            out.clear();
            client.write_frame(Opcode::Text, black_box(&[b'x'; 32]), &mut out);
        });
    });
}

criterion_group!(benches, echo, compression, masking);
criterion_main!(benches);
