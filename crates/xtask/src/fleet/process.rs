//! Programs whose lines are read as they come, and what a process takes.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::shell::{root, target};

/// A program whose lines are read as they come.
pub struct Program {
    pub child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Program {
    /// `charge-point` of this profile, with its first word.
    pub fn start(profile: &str, mode: &str, arguments: &[String]) -> Result<Self, String> {
        let path = target().join(profile).join("charge-point");
        let failed = |error| format!("{}: {error}", path.display());
        let mut command = Command::new(&path);
        command.arg(mode).args(arguments).current_dir(root());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(format!("{mode}: no standard input or output"));
        };
        Ok(Self {
            child,
            input,
            lines: read(output),
        })
    }

    pub fn next(&self, patience: Duration) -> Result<String, String> {
        let line = self.lines.recv_timeout(patience);
        line.map_err(|_| "a program says nothing any more".to_owned())
    }

    pub fn say(&mut self, line: &str) -> Result<(), String> {
        let written = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        written.map_err(|error| format!("{line}: {error}"))
    }

    /// What it answers to a command, as JSON.
    pub fn ask(&mut self, command: &str) -> Result<Value, String> {
        self.say(command)?;
        let line = self.next(Duration::from_secs(60))?;
        serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))
    }

    pub fn kill(&mut self) {
        // It fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Seconds of processor time.
    pub fn processor(&self) -> f64 {
        Usage::of(self.child.id()).processor
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    // It ends with the program.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// A central system that listens there and keeps its books; its URL.
pub fn central(
    profile: &str,
    address: &str,
    books: &Path,
    options: &[&str],
) -> Result<(Program, String), String> {
    let books = books.to_string_lossy();
    let words = ["--listen", address, "--books", &books].into_iter();
    let words: Vec<String> = words
        .chain(options.iter().copied())
        .map(str::to_owned)
        .collect();
    let program = Program::start(profile, "central-system", &words)?;
    let url = program.next(Duration::from_secs(60))?;
    Ok((program, url))
}

/// The address in the URL that a central system prints.
pub fn address(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("ws://");
    let address = rest.and_then(|rest| rest.split('/').next());
    let address = address.ok_or("the central system says no address")?;
    Ok(address.to_owned())
}

/// What processes take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds of processor time.
    pub processor: f64,
    /// Resident bytes.
    pub memory: f64,
}

impl Usage {
    /// Of one process; nothing where it has ended.
    pub fn of(process: u32) -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/{process}/{name}"));
        let stat = read("stat").unwrap_or_default();
        let status = read("status").unwrap_or_default();
        Self {
            processor: processor(&stat),
            memory: resident(&status),
        }
    }

    /// Of a process and all that it has started, together.
    pub fn of_tree(process: u32) -> Self {
        let parents = parents();
        let mut tree = vec![process];
        let mut place = 0;
        while let Some(parent) = tree.get(place).copied() {
            let children = parents.iter().filter(|(_, of)| **of == parent);
            tree.extend(children.map(|(child, _)| *child));
            place += 1;
        }
        let mut sum = Self::default();
        for process in tree {
            let usage = Self::of(process);
            sum.processor += usage.processor;
            sum.memory += usage.memory;
        }
        sum
    }
}

/// The parent of each process of this machine.
fn parents() -> BTreeMap<u32, u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| {
        let process: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let parent = fields(&stat).nth(1)?.parse().ok()?;
        Some((process, parent))
    });
    processes.collect()
}

/// proc(5): what is behind the name of the program, from the state on.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace()
}

/// proc(5): utime and stime, in hundredths of a second.
fn processor(stat: &str) -> f64 {
    let ticks = fields(stat).skip(11).take(2);
    let ticks = ticks.filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// proc(5): VmRSS, in KiB.
fn resident(status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse::<f64>().ok())
        .unwrap_or_default()
        * 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_says_of_a_process() {
        let stat = "7 (a) b) S 3 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 1 0 5 1000 20";
        assert_eq!(fields(stat).nth(1), Some("3"));
        assert!((processor(stat) - 2.0).abs() < 1e-9);
        let status = "Name:\ta\nVmHWM:\t    9 kB\nVmRSS:\t    8 kB\n";
        assert!((resident(status) - 8_192.0).abs() < 1e-9);
        assert_eq!(Usage::of(u32::MAX), Usage::default());
    }

    #[test]
    fn a_tree_is_a_process_and_its_children() {
        // The shell stays, because it has something to do after its child.
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60; true"]);
        shell.stdin(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.spawn().unwrap();
        let id = shell.id();
        let child = || parents().into_iter().find(|(_, parent)| *parent == id);
        let child = std::iter::repeat_with(child).take(1_000).find_map(|child| {
            thread::sleep(Duration::from_millis(10));
            child
        });
        let (child, _) = child.unwrap();
        let alone = Usage::of(id);
        let tree = Usage::of_tree(id);
        assert!(alone.memory > 0.0 && tree.memory > alone.memory);
        let kill = Command::new("kill").arg(child.to_string()).status();
        assert!(kill.unwrap().success());
        shell.wait().unwrap();
    }
}
