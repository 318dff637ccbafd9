//! C strings in, C strings out.

use core::ffi::c_char;

use heapless::String;
use ocpp::{
    domain::{TransactionId, is_invisible},
    wire::number::Digits,
};

use crate::errno::Error;

/// Copies a C string of at most `N` bytes of UTF-8.
///
/// # Safety
///
/// As [`borrowed`], with `N` as the longest.
pub unsafe fn copied<const N: usize>(text: *const c_char) -> Result<String<N>, Error> {
    // SAFETY: as the caller promises.
    let text = unsafe { borrowed(text, N) }?.ok_or(Error::Invalid)?;
    String::try_from(text).map_err(|_| Error::Invalid)
}

/// Looks at a C string of at most `longest` bytes of UTF-8, that may be left out with null.
///
/// # Safety
///
/// `text` is null or points to bytes that can be read up to a zero, or `longest + 1` of them;
/// they do not change as long as the result is used.
pub unsafe fn borrowed<'a>(text: *const c_char, longest: usize) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: no zero was found before `place`, and it is at most `longest`.
    let length = (0..=longest).find(|&place| unsafe { text.add(place).read() } == 0);
    let length = length.ok_or(Error::Invalid)?;
    // SAFETY: these bytes were just read.
    let bytes = unsafe { core::slice::from_raw_parts(text.cast::<u8>(), length) };
    core::str::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::Invalid)
}

/// What C wrote into a field. Returns `None` without a zero at its end, and if it is not UTF-8.
pub fn terminated(field: &[c_char]) -> Option<&str> {
    // SAFETY: a `c_char` is a byte, signed or not.
    let bytes = unsafe { core::slice::from_raw_parts(field.as_ptr().cast::<u8>(), field.len()) };
    // Not with CStr, whose search for the zero is made for long texts.
    let length = bytes.iter().position(|&byte| byte == 0)?;
    core::str::from_utf8(bytes.get(..length)?).ok()
}

