//! Enumerations with their names.

/// Declares an enumeration: each value with the number that records store, and the name that OCPP
/// has for it. Numbers count from 0 without a gap; new values go behind. Where a version of OCPP
/// has other names, its dialect has a table of its own.
macro_rules! names {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $number:literal $text:literal ),+ $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $( $(#[$variant_doc])* $variant = $number ),+ }

        impl $name {
            /// Every value, in the order of [`Self::NAMES`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The names, in the order of the numbers.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name.
            pub fn as_str(self) -> &'static str {
                Self::NAMES.get(self as usize).copied().unwrap_or("")
            }

            /// The value with that name.
            pub fn from_name(name: &str) -> Option<Self> {
                let place = Self::NAMES.iter().position(|known| *known == name)?;
                Self::ALL.get(place).copied()
            }

            /// The value with that number.
            pub(crate) fn from_number(number: u8) -> Option<Self> {
                const { assert!($crate::domain::names::is_dense(&[$($number),+])) };
                Self::ALL.get(usize::from(number)).copied()
            }
        }

        impl<'a> $crate::wire::message::FromValue<'a> for $name {
            fn from_value(value: $crate::wire::Value<'a>, _: &[$crate::wire::Value<'a>]) -> Option<Self> {
                match value {
                    $crate::wire::Value::Choice(place) => Self::from_number(place),
                    _ => None,
                }
            }
        }
    )+};
}
pub(crate) use names;

/// True for 0, 1, 2 and so on.
pub(crate) const fn is_dense(mut numbers: &[usize]) -> bool {
    let mut expected = numbers.len();
    while let [rest @ .., last] = numbers {
        expected -= 1;
        if *last != expected {
            return false;
        }
        numbers = rest;
    }
    true
}
