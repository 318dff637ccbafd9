//! The values of all settings: how they are told, changed, stored and read back.

mod declared;
mod key;
mod keys_report;
mod setting;
mod stored;
mod table;

pub(super) use declared::Declared;
pub(super) use key::GET_CONFIGURATION_MAX_KEYS;
pub use key::Key;
pub(super) use keys_report::KeysReport;
pub use setting::{Mutability, Setting, SettingError, SettingForm, SettingId, SettingValue};
pub(super) use table::{Form, List, Lists, Row, Table, bit};

use heapless::{String, Vec};

use super::{
    memory::Events,
    record::{load, skipped},
};
#[cfg(feature = "firmware-management")]
use crate::domain::TransferProtocol;
use crate::{
    domain::{Measurand, Measured, Phase},
    limits::{CALL_TIMEOUT_MS, CONNECTORS, LIST_LENGTH, READINGS, SETTING_LENGTH},
    storage::Storage,
    wire::{Text, Writer, number, text::halves},
};

use key::PROFILES;
use setting::is_text;
use table::{PLACES, TEXTS};

/// Measurands in the order in which the central system asked for them.
pub(super) type Measurands = Vec<Measured, LIST_LENGTH>;

const ROTATIONS: [&str; 8] = [
    "NotApplicable",
    "Unknown",
    "RST",
    "RTS",
    "SRT",
    "STR",
    "TRS",
    "TSR",
];

/// Bytes of the longest record of a setting that this build writes.
const RECORD: usize = {
    let list = CONNECTORS + 2 + 2 * LIST_LENGTH + 4;
    match TEXTS {
        0 => list,
        _ if list > 1 + SETTING_LENGTH => list,
        _ => 1 + SETTING_LENGTH,
    }
};

/// The values of all settings.
#[derive(Debug)]
pub(super) struct Settings {
    /// At the place of each that is a number or a flag.
    numbers: [i32; PLACES],
    texts: [String<SETTING_LENGTH>; TEXTS],
    lists: [Measurands; 4],
    /// What the lists may name.
    pub(super) declared: Declared,
    /// Place in [`ROTATIONS`] for connector 0 and each connector.
    rotation: [u8; CONNECTORS + 1],
    connectors: u8,
}

impl Settings {
    pub const fn new() -> Self {
        Self {
            numbers: [0; PLACES],
            texts: [const { String::new() }; TEXTS],
            lists: [const { Vec::new() }; 4],
            declared: Declared::new(),
            rotation: [0; CONNECTORS + 1],
            connectors: 0,
        }
    }

    /// Gives every setting its default.
    pub fn clear(&mut self, connectors: u8, table: Table<'_>) {
        self.connectors = connectors;
        self.declared = Declared::new();
        table.each(|row| self.reset(row));
    }

    /// [`Self::parse`] for a value with escapes, which has to be copied: rare, and too large for
    /// the stack of those without.
    #[inline(never)]
    pub fn parse_escaped(&mut self, row: &Row<'_>, value: Text<'_>) -> bool {
        let value: Option<String<500>> = value.to_string();
        value.is_some_and(|value| self.parse(row, &value))
    }

    /// Gives a setting its default.
    fn reset(&mut self, row: &Row<'_>) {
        match row.form {
            Form::Flag(default) => self.set(row, default.into()),
            Form::Number(_, _, default) | Form::Fixed(default) => self.set(row, default),
            Form::Text(place, _, default) => {
                self.set_text(place, default);
            }
            Form::Measurands(list, defaults) => {
                let mut measurands = Measurands::new();
                for &measurand in defaults {
                    // No default is longer than the shortest list.
                    let _ = measurands.push(Measured::of(measurand));
                }
                self.set_list(list, measurands);
            }
            Form::Connectors => self.set(row, self.connectors.into()),
            Form::Rotation => self.rotation = [0; CONNECTORS + 1],
            Form::Word(_) | Form::Profiles => {}
            #[cfg(feature = "firmware-management")]
            Form::Protocols => {}
            #[cfg(feature = "security")]
            Form::Access | Form::Secret => {}
        }
    }

