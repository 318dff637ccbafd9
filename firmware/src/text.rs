//! Text for C.

use core::{
    ffi::{CStr, c_char},
    fmt::{Arguments, Write},
};

use heapless::CString;
use ocpp::domain::is_invisible;

/// With a zero behind it; nothing when it is longer than `N - 1` bytes or has a zero itself.
pub fn for_c<const N: usize>(text: &str) -> Option<CString<N>> {
    let mut copy = CString::new();
    copy.extend_from_bytes(text.as_bytes()).ok()?;
    Some(copy)
}

/// A line with a zero behind it: what is longer than `N - 1` bytes is cut off. There are texts of
/// others in it, idTags among them: what a terminal or a label would obey is a `?`.
#[derive(PartialEq, Eq)]
pub struct Line<const N: usize>(CString<N>);

impl<const N: usize> Line<N> {
    /// An empty one.
    pub fn new() -> Self {
        Self(CString::new())
    }

    /// One with this text.
    pub fn of(line: Arguments<'_>) -> Self {
        let mut text = Self::new();
        let _ = text.write_fmt(line);
        text
    }

    /// For C, as long as this lives.
    pub fn as_ptr(&self) -> *const c_char {
        let line: &CStr = &self.0;
        line.as_ptr()
    }
}

impl<const N: usize> Write for Line<N> {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        let room = N - 1 - self.0.as_bytes().len();
        let (fits, cut) = match piece.len() <= room {
            true => (piece, false),
            false => (
                piece.get(..piece.floor_char_boundary(room)).unwrap_or(""),
                true,
            ),
        };
        for (number, harmless) in fits.split(is_invisible).enumerate() {
            let mark = if number > 0 { "?" } else { "" };
            for part in [mark, harmless] {
                let written = self.0.extend_from_bytes(part.as_bytes());
                written.map_err(|_| core::fmt::Error)?;
            }
        }
        if cut { Err(core::fmt::Error) } else { Ok(()) }
    }
}
