//! The whole charge point on a host: its threads, its lock, and a central system of a few lines.
//! What only Zephyr can show is in `tests/zephyr`. These also run under Miri and ThreadSanitizer
//! (`cargo xtask miri`, `cargo xtask tsan`).

use std::{
    string::String,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

#[cfg(feature = "firmware-management")]
use std::sync::atomic::AtomicBool;

use ocpp::{
    domain::{ChargePointError, IdToken, Identity, Measurand},
    station::Event,
};

use crate::{
    callbacks::{CALLBACKS, Callbacks},
    calls::CALLS,
    charge_point::{
        self, Application, Description, Error, Reach, Server, Session, SessionId, Version,
    },
    host, storage,
};

const PATIENCE: Duration = Duration::from_secs(if cfg!(miri) { 600 } else { 20 });
const LONG_MS: u32 = PATIENCE.as_millis() as u32;
const ACCEPTED: &str = r#"{"idTagInfo":{"status":"Accepted"}}"#;

/// What the central system says to CALLs.
const ANSWERS: [(&str, &str); 3] = [
    (
        "BootNotification",
        r#"{"status":"Accepted","currentTime":"2026-03-01T08:00:00Z","interval":300}"#,
    ),
    ("Authorize", ACCEPTED),
    (
        "StartTransaction",
        r#"{"transactionId":1,"idTagInfo":{"status":"Accepted"}}"#,
    ),
];

/// Tests take turns: there is one charge point.
static TURN: Mutex<()> = Mutex::new(());

/// Writes down what it is told.
struct App {
    notices: Mutex<Vec<String>>,
    more: Condvar,
    /// Settings that it declares.
    #[cfg(feature = "settings")]
    settings: Mutex<&'static [ocpp::station::Setting<'static>]>,
    /// Done where the engine tells what happens.
    meanwhile: Mutex<Option<fn()>>,
    register: AtomicI32,
    /// Firmware is installed later.
    #[cfg(feature = "firmware-management")]
    puts_off: AtomicBool,
    /// The sessions whose transactions are over.
    stopped: Mutex<Vec<Option<SessionId>>>,
}

static APP: App = App {
    notices: Mutex::new(Vec::new()),
    more: Condvar::new(),
    #[cfg(feature = "settings")]
    settings: Mutex::new(&[]),
    meanwhile: Mutex::new(None),
    register: AtomicI32::new(0),
    #[cfg(feature = "firmware-management")]
    puts_off: AtomicBool::new(false),
    stopped: Mutex::new(Vec::new()),
};

impl App {
    fn note(&self, what: String) {
        self.notices().push(what);
        self.more.notify_all();
    }

    fn notices(&self) -> MutexGuard<'_, Vec<String>> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is told that in time.
    fn hears(&self, what: &str, within: Duration) -> bool {
        let heard = |notices: &mut Vec<String>| !notices.iter().any(|notice| notice == what);
        let waited = self.more.wait_timeout_while(self.notices(), within, heard);
        !waited.unwrap().1.timed_out()
    }
}

impl Application for App {
    #[cfg(feature = "settings")]
    fn settings(&self) -> &'static [ocpp::station::Setting<'static>] {
        *self.settings.lock().unwrap()
    }

    #[cfg(feature = "settings")]
    fn setting_changed(&self, number: u8) {
        let value = charge_point::setting(number);
        self.note(std::format!("setting {number} {value:?}"));
    }

    fn read_meter(&self, _: u8, measurand: Measurand) -> Option<i32> {
        let register = self.register.load(Ordering::Relaxed);
        (measurand == Measurand::EnergyActiveImportRegister).then_some(register)
    }

    fn start_charging(&self, connector: u8, id_tag: IdToken) -> Result<(), Error> {
        self.note(std::format!("start {connector} {id_tag}"));
        Ok(())
    }

    fn stop_charging(&self, connector: u8, session: Option<SessionId>) {
        self.stopped.lock().unwrap().push(session);
        self.note(std::format!("stop {connector}"));
    }

    fn limit_charging(&self, connector: u8, limit: Option<u16>) {
        self.note(std::format!("limit {connector} {limit:?}"));
    }

    #[cfg(feature = "reservation")]
    fn reservation_changed(&self, connector: u8, id: i32, state: ocpp::station::ReservationState) {
        let reservation = charge_point::reservation(connector).unwrap();
        let holder = reservation.map(|it| it.id_tag.as_str().to_owned());
        self.note(std::format!(
            "reservation {connector} {id} {state:?} {holder:?}"
        ));
    }

    fn data_transfer(
        &self,
        message_id: Option<&str>,
        payload: Option<&str>,
        answer: &mut heapless::String<{ ocpp::limits::DATA_LENGTH }>,
    ) -> Result<(), Error> {
        // Others look at what is shared meanwhile.
        for _ in 0..100 {
            CALLBACKS.with(|_| {});
            thread::yield_now();
        }
        let said = std::format!("{} {}", message_id.unwrap_or("-"), payload.unwrap_or("-"));
        answer.push_str(&said).unwrap();
        self.note(said);
        Ok(())
    }

    #[cfg(feature = "firmware-management")]
    fn install_firmware(&self) -> Result<(), Error> {
        self.note("install".into());
        match self.puts_off.load(Ordering::Relaxed) {
            true => Err(Error::NotNow),
            false => Ok(()),
        }
    }

    #[cfg(feature = "firmware-management")]
    fn reset(&self, hard: bool) -> Result<(), Error> {
        self.note(std::format!("reset {hard}"));
        Ok(())
    }

    fn happened(&self, _: &Event) {
        if let Some(meanwhile) = *self.meanwhile.lock().unwrap() {
            meanwhile();
        }
    }

    fn reached(&self, reach: Reach) {
        self.note(std::format!("{reach:?}"));
    }
}

