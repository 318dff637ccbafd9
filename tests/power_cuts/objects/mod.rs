//! What is longer than a record: power is cut while objects are written, replaced and erased, and while
//! what that left is cleaned up.

mod cuts;
mod damage;
mod lives;
mod world;
