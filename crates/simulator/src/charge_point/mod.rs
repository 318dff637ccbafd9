//! The charge point: hardware that lasts, and a station on it that can be restarted.

mod asked;
mod elsewhere;
mod events;
mod files;
mod hardware;
mod leaving;
mod network;
mod obeying;
mod powered;
mod queue;
mod security;
mod shown;

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use ocpp::{
    Version,
    domain::{
        BootReason, ConnectorType, Credentials, Equipment, Evse, Identity, Measured, SecuritySetup,
        TransferProtocol,
    },
    limits::APPLICATION_SETTINGS,
    station::{Memory, Profile, Station},
    storage::{RecordId, Storage},
};

use crate::{
    address::{Access, Address},
    arguments::{SecurityNotices, longest_id_tag},
    connector::{USUAL_CURRENT, watts},
    files::{Images, Trust},
    inbox::{CAPACITY, Message},
    keys::Keys,
    link::RECEIVE_BUFFER,
    own_setting::OwnSetting,
    password::Password,
    report::{Happening, Report},
    storage::{Registers, Vehicles},
    tls::TlsFiles,
};

pub use asked::{Answer, Asked, Question, Unanswered};
pub use elsewhere::Elsewhere;
pub use hardware::Hardware;
use powered::{End, Powered};
use queue::Queue;

/// Long enough for a GetConfiguration of all keys in one answer.
const TRANSMIT_BUFFER: usize = 8 * 1024;
/// How long a restart takes.
const RESTART: Duration = Duration::from_millis(500);

/// What a charge point is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The version of OCPP that is spoken.
    pub version: Version,
    pub address: Address,
    /// What connections are made with that the central system has not changed.
    pub access: Access,
    pub tls: Arc<TlsFiles>,
    pub identity: String,
    pub connectors: u8,
    pub vendor: String,
    pub model: String,
    /// How long after its arrival a CALL is answered.
    pub latency: Duration,
    /// Frames that are not to the letter are refused.
    pub strict: bool,
    /// What the meters measure; `None` for everything that they can.
    pub measured: Option<Vec<Measured>>,
    /// What each phase of a connector can deliver, in tenths of A; `None` for 32 A, which vehicles are
    /// not held to.
    pub most_current: Option<u32>,
    /// Configuration keys of its own; records are by their places.
    pub own: Vec<OwnSetting>,
    /// `None` for the identity.
    pub serial_number: Option<String>,
    pub security_notices: SecurityNotices,
    /// Firmware is taken by SignedUpdateFirmware only.
    pub signed_firmware_only: bool,
    /// A new root for central systems has to be signed by the one that it replaces.
    pub checks_additional_root: bool,
    pub files: FileSettings,
}

/// How files are transferred.
#[derive(Clone, Debug)]
pub struct FileSettings {
    pub protocols: Vec<TransferProtocol>,
    /// Bytes of the largest image that is taken.
    pub most: u64,
    pub trust: Arc<Trust>,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            protocols: TransferProtocol::ALL.to_vec(),
            most: u64::MAX,
            trust: Arc::default(),
        }
    }
}

impl Settings {
    /// What the station is told of secure connections, of which the next is made with that profile. `--ca`
    /// counts as an installed root, and the system's do where the central system is verified by them.
    fn security(&self, security_profile: u8) -> SecuritySetup<'_> {
        let password = self.access.password.as_ref();
        SecuritySetup {
            credentials: Credentials {
                security_profile: self.access.security_profile,
                authorization_key: password.map_or(&[], Password::bytes),
            },
            has_central_system_root: self.tls.roots.is_some() || self.address.is_secure,
            has_charge_point_certificate: self.tls.own.is_some(),
            tells_events: match self.security_notices {
                SecurityNotices::Auto => security_profile >= 1,
                SecurityNotices::Always => true,
                SecurityNotices::Never => false,
            },
            signed_firmware_only: self.signed_firmware_only,
            checks_additional_root: self.checks_additional_root,
        }
    }

    /// What the charge point is called where its identity at the central system is not meant.
    pub fn serial_number(&self) -> &str {
        self.serial_number.as_deref().unwrap_or(&self.identity)
    }

    /// Bytes of the longest idTag: CiString20 of OCPP 1.6, 36 characters of OCPP 2.0.1.
    pub fn longest_id_tag(&self) -> usize {
        longest_id_tag(self.version)
    }
}

/// Where commands are sent to.
pub type Inbox = mpsc::SyncSender<Message>;

/// A charge point that is switched on with [`ChargePoint::run`].
#[derive(Debug)]
pub struct ChargePoint {
    settings: Settings,
    lasting: Lasting,
}

/// What lasts while stations come and go.
#[derive(Debug)]
struct Lasting {
    hardware: Hardware,
    queue: Queue,
    messages: mpsc::Receiver<Message>,
    inbox: Inbox,
    report: Report,
    /// Counts connections; news of an older one are no news.
    link_number: u64,
    images: Images,
    keys: Keys,
    /// Counts files on their way; news of an older one are no news.
    file_number: u64,
}

