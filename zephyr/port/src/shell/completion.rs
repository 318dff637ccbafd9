//! Names that the shell completes: it takes each of them as a C string with a static lifetime.

use core::ffi::c_char;

/// Bytes that [`Completions`] of these names take.
pub const fn completions_length(names: &[&str]) -> usize {
    let mut bytes = 0;
    let mut left = names;
    while let [name, rest @ ..] = left {
        bytes += name.len() + 1;
        left = rest;
    }
    bytes
}

/// Names, each with a zero behind it, made when the image is built.
pub struct Completions<const N: usize>([u8; N]);

#[allow(clippy::indexing_slicing, reason = "stops the build, never the image")]
impl<const N: usize> Completions<N> {
    /// In alphabetical order, as the shell asks for; no name may be there twice. `N` is
    /// [`completions_length`] of them.
    pub const fn sorted(names: &[&str]) -> Self {
        let mut bytes = [0; N];
        let mut at = 0;
        let mut last: &str = "";
        let mut number = 0;
        while number < names.len() {
            let next = first_behind(last, names);
            let mut place = 0;
            while place < next.len() {
                bytes[at + place] = next.as_bytes()[place];
                place += 1;
            }
            at += next.len() + 1;
            last = next;
            number += 1;
        }
        Self(bytes)
    }

    /// The numbers from 1 to `last`, up to three digits; `N` is at least `4 * last`. In the order
    /// of numbers, as a user expects them: the shell looks through all of them.
    pub const fn numbers(last: usize) -> Self {
        let mut bytes = [0; N];
        let mut at = 0;
        let mut number = 1;
        while number <= last {
            let mut worth = 100;
            while worth > 0 {
                if number >= worth {
                    bytes[at] = b'0' + (number / worth % 10) as u8;
                    at += 1;
                }
                worth /= 10;
            }
            at += 1;
            number += 1;
        }
        Self(bytes)
    }

    /// The name at that place, for C; null behind the last one.
    pub fn get(&self, place: usize) -> *const c_char {
        let mut names = self.0.split_inclusive(|byte| *byte == 0);
        let name = names.nth(place).filter(|name| name.len() > 1);
        name.map_or(core::ptr::null(), |name| name.as_ptr().cast())
    }
}

/// The first of the names behind `last`; each of them once `last` is the one before it.
#[allow(clippy::indexing_slicing, reason = "stops the build, never the image")]
const fn first_behind<'n>(last: &str, names: &[&'n str]) -> &'n str {
    let mut first: Option<&'n str> = None;
    let mut number = 0;
    while number < names.len() {
        let name = names[number];
        let is_first = match first {
            Some(first) => is_before(name, first),
            None => true,
        };
        if is_before(last, name) && is_first {
            first = Some(name);
        }
        number += 1;
    }
    match first {
        Some(first) => first,
        None => "",
    }
}

#[allow(clippy::indexing_slicing, reason = "stops the build, never the image")]
const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut place = 0;
    while place < a.len() && place < b.len() {
        if a[place] != b[place] {
            return a[place] < b[place];
        }
        place += 1;
    }
    a.len() < b.len()
}

#[cfg(test)]
mod tests {
    use core::ffi::CStr;

    use ocpp::station::Key;

    use super::*;

    fn all<const N: usize>(names: &Completions<N>) -> std::vec::Vec<&str> {
        let places = (0..).map(|place| names.get(place));
        let names = places.take_while(|name| !name.is_null());
        // SAFETY: each ends with a zero.
        names
            .map(|name| unsafe { CStr::from_ptr(name) }.to_str().unwrap())
            .collect()
    }

    #[test]
    fn every_key_is_there_in_alphabetical_order() {
        static KEYS: Completions<{ completions_length(Key::NAMES) }> =
            Completions::sorted(Key::NAMES);
        let mut names = Key::NAMES.to_vec();
        names.sort_unstable();
        assert_eq!(all(&KEYS), names);
    }

    #[test]
    fn numbers_are_there_up_to_the_last() {
        static NUMBERS: Completions<1000> = Completions::numbers(250);
        let numbers: std::vec::Vec<_> = (1..=250).map(|number| number.to_string()).collect();
        assert_eq!(all(&NUMBERS), numbers);
        assert!(NUMBERS.get(250).is_null());
        assert!(NUMBERS.get(usize::MAX).is_null());
    }

    #[test]
    fn no_names_are_none() {
        static NOTHING: Completions<0> = Completions::sorted(&[]);
        assert!(NOTHING.get(0).is_null());
    }
}
