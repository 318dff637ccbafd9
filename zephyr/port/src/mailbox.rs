//! A place for one thing that another thread takes away.

/// Like an `Option`, but all zeros while it is empty: statics made of it take no room in flash.
#[derive(Debug)]
#[repr(u8)]
pub enum Mailbox<T> {
    /// Nothing is there.
    Empty,
    /// Something is.
    Full(T),
}

impl<T> Mailbox<T> {
    /// Puts it there, in the place of what was.
    pub fn put(&mut self, it: T) {
        *self = Self::Full(it);
    }

    /// Takes away what is there.
    pub fn take(&mut self) -> Option<T> {
        match core::mem::replace(self, Self::Empty) {
            Self::Empty => None,
            Self::Full(it) => Some(it),
        }
    }

    /// What is there.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Empty => None,
            Self::Full(it) => Some(it),
        }
    }
}
