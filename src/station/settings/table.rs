//! The table of all settings of a station: its own, and behind them those of the application.

use ::core::ops::Range;

use super::{
    Key,
    setting::{Mutability, Setting, SettingForm, SettingId},
};
use crate::{
    domain::Measurand, limits::APPLICATION_SETTINGS, station::SetupError, storage::RecordId,
    wire::Text,
};

/// Settings of the station's own.
const OWN: usize = Key::ALL.len();
/// Those of them that are texts: their values are the first of all texts.
const OWN_TEXTS: usize = if cfg!(feature = "security") { 1 } else { 0 };
/// Settings that a station can have.
pub const PLACES: usize = OWN + APPLICATION_SETTINGS;
/// Texts among them. Which of the application's are texts is not known before it declares them. A
/// build without any has nothing of what is done with one: where it is 0 has to be said, because a
/// compiler does not see it in the table.
pub const TEXTS: usize = OWN_TEXTS + APPLICATION_SETTINGS;

/// What values a setting takes.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) enum Form<'a> {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number from one to another, with its default.
    Number(i32, i32, i32),
    /// A text: its place among all texts, its longest in bytes, and its default.
    Text(u16, u16, &'a str),
    /// A whole number that the build or the application fixes.
    Fixed(i32),
    /// A text that the build fixes.
    #[cfg_attr(not(feature = "smart-charging"), allow(dead_code))]
    Word(&'static str),
    /// A list of measurands, the first in it by default.
    Measurands(List, &'static [Measurand]),
    /// `ConnectorPhaseRotation`.
    Rotation,
    /// `NumberOfConnectors`.
    Connectors,
    /// `SupportedFeatureProfiles`.
    Profiles,
    /// `SupportedFileTransferProtocols`.
    #[cfg(feature = "firmware-management")]
    Protocols,
    /// `SecurityProfile`, which the part `access` keeps.
    #[cfg(feature = "security")]
    Access,
    /// `AuthorizationKey`: as well, and its value is not told.
    #[cfg(feature = "security")]
    Secret,
}

/// The four lists of measurands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::station) enum List {
    Aligned,
    Sampled,
    StopAligned,
    StopSampled,
}

/// What describes a setting of the station's own.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) struct Own {
    /// The number of its record among those of keys.
    pub record: u8,
    pub form: Form<'static>,
    pub mutability: Mutability,
    pub needs_reboot: bool,
}

impl Own {
    /// Of no setting.
    pub const NONE: Self = Self {
        record: u8::MAX,
        form: Form::Fixed(0),
        mutability: Mutability::ReadOnly,
        needs_reboot: false,
    };
}

/// What describes a setting, whatever a dialect calls it.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) struct Row<'a> {
    /// Where it is in the table.
    pub place: u16,
    /// Its record: never changes and is never used for anything else.
    pub record: RecordId,
    pub form: Form<'a>,
    pub mutability: Mutability,
    pub needs_reboot: bool,
}

impl Row<'_> {
    pub fn place(&self) -> usize {
        self.place.into()
    }

    /// The byte that its record begins with: what is not of its form is not read. The station's own
    /// numbers and lists, which were there first, have none.
    pub fn tag(&self) -> Option<u8> {
        match self.form {
            _ if TEXTS == 0 => None,
            Form::Text(..) => Some(3),
            _ if self.place() < OWN => None,
            Form::Flag(_) => Some(1),
            _ => Some(2),
        }
    }
}

