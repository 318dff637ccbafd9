//! The messages of the security whitepaper (3rd edition).
