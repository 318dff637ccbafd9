//! Scenarios of the suite at a central system that obeys orders over HTTP: good, and with one fault each, which
//! the scenario that is about it has to see.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use central_system::{Answer, Behaviour, BootStatus, CentralSystem, IdTag, IdTagStatus};
use serde_json::{Value, json};

use super::bench::output;
use crate::charge_point::SOON;

/// What becomes of an order before it is obeyed: none for one that is not.
type Twist = fn(Value) -> Option<Value>;

/// A central system, and what obeys orders in its name.
struct Obeying {
    central: Arc<CentralSystem>,
    hook: String,
}

impl Obeying {
    fn start(behaviour: Behaviour, twist: Twist) -> Self {
        let central = Arc::new(CentralSystem::start(behaviour.all_versions()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hook = format!("http://{}/", listener.local_addr().unwrap());
        let ours = Arc::clone(&central);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                take(&ours, &stream, twist).unwrap();
            }
        });
        Self { central, hook }
    }

    /// What the program says of a scenario: whether it passes, and all of it.
    fn passes(&self, scenario: &str) -> (bool, String) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let file = file.join(format!("{scenario}.yaml"));
        let url = self.central.url();
        let output = output(&["--csms", &url, "--hook", &self.hook], &[&file]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{text}");
        assert!(text.contains(" 0 skipped"), "{text}");
        (output.status.success(), text)
    }
}

/// Takes one order over HTTP.
fn take(central: &Arc<CentralSystem>, mut stream: &TcpStream, twist: Twist) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if let Some(order) = twist(serde_json::from_slice(&body)?) {
        obey(central, &order);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn obey(central: &Arc<CentralSystem>, order: &Value) {
    let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
    let (identity, value) = (text("identity"), &order["value"]);
    match (text("do").as_str(), text("what").as_str()) {
        ("send", _) => {
            let (central, payload) = (Arc::clone(central), order["payload"].clone());
            let action = text("action");
            thread::spawn(move || central.call(&identity, &action, payload, SOON));
        }
        ("know", "idTag") => {
            let status = match value["status"].as_str() {
                Some("Blocked") => IdTagStatus::Blocked,
                _ => IdTagStatus::Accepted,
            };
            let id_tag = value["idTag"].as_str().unwrap();
            central.adjust(|behaviour| behaviour.tag(id_tag, IdTag::new(status)));
        }
        ("know", "boot") => {
            let interval = value["interval"].as_u64().unwrap() as u32;
            central.adjust(|behaviour| behaviour.boot(BootStatus::Accepted, interval));
        }
        order => panic!("{order:?}"),
    }
}

fn as_it_is(order: Value) -> Option<Value> {
    Some(order)
}

/// The CALL is not sent.
fn not_sent(order: Value) -> Option<Value> {
    (order["do"] != "send").then_some(order)
}

/// A Reset is of the other kind.
fn another_reset(mut order: Value) -> Option<Value> {
    if order["action"] == "Reset" {
        order["payload"] = json!({"type": "Hard"});
    }
    Some(order)
}

/// Answers this action with that.
fn fault(action: &'static str, answer: Answer) -> Behaviour {
    let hook = move |_: &str, called: &str, _: &Value| (called == action).then(|| answer.clone());
    Behaviour::new().on_call(hook)
}

#[test]
fn the_suite_sees_the_faults_of_a_central_system() {
    let time = "2024-01-01T00:00:00Z";
    let info = |status: &str| json!({"idTagInfo": {"status": status}});
    let started = json!({"idTagInfo": {"status": "Accepted"}});
    let error = || Answer::error("InternalError", "");
    let late = || Answer::Standard.after(Duration::from_millis(5500));
    let faults: Vec<(&str, Behaviour, Twist)> = vec![
        (
            "boot/cold_boot",
            fault(
                "BootNotification",
                Answer::Result(json!({"status": "Accepted", "currentTime": time})),
            ),
            as_it_is,
        ),
        (
            "boot/cold_boot",
            fault("StatusNotification", error()),
            as_it_is,
        ),
        ("boot/cold_boot", fault("Heartbeat", late()), as_it_is),
        (
            "authorization/tag_blocked",
            fault("Authorize", Answer::Result(info("Accepted"))),
            as_it_is,
        ),
        (
            "transactions/plug_first",
            fault("StartTransaction", Answer::Result(started)),
            as_it_is,
        ),
        (
            "transactions/plug_first",
            fault("StopTransaction", Answer::Silence),
            as_it_is,
        ),
        (
            "data_transfer/from_charge_point",
            fault("DataTransfer", Answer::Result(json!({"status": "Fine"}))),
            as_it_is,
        ),
        ("metering/sampled", fault("MeterValues", error()), as_it_is),
        (
            "firmware/update",
            fault("FirmwareStatusNotification", error()),
            as_it_is,
        ),
        (
            "diagnostics/upload",
            fault("DiagnosticsStatusNotification", late()),
            as_it_is,
        ),
        (
            "security/event",
            fault("SecurityEventNotification", error()),
            as_it_is,
        ),
        (
            "security/log",
            fault("LogStatusNotification", Answer::Silence),
            as_it_is,
        ),
        (
            "v201/plug_first",
            fault(
                "TransactionEvent",
                Answer::Result(json!({"idTokenInfo": {"status": "Blocked"}})),
            ),
            as_it_is,
        ),
        (
            "v201/cold_boot",
            fault("StatusNotification", error()),
            as_it_is,
        ),
        (
            "v201/base_report",
            fault("NotifyReport", Answer::Silence),
            as_it_is,
        ),
        ("v201/remote_start_and_stop", Behaviour::new(), not_sent),
        ("reset/soft_idle", Behaviour::new(), not_sent),
        ("reset/soft_idle", Behaviour::new(), another_reset),
    ];
    thread::scope(|scope| {
        for (scenario, behaviour, twist) in faults {
            scope.spawn(move || {
                let (passes, text) = Obeying::start(behaviour, twist).passes(scenario);
                assert!(!passes, "{scenario} does not see it:\n{text}");
                let (passes, text) = Obeying::start(Behaviour::new(), as_it_is).passes(scenario);
                assert!(passes, "{scenario} sees what is not there:\n{text}");
            });
        }
    });
}
