//! Which request a transfer of a file is of.

/// What a request says besides what all have. Not all number their requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AskedBy {
    /// It has a number, and what is told of it names that.
    pub(crate) is_numbered: bool,
    pub(crate) request_id: i32,
    /// The security log is meant.
    pub is_security_log: bool,
    /// Which of the two places holds the signature of a firmware.
    pub place: u8,
}

impl AskedBy {
    /// Of no request, or of one without a number.
    pub const NONE: Self = Self {
        is_numbered: false,
        request_id: 0,
        is_security_log: false,
        place: 0,
    };
    /// Bytes in a record.
    pub const LENGTH: usize = 5;

    /// A request with that number.
    pub fn numbered(request_id: i32) -> Self {
        Self {
            is_numbered: true,
            request_id,
            ..Self::NONE
        }
    }

    /// True where requests have numbers: firmware is signed then.
    pub fn is_numbered(self) -> bool {
        self.is_numbered
    }

    /// Its number, if it has one.
    pub fn request_id(self) -> Option<i32> {
        self.is_numbered.then_some(self.request_id)
    }

    pub fn encode(self) -> [u8; Self::LENGTH] {
        let [a, b, c, d] = self.request_id.to_le_bytes();
        let flags = u8::from(self.is_numbered)
            | u8::from(self.is_security_log) << 1
            | (self.place & 1) << 2;
        [flags, a, b, c, d]
    }

    pub fn decode([flags, a, b, c, d]: [u8; Self::LENGTH]) -> Self {
        Self {
            is_numbered: flags & 1 != 0,
            request_id: i32::from_le_bytes([a, b, c, d]),
            is_security_log: flags & 2 != 0,
            place: flags >> 2 & 1,
        }
    }
}
