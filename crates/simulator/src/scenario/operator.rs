//! Who has the central system act: this project's own one by itself, a hook, or a person.

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{built_in::BuiltIn, step::Hook, variables::Variables};
use crate::report::harmless;

/// How long a hook may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a hook that has failed may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);
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
    Sign { request: String },
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
            Self::Sign { request } => json!({"do": "sign", "csr": request}),
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
            Self::Sign { request } => {
                format!("sign this request and send CertificateSigned with the chain: {request}")
            }
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
    BuiltIn(BuiltIn),
    Hook(Hook),
    /// Reads what is printed.
    Person,
}

impl Operator {
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
            Self::BuiltIn(built_in) if *deed != Deed::Told => built_in.act(identity, deed.clone()),
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
    if !matches!(deed, Deed::Send { .. } | Deed::Sign { .. }) && io::stdin().is_terminal() {
        eprint!("    Enter when that is so: ");
        let _ = io::stderr().flush();
        let _ = io::stdin().lock().read_line(&mut String::new());
    }
}

/// Runs a hook to its end.
fn run(hook: &Hook, order: &Value, variables: &Variables) -> Result<(), Trouble> {
    let mut variables = variables.clone();
    variables.set("order", json!(order.to_string()));
    for name in ["action", "payload", "what", "value", "csr", "text"] {
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
