//! What memory a process has, by Linux.

/// The most that it ever had, in kB.
pub fn peak_kb(id: u32) -> u64 {
    figure(id, "VmHWM:")
}

/// What it has now, in kB.
pub fn resident_kb(id: u32) -> u64 {
    figure(id, "VmRSS:")
}

fn figure(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}
