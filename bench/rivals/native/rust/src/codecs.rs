//! What tokio-util brings.

use crate::Tally;
use bytes::BytesMut;
use tokio_util::codec::{AnyDelimiterCodec, Decoder, LengthDelimitedCodec, LinesCodec};

pub fn length_delimited(chunks: &[Vec<u8>]) -> Tally {
    let codec = LengthDelimitedCodec::builder().max_frame_length(1 << 30).new_codec();
    decoded(chunks, codec)
}

pub fn any_delimiter(chunks: &[Vec<u8>]) -> Tally {
    decoded(chunks, AnyDelimiterCodec::new(b"\n".to_vec(), Vec::new()))
}

pub fn lines(chunks: &[Vec<u8>]) -> Tally {
    decoded(chunks, LinesCodec::new())
}

fn decoded<D: Decoder>(chunks: &[Vec<u8>], mut decoder: D) -> Tally
where
    D::Item: AsRef<[u8]>,
    D::Error: std::fmt::Debug,
{
    let mut tally = Tally::default();
    let mut buffer = BytesMut::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(frame) = decoder.decode(&mut buffer).expect("frames") {
            tally.add(frame.as_ref());
        }
    }
    tally
}
