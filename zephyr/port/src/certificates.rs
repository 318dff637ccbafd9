//! Certificates that the central system installs and issues, and what they have signed: looked at by the
//! connect thread, which has time for it. The C side is `c/certificates.c`.

use core::ffi::{CStr, c_char, c_int};

use heapless::String;
use ocpp::domain::CertificateUse;

use crate::{
    kernel::ThreadCell,
    limits::{ADDITIONAL_ROOT_CHECK, CERTIFICATE_BUFFER_SIZE},
    settings::SETTINGS,
    text::{CText, terminated},
};

/// Bytes of a private key.
pub const KEY: usize = 32;
const KEY_DER: usize = 51;
/// Keys that can be kept: those of two certificates, and of one that is asked for.
pub const KEYS: usize = 3;
/// All zeros where there is none; C takes a pointer to the first.
pub type Keys = [[u8; KEY]; KEYS];

/// `struct ocpp_port_check`
#[repr(C)]
pub(crate) struct Check {
    pub chain: *const c_char,
    roots: *const c_char,
    tags: *const c_int,
    tag_count: usize,
    spare: *mut u8,
    spare_size: usize,
    now: i64,
    pub keys: Keys,
    pub kind: u8,
    pub issuer_name: [c_char; 65],
    pub issuer_key: [c_char; 65],
    pub serial_number: [c_char; 41],
}

/// `struct ocpp_port_own`
#[repr(C)]
pub(crate) struct Own {
    roots: *const c_char,
    pub chain: *const c_char,
    pub keys: Keys,
    der: [u8; KEY_DER],
}

unsafe extern "C" {
    fn ocpp_port_certificate_check(check: *mut Check) -> c_int;
    fn ocpp_port_firmware_verify(
        certificate: *const c_char,
        signature: *const c_char,
        spare: *mut u8,
        spare_size: usize,
    ) -> c_int;
    fn ocpp_port_certificate_key(chain: *const c_char, keys: *const Keys) -> c_int;
    #[cfg(feature = "shell")]
    fn ocpp_port_certificate_end(chain: *const c_char) -> i64;
    fn ocpp_port_certificate_request(
        common_name: *const c_char,
        organization: *const c_char,
        key: *mut u8,
        pem: *mut u8,
        room: usize,
    ) -> c_int;
    fn ocpp_port_credentials_add(own: *mut Own) -> c_int;
    safe fn ocpp_port_credentials_remove();
}

/// Texts behind each other, each with a zero at its end; one for what is looked at, one for what it is
/// looked at with.
pub struct Buffer {
    bytes: [u8; CERTIFICATE_BUFFER_SIZE],
    used: usize,
    /// Where the second text begins.
    second: usize,
}

/// Lent by the engine's thread to the connect thread, or to the one that transfers files.
pub static BUFFER: ThreadCell<Buffer> = ThreadCell::new(Buffer {
    bytes: [0; CERTIFICATE_BUFFER_SIZE],
    used: 0,
    second: 0,
});

impl core::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

impl Buffer {
    /// Two empty texts.
    pub fn clear(&mut self) {
        self.bytes.fill(0);
        self.used = 0;
        self.second = 1;
    }

    /// Adds to the text that is the last, what `write` writes into the room that there is: how many bytes.
    /// False where it writes none.
    pub fn add(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let end = self.bytes.len().saturating_sub(2);
        let written = self.bytes.get_mut(self.used..end).and_then(write);
        self.used += written.unwrap_or(0);
        if let Some(byte) = self.bytes.get_mut(self.used) {
            *byte = 0;
        }
        written.is_some()
    }

    /// What is added from now on is the second text.
    pub fn begin_second(&mut self) {
        self.used += 1;
        self.second = self.used;
        let _ = self.add(|_| Some(0));
    }

    fn text(&self, from: usize) -> &CStr {
        let bytes = self.bytes.get(from..).unwrap_or(&[]);
        CStr::from_bytes_until_nul(bytes).unwrap_or(c"")
    }

