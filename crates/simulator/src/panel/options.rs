//! The panel on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use super::Setup;

/// Where it is, and who may use it.
#[derive(Args, Clone, Debug)]
pub struct PanelOptions {
    /// A page that shows what runs and works with it, and a JSON API, at that address: 127.0.0.1:8080; port 0 for
    /// any. One that other machines can reach asks for a token, which is printed. The demonstration has one
    /// at 127.0.0.1 without this
    #[arg(long, value_name = "ADDRESS:PORT")]
    panel: Option<SocketAddr>,
    /// File with the token that the panel asks for; without this option OCPP_PANEL_TOKEN of the environment
    #[arg(long, value_name = "FILE", requires = "panel")]
    panel_token_file: Option<PathBuf>,
    /// A name by which browsers may reach the panel, beside addresses and localhost
    #[arg(long, value_name = "NAME", requires = "panel")]
    panel_host: Vec<String>,
}

impl PanelOptions {
    /// Where the panel is to be; `None` for nowhere.
    pub fn setup(&self) -> Option<Setup> {
        Some(Setup {
            address: self.panel?,
            token_file: self.panel_token_file.clone(),
            hosts: self.panel_host.clone(),
        })
    }
}
