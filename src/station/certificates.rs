//! Certificates that the central system installs (security whitepaper, M): kept as objects, of which this
//! part knows the use and, as the application has told, the hashes. It reads none of them.
//!
//! A new one is a candidate while the application looks at it; then it is copied behind its hashes. A power
//! loss leaves it installed or not.
//!
//! What could end all connections has a place of its own until one was made with it: the chain of the charge
//! point, and a root that takes the place of another one (AdditionalRootCertificateCheck). Until then those
//! before them are there to fall back to.

use core::str::from_utf8;

use heapless::String;

use super::{Event, context::Context};
use crate::{
    dialect::{NamedCertificate, Version},
    domain::{CertificateHash, CertificateUse, HashAlgorithm, SecuritySetup},
    limits::CERTIFICATES,
    storage::{
        Storage, StorageError,
        objects::{self, Kind, ObjectId, Reader, Writer},
    },
    wire::{Text, Writer as JsonWriter},
};

/// Version of an object's form.
const FORM: u8 = 1;
/// Where a root, and a chain of the charge point, are that no connection was made with yet; where the chain
/// of the charge point is, and a certificate that is looked at.
const NEXT_ROOT: u8 = 26;
const NEXT_OWN: u8 = 27;
const OWN: u8 = 28;
const CANDIDATE: u8 = 29;

/// Places as the application counts them: behind the roots and the chain that the next connection shows.
const NEW_ROOT: usize = CERTIFICATES + 1;
const OTHER_CHAIN: usize = CERTIFICATES + 2;

/// What names a certificate that is installed, and its use.
#[derive(Clone, Debug)]
pub struct InstalledCertificate {
    /// What it is for.
    pub used: CertificateUse,
    /// Of both hashes.
    pub algorithm: HashAlgorithm,
    /// Hexadecimal digits of the hash of its issuer's name.
    pub issuer_name: String<128>,
    /// Of the hash of its issuer's public key.
    pub issuer_key: String<128>,
    /// Hexadecimal digits of its serial number, without leading zeros.
    pub serial_number: String<40>,
}

/// Hashes as they are stored.
#[derive(Debug)]
pub(super) struct Kept {
    algorithm: HashAlgorithm,
    issuer_name: String<128>,
    issuer_key: String<128>,
    serial_number: String<40>,
}

impl Kept {
    fn borrowed(&self) -> CertificateHash<'_> {
        CertificateHash {
            algorithm: self.algorithm,
            issuer_name: &self.issuer_name,
            issuer_key: &self.issuer_key,
            serial_number: &self.serial_number,
        }
    }

    fn is(&self, hash: &CertificateHash<'_>) -> bool {
        self.algorithm == hash.algorithm
            && self.issuer_name.eq_ignore_ascii_case(hash.issuer_name)
            && self.issuer_key.eq_ignore_ascii_case(hash.issuer_key)
            && self.serial_number.eq_ignore_ascii_case(hash.serial_number)
    }

    /// True when a request names it.
    pub fn is_named(&self, named: &NamedCertificate<'_>) -> bool {
        self.algorithm == named.algorithm
            && named.issuer_name.is_ci(&self.issuer_name)
            && named.issuer_key.is_ci(&self.issuer_key)
            && named.serial_number.is_ci(&self.serial_number)
    }
}

/// The index of the certificates that are installed.
#[derive(Debug)]
pub(super) struct Certificates {
    /// The use of each, from 1 on; 0 for a place that is free.
    uses: [u8; CERTIFICATES],
    has_own: bool,
    has_next_own: bool,
    has_next_root: bool,
    /// The next connection is made with what was there before those two.
    falls_back: bool,
    /// What an answer has still to tell: a use, from 1 on, and from which place on.
    told_use: u8,
    told_from: u8,
}

/// What came of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Installed {
    Done,
    /// There is no place for it.
    Full,
    Failed,
}

