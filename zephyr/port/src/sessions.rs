//! Sessions: what ties an idTag to a transaction in the API.
//!
//! A handle is a place in a table and the number of times it was given out, never an address:
//! one that is stale or made up is told from a good one without looking at memory.

use core::ffi::c_void;

use ocpp::domain::IdToken;

use crate::{errno::Error, kernel::Locked, limits};

const PLACE_BITS: u32 = 8;
/// What a generation wraps at: the bits that a pointer has beside the place. With pointers of 32
/// bits a handle is good again when its place has been given out 16,777,216 times.
const GENERATIONS: u32 = match usize::BITS - PLACE_BITS {
    bits if bits < u32::BITS => (1 << bits) - 1,
    _ => u32::MAX,
};

/// A session, by its place and its generation. No two that are open at the same time have the same
/// one, nor two of the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    place: u8,
    generation: u32,
}

impl Handle {
    /// For the application; never null.
    pub fn to_pointer(self) -> *mut c_void {
        let number = ((self.generation as usize) << PLACE_BITS) | (usize::from(self.place) + 1);
        core::ptr::without_provenance_mut(number)
    }

    /// From the application.
    pub fn from_pointer(pointer: *mut c_void) -> Option<Self> {
        let number = pointer.addr();
        let place = (number & ((1 << PLACE_BITS) - 1)).checked_sub(1)?;
        Some(Self {
            place: u8::try_from(place).ok()?,
            generation: u32::try_from(number >> PLACE_BITS).ok()?,
        })
    }
}

/// How far the transaction of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// None was started, or the application has stopped it.
    None,
    /// It runs.
    Running,
    /// It has ended, and the application has not stopped it yet.
    Ended,
}

/// One session.
#[derive(Debug)]
pub struct Session {
    generation: u32,
    open: bool,
    /// Its owner could not close it; the engine's thread does.
    is_abandoned: bool,
    /// The idTag that was accepted last.
    pub id_tag: Option<IdToken>,
    /// Where its transaction is.
    pub connector: u8,
    /// How far that is.
    pub progress: Progress,
}

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    /// The charge point runs.
    can_open: bool,
    places: [Session; limits::SESSIONS],
}

/// All zeros at first, so that it takes no room in flash.
pub static SESSIONS: Locked<Sessions> = Locked::new(Sessions::new());

impl Sessions {
    /// None is open.
    pub const fn new() -> Self {
        Self {
            can_open: false,
            places: [const {
                Session {
                    generation: 0,
                    open: false,
                    is_abandoned: false,
                    id_tag: None,
                    connector: 0,
                    progress: Progress::None,
                }
            }; limits::SESSIONS],
        }
    }

    /// The charge point runs: from now on sessions can be opened.
    pub fn begin(&mut self) {
        self.can_open = true;
    }

    /// Opens one.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the charge point does not run, [`Error::NoMemory`] when all are open.
    pub fn open(&mut self) -> Result<Handle, Error> {
        if !self.can_open {
            return Err(Error::Invalid);
        }
        let mut places = self.places.iter_mut().zip(0u8..);
        let (session, place) = places
            .find(|(session, _)| !session.open)
            .ok_or(Error::NoMemory)?;
        session.generation = session.generation.wrapping_add(1) & GENERATIONS;
        session.open = true;
        session.is_abandoned = false;
        session.id_tag = None;
        session.progress = Progress::None;
        Ok(Handle {
            place,
            generation: session.generation,
        })
    }

    /// Closes one; its handle is invalid from now on.
    pub fn close(&mut self, handle: Handle) {
        if let Some(session) = self.get(handle) {
            session.open = false;
        }
    }

    /// Leaves one to the engine's thread to be closed.
    pub fn abandon(&mut self, handle: Handle) {
        if let Some(session) = self.get(handle) {
            session.is_abandoned = true;
        }
    }

    /// One that was left to be closed.
    pub fn abandoned(&self) -> Option<Handle> {
        let mut places = self.places.iter().zip(0u8..);
        let (session, place) = places.find(|(session, _)| session.open && session.is_abandoned)?;
        Some(Handle {
            place,
            generation: session.generation,
        })
    }

