//! Settings of the application's own: their values on the way to who asks for them.

use heapless::String;
use ocpp::limits::SETTING_LENGTH;
#[cfg(feature = "settings")]
use ocpp::station::{self, SettingError};

/// The value of a setting of the application's own.
#[derive(Clone, Debug, PartialEq, Eq)]
// An image without such settings asks for values in vain.
#[cfg_attr(not(feature = "settings"), allow(dead_code))]
pub enum SettingValue {
    /// Of a [`SettingForm::Boolean`](ocpp::station::SettingForm::Boolean).
    Boolean(bool),
    /// Of a [`SettingForm::Integer`](ocpp::station::SettingForm::Integer).
    Integer(i32),
    /// Of a [`SettingForm::Text`](ocpp::station::SettingForm::Text).
    Text(String<SETTING_LENGTH>),
}

#[cfg(feature = "settings")]
impl From<station::SettingValue<'_>> for SettingValue {
    fn from(value: station::SettingValue<'_>) -> Self {
        match value {
            station::SettingValue::Boolean(value) => Self::Boolean(value),
            station::SettingValue::Integer(value) => Self::Integer(value),
            station::SettingValue::Text(text) => {
                // The station has no longer ones.
                Self::Text(String::try_from(text).unwrap_or_default())
            }
        }
    }
}

/// Settings of which the application is to be told, by their numbers.
#[cfg(feature = "settings")]
#[derive(Debug)]
pub struct Changed([u32; 8]);

#[cfg(feature = "settings")]
impl Changed {
    /// None.
    pub const NONE: Self = Self([0; 8]);

    /// This one is one of them.
    pub fn add(&mut self, number: u8) {
        if let Some(word) = self.0.get_mut(usize::from(number / 32)) {
            *word |= 1 << (number % 32);
        }
    }

    /// Takes one of them, if there is one.
    pub fn take(&mut self) -> Option<u8> {
        let mut words = self.0.iter_mut().zip(0u8..);
        let (word, place) = words.find(|(word, _)| **word != 0)?;
        let bit = word.trailing_zeros() as u8;
        *word &= *word - 1;
        Some(32 * place + bit)
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// What of a declaration cannot be, for the log. Its `Display` would take `core::fmt`.
#[cfg(feature = "settings")]
pub fn problem(error: SettingError) -> &'static str {
    match error {
        SettingError::Name => "its name is empty, too long, or has characters that it may not have",
        SettingError::NameTaken => "another one has its name",
        SettingError::NumberTaken => "another one has its number",
        SettingError::Length => "its text may be longer than CONFIG_OCPP_SETTING_LENGTH",
        SettingError::Default => "its default is no value of it",
    }
}

#[cfg(all(test, feature = "settings"))]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_taken_once() {
        let mut changed = Changed::NONE;
        assert!(changed.is_empty());
        for number in [255, 0, 31, 32, 0] {
            changed.add(number);
        }
        let taken: std::vec::Vec<_> = core::iter::from_fn(|| changed.take()).collect();
        assert_eq!(taken, [0, 31, 32, 255]);
        assert!(changed.is_empty());
    }
}