impl Certificates {
    pub const fn new() -> Self {
        Self {
            uses: [0; CERTIFICATES],
            has_own: false,
            has_next_own: false,
            has_next_root: false,
            falls_back: false,
            told_use: 0,
            told_from: 0,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Takes up what storage remembers; what cannot be read is not there.
    pub fn load(&mut self, storage: &mut dyn Storage) {
        for (place, used) in (0..).zip(&mut self.uses) {
            *used = match open(storage, place) {
                Some((_, used)) => used as u8 + 1,
                None => 0,
            };
        }
        self.has_own = open(storage, OWN).is_some();
        self.has_next_own = open(storage, NEXT_OWN).is_some() && !self.is_twin(storage, NEXT_OWN);
        self.has_next_root =
            open(storage, NEXT_ROOT).is_some() && !self.is_twin(storage, NEXT_ROOT);
    }

    /// True for one that a power loss has left behind its copy: it is gone then.
    fn is_twin(&self, storage: &mut dyn Storage, next: u8) -> bool {
        let Some(kept) = kept(storage, next) else {
            return false;
        };
        let is_there = match next {
            NEXT_OWN => kept_is(storage, OWN, &kept),
            _ => self.find(storage, &|it| it.is(&kept.borrowed())).is_some(),
        };
        if is_there && let Some(id) = object(next) {
            // What cannot be erased is found again by the next boot.
            let _ = objects::erase(storage, id);
        }
        is_there
    }

    /// True where there is a root for central systems.
    pub fn has_central_system_root(&self) -> bool {
        self.count(CertificateUse::CentralSystemRoot) > 0
    }

    /// True where there is a certificate of the charge point.
    pub fn has_own(&self) -> bool {
        self.has_own || self.has_next_own
    }

    /// True while a root waits for its first connection.
    pub fn has_next_root(&self) -> bool {
        self.has_next_root
    }

    /// True for the place of that root.
    pub fn is_next_root(&self, place: u8) -> bool {
        place == NEXT_ROOT
    }

    /// How many there are for a use.
    pub fn count(&self, used: CertificateUse) -> usize {
        self.roots().filter(|(_, it)| *it == used as u8 + 1).count()
    }

    /// The place of each root, and its use, from 1 on.
    fn roots(&self) -> impl Iterator<Item = (u8, u8)> + use<> {
        let next = self.has_next_root.then_some(NEXT_ROOT);
        let next = next.map(|place| (place, CertificateUse::CentralSystemRoot as u8 + 1));
        let places = (0..).zip(self.uses).filter(|(_, used)| *used != 0);
        places.chain(next)
    }

    /// True where an attempt to connect has something to fall back to.
    fn alternates(&self, profile: u8, setup: &SecuritySetup<'_>) -> bool {
        let has_other = self.has_own || setup.has_charge_point_certificate;
        self.has_next_root && profile >= 2 || self.has_next_own && has_other && profile == 3
    }

    /// An attempt to connect has failed: the next one is made with the others, if there are any.
    pub fn attempt_failed(&mut self, profile: u8, setup: &SecuritySetup<'_>) {
        self.falls_back = !self.falls_back && self.alternates(profile, setup);
    }

    /// A connection has ended: the new ones are tried first.
    pub fn connection_ended(&mut self) {
        self.falls_back = false;
    }

    /// A connection was made with that profile: what it was made with takes the place of what was before.
    pub fn connected(&mut self, cx: &mut Context<'_>, profile: u8) {
        if self.falls_back {
            return;
        }
        if self.has_next_root && profile >= 2 {
            self.settle_root(cx);
        }
        if self.has_next_own && profile == 3 {
            let moved = replace(cx.storage, NEXT_OWN, OWN);
            if cx.is_done(moved) {
                (self.has_own, self.has_next_own) = (true, false);
                cx.emit(Event::CertificatesChanged(CertificateUse::ChargePoint));
            }
        }
    }

    /// There is one root for central systems, once a connection was made with it.
    fn settle_root(&mut self, cx: &mut Context<'_>) {
        let root = CertificateUse::CentralSystemRoot as u8 + 1;
        let before = self.uses.iter().position(|used| *used == root);
        let free = || self.uses.iter().position(|used| *used == 0);
        let Some(place) = before.or_else(free).and_then(|it| u8::try_from(it).ok()) else {
            return;
        };
        for (other, used) in (0..).zip(self.uses) {
            // It is tried again with the next connection where storage fails.
            if used == root && other != place && !self.delete(cx, other) {
                return;
            }
        }
        let moved = replace(cx.storage, NEXT_ROOT, place);
        if !cx.is_done(moved) {
            return;
        }
        if let Some(used) = self.uses.get_mut(usize::from(place)) {
            *used = root;
        }
        self.has_next_root = false;
        cx.emit(Event::CertificatesChanged(
            CertificateUse::CentralSystemRoot,
        ));
    }

    /// True where the next connection counts on the certificate at a place of the application's.
    pub fn counts(&self, place: u8) -> bool {
        match (usize::from(place), self.falls_back) {
            (NEW_ROOT, falls_back) => !falls_back,
            (CERTIFICATES, _) => true,
            (OTHER_CHAIN, _) => false,
            (_, falls_back) => {
                let is_root = self.used(place) == Some(CertificateUse::CentralSystemRoot);
                falls_back || !is_root || !self.has_next_root
            }
        }
    }

    /// Keeps one for the application to look at.
    pub fn propose(&self, cx: &mut Context<'_>, certificate: Text<'_>) -> bool {
        let kept = write_candidate(cx.storage, certificate);
        cx.is_done(kept)
    }

    /// The one that is looked at, copied into `buffer`.
    pub fn candidate<'b>(storage: &mut dyn Storage, buffer: &'b mut [u8]) -> Option<&'b str> {
        let reader = Reader::open(storage, object(CANDIDATE)?).ok()??;
        read_rest(reader, storage, buffer)
    }