    /// The first text.
    pub fn first(&self) -> &CStr {
        self.text(0)
    }

    fn second(&self) -> &CStr {
        self.text(self.second)
    }

    /// Where nothing is yet.
    fn spare(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.used + 1..).unwrap_or(&mut [])
    }
}

/// The end of the first certificate of the first text, as seconds since 1970.
#[cfg(feature = "shell")]
pub fn end(buffer: &Buffer) -> Option<i64> {
    // SAFETY: the text ends with a zero.
    let end = unsafe { ocpp_port_certificate_end(buffer.first().as_ptr()) };
    (end > 0).then_some(end)
}

/// Something to be looked at, or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A certificate for that.
    Check(CertificateUse),
    /// The chain by which a firmware is signed.
    CheckSigning,
    /// The signature of the image in the slot.
    VerifyFirmware,
    /// A key, and a request for a certificate of it.
    Request,
    /// The request once more for a certificate of the key in that place.
    RequestAgain,
}

impl Task {
    /// All of them; the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Check(CertificateUse::CentralSystemRoot),
        Self::Check(CertificateUse::ManufacturerRoot),
        Self::Check(CertificateUse::ChargePoint),
        Self::CheckSigning,
        Self::VerifyFirmware,
        Self::Request,
        Self::RequestAgain,
    ];

    /// A bit of its own.
    pub fn bit(self) -> u8 {
        let mut all = (0..).zip(Self::ALL);
        all.find(|(_, it)| *it == self)
            .map_or(0, |(place, _): (u8, _)| 1 << place)
    }
}

/// A task for the connect thread, and all that it takes.
#[derive(Debug)]
pub struct Job {
    /// Which.
    pub task: Task,
    /// The texts: certificates and roots; certificate and signature; for a request the chains that there
    /// are.
    pub buffer: &'static mut Buffer,
    /// Seconds since 1970; `None` where the time is not known.
    pub unix_s: Option<i64>,
    /// Private keys.
    pub keys: Keys,
    /// The place of the one whose request is waited for.
    pub asked: Option<usize>,
    /// Of the request: the common name and the organization.
    pub names: [CText<65>; 2],
}

/// What names a certificate.
#[derive(Debug)]
pub struct Hash {
    /// Of its issuer's name.
    pub issuer_name: String<64>,
    /// Of its issuer's key.
    pub issuer_key: String<64>,
    /// Its own.
    pub serial_number: String<40>,
    /// Of the charge point's own, the place of its key.
    pub key: usize,
}

/// A key that a certificate is asked for with.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The key.
    pub key: [u8; KEY],
    /// Where it is to be kept.
    pub place: usize,
    /// Places of keys that are of use.
    pub needed: [bool; KEYS],
}

/// What came of a job.
#[derive(Debug)]
pub enum Outcome {
    /// A certificate is good, and this names it; or it is not.
    Checked(Option<Hash>),
    /// A chain is good, or a signature.
    Verdict(bool),
    /// A request, which is in the buffer, and its key; or none.
    Requested(Option<Asked>),
}

/// A job that was done.
#[derive(Debug)]
pub struct Done {
    /// Which it was.
    pub task: Task,
    /// What came of it.
    pub outcome: Outcome,
    /// For the next one; with the request in it, if that was made.
    pub buffer: &'static mut Buffer,
}

impl Job {
    /// Does it; takes as long as it takes.
    pub fn run(mut self) -> Done {
        let outcome = match self.task {
            Task::Check(used) => Outcome::Checked(self.check(match used {
                CertificateUse::ChargePoint => Kind::Own,
                CertificateUse::CentralSystemRoot if ADDITIONAL_ROOT_CHECK => Kind::NextRoot,
                _ => Kind::Root,
            })),
            Task::CheckSigning => Outcome::Verdict(self.check(Kind::Signing).is_some()),
            Task::VerifyFirmware => Outcome::Verdict(self.verify()),
            Task::Request => Outcome::Requested(self.request_of_new_key()),
            Task::RequestAgain => Outcome::Requested(self.request_again()),
        };
        Done {
            task: self.task,
            outcome,
            buffer: self.buffer,
        }
    }

