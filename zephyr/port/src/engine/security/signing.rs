//! Requests for certificates of the charge point (security whitepaper, A02), and their keys. A key never
//! moves: a new one takes the place of one that no chain is of. Its mark says how far its request is, so that
//! one without an answer is sent again after a restart.

use ocpp::{
    limits::KEY_LENGTH,
    station::{Input, Key, KeyPlace, Refused},
};

use super::{OTHER_CHAIN, Task};
use crate::{
    certificates::{Asked, Buffer, KEY, KEYS, Keys},
    engine::Engine,
    errno::Error,
    kernel,
    log::line,
    settings::SETTINGS,
    text::CText,
};

const PLACES: [KeyPlace; KEYS] = [KeyPlace::Present, KeyPlace::Next, KeyPlace::Asked];

/// What stands behind a key in its record. Earlier firmware had nothing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// The central system has not answered the request.
    Requested = 1,
    /// It has; its certificate is to come.
    Answered = 2,
    /// Its certificate has come.
    Issued = 3,
}

impl Mark {
    fn of(record: &[u8]) -> Option<Self> {
        let all = [Self::Requested, Self::Answered, Self::Issued];
        let mark = record.get(KEY)?;
        all.into_iter().find(|it| *it as u8 == *mark)
    }
}

/// The request that is under way.
pub struct Requests {
    /// The place of the key whose request has no answer yet.
    pub waiting: Option<usize>,
    /// The request, while it cannot be sent.
    pub made: Option<&'static mut Buffer>,
    /// It was sent over this connection.
    is_sent: bool,
}

impl Requests {
    pub const fn new() -> Self {
        Self {
            waiting: None,
            made: None,
            is_sent: false,
        }
    }
}

impl Engine {
    /// Takes up the request that waited at the end of the run before.
    pub(super) fn load_request(&mut self) {
        let mut places = 0..KEYS;
        self.security.signing.waiting =
            places.find(|place| self.mark(*place) == Some(Mark::Requested));
    }

    fn read_key(&mut self, place: usize, kept: &mut [u8; KEY_LENGTH]) -> usize {
        let place = PLACES.get(place);
        place.map_or(0, |place| self.station.kept_key(*place, kept).len())
    }

    fn mark(&mut self, place: usize) -> Option<Mark> {
        let mut kept = [0; KEY_LENGTH];
        let length = self.read_key(place, &mut kept);
        Mark::of(kept.get(..length)?)
    }

    /// All keys, zeros where there is none.
    pub(super) fn keys(&mut self) -> Keys {
        let mut keys = Keys::default();
        for (place, key) in keys.iter_mut().enumerate() {
            let mut kept = [0; KEY_LENGTH];
            self.read_key(place, &mut kept);
            for (to, from) in key.iter_mut().zip(kept) {
                *to = from;
            }
        }
        keys
    }

    fn keep(&mut self, place: usize, key: &[u8; KEY], mark: Mark) -> bool {
        let mut record = [mark as u8; KEY + 1];
        for (to, from) in record.iter_mut().zip(key) {
            *to = *from;
        }
        let place = PLACES.get(place);
        place.is_some_and(|place| self.station.keep_key(*place, &record))
    }

    fn set_mark(&mut self, place: usize, mark: Mark) {
        let keys = self.keys();
        if let Some(key) = keys.get(place)
            && !self.keep(place, key, mark)
        {
            line!(
                Error,
                "a certificate: how far its request is cannot be kept"
            );
        }
    }

    fn erase(&mut self, place: usize) {
        if let Some(place) = PLACES.get(place) {
            // One that stays is of no certificate.
            let _ = self.station.keep_key(*place, &[]);
        }
    }

