//! Zephyr's kernel: threads, semaphores, one lock, time. The C side is `c/thread.c`.

use core::cell::UnsafeCell;

#[cfg(feature = "v201")]
use ocpp::domain::BootReason;

use crate::{
    errno::Error,
    limits::{self, CALLBACK_THREADS},
};

mod c {
    unsafe extern "C" {
        pub fn ocpp_port_thread_start(number: u32, entry: extern "C" fn(u32));
        pub fn ocpp_port_thread_join(number: u32);
        pub fn ocpp_port_sem_reset(number: u32);
        pub fn ocpp_port_sem_give(number: u32);
        pub fn ocpp_port_sem_take(number: u32, timeout_ms: u32) -> bool;
        pub fn ocpp_port_unlock();
        pub safe fn ocpp_port_lock();
        pub safe fn ocpp_port_is_own_thread() -> bool;
        pub safe fn ocpp_port_is_thread(number: u32) -> bool;
        pub safe fn ocpp_port_is_interrupt() -> bool;
        pub safe fn ocpp_port_uptime() -> u64;
        #[cfg(feature = "v201")]
        pub safe fn ocpp_port_watchdog_reset() -> bool;
        pub safe fn ocpp_port_random() -> u32;
        #[cfg(feature = "firmware-management")]
        pub safe fn ocpp_port_reset_causes() -> u32;
        #[cfg(feature = "firmware-management")]
        pub safe fn ocpp_port_diagnostics_lock();
        #[cfg(feature = "firmware-management")]
        pub fn ocpp_port_diagnostics_unlock();
        pub safe fn ocpp_port_reboot() -> bool;
        #[cfg(all(feature = "image", not(test)))]
        pub safe fn ocpp_port_panic();
    }
}

/// Waits for ever, as a time in milliseconds.
pub const FOREVER: u32 = u32::MAX;

/// One of the threads, by its number in `c/port.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    /// Owns the station and the connection.
    Engine,
    /// Opens connections.
    Connect,
    /// Calls the application back; below [`CALLBACK_THREADS`].
    Callback(usize),
    /// Transfers files.
    #[cfg(feature = "firmware-management")]
    Files,
}

impl Thread {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let callbacks = (0..CALLBACK_THREADS).map(Self::Callback);
        let all = [Self::Engine, Self::Connect].into_iter().chain(callbacks);
        #[cfg(feature = "firmware-management")]
        let all = all.chain([Self::Files]);
        all
    }

    fn number(self) -> u32 {
        match self {
            Self::Engine => 0,
            Self::Connect => 1,
            Self::Callback(which) => 2 + which.min(CALLBACK_THREADS - 1) as u32,
            #[cfg(feature = "firmware-management")]
            Self::Files => 2 + CALLBACK_THREADS as u32,
        }
    }

    /// Starts it. It must not be running.
    pub fn start(self, entry: extern "C" fn(u32)) {
        // SAFETY: number() stays below OCPP_PORT_THREADS, and only the one thread that
        // `lifecycle::begin` let through starts threads.
        unsafe { c::ocpp_port_thread_start(self.number(), entry) };
    }

    /// Waits until it has returned.
    pub fn join(self) {
        // SAFETY: number() stays below OCPP_PORT_THREADS; a thread that was never started is
        // not joined, because only what `start` was called for is shut down.
        unsafe { c::ocpp_port_thread_join(self.number()) };
    }

    /// True when it is the one that calls.
    pub fn is_current(self) -> bool {
        c::ocpp_port_is_thread(self.number())
    }
}

/// Checks that the caller may take the lock and wait.
///
/// # Errors
///
/// [`Error::WouldBlock`] in an interrupt.
pub fn may_wait() -> Result<(), Error> {
    match c::ocpp_port_is_interrupt() {
        true => Err(Error::WouldBlock),
        false => Ok(()),
    }
}

/// True on one of these threads, so also in a callback.
pub fn is_own_thread() -> bool {
    c::ocpp_port_is_own_thread()
}

/// One of the semaphores, by its number in `c/port.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semaphore {
    /// The engine's thread has started, or could not.
    Started,
    /// The connect thread has something to do.
    Connect,
    /// A callback thread has something to do.
    Callback,
    /// The call in that place of the table has its reply; below [`limits::CALLS`].
    Replied(usize),
    /// The thread that transfers files has something to do.
    #[cfg(feature = "firmware-management")]
    Files,
}

impl Semaphore {
    fn number(self) -> u32 {
        match self {
            Self::Started => 0,
            Self::Connect => 1,
            Self::Callback => 2,
            Self::Replied(index) => 3 + index.min(limits::CALLS - 1) as u32,
            #[cfg(feature = "firmware-management")]
            Self::Files => 3 + limits::CALLS as u32,
        }
    }

    /// Sets the count to 0.
    pub fn reset(self) {
        // SAFETY: number() stays below OCPP_PORT_SEMAPHORES, all of which exist since boot.
        unsafe { c::ocpp_port_sem_reset(self.number()) };
    }

