//! FTP and FTPS, passive (RFC 959, RFC 4217): an image is fetched with RETR, a log delivered with STOR. The
//! connection is secured with AUTH TLS.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
};

use ocpp::domain::TransferProtocol;
use suppaftp::{FtpError, Mode, RustlsConnector, RustlsFtpStream, types::FileType};

use super::{CONNECTING, Failure, SILENCE, Trust, location::Location, receive::Target};

const PORT: u16 = 21;

impl From<FtpError> for Failure {
    fn from(error: FtpError) -> Self {
        match error {
            FtpError::UnexpectedResponse(_) => Self::refused(error),
            error => Self::interrupted(error),
        }
    }
}

pub fn download(location: &Location, trust: &Trust, to: &Target<'_>) -> Result<u64, Failure> {
    let path = location.decoded_path()?;
    let mut ftp = log_in(location, trust)?;
    // Not every server tells it.
    let expected = ftp.size(&path).ok().map(|bytes| bytes as u64);
    let mut stream = ftp.retr_as_stream(&path)?;
    let received = to.receive(&mut stream, expected);
    match received {
        Ok(bytes) => {
            // Only now the server says whether that was all of it.
            if let Err(error) = stream.finish() {
                let _ = std::fs::remove_file(to.path);
                return Err(error.into());
            }
            let _ = ftp.quit();
            Ok(bytes)
        }
        Err(failure) => {
            // What is left of it is of no use: no answer is waited for.
            let _ = stream
                .get_ref()
                .get_ref()
                .shutdown(std::net::Shutdown::Both);
            drop(stream);
            Err(failure)
        }
    }
}

pub fn upload(location: &Location, trust: &Trust, content: &[u8]) -> Result<(), Failure> {
    let path = location.decoded_path()?;
    let mut ftp = log_in(location, trust)?;
    let mut stream = ftp.put_with_stream(&path)?;
    stream.write_all(content)?;
    stream.finish()?;
    let _ = ftp.quit();
    Ok(())
}

fn log_in(location: &Location, trust: &Trust) -> Result<RustlsFtpStream, Failure> {
    let port = location.port.unwrap_or(PORT);
    let addresses = (location.host.as_str(), port).to_socket_addrs()?;
    let mut last = Failure::interrupted("the host has no address");
    let mut connected = None;
    for address in addresses {
        match connect(address) {
            Ok(stream) => {
                connected = Some((stream, address));
                break;
            }
            Err(error) => last = error.into(),
        }
    }
    let (stream, address) = connected.ok_or(last)?;
    let mut ftp = RustlsFtpStream::connect_with_stream(stream)?;
    if location.protocol == TransferProtocol::Ftps {
        let config = trust.ftps().map_err(Failure::interrupted)?;
        ftp = ftp.into_secure(RustlsConnector::from(config), &location.host)?;
    }
    let mut ftp =
        ftp.passive_stream_builder(|address| connect(address).map_err(FtpError::ConnectionError));
    if address.is_ipv6() {
        ftp.set_mode(Mode::ExtendedPassive);
    }
    // Data come from the host that was asked for, whatever address it says.
    ftp.set_passive_nat_workaround(true);
    let (user, password) = match &location.user {
        Some((user, password)) => (user.as_str(), password.as_str()),
        None => ("anonymous", "anonymous"),
    };
    if user.contains(char::is_control) || password.contains(char::is_control) {
        return Err(Failure::refused("a control character in user or password"));
    }
    ftp.login(user, password)?;
    ftp.transfer_type(FileType::Binary)?;
    Ok(ftp)
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, CONNECTING)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    Ok(stream)
}
