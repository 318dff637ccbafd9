//! The charge point of a scenario, on a thread of its own.

use std::{
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem};
use ocpp::storage::Storage;
use serde_json::{Value, json};
use tokio::sync::oneshot::{self, error::TryRecvError};

use super::{
    folder::Folder,
    log::Log,
    options::{self, StationOptions},
};
use crate::{
    address::{Access, Address},
    charge_point::{Asked, ChargePoint, FileSettings, Inbox, Question, Settings},
    inbox::Message,
    password::Password,
    report::{Report, observer},
    storage::{FileStorage, MemoryStorage},
    tls::TlsFiles,
};

/// How long the keys may take that a charge point has beforehand.
const KEYS_PATIENCE: Duration = Duration::from_secs(10);
/// How long the next scenario waits for a charge point that ends.
const FAREWELL: Duration = Duration::from_secs(3);
/// How long it is waited for what comes of a command.
const SETTLED: Duration = Duration::from_millis(500);
/// As without `--latency`.
const LATENCY: Duration = Duration::from_millis(20);

/// A charge point that runs.
#[derive(Debug)]
pub struct Station {
    inbox: Inbox,
    running: Option<JoinHandle<()>>,
    /// When the time of its log began.
    pub started: Instant,
    _folder: Option<Folder>,
}

/// What the command line says of all charge points.
#[derive(Clone, Debug, Default)]
pub struct Common {
    pub tls: TlsFiles,
    pub password: Option<Password>,
    /// They are for scenarios of profiles 2 and 3 alone.
    pub only_secured: bool,
    /// A certificate that no central system knows, and its key.
    pub stranger: Option<(PathBuf, PathBuf)>,
}

impl Common {
    /// A charge point whose profile takes no root certificate, or none of its own, has none.
    fn tls_files(&self, options: &StationOptions) -> TlsFiles {
        let mut tls = self.tls.clone();
        let profile = options.profile.or(self.only_secured.then_some(0));
        if matches!(profile, Some(0 | 1)) {
            tls.roots = None;
        }
        match (profile, options.certificate) {
            (Some(0..=2), _) => tls.own = None,
            (_, options::Certificate::Unknown) => tls.own = self.stranger.clone(),
            _ => {}
        }
        tls
    }
}

/// The records of a charge point.
enum Kept {
    Memory(MemoryStorage),
    Files(FileStorage),
}

impl Kept {
    fn storage(&mut self) -> &mut dyn Storage {
        match self {
            Self::Memory(storage) => storage,
            Self::Files(storage) => storage,
        }
    }
}

impl Station {
    /// Starts it. The error is for the user.
    pub fn start(
        csms: &str,
        identity: &str,
        options: &StationOptions,
        password: Option<Password>,
        common: &Common,
        report: &Report,
    ) -> Result<(Self, Log), String> {
        let settings = settings(csms, identity, options, password, common)?;
        let folder = match options.storage {
            options::Storage::Memory => None,
            options::Storage::Files => Some(Folder::new()?),
        };
        let path = folder.as_ref().map(Folder::path);
        let mut kept = match path {
            None => Kept::Memory(MemoryStorage::default()),
            Some(path) => {
                let storage = FileStorage::open(path);
                let storage = storage.map_err(|error| format!("{}: {error}", path.display()))?;
                Kept::Files(storage)
            }
        };
        if !options.keys.is_empty() {
            set_keys(&settings, &options.keys, &mut kept, report)?;
        }
        let started = Instant::now();
        let (observer, happenings) = observer();
        let report = report.apart(started).observed_by(observer);
        let charge_point = ChargePoint::new(settings, path, started, report.clone())?;
        let inbox = charge_point.inbox();
        let running = thread::Builder::new()
            .name("charge point".to_owned())
            .spawn(move || {
                let mut report = report;
                if let Err(problem) = charge_point.run(kept.storage()) {
                    report.error(problem);
                }
            });
        let running = running.map_err(|error| format!("no thread for it: {error}"))?;
        let running = Some(running);
        let station = Self {
            inbox,
            running,
            started,
            _folder: folder,
        };
        Ok((station, Log::new(happenings)))
    }

    /// Gives it a command. The error is for the user.
    pub fn command(&self, line: &str) -> Result<(), String> {
        let sent = self.inbox.send(Message::Line(line.to_owned()));
        sent.map_err(|_| "the charge point has ended".to_owned())
    }

