//! A session of an application in Rust.

use ocpp::domain::{AuthorizationStatus, IdToken};

use crate::{charge_point, errno::Error, sessions::Handle};

/// What ties an idTag to a transaction. It is closed when it goes out of scope, and a
/// transaction that still runs is stopped then.
#[derive(Debug)]
pub struct Session(Handle);

impl Session {
    /// Opens one.
    ///
    /// # Errors
    ///
    /// [`Error::NoMemory`] when `CONFIG_OCPP_SESSIONS` are open, [`Error::Invalid`] when the
    /// charge point does not run.
    pub fn open() -> Result<Self, Error> {
        charge_point::open_session().map(Self)
    }

    /// What [`Application::stop_charging`](crate::charge_point::Application::stop_charging) calls
    /// it.
    pub fn id(&self) -> Handle {
        self.0
    }

    /// Asks whether an idTag may charge. The session remembers the one that was accepted last.
    ///
    /// # Errors
    ///
    /// [`Error::NotNow`] while the central system cannot be asked and nothing is known of the
    /// idTag; [`Error::TimedOut`] without an answer in time; [`Error::NoMemory`] when too many
    /// calls are under way; [`Error::Invalid`], [`Error::NotConnected`] after a shutdown.
    pub fn authorize(
        &mut self,
        id_tag: IdToken,
        timeout_ms: u32,
    ) -> Result<AuthorizationStatus, Error> {
        charge_point::authorize(self.0, id_tag, timeout_ms)
    }

    /// Starts a transaction with the idTag that was accepted; the register in Wh.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for the idTag or a connector out of service; [`Error::InUse`],
    /// [`Error::NotNow`] and [`Error::NoMemory`] when it cannot run; [`Error::TimedOut`] when
    /// there was no answer in time: then it runs until [`Self::stop_transaction`];
    /// [`Error::Invalid`], [`Error::NotConnected`] after a shutdown.
    pub fn start_transaction(
        &mut self,
        connector: u8,
        register: i32,
        timeout_ms: u32,
    ) -> Result<(), Error> {
        charge_point::start_transaction(self.0, connector, register, timeout_ms)
    }

    /// Stops the transaction; the register in Wh. Also to be called when
    /// [`Application::stop_charging`](crate::charge_point::Application::stop_charging) told of
    /// its end.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] without a transaction; [`Error::TimedOut`] when there was no answer
    /// in time: it has ended and is told later; [`Error::NotConnected`] after a shutdown.
    pub fn stop_transaction(&mut self, register: i32, timeout_ms: u32) -> Result<(), Error> {
        charge_point::stop_transaction(self.0, register, timeout_ms)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        charge_point::close_session(self.0);
    }
}
