//! Which request a transfer of a file is of, in a build where no request says more than all.

/// Nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AskedBy;

impl AskedBy {
    /// Of any request.
    pub const NONE: Self = Self;
    /// Bytes in a record.
    pub const LENGTH: usize = 0;

    /// No request has a number.
    pub fn is_numbered(self) -> bool {
        false
    }

    /// None has one.
    pub fn request_id(self) -> Option<i32> {
        None
    }

    pub fn encode(self) -> [u8; Self::LENGTH] {
        []
    }

    pub fn decode(_: [u8; Self::LENGTH]) -> Self {
        Self
    }
}
