//! Security of the connection and of firmware (security whitepaper): what the station wants to be looked at
//! goes to the connect thread, with the one buffer that there is for it.

use ocpp::{
    domain::{CertificateHash, CertificateUse, CertificateVerdict, HashAlgorithm, SecurityEvent},
    domain::{ProfileRaise, SecuritySetup},
    limits::{CERTIFICATE_PLACES, CERTIFICATES},
    station::{Event, FirmwareProgress, Input, Signing},
};

use super::Engine;
use crate::{
    certificates::{BUFFER, Buffer, Done, Installed, Job, Keys, Outcome, Task},
    connect_thread::CONNECT_STATE,
    files::{FILES, roots},
    kernel::{self, Semaphore},
    limits::{ADDITIONAL_ROOT_CHECK, SIGNED_FIRMWARE_ONLY, TELLS_SECURITY_EVENTS},
    log::line,
    settings::SETTINGS,
    socket::ConnectError,
    tls::{Credential, Refusal},
};

mod signing;

/// HTTP's Unauthorized.
const UNAUTHORIZED: u16 = 401;

/// Where the station has the chain that the next connection shows, and the other one.
const CHAIN: u8 = CERTIFICATES as u8;
const OTHER_CHAIN: u8 = CHAIN + 2;

/// What is under way.
pub struct Security {
    /// Here while nothing has it.
    buffer: Option<&'static mut Buffer>,
    /// Requests for certificates.
    signing: signing::Requests,
    /// Tasks that wait, by their bits.
    wanted: u8,
    /// Why the last attempt to connect was refused, as the station was told.
    told: Option<SecurityEvent>,
    /// What a connection is made with has changed since the last one was made.
    pub is_changed: bool,
}

impl Security {
    /// Nothing is.
    ///
    /// # Safety
    ///
    /// Only the engine's thread may call this, once, and only while no other runs that has the buffer.
    pub unsafe fn new() -> Self {
        Self {
            // SAFETY: as the caller promises.
            buffer: Some(unsafe { BUFFER.take() }),
            signing: signing::Requests::new(),
            wanted: 0,
            told: None,
            is_changed: false,
        }
    }
}

/// What the application brings along, with that profile.
fn setup(profile: u8) -> SecuritySetup<'static> {
    let settings = SETTINGS.get();
    SecuritySetup {
        credentials: settings.credentials(),
        has_central_system_root: settings.tls.has(Credential::Roots),
        has_charge_point_certificate: settings.tls.has(Credential::Own),
        // A central system without security knows nothing of them.
        tells_events: TELLS_SECURITY_EVENTS && profile > 0,
        signed_firmware_only: SIGNED_FIRMWARE_ONLY,
        checks_additional_root: ADDITIONAL_ROOT_CHECK,
    }
}

impl Engine {
    /// The station learns what the application brings along.
    pub(super) fn declare_security(&mut self) {
        // What the central system has set, which is never 0, counts more.
        let profile = match self.station.credentials().security_profile {
            0 => SETTINGS.get().credentials().security_profile,
            set => set,
        };
        self.station.declare_security(setup(profile));
        self.load_request();
    }

    /// Does what an event of security asks for; false if it is about something else.
    pub(super) fn secure(&mut self, event: &Event) -> bool {
        match event {
            Event::SecurityProfile { profile, raise } => {
                let how = match raise {
                    ProfileRaise::Begun => ": tried",
                    ProfileRaise::Done => ": used",
                    ProfileRaise::FellBack => ": used again",
                };
                line!(Info, "security profile ", *profile, how);
                self.station.declare_security(setup(*profile));
            }
            Event::CheckCertificate(used) => self.want_task(Task::Check(*used)),
            Event::VerifySigningCertificate => self.want_task(Task::CheckSigning),
            Event::VerifyFirmware => self.want_task(Task::VerifyFirmware),
            Event::SigningRequestWanted => self.want_task(Task::Request),
            Event::SigningRequestAnswered(is_taken) => self.request_answered(*is_taken),
            Event::CertificatesChanged(used) => {
                line!(Info, "certificates changed: ", used.as_str());
            }
            Event::SecurityEvent { event, info } => {
                self.security.is_changed |=
                    *event == SecurityEvent::ReconfigurationOfSecurityParameters;
                line!(Warning, "security: ", event.as_str(), " ", info.as_str());
            }
            _ => return false,
        }
        true
    }

