//! Websocket frames of a client (RFC 6455, 5), in buffers that all stations of a loop share.

use std::io::Cursor;

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// A frame that is longer ends the connection: central systems send none of that size.
const LONGEST: u64 = 1 << 20;

/// Of a frame that has arrived whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    pub opcode: OpCode,
    pub is_final: bool,
    /// Where its payload begins, and where it and the frame end.
    pub payload: (usize, usize),
}

/// The frame at the beginning of `bytes`; none where not all of it is there. The error is what the peer
/// did wrong.
pub fn next(bytes: &[u8]) -> Result<Option<Frame>, &'static str> {
    let mut cursor = Cursor::new(bytes);
    let Some((header, length)) =
        FrameHeader::parse(&mut cursor).map_err(|_| "a frame of an unknown kind")?
    else {
        return Ok(None);
    };
    if header.mask.is_some() {
        return Err("a masked frame");
    }
    if header.rsv1 || header.rsv2 || header.rsv3 {
        return Err("a frame of an extension that was not asked for");
    }
    if length > LONGEST {
        return Err("a frame that is too long");
    }
    let start = cursor.position() as usize;
    let end = start + length as usize;
    Ok((end <= bytes.len()).then_some(Frame {
        opcode: header.opcode,
        is_final: header.is_final,
        payload: (start, end),
    }))
}

/// Appends a frame as a client sends it.
pub fn write(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8], mask: [u8; 4]) {
    let header = FrameHeader {
        opcode,
        mask: Some(mask),
        ..FrameHeader::default()
    };
    // Writing to memory does not fail.
    let _ = header.format(payload.len() as u64, out);
    let masked = payload.iter().zip(mask.into_iter().cycle());
    out.extend(masked.map(|(byte, mask)| byte ^ mask));
}

pub const TEXT: OpCode = OpCode::Data(Data::Text);
pub const CONTINUATION: OpCode = OpCode::Data(Data::Continue);
pub const CLOSE: OpCode = OpCode::Control(Control::Close);
pub const PING: OpCode = OpCode::Control(Control::Ping);
pub const PONG: OpCode = OpCode::Control(Control::Pong);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_out_of_what_arrives() {
        let mut bytes = vec![0x81, 126, 0, 200];
        bytes.extend([b'x'; 200]);
        bytes.extend([0x89, 0]);
        for length in 0..204 {
            assert_eq!(next(&bytes[..length]), Ok(None), "{length}");
        }
        let frame = next(&bytes).unwrap().unwrap();
        assert_eq!((frame.opcode, frame.payload), (TEXT, (4, 204)));
        let frame = next(&bytes[204..]).unwrap().unwrap();
        assert_eq!((frame.opcode, frame.payload), (PING, (2, 2)));
        assert!(next(&[0x81, 0x80, 0, 0, 0, 0]).is_err());
        assert!(next(&[0xc1, 0]).is_err());
        assert!(next(&[0x81, 127, 0, 0, 0, 0, 1, 0, 0, 0]).is_err());
    }

    #[test]
    fn what_is_sent_is_masked() {
        let mut out = Vec::new();
        write(&mut out, TEXT, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        // RFC 6455, 5.7.
        let hello = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(out, hello);
    }
}
