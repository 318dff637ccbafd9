//! A new local authorization list, or changes to the one there is, as a version sends them.

use super::TokenInfo;
use crate::wire::{Json, Text, field::Violation};

/// What is to become of the list.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "v16"), allow(dead_code))]
pub(crate) struct ListUpdate<'a> {
    /// The version that the list has then.
    pub version: i32,
    /// These entries take the place of all others.
    pub is_full: bool,
    /// The entries, each read when its turn has come.
    pub list: Option<Json<'a>>,
    pub read: fn(Json<'a>) -> Result<ListEntry<'a>, Violation>,
}

/// An entry of it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "v16"), allow(dead_code))]
pub(crate) struct ListEntry<'a> {
    pub token: Text<'a>,
    /// `None` for one that is to be removed.
    pub info: Option<TokenInfo<'a>>,
}

impl<'a> ListUpdate<'a> {
    pub fn count(&self) -> usize {
        self.elements().count()
    }

    pub fn entries(&self) -> impl Iterator<Item = Result<ListEntry<'a>, Violation>> {
        self.elements().map(self.read)
    }

    fn elements(&self) -> impl Iterator<Item = Json<'a>> {
        self.list.into_iter().flat_map(Json::elements)
    }
}
