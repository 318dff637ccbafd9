//! API calls on their way to the engine's thread, and its replies on their way back.

use heapless::String;
#[cfg(feature = "security")]
use ocpp::{domain::SecurityEvent, station::TechInfo};
use ocpp::{
    domain::{
        AuthorizationStatus, ChargePointError, DataTransferStatus, IdToken, ResetType,
        TransactionId,
    },
    station::Suspension,
    wire::UnixMillis,
};

#[cfg(feature = "settings")]
use crate::application_settings::SettingValue;
#[cfg(any(feature = "settings", feature = "reservation"))]
use crate::place::Place;
#[cfg(feature = "reservation")]
use crate::reservations::Reservation;
use crate::{
    errno::Error,
    kernel::{self, Locked, Semaphore, Thread},
    limits,
    sessions::Handle,
    socket,
};

/// What a call asks for.
#[derive(Clone, Debug)]
pub enum Call {
    /// May this idTag charge?
    Authorize { session: Handle, id_tag: IdToken },
    /// Begin a transaction with the session's idTag; the register in Wh.
    StartTransaction {
        session: Handle,
        connector: u8,
        register: i32,
    },
    /// End the session's transaction; the register in Wh.
    StopTransaction { session: Handle, register: i32 },
    /// End the session, and its transaction with it.
    CloseSession { session: Handle },
    /// A cable was plugged or unplugged.
    SetPlugged { connector: u8, plugged: bool },
    /// An idTag was presented.
    PresentIdTag { connector: u8, id_tag: IdToken },
    /// Something is broken, or no longer.
    SetFault {
        connector: u8,
        error: Option<ChargePointError>,
        info: String<50>,
    },
    /// Vehicle or charge point holds the energy back, or no longer.
    SetSuspended {
        connector: u8,
        by: Option<Suspension>,
    },
    /// A connector (0: all) goes into or out of service.
    SetAvailable { connector: u8, available: bool },
    /// A cable is locked, or can be taken.
    SetLocked { connector: u8, locked: bool },
    /// How is the transaction of a connector called?
    TransactionId { connector: u8 },
    /// Restart when what runs has ended.
    Reset(ResetType),
    /// Install the firmware that the application has put off.
    #[cfg(feature = "firmware-management")]
    InstallFirmware,
    /// Something was seen that security depends on.
    #[cfg(feature = "security")]
    SecurityEvent {
        event: SecurityEvent,
        info: TechInfo,
    },
    /// Ask for a certificate of the charge point.
    #[cfg(feature = "security")]
    RequestCertificate,
    /// Send the data transfer in [`crate::transfer::OUTGOING`].
    DataTransfer,
    /// The time is known.
    SetTime(UnixMillis),
    /// Tell the value of a setting of the application's own.
    #[cfg(feature = "settings")]
    ReadSetting {
        number: u8,
        into: Place<SettingValue>,
    },
    /// Tell the reservation of a connector.
    #[cfg(feature = "reservation")]
    ReadReservation {
        connector: u8,
        into: Place<Reservation>,
    },
    /// A command of the shell asks.
    #[cfg(feature = "shell")]
    Query(crate::shell::PendingQuery),
}

/// What a call returns that is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done, or the central system will be told.
    Done,
    /// To [`Call::Authorize`]: whether the idTag may charge.
    Authorization(AuthorizationStatus),
    /// To [`Call::DataTransfer`]: the central system's status. Its text is where the caller has
    /// room for it.
    DataTransfer(DataTransferStatus),
    /// To [`Call::TransactionId`].
    TransactionId(TransactionId),
}

/// Which call it is, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId(usize);

impl CallId {
    /// All that there can be.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..limits::CALLS).map(Self)
    }

    /// Its place, below [`limits::CALLS`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// How far a call is. `Free` has tag 0, so that the whole table is zeros at first.
#[derive(Debug)]
#[repr(u8)]
enum State {
    Free,
    /// The engine's thread has not taken it.
    Queued(Call),
    /// The engine's thread carries it out.
    Taken,
    Replied(Result<Reply, Error>),
    /// Taken, and its caller has timed out.
    Abandoned,
}