    /// Takes the stored values over the defaults; a record that is no value of its setting any
    /// more is passed over.
    pub fn load(&mut self, table: Table<'_>, storage: &mut dyn Storage, events: &mut Events) {
        table.each(|row| {
            if row.mutability != Mutability::ReadOnly {
                self.take_stored(row, storage, events);
            }
        });
    }

    /// Gives a setting its stored value, or its default.
    pub fn restore(&mut self, row: &Row<'_>, storage: &mut dyn Storage, events: &mut Events) {
        self.reset(row);
        self.take_stored(row, storage, events);
    }

    /// Gives a setting its stored value, if it has one.
    fn take_stored(&mut self, row: &Row<'_>, storage: &mut dyn Storage, events: &mut Events) {
        let mut buffer = [0; RECORD];
        if let Some(record) = load(storage, events, row.record, &mut buffer)
            && self.decode(row, record).is_none()
        {
            skipped(events, row.record);
        }
    }

    pub fn number(&self, key: Key) -> u32 {
        // None of the station's own is below 0.
        self.number_at(key as usize) as u32
    }

    fn number_at(&self, place: usize) -> i32 {
        self.numbers.get(place).copied().unwrap_or(0)
    }

    fn text_at(&self, place: u16) -> &str {
        self.texts.get(usize::from(place)).map_or("", |text| text)
    }

