//! Bytes that are copied.

/// Copies as many bytes as both have room for, which the caller has made the same. `copy_from_slice`
/// would leave a way to panic where the compiler does not see that they are.
pub fn copy(into: &mut [u8], bytes: &[u8]) {
    into.iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
}