    /// The charge point is shut down: closes all.
    pub fn end(&mut self) {
        self.can_open = false;
        for session in &mut self.places {
            session.open = false;
        }
    }

    /// The session of a handle, if it is open.
    #[inline(never)]
    pub fn get(&mut self, handle: Handle) -> Option<&mut Session> {
        let session = self.places.get_mut(usize::from(handle.place))?;
        (session.open && session.generation == handle.generation).then_some(session)
    }

    /// The session that has the transaction of that connector.
    pub fn of(&self, connector: u8) -> Option<Handle> {
        let mut sessions = self.places.iter().zip(0u8..);
        let (session, place) = sessions.find(|(session, _)| {
            session.open && session.connector == connector && session.progress == Progress::Running
        })?;
        Some(Handle {
            place,
            generation: session.generation,
        })
    }

    /// True when a session has the transaction of that connector.
    pub fn has(&self, connector: u8) -> bool {
        self.of(connector).is_some()
    }

    /// The transaction of a connector has ended, other than by the application's stop.
    pub fn ended(&mut self, connector: u8) {
        for session in &mut self.places {
            if session.connector == connector && session.progress == Progress::Running {
                session.progress = Progress::Ended;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> Sessions {
        let mut sessions = Sessions::new();
        sessions.begin();
        sessions
    }

    #[test]
    fn a_handle_is_good_until_its_session_is_closed() {
        let mut sessions = sessions();
        let first = sessions.open().unwrap();
        let pointer = first.to_pointer();
        assert!(!pointer.is_null());
        assert_eq!(Handle::from_pointer(pointer), Some(first));
        assert!(sessions.get(first).is_some());
        sessions.close(first);
        assert!(sessions.get(first).is_none());
        let again = sessions.open().unwrap();
        assert_ne!(first, again);
        assert!(sessions.get(first).is_none());
        assert!(sessions.get(again).is_some());
    }

    #[test]
    fn a_handle_is_not_good_again_after_65536_openings() {
        let mut sessions = sessions();
        let first = sessions.open().unwrap();
        sessions.close(first);
        // Miri takes minutes for so many.
        for _ in 0..if cfg!(miri) { 0x100 } else { 0x1_0000 } {
            let next = sessions.open().unwrap();
            assert_eq!(Handle::from_pointer(next.to_pointer()), Some(next));
            assert!(sessions.get(first).is_none());
            sessions.close(next);
        }
    }

    #[test]
    fn made_up_handles_are_refused() {
        let mut sessions = sessions();
        let good = sessions.open().unwrap();
        for number in [0, 1, 0xff, 0x200 | 1, 0xdead_beef, usize::MAX] {
            let pointer = core::ptr::without_provenance_mut(number);
            let found = Handle::from_pointer(pointer);
            assert!(found.is_none_or(|handle| handle == good || sessions.get(handle).is_none()));
        }
    }

    #[test]
    fn one_that_was_left_is_found_until_it_is_closed() {
        let mut sessions = sessions();
        let (stays, goes) = (sessions.open().unwrap(), sessions.open().unwrap());
        assert_eq!(sessions.abandoned(), None);
        sessions.abandon(goes);
        assert_eq!(sessions.abandoned(), Some(goes));
        sessions.close(goes);
        assert_eq!(sessions.abandoned(), None);
        assert!(sessions.get(stays).is_some());
        assert!(sessions.open().is_ok());
        assert_eq!(sessions.abandoned(), None);
    }

    #[test]
    fn as_many_as_there_is_room_for() {
        let mut sessions = sessions();
        for _ in 0..limits::SESSIONS {
            sessions.open().unwrap();
        }
        assert_eq!(sessions.open(), Err(Error::NoMemory));
        sessions.end();
        assert_eq!(sessions.open(), Err(Error::Invalid));
        sessions.begin();
        assert!(sessions.open().is_ok());
    }
}
