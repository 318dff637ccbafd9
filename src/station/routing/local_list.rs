//! The local authorization list (OCPP 1.6, 3.5.2): replaced, and told of where the central system
//! contradicts it.

use crate::{
    dialect::ListUpdate,
    domain::{AuthorizationStatus, ChargePointError, IdToken, UpdateStatus},
    station::{Event, Station, status::StatusReports},
    storage::StorageError,
    wire::{UnixMillis, field::Violation},
};

/// The list as the application may look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalList {
    /// Its version as GetLocalListVersion answers it (5.10): 0 for an empty list, -1 where it is
    /// switched off.
    pub version: i32,
    /// Its entries, of [`LOCAL_LIST_ENTRIES`](crate::limits::LOCAL_LIST_ENTRIES).
    pub entries: usize,
}

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Of whom it says something.
    pub id_tag: IdToken,
    /// What.
    pub status: AuthorizationStatus,
    /// Until when.
    pub expires: Option<UnixMillis>,
    /// The group.
    pub parent: Option<IdToken>,
}

impl Station<'_> {
    /// The local authorization list, which the central system alone changes.
    pub fn local_list(&self) -> LocalList {
        let list = self.authorization.list();
        LocalList {
            version: list.version(&self.cx),
            entries: list.len(),
        }
    }

    /// The entry of the list in that place, counted from 0; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// If storage cannot be read.
    pub fn listed(&mut self, place: usize) -> Result<Option<Listed>, StorageError> {
        let list = self.authorization.list();
        let known = list.at(self.cx.storage, place)?;
        Ok(known.map(|known| Listed {
            id_tag: known.id_tag,
            status: known.status,
            expires: known.expires,
            parent: known.parent,
        }))
    }

    pub(super) fn send_local_list(
        &mut self,
        asked: ListUpdate<'_>,
    ) -> Result<UpdateStatus, Violation> {
        let list = self.authorization.list_mut();
        let status = list.update(&mut self.cx, asked)?;
        if status == UpdateStatus::Accepted {
            self.authorization.forget_listed(&mut self.cx);
            let version = self.local_list().version;
            self.cx.emit(Event::LocalList { version });
        }
        Ok(status)
    }

    /// The list is used from now on, or no longer.
    pub(super) fn local_list_switched(&mut self) {
        self.authorization.forget_listed(&mut self.cx);
    }

    /// Tells that the central system has contradicted the list.
    pub(super) fn call_list_conflict(&mut self) -> bool {
        if !self.authorization.list_mut().take_conflict() {
            return false;
        }
        let Some((status, _)) = self.condition_of(0) else {
            return false;
        };
        let condition = (status, ChargePointError::LocalListConflict);
        let report = StatusReports::of_now(&self.cx, 0, condition);
        report.is_some_and(|report| self.send_status(report))
    }
}
