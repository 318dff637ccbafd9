//! Lines for the console and for Zephyr's log module `main`. The C side is `c/log.c`.

use core::{
    ffi::c_char,
    fmt::{Arguments, Write},
};

use heapless::CString;

unsafe extern "C" {
    fn firmware_print(line: *const c_char);
    fn firmware_log(level: u32, line: *const c_char);
}

/// Longest line, with the zero behind it.
const LINE: usize = 128;

/// How important a line is, as Zephyr counts.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Level {
    /// Something does not work.
    Error = 1,
    /// Something may not work.
    Warning = 2,
    /// What the firmware does.
    Info = 3,
}

/// Writes a line to the log; what is too long is cut off.
pub fn write(level: Level, line: Arguments<'_>) {
    let line = Text::of(line);
    // SAFETY: the line ends with a zero, and the log copies it.
    unsafe { firmware_log(level as u32, line.0.as_ptr()) };
}

/// Writes a line to the console, as it is.
pub fn print(line: Arguments<'_>) {
    let line = Text::of(line);
    // SAFETY: the line ends with a zero, and is used up when this returns.
    unsafe { firmware_print(line.0.as_ptr()) };
}

struct Text(CString<LINE>);

impl Text {
    fn of(line: Arguments<'_>) -> Self {
        let mut text = Self(CString::new());
        let _ = text.write_fmt(line);
        text
    }
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        let room = LINE - 1 - self.0.as_bytes().len();
        let (fits, cut) = match piece.len() <= room {
            true => (piece, false),
            false => (
                piece.get(..piece.floor_char_boundary(room)).unwrap_or(""),
                true,
            ),
        };
        let written = self.0.extend_from_bytes(fits.as_bytes());
        written.ok().filter(|()| !cut).ok_or(core::fmt::Error)
    }
}

/// Writes a line, with the level first.
macro_rules! line {
    ($level:ident, $($text:tt)+) => {
        $crate::log::write($crate::log::Level::$level, format_args!($($text)+))
    };
}
pub(crate) use line;
