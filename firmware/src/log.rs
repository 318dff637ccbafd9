//! Lines for the console and for Zephyr's log module `main`. The C side is `c/log.c`.

use core::{ffi::c_char, fmt::Arguments};

use crate::text;

unsafe extern "C" {
    fn firmware_print(line: *const c_char);
    fn firmware_log(level: u32, line: *const c_char);
}

/// Longest line, with the zero behind it.
pub type Text = text::Line<128>;

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
    unsafe { firmware_log(level as u32, line.as_ptr()) };
}

/// Writes a line to the console, as it is.
pub fn print(line: Arguments<'_>) {
    let line = Text::of(line);
    // SAFETY: the line ends with a zero, and is used up when this returns.
    unsafe { firmware_print(line.as_ptr()) };
}

/// Writes a line, with the level first.
macro_rules! line {
    ($level:ident, $($text:tt)+) => {
        $crate::log::write($crate::log::Level::$level, format_args!($($text)+))
    };
}
pub(crate) use line;
