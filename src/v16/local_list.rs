//! Local Auth List Management profile (OCPP 1.6, 5.10 and 5.15).

use super::core_profile::IdTagInfo;
use crate::{
    dialect::{ListEntry, ListUpdate},
    domain::names::names,
    wire::{
        Json, Kind, Text,
        field::Violation,
        message::{Message, messages, request as read},
    },
};

names! {
    /// What a SendLocalList holds (7.48 UpdateType).
    UpdateType {
        /// What changes.
        Differential = 0 "Differential",
        /// All of the list.
        Full = 1 "Full",
    }
}

messages! {
    /// 6.41 SendLocalList.req
    SendLocalList<'a> {
        /// The version that the list has then.
        list_version: i32 = "listVersion" Kind::Integer,
        /// List of [`AuthorizationData`].
        list: Option<Json<'a>> = "localAuthorizationList" Kind::Objects(<AuthorizationData<'a> as Message<'a>>::FIELDS),
        /// All of it, or what changes.
        update_type: UpdateType = "updateType" Kind::Choice(UpdateType::NAMES),
    }

    /// 7.1 AuthorizationData
    AuthorizationData<'a> {
        /// Whose.
        id_tag: Text<'a> = "idTag" Kind::Text(20),
        /// An [`IdTagInfo`]; absent in a Differential for one that leaves the list.
        id_tag_info: Option<Json<'a>> = "idTagInfo" Kind::Object(<IdTagInfo<'a> as Message<'a>>::FIELDS),
    }
}

impl<'a> From<SendLocalList<'a>> for ListUpdate<'a> {
    fn from(asked: SendLocalList<'a>) -> Self {
        Self {
            version: asked.list_version,
            is_full: asked.update_type == UpdateType::Full,
            list: asked.list,
            read: entry,
        }
    }
}

fn entry(json: Json<'_>) -> Result<ListEntry<'_>, Violation> {
    let AuthorizationData {
        id_tag,
        id_tag_info,
    } = read(json)?;
    let info: Option<IdTagInfo<'_>> = id_tag_info.map(read).transpose()?;
    Ok(ListEntry {
        token: id_tag,
        info: info.map(Into::into),
    })
}
