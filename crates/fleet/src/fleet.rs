//! The fleet from its beginning to its end: threads, what happens to all at once, summaries.

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mio::{Poll, Waker};
use serde_json::json;
use signal_hook::{consts::TERM_SIGNALS, flag};

use crate::{
    control::{Control, Loop, Message, Sampler},
    event_loop::{EventLoop, WAKER},
    metrics,
    options::Options,
    orders::{self, Line, Order},
    process,
    report::Course,
    setup::{self, Setup},
    station::Plan,
    stats::Stats,
};

const STACK: usize = 1024 * 1024;
const MOST_LOOPS: usize = 4;
/// How soon a signal is heard.
const ATTENTION: Duration = Duration::from_millis(200);

/// A thread with stations.
struct Worker {
    end: Loop,
    stats: Arc<Stats>,
    thread: JoinHandle<io::Result<()>>,
}

/// Runs a fleet until its time is over or standard input says `quit`; `begun` is told of it as soon as it runs. The
/// error is one line for the user.
pub fn run(
    options: &Options,
    begun: impl FnOnce(Control) -> Result<(), String>,
) -> Result<ExitCode, String> {
    let setup = Arc::new(Setup::new(options)?);
    let numbers: Vec<u64> = setup.numbers().collect();
    process::allow_files(numbers.len() as u64)?;
    let started = Instant::now();
    let workers = start(options, &setup, &numbers, started)?;
    let stats: Vec<Arc<Stats>> = workers
        .iter()
        .map(|worker| Arc::clone(&worker.stats))
        .collect();
    if let Some(address) = options.metrics {
        let address = metrics::serve(address, stats.clone(), numbers.len())?;
        eprintln!("charge-point: metrics at http://{address}/metrics");
    }
    let (sender, lines) = mpsc::channel();
    let control = Control {
        setup,
        loops: workers.iter().map(|worker| worker.end.clone()).collect(),
        stats,
        lines: sender.clone(),
        started,
        stations: numbers.len(),
    };
    let sampler = control.sampler();
    begun(control)?;
    thread::Builder::new()
        .name("standard input".to_owned())
        .spawn(move || read_lines(&sender))
        .map_err(|error| format!("standard input cannot be read: {error}"))?;
    let mut fleet = Fleet {
        is_over: end_by_signal()?,
        options,
        stations: numbers.len(),
        workers,
        sampler,
        started,
        at: options.at.clone(),
        course: Course::default(),
    };
    fleet.at.sort_by_key(|(time, _)| *time);
    fleet.work(&lines);
    fleet.finish()
}

fn start(
    options: &Options,
    setup: &Arc<Setup>,
    numbers: &[u64],
    started: Instant,
) -> Result<Vec<Worker>, String> {
    let processors = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_LOOPS);
    let loops = options.loops.map_or(processors, usize::from);
    let mut shares: Vec<Vec<Plan>> = vec![Vec::new(); loops];
    for (place, number) in numbers.iter().enumerate() {
        if let Some(share) = shares.get_mut(place % loops) {
            share.push(Plan {
                place: share.len(),
                number: *number,
                version: setup.versions.of(*number),
                starts_at: setup.starts_at(*number),
            });
        }
    }
    let worker = |plans: Vec<Plan>| -> io::Result<Worker> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (messages, told) = mpsc::channel();
        let stats = Arc::new(Stats::default());
        let (setup, counted) = (Arc::clone(setup), Arc::clone(&stats));
        let thread = thread::Builder::new()
            .name("stations".to_owned())
            .stack_size(STACK)
            .spawn(move || EventLoop::new(poll, setup, counted, plans, told, started)?.run())?;
        Ok(Worker {
            end: Loop { messages, waker },
            stats,
            thread,
        })
    };
    let workers = shares.into_iter().map(worker).collect::<io::Result<_>>();
    workers.map_err(|error| format!("a thread of stations does not start: {error}"))
}

