//! In a build without a local authorization list: none.

use super::cache::Known;
use crate::{
    station::{context::Context, memory::Events},
    storage::{Storage, StorageError},
};

#[derive(Debug)]
pub(in crate::station) struct LocalList;

impl LocalList {
    pub const fn new() -> Self {
        Self
    }

    pub fn clear(&mut self) {}

    pub fn load(&mut self, _: &mut dyn Storage, _: &mut Events) {}

    pub fn clean_up(&mut self, _: &mut dyn Storage, _: &mut Events) {}

    pub fn version(&self, _: &Context<'_>) -> i32 {
        -1
    }

    pub(super) fn find(&self, _: &mut Context<'_>, _: &str) -> Result<Option<Known>, StorageError> {
        Ok(None)
    }

    pub fn contradicted(&mut self) {}
}