impl ChargePoint {
    /// One with what is kept of its hardware in `directory`. The error is for the user.
    pub fn new(
        settings: Settings,
        directory: Option<&Path>,
        started: Instant,
        report: Report,
    ) -> Result<Self, String> {
        let (inbox, messages) = mpsc::sync_channel(CAPACITY);
        let hardware = Hardware::new(
            &settings.identity,
            settings.connectors,
            settings.most_current,
            settings.measured.as_deref(),
            Registers::new(directory),
            Vehicles::new(directory),
            started,
        )?;
        Ok(Self {
            settings,
            lasting: Lasting {
                hardware,
                queue: Queue::default(),
                messages,
                inbox,
                report,
                link_number: 0,
                images: Images::new(directory)?,
                keys: Keys::new(directory)?,
                file_number: 0,
            },
        })
    }

    /// Where its commands are sent to.
    pub fn inbox(&self) -> Inbox {
        self.lasting.inbox.clone()
    }

    /// Works until it is told to quit. Gives the hardware back, for the caller to look at.
    pub fn run(mut self, storage: &mut dyn Storage) -> Result<Hardware, String> {
        while let Some(settings) = self.live(storage)? {
            if settings.address.csms() != self.settings.address.csms()
                || settings.access != self.settings.access
            {
                // What the central system before has changed is not for this one.
                storage
                    .erase(RecordId::ACCESS)
                    .map_err(|error| format!("storage: {error}"))?;
            }
            self.settings = *settings;
            thread::sleep(RESTART);
            self.lasting.report.tell(Happening::Boot);
        }
        Ok(self.lasting.hardware)
    }

    /// Works until it is told to quit, or to go on with other settings.
    fn live(&mut self, storage: &mut dyn Storage) -> Result<Option<Box<Settings>>, String> {
        // What BootNotification tells has at most 25 characters; a longer identity is not told.
        let serial_number = self.settings.serial_number().to_owned();
        let serial_number = (serial_number.chars().count() <= 25).then_some(serial_number);
        let vendors = [self.settings.vendor.clone()];
        let vendors = vendors.each_ref().map(String::as_str);
        let measured = self.lasting.hardware.measured().to_vec();
        let own = &self.settings.own;
        if own.len() > APPLICATION_SETTINGS {
            return Err(format!("more than {APPLICATION_SETTINGS} settings"));
        }
        let numbers = 0..=u8::MAX;
        let own: Vec<_> = numbers.zip(own).map(|(n, own)| own.declared(n)).collect();
        let evse = Evse {
            supply_phases: 3,
            power: watts(self.settings.most_current.unwrap_or(USUAL_CURRENT)),
            connector: ConnectorType::SocketType2,
        };
        let evses = vec![evse; self.settings.connectors.into()];
        let equipment = Equipment::new(&evses)
            .receive_buffer(RECEIVE_BUFFER as u32)
            .security_profile(self.settings.access.security_profile);
        let mut boot_reason = None;
        loop {
            if self.lasting.images.is_new() {
                boot_reason = Some(BootReason::FirmwareUpdate);
            }
            let (mut memory, mut transmit_buffer) = (Memory::new(), vec![0; TRANSMIT_BUFFER]);
            let profile = Profile {
                version: self.settings.version,
                identity: Identity {
                    vendor: &self.settings.vendor,
                    model: &self.settings.model,
                    serial_number: serial_number.as_deref(),
                    firmware_version: Some(env!("CARGO_PKG_VERSION")),
                    meter_type: Some("simulated"),
                    ..Identity::default()
                },
                connectors: self.settings.connectors,
                vendors: &vendors,
                measurands: Some(&measured),
                settings: &own,
                boot_reason,
                firmware_mark: 0,
                transfer_protocols: &self.settings.files.protocols,
                equipment,
                seed: getrandom::u32().map_err(|error| format!("no random numbers: {error}"))?,
            };
            let station = Station::new(profile, storage, &mut memory, &mut transmit_buffer, 0);
            let mut station = station.map_err(|error| format!("no charge point: {error}"))?;
            station.set_strict(self.settings.strict);
            // What storage holds counts more, and was never lowered.
            let kept = station.credentials().security_profile;
            let security_profile = kept.max(self.settings.access.security_profile);
            station.declare_security(self.settings.security(security_profile));
            // It has stored that the new firmware runs.
            self.lasting.images.runs();
            let powered = Powered::new(station, &self.settings, &mut self.lasting);
            match powered.run() {
                End::Quit => return Ok(None),
                End::Elsewhere(settings) => return Ok(Some(settings)),
                End::Restart(reason) => {
                    boot_reason = reason;
                    thread::sleep(RESTART);
                    self.lasting.report.tell(Happening::Boot);
                }
            }
        }
    }
}
