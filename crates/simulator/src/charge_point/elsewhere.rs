//! Another central system for the same charge point, or another name at the same one.

use std::sync::Arc;

use ocpp::{Version, domain::Reason};
use serde_json::json;

use super::{
    Answer, Settings, Unanswered,
    powered::{End, Powered},
};
use crate::{
    address::{Access, Address, redacted},
    password::Password,
    station_json::version_name,
    tls::TlsFiles,
};

/// What is to be different; `None` for what stays.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The URL of the central system.
    pub csms: Option<String>,
    pub identity: Option<String>,
    /// `Some(None)` for none any more.
    pub password: Option<Option<Password>>,
    pub version: Option<Version>,
}

impl Settings {
    /// The same charge point elsewhere. The error is for the user.
    pub fn elsewhere(&self, elsewhere: &Elsewhere) -> Result<Self, String> {
        let csms = elsewhere.csms.as_deref();
        let csms = csms.unwrap_or_else(|| self.address.csms());
        let identity = elsewhere.identity.as_ref().unwrap_or(&self.identity);
        let address = Address::new(csms, identity)?;
        let password = match &elsewhere.password {
            Some(password) => password.clone(),
            None => self.access.password.clone(),
        };
        if password.is_some() {
            address.takes_password()?;
        }
        let tls = TlsFiles {
            prefers_system_roots: address.is_secure,
            ..TlsFiles::clone(&self.tls)
        };
        Ok(Self {
            version: elsewhere.version.unwrap_or(self.version),
            access: Access::first(address.is_secure, password, tls.own.is_some()),
            identity: identity.clone(),
            address,
            tls: Arc::new(tls),
            ..self.clone()
        })
    }
}

impl Powered<'_> {
    /// Ends transactions, and restarts elsewhere.
    pub(super) fn go_elsewhere(&mut self, elsewhere: &Elsewhere) -> Answer {
        let settings = self
            .settings
            .elsewhere(elsewhere)
            .map_err(Unanswered::NotUnderstood)?;
        self.stop_transactions(Reason::Reboot);
        let shown = json!({
            "csms": redacted(settings.address.csms()),
            "identity": settings.identity,
            "version": version_name(settings.version),
        });
        self.end = Some(End::Elsewhere(Box::new(settings)));
        Ok(shown)
    }
}
