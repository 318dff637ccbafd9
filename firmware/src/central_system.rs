//! Which central system it is.

use ocpp_port::charge_point::Server;

use crate::{command_line, log::line, network, settings};

/// That of the command line, or of Kconfig; nothing when the command line makes no sense.
pub fn find() -> Option<Server<'static>> {
    let server = match command_line::central_system() {
        Some(url) => {
            let server = Server::from_url(url);
            if server.is_err() {
                line!(Error, "-csms={url} is not ws://host:port/path/identity");
            }
            server.ok()?
        }
        None => Server::new(settings::SERVER, settings::PORT, settings::PATH),
    };
    line!(Info, "cs server {} {}", server.host, server.port);
    match network::resolve(server.host) {
        Ok(address) if address.contains(':') => line!(Info, "IPv6 Address {address}"),
        Ok(address) => line!(Info, "IPv4 Address {address}"),
        // The charge point looks for it again whenever it connects.
        Err(error) => line!(Warning, "no address of {}: {error}", server.host),
    }
    Some(server)
}