    /// Wakes a thread that waits, or lets the next one pass.
    pub fn give(self) {
        // SAFETY: as in `reset`.
        unsafe { c::ocpp_port_sem_give(self.number()) };
    }

    /// Waits; false after the timeout.
    pub fn take(self, timeout_ms: u32) -> bool {
        // SAFETY: as in `reset`.
        unsafe { c::ocpp_port_sem_take(self.number(), timeout_ms) }
    }
}

/// Monotonic milliseconds.
pub fn now() -> u64 {
    c::ocpp_port_uptime()
}

/// Why the hardware says that it boots, if that is more than that power came on.
#[cfg(feature = "v201")]
pub fn boot_reason() -> Option<BootReason> {
    c::ocpp_port_watchdog_reset().then_some(BootReason::Watchdog)
}

/// Why the hardware says that it boots: bits as Zephyr's `hwinfo` has them, 0 if that is not known.
#[cfg(feature = "firmware-management")]
pub fn reset_causes() -> u32 {
    c::ocpp_port_reset_causes()
}

/// A random number.
pub fn random() -> u32 {
    c::ocpp_port_random()
}

/// Reboots; returns if the image is built without that.
pub fn reboot() {
    c::ocpp_port_reboot();
}

/// Stops the image.
#[cfg(all(feature = "image", not(test)))]
pub fn panic() {
    c::ocpp_port_panic();
}

/// A value behind the port's lock. There is one lock for all of them, so the closure must not use
/// another one; the C side stops an image that does.
pub struct Locked<T>(UnsafeCell<T>);

// SAFETY: `with` is the only way to the value, and it holds the lock meanwhile.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    /// Puts a value behind the lock.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Reads or changes the value. It must be quick, for other threads wait.
    pub fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        c::ocpp_port_lock();
        // SAFETY: the lock is held, and `ocpp_port_lock` does not return to a thread that
        // already holds it, so this is the only reference.
        let result = change(unsafe { &mut *self.0.get() });
        // SAFETY: taken above, by this thread.
        unsafe { c::ocpp_port_unlock() };
        result
    }
}

/// A value behind a lock of its own, which a thread may hold for as long as flash takes. [`Locked`]
/// values may be used meanwhile, never the other way round.
#[cfg(feature = "firmware-management")]
pub struct LongLocked<T>(UnsafeCell<T>);

// SAFETY: `with` is the only way to the value, and it holds the lock meanwhile. There is one such
// value.
#[cfg(feature = "firmware-management")]
unsafe impl<T: Send> Sync for LongLocked<T> {}

#[cfg(feature = "firmware-management")]
impl<T> LongLocked<T> {
    /// Puts a value behind the lock.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Reads or changes the value.
    pub fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        c::ocpp_port_diagnostics_lock();
        // SAFETY: the lock is held, and `ocpp_port_diagnostics_lock` does not return to a thread
        // that already holds it, so this is the only reference.
        let result = change(unsafe { &mut *self.0.get() });
        // SAFETY: taken above, by this thread.
        unsafe { c::ocpp_port_diagnostics_unlock() };
        result
    }
}

/// A value that belongs to one thread for as long as that runs.
///
/// `static_cell` gives a value out once and never again. Here each start of the charge point does,
/// to another thread; and `static_cell` takes an atomic compare-and-exchange, which Cortex-M0 lacks.
pub struct ThreadCell<T>(UnsafeCell<T>);

// SAFETY: `take` is only called by the thread that owns the value. That is another one after each
// start, so the value moves between threads.
unsafe impl<T: Send> Sync for ThreadCell<T> {}

impl<T> ThreadCell<T> {
    /// With the value that the first thread finds.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// Only its thread may call this, and only when no reference of an earlier call is in use.
    #[allow(clippy::mut_from_ref, reason = "what `unsafe` promises")]
    pub unsafe fn take(&self) -> &mut T {
        // SAFETY: the caller promises that this is the only reference.
        unsafe { &mut *self.0.get() }
    }
}

/// A value that is written while the charge point is off, and only read while it runs, without a
/// lock. `static_cell` does not do here, because the next start writes it again.
pub struct SetupCell<T>(UnsafeCell<T>);

// SAFETY: `get_mut` is only called while no other thread reads. One thread writes the value and
// others read it at the same time.
unsafe impl<T: Send + Sync> Sync for SetupCell<T> {}

impl<T> SetupCell<T> {
    /// With a first value.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The value, to be changed.
    ///
    /// # Safety
    ///
    /// No reference that [`Self::get`] gave is in use any more, and no thread calls it until
    /// the change is done.
    #[allow(clippy::mut_from_ref, reason = "what `unsafe` promises")]
    pub unsafe fn get_mut(&self) -> &mut T {
        // SAFETY: the caller promises that this is the only reference.
        unsafe { &mut *self.0.get() }
    }

    /// The value.
    pub fn get(&self) -> &T {
        // SAFETY: a caller of `get_mut` promises that no other thread is here meanwhile.
        unsafe { &*self.0.get() }
    }
}