fn start() -> Result<(), Error> {
    start_speaking(Version::V16)
}

fn start_speaking(version: Version) -> Result<(), Error> {
    start_at(&Server::new("host", 1, "/CP1").speaking(version))
}

fn start_at(server: &Server<'_>) -> Result<(), Error> {
    let description = Description {
        identity: Identity {
            vendor: "tests",
            model: "port",
            ..Identity::default()
        },
        connectors: 2,
    };
    charge_point::start(&description, server, &APP)
}

/// One test at a time, which begins with nothing and leaves nothing.
struct Turn(#[allow(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

impl Turn {
    fn take() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // What a test left undelivered would be told in the next one.
        // SAFETY: the engine's thread, whose they are, has ended with the turn before.
        *unsafe { storage::RECORDS.take() } = storage::RECORDS_AT_FIRST;
        host::reset();
        APP.notices().clear();
        *APP.meanwhile.lock().unwrap() = None;
        APP.stopped.lock().unwrap().clear();
        APP.register.store(0, Ordering::Relaxed);
        Self(turn)
    }

    /// With a charge point that the central system has accepted.
    fn online() -> Self {
        Self::speaking(Version::V16, &ANSWERS)
    }

    /// With one that speaks this version, and what the central system says to its CALLs.
    fn speaking(version: Version, answers: &[(&'static str, &'static str)]) -> Self {
        let turn = Self::take();
        host::wire(|wire| {
            wire.is_listening = true;
            wire.answers = answers.into();
        });
        start_speaking(version).unwrap();
        assert!(APP.hears("Online", PATIENCE));
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        host::wire(|wire| wire.room = usize::MAX);
        let _ = charge_point::stop();
    }
}

