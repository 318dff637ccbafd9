//! Who has the central system act: this project's own one by itself, a hook, or a person.

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, BootStatus, CentralSystem, IdTag, IdTagStatus};
use serde_json::{Value, json};

use super::{step::Hook, variables::Variables};
use crate::report::harmless;

/// How long a hook may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a hook that has failed may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the central system in this process waits for the answer to its CALL.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// How a command line says that this central system has no such thing.
const CANNOT: i32 = 3;
/// The same over HTTP: Not Implemented.
const NOT_IMPLEMENTED: u16 = 501;
/// Of what a hook says no more is kept.
const LONGEST_MESSAGE: usize = 400;

/// What the central system has to do now, with its variables put in.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Send { action: String, payload: Value },
    Know { what: String, value: Value },
    Told,
}

impl Deed {
    /// The order as hooks get it.
    fn order(&self, identity: &str, scenario: &str, text: &str) -> Value {
        let mut order = match self {
            Self::Send { action, payload } => {
                json!({"do": "send", "action": action, "payload": payload})
            }
            Self::Know { what, value } => json!({"do": "know", "what": what, "value": value}),
            Self::Told => json!({"do": "act"}),
        };
        if let Some(fields) = order.as_object_mut() {
            for (name, value) in [
                ("identity", identity),
                ("scenario", scenario),
                ("text", text),
            ] {
                fields.insert(name.to_owned(), json!(value));
            }
        }
        order
    }

    /// For a person.
    pub fn text(&self) -> String {
        match self {
            Self::Send { action, payload } => format!("send {action} {payload}"),
            Self::Know { what, value } => format!("has to know {what} {value}"),
            Self::Told => "act".to_owned(),
        }
    }
}

/// Why the central system does not act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It has no such thing: the scenario is skipped.
    Cannot(String),
    Failed(String),
}

/// Who has it act.
pub enum Operator {
    /// The one of this process, a new one for each scenario.
    BuiltIn(Arc<CentralSystem>),
    Hook(Hook),
    /// Reads what is printed.
    Person,
}

impl Operator {
    /// The central system of this process, and its URL.
    pub fn built_in() -> Result<(Self, String), String> {
        let central = CentralSystem::start(Behaviour::new());
        let central = central.map_err(|error| format!("no central system: {error}"))?;
        let url = central.url();
        Ok((Self::BuiltIn(Arc::new(central)), url))
    }

    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }

    /// Has it act. With `hook` by that one.
    pub fn act(
        &self,
        deed: &Deed,
        text: Option<&str>,
        hook: Option<&Hook>,
        identity: &str,
        scenario: &str,
        variables: &Variables,
    ) -> Result<(), Trouble> {
        let told = text.map_or_else(|| deed.text(), str::to_owned);
        let by_hook = |hook: &Hook| {
            let order = deed.order(identity, scenario, &told);
            run(hook, &order, variables)
        };
        match self {
            Self::BuiltIn(central) if *deed != Deed::Told => {
                built_in(central, identity, deed.clone())
            }
            Self::BuiltIn(_) => hook.map_or(Ok(()), by_hook),
            Self::Hook(usual) => by_hook(hook.unwrap_or(usual)),
            Self::Person => match hook {
                Some(hook) => by_hook(hook),
                None => {
                    ask_person(deed, &told, identity);
                    Ok(())
                }
            },
        }
    }
}

fn ask_person(deed: &Deed, text: &str, identity: &str) {
    let text = format!("{identity}: the central system: {text}");
    eprintln!("{}", harmless(&text));
    // A CALL is seen when it comes; anything else only the person knows.
    if !matches!(deed, Deed::Send { .. }) && io::stdin().is_terminal() {
        eprint!("    Enter when that is so: ");
        let _ = io::stderr().flush();
        let _ = io::stdin().lock().read_line(&mut String::new());
    }
}

fn built_in(central: &Arc<CentralSystem>, identity: &str, deed: Deed) -> Result<(), Trouble> {
    match deed {
        Deed::Send { action, payload } => {
            let (central, identity) = (Arc::clone(central), identity.to_owned());
            let sending = thread::Builder::new()
                .name("central system's call".to_owned())
                // What comes of it is in the frames.
                .spawn(move || central.call(&identity, &action, payload, ANSWER_PATIENCE));
            let sending = sending.map(|_| ());
            sending.map_err(|error| Trouble::Failed(error.to_string()))
        }
        Deed::Know { what, value } => know(central, identity, &what, &value),
        Deed::Told => Ok(()),
    }
}

