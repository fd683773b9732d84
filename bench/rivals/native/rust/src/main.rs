//! Length-prefixed frames by tokio-util's codec, or by hand with `bytes`.
//!
//!     frames FILE CHUNK_LENGTH tokio|hand

use bytes::{Buf, BytesMut};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};
use tokio_util::codec::{Decoder, LengthDelimitedCodec};

/// The number of frames, the sum of their lengths, the sum of their first bytes.
#[derive(Default)]
struct Tally {
    frames: u64,
    lengths: u64,
    firsts: u64,
}

impl Tally {
    fn add(&mut self, frame: &[u8]) {
        self.frames += 1;
        self.lengths += frame.len() as u64;
        self.firsts += u64::from(frame[0]);
    }
}

fn by_tokio(chunks: &[Vec<u8>]) -> Tally {
    let mut decoder = LengthDelimitedCodec::builder().max_frame_length(1 << 30).new_codec();
    let mut tally = Tally::default();
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(frame) = decoder.decode(&mut buffer).expect("a frame") {
            tally.add(&frame);
        }
    }
    tally
}

/// Frames that are owned without a copy.
fn by_hand(chunks: &[Vec<u8>]) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(header) = buffer.get(..4) {
            let length = u32::from_be_bytes(header.try_into().unwrap()) as usize;
            if buffer.len() < 4 + length {
                buffer.reserve(4 + length - buffer.len());
                break;
            }
            buffer.advance(4);
            tally.add(&buffer.split_to(length).freeze());
        }
    }
    tally
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bytes = std::fs::read(&arguments[0]).expect("a file");
    let length: usize = arguments[1].parse().expect("a chunk length");
    let chunks: Vec<Vec<u8>> = bytes.chunks(length).map(<[u8]>::to_vec).collect();
    let work = if arguments[2] == "tokio" { by_tokio } else { by_hand };

    let Tally { frames, lengths, firsts } = work(&chunks);
    print(&format!("{{\"frames\":{frames},\"lengths\":{lengths},\"firsts\":{firsts}}}"));
    for line in std::io::stdin().lock().lines() {
        let milliseconds: f64 = line.unwrap().trim().parse().expect("milliseconds");
        print(&median(Duration::from_secs_f64(milliseconds / 1000.0), || work(&chunks)).to_string());
    }
}

fn median(time: Duration, work: impl Fn() -> Tally) -> u128 {
    let mut samples = Vec::new();
    let start = Instant::now();
    while samples.len() < 3 || start.elapsed() < time {
        let before = Instant::now();
        std::hint::black_box(work());
        samples.push(before.elapsed().as_nanos());
    }
    samples.sort_unstable();
    samples[samples.len() / 2]
}

fn print(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).expect("standard output");
}
