//! What the charge point wants of an application. The C API has an implementation of it, which
//! calls the callbacks that C has registered (`api::application`).

use heapless::String;
#[cfg(feature = "v201")]
use ocpp::domain::BootReason;
#[cfg(any(feature = "v201", feature = "smart-charging"))]
use ocpp::domain::Evse;
#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;
#[cfg(feature = "settings")]
use ocpp::station::Setting;
use ocpp::{
    domain::{IdToken, Measurand, Measured, Phase},
    limits::DATA_LENGTH,
    station::Event,
};

use crate::{charge_point::SessionId, errno::Error, reach::Reach};

/// What a charge point asks and tells. It runs on a thread of its own and may call everything
/// of [`charge_point`](crate::charge_point) except `stop`.
pub trait Application: Sync {
    /// What the meters of the connectors measure: all that one of them does, up to 64. The register
    /// that bills always belongs to it. The central system can ask for what is declared, and for
    /// nothing else.
    ///
    /// `None` to have [`read_meter`](Self::read_meter) called once for each measurand of connector
    /// 1, before the first connection is made: what it has a value for is measured.
    fn measurands(&self) -> Option<&'static [Measured]> {
        None
    }

    /// Settings of the application's own, at most `CONFIG_OCPP_APPLICATION_SETTINGS`: configuration keys
    /// that the central system can read and change as it can the charge point's own. They are stored.
    /// [`charge_point::setting`](crate::charge_point::setting) says their values. A declaration that
    /// cannot be ([`SettingError`](ocpp::station::SettingError)) lets the start fail with
    /// [`Error::Invalid`], and the log says why.
    #[cfg(feature = "settings")]
    fn settings(&self) -> &'static [Setting<'static>] {
        &[]
    }

    /// The setting with that number was given a value.
    #[cfg(feature = "settings")]
    fn setting_changed(&self, number: u8) {
        let _ = number;
    }

    /// The reservation with that number was made for a connector, or has ended; connector 0 is any of
    /// them. Of several changes since the last call, this is the last one.
    /// [`charge_point::reservation`](crate::charge_point::reservation) says who may charge there.
    #[cfg(feature = "reservation")]
    fn reservation_changed(&self, connector: u8, id: i32, state: ReservationState) {
        let _ = (connector, id, state);
    }

    /// What the EVSEs are, that of connector 1 first: OCPP 2.0.1 tells it in its device model, where what
    /// is left out has no value, and Smart Charging reckons with phases and power: three phases of 32 A
    /// without.
    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    fn evses(&self) -> &'static [Evse] {
        &[]
    }

    /// Why the charge point boots, where the application knows better than the charge point: it
    /// remembers resets, and with `CONFIG_HWINFO` it is told of a watchdog; anything else is power that
    /// came on. OCPP 2.0.1 tells it.
    #[cfg(feature = "v201")]
    fn boot_reason(&self) -> Option<BootReason> {
        None
    }

    /// Reads the meter of a connector, 0 for the main meter; in the unit of the measurand as
    /// [`Reading`](ocpp::station::Reading) has it. `None` for what is not measured.
    fn read_meter(&self, connector: u8, measurand: Measurand) -> Option<i32>;

    /// Reads one phase, as [`read_meter`](Self::read_meter) reads the whole, where
    /// [`measurands`](Self::measurands) declares phases.
    fn read_phase(&self, connector: u8, measurand: Measurand, phase: Phase) -> Option<i32> {
        let _ = (connector, measurand, phase);
        None
    }

    /// The central system wants an idTag to charge: authorize and start as if it had been presented
    /// here.
    ///
    /// # Errors
    ///
    /// Any, when the application does not start charging there.
    fn start_charging(&self, connector: u8, id_tag: IdToken) -> Result<(), Error>;

    /// The transaction of a connector has ended, or must not take energy any more: stop
    /// charging, then stop the transaction of the session. It is that of the session with this id
    /// ([`Session::id`](crate::charge_point::Session::id)), `None` for one that no session has
    /// started or taken over. Meanwhile the connector may have its next driver, who has
    /// another session.
    fn stop_charging(&self, connector: u8, session: Option<SessionId>);

    /// How much a connector may deliver on each phase, in tenths of an ampere: `None` for as
    /// much as the installation allows, 0 to open the contactor.
    fn limit_charging(&self, connector: u8, limit: Option<u16>);

    /// Unlock the cable.
    ///
    /// # Errors
    ///
    /// [`Error::NotSupported`] without a lock, any other when it does not open.
    fn unlock(&self, connector: u8) -> Result<(), Error> {
        let _ = connector;
        Err(Error::NotSupported)
    }

    /// The central system has sent something of `CONFIG_OCPP_DATA_TRANSFER_VENDOR`; what is
    /// written into `answer` is said in return.
    ///
    /// # Errors
    ///
    /// [`Error::NotSupported`] for a message that is not known, any other to refuse it.
    fn data_transfer(
        &self,
        message_id: Option<&str>,
        payload: Option<&str>,
        answer: &mut String<DATA_LENGTH>,
    ) -> Result<(), Error> {
        let _ = (message_id, payload, answer);
        Err(Error::NotSupported)
    }

    /// New firmware has been downloaded and no transaction runs: may it be installed, with the reset that
    /// follows? Until then nothing begins to charge.
    ///
    /// # Errors
    ///
    /// Any, to put that off until [`install_firmware`](crate::charge_point::install_firmware) is called.
    #[cfg(feature = "firmware-management")]
    fn install_firmware(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The central system, or [`request_reset`](crate::charge_point::request_reset), asks for a
    /// reset, hard or soft.
    ///
    /// # Errors
    ///
    /// Any, for `CONFIG_OCPP_REBOOT` to decide what happens.
    fn reset(&self, hard: bool) -> Result<(), Error> {
        let _ = hard;
        Err(Error::NotSupported)
    }

    /// Something happened: for displays and logs.
    ///
    /// This one and [`reached`](Self::reached) run on the thread that talks to the central system,
    /// between two messages: they return at once, and call nothing of
    /// [`charge_point`](crate::charge_point).
    fn happened(&self, event: &Event) {
        let _ = event;
    }

    /// The central system can be reached better or worse than before; at first it is
    /// [`Reach::Offline`].
    fn reached(&self, reach: Reach) {
        let _ = reach;
    }
}
