//! The demonstration has a panel, and stays up for it when it is told to.

use serde_json::json;

use crate::panel_client::{Panel, SOON};

#[test]
fn it_stays_up_until_it_is_told_to_quit() {
    let (mut panel, told) = Panel::demonstration(&["--stay"]);
    panel.wait_state(1, "/identity", json!("CP-DEMO"));
    loop {
        let line = told.recv_timeout(SOON).unwrap();
        if line.starts_with("It stays up") {
            break;
        }
    }
    assert!(panel.is_running());
    panel.command(1, "plug 2");
    panel.command(1, "tag 2 04A1B2C3D4E5F6");
    panel.wait_state(1, "/connectors/2/status", json!("Charging"));
    panel.command(1, "quit");
    assert_eq!(panel.exit(), Some(0));
}
