//! From `ocpp_init` to `ocpp_deinit` and back: which of the two is under way, and the threads that
//! they start and join.

#[cfg(feature = "firmware-management")]
use crate::files;
use crate::{
    application::Application,
    callbacks::{self, CALLBACKS},
    connect_thread::{self, CONNECT_STATE},
    engine,
    errno::Error,
    kernel::{self, FOREVER, Locked, Semaphore, Thread},
    log::line,
    settings::{SETTINGS, Settings},
    socket,
};

/// Where the charge point is between start and stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not there.
    Off,
    /// Its threads are being started.
    Starting,
    /// There.
    Running,
    /// Its threads are to return.
    Stopping,
}

#[derive(Debug)]
struct Lifecycle {
    phase: Phase,
    /// A thread is starting or stopping it, which no other may do meanwhile.
    is_changing: bool,
    connectors: u8,
}

static LIFECYCLE: Locked<Lifecycle> = Locked::new(Lifecycle {
    phase: Phase::Off,
    is_changing: false,
    connectors: 0,
});

/// True when the threads have to return.
pub fn is_stopping() -> bool {
    LIFECYCLE.with(|lifecycle| lifecycle.phase == Phase::Stopping)
}

/// True between start and stop.
#[cfg(feature = "shell")]
pub fn is_running() -> bool {
    LIFECYCLE.with(|lifecycle| lifecycle.phase == Phase::Running)
}

/// How many connectors the charge point has, or had when it ran last.
pub fn connectors() -> u8 {
    LIFECYCLE.with(|lifecycle| lifecycle.connectors)
}

/// The engine's thread is ready: the charge point runs.
pub fn running() {
    LIFECYCLE.with(|lifecycle| lifecycle.phase = Phase::Running);
}

/// Begins to start or to stop the charge point: goes from one phase to another. From here to
/// [`end`] the calling thread is the only one that starts and joins threads and writes settings,
/// whatever phase they have reached meanwhile.
///
/// # Errors
///
/// [`Error::Invalid`] in another phase, or while another thread is between these two;
/// [`Error::WouldBlock`] in an interrupt.
fn begin(from: Phase, to: Phase) -> Result<(), Error> {
    kernel::may_wait()?;
    LIFECYCLE.with(|lifecycle| {
        if lifecycle.is_changing || lifecycle.phase != from {
            return Err(Error::Invalid);
        }
        lifecycle.is_changing = true;
        lifecycle.phase = to;
        Ok(())
    })
}

/// What was begun is done, and this is the phase now.
fn end(phase: Phase) {
    LIFECYCLE.with(|lifecycle| {
        lifecycle.phase = phase;
        lifecycle.is_changing = false;
    });
}

/// Starts the charge point with the application that `prepare` gives and the settings that `set`
/// writes. Both run while nothing else does.
///
/// # Errors
///
/// Those of `prepare` and `set`; [`Error::Invalid`] when it runs already, or cannot be described to
/// a central system; [`Error::NoMemory`] without a file descriptor to wake its thread with;
/// [`Error::WouldBlock`] in an interrupt.
pub fn start(
    prepare: impl FnOnce() -> Result<&'static dyn Application, Error>,
    set: impl FnOnce(&mut Settings, &'static dyn Application) -> Result<(), Error>,
) -> Result<(), Error> {
    begin(Phase::Off, Phase::Starting)?;
    let started = prepare().and_then(|application| {
        // SAFETY: between `begin` and `end` only this thread is here, and no thread that reads the
        // settings runs yet.
        set(unsafe { SETTINGS.get_mut() }, application)?;
        start_threads()
    });
    end(match started {
        Ok(()) => Phase::Running,
        Err(_) => Phase::Off,
    });
    started
}

/// Runs `change` while the charge point is off, and keeps it off meanwhile.
///
/// # Errors
///
/// [`Error::Invalid`] if it runs, [`Error::WouldBlock`] in an interrupt; those of `change`.
pub fn while_off(change: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    begin(Phase::Off, Phase::Starting)?;
    let changed = change();
    end(Phase::Off);
    changed
}

/// The engine's thread is the last: when it says that the charge point runs, all are there.
fn start_threads() -> Result<(), Error> {
    socket::wake_open().map_err(|_| Error::NoMemory)?;
    line!(Info, "upstream init");
    for semaphore in [Semaphore::Started, Semaphore::Connect, Semaphore::Callback] {
        semaphore.reset();
    }
    let connectors = SETTINGS.get().connectors;
    LIFECYCLE.with(|lifecycle| lifecycle.connectors = connectors);
    CALLBACKS.with(|callbacks| callbacks.clear());
    CONNECT_STATE.with(|state| state.begin());
    #[cfg(feature = "firmware-management")]
    {
        Semaphore::Files.reset();
        // SAFETY: no thread of the charge point runs yet.
        unsafe { files::begin() };
    }
    for thread in Thread::all() {
        match thread {
            Thread::Engine => {}
            Thread::Connect => thread.start(connect_thread::run),
            Thread::Callback(_) => thread.start(callbacks::run),
            #[cfg(feature = "firmware-management")]
            Thread::Files => thread.start(files::run),
        }
    }
    Thread::Engine.start(engine::run);
    Semaphore::Started.take(FOREVER);
    let runs = LIFECYCLE.with(|lifecycle| {
        let runs = lifecycle.phase == Phase::Running;
        if !runs {
            lifecycle.phase = Phase::Stopping;
        }
        runs
    });
    if !runs {
        join_threads();
        return Err(Error::Invalid);
    }
    Ok(())
}

fn join_threads() {
    Thread::Engine.join();
    Semaphore::Connect.give();
    #[cfg(feature = "firmware-management")]
    files::stop();
    for _ in Thread::all() {
        Semaphore::Callback.give();
    }
    for thread in Thread::all() {
        thread.join();
    }
}

/// Stops the charge point, and waits for its threads.
///
/// # Errors
///
/// [`Error::Invalid`] when it does not run, or another thread is about to start or stop it;
/// [`Error::WaitsForItself`] in a callback, [`Error::WouldBlock`] in an interrupt.
pub fn stop() -> Result<(), Error> {
    kernel::may_wait()?;
    if kernel::is_own_thread() {
        return Err(Error::WaitsForItself);
    }
    begin(Phase::Running, Phase::Stopping)?;
    socket::wake();
    join_threads();
    end(Phase::Off);
    Ok(())
}