    /// Keeps the key of a request that was made. What an earlier request is answered with is refused from
    /// then on.
    pub(super) fn keep_asked(&mut self, task: Task, asked: Option<Asked>) -> bool {
        let Some(asked) = asked else {
            // The mark has it tried again after the next boot.
            self.security.signing.waiting = None;
            return false;
        };
        if task == Task::RequestAgain {
            return true;
        }
        if !self.keep(asked.place, &asked.key, Mark::Requested) {
            line!(Error, "the key of a certificate cannot be kept");
            return false;
        }
        for (place, is_needed) in asked.needed.into_iter().enumerate() {
            if !is_needed && place != asked.place {
                self.erase(place);
            }
        }
        self.security.signing.waiting = Some(asked.place);
        self.security.signing.is_sent = false;
        true
    }

    /// The application wants another certificate.
    pub(in crate::engine) fn want_certificate(&mut self) -> Result<(), Error> {
        #[cfg(feature = "v201")]
        if SETTINGS.get().version == ocpp::Version::V201 {
            return Err(Error::NotSupported);
        }
        let mut value = [0; 64];
        match self.station.configuration_text(Key::CpoName, &mut value) {
            None | Some("") => Err(Error::NotNow),
            Some(_) => {
                self.want_task(Task::Request);
                Ok(())
            }
        }
    }

    /// The common name of a request, and the organization.
    pub(super) fn names(&self) -> [CText<65>; 2] {
        let settings = SETTINGS.get();
        let mut names = [CText::new(), CText::new()];
        let [name, organization] = &mut names;
        name.set(settings.serial_number());
        let mut value = [0; 64];
        let operator = self.station.configuration_text(Key::CpoName, &mut value);
        organization.set(operator.unwrap_or(""));
        names
    }

    /// Sends the request that was made once no other CALL waits for its answer. One that waits since an
    /// earlier connection is made again.
    pub(super) fn go_on_requesting(&mut self) {
        let Some(buffer) = self.security.signing.made.take() else {
            let requests = Task::Request.bit() | Task::RequestAgain.bit();
            let is_idle = self.security.buffer.is_some() && self.security.wanted & requests == 0;
            let waits = self.security.signing.waiting.is_some() && !self.security.signing.is_sent;
            if waits && is_idle && self.station.is_online() {
                self.security.wanted |= Task::RequestAgain.bit();
            }
            return;
        };
        let request = buffer.first().to_str().unwrap_or("");
        let sent = self
            .station
            .handle(kernel::now(), Input::SigningRequest(request));
        match sent {
            Err(Refused::Busy) => {
                self.security.signing.made = Some(buffer);
                return;
            }
            Ok(()) => self.security.signing.is_sent = true,
            Err(Refused::Offline) => {}
            Err(_) => {
                line!(Warning, "no certificate can be asked for");
                self.forget_request();
            }
        }
        self.security.buffer = Some(buffer);
    }

    /// The central system has answered, or the connection was lost before it had.
    pub(super) fn request_answered(&mut self, is_taken: bool) {
        self.security.signing.is_sent = false;
        if !is_taken && !self.station.is_online() {
            return;
        }
        // Another one was made meanwhile, which this does not answer.
        if self.security.signing.made.is_none() {
            self.forget_request();
        }
        match is_taken {
            true => line!(Info, "a certificate is asked for"),
            false => line!(Warning, "the central system issues no certificate"),
        }
    }

    fn forget_request(&mut self) {
        if let Some(place) = self.security.signing.waiting.take() {
            self.set_mark(place, Mark::Answered);
        }
    }

    /// The certificate of a key was taken.
    pub(super) fn note_issued(&mut self, place: usize) {
        if self.security.signing.waiting == Some(place) {
            self.security.signing.waiting = None;
        }
        self.set_mark(place, Mark::Issued);
    }

    /// A connection was made with a chain of the key in that place. Where there is no other chain any more,
    /// keys are of no use whose certificates have come.
    pub(super) fn settle_keys(&mut self, key: Option<usize>) {
        let Some(used) = key else {
            return;
        };
        let other = self.station.installed_certificate_id(OTHER_CHAIN);
        if other.is_some() || self.mark(used).is_none() {
            return;
        }
        for place in (0..KEYS).filter(|place| *place != used) {
            if !matches!(self.mark(place), Some(Mark::Requested | Mark::Answered)) {
                self.erase(place);
            }
        }
    }
}