    fn check(&mut self, kind: Kind) -> Option<Hash> {
        let (chain, roots) = (self.buffer.first().as_ptr(), self.buffer.second().as_ptr());
        // An installed root takes the place of the application's.
        let is_replaced = ADDITIONAL_ROOT_CHECK && !self.buffer.second().is_empty();
        let tags = match is_replaced {
            true => &[],
            false => SETTINGS.get().tls.tags(),
        };
        let spare = self.buffer.spare();
        let mut check = Check {
            chain,
            roots,
            tags: tags.as_ptr(),
            tag_count: tags.len(),
            spare: spare.as_mut_ptr(),
            spare_size: spare.len(),
            now: self.unix_s.unwrap_or(0),
            keys: self.keys,
            kind: kind as u8,
            issuer_name: [0; 65],
            issuer_key: [0; 65],
            serial_number: [0; 41],
        };
        // SAFETY: all of them are good for the call, and the texts end with a zero before the room that is
        // written to.
        let found = unsafe { ocpp_port_certificate_check(&mut check) };
        // The number of a key, or 0.
        if !(0..KEYS as c_int).contains(&found) {
            crate::log::line!(Warning, "certificate: error ", found);
            return None;
        }
        Some(Hash {
            issuer_name: String::try_from(terminated(&check.issuer_name)?).ok()?,
            issuer_key: String::try_from(terminated(&check.issuer_key)?).ok()?,
            serial_number: String::try_from(terminated(&check.serial_number)?).ok()?,
            key: usize::try_from(found).ok()?,
        })
    }

    fn verify(&mut self) -> bool {
        let certificate = self.buffer.first().as_ptr();
        let signature = self.buffer.second().as_ptr();
        let spare = self.buffer.spare();
        // SAFETY: as above.
        let error = unsafe {
            ocpp_port_firmware_verify(certificate, signature, spare.as_mut_ptr(), spare.len())
        };
        if error != 0 {
            crate::log::line!(Warning, "firmware: signature: error ", error);
        }
        error == 0
    }

    /// In the place of a key that no chain is of, first of all of one whose request is waited for.
    fn request_of_new_key(&mut self) -> Option<Asked> {
        let mut needed = [false; KEYS];
        let chains = [self.buffer.first(), self.buffer.second()];
        for chain in chains.into_iter().filter(|chain| !chain.is_empty()) {
            // SAFETY: the text ends with a zero, and there are as many keys as C takes.
            let key = unsafe { ocpp_port_certificate_key(chain.as_ptr(), &self.keys) };
            let Ok(place) = usize::try_from(key) else {
                // Its key is not to be lost.
                crate::log::line!(Error, "certificate: error ", key);
                return None;
            };
            if let Some(needed) = needed.get_mut(place) {
                *needed = true;
            }
        }
        let is_free = |place: &usize| needed.get(*place) == Some(&false);
        let place = self.asked.filter(is_free);
        let place = place.or_else(|| (0..KEYS).find(is_free))?;
        let key = self.request([0; KEY])?;
        Some(Asked { key, place, needed })
    }

    fn request_again(&mut self) -> Option<Asked> {
        let place = self.asked?;
        let key = self.request(*self.keys.get(place)?)?;
        let needed = [true; KEYS];
        Some(Asked { key, place, needed })
    }

    /// Of that key, or of a new one in the place of zeros: the key.
    fn request(&mut self, mut key: [u8; KEY]) -> Option<[u8; KEY]> {
        self.buffer.clear();
        let [name, organization] = &self.names;
        let pem = &mut self.buffer.bytes;
        // SAFETY: the names end with a zero, and there is that much room for the others.
        let error = unsafe {
            ocpp_port_certificate_request(
                name.as_ptr(),
                organization.as_ptr(),
                key.as_mut_ptr(),
                pem.as_mut_ptr(),
                pem.len(),
            )
        };
        if error != 0 {
            crate::log::line!(Error, "no request for a certificate: error ", error);
            return None;
        }
        Some(key)
    }
}