/// As many whole characters of a text as fit into `room` bytes.
fn fitting(text: &str, room: usize) -> &str {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

/// Fills a field of a C structure, cut off behind the last character that fits, with a zero behind
/// it.
pub fn fill(field: &mut [c_char], text: &str) {
    field.fill(0);
    let room = field.len().saturating_sub(1);
    for (place, byte) in field.iter_mut().zip(fitting(text, room).bytes()) {
        *place = byte as c_char;
    }
}

/// Writes text behind the first `length` of `bytes`, up to the last character that leaves room for
/// a zero; returns the new length. Once for all [`CText`]s, whatever their size.
fn append(bytes: &mut [u8], length: usize, text: &str, is_foreign: bool) -> usize {
    let mut length = length;
    for character in text.chars() {
        let character = match character {
            unseen if is_foreign && is_invisible(unseen) => '?',
            '\0' => continue,
            character => character,
        };
        let mut encoded = [0; 4];
        let encoded = character.encode_utf8(&mut encoded).as_bytes();
        let room = bytes.get_mut(length..).unwrap_or(&mut []);
        if room.len() <= encoded.len() {
            break;
        }
        for (place, byte) in room.iter_mut().zip(encoded) {
            *place = *byte;
        }
        length += encoded.len();
    }
    length
}

/// Text with a zero behind it, for C to read; `N` counts the zero.
///
/// Not `heapless::CString`: that has no `const fn new`, so no static can hold one, and refuses a
/// text that is too long where a line of the log is cut off.
#[derive(Clone, Debug)]
pub struct CText<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> CText<N> {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            length: 0,
        }
    }

    /// Makes it empty.
    pub fn clear(&mut self) {
        self.length = 0;
        self.bytes.fill(0);
    }

    /// Replaces what is in it, as [`Self::push`] adds it.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.push(text);
    }

    /// Adds text without its zeros; what does not fit is cut off behind a whole character.
    pub fn push(&mut self, text: &str) {
        self.length = append(&mut self.bytes, self.length, text, false);
    }

    /// Adds text that came from elsewhere, with `?` for characters that a terminal acts upon or does not show.
    pub fn push_foreign(&mut self, text: &str) {
        self.length = append(&mut self.bytes, self.length, text, true);
    }

    /// Adds a number.
    pub fn push_number(&mut self, number: i64) {
        self.push(Digits::decimal(number, 0).as_str());
    }

    /// Adds a number in hexadecimal digits, of which there are at least so many.
    #[cfg(any(feature = "shell", feature = "v201", test))]
    pub fn push_hex(&mut self, number: u32, digits: u32) {
        for place in (0..u32::BITS / 4).rev() {
            let shown = number >> (4 * place);
            if shown != 0 || place < digits {
                let digit = char::from_digit(shown & 0xf, 16).unwrap_or('0');
                self.push(digit.encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// Adds what a transaction is called, as messages write it.
    pub fn push_transaction_id(&mut self, id: TransactionId) {
        match id {
            TransactionId::Number(number) => self.push_number(number),
            #[cfg(feature = "v201")]
            TransactionId::Own { boot, count } => self.push_transaction(boot, count),
            // No message of OCPP 1.6 has such a name.
            #[cfg(not(feature = "v201"))]
            TransactionId::Own { .. } => {}
        }
    }

    /// Adds the name that the station gave a transaction, as its messages write it.
    #[cfg(feature = "v201")]
    pub fn push_transaction(&mut self, boot: u32, count: u32) {
        self.push_hex(boot, 8);
        self.push("-");
        self.push_hex(count, 1);
    }

    /// Where C finds it.
    pub fn as_ptr(&self) -> *const c_char {
        self.bytes.as_ptr().cast()
    }

    /// As text again.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or(&[]);
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

/// What texts of several columns and lines need.
#[cfg(feature = "shell")]
impl<const N: usize> CText<N> {
    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Adds spaces up to that length.
    pub fn pad_to(&mut self, length: usize) {
        while self.length < length && self.length + 1 < N {
            self.push(" ");
        }
    }

    /// Lets `write` write into the room that is left and say how much it wrote.
    pub fn push_with(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let room = self.bytes.get_mut(self.length..N - 1).unwrap_or(&mut []);
        let most = room.len();
        let written = write(room).filter(|&written| written <= most);
        self.length += written.unwrap_or(0);
        // What comes next ends with a zero, too.
        let left = self.bytes.get_mut(self.length..);
        left.unwrap_or(&mut []).fill(0);
        written.is_some()
    }

    /// Copies the bytes from `at` on, as many as fit; returns how many.
    pub fn copy_from(&self, at: usize, into: &mut [u8]) -> usize {
        let bytes = self.bytes.get(at..self.length).unwrap_or(&[]);
        let length = bytes.len().min(into.len());
        for (place, byte) in into.iter_mut().zip(bytes) {
            *place = *byte;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use core::ffi::CStr;

    use super::*;

    #[test]
    fn copies_what_fits_and_nothing_longer() {
        // SAFETY: a CStr is a C string.
        let copied = |text: &CStr| unsafe { copied::<4>(text.as_ptr()) };
        assert_eq!(copied(c"abcd").as_deref(), Ok("abcd"));
        assert_eq!(copied(c"abcde"), Err(Error::Invalid));
        assert_eq!(copied(c"\xff"), Err(Error::Invalid));
        // SAFETY: null is allowed.
        let nothing = unsafe { super::copied::<4>(core::ptr::null()) };
        assert_eq!(nothing, Err(Error::Invalid));
    }

    #[test]
    fn writes_numbers_and_cuts_off() {
        let mut line = CText::<12>::new();
        line.push("a ");
        line.push_number(-120);
        line.push_number(0);
        assert_eq!(line.as_str(), "a -1200");
        line.push("0123456789");
        assert_eq!(line.as_str(), "a -12000123");
    }

    #[test]
    fn writes_hexadecimal_numbers() {
        let mut line = CText::<40>::new();
        for (number, digits) in [(0, 1), (0xc0de, 1), (0x00c0_de01, 8), (u32::MAX, 1)] {
            line.push_hex(number, digits);
            line.push(" ");
        }
        assert_eq!(line.as_str(), "0 c0de 00c0de01 ffffffff ");
    }

    #[cfg(feature = "v201")]
    #[test]
    fn a_transaction_is_called_as_in_its_messages() {
        let (boot, count) = (0x1f, 0x2a);
        let mut line = CText::<40>::new();
        line.push_transaction(boot, count);
        let id = ocpp::domain::TransactionId::Own { boot, count };
        assert_eq!(line.as_str(), std::format!("{id}"));
    }

    #[test]
    fn is_cut_between_characters() {
        for (text, said) in [
            ("abc\u{e9}", "abc"),
            ("ab\u{e9}", "ab\u{e9}"),
            ("a\u{20ac}b", "a\u{20ac}"),
        ] {
            let mut line = CText::<5>::new();
            line.push(text);
            assert_eq!(line.as_str(), said);
            let mut field = [1; 5];
            fill(&mut field, text);
            assert_eq!(terminated(&field), Some(said));
        }
        let mut line = CText::<5>::new();
        line.push("a\0b\u{20ac}");
        assert_eq!(line.as_str(), "ab");
        fill(&mut [], "a");
    }

    #[test]
    fn control_characters_are_not_passed_on() {
        let mut line = CText::<64>::new();
        line.push_foreign("\x1b[2J\r\n<err> \u{9b}1mforged\x7f\0 caf\u{e9}\u{202e}\u{200b}");
        assert_eq!(line.as_str(), "?[2J??<err> ?1mforged?? caf\u{e9}??");
    }

    #[cfg(feature = "shell")]
    #[test]
    fn makes_columns_without_control_characters() {
        let mut line = CText::<12>::new();
        line.push_foreign("a\x1b[é\n");
        line.pad_to(8);
        assert_eq!(line.as_str(), "a?[é?  ");
        line.pad_to(100);
        assert_eq!(line.len(), 11);
        assert_eq!(line.copy_from(9, &mut [0; 8]), 2);
        assert_eq!(line.copy_from(12, &mut [0; 8]), 0);
        line.clear();
        assert_eq!(line.as_str(), "");
    }

    #[cfg(feature = "shell")]
    #[test]
    fn lets_others_write_what_fits() {
        let mut line = CText::<8>::new();
        line.push("ab");
        assert!(line.push_with(|room| {
            assert_eq!(room.len(), 5);
            room[..3].copy_from_slice(b"cde");
            Some(3)
        }));
        assert!(!line.push_with(|room| {
            room.fill(b'x');
            None
        }));
        assert!(!line.push_with(|room| Some(room.len() + 1)));
        line.push("f");
        // SAFETY: it ends with a zero, which this looks for.
        let text = unsafe { CStr::from_ptr(line.as_ptr()) };
        assert_eq!(text.to_str(), Ok("abcdef"));
    }
}
