//! This process as the operating system sees it.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files besides the sockets of the stations.
const OTHERS: u64 = 64;

/// Raises the limit of open files as far as that goes. The error is one line for the user.
pub fn allow_files(sockets: u64) -> Result<(), String> {
    raise_files();
    let needed = sockets + OTHERS;
    match getrlimit(Resource::Nofile).current {
        Some(most) if most < needed => Err(format!(
            "{sockets} stations need {needed} open files, and this process may have {most}: raise its hard \
             limit (ulimit -Hn, LimitNOFILE= of systemd, --ulimit nofile= of Docker), or use --shard"
        )),
        _ => Ok(()),
    }
}

/// Lets this process open as many files as the system allows it.
pub fn raise_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it cannot be raised, what it is decides.
    let _ = setrlimit(Resource::Nofile, raised);
}

/// Bytes in memory, and seconds of processor time; none where the system does not tell.
pub fn usage() -> Option<(u64, f64)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything; proc(5): utime and stime are 14 and 15.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    // Linux tells hundredths of a second to programs, whatever it counts in.
    Some((kib * 1024, (ticks()? + ticks()?) as f64 / 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_stations_are_refused_before_they_start() {
        assert_eq!(allow_files(1), Ok(()));
        if getrlimit(Resource::Nofile).maximum.is_some() {
            let problem = allow_files(1 << 40).unwrap_err();
            assert!(problem.contains("raise its hard limit"), "{problem}");
        }
    }
}