fn wait_until(condition: impl Fn() -> bool, within: Duration) -> bool {
    let until = Instant::now() + within;
    while !condition() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

fn called(action: &str) -> bool {
    host::wire(|wire| wire.calls.iter().any(|call| call == action))
}

fn charge(id_tag: &str) -> Session {
    let mut session = Session::open().unwrap();
    let authorized = session.authorize(IdToken::try_from(id_tag).unwrap(), LONG_MS);
    assert!(authorized.is_ok(), "{authorized:?}");
    assert_eq!(session.start_transaction(1, 0, LONG_MS), Ok(()));
    session
}

#[test]
fn what_the_station_offers_is_what_the_handshake_offers() {
    let _turn = Turn::online();
    assert_eq!(host::wire(|wire| wire.offered.clone()), "ocpp1.6");
}

#[test]
fn a_stop_names_its_session() {
    let _turn = Turn::online();
    let mut session = charge("DRIVER");
    let id = session.id();
    host::wire(|wire| wire.say(r#"[2,"1","RemoteStopTransaction",{"transactionId":1}]"#));
    assert!(APP.hears("stop 1", PATIENCE));
    assert_eq!(*APP.stopped.lock().unwrap(), [Some(id)]);
    assert_eq!(session.stop_transaction(9, LONG_MS), Ok(()));
    drop(session);
    assert_ne!(charge("NEXT").id(), id);
}

#[test]
fn a_transaction_that_a_shutdown_cut_off_is_told_once_and_another_one_never() {
    let _turn = Turn::online();
    let session = charge("DRIVER");
    assert_eq!(charge_point::stop(), Ok(()));
    // Also what was told of the test before.
    APP.notices().clear();
    APP.stopped.lock().unwrap().clear();
    // The contactor may still be closed.
    start().unwrap();
    assert!(APP.hears("stop 1", PATIENCE));
    assert_eq!(*APP.stopped.lock().unwrap(), [None]);
    assert!(APP.hears("Online", PATIENCE));
    drop(session);

    // After a power loss the application is as new as the charge point.
    let session = charge("DRIVER");
    assert_eq!(charge_point::stop(), Ok(()));
    host::wire(|wire| wire.calls.clear());
    CALLBACKS.with(|callbacks| *callbacks = Callbacks::new());
    APP.notices().clear();
    start().unwrap();
    assert!(APP.hears("Online", PATIENCE));
    assert!(wait_until(|| called("StopTransaction"), PATIENCE));
    assert!(!APP.notices().iter().any(|notice| notice == "stop 1"));
    drop(session);
}

#[test]
fn every_driver_is_asked_for_before_a_report_that_waits() {
    let _turn = Turn::online();
    host::wire(|wire| {
        wire.holds = |_| true;
        wire.calls.clear();
    });
    // One report is on its way, and others wait.
    charge_point::set_plugged(1, true).unwrap();
    charge_point::set_plugged(2, true).unwrap();
    let drivers = ["ONE", "TWO", "THREE"].map(|id_tag| {
        thread::spawn(move || {
            let mut session = Session::open().unwrap();
            session.authorize(IdToken::try_from(id_tag).unwrap(), LONG_MS)
        })
    });
    assert!(wait_until(
        || CALLS.with(|calls| calls.under_way()) == 3,
        PATIENCE
    ));
    host::wire(|wire| wire.release());
    for driver in drivers {
        assert!(driver.join().unwrap().is_ok());
    }
    let calls = || host::wire(|wire| wire.calls.clone());
    let first = calls().iter().position(|call| call == "Authorize").unwrap();
    assert_eq!(calls()[first..][..3], ["Authorize"; 3]);
    let reported = || {
        calls()[first..]
            .iter()
            .any(|call| call == "StatusNotification")
    };
    assert!(wait_until(reported, PATIENCE), "no report waited");
}

#[test]
fn a_data_transfer_is_read_while_others_look_at_what_is_shared() {
    let _turn = Turn::online();
    host::wire(|wire| {
        wire.say(
            r#"[2,"1","DataTransfer",{"vendorId":"org.example","messageId":"Call","data":"me"}]"#,
        );
    });
    let until = Instant::now() + PATIENCE;
    while !APP.hears("Call me", Duration::from_millis(1)) {
        assert!(Instant::now() < until);
        charge_point::set_plugged(1, true).unwrap();
        charge_point::connection();
    }
    let answer = r#"[3,"1",{"status":"Accepted","data":"Call me"}]"#;
    let is_answered = || host::wire(|wire| wire.results.iter().any(|result| result == answer));
    assert!(wait_until(is_answered, PATIENCE));
    // The next one is taken as well.
    host::wire(|wire| wire.say(r#"[2,"2","DataTransfer",{"vendorId":"org.example"}]"#));
    assert!(APP.hears("- -", PATIENCE));
}

#[test]
fn an_id_tag_does_not_write_lines_of_its_own() {
    let _turn = Turn::online();
    charge_point::set_plugged(1, true).unwrap();
    let id_tag = IdToken::try_from("\u{1b}[2J\n<err> forged").unwrap();
    charge_point::present_id_tag(1, id_tag).unwrap();
    let said = "idTag ?[2J?<err> forged Accepted";
    assert!(wait_until(
        || host::lines().iter().any(|line| line == said),
        PATIENCE
    ));
}

#[cfg(feature = "shell")]
#[test]
fn the_shell_shows_the_register_as_it_is_now() {
    let _turn = Turn::online();
    let session = charge("DRI\u{1b}VER");
    APP.register.store(55, Ordering::Relaxed);
    let arguments = [c"connectors".as_ptr(), c"1".as_ptr()];
    // SAFETY: the shell is not looked at, and there are two arguments.
    let shown = unsafe {
        crate::shell::ocpp_port_shell_connectors(core::ptr::null(), 2, arguments.as_ptr())
    };
    assert_eq!(shown, 0);
    let said = "1   Charging       55 Wh          transaction 1, DRI?VER\n";
    assert_eq!(host::printed(), said);
    drop(session);
}

mod callers;
#[cfg(feature = "firmware-management")]
mod diagnostics;
mod in_c;
mod large_variables;
#[cfg(all(
    feature = "shell",
    feature = "local-list",
    feature = "reservation",
    feature = "smart-charging"
))]
mod shell;
mod slow_peer;

#[cfg(feature = "firmware-management")]
mod files;
#[cfg(feature = "settings")]
mod own_settings;
#[cfg(feature = "reservation")]
mod reservations;

#[cfg(all(feature = "security", feature = "v16"))]
mod security;
#[cfg(feature = "v201")]
mod v201;
