//! The simulator from outside: the built program, its commands and its output, and a central system, or a peer
//! that is none. One program for all of it: each of its own would be linked with everything once more.
#![allow(clippy::restriction)] // What fails here may panic.

#[cfg(target_os = "linux")]
mod attacks;
mod bad_frames;
mod central_system;
mod certificates;
mod charge_point;
mod charging_limits;
mod command_line;
mod commands;
mod deviations;
mod files;
mod fleet;
mod fleet_panel;
#[cfg(target_os = "linux")]
mod flood;
mod handshake;
#[cfg(unix)]
mod kills;
#[cfg(target_os = "linux")]
mod memory;
mod network;
mod panel;
mod panel_client;
mod panel_demo;
mod panel_safety;
mod peer;
mod restarts;
mod security_messages;
mod security_profiles;
mod server;
mod session;
mod test_command;
mod tls;
mod versions;
