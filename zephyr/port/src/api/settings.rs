//! What this library adds: settings of the application's own.

use core::ffi::{c_char, c_int};

use heapless::Vec;
use ocpp::{
    limits::{APPLICATION_SETTINGS, SETTING_LENGTH},
    station::{Mutability, Setting},
};

use crate::{
    application_settings::SettingValue,
    errno::{Error, returned},
    kernel::SetupCell,
    text::{self, borrowed},
};

/// What values a setting takes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ocpp_setting_form {
    /// `true` or `false`.
    OCPP_SETTING_BOOLEAN,
    /// A whole number.
    OCPP_SETTING_INTEGER,
    /// A text without control characters.
    OCPP_SETTING_TEXT,
}

/// The central system can read a setting, and not change it: it has its default for ever.
pub const OCPP_SETTING_READ_ONLY: c_int = 1;
/// The central system can change a setting, and not read its value.
pub const OCPP_SETTING_WRITE_ONLY: c_int = 2;
/// A new value has an effect with the next boot only, which is what the central system is told. That
/// it has none before is the application's part.
pub const OCPP_SETTING_NEEDS_REBOOT: c_int = 4;

/// A setting of the application's own, for ocpp_declare_settings().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ocpp_setting {
    /// Name of the configuration key: 1 to 50 characters of printable ASCII without quotation marks
    /// and backslashes. It is compared without case.
    pub name: *const c_char,
    /// Names the setting to the application, and its record to storage: it stays the same over
    /// firmware versions, and one that was used once is not used for anything else.
    pub number: u8,
    /// What values it takes: a value of enum ocpp_setting_form.
    pub form: c_int,
    /// OCPP_SETTING_READ_ONLY or OCPP_SETTING_WRITE_ONLY, OCPP_SETTING_NEEDS_REBOOT; 0 for none.
    pub flags: c_int,
    /// Of OCPP_SETTING_INTEGER: the lowest value.
    pub min: c_int,
    /// Of OCPP_SETTING_INTEGER: the highest value.
    pub max: c_int,
    /// The value until it is changed: of OCPP_SETTING_INTEGER from min to max, of
    /// OCPP_SETTING_BOOLEAN 0 or 1.
    pub initial: c_int,
    /// Of OCPP_SETTING_TEXT: bytes of UTF-8 that it may have, at most CONFIG_OCPP_SETTING_LENGTH.
    pub max_length: usize,
    /// Of OCPP_SETTING_TEXT: the value until it is changed; null for an empty one.
    pub initial_text: *const c_char,
}

/// Settings that can be declared.
const MOST: usize = if cfg!(feature = "settings") {
    APPLICATION_SETTINGS
} else {
    0
};

/// Changed only while the charge point is off.
static DECLARED: SetupCell<Vec<Setting<'static>, MOST>> = SetupCell::new(Vec::new());

/// What was declared.
#[cfg(feature = "settings")]
pub fn declared() -> &'static [Setting<'static>] {
    DECLARED.get()
}

/// Declares settings of the application's own: configuration keys that the central system can read
/// and change as it can the charge point's own. They are stored. To be called before ocpp_init(), for
/// which it lasts until it is called again; OCPP_EVENT_SETTING_CHANGED tells of a change.
///
/// @param settings the settings, up to CONFIG_OCPP_APPLICATION_SETTINGS; they are copied, their texts
///        are not and have to stay as they are
/// @param count how many; 0 takes the declaration back
///
/// @retval 0 on success; ocpp_init() returns -EINVAL, and the log says why, if a name or a number is
///         there twice, a name is one of the charge point's own or has characters that it may not
///         have, a default is no value of its setting, or max_length is above
///         CONFIG_OCPP_SETTING_LENGTH
/// @retval -EINVAL if there is no such form or flag, or a text is too long or no UTF-8
/// @retval -ENOMEM if there are too many
/// @retval -EBUSY if the charge point runs
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_declare_settings(
    settings: *const ocpp_setting,
    count: usize,
) -> c_int {
    let settings = match count {
        0 => &[],
        _ if settings.is_null() => return Error::Invalid.number(),
        // SAFETY: not null, so the caller gives as many structures; any numbers are their values.
        _ => unsafe { core::slice::from_raw_parts(settings, count) },
    };
    // All of them, or none.
    let mut wrong = Ok(());
    let changed = super::before_start(|| {
        // SAFETY: no thread of the charge point runs, and no other one is here meanwhile.
        let declared = unsafe { DECLARED.get_mut() };
        declared.clear();
        for setting in settings {
            // SAFETY: the caller promises texts that are null or C strings and stay.
            let read = unsafe { setting.read() };
            wrong = read.and_then(|read| declared.push(read).map_err(|_| Error::NoMemory));
            if wrong.is_err() {
                declared.clear();
                break;
            }
        }
    });
    returned(changed.and(wrong))
}

