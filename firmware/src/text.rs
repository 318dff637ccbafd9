//! Text for C.

use heapless::CString;

/// With a zero behind it; nothing when it is longer than `N - 1` bytes or has a zero itself.
pub fn for_c<const N: usize>(text: &str) -> Option<CString<N>> {
    let mut copy = CString::new();
    copy.extend_from_bytes(text.as_bytes()).ok()?;
    Some(copy)
}
