//! Certificates that the central system installs (security whitepaper, M): kept as objects, of which this
//! part knows the use and, as the application has told, the hashes. It reads none of them.
//!
//! A new one is a candidate while the application looks at it; then it is copied behind its hashes. A power
//! loss leaves it installed or not.

use core::str::from_utf8;

use heapless::String;

use super::context::Context;
use crate::{
    dialect::{NamedCertificate, Version},
    domain::{CertificateHash, CertificateUse, HashAlgorithm},
    limits::CERTIFICATES,
    storage::{
        Storage, StorageError,
        objects::{self, Kind, ObjectId, Reader, Writer},
    },
    wire::{Text, Writer as JsonWriter},
};

/// Version of an object's form.
const FORM: u8 = 1;
/// Where the chain of the charge point is, and a certificate that is looked at.
const OWN: u8 = 28;
const CANDIDATE: u8 = 29;

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
    }

    /// True where there is a root for central systems.
    pub fn has_central_system_root(&self) -> bool {
        self.count(CertificateUse::CentralSystemRoot) > 0
    }

    /// True where there is a certificate of the charge point.
    pub fn has_own(&self) -> bool {
        self.has_own
    }

    /// How many there are for a use.
    pub fn count(&self, used: CertificateUse) -> usize {
        self.uses.iter().filter(|it| **it == used as u8 + 1).count()
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

    /// The certificate at a place, copied into `buffer`, and its use.
    pub fn get<'b>(
        storage: &mut dyn Storage,
        place: u8,
        buffer: &'b mut [u8],
    ) -> Option<(CertificateUse, &'b str)> {
        let place = match usize::from(place) {
            CERTIFICATES => OWN,
            it if it < CERTIFICATES => place,
            _ => return None,
        };
        let (mut reader, used) = open(storage, place)?;
        hashes(&mut reader, storage)?;
        Some((used, read_rest(reader, storage, buffer)?))
    }

    /// The application finds it good: it is installed, in the place of one with the same hashes.
    pub fn install(
        &mut self,
        cx: &mut Context<'_>,
        used: CertificateUse,
        hash: &CertificateHash<'_>,
    ) -> Installed {
        let place = match used {
            CertificateUse::ChargePoint => Some(OWN),
            _ => self
                .find(cx.storage, &|kept| kept.is(hash))
                .or_else(|| self.free()),
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
        match self.uses.get_mut(usize::from(place)) {
            Some(it) => *it = used as u8 + 1,
            None => self.has_own = true,
        }
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
        (0..).zip(&self.uses).find_map(|(place, used)| {
            let (mut reader, _) = open(storage, place).filter(|_| *used != 0)?;
            is_meant(&hashes(&mut reader, storage)?).then_some(place)
        })
    }

    /// The use of the certificate at a place.
    pub fn used(&self, place: u8) -> Option<CertificateUse> {
        let used = self.uses.get(usize::from(place))?;
        CertificateUse::from_number(used.checked_sub(1)?)
    }

    /// Deletes one; false where storage does not.
    pub fn delete(&mut self, cx: &mut Context<'_>, place: u8) -> bool {
        let erased = object(place).map_or(Ok(()), |id| objects::erase(cx.storage, id));
        let is_done = cx.is_done(erased);
        if let Some(used) = self.uses.get_mut(usize::from(place)).filter(|_| is_done) {
            *used = 0;
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
        for (place, used) in (0..).zip(&self.uses) {
            if place < self.told_from || *used != self.told_use {
                continue;
            }
            let kept =
                open(storage, place).and_then(|(mut reader, _)| hashes(&mut reader, storage));
            if let Some(kept) = kept {
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
    loop {
        let piece = reader.next_piece(storage)?;
        if piece.is_empty() {
            break;
        }
        writer.write(storage, piece)?;
    }
    writer.commit(storage)
}
