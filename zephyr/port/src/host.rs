//! What `c/` is in an image, for tests on a host: threads, semaphores and the lock are those of
//! `std`, and the central system is a [`Wire`] that a test holds.

use core::{
    cell::Cell,
    ffi::{CStr, c_char, c_int},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};
use std::{
    collections::VecDeque,
    string::String,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle, ThreadId},
    time::{Duration, Instant},
    vec::Vec,
};

use crate::socket::Server;

const FILES: usize = cfg!(feature = "firmware-management") as usize;
const THREADS: usize = 2 + crate::limits::CALLBACK_THREADS + FILES;
const SEMAPHORES: usize = 3 + crate::limits::CALLS + FILES;

/// As an image has them, but for the names: `errno.c` is not there.
#[allow(non_upper_case_globals, reason = "the name is that of C")]
pub static ocpp_port_errors: [i32; crate::errno::ERRORS] =
    [13, 11, 12, 16, 22, 35, 107, 110, 95, 5, 140];

static JOINS: [Mutex<Option<JoinHandle<()>>>; THREADS] = [const { Mutex::new(None) }; THREADS];
static COUNTS: [Mutex<u32>; SEMAPHORES] = [const { Mutex::new(0) }; SEMAPHORES];
static GIVEN: [Condvar; SEMAPHORES] = [const { Condvar::new() }; SEMAPHORES];
static TABLE: Lock = Lock::new();
#[cfg(feature = "firmware-management")]
static LONG: Lock = Lock::new();
#[cfg(feature = "shell")]
static PRINTED: Mutex<String> = Mutex::new(String::new());
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static WIRE: Mutex<Wire> = Mutex::new(Wire::new());
static WOKEN: Condvar = Condvar::new();
static DAWDLES: AtomicBool = AtomicBool::new(false);
static CHANCE: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static NUMBER: Cell<Option<u32>> = const { Cell::new(None) };
    static IN_INTERRUPT: Cell<bool> = const { Cell::new(false) };
}

/// A test that failed has told so already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A mutex of the kernel.
struct Lock {
    holder: Mutex<Option<ThreadId>>,
    released: Condvar,
}

impl Lock {
    const fn new() -> Self {
        Self {
            holder: Mutex::new(None),
            released: Condvar::new(),
        }
    }

    fn is_mine(&self) -> bool {
        *lock(&self.holder) == Some(thread::current().id())
    }

    fn take(&self) {
        assert!(!self.is_mine(), "the lock is taken twice");
        let mut holder = lock(&self.holder);
        while holder.is_some() {
            holder = self
                .released
                .wait(holder)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *holder = Some(thread::current().id());
    }

    fn release(&self) {
        *lock(&self.holder) = None;
        self.released.notify_one();
    }
}

/// The connection, and the central system at its other end.
#[derive(Debug)]
pub struct Wire {
    /// The next attempt to connect succeeds.
    pub is_listening: bool,
    /// Bytes that it takes until it is told to take more.
    pub room: usize,
    /// What it says to a CALL of that action.
    pub answers: Vec<(&'static str, &'static str)>,
    /// The CALLs that arrived, by their actions.
    pub calls: Vec<String>,
    /// All frames that arrived.
    pub frames: Vec<String>,
    /// Answers that arrived.
    pub results: Vec<String>,
    /// Frames to the charge point: flags as Zephyr has them, payload.
    arriving: VecDeque<(u32, Vec<u8>)>,
    /// A part of a frame from there.
    arrived: Vec<u8>,
    is_open: bool,
    /// Answers to such actions are kept back.
    pub holds: fn(&str) -> bool,
    held: Vec<String>,
    /// So often was it opened.
    pub opened: usize,
    /// The subprotocol that was offered last.
    pub offered: String,
    is_woken: bool,
}

impl Wire {
    const fn new() -> Self {
        Self {
            is_listening: false,
            room: usize::MAX,
            answers: Vec::new(),
            calls: Vec::new(),
            frames: Vec::new(),
            results: Vec::new(),
            arriving: VecDeque::new(),
            arrived: Vec::new(),
            is_open: false,
            holds: |_| false,
            held: Vec::new(),
            opened: 0,
            offered: String::new(),
            is_woken: false,
        }
    }

    /// A text message for the charge point.
    pub fn say(&mut self, text: &str) {
        const TEXT_FINAL: u32 = 0x03;
        self.arriving.push_back((TEXT_FINAL, text.into()));
        WOKEN.notify_all();
    }

    /// Answers what was kept back, and from now on at once.
    pub fn release(&mut self) {
        self.holds = |_| false;
        for answer in core::mem::take(&mut self.held) {
            self.say(&answer);
        }
    }

