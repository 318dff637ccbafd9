//! The table in which API calls leave what they want, and find what became of it.

use heapless::String;
use ocpp::{
    station::Suspension,
    domain::{AuthorizationStatus, ChargePointError, IdToken, ResetType},
    wire::UnixMillis,
};

use crate::{
    errno::Error,
    kernel::{self, Semaphore, Thread},
    limits::REQUESTS,
    sessions::Handle,
    shared::{Phase, SHARED},
    socket,
};

/// What a call wants.
#[derive(Clone, Debug)]
pub enum Ask {
    /// May this idTag charge?
    Authorize { session: Handle, id_tag: IdToken },
    /// Begin a transaction with the session's idTag; the register in Wh.
    Start {
        session: Handle,
        connector: u8,
        register: i32,
    },
    /// End the session's transaction; the register in Wh.
    Stop { session: Handle, register: i32 },
    /// End the session, and its transaction with it.
    Close { session: Handle },
    /// A cable was plugged or unplugged.
    Cable { connector: u8, plugged: bool },
    /// An idTag was presented.
    Tag { connector: u8, id_tag: IdToken },
    /// Something is broken, or no longer.
    Fault {
        connector: u8,
        error: Option<ChargePointError>,
        info: String<50>,
    },
    /// Somebody holds the energy back, or no longer.
    Suspend {
        connector: u8,
        by: Option<Suspension>,
    },
    /// A connector (0: all) goes into or out of service.
    Availability { connector: u8, available: bool },
    /// A cable is locked, or can be taken.
    Lock { connector: u8, locked: bool },
    /// Restart when what runs has ended.
    Reset(ResetType),
    /// Send the data transfer in [`crate::shared::Shared::transfer`].
    Transfer,
    /// The time is known.
    Time(UnixMillis),
    /// Somebody at the shell asks.
    #[cfg(feature = "shell")]
    Shell(crate::shell::Asked),
}

/// What became of it; the status is that of an idTag, or meaningless.
pub type Answer = Result<AuthorizationStatus, Error>;

/// One call. With a tag of its own, of which `Free` is 0: see [`crate::shared::Shared`].
#[derive(Debug)]
#[repr(u8)]
enum State {
    Free,
    /// The engine's thread has not seen it.
    Queued(Ask),
    /// It waits for the central system.
    Begun,
    Answered(Answer),
    /// The caller did not wait so long.
    Abandoned,
}

/// All calls under way.
#[derive(Debug)]
pub struct Requests([State; REQUESTS]);

impl Requests {
    /// None is.
    pub const fn new() -> Self {
        Self([const { State::Free }; REQUESTS])
    }

    fn claim(&mut self, ask: Ask) -> Result<usize, Error> {
        let mut slots = self.0.iter_mut().enumerate();
        let (slot, state) = slots
            .find(|(_, state)| matches!(state, State::Free))
            .ok_or(Error::NoRoom)?;
        *state = State::Queued(ask);
        Semaphore::Answered(slot).reset();
        Ok(slot)
    }

    /// The caller has waited.
    fn collect(&mut self, slot: usize) -> Answer {
        let Some(state) = self.0.get_mut(slot) else {
            return Err(Error::TimedOut);
        };
        let (answer, next) = match core::mem::replace(state, State::Free) {
            State::Answered(answer) => (answer, State::Free),
            // Not seen: it never happens.
            State::Queued(_) | State::Free => (Err(Error::TimedOut), State::Free),
            State::Begun | State::Abandoned => (Err(Error::TimedOut), State::Abandoned),
        };
        *state = next;
        answer
    }

    /// Something to do for the engine's thread that `ready` can be done now.
    pub fn take(&mut self, ready: impl Fn(&Ask) -> bool) -> Option<(usize, Ask)> {
        for (slot, state) in self.0.iter_mut().enumerate() {
            if matches!(state, State::Queued(ask) if ready(ask))
                && let State::Queued(ask) = core::mem::replace(state, State::Begun)
            {
                return Some((slot, ask));
            }
        }
        None
    }

    /// Answers a call that was taken; false when nobody waits for it any more.
    pub fn answer(&mut self, slot: usize, answer: Answer) -> bool {
        match self.0.get_mut(slot) {
            Some(state @ State::Begun) => {
                *state = State::Answered(answer);
                Semaphore::Answered(slot).give();
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
        let waits = |state: &&State| matches!(state, State::Queued(_) | State::Begun);
        self.0.iter().filter(waits).count()
    }

    /// The charge point is shut down: answers every call.
    pub fn answer_all(&mut self, answer: Answer) {
        for (slot, state) in self.0.iter_mut().enumerate() {
            match state {
                State::Queued(_) | State::Begun => {
                    *state = State::Answered(answer);
                    Semaphore::Answered(slot).give();
                }
                State::Abandoned => *state = State::Free,
                State::Free | State::Answered(_) => {}
            }
        }
    }
}

/// Leaves a request, wakes the engine's thread and waits for the answer.
///
/// # Errors
///
/// Those of the request; [`Error::WouldBlock`] in an interrupt; [`Error::WaitsForItself`] on the
/// engine's thread, which would have to answer.
pub fn ask(ask: Ask, timeout_ms: u32) -> Answer {
    kernel::may_wait()?;
    if Thread::Engine.is_current() {
        return Err(Error::WaitsForItself);
    }
    let slot = SHARED.with(|shared| match shared.phase {
        Phase::Running => shared.requests.claim(ask),
        Phase::Off | Phase::Starting | Phase::Stopping => Err(Error::Invalid),
    })?;
    socket::wake();
    Semaphore::Answered(slot).take(timeout_ms);
    SHARED.with(|shared| shared.requests.collect(slot))
}
