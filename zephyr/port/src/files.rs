//! Files that are fetched and delivered, and the thread that does it: neither the network nor flash holds
//! the engine's thread up.
//!
//! The engine's thread gives it one task after the other, with the location of the file, and takes what
//! became of it. A task that is not wanted any more is cancelled; the next one waits until it has ended.

use ocpp::{domain::TransferFailure, wire::UnixMillis};

#[cfg(feature = "security")]
use crate::certificates::{Buffer, Installed};
use crate::{
    kernel::{FOREVER, Locked, Semaphore, ThreadCell},
    lifecycle,
    mailbox::Mailbox,
    socket,
};

mod http;
mod image;
mod location;
mod log;
#[cfg(feature = "security")]
pub mod roots;

#[cfg(any(test, feature = "host"))]
pub use http::{Answer, Give, Request, Take};
pub use image::{confirm, mark, version};
pub use location::Location;

/// What is to be done; the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Install the image in the slot.
    Install,
    /// Fetch an image.
    Download,
    /// Deliver the log.
    Upload,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Install, Self::Download, Self::Upload];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An image was fetched, or not.
    Downloaded(Result<(), TransferFailure>),
    /// The log was delivered, or not.
    Uploaded(Result<(), TransferFailure>),
    /// The boot loader takes the image with the next boot.
    WillBoot,
    /// The image runs already.
    Runs,
    /// There is no image, or it cannot be installed.
    NotInstalled,
}

/// What of the log is delivered.
#[derive(Clone, Copy, Debug)]
pub struct Extract {
    /// Entries from this time on.
    pub oldest: Option<UnixMillis>,
    /// Entries up to this time.
    pub latest: Option<UnixMillis>,
    /// Only what security depends on.
    pub is_security_log: bool,
}

impl Extract {
    /// All of it.
    const ALL: Self = Self {
        oldest: None,
        latest: None,
        is_security_log: false,
    };
}

/// What the engine's thread and this one exchange.
#[derive(Debug)]
pub struct Files {
    /// Tasks that wait.
    wanted: u8,
    /// Given to the thread, which has not begun it.
    given: Mailbox<Task>,
    /// Given to the thread, which has not ended it.
    current: Mailbox<Task>,
    is_cancelled: bool,
    /// What of the log is delivered.
    extract: Extract,
    /// Where the file is; with the thread while that is at work.
    location: Mailbox<&'static mut Location>,
    outcome: Mailbox<Outcome>,
    /// The thread waits for roots.
    #[cfg(feature = "security")]
    pub wants_roots: bool,
    #[cfg(feature = "security")]
    roots: Mailbox<Installed>,
    /// What they were lent in.
    #[cfg(feature = "security")]
    pub returned: Mailbox<&'static mut Buffer>,
}

/// Shared by the two.
pub static FILES: Locked<Files> = Locked::new(Files::new());

static LOCATION: ThreadCell<Location> = ThreadCell::new(Location::new());

impl Files {
    /// All zeros, so that the static takes no room in flash.
    pub const fn new() -> Self {
        Self {
            wanted: 0,
            given: Mailbox::Empty,
            current: Mailbox::Empty,
            is_cancelled: false,
            extract: Extract::ALL,
            location: Mailbox::Empty,
            outcome: Mailbox::Empty,
            #[cfg(feature = "security")]
            wants_roots: false,
            #[cfg(feature = "security")]
            roots: Mailbox::Empty,
            #[cfg(feature = "security")]
            returned: Mailbox::Empty,
        }
    }

    /// The charge point is being started: nothing is to be done.
    fn begin(&mut self, location: &'static mut Location) {
        self.wanted = 0;
        self.given = Mailbox::Empty;
        self.current = Mailbox::Empty;
        self.is_cancelled = false;
        self.location.put(location);
        self.outcome = Mailbox::Empty;
        #[cfg(feature = "security")]
        {
            self.wants_roots = false;
            self.roots = Mailbox::Empty;
            self.returned = Mailbox::Empty;
        }
    }

    /// This is to be done when its turn comes.
    pub fn want(&mut self, task: Task) {
        self.wanted |= task.bit();
    }

    /// The next task that waits, when none is under way.
    pub fn next(&mut self) -> Option<Task> {
        if matches!(self.current, Mailbox::Full(_)) {
            return None;
        }
        let mut tasks = Task::ALL.into_iter();
        let task = tasks.find(|task| self.wanted & task.bit() != 0)?;
        self.wanted &= !task.bit();
        Some(task)
    }

    /// Gives a task to the thread; `set` writes where its file is. Nothing is given when that fails.
    pub fn give(
        &mut self,
        task: Task,
        set: impl FnOnce(&mut Location) -> Result<(), TransferFailure>,
    ) -> Result<(), TransferFailure> {
        match self.location.get_mut() {
            Some(location) => set(location)?,
            None => return Err(TransferFailure::Interrupted),
        }
        self.given.put(task);
        self.current.put(task);
        self.is_cancelled = false;
        http::cancel(false);
        Semaphore::Files.give();
        Ok(())
    }

    /// This is not wanted any more.
    pub fn cancel(&mut self, task: Task) {
        self.wanted &= !task.bit();
        if matches!(self.current, Mailbox::Full(current) if current == task) {
            self.is_cancelled = true;
            http::cancel(true);
        }
    }

    /// The log is delivered from one time to another, with the next [`Task::Upload`] that is given.
    pub fn set_extract(&mut self, extract: Extract) {
        self.extract = extract;
    }

    fn take(&mut self) -> Option<(Task, Extract, &'static mut Location)> {
        let task = self.given.take()?;
        Some((task, self.extract, self.location.take()?))
    }

    fn done(&mut self, location: &'static mut Location, outcome: Outcome) {
        self.location.put(location);
        self.outcome.put(outcome);
    }

    /// What has become of the task under way, once that has ended; inside, `None` for one that was not
    /// wanted any more.
    pub fn take_outcome(&mut self) -> Option<Option<Outcome>> {
        let outcome = self.outcome.take()?;
        self.current = Mailbox::Empty;
        Some((!self.is_cancelled).then_some(outcome))
    }
}

/// The charge point is being started.
///
/// # Safety
///
/// The thread of before has ended.
pub unsafe fn begin() {
    // SAFETY: with its thread and the engine's, all references to it are gone.
    let location = unsafe { LOCATION.take() };
    FILES.with(|files| files.begin(location));
}

/// The charge point is shut down: what is under way ends soon.
pub fn stop() {
    http::cancel(true);
    Semaphore::Files.give();
}

/// Entry of the thread.
pub extern "C" fn run(_: u32) {
    loop {
        Semaphore::Files.take(FOREVER);
        if lifecycle::is_stopping() {
            return;
        }
        let Some((task, extract, location)) = FILES.with(|files| files.take()) else {
            continue;
        };
        let outcome = match task {
            Task::Install => image::install(),
            Task::Download => Outcome::Downloaded(image::download(location)),
            Task::Upload => Outcome::Uploaded(log::upload(location, extract)),
        };
        FILES.with(|files| files.done(location, outcome));
        socket::wake();
    }
}
