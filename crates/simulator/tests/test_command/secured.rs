//! Scenarios of security profiles and certificates at central systems with TLS and a hook: good ones, and such with
//! one fault each.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use central_system::{Answer, Behaviour, CentralSystem};
use rustls::{
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};
use serde_json::{Value, json};

use crate::{
    charge_point::SOON,
    server::{
        front::Front,
        pki::{Authority, Certificate, Validity, file},
    },
    test_command::bench::{Folder, output, run},
};

const IDENTITY: &str = "SCENARIO-1";

/// What the central system makes of orders.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Obeys {
    Well,
    /// What it is to sign another authority signs.
    WithAnotherAuthority,
    /// It signs, and sends nothing.
    Silently,
    /// It answers requests for certificates as it likes.
    WithoutRefusals,
    /// It lets in all.
    WithoutPasswords,
}

/// A central system with TLS and without on one port, and its certificates.
struct Csms {
    front: Front,
    hook: String,
    folder: Folder,
    client: Certificate,
}

/// Whether a client has to show a certificate.
#[derive(Clone, Copy, PartialEq)]
enum Clients {
    Any,
    Known,
}

impl Csms {
    fn start(clients: Clients, obeys: Obeys) -> Self {
        let (root, other) = (Authority::new("Root"), Authority::new("Other"));
        let folder = Folder::new();
        file(&folder.0, "root.pem", &root.pem());
        file(&folder.0, "other.pem", &other.pem());
        let client = root.signs(&["CP1"], Validity::Now);
        let shown = root.signs(&["localhost"], Validity::Now);
        let verifier = match clients {
            Clients::Any => WebPkiClientVerifier::no_client_auth(),
            Clients::Known => root.wants_certificates(),
        };
        let central = Arc::new(CentralSystem::start(Behaviour::new()).unwrap());
        let front = Front::start(&central, shown.server_with(&[&TLS13, &TLS12], verifier));
        let signs = match obeys {
            Obeys::WithAnotherAuthority => other,
            _ => root,
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hook = format!("http://{}/", listener.local_addr().unwrap());
        let ours = Arc::clone(&central);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                obey(&ours, &signs, obeys, &order(&stream));
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                (&stream).write_all(answer).unwrap();
            }
        });
        Self {
            front,
            hook,
            folder,
            client,
        }
    }

    /// What is said of a scenario of the suite: `passed`, `failed` or `skipped`; and all of it.
    fn outcome(&self, scheme: &str, root: Option<&str>, scenario: &str) -> (String, String) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let path = path.join(format!("{scenario}.yaml"));
        let root = root.map(|name| self.folder.0.join(name));
        let own = self.client.options(&self.folder.0);
        let url = self.front.url(scheme);
        let mut options = vec!["--csms", &url, "--hook", &self.hook, "--json", "-"];
        options.extend(own.iter().map(String::as_str));
        options.extend(root.iter().flat_map(|root| ["--ca", text(root)]));
        let output = output(&options, &[&path]);
        let told = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(&told).unwrap();
        let outcome = report["scenarios"][0]["outcome"].as_str().unwrap();
        (outcome.to_owned(), told)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn order(stream: &TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn obey(central: &Arc<CentralSystem>, authority: &Authority, obeys: Obeys, order: &Value) {
    let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
    let send = |action: String, payload: Value| {
        let central = Arc::clone(central);
        thread::spawn(move || central.call(IDENTITY, &action, payload, SOON));
    };
    match (text("do").as_str(), text("what").as_str()) {
        ("send", _) => send(text("action"), order["payload"].clone()),
        ("sign", _) => {
            let chain = authority.issues(&text("csr"), Validity::Now);
            if obeys != Obeys::Silently {
                let payload = json!({"certificateChain": chain});
                send("CertificateSigned".to_owned(), payload);
            }
        }
        ("know", "password") if obeys == Obeys::WithoutPasswords => {}
        ("know", "password") => {
            let password = order["value"]["password"].as_str().unwrap().to_owned();
            central.adjust(|behaviour| behaviour.password(IDENTITY, password));
        }
        ("know", "profile") if order["value"]["profile"] == 3 => {
            central.adjust(|behaviour| behaviour.without_password(IDENTITY));
        }
        ("know", "csr") if obeys != Obeys::WithoutRefusals => {
            let answer = order["value"].clone();
            central.adjust(|behaviour| {
                behaviour.on_call(move |_, action, _| {
                    (action == "SignCertificate").then(|| Answer::Result(answer.clone()))
                })
            });
        }
        ("know", "csr") => {}
        order => panic!("{order:?}"),
    }
}

#[test]
fn tls_and_certificates_are_seen_where_they_are_good_and_where_they_are_not() {
    use {Clients::*, Obeys::*};
    let ours = Some("root.pem");
    let cases = [
        ("passed", Any, Well, "wss", ours, "security/profile_2_good"),
        // The central system is of an authority that the charge point does not know.
        (
            "failed",
            Any,
            Well,
            "wss",
            Some("other.pem"),
            "security/profile_2_good",
        ),
        ("skipped", Any, Well, "ws", ours, "security/profile_2_good"),
        (
            "passed",
            Any,
            Well,
            "wss",
            ours,
            "security/profile_2_bad_password",
        ),
        (
            "passed",
            Known,
            Well,
            "wss",
            ours,
            "security/profile_3_good",
        ),
        (
            "passed",
            Known,
            Well,
            "wss",
            ours,
            "security/profile_3_unknown_certificate",
        ),
        // It lets all in.
        (
            "failed",
            Any,
            Well,
            "wss",
            ours,
            "security/profile_3_unknown_certificate",
        ),
        (
            "passed",
            Any,
            Well,
            "ws",
            ours,
            "security/profile_raise_tls",
        ),
        (
            "skipped",
            Any,
            Well,
            "ws",
            None,
            "security/profile_raise_tls",
        ),
        (
            "passed",
            Any,
            Well,
            "ws",
            ours,
            "security/profile_raise_tls_falls_back",
        ),
        (
            "passed",
            Any,
            Well,
            "ws",
            ours,
            "security/certificate_signed",
        ),
        (
            "failed",
            Any,
            WithAnotherAuthority,
            "ws",
            ours,
            "security/certificate_signed",
        ),
        (
            "failed",
            Any,
            Silently,
            "ws",
            ours,
            "security/certificate_signed",
        ),
        (
            "passed",
            Any,
            Well,
            "wss",
            ours,
            "security/profile_raise_certificate",
        ),
        ("passed", Any, Well, "ws", ours, "security/csr_refused"),
        (
            "failed",
            Any,
            WithoutRefusals,
            "ws",
            ours,
            "security/csr_refused",
        ),
        (
            "skipped",
            Any,
            Well,
            "wss",
            ours,
            "security/additional_root_falls_back",
        ),
    ];
    thread::scope(|scope| {
        for (wanted, clients, obeys, scheme, root, scenario) in cases {
            scope.spawn(move || {
                let csms = Csms::start(clients, obeys);
                let (outcome, told) = csms.outcome(scheme, root, scenario);
                assert_eq!(
                    outcome, wanted,
                    "{scenario} over {scheme}, {obeys:?}:\n{told}"
                );
            });
        }
    });
}

#[test]
fn a_raise_fails_where_there_is_no_tls_and_where_all_are_let_in() {
    let fails = |obeys, has_tls: bool, scheme, scenario| {
        let csms = Csms::start(Clients::Any, obeys);
        csms.front.refuses_tls(!has_tls);
        let (outcome, told) = csms.outcome(scheme, Some("root.pem"), scenario);
        assert_eq!(outcome, "failed", "{told}");
    };
    let scenario = "security/profile_raise_certificate_falls_back";
    thread::scope(|scope| {
        scope.spawn(|| fails(Obeys::Well, false, "ws", "security/profile_raise_tls"));
        scope.spawn(|| fails(Obeys::WithoutPasswords, true, "wss", scenario));
    });
}

#[test]
fn time_that_is_skipped_has_passed_for_the_charge_point() {
    let steps = |skips: &str| {
        format!(
            "- sends: BootNotification\n\
             - sends: StatusNotification\n  \
               with: {{connectorId: 2}}\n\
             - trigger: ChangeConfiguration\n  \
               with: {{key: HeartbeatInterval, value: \"600\"}}\n\
             {skips}\
             - sends: Heartbeat\n"
        )
    };
    let passes = run("builtin", &steps("- skip 600\n"), &[]);
    assert!(passes.passed(), "{}", passes.report);
    let fails = run("builtin", &steps("- skip 500\n"), &[]);
    assert_eq!(fails.found(), "none came");
}