    /// The certificate at a place of the application's, copied into `buffer`, and its use.
    pub fn get<'b>(
        &self,
        storage: &mut dyn Storage,
        place: u8,
        buffer: &'b mut [u8],
    ) -> Option<(CertificateUse, &'b str)> {
        let (mut reader, used) = open(storage, self.place(place)?)?;
        hashes(&mut reader, storage)?;
        Some((used, read_rest(reader, storage, buffer)?))
    }

    /// What names the certificate at a place of the application's.
    #[inline(never)] // its buffers are on no other stack
    pub fn id(&self, storage: &mut dyn Storage, place: u8) -> Option<InstalledCertificate> {
        let (mut reader, used) = open(storage, self.place(place)?)?;
        let kept = hashes(&mut reader, storage)?;
        Some(InstalledCertificate {
            used,
            algorithm: kept.algorithm,
            issuer_name: kept.issuer_name,
            issuer_key: kept.issuer_key,
            serial_number: kept.serial_number,
        })
    }

    /// Where that of a place of the application's is.
    fn place(&self, place: u8) -> Option<u8> {
        let shows_next = self.has_next_own && !self.falls_back;
        match (usize::from(place), shows_next) {
            (CERTIFICATES, true) => Some(NEXT_OWN),
            (CERTIFICATES, false) => Some(OWN),
            (OTHER_CHAIN, true) => Some(OWN),
            (OTHER_CHAIN, false) => Some(NEXT_OWN),
            (NEW_ROOT, _) => Some(NEXT_ROOT),
            (it, _) => (it < CERTIFICATES).then_some(place),
        }
    }

    /// The application finds it good: it is installed, in the place of one with the same hashes. A root may
    /// take the place of another one, which is there until a connection was made with it.
    pub fn install(
        &mut self,
        cx: &mut Context<'_>,
        used: CertificateUse,
        hash: &CertificateHash<'_>,
        replaces_root: bool,
    ) -> Installed {
        let same = self.find(cx.storage, &|kept| kept.is(hash));
        let place = match used {
            CertificateUse::ChargePoint => Some(NEXT_OWN),
            CertificateUse::CentralSystemRoot if replaces_root && !self.has_next_root => {
                same.or(Some(NEXT_ROOT))
            }
            CertificateUse::CentralSystemRoot if replaces_root => same,
            _ => same.or_else(|| self.free()),
        };
        let Some(place) = place else {
            return Installed::Full;
        };
        let copied = copy(cx.storage, place, used, hash);
        let is_done = cx.is_done(copied);
        self.discard(cx);
        if !is_done {
            return Installed::Failed;
        }
        match (place, self.uses.get_mut(usize::from(place))) {
            (NEXT_ROOT, _) => self.has_next_root = true,
            (_, Some(it)) => *it = used as u8 + 1,
            (_, None) => self.has_next_own = true,
        }
        self.falls_back = false;
        Installed::Done
    }

    /// The one that was looked at is not kept.
    pub fn discard(&self, cx: &mut Context<'_>) {
        if let Some(id) = object(CANDIDATE) {
            let erased = objects::erase(cx.storage, id);
            cx.is_done(erased);
        }
    }

    fn free(&self) -> Option<u8> {
        let place = self.uses.iter().position(|used| *used == 0)?;
        u8::try_from(place).ok()
    }

    /// The place of the certificate that is meant.
    pub fn find(&self, storage: &mut dyn Storage, is_meant: &dyn Fn(&Kept) -> bool) -> Option<u8> {
        let mut roots = self.roots();
        let found = roots.find(|(place, _)| kept(storage, *place).is_some_and(|it| is_meant(&it)));
        found.map(|(place, _)| place)
    }

    /// The use of the certificate at a place.
    pub fn used(&self, place: u8) -> Option<CertificateUse> {
        let (_, used) = self.roots().find(|(it, _)| *it == place)?;
        CertificateUse::from_number(used.checked_sub(1)?)
    }

    /// Deletes one; false where storage does not.
    pub fn delete(&mut self, cx: &mut Context<'_>, place: u8) -> bool {
        let erased = object(place).map_or(Ok(()), |id| objects::erase(cx.storage, id));
        let is_done = cx.is_done(erased);
        match self.uses.get_mut(usize::from(place)) {
            _ if !is_done => {}
            Some(used) => *used = 0,
            None => self.has_next_root = false,
        }
        is_done
    }

    /// True while an answer has still to tell of some.
    pub fn tells(&self) -> bool {
        self.told_use != 0
    }

    /// No answer tells of them.
    pub fn end_telling(&mut self) {
        self.told_use = 0;
    }

    /// Begins to tell of those for a use.
    pub fn begin_telling(&mut self, used: CertificateUse) {
        self.told_use = used as u8 + 1;
        self.told_from = 0;
    }

    /// Writes as many as fit; true when that were all.
    pub fn tell(
        &mut self,
        version: Version,
        w: &mut JsonWriter<'_>,
        storage: &mut dyn Storage,
        is_first_part: bool,
    ) -> bool {
        // What ends the list, the object and the frame.
        const END: usize = "]}]".len();
        let mut has_told = !is_first_part;
        for (place, used) in self.roots() {
            if place < self.told_from || used != self.told_use {
                continue;
            }
            if let Some(kept) = kept(storage, place) {
                let mark = w.mark();
                if w.is_empty() && has_told {
                    w.raw(",");
                }
                version.certificate_hash(w, &kept.borrowed());
                if w.overflowed() || w.room() < END {
                    w.rewind(mark);
                    self.told_from = place;
                    return false;
                }
                has_told = true;
            }
        }
        w.end_list();
        w.end_object();
        self.end_telling();
        true
    }
}

