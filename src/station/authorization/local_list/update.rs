//! SendLocalList (OCPP 1.6, 5.15): the new list is written beside the old one, entry by entry, and takes
//! its place with one write.

use heapless::Vec;

use super::{Header, LIST, LocalList, entry, hash, is_enabled};
use crate::{
    dialect::{ListEntry, ListUpdate, TokenInfo},
    domain::{ID_TOKEN_LENGTH, IdToken, UpdateStatus},
    limits::{LOCAL_LIST_ENTRIES, SEND_LOCAL_LIST_ENTRIES},
    station::{authorization::cache::Known, context::Context},
    storage::{
        StorageError,
        objects::{self, Reader, Writer},
        records::LISTED,
    },
    wire::{ErrorCode, Text, field::Violation},
};

/// Entries of the old list that an update has something to say of: a bit for each.
#[derive(Default)]
struct Named([u32; LOCAL_LIST_ENTRIES.div_ceil(32)]);

impl Named {
    fn add(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 32) {
            *word |= 1 << (place % 32);
        }
    }

    fn has(&self, place: usize) -> bool {
        let word = self.0.get(place / 32);
        word.is_some_and(|word| word >> (place % 32) & 1 != 0)
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// An update that was looked through.
struct Plan {
    /// Of the idTag of each of its entries.
    hashes: Vec<u32, SEND_LOCAL_LIST_ENTRIES>,
    /// Entries that the list will have by it.
    added: usize,
}

/// What is said of an idTag is none of it.
enum Refusal {
    Update(UpdateStatus),
    Violation(Violation),
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl From<UpdateStatus> for Refusal {
    fn from(status: UpdateStatus) -> Self {
        Self::Update(status)
    }
}

impl LocalList {
    /// Carries an update out; what is not Accepted has changed nothing.
    #[inline(never)]
    pub fn update(
        &mut self,
        cx: &mut Context<'_>,
        asked: ListUpdate<'_>,
    ) -> Result<UpdateStatus, Violation> {
        if !is_enabled(cx) {
            return Ok(UpdateStatus::NotSupported);
        }
        // 5.10: 0 is that of an empty list, -1 that of none.
        if asked.version <= 0 {
            return Ok(UpdateStatus::Failed);
        }
        if !asked.is_full && self.is_damaged {
            // What it builds upon is not known any more.
            return Ok(UpdateStatus::Failed);
        }
        if !asked.is_full && asked.version <= self.version {
            return Ok(UpdateStatus::VersionMismatch);
        }
        let plan = match plan(cx, &asked) {
            Ok(plan) => plan,
            Err(Refusal::Update(status)) => return Ok(status),
            Err(Refusal::Violation(violation)) => return Err(violation),
        };
        let carried_out = self.carry_out(cx, &asked, &plan);
        let is_kept = match carried_out {
            Ok(is_kept) => is_kept,
            Err(error) => {
                cx.is_done(Err(error));
                false
            }
        };
        Ok(match is_kept {
            true => UpdateStatus::Accepted,
            false => UpdateStatus::Failed,
        })
    }

    /// False, and nothing changed, where the list would be too long.
    fn carry_out(
        &mut self,
        cx: &mut Context<'_>,
        asked: &ListUpdate<'_>,
        plan: &Plan,
    ) -> Result<bool, StorageError> {
        let named = match asked.is_full {
            true => Named([u32::MAX; LOCAL_LIST_ENTRIES.div_ceil(32)]),
            false => self.named(cx, asked)?,
        };
        let kept = (0..self.len()).filter(|&place| !named.has(place)).count();
        let count = kept + plan.added;
        if count > LOCAL_LIST_ENTRIES {
            return Ok(false);
        }
        if count == 0 || self.is_damaged {
            objects::erase(cx.storage, LIST).inspect_err(|_| {
                // Its head may be gone even so.
                self.is_damaged = self.index(cx.storage).is_err();
            })?;
            self.forget();
            self.is_damaged = false;
        }
        if count > 0 {
            self.write(cx, asked, &named)?;
            self.replace_index(asked, plan, &named);
        }
        Ok(true)
    }

    /// Which entries of the list the update names.
    fn named(&self, cx: &mut Context<'_>, asked: &ListUpdate<'_>) -> Result<Named, StorageError> {
        let mut named = Named::default();
        for asked in asked.entries().flatten() {
            if let Some(id_tag) = token(asked.token)
                && let Some((place, _)) = self.place_of(cx.storage, &id_tag)?
            {
                named.add(place);
            }
        }
        Ok(named)
    }

    /// Writes what stays of the old list, then what is new.
    #[inline(never)]
    fn write(
        &self,
        cx: &mut Context<'_>,
        asked: &ListUpdate<'_>,
        named: &Named,
    ) -> Result<(), StorageError> {
        let storage = &mut *cx.storage;
        let mut writer = Writer::begin(storage, LIST)?;
        writer.write(storage, &Header::encode(asked.version))?;
        if named.count() < self.len()
            && let Some(mut reader) = Reader::open(storage, LIST)?
        {
            for place in (0..self.len()).filter(|&place| !named.has(place)) {
                let known = match self.entry(&mut reader, storage, place) {
                    Ok(known) => known,
                    Err(error) => {
                        let _ = writer.abandon(storage);
                        return Err(error);
                    }
                };
                writer.write(storage, bytes(&known)?.as_slice())?;
            }
        }
        for asked in asked.entries().flatten() {
            if let Some(known) = known(asked) {
                writer.write(storage, bytes(&known)?.as_slice())?;
            }
        }
        writer.commit(storage)
    }

    /// The index of what has just been written.
    fn replace_index(&mut self, asked: &ListUpdate<'_>, plan: &Plan, named: &Named) {
        let mut place = 0;
        self.hashes.retain(|_| {
            place += 1;
            !named.has(place - 1)
        });
        for (asked, &hash) in asked.entries().flatten().zip(&plan.hashes) {
            if asked.info.is_some() {
                // There is room: it was counted.
                let _ = self.hashes.push(hash);
            }
        }
        self.version = asked.version;
        self.stride = LISTED;
    }
}

/// Looks an update through.
fn plan(cx: &Context<'_>, asked: &ListUpdate<'_>) -> Result<Plan, Refusal> {
    let mut plan = Plan {
        hashes: Vec::new(),
        added: 0,
    };
    if asked.count() > SEND_LOCAL_LIST_ENTRIES {
        return Err(UpdateStatus::Failed.into());
    }
    for entry in asked.entries() {
        let entry = entry?;
        // Characters outside ASCII may take more bytes than a token has here.
        let fits = |token: &IdToken| token.len() <= cx.version.token_length();
        let id_tag = token(entry.token).filter(fits).ok_or(Violation {
            code: ErrorCode::PropertyConstraintViolation,
            field: cx.version.token_field(),
        })?;
        let parent = entry.info.and_then(|info| info.parent);
        let is_parent_bad = parent.is_some_and(|parent| !token(parent).is_some_and(|it| fits(&it)));
        // 7.1 AuthorizationData: only a Differential removes.
        let is_missing = asked.is_full && entry.info.is_none();
        if id_tag.is_empty() || is_parent_bad || is_missing {
            return Err(UpdateStatus::Failed.into());
        }
        let hash = hash(&id_tag);
        let alike = plan.hashes.iter().enumerate().filter(|it| *it.1 == hash);
        for (place, _) in alike {
            let before = asked.entries().nth(place);
            if before.is_some_and(|it| it.is_ok_and(|it| it.token.is_ci(&id_tag))) {
                // It cannot be both.
                return Err(UpdateStatus::Failed.into());
            }
        }
        // There is room: they were counted.
        let _ = plan.hashes.push(hash);
        plan.added += usize::from(entry.info.is_some());
    }
    Ok(plan)
}

fn token(text: Text<'_>) -> Option<IdToken> {
    let text = text.to_string::<ID_TOKEN_LENGTH>()?;
    Some(text.into())
}

/// What an update says of an idTag that is to be in the list.
fn known(asked: ListEntry<'_>) -> Option<Known> {
    let TokenInfo {
        status,
        expires,
        parent,
    } = asked.info?;
    Some(Known {
        id_tag: token(asked.token)?,
        // Some central systems say that there is no parent with an empty one.
        parent: parent.and_then(token).filter(|it| !it.is_empty()),
        status,
        expires,
    })
}

fn bytes(known: &Known) -> Result<[u8; LISTED], StorageError> {
    let record = entry::encode(known);
    let bytes = record.bytes().and_then(<[u8]>::first_chunk);
    bytes.copied().ok_or(StorageError::Full)
}
