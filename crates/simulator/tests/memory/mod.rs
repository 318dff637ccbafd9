//! What memory a process has of its own, by Linux: without the pages of its program's file, of which the kernel maps
//! as many as are at hand.

/// The most that it ever had, in kB.
pub fn peak_kb(id: u32) -> u64 {
    try_peak_kb(id).unwrap()
}

/// The same, of a process that may have ended.
pub fn try_peak_kb(id: u32) -> Option<u64> {
    let [peak, file] = figures(id, ["VmHWM:", "RssFile:"])?;
    Some(peak.saturating_sub(file))
}

/// What it has now, in kB.
pub fn own_kb(id: u32) -> u64 {
    let [own] = figures(id, ["RssAnon:"]).unwrap();
    own
}

fn figures<const N: usize>(id: u32, names: [&str; N]) -> Option<[u64; N]> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let figures = names.into_iter().map(|name| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    });
    figures.collect::<Option<Vec<u64>>>()?.try_into().ok()
}