/// All settings of a station, each at its place.
#[derive(Clone, Copy, Debug)]
pub(in crate::station) struct Table<'a>(&'a [Setting<'a>]);

impl<'a> Table<'a> {
    /// With those that the application has declared.
    pub fn new(declared: &'a [Setting<'a>]) -> Self {
        Self(declared)
    }

    /// Those of the application. A build without them has none of the code that follows from one.
    #[inline]
    fn declared(self) -> &'a [Setting<'a>] {
        match APPLICATION_SETTINGS {
            0 => &[],
            _ => self.0,
        }
    }

    /// Whether a station can have these settings of the application.
    pub fn check(declared: &[Setting<'_>]) -> Result<(), SetupError> {
        if declared.len() > APPLICATION_SETTINGS {
            return Err(SetupError::Settings);
        }
        for (place, setting) in Table::new(declared).declared().iter().enumerate() {
            let before = declared.get(..place).unwrap_or(&[]);
            setting.check(before).map_err(|error| SetupError::Setting {
                number: setting.number,
                error,
            })?;
        }
        Ok(())
    }

    pub fn row(self, place: usize) -> Option<Row<'a>> {
        match Key::ALL.get(place) {
            Some(key) => Some(key.row()),
            None => {
                let among = place.checked_sub(OWN)?;
                self.declared()
                    .get(among)
                    .map(|setting| row(among, setting))
            }
        }
    }

    /// The places of all of them.
    pub fn places(self) -> Range<usize> {
        0..OWN + self.declared().len()
    }

    /// Does something with each of them.
    pub fn each(self, mut with: impl FnMut(&Row<'a>)) {
        Key::ALL.iter().for_each(|key| with(&key.row()));
        let declared = self.declared().iter().enumerate();
        declared.for_each(|(among, setting)| with(&row(among, setting)));
    }

    /// What OCPP 1.6 calls the setting at that place: printable ASCII that needs no escapes.
    pub fn name(self, place: usize) -> &'a str {
        match Key::ALL.get(place) {
            Some(key) => key.name(),
            None => self.setting(place).map_or("", |setting| setting.name),
        }
    }

    /// The place of the setting that has that name in a frame of OCPP 1.6.
    pub fn find(self, name: Text<'_>) -> Option<usize> {
        if let Some(key) = Key::from_text(name) {
            return Some(key as usize);
        }
        let mut declared = self.declared().iter();
        let among = declared.position(|setting| name.is_ci(setting.name))?;
        Some(OWN + among)
    }

    /// The application's setting with that name; names are compared without case.
    #[cfg(feature = "v201")]
    pub fn find_own(self, name: Text<'_>) -> Option<SettingId> {
        let mut declared = self.declared().iter();
        let setting = declared.find(|setting| name.is_ci(setting.name))?;
        Some(SettingId::Application(setting.number))
    }

    /// The place of a setting, `None` if the application has not declared it.
    pub fn place(self, id: SettingId) -> Option<usize> {
        match id {
            SettingId::Key(key) => Some(key as usize),
            SettingId::Application(number) => {
                let mut declared = self.declared().iter();
                let among = declared.position(|setting| setting.number == number)?;
                Some(OWN + among)
            }
        }
    }

    pub fn id(self, place: usize) -> Option<SettingId> {
        match Key::ALL.get(place) {
            Some(&key) => Some(SettingId::Key(key)),
            None => {
                let setting = self.setting(place)?;
                Some(SettingId::Application(setting.number))
            }
        }
    }

    fn setting(self, place: usize) -> Option<&'a Setting<'a>> {
        self.declared().get(place.checked_sub(OWN)?)
    }
}

/// The row of a setting of the application, from its place among these.
fn row<'a>(among: usize, setting: &Setting<'a>) -> Row<'a> {
    Row {
        place: (OWN + among) as u16,
        record: RecordId::application_setting(setting.number),
        form: match setting.form {
            SettingForm::Boolean { default } => Form::Flag(default),
            SettingForm::Integer { min, max, default } => Form::Number(min, max, default),
            SettingForm::Text {
                max_length,
                default,
            } => Form::Text((OWN_TEXTS + among) as u16, max_length as u16, default),
        },
        mutability: setting.mutability,
        needs_reboot: setting.needs_reboot,
    }
}

/// Some of the settings of a station.
#[derive(Debug, Default)]
pub(in crate::station) struct Places([u32; PLACES.div_ceil(32)]);

impl Places {
    pub fn add(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 32) {
            *word |= 1 << (place % 32);
        }
    }

    pub fn remove(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 32) {
            *word &= !(1 << (place % 32));
        }
    }

    pub fn has(&self, place: usize) -> bool {
        let word = self.0.get(place / 32);
        word.is_some_and(|word| word >> (place % 32) & 1 != 0)
    }
}

/// Some of the lists of measurands: a bit for each.
pub type Lists = u8;

pub const fn bit(list: List) -> Lists {
    1 << list as u8
}