    /// Tells the station why it got no connection, once for attempts that end alike.
    pub(super) fn tell_refusal(&mut self, refused: Option<&ConnectError>) {
        let event = refused.and_then(|refused| match refused.refusal {
            Some(Refusal::Certificate(_)) => Some(SecurityEvent::InvalidCentralSystemCertificate),
            Some(Refusal::Version) => Some(SecurityEvent::InvalidTLSVersion),
            Some(Refusal::CipherSuite) => Some(SecurityEvent::InvalidTLSCipherSuite),
            Some(Refusal::Authentication) => {
                Some(SecurityEvent::FailedToAuthenticateAtCentralSystem)
            }
            Some(Refusal::Stalled) => None,
            None if refused.http_status == UNAUTHORIZED => {
                Some(SecurityEvent::FailedToAuthenticateAtCentralSystem)
            }
            None => None,
        });
        let told = core::mem::replace(&mut self.security.told, event);
        if let Some(event) = event.filter(|_| told != event) {
            let tech_info = refused.map_or("", ConnectError::name);
            self.tell(Input::SecurityEvent { event, tech_info });
        }
    }

    /// Tells the station why it has lost its connection, and not once more when the next one is refused for
    /// that.
    pub(super) fn tell_late_refusal(&mut self, refusal: Refusal) {
        let event = SecurityEvent::InvalidCentralSystemCertificate;
        self.security.told = Some(event);
        let tech_info = refusal.fault();
        self.tell(Input::SecurityEvent { event, tech_info });
    }

    /// When the certificate in that place ends, in seconds since 1970; `None` while something else has the
    /// buffer.
    #[cfg(feature = "shell")]
    pub(super) fn certificate_end(&mut self, place: u8) -> Option<i64> {
        let buffer = self.security.buffer.take()?;
        buffer.clear();
        let is_there = buffer.add(|room| {
            let found = self.station.installed_certificate(place, room);
            found.map(|(_, pem)| pem.len())
        });
        let end = crate::certificates::end(buffer).filter(|_| is_there);
        self.security.buffer = Some(buffer);
        end
    }

    fn want_task(&mut self, task: Task) {
        self.security.wanted |= task.bit();
        self.begin_next_task();
    }

    /// Gives the connect thread the next task, if it has none and the buffer is here.
    fn begin_next_task(&mut self) {
        while let Some(task) = self.next_task() {
            let Some(buffer) = self.security.buffer.take() else {
                return;
            };
            self.security.wanted &= !task.bit();
            if !self.prepare(task, buffer) {
                line!(Error, "certificates: no room, or nothing to look at");
                self.security.buffer = Some(buffer);
                self.task_ended(task, &negative(task));
                continue;
            }
            let job = Job {
                task,
                buffer,
                unix_s: self.station.utc().map(|utc| utc / 1000),
                keys: self.keys(),
                asked: self.security.signing.waiting,
                names: self.names(),
            };
            CONNECT_STATE.with(|state| state.job.put(job));
            Semaphore::Connect.give();
            return;
        }
    }

    fn next_task(&self) -> Option<Task> {
        let mut tasks = Task::ALL.into_iter();
        tasks.find(|task| self.security.wanted & task.bit() != 0)
    }

    /// Writes what a task is about; false where there is nothing, or no room for it.
    fn prepare(&mut self, task: Task, buffer: &mut Buffer) -> bool {
        buffer.clear();
        let station = &mut self.station;
        match task {
            Task::Check(used) => {
                let is_there =
                    buffer.add(|room| station.proposed_certificate(room).map(|pem| pem.len()));
                buffer.begin_second();
                let takes_roots = match used {
                    CertificateUse::ChargePoint => true,
                    CertificateUse::CentralSystemRoot => ADDITIONAL_ROOT_CHECK,
                    CertificateUse::ManufacturerRoot => false,
                };
                is_there
                    && (!takes_roots
                        || self.add_installed(buffer, CertificateUse::CentralSystemRoot))
            }
            Task::CheckSigning => {
                let is_there = self.add_signing(buffer, |signing| signing.certificate);
                buffer.begin_second();
                is_there && self.add_installed(buffer, CertificateUse::ManufacturerRoot)
            }
            Task::VerifyFirmware => {
                let is_there = self.add_signing(buffer, |signing| signing.certificate);
                buffer.begin_second();
                is_there && self.add_signing(buffer, |signing| signing.signature)
            }
            Task::Request => {
                // None is longer than those that are looked at with their roots.
                let has_room = self.add_place(buffer, CHAIN, CertificateUse::ChargePoint);
                buffer.begin_second();
                has_room && self.add_place(buffer, OTHER_CHAIN, CertificateUse::ChargePoint)
            }
            Task::RequestAgain => true,
        }
    }

