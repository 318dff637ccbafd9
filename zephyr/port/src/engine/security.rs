//! Security of the connection and of firmware (security whitepaper): what the station wants to be looked at
//! goes to the connect thread, with the one buffer that there is for it.

use ocpp::{
    domain::{CertificateHash, CertificateUse, CertificateVerdict, HashAlgorithm, SecurityEvent},
    domain::{ProfileRaise, SecuritySetup},
    limits::CERTIFICATE_PLACES,
    station::{Event, FirmwareProgress, Input, Key, KeyPlace, Refused, Signing},
};

use super::Engine;
use crate::{
    certificates::{BUFFER, Buffer, Done, Installed, Job, KEY, Keys, Outcome, Task},
    connect_thread::CONNECT_STATE,
    kernel::{self, Semaphore},
    limits::{SIGNED_FIRMWARE_ONLY, TELLS_SECURITY_EVENTS},
    log::line,
    settings::SETTINGS,
    socket::ConnectError,
    text::CText,
    tls::{Credential, Refusal},
};

/// HTTP's Unauthorized.
const UNAUTHORIZED: u16 = 401;

/// What is under way.
pub struct Security {
    /// Here while nothing has it.
    buffer: Option<&'static mut Buffer>,
    /// A request for a certificate that was made, and that is not sent yet.
    request: Option<&'static mut Buffer>,
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
            request: None,
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
        checks_additional_root: false,
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
            Event::SigningRequestAnswered(is_taken) => match is_taken {
                true => line!(Info, "a certificate is asked for"),
                false => line!(Warning, "the central system issues no certificate"),
            },
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
                is_there
                    && (used != CertificateUse::ChargePoint
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
            Task::Request => true,
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
        let mut is_another = false;
        let is_added = buffer.add(|room| {
            let found = self.station.installed_certificate(place, room);
            is_another = found.is_none_or(|(used, _)| used != wanted);
            found.filter(|_| !is_another).map(|(_, pem)| pem.len())
        });
        is_added || is_another
    }

    fn keys(&mut self) -> Keys {
        let mut keys = Keys::default();
        for (place, key) in [KeyPlace::Present, KeyPlace::Next]
            .into_iter()
            .zip(&mut keys)
        {
            let mut kept = [0; ocpp::limits::KEY_LENGTH];
            let bytes = self.station.kept_key(place, &mut kept);
            for (to, from) in key.iter_mut().zip(bytes) {
                *to = *from;
            }
        }
        keys
    }

    /// The common name of a request, and the organization.
    fn names(&self) -> [CText<65>; 2] {
        let settings = SETTINGS.get();
        let mut names = [CText::new(), CText::new()];
        let [name, organization] = &mut names;
        name.set(settings.serial_number());
        let mut value = [0; 64];
        let operator = self.station.configuration_text(Key::CpoName, &mut value);
        organization.set(operator.unwrap_or(""));
        names
    }

    /// Takes what the connect thread is ready with; true if there was something.
    pub(super) fn take_certificates(&mut self) -> bool {
        let (done, used) = CONNECT_STATE.with(|state| state.take_certificates());
        let is_new = done.is_some() || used.is_some();
        if let Some((buffer, key)) = used {
            self.security.buffer = Some(buffer);
            self.settle_keys(key);
        }
        if let Some(done) = done {
            self.job_done(done);
        }
        self.go_on_requesting();
        self.begin_next_task();
        is_new
    }

    fn job_done(&mut self, done: Done) {
        match done.outcome {
            Outcome::Requested(Some(key)) => {
                if self.station.keep_key(KeyPlace::Next, &key) {
                    self.security.request = Some(done.buffer);
                    return;
                }
                line!(Error, "the key of a certificate cannot be kept");
            }
            Outcome::Requested(None) => {}
            outcome => self.task_ended(done.task, &outcome),
        }
        self.security.buffer = Some(done.buffer);
    }

    /// Sends a request for a certificate, once no other CALL waits for its answer.
    fn go_on_requesting(&mut self) {
        let Some(buffer) = self.security.request.take() else {
            return;
        };
        let request = buffer.first().to_str().unwrap_or("");
        let sent = self
            .station
            .handle(kernel::now(), Input::SigningRequest(request));
        match sent {
            Err(Refused::Busy) => self.security.request = Some(buffer),
            Ok(()) => self.security.buffer = Some(buffer),
            Err(_) => {
                line!(Warning, "no certificate can be asked for now");
                self.security.buffer = Some(buffer);
            }
        }
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
        let _ = self.station.handle(kernel::now(), told);
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

    /// A connection was made with a chain of that key: where it is the next one, that is the present one from
    /// now on. Between the two records either is found.
    fn settle_keys(&mut self, key: Option<usize>) {
        const NEXT: usize = KeyPlace::Next as usize;
        if key != Some(NEXT) {
            return;
        }
        let [_, next]: [[u8; KEY]; 2] = self.keys();
        if self.station.keep_key(KeyPlace::Present, &next) {
            let _ = self.station.keep_key(KeyPlace::Next, &[]);
        }
    }
}

fn negative(task: Task) -> Outcome {
    match task {
        Task::Check(_) => Outcome::Checked(None),
        Task::CheckSigning | Task::VerifyFirmware => Outcome::Verdict(false),
        Task::Request => Outcome::Requested(None),
    }
}