/// All calls under way.
#[derive(Debug)]
pub struct Calls {
    /// The engine's thread runs and replies to them.
    is_open: bool,
    states: [State; limits::CALLS],
}

/// All zeros at first, so that it takes no room in flash.
pub static CALLS: Locked<Calls> = Locked::new(Calls {
    is_open: false,
    states: [const { State::Free }; limits::CALLS],
});

impl Calls {
    /// The charge point runs: accepts calls from now on.
    pub fn open(&mut self) {
        self.is_open = true;
    }

    fn queue(&mut self, call: Call) -> Result<CallId, Error> {
        if !self.is_open {
            return Err(Error::Invalid);
        }
        let mut states = self.states.iter_mut().enumerate();
        let (index, state) = states
            .find(|(_, state)| matches!(state, State::Free))
            .ok_or(Error::NoMemory)?;
        *state = State::Queued(call);
        Semaphore::Replied(index).reset();
        Ok(CallId(index))
    }

    /// The reply, when the caller has waited.
    fn collect(&mut self, id: CallId) -> Result<Reply, Error> {
        let Some(state) = self.states.get_mut(id.0) else {
            return Err(Error::TimedOut);
        };
        let (reply, next) = match core::mem::replace(state, State::Free) {
            State::Replied(reply) => (reply, State::Free),
            // Not taken yet: it never will be.
            State::Queued(_) | State::Free => (Err(Error::TimedOut), State::Free),
            State::Taken | State::Abandoned => (Err(Error::TimedOut), State::Abandoned),
        };
        *state = next;
        reply
    }

    /// Takes a call that is `ready`, for the engine's thread.
    pub fn take(&mut self, ready: impl Fn(&Call) -> bool) -> Option<(CallId, Call)> {
        for (index, state) in self.states.iter_mut().enumerate() {
            if matches!(state, State::Queued(call) if ready(call))
                && let State::Queued(call) = core::mem::replace(state, State::Taken)
            {
                return Some((CallId(index), call));
            }
        }
        None
    }

    /// Replies to a call that was taken; false if its caller has timed out.
    pub fn reply(&mut self, id: CallId, reply: Result<Reply, Error>) -> bool {
        match self.states.get_mut(id.0) {
            Some(state @ State::Taken) => {
                *state = State::Replied(reply);
                Semaphore::Replied(id.0).give();
                true
            }
            Some(state @ State::Abandoned) => {
                *state = State::Free;
                false
            }
            _ => false,
        }
    }

    /// Calls that wait.
    #[cfg(test)]
    pub fn under_way(&self) -> usize {
        let waits = |state: &&State| matches!(state, State::Queued(_) | State::Taken);
        self.states.iter().filter(waits).count()
    }

    /// The charge point is shut down: all calls under way return that error, and no other is
    /// accepted.
    pub fn close(&mut self, error: Error) {
        self.is_open = false;
        for (index, state) in self.states.iter_mut().enumerate() {
            match state {
                State::Queued(_) | State::Taken => {
                    *state = State::Replied(Err(error));
                    Semaphore::Replied(index).give();
                }
                State::Abandoned => *state = State::Free,
                State::Free | State::Replied(_) => {}
            }
        }
    }
}

/// Queues a call, wakes the engine's thread and waits for the reply.
///
/// # Errors
///
/// Those of the call; [`Error::Invalid`] when the charge point does not run; [`Error::NoMemory`] when
/// too many calls are under way; [`Error::TimedOut`]; [`Error::WouldBlock`] in an interrupt;
/// [`Error::WaitsForItself`] on the engine's thread, which would have to reply.
pub fn submit(call: Call, timeout_ms: u32) -> Result<Reply, Error> {
    kernel::may_wait()?;
    if Thread::Engine.is_current() {
        return Err(Error::WaitsForItself);
    }
    let id = CALLS.with(|calls| calls.queue(call))?;
    socket::wake();
    Semaphore::Replied(id.0).take(timeout_ms);
    CALLS.with(|calls| calls.collect(id))
}