/// What is looked at; in the order of `enum ocpp_port_check_kind`.
#[derive(Clone, Copy)]
enum Kind {
    Root,
    Own,
    Signing,
    NextRoot,
}

/// What the central system has installed and issued, for the next connection.
#[derive(Debug)]
pub struct Installed {
    /// Roots, then the chain of the charge point.
    pub buffer: &'static mut Buffer,
    /// Of one of which the chain is.
    pub keys: Keys,
}

/// The same in Zephyr's hands: while this lives, the security tag of the charge point's own has it.
#[derive(Debug)]
pub struct Credentials {
    installed: Installed,
    key: Option<usize>,
}

impl Credentials {
    /// Hands it over.
    pub fn add(installed: Installed) -> Self {
        static OWN: ThreadCell<Own> = ThreadCell::new(Own {
            roots: core::ptr::null(),
            chain: core::ptr::null(),
            keys: [[0; KEY]; KEYS],
            der: [0; KEY_DER],
        });
        // SAFETY: only the thread that the one buffer was lent to is here, and what was added before is
        // removed.
        let own = unsafe { OWN.take() };
        own.roots = installed.buffer.first().as_ptr();
        own.chain = installed.buffer.second().as_ptr();
        own.keys = installed.keys;
        // SAFETY: the texts end with zeros; they and `own` stay there until this is dropped.
        let added = unsafe { ocpp_port_credentials_add(own) };
        own.keys = [[0; KEY]; KEYS];
        if added < 0 {
            crate::log::line!(Error, "certificates: error ", added);
        }
        Self {
            key: usize::try_from(added)
                .ok()
                .filter(|_| installed.has_chain()),
            installed,
        }
    }

    /// True where there is anything.
    pub fn has_any(&self) -> bool {
        self.has_own() || self.has_roots()
    }

    /// True where there are roots.
    pub fn has_roots(&self) -> bool {
        !self.installed.buffer.first().is_empty()
    }

    /// True where there is a chain of the charge point.
    pub fn has_own(&self) -> bool {
        self.key.is_some()
    }

    /// Takes it back; with the number of the key that the chain is of.
    pub fn remove(self) -> (&'static mut Buffer, Option<usize>) {
        ocpp_port_credentials_remove();
        (self.installed.buffer, self.key)
    }
}

impl Installed {
    fn has_chain(&self) -> bool {
        !self.buffer.second().is_empty()
    }
}

// SAFETY: the pointers are of static memory that only the thread uses which was lent the buffer.
unsafe impl Send for Own {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_behind_each_other() {
        let mut buffer = std::boxed::Box::new(Buffer {
            bytes: [1; CERTIFICATE_BUFFER_SIZE],
            used: 0,
            second: 0,
        });
        buffer.clear();
        assert_eq!((buffer.first(), buffer.second()), (c"", c""));
        let put = |text: &'static [u8]| {
            move |room: &mut [u8]| {
                room.get_mut(..text.len())?.copy_from_slice(text);
                Some(text.len())
            }
        };
        assert!(buffer.add(put(b"one")));
        assert!(buffer.add(put(b"two")));
        buffer.begin_second();
        assert!(buffer.add(put(b"three")));
        assert_eq!((buffer.first(), buffer.second()), (c"onetwo", c"three"));
        assert!(!buffer.add(|_| None));
        assert_eq!(buffer.second(), c"three");
        assert_eq!(
            buffer.spare().len(),
            CERTIFICATE_BUFFER_SIZE - b"onetwo three ".len()
        );
        assert!(!buffer.add(|room| room.get_mut(..CERTIFICATE_BUFFER_SIZE).map(|it| it.len())));
    }

    #[test]
    fn each_task_has_a_bit_of_its_own() {
        let bits = Task::ALL.iter().fold(0, |bits, task| {
            assert_eq!(bits & task.bit(), 0);
            bits | task.bit()
        });
        assert_eq!(bits, 0b111_1111);
    }
}