fn read_lines(sender: &Sender<String>) {
    for line in io::stdin().lock().lines() {
        // It ends with its input; who cannot be heard any more says nothing.
        if line.is_ok_and(|line| sender.send(line).is_ok()) {
            continue;
        }
        return;
    }
}

/// What becomes true with SIGINT, SIGTERM or SIGQUIT. The second one ends the process at once.
fn end_by_signal() -> Result<Arc<AtomicBool>, String> {
    let is_over = Arc::new(AtomicBool::new(false));
    for signal in TERM_SIGNALS {
        flag::register_conditional_shutdown(*signal, 1, Arc::clone(&is_over))
            .and_then(|_| flag::register(*signal, Arc::clone(&is_over)))
            .map_err(|error| format!("signals cannot be heard: {error}"))?;
    }
    Ok(is_over)
}

struct Fleet<'o> {
    is_over: Arc<AtomicBool>,
    options: &'o Options,
    stations: usize,
    workers: Vec<Worker>,
    sampler: Sampler,
    started: Instant,
    /// What is to happen, the next first.
    at: Vec<(Duration, Order)>,
    course: Course,
}

impl Fleet<'_> {
    fn work(&mut self, lines: &Receiver<String>) {
        let every = self.options.every.max(Duration::from_millis(10));
        let mut next_summary = every;
        let mut has_input = true;
        loop {
            let passed = self.started.elapsed();
            while let Some((_, order)) = self.at.first().copied().filter(|(at, _)| *at <= passed) {
                self.at.remove(0);
                self.order(order);
            }
            if next_summary <= passed {
                if self.sample().is_err() {
                    // Who reads the summaries is gone.
                    return;
                }
                next_summary +=
                    every * ((passed - next_summary).div_duration_f64(every) as u32 + 1);
            }
            let is_over = self.is_over.load(Ordering::Relaxed);
            if is_over || self.options.time.is_some_and(|time| time <= passed) {
                return;
            }
            let ends = [
                Some(next_summary),
                self.at.first().map(|(at, _)| *at),
                self.options.time,
            ];
            let end = ends.into_iter().flatten().min().unwrap_or(next_summary);
            let patience = end.saturating_sub(self.started.elapsed()).min(ATTENTION);
            if !has_input {
                thread::sleep(patience);
                continue;
            }
            match lines.recv_timeout(patience) {
                Ok(line) => match orders::line(&line) {
                    Ok(Line::Quit) => return,
                    Ok(Line::Order(order)) => self.order(order),
                    Ok(Line::Help) => eprint!("{}", orders::HELP),
                    Ok(Line::Nothing) => {}
                    Err(problem) => eprintln!("charge-point: {problem}"),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => has_input = false,
            }
        }
    }

    fn order(&self, order: Order) {
        for worker in &self.workers {
            worker.end.tell(Message::Order(order));
        }
    }

    /// Prints what is now.
    fn sample(&mut self) -> io::Result<()> {
        let sample = self.sampler.take();
        let text = match self.options.json {
            true => sample.json(self.stations).to_string(),
            false => sample.line(self.stations),
        };
        self.course.keep(&sample);
        writeln!(io::stdout(), "{text}")
    }

    fn finish(mut self) -> Result<ExitCode, String> {
        // It is written where that can be read; the report has it in any case.
        let _ = self.sample();
        for worker in std::mem::take(&mut self.workers) {
            worker.end.tell(Message::End);
            match worker.thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(format!("a thread of stations failed: {error}")),
                Err(_) => return Err("a thread of stations has crashed".to_owned()),
            }
        }
        if let Some(folder) = &self.options.report {
            let what = json!({
                "csms": setup::shown(&self.options.csms),
                "stations": self.stations,
                "connectors": self.options.connectors,
                "shard": format!("{}/{}", self.options.shard.0, self.options.shard.1),
                "seed": self.options.seed,
                "meterInterval": self.options.meter_interval,
            });
            self.course
                .write(folder, &what, &self.sampler.last().times)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
