//! TLS in front of servers that have none: stunnel, with a certificate that openssl makes.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    apt,
    shell::{command, run, target},
    workspace::folder_of,
};

/// How images in QEMU reach this machine.
pub const ADDRESS: &str = "10.0.2.2";

/// stunnel, until it is dropped.
pub struct Terminator(Child);

impl Terminator {
    /// Takes connections with TLS at one port of each pair, and makes each without it at the other one.
    pub fn start(ports: &[(u16, u16)]) -> Result<Self, String> {
        if folder_of("stunnel").is_none() {
            apt::install(&["stunnel4"])?;
        }
        let folder = folder()?;
        let configuration = folder.join("stunnel.conf");
        let server = folder.join("server.pem");
        let mut lines = format!(
            "foreground = yes\npid =\nsslVersionMin = TLSv1.2\ncert = {}\n",
            server.display()
        );
        for (from, to) in ports {
            lines.push_str(&format!(
                "[port {from}]\naccept = 127.0.0.1:{from}\nconnect = 127.0.0.1:{to}\n"
            ));
        }
        fs::write(&configuration, lines)
            .map_err(|e| format!("{}: {e}", configuration.display()))?;
        let log = folder.join("stunnel.log");
        let said = fs::File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        let mut stunnel = Command::new("stunnel");
        stunnel.arg(&configuration).stdin(Stdio::null());
        let child = stunnel.stdout(Stdio::null()).stderr(said).spawn();
        let mut started = Self(child.map_err(|error| format!("stunnel: {error}"))?);
        let (first, _) = ports.first().ok_or("no ports")?;
        while TcpStream::connect(("127.0.0.1", *first)).is_err() {
            if !matches!(started.0.try_wait(), Ok(None)) {
                return Err(format!("stunnel has ended: see {}", log.display()));
            }
            thread::sleep(Duration::from_millis(100));
        }
        // Where another program has the port it was that one that answered, and stunnel ends.
        thread::sleep(Duration::from_millis(500));
        match started.0.try_wait() {
            Ok(None) => Ok(started),
            _ => Err(format!("stunnel has ended: see {}", log.display())),
        }
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        // It fails where it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The root certificate (DER), made when it is asked for first: another one would be another image.
pub fn root_certificate() -> Result<PathBuf, String> {
    let folder = folder()?;
    let root = folder.join("root.der");
    if !root.is_file() {
        make(&folder)?;
    }
    Ok(root)
}

/// The same as text (PEM).
pub fn root() -> Result<String, String> {
    text(&folder()?.join("root.pem"))
}

/// The certificate that the root issues for such a request (both PEM).
pub fn issued(request: &str) -> Result<String, String> {
    let folder = folder()?;
    fs::write(folder.join("station.csr"), request).map_err(|error| error.to_string())?;
    openssl(
        &folder,
        "x509 -req -in station.csr -CA root.pem -CAkey root.key -CAcreateserial -days 365 -out station.crt",
    )?;
    text(&folder.join("station.crt"))
}

fn text(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

fn folder() -> Result<PathBuf, String> {
    let folder = target().join("footprint/certificates");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

/// A root, and a certificate for this machine as an image sees it; ECDSA with P-256.
fn make(folder: &Path) -> Result<(), String> {
    let openssl = |words: &str| openssl(folder, words);
    let name = format!("subjectAltName=IP:{ADDRESS}\n");
    fs::write(folder.join("name.txt"), name).map_err(|error| error.to_string())?;
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650";
    openssl(&format!(
        "req -x509 {key} -keyout root.key -subj /CN=Root -out root.pem"
    ))?;
    openssl(&format!(
        "req {key} -keyout server.key -subj /CN=Server -out server.csr"
    ))?;
    openssl(
        "x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -days 3650 -extfile name.txt \
         -out server.crt",
    )?;
    let [key, certificate] = ["server.key", "server.crt"].map(|file| fs::read(folder.join(file)));
    let pair = [key, certificate]
        .into_iter()
        .collect::<Result<Vec<_>, _>>();
    let pair = pair.map_err(|error| error.to_string())?.concat();
    fs::write(folder.join("server.pem"), pair).map_err(|error| error.to_string())?;
    openssl("x509 -in root.pem -outform der -out root.der")
}

fn openssl(folder: &Path, words: &str) -> Result<(), String> {
    let words: Vec<&str> = words.split(' ').collect();
    let mut openssl = command("openssl", &words);
    openssl.current_dir(folder).stderr(Stdio::null());
    run(openssl)
}
