//! Text of a frame, borrowed with its JSON escapes, and the case rules of `CiString`.

use heapless::{String, string::StringView};
use serde_json_core::str::{EscapedStr, EscapedStringFragment};

/// A string as it stands in a frame: escapes are undone while it is read, not before.
///
/// One with escapes is kept with the quotation mark before it, which no other can begin with:
/// that says in no extra space which texts are to be unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// Takes what stands between the quotation marks of a checked JSON string without escapes,
    /// or one with escapes and its first quotation mark.
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text with its escapes, as it stands in the frame.
    pub fn raw(self) -> &'a str {
        self.0.strip_prefix('"').unwrap_or(self.0)
    }

    /// The text itself where it has no escapes, as nearly all texts.
    pub fn plain(self) -> Option<&'a str> {
        match self.0.as_bytes() {
            [b'"', ..] => None,
            _ => Some(self.0),
        }
    }

    /// The characters, unescaped. A surrogate without its partner reads as U+FFFD.
    pub fn chars(self) -> Chars<'a> {
        Chars {
            plain: "".chars(),
            rest: self.raw(),
        }
    }

    /// True when the unescaped text is `other`.
    pub fn is(self, other: &str) -> bool {
        match self.plain() {
            Some(plain) => plain == other,
            None => self.chars().eq(other.chars()),
        }
    }

    /// The same for a text in ASCII.
    pub fn is_ascii(self, other: &[u8]) -> bool {
        match self.plain() {
            Some(plain) => plain.as_bytes() == other,
            None => core::str::from_utf8(other).is_ok_and(|other| self.is(other)),
        }
    }

    /// Which of the names the unescaped text is.
    #[inline]
    pub fn place_in<'n>(self, mut names: impl Iterator<Item = &'n str>) -> Option<usize> {
        match self.plain() {
            Some(plain) => names.position(|name| name == plain),
            None => names.position(|name| self.is(name)),
        }
    }

    /// True when the unescaped text is `other` but for ASCII case (`CiString`).
    pub fn is_ci(self, other: &str) -> bool {
        let lower = |c: char| c.to_ascii_lowercase();
        match self.plain() {
            Some(plain) => plain.eq_ignore_ascii_case(other),
            None => self.chars().map(lower).eq(other.chars().map(lower)),
        }
    }

    /// True when the text has more than `limit` characters.
    #[inline]
    pub fn is_longer_than(self, limit: usize) -> bool {
        self.0.len() > limit && self.reaches(limit)
    }

    fn reaches(self, place: usize) -> bool {
        self.chars().nth(place).is_some()
    }

    /// An unescaped copy, or nothing when it takes more than `N` bytes of UTF-8.
    pub fn to_string<const N: usize>(self) -> Option<String<N>> {
        let mut copy = String::new();
        self.copy_to(&mut copy).map(|()| copy)
    }

    /// The same for a string of any capacity, so that there is one of it and not one for each.
    fn copy_to(self, copy: &mut StringView) -> Option<()> {
        match self.plain() {
            Some(plain) => copy.push_str(plain).ok(),
            None => self.chars().try_for_each(|c| copy.push(c)).ok(),
        }
    }
}

/// Iterator over the unescaped characters of a [`Text`].
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    plain: core::str::Chars<'a>,
    rest: &'a str,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(c) = self.plain.next() {
            return Some(c);
        }
        let mut fragments = EscapedStr(self.rest).fragments();
        match fragments.next()? {
            Ok(EscapedStringFragment::NotEscaped(plain)) => {
                self.rest = fragments.as_str().0;
                self.plain = plain.chars();
                self.plain.next()
            }
            Ok(EscapedStringFragment::Escaped(c)) => {
                self.rest = fragments.as_str().0;
                Some(c)
            }
            // The library knows no surrogate pairs.
            Err(_) => Some(self.surrogate()),
        }
    }
}

