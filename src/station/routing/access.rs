//! Security profile and AuthorizationKey (security whitepaper, A00 and A05): changes of them, and the
//! connection that is made anew with them.

use heapless::String;

use crate::{
    domain::{
        AUTHORIZATION_KEY_LENGTH, ConfigurationStatus, Credentials, SecurityEvent, SecuritySetup,
    },
    station::{
        Station,
        settings::{Form, Row},
    },
    wire::Text,
};

impl<'a> Station<'a> {
    /// What the application brings along for secure connections; before the first
    /// [`Station::poll`], and again when a certificate comes or goes.
    pub fn declare_security(&mut self, setup: SecuritySetup<'a>) {
        self.quiet_until = 0;
        self.security_setup = setup;
        self.cx
            .settings
            .set_checks_additional_root(setup.checks_additional_root);
        self.tell_security_profile();
        self.security_events
            .declare(&mut self.cx, setup.tells_events);
    }

    /// What the connection is to be made with that [`Output::Connect`](crate::station::Output::Connect)
    /// asks for.
    pub fn credentials(&self) -> Credentials<'_> {
        self.access.credentials(&self.security_setup)
    }

    /// Gives SecurityProfile or AuthorizationKey another value; `None` for any other setting.
    pub(in crate::station) fn change_if_access(
        &mut self,
        row: &Row<'_>,
        value: &str,
    ) -> Option<ConfigurationStatus> {
        let setup = &SecuritySetup {
            has_central_system_root: self.security_setup.has_central_system_root
                || self.certificates.has_central_system_root(),
            has_charge_point_certificate: self.security_setup.has_charge_point_certificate
                || self.certificates.has_own(),
            ..self.security_setup
        };
        let access = &mut self.access;
        let is_changed = match row.form {
            Form::Access => access.raise(&mut self.cx, setup, value),
            Form::Secret => access.set_key(&mut self.cx, setup, value),
            _ => return None,
        };
        Some(match is_changed {
            true => {
                self.note_security(SecurityEvent::ReconfigurationOfSecurityParameters, "");
                ConfigurationStatus::Accepted
            }
            false => ConfigurationStatus::Rejected,
        })
    }

    /// The same for a value as it stands in a frame.
    pub(in crate::station) fn change_if_access_text(
        &mut self,
        row: &Row<'_>,
        value: Text<'_>,
    ) -> Option<ConfigurationStatus> {
        // What is longer is no value of either.
        let value: Option<String<{ 2 * AUTHORIZATION_KEY_LENGTH }>> = value.to_string();
        self.change_if_access(row, value.as_deref().unwrap_or(""))
    }

    /// When the connection is to be made anew.
    pub(in crate::station) fn renewal_at(&self) -> Option<u64> {
        self.access.renewal_at(self.rpc.is_idle())
    }

    /// Makes the connection anew, with what was changed.
    pub(in crate::station) fn renew_connection(&mut self) {
        match self.connection.is_up() {
            true => self.give_connection_up(),
            false => self.access.closed(),
        }
        self.connection.retry_now(self.cx.now);
    }

    /// An attempt to connect is about to be made.
    pub(in crate::station) fn access_attempted(&mut self) {
        if self.access.attempt(&mut self.cx) {
            self.tell_security_profile();
        }
    }

    /// A connection is open.
    pub(in crate::station) fn access_gained(&mut self) {
        let profile = self.credentials().security_profile;
        self.certificates.connected(&mut self.cx, profile);
        self.access.connected(&mut self.cx);
        self.tell_security_profile();
    }

    /// A connection is closed, or was not made.
    pub(in crate::station) fn access_lost(&mut self, was_up: bool) {
        match was_up {
            true => {
                self.access.closed();
                self.certificates.connection_ended();
            }
            false => {
                let profile = self.credentials().security_profile;
                let setup = &self.security_setup;
                self.certificates.attempt_failed(profile, setup);
                self.access.failed();
            }
        }
    }

    /// Keeps what the configuration key says up to date.
    pub(in crate::station) fn tell_security_profile(&mut self) {
        let profile = self.credentials().security_profile;
        self.cx.settings.set_security_profile(profile);
    }
}