impl ocpp_setting {
    /// As the engine has it.
    ///
    /// # Safety
    ///
    /// The texts are null or C strings, and stay as they are.
    unsafe fn read(&self) -> Result<Setting<'static>, Error> {
        const BOOLEAN: c_int = ocpp_setting_form::OCPP_SETTING_BOOLEAN as c_int;
        const INTEGER: c_int = ocpp_setting_form::OCPP_SETTING_INTEGER as c_int;
        const TEXT: c_int = ocpp_setting_form::OCPP_SETTING_TEXT as c_int;
        const LONGEST_NAME: usize = 50;
        // SAFETY: as the caller promises.
        let (name, initial_text) = unsafe {
            (
                borrowed(self.name, LONGEST_NAME)?.ok_or(Error::Invalid)?,
                borrowed(self.initial_text, SETTING_LENGTH)?.unwrap_or(""),
            )
        };
        let number = self.number;
        let setting = match self.form {
            BOOLEAN if !(0..=1).contains(&self.initial) => return Err(Error::Invalid),
            BOOLEAN => Setting::boolean(number, name, self.initial != 0),
            INTEGER => Setting::integer(number, name, self.min, self.max, self.initial),
            TEXT => Setting::text(number, name, self.max_length, initial_text),
            _ => return Err(Error::Invalid),
        };
        let needs_reboot = self.flags & OCPP_SETTING_NEEDS_REBOOT != 0;
        let mutability = match self.flags & !OCPP_SETTING_NEEDS_REBOOT {
            0 => Mutability::ReadWrite,
            OCPP_SETTING_READ_ONLY => Mutability::ReadOnly,
            OCPP_SETTING_WRITE_ONLY => Mutability::WriteOnly,
            _ => return Err(Error::Invalid),
        };
        Ok(Setting {
            mutability,
            needs_reboot,
            ..setting
        })
    }
}

#[cfg(feature = "settings")]
fn value(number: u8) -> Result<SettingValue, Error> {
    crate::charge_point::setting(number)
}

/// There are none.
#[cfg(not(feature = "settings"))]
fn value(_: u8) -> Result<SettingValue, Error> {
    Err(Error::Invalid)
}

/// Reads a setting of the application's own that is a number or a Boolean.
///
/// @param number its number, as ocpp_declare_settings() was given it
/// @param value where the value goes: 0 or 1 for a Boolean
///
/// @retval 0 on success
/// @retval -EINVAL if value is null, there is no such setting, it is a text, or the charge point does
///         not run
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_get_setting(number: u8, value: *mut c_int) -> c_int {
    // SAFETY: the caller gives null, or room for a number.
    let Some(place) = (unsafe { value.as_mut() }) else {
        return Error::Invalid.number();
    };
    returned(self::value(number).and_then(|value| {
        *place = match value {
            SettingValue::Boolean(value) => value.into(),
            SettingValue::Integer(value) => value,
            SettingValue::Text(_) => return Err(Error::Invalid),
        };
        Ok(())
    }))
}

/// Reads a setting of the application's own that is a text. It passes through the caller's stack:
/// CONFIG_OCPP_SETTING_LENGTH bytes.
///
/// @param number its number, as ocpp_declare_settings() was given it
/// @param value where the text goes, cut off where there is no more room, with a zero at its end
/// @param size bytes there are for it, that zero included
///
/// @retval 0 on success
/// @retval -EINVAL if value is null, size is 0, there is no such setting, it is no text, or the charge
///         point does not run
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_get_setting_text(
    number: u8,
    value: *mut c_char,
    size: usize,
) -> c_int {
    if value.is_null() || size == 0 {
        return Error::Invalid.number();
    }
    returned(self::value(number).and_then(|read| {
        let SettingValue::Text(read) = read else {
            return Err(Error::Invalid);
        };
        // SAFETY: not null, so the caller gives room for so many bytes.
        let room = unsafe { core::slice::from_raw_parts_mut(value, size) };
        text::fill(room, &read);
        Ok(())
    }))
}