impl Chars<'_> {
    /// Reads `\uD83D\uDE00`, or one lone surrogate.
    fn surrogate(&mut self) -> char {
        let high = unit(self.rest);
        let after_high = self.rest.get(6..).unwrap_or("");
        let low = unit(after_high);
        let pair = char::decode_utf16([high.unwrap_or(0), low.unwrap_or(0)]).next();
        match pair {
            Some(Ok(c)) if high.is_some() && low.is_some() => {
                self.rest = after_high.get(6..).unwrap_or("");
                c
            }
            _ => {
                self.rest = after_high;
                char::REPLACEMENT_CHARACTER
            }
        }
    }
}

/// The UTF-16 unit of the `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// What stands before the first `separator`, an ASCII character, and what behind it if there is
/// one. By bytes: the searchers of `core` are made for any text and take more than a kilobyte.
#[inline(never)]
pub(crate) fn halves(text: &str, separator: u8) -> (&str, Option<&str>) {
    let at = text.bytes().position(|byte| byte == separator);
    let at = at.unwrap_or(text.len());
    (text.get(..at).unwrap_or(""), text.get(at + 1..))
}

/// True when a text has more than `limit` characters: each has one byte that continues none.
pub(crate) fn is_longer(text: &str, limit: usize) -> bool {
    let begins = |byte: &u8| *byte & 0xc0 != 0x80;
    text.len() > limit && text.bytes().filter(begins).count() > limit
}

/// The longest prefix of `text` that has at most `N` bytes and ends between two characters.
pub(crate) fn shortened<const N: usize>(text: &str) -> String<N> {
    let mut copy = String::new();
    for c in text.chars() {
        if copy.push(c).is_err() {
            break;
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_escapes() {
        let read = |raw: &str| {
            let quoted = format!("\"{raw}");
            Text::new(&quoted).chars().collect::<std::string::String>()
        };
        assert_eq!(read(r"plain"), "plain");
        assert_eq!(read(r#"a\"b\\c\/d\n\t"#), "a\"b\\c/d\n\t");
        assert_eq!(read(r"Zo\u00e9é"), "Zoéé");
        assert_eq!(read(r"\ud83d\ude00!"), "😀!");
        assert_eq!(read(r"x\ud83dy"), "x\u{fffd}y");
        assert_eq!(read(r"\ude00\ud83d"), "\u{fffd}\u{fffd}");
        assert_eq!(read(r"\ud83d\u0041"), "\u{fffd}A");
    }

    #[test]
    fn compares_and_measures_unescaped() {
        assert!(Text::new(r#""T\u0041G"#).is("TAG"));
        assert!(Text::new(r#""T\u0041G"#).is_ascii(b"TAG"));
        assert!(!Text::new(r#""T\u0041G"#).is_ascii(b"TA"));
        assert!(Text::new("TAG").is_ascii(b"TAG") && !Text::new("TAG").is_ascii(b"TAg"));
        assert!(Text::new(r#""t\u0041g"#).is_ci("TAG"));
        assert!(!Text::new("TAG").is("tag"));
        assert!(Text::new("TAG").is_ci("tag"));
        assert!(!Text::new(r#""\u00e9\u00e9"#).is_longer_than(2));
        assert!(Text::new("abc").is_longer_than(2));
        assert_eq!(Text::new("é").to_string::<1>(), None);
        assert_eq!(
            Text::new(r#""\u00e9"#).to_string::<2>().as_deref(),
            Some("é")
        );
    }

    #[test]
    fn tells_halves_and_lengths_in_characters() {
        assert_eq!(halves("a.b.c", b'.'), ("a", Some("b.c")));
        assert_eq!(halves("é.", b'.'), ("é", Some("")));
        assert_eq!(halves("", b'.'), ("", None));
        assert!(!is_longer("éé€", 3) && is_longer("éé€", 2));
        assert!(!is_longer("", 0) && is_longer("a", 0));
    }

    #[test]
    fn shortens_between_characters() {
        assert_eq!(shortened::<3>("aéé").as_str(), "aé");
    }
}