    fn add_signing(&mut self, buffer: &mut Buffer, part: impl FnOnce(Signing<'_>) -> &str) -> bool {
        buffer.add(|room| {
            let begin = room.as_ptr().addr();
            let part = part(self.station.signing(room)?);
            let (from, length) = (part.as_ptr().addr() - begin, part.len());
            for at in 0..length {
                let byte = *room.get(from + at)?;
                *room.get_mut(at)? = byte;
            }
            Some(length)
        })
    }

    /// Adds all certificates that are installed for that; false where there is no room for one.
    fn add_installed(&mut self, buffer: &mut Buffer, wanted: CertificateUse) -> bool {
        (0..CERTIFICATE_PLACES as u8).all(|place| self.add_place(buffer, place, wanted))
    }

    /// Adds those that the next connection counts on.
    fn add_counting(&mut self, buffer: &mut Buffer, wanted: CertificateUse) -> bool {
        (0..CERTIFICATE_PLACES as u8).all(|place| {
            !self.station.counts_certificate(place) || self.add_place(buffer, place, wanted)
        })
    }

    fn add_place(&mut self, buffer: &mut Buffer, place: u8, wanted: CertificateUse) -> bool {
        let found = self.station.installed_certificate_id(place);
        found.is_none_or(|it| it.used != wanted)
            || buffer.add(|room| {
                let found = self.station.installed_certificate(place, room);
                found.map(|(_, pem)| pem.len())
            })
    }

    /// Takes what the connect thread is ready with; true if there was something.
    pub(super) fn take_certificates(&mut self) -> bool {
        let (done, used) = CONNECT_STATE.with(|state| state.take_certificates());
        let returned = FILES.with(|files| files.returned.take());
        let is_new = done.is_some() || used.is_some() || returned.is_some();
        if let Some(buffer) = returned {
            self.security.buffer = Some(buffer);
        }
        if let Some((buffer, key)) = used {
            self.settle_keys(key);
            self.security.buffer = Some(buffer);
        }
        if let Some(done) = done {
            self.job_done(done);
        }
        self.go_on_requesting();
        self.begin_next_task();
        self.lend_roots();
        is_new
    }

    /// Lends the thread that transfers files the roots for central systems, when it waits for them.
    fn lend_roots(&mut self) {
        if !FILES.with(|files| files.wants_roots) {
            return;
        }
        let Some(buffer) = self.security.buffer.take() else {
            return;
        };
        buffer.clear();
        if !self.add_installed(buffer, CertificateUse::CentralSystemRoot) {
            line!(Error, "certificates: no room for those that are installed");
            buffer.clear();
        }
        buffer.begin_second();
        roots::lend(Installed {
            buffer,
            keys: Keys::default(),
        });
    }

    fn job_done(&mut self, done: Done) {
        match done.outcome {
            Outcome::Requested(asked) => {
                if self.keep_asked(done.task, asked) {
                    self.security.signing.made = Some(done.buffer);
                    return;
                }
            }
            outcome => self.task_ended(done.task, &outcome),
        }
        self.security.buffer = Some(done.buffer);
    }

    fn task_ended(&mut self, task: Task, outcome: &Outcome) {
        let told = match (task, outcome) {
            (Task::Check(_), Outcome::Checked(hash)) => {
                Input::CertificateChecked(hash.as_ref().map(|hash| CertificateHash {
                    algorithm: HashAlgorithm::Sha256,
                    issuer_name: &hash.issuer_name,
                    issuer_key: &hash.issuer_key,
                    serial_number: &hash.serial_number,
                }))
            }
            (Task::CheckSigning, Outcome::Verdict(is_good)) => {
                Input::SigningCertificate(match is_good {
                    true => CertificateVerdict::Good,
                    false => CertificateVerdict::Invalid,
                })
            }
            (Task::VerifyFirmware, Outcome::Verdict(is_good)) => Input::Firmware(match is_good {
                true => FirmwareProgress::SignatureVerified,
                false => FirmwareProgress::InvalidSignature,
            }),
            _ => return,
        };
        // Refused where the station wants something else by now.
        let is_taken = self.station.handle(kernel::now(), told).is_ok();
        if let (true, Task::Check(CertificateUse::ChargePoint), Outcome::Checked(Some(hash))) =
            (is_taken, task, outcome)
        {
            self.note_issued(hash.key);
        }
    }

    /// What the central system has installed and issued, for the next connection; false while something
    /// else has the buffer.
    pub(super) fn lend_certificates(&mut self) -> bool {
        let profile = self.station.credentials().security_profile;
        if profile < 2 {
            return true;
        }
        let Some(buffer) = self.security.buffer.take() else {
            return false;
        };
        buffer.clear();
        let has_room = self.add_counting(buffer, CertificateUse::CentralSystemRoot);
        buffer.begin_second();
        let has_room =
            has_room && (profile < 3 || self.add_counting(buffer, CertificateUse::ChargePoint));
        if !has_room {
            line!(Error, "certificates: no room for those that are installed");
            buffer.clear();
        }
        let installed = Installed {
            buffer,
            keys: self.keys(),
        };
        CONNECT_STATE.with(|state| state.login.installed.put(installed));
        true
    }
}

fn negative(task: Task) -> Outcome {
    match task {
        Task::Check(_) => Outcome::Checked(None),
        Task::CheckSigning | Task::VerifyFirmware => Outcome::Verdict(false),
        Task::Request | Task::RequestAgain => Outcome::Requested(None),
    }
}