    /// Waits until it has carried out what it has taken, or has no time for that: why it refuses a command is
    /// told by then.
    pub fn settle(&self) {
        let (answer, mut answered) = oneshot::channel();
        let asked = Asked::Queue;
        let question = Message::Question(Question { asked, answer });
        let until = Instant::now() + SETTLED;
        if self.inbox.send(question).is_err() {
            return;
        }
        while answered.try_recv() == Err(TryRecvError::Empty) && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it: transactions are ended and what is queued is delivered. One that takes longer goes on
    /// beside what follows.
    pub fn end(&mut self) {
        // It is not received where the charge point has ended by itself.
        let _ = self.inbox.send(Message::EndOfInput);
        let Some(running) = self.running.take() else {
            return;
        };
        let until = Instant::now() + FAREWELL;
        while !running.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn settings(
    csms: &str,
    identity: &str,
    options: &StationOptions,
    password: Option<Password>,
    common: &Common,
) -> Result<Settings, String> {
    let address = Address::new(csms, identity)?;
    let takes_common = options.profile != Some(0);
    let password = password.or_else(|| common.password.clone().filter(|_| takes_common));
    let mut tls = common.tls_files(options);
    tls.prefers_system_roots = address.is_secure;
    let access = Access::first(address.is_secure, password, tls.own.is_some());
    if access.password.is_some() {
        address.takes_password()?;
    }
    Ok(Settings {
        version: options.version,
        address,
        access,
        tls: Arc::new(tls),
        identity: identity.to_owned(),
        connectors: options.connectors,
        vendor: options
            .vendor
            .clone()
            .unwrap_or_else(|| "ocpp-rs".to_owned()),
        model: options
            .model
            .clone()
            .unwrap_or_else(|| "Simulator".to_owned()),
        latency: LATENCY,
        strict: false,
        measured: None,
        most_current: None,
        own: Vec::new(),
        serial_number: options.serial.clone(),
        security_notices: options.security_notices,
        checks_additional_root: options.checks_additional_root,
        signed_firmware_only: options.signed_firmware_only,
        files: FileSettings {
            protocols: options.protocols.clone(),
            ..FileSettings::default()
        },
    })
}

/// Sets configuration keys as an installer does: at a central system of their own, which only they see.
fn set_keys(
    settings: &Settings,
    keys: &[(String, Value)],
    kept: &mut Kept,
    report: &Report,
) -> Result<(), String> {
    let central = CentralSystem::start(Behaviour::new());
    let central = central.map_err(|error| format!("keys cannot be set: {error}"))?;
    let identity = settings.identity.clone();
    let settings = Settings {
        address: Address::new(&central.url(), &identity)?,
        access: Access {
            security_profile: 0,
            password: None,
        },
        latency: Duration::ZERO,
        ..settings.clone()
    };
    let started = Instant::now();
    let charge_point = ChargePoint::new(settings, None, started, report.apart(started))?;
    let inbox = charge_point.inbox();
    let (set, ran) = thread::scope(|scope| {
        // Storage may stay with this thread: only what is on it runs.
        let setting = scope.spawn(|| {
            let set = keys
                .iter()
                .try_for_each(|(key, value)| set_key(&central, &identity, key, value));
            // It is not received where the charge point has ended by itself.
            let _ = inbox.send(Message::EndOfInput);
            set
        });
        let ran = charge_point.run(kept.storage());
        (setting.join(), ran)
    });
    ran?;
    set.unwrap_or_else(|_| Err("keys cannot be set".to_owned()))
}

fn set_key(
    central: &CentralSystem,
    identity: &str,
    key: &str,
    value: &Value,
) -> Result<(), String> {
    let registered = central.wait_for(KEYS_PATIENCE, |books| {
        let station = books.station(identity);
        station.is_some_and(|station| station.registration.is_some())
    });
    if !registered {
        return Err("the charge point does not boot".to_owned());
    }
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let payload = json!({"key": key, "value": text});
    let answer = central.call(identity, "ChangeConfiguration", payload, KEYS_PATIENCE);
    let answer = answer.map_err(|failure| format!("{key} cannot be set: {failure}"))?;
    match answer.get("status").and_then(Value::as_str) {
        Some("Accepted" | "RebootRequired") => Ok(()),
        _ => Err(format!("{key} cannot be set to {text}: {answer}")),
    }
}
