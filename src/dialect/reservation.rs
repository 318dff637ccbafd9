//! A reservation, as a version asks for one.

use crate::wire::{Text, UnixMillis};

/// What is to be kept for whom.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "v16"), allow(dead_code))]
pub(crate) struct ReserveNow<'a> {
    /// The number of the reservation: one that is there already is replaced.
    pub id: i32,
    /// 0 for any of them.
    pub connector: i32,
    pub token: Text<'a>,
    /// The group that may use it as well.
    pub parent: Option<Text<'a>>,
    /// It ends then.
    pub expires: UnixMillis,
}
