//! Frames by tokio-util's codecs, and by hand with `bytes` and `memchr`.
//!
//!     frames FILE CHUNK_LENGTH uint32|varint|lf|block tokio|strings|hand

mod by_hand;
mod codecs;

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

/// What was found: the frames, the sum of their lengths, the sum of their first bytes.
#[derive(Default)]
pub struct Tally {
    frames: u64,
    lengths: u64,
    firsts: u64,
}

impl Tally {
    pub fn add(&mut self, frame: &[u8]) {
        self.frames += 1;
        self.lengths += frame.len() as u64;
        self.firsts += u64::from(frame[0]);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bytes = std::fs::read(&arguments[0]).expect("the file of the bytes");
    let length: usize = arguments[1].parse().expect("the length of a chunk");
    let chunks: Vec<Vec<u8>> = bytes.chunks(length).map(<[u8]>::to_vec).collect();
    let work: fn(&[Vec<u8>]) -> Tally = match (arguments[3].as_str(), arguments[2].as_str()) {
        ("tokio", "uint32") => codecs::length_delimited,
        ("tokio", "lf") => codecs::any_delimiter,
        ("strings", "lf") => codecs::lines,
        ("hand", "uint32") => by_hand::uint32,
        ("hand", "varint") => by_hand::varint,
        ("hand", "lf") => by_hand::lf,
        ("hand", "block") => by_hand::block,
        (who, what) => panic!("{who} has no {what}"),
    };

    let Tally { frames, lengths, firsts } = work(&chunks);
    tell(&format!("{{\"frames\":{frames},\"lengths\":{lengths},\"firsts\":{firsts}}}"));
    for line in std::io::stdin().lock().lines() {
        let milliseconds: f64 = line.unwrap().trim().parse().expect("milliseconds");
        tell(&median(Duration::from_secs_f64(milliseconds / 1000.0), || work(&chunks)).to_string());
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

fn tell(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).expect("somebody who listens");
}
