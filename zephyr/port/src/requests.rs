//! The table in which API calls leave what they want, and find what became of it.

use heapless::String;
use ocpp::{
    station::Suspension,
    v16::{AuthorizationStatus, ChargePointError, DataTransferStatus, IdTag, ResetType},
    wire::UnixMillis,
};

use crate::{
    errno::Error,
    kernel::{self, Locked, Semaphore, Thread},
    limits,
    sessions::Handle,
    socket,
};

/// What a call wants.
#[derive(Clone, Debug)]
pub enum Ask {
    /// May this idTag charge?
    Authorize { session: Handle, id_tag: IdTag },
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
    Tag { connector: u8, id_tag: IdTag },
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
    /// Send the data transfer in [`crate::transfer::OUTGOING`].
    Transfer,
    /// The time is known.
    Time(UnixMillis),
    /// Somebody at the shell asks.
    #[cfg(feature = "shell")]
    Shell(crate::shell::Asked),
}

/// What a call returns that is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done, or will be told to the central system.
    Done,
    /// To [`Ask::Authorize`]: what is said of the idTag.
    Authorization(AuthorizationStatus),
    /// To [`Ask::Transfer`]: what the central system says of it. Its text is where the caller has
    /// room for it.
    DataTransfer(DataTransferStatus),
}

/// What became of a call.
pub type Answer = Result<Reply, Error>;

/// One call. With a tag of its own, of which `Free` is 0, so that all of them are zeros at first.
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
pub struct Requests {
    /// The engine's thread is there to answer them.
    is_open: bool,
    calls: [State; limits::REQUESTS],
}

/// All zeros at first, so that it takes no room in flash.
pub static REQUESTS: Locked<Requests> = Locked::new(Requests::new());

impl Requests {
    /// None is.
    const fn new() -> Self {
        Self {
            is_open: false,
            calls: [const { State::Free }; limits::REQUESTS],
        }
    }

    /// The charge point runs: from now on calls are answered.
    pub fn begin(&mut self) {
        self.is_open = true;
    }

    fn claim(&mut self, ask: Ask) -> Result<usize, Error> {
        if !self.is_open {
            return Err(Error::Invalid);
        }
        let mut slots = self.calls.iter_mut().enumerate();
        let (slot, state) = slots
            .find(|(_, state)| matches!(state, State::Free))
            .ok_or(Error::NoRoom)?;
        *state = State::Queued(ask);
        Semaphore::Answered(slot).reset();
        Ok(slot)
    }

    /// The caller has waited.
    fn collect(&mut self, slot: usize) -> Answer {
        let Some(state) = self.calls.get_mut(slot) else {
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
        for (slot, state) in self.calls.iter_mut().enumerate() {
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
        match self.calls.get_mut(slot) {
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
        self.calls.iter().filter(waits).count()
    }

    /// The charge point is shut down: answers every call.
    pub fn end(&mut self, answer: Answer) {
        self.is_open = false;
        for (slot, state) in self.calls.iter_mut().enumerate() {
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
    let slot = REQUESTS.with(|requests| requests.claim(ask))?;
    socket::wake();
    Semaphore::Answered(slot).take(timeout_ms);
    REQUESTS.with(|requests| requests.collect(slot))
}
