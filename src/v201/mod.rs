//! OCPP 2.0.1: what it calls the station's settings. Its messages are to come.

pub mod variables;
