//! The command line of `charge-point test`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::variables::is_name;

/// Runs scenarios against a central system, and tells which it passes.
///
/// Exit status 0: none failed; 1: one failed; 2: a file or the command line is wrong.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// Where the central system is, as without `test`; `builtin` for the one of this program
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    pub csms: Option<String>,
    /// Identities of the charge points: an n in braces is the number of the scenario from 1, {name} its name
    #[arg(long, value_name = "PATTERN", default_value = "SCENARIO-{n}")]
    pub id: String,
    /// Has the central system act: a URL that orders are POSTed to, or a command line that gets each on
    /// standard input. Without a hook a person is told what to do
    #[arg(long, value_name = "HOOK")]
    pub hook: Option<String>,
    /// Value of a variable, in place of the scenario's
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Only scenarios with this tag; with several with any of them
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// None with this tag
    #[arg(long = "without-tag", value_name = "TAG")]
    pub without_tags: Vec<String>,
    /// Shows names, tags and titles, and runs none
    #[arg(long)]
    pub list: bool,
    /// How many run at the same time; 1 without a hook
    #[arg(long, value_name = "N", default_value_t = 8,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Seconds that a scenario may take that does not say so
    #[arg(long, value_name = "S", default_value = "60", value_parser = seconds)]
    pub timeout: Duration,
    /// Seconds that a person may take to have the central system act
    #[arg(long, value_name = "S", default_value = "120", value_parser = seconds)]
    pub operator_timeout: Duration,
    /// Frames of the central system need not be to the letter of OCPP 1.6
    #[arg(long)]
    pub lenient: bool,
    /// Report as JUnit XML; - for standard output
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Report as JSON; - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Password of all charge points, as without `test`
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Root certificates (PEM), as without `test`
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Certificate of all charge points (PEM), as without `test`
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Files, and directories whose `.yaml` files are taken, but not those that begin with `_`
    #[arg(value_name = "SCENARIO", required = true)]
    pub scenarios: Vec<PathBuf>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("0.1 to 3600 seconds".to_owned()),
    }
}
