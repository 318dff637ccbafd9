//! Configuration keys: told, changed, and what follows from a change.

use crate::{
    domain::{ConfigurationStatus, Measured},
    station::{
        Event, Key, SettingId, Station,
        settings::{Form, GET_CONFIGURATION_MAX_KEYS, KeysReport, Row},
    },
    wire::{ErrorCode, Json, Text, Writer, field::Violation},
};

impl Station<'_> {
    /// The meters measure this, and the register that bills, and nothing else: for
    /// an application that did not know it yet for [`Profile::measurands`](crate::station::Profile). A list
    /// that names something else is Rejected from now on; a stored one keeps the rest.
    pub fn declare_measurands(&mut self, measured: &[Measured]) {
        self.quiet_until = 0;
        self.cx.settings.declared.set(measured);
        let rows = Key::ALL.iter().map(|key| key.row());
        for row in rows.filter(|row| matches!(row.form, Form::Measurands(..))) {
            self.cx
                .settings
                .restore(&row, self.cx.storage, self.cx.events);
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
        self.cx.settings.write_value(&mut w, &key.row());
        let (length, overflowed) = (w.len(), w.overflowed());
        let bytes = buffer.get(..length).filter(|_| !overflowed)?;
        ::core::str::from_utf8(bytes).ok()
    }

    /// Gives a setting a value, as ChangeConfiguration does (5.3), and stores it: one of the station
    /// by its [`Key`], one of the application by [`SettingId::Application`]. Afterwards
    /// [`Station::poll`] is called until it waits, as after [`Station::handle`].
    ///
    /// `RebootRequired` means that the application carries the value out with the next boot.
    /// `Rejected` means that the setting is read-only, that this is no value of it, or that it could
    /// not be stored; nothing has changed then. Only the first two go without an
    /// [`Event::StorageFailed`]. `NotSupported` means that the application has no such setting.
    pub fn configure(
        &mut self,
        now: u64,
        setting: impl Into<SettingId>,
        value: &str,
    ) -> ConfigurationStatus {
        self.cx.now = self.cx.now.max(now);
        self.quiet_until = 0;
        let table = self.cx.table();
        let place = table.place(setting.into());
        let Some(row) = place.and_then(|place| table.row(place)) else {
            return ConfigurationStatus::NotSupported;
        };
        #[cfg(feature = "security")]
        if let Some(status) = self.change_if_access(&row, value) {
            return status;
        }
        match self.cx.settings.parse(&row, value) {
            true => self.configuration_changed(&row),
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
        let id = self.cx.table().find(name);
        match id.and_then(|place| self.cx.table().id(place)) {
            Some(id) => self.change_setting(id, value),
            None => ConfigurationStatus::NotSupported,
        }
    }

    /// Gives a setting another value.
    pub(in crate::station) fn change_setting(
        &mut self,
        id: SettingId,
        value: Text<'_>,
    ) -> ConfigurationStatus {
        let table = self.cx.table();
        let place = table.place(id);
        let Some(row) = place.and_then(|place| table.row(place)) else {
            return ConfigurationStatus::NotSupported;
        };
        #[cfg(feature = "security")]
        if let Some(status) = self.change_if_access_text(&row, value) {
            return status;
        }
        let set = match value.plain() {
            Some(value) => self.cx.settings.parse(&row, value),
            None => self.cx.settings.parse_escaped(&row, value),
        };
        match set {
            true => self.configuration_changed(&row),
            false => ConfigurationStatus::Rejected,
        }
    }

    /// A setting has just got another value, which has to last.
    fn configuration_changed(&mut self, row: &Row<'_>) -> ConfigurationStatus {
        if let Err(error) = self.cx.settings.save(row, self.cx.storage) {
            // A value that would be gone after the next boot is not accepted.
            self.cx
                .settings
                .restore(row, self.cx.storage, self.cx.events);
            self.cx.emit(Event::StorageFailed(error));
            return ConfigurationStatus::Rejected;
        }
        match self.cx.table().id(row.place()) {
            Some(SettingId::Key(key)) => self.key_changed(key),
            Some(SettingId::Application(number)) => self.cx.emit(Event::SettingChanged(number)),
            None => {}
        }
        match row.needs_reboot {
            true => ConfigurationStatus::RebootRequired,
            false => ConfigurationStatus::Accepted,
        }
    }

    fn key_changed(&mut self, key: Key) {
        match key {
            Key::MeterValueSampleInterval => self.reschedule_samples(),
            Key::ClockAlignedDataInterval => self.metering.reschedule_aligned(&self.cx),
            #[cfg(feature = "local-list")]
            Key::LocalAuthListEnabled => self.local_list_switched(),
            _ => self.metering.await_all(),
        }
        self.cx.emit(Event::ConfigurationChanged(key));
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
        let table = self.cx.table();
        let mut keys = match count {
            0 => KeysReport::all(table),
            _ => KeysReport::of(names().filter_map(|name| table.find(name))),
        };
        let settings = &self.cx.settings;
        self.rpc.answer_in_parts(id, &mut |w| {
            w.begin_object();
            let unknown = || names().filter(|&name| table.find(name).is_none());
            if unknown().next().is_some() {
                w.begin_list("unknownKey");
                unknown().for_each(|name| w.element(name.chars()));
                w.end_list();
            }
            w.begin_list("configurationKey");
            // What did not fit until here has no end either.
            w.overflowed() || keys.write(w, settings, table)
        });
        self.keys_report = keys;
        Ok(())
    }

    /// Goes on with an answer that did not fit into the transmit buffer.
    #[inline(never)]
    pub(in crate::station) fn go_on_with_configuration(&mut self) {
        if self.rpc.wants_next_part() {
            let (keys, settings) = (&mut self.keys_report, &self.cx.settings);
            let table = self.cx.table();
            self.rpc.next_part(&mut |w| keys.write(w, settings, table));
        }
    }
}
