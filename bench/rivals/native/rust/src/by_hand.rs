//! What one writes with `bytes` for one framing: frames that are owned without a copy.

use crate::Tally;
use bytes::{Buf, BytesMut};
use memchr::{memchr, memmem};

pub fn uint32(chunks: &[Vec<u8>]) -> Tally {
    counted(chunks, |buffer| {
        let header = buffer.get(..4)?;
        Some((4, u32::from_be_bytes(header.try_into().unwrap()) as usize))
    })
}

pub fn varint(chunks: &[Vec<u8>]) -> Tally {
    counted(chunks, |buffer| {
        let last = buffer.iter().take(10).position(|byte| byte & 128 == 0)?;
        let bytes = buffer[..=last].iter().rev();
        let length = bytes.fold(0, |sum, byte| sum << 7 | usize::from(byte & 127));
        Some((last + 1, length))
    })
}

/// Frames behind a header that tells their length; it is told with its own length.
fn counted(chunks: &[Vec<u8>], header: impl Fn(&[u8]) -> Option<(usize, usize)>) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some((start, length)) = header(&buffer) {
            if buffer.len() < start + length {
                buffer.reserve(start + length - buffer.len());
                break;
            }
            buffer.advance(start);
            tally.add(&buffer.split_to(length).freeze());
        }
    }
    tally
}

pub fn lf(chunks: &[Vec<u8>]) -> Tally {
    delimited(chunks, 1, |bytes| memchr(b'\n', bytes))
}

pub fn block(chunks: &[Vec<u8>]) -> Tally {
    let finder = memmem::Finder::new(b"\r\n\r\n");
    delimited(chunks, 4, |bytes| finder.find(bytes))
}

fn delimited(
    chunks: &[Vec<u8>],
    mark: usize,
    find: impl Fn(&[u8]) -> Option<usize>,
) -> Tally {
    let mut tally = Tally::default();
    let mut buffer = BytesMut::new();
    let mut from = 0;
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(found) = find(&buffer[from..]) {
            let frame = buffer.split_to(from + found).freeze();
            buffer.advance(mark);
            from = 0;
            let cr = mark == 1 && frame.last() == Some(&b'\r');
            tally.add(&frame[..frame.len() - usize::from(cr)]);
        }
        from = (buffer.len() + 1).saturating_sub(mark);
    }
    tally
}
