//! The local authorization list (OCPP 1.6, 3.5.2): one object in storage, found by an index in RAM.

mod entry;
mod update;

use heapless::Vec;

use super::cache::Known;
use crate::{
    domain::AuthorizationStatus,
    limits::LOCAL_LIST_ENTRIES,
    station::{Event, Key, context::Context, memory::Events, record::skipped},
    storage::{
        Storage, StorageError,
        objects::{self, ObjectId, Reader},
        records::{LIST_HEADER, LISTED},
    },
};
use entry::{Header, hash};

const LIST: ObjectId = ObjectId::LOCAL_LIST;

/// What is known of the list without reading it.
#[derive(Debug)]
pub(in crate::station) struct LocalList {
    /// Of the idTag of each entry, in the order of the entries: an idTag that is not in the list is
    /// looked up without storage, one that is reads its entry.
    hashes: Vec<u32, LOCAL_LIST_ENTRIES>,
    /// That of the list; 0 while it is empty.
    version: i32,
    /// Bytes from one entry to the next: those of the firmware that wrote the list.
    stride: usize,
    /// There is a list that cannot be read.
    is_damaged: bool,
    /// The central system has contradicted the list, and was not told yet that it did.
    has_conflict: bool,
}

impl LocalList {
    pub const fn new() -> Self {
        Self {
            hashes: Vec::new(),
            version: 0,
            stride: 0,
            is_damaged: false,
            has_conflict: false,
        }
    }

    pub fn clear(&mut self) {
        self.forget();
        self.is_damaged = false;
        self.has_conflict = false;
    }

    fn forget(&mut self) {
        self.hashes.clear();
        self.version = 0;
        self.stride = LISTED;
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.is_damaged = self.index(storage).is_err();
        if self.is_damaged {
            // A part of a list is none: who is blocked may be in the rest.
            self.forget();
            skipped(events, LIST.head());
        }
    }

    /// Erases what a power loss has left of an update.
    pub fn clean_up(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        if !self.is_damaged
            && let Err(error) = objects::clean_up(storage, LIST)
        {
            // The next boot tries again.
            let _ = events.push_back(Event::StorageFailed(error));
        }
    }

    /// Reads all of the list once.
    #[inline(never)] // its buffers are not on the stack of what comes after
    fn index(&mut self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        self.forget();
        let Some(mut reader) = Reader::open(storage, LIST)? else {
            return Ok(());
        };
        let mut header = [0; LIST_HEADER];
        reader.read(storage, &mut header)?;
        let Header { version, stride } = Header::decode(header).ok_or(StorageError::Failed)?;
        self.stride = stride;
        let entries = reader.length().saturating_sub(LIST_HEADER);
        for place in 0..entries.checked_div(stride).unwrap_or(0) {
            let known = self.entry(&mut reader, storage, place)?;
            let hash = hash(&known.id_tag);
            self.hashes.push(hash).map_err(|_| StorageError::Full)?;
        }
        self.version = version;
        Ok(())
    }

    fn entry(
        &self,
        reader: &mut Reader,
        storage: &mut dyn Storage,
        place: usize,
    ) -> Result<Known, StorageError> {
        let mut bytes = [0; LISTED];
        let bytes = bytes.get_mut(..self.stride).ok_or(StorageError::Full)?;
        let read = reader.read_at(storage, LIST_HEADER + place * self.stride, bytes)?;
        let whole = bytes.get(..read).filter(|it| it.len() == self.stride);
        whole.and_then(entry::decode).ok_or(StorageError::Failed)
    }

    /// The version of the list, 0 while it is empty; -1 where there is none (5.10).
    pub fn version(&self, cx: &Context<'_>) -> i32 {
        match is_enabled(cx) {
            true => self.version,
            false => -1,
        }
    }

    /// Entries of the list.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The entry in that place; `None` behind the last one.
    pub fn at(
        &self,
        storage: &mut dyn Storage,
        place: usize,
    ) -> Result<Option<Known>, StorageError> {
        if place >= self.len() {
            return Ok(None);
        }
        match Reader::open(storage, LIST)? {
            Some(mut reader) => self.entry(&mut reader, storage, place).map(Some),
            None => Err(StorageError::Failed),
        }
    }

    /// What the list says of an idTag.
    ///
    /// # Errors
    ///
    /// If an entry that may be the one cannot be read.
    pub(super) fn find(
        &self,
        cx: &mut Context<'_>,
        id_tag: &str,
    ) -> Result<Option<Known>, StorageError> {
        if !is_enabled(cx) {
            return Ok(None);
        }
        let Some((_, mut known)) = self.place_of(cx.storage, id_tag)? else {
            return Ok(None);
        };
        if known.status == AuthorizationStatus::ConcurrentTx {
            // 3.5.2: it is valid, and only StartTransaction.conf says that it charges elsewhere.
            known.status = AuthorizationStatus::Accepted;
        }
        Ok(Some(known))
    }

    /// The place of the entry of an idTag, and what it says.
    #[inline(never)]
    fn place_of(
        &self,
        storage: &mut dyn Storage,
        id_tag: &str,
    ) -> Result<Option<(usize, Known)>, StorageError> {
        let wanted = hash(id_tag);
        let mut reader = None;
        for (place, _) in self.hashes.iter().enumerate().filter(|it| *it.1 == wanted) {
            if reader.is_none() {
                reader = Reader::open(storage, LIST)?;
            }
            let reader = reader.as_mut().ok_or(StorageError::Failed)?;
            let known = self.entry(reader, storage, place)?;
            if known.id_tag.eq_ignore_ascii_case(id_tag) {
                return Ok(Some((place, known)));
            }
        }
        Ok(None)
    }

    /// The central system says something else of an idTag than the list.
    pub fn contradicted(&mut self) {
        self.has_conflict = true;
    }

    /// True when the central system has to be told of a conflict, which it is then.
    pub fn take_conflict(&mut self) -> bool {
        core::mem::take(&mut self.has_conflict)
    }
}

/// True when there is a list and it is used (9.2.1 LocalAuthListEnabled).
fn is_enabled(cx: &Context<'_>) -> bool {
    cx.version.has_local_list() && cx.settings.flag(Key::LocalAuthListEnabled)
}