fn know(central: &CentralSystem, identity: &str, what: &str, value: &Value) -> Result<(), Trouble> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let bad = || Trouble::Failed(format!("{what} cannot be {value}"));
    match what {
        "idTag" => {
            let status = match text("status") {
                None | Some("Accepted") => IdTagStatus::Accepted,
                Some("Blocked") => IdTagStatus::Blocked,
                Some("Expired") => IdTagStatus::Expired,
                Some("Invalid") => IdTagStatus::Invalid,
                Some("ConcurrentTx") => IdTagStatus::ConcurrentTx,
                Some(_) => return Err(bad()),
            };
            let mut tag = IdTag::new(status);
            if let Some(parent) = text("parentIdTag") {
                tag = tag.parent(parent);
            }
            if let Some(date) = text("expiryDate") {
                tag = tag.expires(date);
            }
            let id_tag = text("idTag").ok_or_else(bad)?;
            central.adjust(|behaviour| behaviour.tag(id_tag, tag));
        }
        "boot" => {
            let status = match text("status") {
                None | Some("Accepted") => BootStatus::Accepted,
                Some("Pending") => BootStatus::Pending,
                Some("Rejected") => BootStatus::Rejected,
                Some(_) => return Err(bad()),
            };
            let interval = value.get("interval").map_or(Some(300), Value::as_u64);
            let interval = interval.and_then(|seconds| u32::try_from(seconds).ok());
            let interval = interval.ok_or_else(bad)?;
            central.adjust(|behaviour| behaviour.boot(status, interval));
        }
        _ => {
            let password = text("password").ok_or_else(bad)?;
            central.adjust(|behaviour| behaviour.password(identity, password));
        }
    }
    Ok(())
}

/// Runs a hook to its end.
fn run(hook: &Hook, order: &Value, variables: &Variables) -> Result<(), Trouble> {
    let mut variables = variables.clone();
    variables.set("order", json!(order.to_string()));
    for name in ["action", "payload", "what", "value", "text"] {
        let value = order.get(name).cloned();
        variables.set(name, value.unwrap_or_else(|| json!("")));
    }
    let failed = Trouble::Failed;
    match hook {
        Hook::Run { words, folder } => {
            let words = words.iter().map(|word| variables.text(word));
            let words = words.collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let Some((program, arguments)) = words.split_first() else {
                return Ok(());
            };
            let mut command = Command::new(program);
            command.args(arguments);
            if !folder.as_os_str().is_empty() {
                command.current_dir(folder);
            }
            run_command(command, order)
        }
        Hook::Http { method, url, body } => {
            let url = variables.text(url).map_err(failed)?;
            let body = match body {
                Some(body) => variables.value(body).map_err(failed)?,
                None => order.clone(),
            };
            request(method, &url, &body)
        }
    }
}

fn run_command(mut command: Command, order: &Value) -> Result<(), Trouble> {
    let failed = |error: io::Error| Trouble::Failed(format!("the hook does not run: {error}"));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        // A hook need not read it.
        let _ = writeln!(input, "{order}");
    }
    let (telling, said) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.take(1 << 16).read_to_end(&mut said);
            // It is not heard where the hook did well.
            let _ = telling.send(String::from_utf8_lossy(&said).into_owned());
        });
    }
    let until = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            let seconds = PATIENCE.as_secs();
            return Err(Trouble::Failed(format!(
                "the hook took more than {seconds} s"
            )));
        }
        thread::sleep(Duration::from_millis(10));
    };
    if status.success() {
        return Ok(());
    }
    // What the hook has left running may keep it open.
    let said = said.recv_timeout(LAST_WORDS).unwrap_or_default();
    let said = said.trim().lines().last().unwrap_or_default();
    let message = shortened(&format!("the hook ended with {status}: {said}"));
    match status.code() {
        Some(CANNOT) => Err(Trouble::Cannot(shortened(said))),
        _ => Err(Trouble::Failed(message)),
    }
}

fn request(method: &str, url: &str, body: &Value) -> Result<(), Trouble> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false);
    let agent = config.build().new_agent();
    let text = body.to_string();
    let answer = match method {
        "GET" => agent.get(url).call(),
        "PUT" => agent.put(url).content_type("application/json").send(&text),
        "PATCH" => agent
            .patch(url)
            .content_type("application/json")
            .send(&text),
        _ => agent.post(url).content_type("application/json").send(&text),
    };
    let mut answer = answer.map_err(|error| Trouble::Failed(format!("the hook: {error}")))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let mut said = Vec::new();
    let _ = answer
        .body_mut()
        .as_reader()
        .take(1 << 12)
        .read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said);
    let said = shortened(said.trim().lines().next().unwrap_or_default());
    match status.as_u16() {
        NOT_IMPLEMENTED => Err(Trouble::Cannot(said)),
        status => Err(Trouble::Failed(format!(
            "the hook answered HTTP {status}: {said}"
        ))),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_MESSAGE).collect()
}
