//! A callback that is made: what the application is called with, and what follows from its answer.

use heapless::String;
use ocpp::domain::{DataTransferStatus, IdToken, UnlockStatus};

#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;

#[cfg(feature = "firmware-management")]
use crate::diagnostics;
use crate::{
    application::Application,
    errno::Error,
    kernel,
    meter::{self, Meters, Selection},
    sessions::Handle,
    socket,
    transfer::ARRIVES,
};

use super::{CALLBACKS, Reason};

/// A callback to be made.
#[derive(Debug)]
pub(super) enum Job {
    Energy {
        connector: u8,
        limit: Option<u16>,
    },
    Stop {
        connector: u8,
        session: Option<Handle>,
    },
    Unlock {
        connector: u8,
    },
    Start {
        connector: u8,
        id_tag: IdToken,
    },
    Meter {
        connector: u8,
        measured: Selection,
    },
    /// Find out whether that at this place is measured.
    Probe(usize),
    Transfer,
    Reset {
        hard: bool,
    },
    #[cfg(feature = "settings")]
    Setting {
        number: u8,
    },
    #[cfg(feature = "firmware-management")]
    Install,
    #[cfg(feature = "reservation")]
    Reservation {
        connector: u8,
        change: Option<(i32, ReservationState)>,
    },
}

/// Calls the application back, on a thread of its own.
pub(super) fn call(application: &dyn Application, meters: Meters, job: Job) {
    match job {
        Job::Energy { connector, limit } => {
            application.limit_charging(connector, limit);
            CALLBACKS.with(|callbacks| callbacks.done(Reason::Energy));
        }
        Job::Stop { connector, session } => {
            application.stop_charging(connector, session);
            CALLBACKS.with(|callbacks| callbacks.done(Reason::Stop));
        }
        Job::Unlock { connector } => {
            let status = match application.unlock(connector) {
                Ok(()) => UnlockStatus::Unlocked,
                Err(Error::NotSupported) => UnlockStatus::NotSupported,
                Err(_) => UnlockStatus::UnlockFailed,
            };
            CALLBACKS.with(|callbacks| callbacks.unlock.put((connector, status)));
            socket::wake();
        }
        Job::Start { connector, id_tag } => {
            let refused = application.start_charging(connector, id_tag).is_err();
            CALLBACKS.with(|callbacks| callbacks.start_answered(connector, refused));
            socket::wake();
        }
        Job::Meter {
            connector,
            measured,
        } => {
            let read = |measured| meter::read(application, connector, measured);
            let readings = meters.read(measured, read);
            CALLBACKS.with(|callbacks| callbacks.meter_read(connector, Some(readings)));
            socket::wake();
        }
        Job::Probe(place) => {
            let measured = meters.at(place);
            let value = measured.and_then(|measured| meter::read(application, 1, measured));
            CALLBACKS.with(|callbacks| callbacks.probed(place, value.is_some()));
            socket::wake();
        }
        Job::Transfer => {
            answer_transfer(application);
            socket::wake();
        }
        Job::Reset { hard } => {
            if application.reset(hard).is_err() {
                #[cfg(feature = "firmware-management")]
                diagnostics::save();
                kernel::reboot();
                CALLBACKS.with(|callbacks| callbacks.reset_declined = true);
                socket::wake();
            }
            CALLBACKS.with(|callbacks| callbacks.done(Reason::Reset));
        }
        #[cfg(feature = "settings")]
        Job::Setting { number } => {
            application.setting_changed(number);
            CALLBACKS.with(|callbacks| callbacks.done(Reason::Setting));
        }
        #[cfg(feature = "firmware-management")]
        Job::Install => {
            let now = application.install_firmware().is_ok();
            CALLBACKS.with(|callbacks| {
                callbacks.install.put(now);
                callbacks.done(Reason::Install);
            });
            socket::wake();
        }
        #[cfg(feature = "reservation")]
        Job::Reservation { connector, change } => {
            if let Some((id, state)) = change {
                application.reservation_changed(connector, id, state);
            }
            CALLBACKS.with(|callbacks| callbacks.done(Reason::Reservation));
        }
    }
}

/// Not inlined: the answer is on the stack, where no other callback needs as much.
#[inline(never)]
fn answer_transfer(application: &dyn Application) {
    // Always there: it is put back before the next data transfer is accepted.
    let incoming = CALLBACKS.with(|callbacks| callbacks.transfer.take());
    let Some(incoming) = incoming.filter(|_| ARRIVES) else {
        return CALLBACKS.with(|callbacks| callbacks.done(Reason::Transfer));
    };
    let mut answer = String::new();
    let (message_id, payload) = (incoming.message_id(), incoming.payload());
    let status = match application.data_transfer(message_id, payload, &mut answer) {
        Ok(()) => DataTransferStatus::Accepted,
        Err(Error::NotSupported) => DataTransferStatus::UnknownMessageId,
        Err(_) => DataTransferStatus::Rejected,
    };
    incoming.set_payload((!answer.is_empty()).then_some(answer.as_str()));
    CALLBACKS.with(|callbacks| {
        callbacks.transfer.put(incoming);
        callbacks.transfer_status.put(status);
    });
}