    /// The value of a setting that has one of a simple form.
    pub fn value(&self, row: &Row<'_>) -> Option<SettingValue<'_>> {
        let number = self.number_at(row.place());
        match row.form {
            Form::Flag(_) => Some(SettingValue::Boolean(number != 0)),
            Form::Number(..) | Form::Fixed(_) => Some(SettingValue::Integer(number)),
            Form::Text(place, ..) => Some(SettingValue::Text(self.text_at(place))),
            _ => None,
        }
    }

    pub fn flag(&self, key: Key) -> bool {
        self.number(key) != 0
    }

    /// A number of seconds as milliseconds.
    pub fn millis(&self, key: Key) -> u64 {
        u64::from(self.number(key)) * 1000
    }

    /// How long a CALL waits for its answer, in milliseconds: the build's time-out, which need not
    /// be whole seconds, until `MessageTimeout` says something else.
    pub fn message_timeout(&self) -> u64 {
        match self.millis(Key::MessageTimeout) {
            millis if millis == CALL_TIMEOUT_MS.next_multiple_of(1000) => CALL_TIMEOUT_MS,
            millis => millis,
        }
    }

    #[inline(never)]
    fn list(&self, list: List) -> &[Measured] {
        self.lists.get(list as usize).map_or(&[], |list| list)
    }

    /// What a list asks for. By practice, an empty MeterValuesSampledData asks for the register; the
    /// others ask for nothing then (3.16.5).
    pub fn measurands(&self, list: List) -> &[Measured] {
        const REGISTER: [Measured; 1] = [Measured::of(Measurand::EnergyActiveImportRegister)];
        match self.list(list) {
            [] if list == List::Sampled => &REGISTER,
            named => named,
        }
    }

    /// Sets the heartbeat interval that a BootNotification was answered with.
    pub fn set_heartbeat_interval(&mut self, seconds: u32) {
        self.set_number(Key::HeartbeatInterval, seconds);
    }

    /// Sets how many values a transactionData has at most.
    pub fn set_stop_values(&mut self, most: u32) {
        self.set_number(Key::StopTransactionMaxMeterValues, most);
    }

    /// Sets how many periods a charging schedule may have.
    #[cfg(feature = "smart-charging")]
    pub fn set_charging_periods(&mut self, most: u32) {
        self.set_number(Key::ChargingScheduleMaxPeriods, most);
    }

    /// Sets whether connectors can go from three phases to one.
    #[cfg(feature = "smart-charging")]
    pub fn set_switches_phases(&mut self, switches: bool) {
        self.set_number(Key::ConnectorSwitch3to1PhaseSupported, switches.into());
    }

    /// Sets how files can be transferred.
    #[cfg(feature = "firmware-management")]
    pub fn set_transfer_protocols(&mut self, protocols: &[TransferProtocol]) {
        let bits = protocols.iter().fold(0, |bits, it| bits | 1 << *it as u8);
        self.set_number(Key::SupportedFileTransferProtocols, bits);
    }

    /// Sets what SecurityProfile says.
    #[cfg(feature = "security")]
    pub fn set_security_profile(&mut self, profile: u8) {
        self.set_number(Key::SecurityProfile, profile.into());
    }

    /// Sets what AdditionalRootCertificateCheck says.
    #[cfg(feature = "security")]
    pub fn set_checks_additional_root(&mut self, checks: bool) {
        self.set_number(Key::AdditionalRootCertificateCheck, checks.into());
    }

    /// The text of CpoName.
    #[cfg(feature = "security")]
    pub fn cpo_name(&self) -> &str {
        self.text_at(0)
    }

    /// Writes a setting as GetConfiguration answers it (7.29 KeyValue), by its name there. One that
    /// is write-only has no value.
    pub fn write(&self, w: &mut Writer<'_>, row: &Row<'_>, name: &str) {
        w.begin_object();
        w.begin_open_text("key");
        w.raw(name);
        w.end_open_text();
        w.boolean("readonly", row.mutability == Mutability::ReadOnly);
        if row.mutability != Mutability::WriteOnly {
            w.begin_open_text("value");
            self.write_value(w, row);
            w.end_open_text();
        }
        w.end_object();
    }

    pub fn write_value(&self, w: &mut Writer<'_>, row: &Row<'_>) {
        let number = self.number_at(row.place());
        match row.form {
            Form::Flag(_) => w.raw(if number != 0 { "true" } else { "false" }),
            #[cfg(feature = "security")]
            Form::Access => w.raw(number::Digits::decimal(number.into(), 0).as_str()),
            #[cfg(feature = "security")]
            Form::Secret => {}
            Form::Number(..) | Form::Fixed(_) | Form::Connectors => {
                w.raw(number::Digits::decimal(number.into(), 0).as_str());
            }
            Form::Text(place, ..) if TEXTS > 0 => w.escaped(self.text_at(place).chars()),
            Form::Measurands(list, _) => {
                for (place, measured) in self.list(list).iter().enumerate() {
                    w.raw(if place > 0 { "," } else { "" });
                    measured.write(w);
                }
            }
            Form::Rotation => {
                let entries = self.rotation.iter().take(usize::from(self.connectors) + 1);
                for (connector, &rotation) in entries.enumerate() {
                    w.raw(if connector > 0 { "," } else { "" });
                    w.raw(number::Digits::decimal(connector as i64, 0).as_str());
                    w.raw(".");
                    w.raw(ROTATIONS.get(usize::from(rotation)).unwrap_or(&""));
                }
            }
            Form::Text(..) => {}
            Form::Word(word) => w.raw(word),
            Form::Profiles => {
                for (place, profile) in PROFILES.iter().enumerate() {
                    w.raw(if place > 0 { "," } else { "" });
                    w.raw(profile);
                }
            }
            #[cfg(feature = "firmware-management")]
            Form::Protocols => {
                let all = TransferProtocol::ALL.iter();
                let known = all.filter(|it| number >> **it as u8 & 1 != 0);
                for (place, protocol) in known.enumerate() {
                    w.raw(if place > 0 { "," } else { "" });
                    w.raw(protocol.as_str());
                }
            }
        }
    }

    /// Sets a setting from text; false when that is no value of it.
    pub(super) fn parse(&mut self, row: &Row<'_>, value: &str) -> bool {
        if let Form::Text(place, max_length, _) = row.form
            && TEXTS > 0
        {
            return row.mutability != Mutability::ReadOnly
                && is_text(value, max_length.into())
                && self.set_text(place, value);
        }
        let value = value.trim_ascii();
        match row.form {
            _ if row.mutability == Mutability::ReadOnly => return false,
            Form::Flag(_) => {
                let flag = value.eq_ignore_ascii_case("true");
                if !flag && !value.eq_ignore_ascii_case("false") {
                    return false;
                }
                self.set(row, flag.into());
            }
            Form::Number(min, max, _) => match number::signed(value, min < 0) {
                Some(number) if (min..=max).contains(&number) => self.set(row, number),
                _ => return false,
            },
            Form::Measurands(list, _) => match parse_measurands(value, &self.declared) {
                Some(measurands) => return self.change_list(list, measurands),
                None => return false,
            },
            Form::Rotation => return self.parse_rotation(value),
            // The rest is read-only.
            _ => return false,
        }
        true
    }

    fn set_number(&mut self, key: Key, value: u32) {
        self.set(&key.row(), i32::try_from(value).unwrap_or(i32::MAX));
    }

    fn set(&mut self, row: &Row<'_>, value: i32) {
        if let Some(number) = self.numbers.get_mut(row.place()) {
            *number = value;
        }
    }

    /// False, and nothing changed, when it is too long.
    fn set_text(&mut self, place: u16, value: &str) -> bool {
        let text = self.texts.get_mut(usize::from(place));
        text.is_some_and(|text| {
            let fits = value.len() <= text.capacity();
            if fits {
                text.clear();
                let _ = text.push_str(value);
            }
            fits
        })
    }

    fn set_list(&mut self, list: List, measurands: Measurands) {
        if let Some(place) = self.lists.get_mut(list as usize) {
            *place = measurands;
        }
    }

    /// False, and nothing changed, when a connector has no room for all readings that the four
    /// lists would ask for.
    fn change_list(&mut self, list: List, measurands: Measurands) -> bool {
        let Some(place) = self.lists.get_mut(list as usize) else {
            return false;
        };
        let before = ::core::mem::replace(place, measurands);
        let fits = self.readings() <= READINGS;
        if !fits {
            self.set_list(list, before);
        }
        fits
    }

    /// Readings that the register and the lists ask for, as far as it is known what is measured.
    fn readings(&self) -> usize {
        let mut readings = 0;
        self.declared.all(&mut |measured| {
            readings += usize::from(self.asks_for(measured));
            true
        });
        readings
    }

    /// True when a reading is of use: it bills, or one of the four lists names it.
    pub fn asks_for(&self, measured: Measured) -> bool {
        measured == Measured::of(Measurand::EnergyActiveImportRegister)
            || self.is_named(measured, Lists::MAX)
    }

    /// True when one of these lists names a reading.
    pub fn is_named(&self, Measured { measurand, phase }: Measured, lists: Lists) -> bool {
        let names_it =
            |named: &Measured| named.measurand == measurand && self.declared.names(*named, phase);
        let mut all = self.lists.iter().enumerate();
        all.any(|(place, list)| lists >> place & 1 != 0 && list.iter().any(names_it))
    }

    /// `0.RST, 1.RTS`; connectors that are not named keep their rotation.
    fn parse_rotation(&mut self, value: &str) -> bool {
        let mut rotation = self.rotation;
        for entry in entries(value) {
            let (connector, Some(name)) = halves(entry, b'.') else {
                return false;
            };
            let place = ROTATIONS
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name));
            let connector = number::unsigned(connector)
                .filter(|&connector| connector <= self.connectors.into())
                .and_then(|connector| rotation.get_mut(connector as usize));
            match (place, connector) {
                (Some(place), Some(connector)) => *connector = place as u8,
                _ => return false,
            }
        }
        self.rotation = rotation;
        true
    }
}

