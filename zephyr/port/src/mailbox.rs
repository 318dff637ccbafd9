//! Hands one value from one thread to another.

/// Like an `Option`, but all zeros while it is empty: statics made of it take no room in flash.
#[derive(Debug)]
#[repr(u8)]
pub enum Mailbox<T> {
    /// No value.
    Empty,
    /// A value that was not taken yet.
    Full(T),
}

impl<T> Mailbox<T> {
    /// Puts a value there, in the place of one that was not taken.
    pub fn put(&mut self, value: T) {
        *self = Self::Full(value);
    }

    /// Takes the value.
    pub fn take(&mut self) -> Option<T> {
        match core::mem::replace(self, Self::Empty) {
            Self::Empty => None,
            Self::Full(value) => Some(value),
        }
    }

    /// The value, which stays.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Empty => None,
            Self::Full(value) => Some(value),
        }
    }
}