    fn take(&mut self, bytes: &[u8]) -> usize {
        let length = bytes.len().min(self.room);
        if self.room != usize::MAX {
            self.room -= length;
        }
        self.arrived.extend_from_slice(&bytes[..length]);
        while let Some((opcode, text)) = self.next_frame() {
            if opcode == 1 {
                self.answer(&text);
            }
        }
        length
    }

    /// Frames of the charge point are masked.
    fn next_frame(&mut self) -> Option<(u8, String)> {
        let short = usize::from(self.arrived.get(1)? & 0x7f);
        let (length, head) = match short {
            126 => {
                let field = self.arrived.get(2..4)?;
                (usize::from(u16::from_be_bytes([field[0], field[1]])), 4)
            }
            short => (short, 2),
        };
        let mask: [u8; 4] = self.arrived.get(head..head + 4)?.try_into().ok()?;
        let masked = self.arrived.get(head + 4..head + 4 + length)?;
        let bytes = masked.iter().zip(mask.iter().cycle());
        let bytes = bytes.map(|(byte, mask)| byte ^ mask).collect();
        let opcode = self.arrived[0] & 0x0f;
        self.arrived.drain(..head + 4 + length);
        Some((opcode, String::from_utf8(bytes).unwrap_or_default()))
    }

    fn answer(&mut self, text: &str) {
        self.frames.push(text.into());
        if !text.starts_with("[2,") {
            self.results.push(text.into());
            return;
        }
        let mut words = text.split('"').skip(1).step_by(2);
        let (Some(id), Some(action)) = (words.next(), words.next()) else {
            return;
        };
        let answers = self.answers.iter();
        let payload = answers
            .filter(|(of, _)| *of == action)
            .map(|(_, payload)| *payload)
            .next();
        let answer = std::format!("[3,\"{id}\",{}]", payload.unwrap_or("{}"));
        let is_held = (self.holds)(action);
        self.calls.push(action.into());
        match is_held {
            true => self.held.push(answer),
            false => self.say(&answer),
        }
    }
}

/// Looks at the other end, or changes it.
pub fn wire<R>(look: impl FnOnce(&mut Wire) -> R) -> R {
    let result = look(&mut lock(&WIRE));
    WOKEN.notify_all();
    result
}

/// No central system, and nothing said.
pub fn reset() {
    *lock(&WIRE) = Wire::new();
    lock(&LINES).clear();
    #[cfg(feature = "firmware-management")]
    files::reset();
    dawdle(false);
}

/// What the log said.
pub fn lines() -> Vec<String> {
    lock(&LINES).clone()
}

/// From now on threads stop where they call the kernel, for as long as others take for much.
pub fn dawdle(dawdles: bool) {
    DAWDLES.store(dawdles, Ordering::Relaxed);
}

/// What a scheduler might do here.
fn preempt() {
    if !DAWDLES.load(Ordering::Relaxed) {
        return;
    }
    // Of a sequence that looks like chance, the same for each run but for who takes what of it.
    let number = CHANCE.fetch_add(0x9e37_79b9, Ordering::Relaxed);
    let chance = (number ^ number >> 16).wrapping_mul(0x85eb_ca6b) >> 24;
    match chance {
        0..16 => thread::sleep(Duration::from_micros(500)),
        16..64 => thread::yield_now(),
        _ => {}
    }
}

/// Runs that as an interrupt would.
pub fn interrupt<R>(handler: impl FnOnce() -> R) -> R {
    IN_INTERRUPT.set(true);
    let result = handler();
    IN_INTERRUPT.set(false);
    result
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_thread_start(number: u32, entry: extern "C" fn(u32)) {
    preempt();
    let mut join = lock(&JOINS[number as usize]);
    assert!(join.is_none(), "thread {number} runs already");
    *join = Some(thread::spawn(move || {
        NUMBER.set(Some(number));
        entry(number);
    }));
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_thread_join(number: u32) {
    let join = lock(&JOINS[number as usize]).take();
    // As in an image, one that has been joined can be joined again.
    // A thread that panicked takes the one with it that waits for it.
    if let Some(Err(panic)) = join.map(JoinHandle::join) {
        std::panic::resume_unwind(panic);
    }
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_is_own_thread() -> bool {
    NUMBER.get().is_some()
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_is_thread(number: u32) -> bool {
    NUMBER.get() == Some(number)
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_is_interrupt() -> bool {
    IN_INTERRUPT.get()
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_lock() {
    preempt();
    assert!(!IN_INTERRUPT.get(), "an interrupt takes the lock");
    TABLE.take();
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_unlock() {
    TABLE.release();
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_sem_reset(number: u32) {
    *lock(&COUNTS[number as usize]) = 0;
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_sem_give(number: u32) {
    *lock(&COUNTS[number as usize]) += 1;
    GIVEN[number as usize].notify_one();
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_sem_take(number: u32, timeout_ms: u32) -> bool {
    let until = Instant::now() + Duration::from_millis(timeout_ms.into());
    let mut count = lock(&COUNTS[number as usize]);
    while *count == 0 {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        (count, _) = GIVEN[number as usize]
            .wait_timeout(count, left)
            .unwrap_or_else(PoisonError::into_inner);
    }
    *count -= 1;
    drop(count);
    preempt();
    true
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_uptime() -> u64 {
    static BOOT: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BOOT.get_or_init(Instant::now).elapsed().as_millis() as u64
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_watchdog_reset() -> bool {
    false
}

/// A pin, and a watchdog.
#[cfg(feature = "firmware-management")]
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_reset_causes() -> u32 {
    0x11
}

#[cfg(feature = "firmware-management")]
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_diagnostics_lock() {
    assert!(!TABLE.is_mine(), "the long lock within the other");
    LONG.take();
}

#[cfg(feature = "firmware-management")]
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_diagnostics_unlock() {
    LONG.release();
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_random() -> u32 {
    0x5eed
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_reboot() -> bool {
    false
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_log(_: u32, line: *const c_char) {
    // SAFETY: the caller gives a C string.
    let line = unsafe { CStr::from_ptr(line) };
    lock(&LINES).push(line.to_string_lossy().into_owned());
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_sntp() -> i64 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_wake_open() -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_wake() {
    wire(|wire| wire.is_woken = true);
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_wait(socket: c_int, is_writing: bool, timeout_ms: i32) -> u32 {
    let timeout = u64::try_from(timeout_ms).unwrap_or(u64::MAX / 2);
    let until = Instant::now() + Duration::from_millis(timeout);
    let mut wire = lock(&WIRE);
    loop {
        let found = match (socket >= 0, is_writing) {
            (true, true) if wire.room > 0 => 4,
            (true, false) if !wire.arriving.is_empty() => 1,
            _ => 0,
        };
        let left = until.saturating_duration_since(Instant::now());
        if core::mem::take(&mut wire.is_woken) || found != 0 || left.is_zero() {
            return found;
        }
        (wire, _) = WOKEN
            .wait_timeout(wire, left)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_authorization_key() -> *const c_char {
    c"".as_ptr()
}

#[cfg(feature = "tls")]
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_tls_has(_: *const c_int, tag_count: usize, _: c_int) -> bool {
    tag_count > 0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_ws_open(
    server: *const Server,
    status: *mut u16,
    step: *mut u8,
) -> c_int {
    // SAFETY: the caller gives a server, the name of a subprotocol in it, and room for both.
    let offered = unsafe {
        status.write(0);
        step.write(1);
        let server = &*server;
        core::slice::from_raw_parts(server.subprotocol, server.subprotocol_length.into())
    };
    wire(|wire| {
        wire.offered = String::from_utf8_lossy(offered).into_owned();
        if !wire.is_listening {
            return -111;
        }
        wire.is_open = true;
        wire.opened += 1;
        wire.arriving.clear();
        wire.arrived.clear();
        0
    })
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_ws_socket() -> c_int {
    if wire(|wire| wire.is_open) { 3 } else { -1 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_ws_write(bytes: *const u8, length: usize) -> c_int {
    // SAFETY: the caller gives so many bytes.
    let bytes = unsafe { core::slice::from_raw_parts(bytes, length) };
    wire(|wire| wire.take(bytes)) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_ws_receive(
    into: *mut u8,
    room: usize,
    kind: *mut u32,
    remaining: *mut u64,
    _: bool,
) -> c_int {
    const EAGAIN: c_int = -11;
    let Some((flags, bytes)) = wire(|wire| wire.arriving.pop_front()) else {
        return EAGAIN;
    };
    assert!(bytes.len() <= room);
    // SAFETY: the caller gives room for all of these, and it was just compared.
    unsafe {
        into.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        kind.write(flags);
        remaining.write(0);
    }
    bytes.len() as c_int
}

#[unsafe(no_mangle)]
extern "C" fn ocpp_port_ws_close(_: bool) {
    wire(|wire| wire.is_open = false);
}

#[cfg(feature = "security")]
mod certificates;
#[cfg(feature = "firmware-management")]
pub mod files;

#[cfg(feature = "shell")]
#[unsafe(no_mangle)]
unsafe extern "C" fn ocpp_port_shell_print(
    _: *const core::ffi::c_void,
    _: bool,
    text: *const c_char,
) {
    // SAFETY: the caller gives a C string.
    let text = unsafe { CStr::from_ptr(text) };
    lock(&PRINTED).push_str(&text.to_string_lossy());
}

/// What shells have printed since this was asked last.
#[cfg(feature = "shell")]
pub fn printed() -> String {
    core::mem::take(&mut lock(&PRINTED))
}

#[cfg(feature = "shell")]
#[unsafe(no_mangle)]
extern "C" fn ocpp_port_log_level(_: u32) -> u32 {
    3
}
