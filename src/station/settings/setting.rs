//! Settings of the application's own: how it declares them, and what it reads of them.

use ::core::{
    error::Error,
    fmt::{Display, Formatter, Result},
};

use crate::limits;

use super::Key;

/// A setting of the application's own, as it declares it in
/// [`Profile::settings`](crate::station::Profile::settings).
///
/// ```
/// use ocpp::station::{Mutability, Setting};
///
/// const SETTINGS: [Setting<'static>; 3] = [
///     Setting::boolean(0, "FanAtNight", true),
///     Setting { needs_reboot: true, ..Setting::integer(1, "AmbientOffset", -20, 20, 0) },
///     Setting { mutability: Mutability::WriteOnly, ..Setting::text(2, "ServicePin", 8, "") },
/// ];
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// Names the setting to the application, and its record to storage. It stays the same over
    /// firmware versions, and one that was used once is not used for anything else.
    pub number: u8,
    /// Its name as a configuration key: 1 to 50 characters of printable ASCII without quotation
    /// marks and backslashes. It is compared without case, as the names of the station's own, which
    /// it may not be (9.1 Core Profile).
    pub name: &'a str,
    /// What values it takes, and which it has until it is changed.
    pub form: SettingForm<'a>,
    /// Who may read and change it.
    pub mutability: Mutability,
    /// The application carries a new value out with the next boot only: a change is answered with
    /// `RebootRequired`. [`Station::setting`](crate::station::Station::setting) and GetConfiguration
    /// tell the new value at once.
    pub needs_reboot: bool,
}

impl<'a> Setting<'a> {
    /// A Boolean, to be read and changed at any time.
    pub const fn boolean(number: u8, name: &'a str, default: bool) -> Self {
        Self::new(number, name, SettingForm::Boolean { default })
    }

    /// A whole number from `min` to `max`, to be read and changed at any time.
    pub const fn integer(number: u8, name: &'a str, min: i32, max: i32, default: i32) -> Self {
        Self::new(number, name, SettingForm::Integer { min, max, default })
    }

    /// A text of at most `max_length` bytes, to be read and changed at any time.
    pub const fn text(number: u8, name: &'a str, max_length: usize, default: &'a str) -> Self {
        let form = SettingForm::Text {
            max_length,
            default,
        };
        Self::new(number, name, form)
    }

    const fn new(number: u8, name: &'a str, form: SettingForm<'a>) -> Self {
        Self {
            number,
            name,
            form,
            mutability: Mutability::ReadWrite,
            needs_reboot: false,
        }
    }

    /// Whether it can be one of the settings of a station, beside those `before` it.
    pub(super) fn check(&self, before: &[Setting<'_>]) -> ::core::result::Result<(), SettingError> {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if !(1..=LONGEST_NAME).contains(&self.name.len()) || !self.name.bytes().all(is_plain) {
            return Err(SettingError::Name);
        }
        let is_same = |other: &Setting<'_>| other.name.eq_ignore_ascii_case(self.name);
        if Key::from_name(self.name).is_some() || before.iter().any(is_same) {
            return Err(SettingError::NameTaken);
        }
        if before.iter().any(|other| other.number == self.number) {
            return Err(SettingError::NumberTaken);
        }
        match self.form {
            SettingForm::Integer { min, max, default } if !(min..=max).contains(&default) => {
                Err(SettingError::Default)
            }
            SettingForm::Text { max_length, .. } if max_length > limits::SETTING_LENGTH => {
                Err(SettingError::Length)
            }
            SettingForm::Text {
                max_length,
                default,
            } if !is_text(default, max_length) => Err(SettingError::Default),
            _ => Ok(()),
        }
    }
}

/// Characters of a name (CiString50Type).
const LONGEST_NAME: usize = 50;

/// True when a text can be told as it is: not too long, and without control characters.
pub(super) fn is_text(text: &str, max_length: usize) -> bool {
    text.len() <= max_length && !text.chars().any(char::is_control)
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingForm<'a> {
    /// `true` or `false`, in any case.
    Boolean {
        /// The value until it is changed.
        default: bool,
    },
    /// A whole number.
    Integer {
        /// The lowest.
        min: i32,
        /// The highest.
        max: i32,
        /// The value until it is changed.
        default: i32,
    },
    /// A text without control characters.
    Text {
        /// Bytes of UTF-8 that it may have, at most
        /// [`SETTING_LENGTH`](crate::limits::SETTING_LENGTH).
        max_length: usize,
        /// The value until it is changed.
        default: &'a str,
    },
}

/// Who may read and change a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// It is told, and can be changed.
    ReadWrite,
    /// It is told, and has its default for ever.
    ReadOnly,
    /// It can be changed, and GetConfiguration tells it without its value.
    WriteOnly,
}

/// A setting of a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingId {
    /// One of the station's own.
    Key(Key),
    /// One of the application's, by its [number](Setting::number).
    Application(u8),
}

impl From<Key> for SettingId {
    fn from(key: Key) -> Self {
        Self::Key(key)
    }
}

/// The value of a setting of the application's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue<'s> {
    /// Of a [`SettingForm::Boolean`].
    Boolean(bool),
    /// Of a [`SettingForm::Integer`].
    Integer(i32),
    /// Of a [`SettingForm::Text`].
    Text(&'s str),
}

/// What of a [`Setting`] cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingError {
    /// The name is empty, has more than 50 characters, or characters that it may not have.
    Name,
    /// The station, or a setting before it, has the name.
    NameTaken,
    /// A setting before it has the number.
    NumberTaken,
    /// Its longest text is above [`SETTING_LENGTH`](limits::SETTING_LENGTH).
    Length,
    /// Its default is no value of it.
    Default,
}

impl Display for SettingError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Name => write!(
                f,
                "its name is not one of 1 to {LONGEST_NAME} ASCII characters without quotation \
                 marks and backslashes"
            ),
            Self::NameTaken => f.write_str("another one has its name"),
            Self::NumberTaken => f.write_str("another one has its number"),
            Self::Length => write!(
                f,
                "its text may be longer than {} bytes",
                limits::SETTING_LENGTH
            ),
            Self::Default => f.write_str("its default is no value of it"),
        }
    }
}

impl Error for SettingError {}