fn object(place: u8) -> Option<ObjectId> {
    Kind::Certificate.object(place)
}

/// Behind the use of what is kept there.
fn open(storage: &mut dyn Storage, place: u8) -> Option<(Reader, CertificateUse)> {
    let mut reader = Reader::open(storage, object(place)?).ok()??;
    let mut head = [0; 2];
    reader.read(storage, &mut head).ok()?;
    let [form, used] = head;
    let used = CertificateUse::from_number(used).filter(|_| form == FORM)?;
    Some((reader, used))
}

/// Behind the hashes of a certificate.
fn hashes(reader: &mut Reader, storage: &mut dyn Storage) -> Option<Kept> {
    let mut algorithm = [0];
    reader.read(storage, &mut algorithm).ok()?;
    let [algorithm] = algorithm;
    Some(Kept {
        algorithm: HashAlgorithm::from_number(algorithm)?,
        issuer_name: text(reader, storage)?,
        issuer_key: text(reader, storage)?,
        serial_number: text(reader, storage)?,
    })
}

/// The hashes of the certificate at a place.
#[inline(never)] // its buffers are on no other stack
fn kept(storage: &mut dyn Storage, place: u8) -> Option<Kept> {
    let (mut reader, _) = open(storage, place)?;
    hashes(&mut reader, storage)
}

