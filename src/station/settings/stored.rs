//! How the value of a setting is stored, and read back.

use super::{
    Form, Measurands, ROTATIONS, Row, Settings, setting::is_text, stored_measured, table::TEXTS,
};
use crate::{
    domain::Measured,
    limits::READINGS,
    station::record::{Decoder, Encoder},
    storage::{Storage, StorageError},
};

impl Settings {
    pub fn save(&self, row: &Row<'_>, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let mut record = Encoder::default();
        if let Some(tag) = row.tag() {
            record.u8(tag);
        }
        match row.form {
            Form::Measurands(list, _) => {
                for &Measured { measurand, phase } in self.list(list) {
                    record.u8(measurand as u8);
                    record.u8(phase.map_or(u8::MAX, |phase| phase as u8));
                }
            }
            Form::Rotation => record.raw(&self.rotation),
            Form::Text(place, ..) if TEXTS > 0 => record.raw(self.text_at(place).as_bytes()),
            _ => record.i32(self.number_at(row.place())),
        }
        let bytes = record.bytes().ok_or(StorageError::Full)?;
        storage.write(row.record, bytes)
    }

    /// `None`, and nothing changed, when a record is no value of its setting.
    pub(super) fn decode(&mut self, row: &Row<'_>, mut record: Decoder<'_>) -> Option<()> {
        if row.tag().is_some_and(|tag| record.u8() != Some(tag)) {
            return None;
        }
        match row.form {
            Form::Flag(_) => {
                let value = record.i32().filter(|value| (0..=1).contains(value))?;
                self.set(row, value);
            }
            Form::Number(min, max, _) => {
                let value = record.i32().filter(|value| (min..=max).contains(value))?;
                self.set(row, value);
            }
            Form::Text(place, max_length, _) if TEXTS > 0 => {
                let text = ::core::str::from_utf8(record.rest()).ok()?;
                let is_value = is_text(text, max_length.into()) && self.set_text(place, text);
                return is_value.then_some(());
            }
            Form::Measurands(list, _) => {
                let mut measurands = Measurands::new();
                while let (Some(measurand), Some(phase)) = (record.u8(), record.u8()) {
                    // What is not measured, or not known, any more leaves the rest as it is.
                    if let Some(entry) = stored_measured(measurand, phase)
                        && self.declared.allows(entry)
                    {
                        measurands.push(entry).ok()?;
                    }
                }
                self.set_list(list, measurands);
                // A build that keeps fewer readings reports as many as it can.
                while self.readings() > READINGS
                    && let Some(place) = self.lists.get_mut(list as usize)
                    && place.pop().is_some()
                {}
            }
            Form::Rotation => {
                for (place, &value) in self.rotation.iter_mut().zip(record.rest()) {
                    if usize::from(value) < ROTATIONS.len() {
                        *place = value;
                    }
                }
            }
            // The rest is never stored.
            _ => {}
        }
        Some(())
    }
}
