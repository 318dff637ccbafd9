//! Configuration keys: told, changed, and what follows from a change.

use crate::{
    domain::{ConfigurationStatus, Measured},
    station::{
        Event, Key, Station,
        settings::{Form, GET_CONFIGURATION_MAX_KEYS, KeysToTell},
    },
    wire::{ErrorCode, Json, Text, Writer, field::Violation},
};

impl Station<'_> {
    /// The meters measure this, and the register that bills, and nothing else: for
    /// an application that did not know it yet for [`Profile::measurands`](crate::station::Profile). A list
    /// that names something else is Rejected from now on; a stored one keeps the rest.
    pub fn declare_measurands(&mut self, measured: &[Measured]) {
        self.cx.settings.declared.set(measured);
        let lists = Key::ALL.iter().copied();
        for key in lists.filter(|key| matches!(key.form(), Form::Measurands(..))) {
            self.cx
                .settings
                .restore(key, self.cx.storage, self.cx.events);
        }
    }

    /// The value of a whole-number or Boolean (0, 1) key; 0 for any other.
    pub fn configuration_number(&self, key: Key) -> u32 {
        self.cx.settings.number(key)
    }

    /// The value of a key as GetConfiguration answers it, written into `buffer`; nothing when it
    /// does not fit. Long lists of measurands
    /// need most: up to 42 bytes for each of [`LIST_LENGTH`](crate::limits::LIST_LENGTH).
    pub fn configuration_text<'b>(&self, key: Key, buffer: &'b mut [u8]) -> Option<&'b str> {
        let mut w = Writer::new(buffer);
        self.cx.settings.write_value(&mut w, key);
        let (length, overflowed) = (w.len(), w.overflowed());
        let bytes = buffer.get(..length).filter(|_| !overflowed)?;
        ::core::str::from_utf8(bytes).ok()
    }

    /// Gives a key a value, as ChangeConfiguration does (5.3), and stores it. Afterwards
    /// [`Station::poll`] is called until it waits, as after [`Station::handle`].
    ///
    /// `Rejected` means that the key is read-only, that this is no value of it, or that it could
    /// not be stored; nothing has changed then. Only the first two go without an
    /// [`Event::StorageFailed`].
    pub fn configure(&mut self, now: u64, key: Key, value: &str) -> ConfigurationStatus {
        self.cx.now = self.cx.now.max(now);
        match self.cx.settings.parse(key, value) {
            true => self.configuration_changed(key),
            false => ConfigurationStatus::Rejected,
        }
    }

    /// Carries a ChangeConfiguration out (5.3).
    #[inline(never)]
    pub(in crate::station) fn change_configuration(
        &mut self,
        name: Text<'_>,
        value: Text<'_>,
    ) -> ConfigurationStatus {
        let Some(key) = Key::from_text(name) else {
            return ConfigurationStatus::NotSupported;
        };
        let set = match value.plain() {
            Some(value) => self.cx.settings.parse(key, value),
            None => self.cx.settings.parse_escaped(key, value),
        };
        match set {
            true => self.configuration_changed(key),
            false => ConfigurationStatus::Rejected,
        }
    }

    /// A key has just got another value, which has to last.
    fn configuration_changed(&mut self, key: Key) -> ConfigurationStatus {
        if let Err(error) = self.cx.settings.save(key, self.cx.storage) {
            // A value that would be gone after the next boot is not accepted.
            self.cx
                .settings
                .restore(key, self.cx.storage, self.cx.events);
            self.cx.emit(Event::StorageFailed(error));
            return ConfigurationStatus::Rejected;
        }
        match key {
            Key::MeterValueSampleInterval => self.reschedule_samples(),
            Key::ClockAlignedDataInterval => self.metering.reschedule_aligned(&self.cx),
            _ => self.metering.await_all(),
        }
        self.cx.emit(Event::ConfigurationChanged(key));
        ConfigurationStatus::Accepted
    }

    /// 5.8 GetConfiguration.
    #[inline(never)]
    pub(in crate::station) fn get_configuration(
        &mut self,
        id: &str,
        keys: Option<Json<'_>>,
    ) -> Result<(), Violation> {
        let names = || {
            let elements = keys.into_iter().flat_map(Json::elements);
            elements.filter_map(Json::text)
        };
        let count = names().count();
        if count > GET_CONFIGURATION_MAX_KEYS as usize {
            return Err(Violation {
                code: ErrorCode::OccurenceConstraintViolation,
                field: "key",
            });
        }
        let known = names().filter_map(Key::from_text);
        let mut keys = match count {
            0 => KeysToTell::of(Key::ALL.iter().copied()),
            _ => KeysToTell::of(known),
        };
        let settings = &self.cx.settings;
        self.rpc.answer_in_parts(id, &mut |w| {
            w.begin_object();
            let unknown = || names().filter(|&name| Key::from_text(name).is_none());
            if unknown().next().is_some() {
                w.begin_list("unknownKey");
                unknown().for_each(|name| w.element(name.chars()));
                w.end_list();
            }
            w.begin_list("configurationKey");
            // What did not fit until here has no end either.
            w.overflowed() || keys.write(w, settings)
        });
        self.keys_to_tell = keys;
        Ok(())
    }

    /// Goes on with an answer that did not fit into the transmit buffer.
    #[inline(never)]
    pub(in crate::station) fn go_on_with_configuration(&mut self) {
        if self.rpc.wants_next_part() {
            let (keys, settings) = (&mut self.keys_to_tell, &self.cx.settings);
            self.rpc.next_part(&mut |w| keys.write(w, settings));
        }
    }
}
