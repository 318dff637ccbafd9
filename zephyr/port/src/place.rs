//! What a call asks for that is too large for a reply.

/// Where the engine's thread puts a value, on the stack of the thread that waits for it.
#[derive(Debug)]
pub struct Place<T>(*mut Option<T>);

impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<T> {}

// SAFETY: one thread writes there, and the other one reads when that has replied.
unsafe impl<T: Send> Send for Place<T> {}

impl<T> Place<T> {
    /// Of a thread that waits until the call with this is replied to, however long that takes.
    pub fn new(value: &mut Option<T>) -> Self {
        Self(value)
    }

    /// Puts a value there; false where there is none.
    ///
    /// # Safety
    ///
    /// The call with this has not been replied to yet, so that its thread waits.
    pub unsafe fn put(self, value: Option<T>) -> bool {
        let is_some = value.is_some();
        // SAFETY: the thread whose value it is waits, as the caller promises.
        unsafe { self.0.write(value) };
        is_some
    }
}
