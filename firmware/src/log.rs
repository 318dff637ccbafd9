//! Lines for Zephyr's log module `main`; its macros are in `c/log.c`.

use core::{
    ffi::c_char,
    fmt::{Arguments, Write},
};

use heapless::CString;

unsafe extern "C" {
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

/// Writes a line; what is too long is cut off.
pub fn write(level: Level, line: Arguments<'_>) {
    let mut text = Text(CString::new());
    let _ = text.write_fmt(line);
    // SAFETY: the line ends with a zero, and the log copies it.
    unsafe { firmware_log(level as u32, text.0.as_ptr()) };
}

struct Text(CString<LINE>);

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        self.0
            .extend_from_bytes(piece.as_bytes())
            .map_err(|_| core::fmt::Error)
    }
}

/// Writes a line, with the level first.
macro_rules! line {
    ($level:ident, $($text:tt)+) => {
        $crate::log::write($crate::log::Level::$level, format_args!($($text)+))
    };
}
pub(crate) use line;