/// The entries of a list that commas separate, without the white space around them.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    let mut left = Some(list);
    core::iter::from_fn(move || {
        let (entry, rest) = halves(left?, b',');
        left = rest;
        Some(entry.trim_ascii())
    })
}

/// An entry of a stored list; `None` for one that this firmware does not know.
fn stored_measured(measurand: u8, phase: u8) -> Option<Measured> {
    Some(Measured {
        measurand: Measurand::from_number(measurand)?,
        phase: match phase {
            u8::MAX => None,
            phase => Some(Phase::from_number(phase)?),
        },
    })
}

/// `Energy.Active.Import.Register,Voltage.L1`: `None` if one of them is not known, is not measured,
/// is there twice, or is one too many.
fn parse_measurands(value: &str, declared: &Declared) -> Option<Measurands> {
    let mut measurands = Measurands::new();
    if value.is_empty() {
        return Some(measurands);
    }
    for entry in entries(value) {
        let measured = Measured::from_name(entry)?;
        if !declared.allows(measured) || measurands.contains(&measured) {
            return None;
        }
        measurands.push(measured).ok()?;
    }
    Some(measurands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    fn defaults() -> Settings {
        let mut configuration = Settings::new();
        configuration.clear(2, Table::new(&[]));
        configuration
    }

    fn text(configuration: &Settings, key: Key) -> std::string::String {
        let mut buffer = [0; 1000];
        let mut w = Writer::new(&mut buffer);
        configuration.write(&mut w, &key.row(), key.name());
        let length = w.len();
        std::string::String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// False for what cannot be changed, and for what the part `access` keeps.
    fn is_kept_here(key: Key) -> bool {
        !key.is_read_only() && !matches!(key.name(), "SecurityProfile" | "AuthorizationKey")
    }

    #[test]
    fn every_default_is_a_value_of_its_key_and_survives_a_reboot() {
        let mut storage = MemoryStorage::<4096>::new();
        let mut configuration = defaults();
        configuration.rotation[1] = 2;
        for &key in Key::ALL.iter().filter(|key| is_kept_here(**key)) {
            let before = text(&configuration, key);
            let value = before.split('"').nth(9).unwrap_or("").to_owned();
            let value = if value.is_empty() {
                before.split('"').rev().nth(1).unwrap().to_owned()
            } else {
                value
            };
            assert!(configuration.parse(&key.row(), &value), "{before}");
            assert_eq!(text(&configuration, key), before);
            configuration.save(&key.row(), &mut storage).unwrap();
        }
        let mut loaded = defaults();
        loaded.load(Table::new(&[]), &mut storage, &mut Events::new());
        for &key in Key::ALL {
            assert_eq!(text(&loaded, key), text(&configuration, key));
        }
    }

    #[test]
    fn refuses_what_is_no_value() {
        use Key::*;
        let mut configuration = defaults();
        for (key, value) in [
            (AuthorizationCacheEnabled, "yes"),
            (AuthorizationCacheEnabled, ""),
            (HeartbeatInterval, "0"),
            (HeartbeatInterval, "-1"),
            (HeartbeatInterval, "1.5"),
            (HeartbeatInterval, "2147483648"),
            (LightIntensity, "101"),
            (
                MeterValuesSampledData,
                "Energy.Active.Import.Register,Nonsense",
            ),
            (MeterValuesSampledData, "Voltage-L4"),
            (MeterValuesSampledData, "Voltage,Voltage"),
            (MeterValuesSampledData, "Voltage,"),
            (ConnectorPhaseRotation, "RST"),
            (ConnectorPhaseRotation, "3.RST"),
            (ConnectorPhaseRotation, "1.XYZ"),
            (NumberOfConnectors, "2"),
        ] {
            let before = text(&configuration, key);
            assert!(!configuration.parse(&key.row(), value), "{key:?} {value}");
            assert_eq!(text(&configuration, key), before);
        }
        assert!(configuration.parse(&MeterValuesSampledData.row(), "Voltage-L1-N, SoC"));
        assert!(text(&configuration, MeterValuesSampledData).contains("Voltage.L1-N,SoC"));
        assert!(configuration.parse(&ConnectorPhaseRotation.row(), "1.rst,2.TSR"));
        assert!(
            text(&configuration, ConnectorPhaseRotation).contains("0.NotApplicable,1.RST,2.TSR")
        );
    }
}
