//! The log of what happened to the charge point, as a file that is delivered.

use ocpp::domain::TransferFailure;

use super::{
    Extract, Location,
    http::{self, Source},
};
use crate::{diagnostics::Export, log::line};

struct Log {
    extract: Extract,
    export: Export,
    length: u32,
}

impl Source for Log {
    fn begin(&mut self) -> u32 {
        self.export = export(self.extract);
        self.length = self.export.length();
        self.length
    }

    fn give(&mut self, into: &mut [u8]) -> usize {
        self.export.read(into)
    }
}

fn export(extract: Extract) -> Export {
    let export = Export::begin(extract.oldest, extract.latest);
    match extract.is_security_log {
        true => export.of_security(),
        false => export,
    }
}

/// Delivers what of the log is wanted.
///
/// # Errors
///
/// Those of [`http::put`].
pub fn upload(location: &mut Location, extract: Extract) -> Result<(), TransferFailure> {
    let mut log = Log {
        extract,
        export: export(extract),
        length: 0,
    };
    http::put(location, &mut log)?;
    line!(Info, "diagnostics: ", log.length, " bytes");
    Ok(())
}