fn kept_is(storage: &mut dyn Storage, place: u8, other: &Kept) -> bool {
    kept(storage, place).is_some_and(|kept| kept.is(&other.borrowed()))
}

fn text<const N: usize>(reader: &mut Reader, storage: &mut dyn Storage) -> Option<String<N>> {
    let mut length = [0];
    reader.read(storage, &mut length).ok()?;
    let mut bytes = [0; N];
    let bytes = bytes.get_mut(..usize::from(length[0]))?;
    reader.read(storage, bytes).ok()?;
    String::try_from(from_utf8(bytes).ok()?).ok()
}

fn read_rest<'b>(
    mut reader: Reader,
    storage: &mut dyn Storage,
    buffer: &'b mut [u8],
) -> Option<&'b str> {
    let length = reader.length().checked_sub(reader.position())?;
    let bytes = buffer.get_mut(..length)?;
    reader.read(storage, bytes).ok()?;
    from_utf8(bytes).ok()
}

fn write_candidate(storage: &mut dyn Storage, certificate: Text<'_>) -> Result<(), StorageError> {
    let id = object(CANDIDATE).ok_or(StorageError::Full)?;
    let mut writer = Writer::begin(storage, id)?;
    for c in certificate.chars() {
        writer.write(storage, c.encode_utf8(&mut [0; 4]).as_bytes())?;
    }
    writer.commit(storage)
}

/// Copies the candidate to a place, behind its use and its hashes.
#[inline(never)] // its buffers are on no other stack
fn copy(
    storage: &mut dyn Storage,
    place: u8,
    used: CertificateUse,
    hash: &CertificateHash<'_>,
) -> Result<(), StorageError> {
    let candidate = object(CANDIDATE).ok_or(StorageError::Failed)?;
    let mut reader = Reader::open(storage, candidate)?.ok_or(StorageError::Failed)?;
    reader.verify(storage)?;
    reader.seek(0);
    let mut writer = Writer::begin(storage, object(place).ok_or(StorageError::Full)?)?;
    writer.write(storage, &[FORM, used as u8, hash.algorithm as u8])?;
    for text in [hash.issuer_name, hash.issuer_key, hash.serial_number] {
        let length = u8::try_from(text.len()).map_err(|_| StorageError::Full)?;
        writer.write(storage, &[length])?;
        writer.write(storage, text.as_bytes())?;
    }
    append(storage, &mut reader, writer)
}

/// Writes what is left to be read, and commits it.
fn append(
    storage: &mut dyn Storage,
    reader: &mut Reader,
    mut writer: Writer,
) -> Result<(), StorageError> {
    loop {
        let piece = reader.next_piece(storage)?;
        if piece.is_empty() {
            return writer.commit(storage);
        }
        writer.write(storage, piece)?;
    }
}

/// Moves a certificate to the place of another one. A power loss leaves it where it was, or in both places.
#[inline(never)] // its buffers are on no other stack
fn replace(storage: &mut dyn Storage, from: u8, to: u8) -> Result<(), StorageError> {
    let (Some(from), Some(to)) = (object(from), object(to)) else {
        return Err(StorageError::Failed);
    };
    let mut reader = Reader::open(storage, from)?.ok_or(StorageError::Failed)?;
    reader.verify(storage)?;
    let writer = Writer::begin(storage, to)?;
    append(storage, &mut reader, writer)?;
    objects::erase(storage, from)
}
