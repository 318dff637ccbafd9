//! Files that are downloaded and uploaded, over HTTP and FTP, with TLS and without. Each on a thread of its
//! own: the station never waits for a server.

mod ftp;
mod http;
mod images;
mod location;
mod receive;
mod trust;

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use ocpp::domain::{TransferFailure, TransferProtocol};

pub use images::Images;
pub use trust::Trust;

use location::Location;

/// A server that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(10);

/// Why a file could not be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: TransferFailure,
    /// One line for the user.
    pub why: String,
}

impl Failure {
    fn new(kind: TransferFailure, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { kind, why }
    }

    fn interrupted(why: impl ToString) -> Self {
        Self::new(TransferFailure::Interrupted, why.to_string())
    }

    fn refused(why: impl ToString) -> Self {
        Self::new(TransferFailure::Refused, why.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::interrupted(error)
    }
}

/// What is to be transferred.
#[derive(Debug)]
pub enum Job {
    Download {
        location: String,
        into: PathBuf,
        /// Bytes of the largest file that is taken.
        most: u64,
    },
    Upload {
        /// The folder.
        location: String,
        file_name: String,
        content: Vec<u8>,
    },
}

/// Tells a transfer that it is not wanted any more.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once it is not wanted any more.
    fn check(&self) -> Result<(), Failure> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(Failure::interrupted("cancelled")),
            false => Ok(()),
        }
    }
}

/// Starts a transfer; `then` is told the bytes of the file, or why it failed.
pub fn start(
    job: Job,
    trust: Arc<Trust>,
    then: impl FnOnce(Result<u64, Failure>) + Send + 'static,
) -> io::Result<Cancel> {
    let cancel = Cancel::default();
    let cancelled = cancel.clone();
    let thread = thread::Builder::new().name("file".to_owned());
    thread.spawn(move || then(run(&job, &trust, &cancelled)))?;
    Ok(cancel)
}

fn run(job: &Job, trust: &Trust, cancel: &Cancel) -> Result<u64, Failure> {
    match job {
        Job::Download {
            location,
            into,
            most,
        } => {
            let location = Location::parse(location)?;
            let to = receive::Target {
                path: into,
                most: *most,
                cancel,
            };
            match location.protocol {
                TransferProtocol::Http | TransferProtocol::Https => {
                    http::download(location, trust, &to)
                }
                TransferProtocol::Ftp | TransferProtocol::Ftps => {
                    ftp::download(&location, trust, &to)
                }
            }
        }
        Job::Upload {
            location,
            file_name,
            content,
        } => {
            let location = Location::parse(location)?.file(file_name);
            match location.protocol {
                TransferProtocol::Http | TransferProtocol::Https => {
                    http::upload(location, trust, content)?;
                }
                TransferProtocol::Ftp | TransferProtocol::Ftps => {
                    ftp::upload(&location, trust, content)?;
                }
            }
            Ok(content.len() as u64)
        }
    }
}
