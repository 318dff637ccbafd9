//! TLS to a central system whose certificate is good, or is not, and of which it may be the other way round.
//! docs/security.md has the table.

mod revocation;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem, IdTag};
use rustls::{
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};
use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, Scratch, binary},
    server::{
        front::Front,
        pki::{Authority, Certificate, Validity, file},
    },
};

/// A central system, the authority that its certificates are of, and a folder for files.
struct World {
    central: CentralSystem,
    authority: Authority,
    scratch: Scratch,
}

impl World {
    fn new(test: &str) -> Self {
        let behaviour = Behaviour::new().tag("TAG", IdTag::accepted());
        Self {
            central: CentralSystem::start(behaviour).unwrap(),
            authority: Authority::new("Test Root"),
            scratch: Scratch::new(&format!("tls-{test}")),
        }
    }

    fn good(&self) -> Certificate {
        self.authority.signs(&["localhost"], Validity::Now)
    }

    /// Options of a charge point that trusts the authority.
    fn trusting(&self) -> Vec<String> {
        let path = file(self.scratch.path(), "ca.pem", &self.authority.pem());
        vec!["--ca".to_owned(), path.to_str().unwrap().to_owned()]
    }

    /// The error of a charge point that is shown this certificate, and gets no connection.
    fn refusal(&self, shown: &Certificate) -> Value {
        let front = Front::start(&self.central, shown.server());
        self.refused_by(&front.url("wss"), &[])
    }

    fn boots(&self) -> usize {
        self.central.station(IDENTITY).calls("BootNotification")
    }

    fn refused_by(&self, url: &str, options: &[String]) -> Value {
        let options = [self.trusting(), options.to_vec()].concat();
        let mut charge_point = start(url, &options);
        let error = charge_point.wait("error", |_| true);
        if error["securityEvent"] != Value::Null {
            charge_point.wait("securityEvent", |e| e["type"] == error["securityEvent"]);
        }
        assert!(charge_point.told("connected").is_empty());
        assert_eq!(self.boots(), 0);
        error
    }
}

fn start(url: &str, options: &[String]) -> ChargePoint {
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    ChargePoint::start_at(url, &options)
}

fn assert_refused(error: &Value, event: &str, why: &str) {
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(why), "{message}");
    assert_eq!(error["securityEvent"], event, "{message}");
}

const CERTIFICATE: &str = "InvalidCentralSystemCertificate";
const AUTHENTICATION: &str = "FailedToAuthenticateAtCentralSystem";

#[test]
fn a_good_certificate_makes_a_session_with_each_version_of_tls() {
    let world = World::new("good");
    for version in [&TLS12, &TLS13] {
        let clients = WebPkiClientVerifier::no_client_auth();
        let config = world.good().server_with(&[version], clients);
        let front = Front::start(&world.central, config);
        let mut charge_point = start(&front.url("wss"), &world.trusting());
        let connected = charge_point.wait("connected", |_| true);
        assert!(
            connected["url"]
                .as_str()
                .unwrap()
                .starts_with("wss://localhost:")
        );
        charge_point.wait("registered", |e| e["status"] == "Accepted");
        charge_point.command("plug 1");
        charge_point.command("tag 1 TAG");
        charge_point.wait_transaction(1, "accepted");
        assert_eq!(charge_point.end(), Some(0));
        assert!(charge_point.told("error").is_empty());
        assert_eq!(front.secured(), 1);
    }
}

#[test]
fn an_address_is_verified_as_one() {
    let world = World::new("address");
    let shown = world.authority.signs(&["127.0.0.1"], Validity::Now);
    let front = Front::start(&world.central, shown.server());
    let url = front.url("wss").replace("localhost", "127.0.0.1");
    let error = world.refused_by(&front.url("wss"), &[]);
    assert_refused(&error, CERTIFICATE, "wrong host");
    start(&url, &world.trusting()).wait("connected", |_| true);
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let world = World::new("host");
    let shown = world
        .authority
        .signs(&["other.example", "third.example"], Validity::Now);
    let error = world.refusal(&shown);
    assert_refused(&error, CERTIFICATE, "wrong host, it is for");
    assert!(error["message"].as_str().unwrap().contains("other.example"));
}

#[test]
fn a_common_name_without_a_subject_alternative_name_is_refused() {
    let world = World::new("common-name");
    let error = world.refusal(&world.authority.signs(&[], Validity::Now));
    assert_refused(&error, CERTIFICATE, "no subject alternative name");
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let world = World::new("expired");
    let error = world.refusal(&world.authority.signs(&["localhost"], Validity::Past));
    assert_refused(
        &error,
        CERTIFICATE,
        "it has expired (2021-01-01T00:00:00.000Z)",
    );
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_refused() {
    let world = World::new("early");
    let error = world.refusal(&world.authority.signs(&["localhost"], Validity::Future));
    assert_refused(&error, CERTIFICATE, "it is not valid yet (from 2110-01-01");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let world = World::new("unknown");
    let other = Authority::new("Other Root").signs(&["localhost"], Validity::Now);
    assert_refused(&world.refusal(&other), CERTIFICATE, "unknown issuer");
    // One that only bears the name of the root.
    let imitation = Authority::new("Test Root").signs(&["localhost"], Validity::Now);
    let error = world.refusal(&imitation);
    assert_eq!(error["securityEvent"], CERTIFICATE, "{error}");
    // The operating system's roots, where no others are named.
    let front = Front::start(&world.central, world.good().server());
    let error = start(&front.url("wss"), &[]).wait("error", |_| true);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("unknown issuer") || message.contains("use --ca"),
        "{message}"
    );
}

#[test]
fn a_self_signed_certificate_is_refused_unless_it_is_trusted() {
    let world = World::new("self-signed");
    let shown = Certificate::self_signed(&["localhost"]);
    assert_refused(&world.refusal(&shown), CERTIFICATE, "unknown issuer");
    let path = file(world.scratch.path(), "own-root.pem", &shown.pem);
    let options = ["--ca".to_owned(), path.to_str().unwrap().to_owned()];
    let front = Front::start(&world.central, shown.server());
    start(&front.url("wss"), &options).wait("connected", |_| true);
}

#[test]
fn a_client_certificate_is_shown_and_one_that_is_not_good_is_refused() {
    let world = World::new("client");
    for version in [&TLS12, &TLS13] {
        let wanted = world.authority.wants_certificates();
        let front = Front::start(&world.central, world.good().server_with(&[version], wanted));
        let url = front.url("wss");
        let folder = world.scratch.path();

        let error = world.refused_by(&url, &[]);
        assert_refused(
            &error,
            AUTHENTICATION,
            "wants a certificate of the charge point",
        );
        let unknown = Authority::new("Other Root").signs(&["CP1"], Validity::Now);
        let error = world.refused_by(&url, &unknown.options(folder));
        assert_refused(
            &error,
            AUTHENTICATION,
            "refuses the charge point's certificate",
        );
        let expired = world.authority.signs(&["CP1"], Validity::Past);
        let error = world.refused_by(&url, &expired.options(folder));
        assert_refused(&error, AUTHENTICATION, "CertificateExpired");
        assert_eq!(front.secured(), 0);
    }
    for version in [&TLS12, &TLS13] {
        let wanted = world.authority.wants_certificates();
        let front = Front::start(&world.central, world.good().server_with(&[version], wanted));
        let own = world.authority.signs(&["CP1"], Validity::Now);
        let options = [world.trusting(), own.options(world.scratch.path()).to_vec()].concat();
        let mut charge_point = start(&front.url("wss"), &options);
        charge_point.wait("registered", |e| e["status"] == "Accepted");
        assert_eq!(charge_point.end(), Some(0));
    }
}

/// A central system that answers the first bytes of each connection with these.
fn answering(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    format!("wss://localhost:{port}/ocpp")
}

/// A ServerHello: record and message with their lengths, version, random, no session, cipher suite, no
/// compression (RFC 4346, 7.4.1.3).
macro_rules! server_hello {
    ($minor:literal, $suite:literal) => {
        &[
            0x16, 3, $minor, 0, 42, 2, 0, 0, 38, 3, $minor, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
            13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0,
            $suite, 0,
        ]
    };
}

#[test]
fn a_central_system_that_speaks_only_tls_1_1_is_refused() {
    let world = World::new("version");
    for answer in [
        // TLS_RSA_WITH_AES_128_CBC_SHA
        &server_hello!(2, 0x2f)[..],
        // The alert protocol_version.
        &[0x15, 3, 2, 0, 2, 2, 70],
    ] {
        let error = world.refused_by(&answering(answer), &[]);
        assert_refused(&error, "InvalidTLSVersion", "neither TLS 1.2 nor TLS 1.3");
    }
}

#[test]
fn a_central_system_without_a_common_cipher_suite_is_refused() {
    let world = World::new("suite");
    for answer in [
        &server_hello!(3, 0x2f)[..],
        // The alerts handshake_failure and insufficient_security.
        &[0x15, 3, 3, 0, 2, 2, 40],
        &[0x15, 3, 3, 0, 2, 2, 71],
    ] {
        let error = world.refused_by(&answering(answer), &[]);
        assert_refused(&error, "InvalidTLSCipherSuite", "no cipher suite in common");
    }
}

#[test]
fn a_central_system_without_tls_is_refused() {
    let world = World::new("none");
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
        let error = world.refused_by(&answering(answer), &[]);
        assert_eq!(error["securityEvent"], Value::Null, "{error}");
    }
    let url = world.central.url().replace("ws://", "wss://");
    let error = world.refused_by(&url, &[]);
    assert!(
        error["message"].as_str().unwrap().contains("TLS"),
        "{error}"
    );
}

#[test]
fn a_wrong_password_is_refused_with_401_and_the_right_one_makes_a_session() {
    let world = World::new("password");
    world
        .central
        .adjust(|it| it.password(IDENTITY, "a-good-password"));
    let front = Front::start(&world.central, world.good().server());
    let url = front.url("wss");
    let error = world.refused_by(&url, &["--password".to_owned(), "wrong".to_owned()]);
    assert_refused(&error, AUTHENTICATION, "refused with HTTP status 401");
    let error = world.refused_by(&url, &[]);
    assert_refused(&error, AUTHENTICATION, "refused with HTTP status 401");
    let path = file(world.scratch.path(), "password", "a-good-password\n");
    let option = [
        "--password-file".to_owned(),
        path.to_str().unwrap().to_owned(),
    ];
    let mut charge_point = start(&url, &[world.trusting(), option.to_vec()].concat());
    charge_point.wait("registered", |e| e["status"] == "Accepted");
}

#[test]
fn a_root_that_is_replaced_counts_from_the_next_connection_on() {
    let world = World::new("replaced");
    let front = Front::start(&world.central, world.good().server());
    let mut charge_point = start(&front.url("wss"), &world.trusting());
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    let other = Authority::new("New Root");
    front.shows(other.signs(&["localhost"], Validity::Now).server());
    // The connection goes on.
    let answer = world.central.call(IDENTITY, "ClearCache", json!({}), SOON);
    assert_eq!(answer.unwrap()["status"], "Accepted");
    charge_point.connect_anew();
    let error = charge_point.wait("error", |e| e["securityEvent"] != Value::Null);
    assert_refused(&error, CERTIFICATE, "unknown issuer");
    file(world.scratch.path(), "ca.pem", &other.pem());
    charge_point.command("connect");
    charge_point.wait("connected", |_| true);
    // What cannot be used meanwhile is an error and no more.
    file(world.scratch.path(), "ca.pem", "");
    charge_point.connect_anew();
    charge_point.wait("error", |e| {
        e["message"]
            .as_str()
            .unwrap()
            .contains("there is no certificate in it")
    });
}

#[test]
fn a_large_certificate_is_taken_and_one_without_bounds_is_refused() {
    let world = World::new("large");
    let names: Vec<_> = (0..1_200)
        .map(|number| format!("name-{number}.of-many-others.example"))
        .chain(["localhost".to_owned()])
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let shown = world.authority.signs(&names, Validity::Now);
    assert!(shown.pem.len() > 50_000);
    let front = Front::start(&world.central, shown.server());
    start(&front.url("wss"), &world.trusting()).wait("connected", |_| true);
    // A message of the handshake has 64 KiB at most.
    let front = Front::start(&world.central, shown.repeated(2).server());
    let mut charge_point = start(&front.url("wss"), &world.trusting());
    let error = charge_point.wait("error", |_| true);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("TLS failed"), "{message}");
    assert!(charge_point.told("connected").is_empty());
}

/// A central system that goes on so after the ClientHello.
fn going_on(what: impl Fn(TcpStream) + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, what) = (stream.unwrap(), what.clone());
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                what(stream);
            });
        }
    });
    format!("wss://localhost:{port}/ocpp")
}

#[test]
fn a_handshake_that_does_not_end_is_given_up() {
    let world = World::new("stall");
    let silent = going_on(|stream| {
        thread::sleep(2 * SOON);
        drop(stream);
    });
    // A record of 16 KiB whose bytes come one by one.
    let slow = going_on(|mut stream| {
        let _ = stream.write_all(&[0x16, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc]);
        while stream.write_all(&[0]).is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let began = Instant::now();
    let mut running: Vec<_> = [silent, slow]
        .iter()
        .map(|url| start(url, &world.trusting()))
        .collect();
    for charge_point in &mut running {
        let error = charge_point.wait("error", |_| true);
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("no answer to the TLS handshake"),
            "{message}"
        );
        // It is a charge point all the while.
        charge_point.command("plug 1");
        charge_point.wait_status(1, "Preparing");
    }
    assert!(began.elapsed() < Duration::from_secs(14));
}

#[test]
fn what_comes_byte_by_byte_is_taken() {
    let world = World::new("bytes");
    let front = Front::start(&world.central, world.good().server());
    front.sends_bytes();
    let mut charge_point = start(&front.url("wss"), &world.trusting());
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn long_frames_pass_in_both_directions() {
    let world = World::new("long");
    let front = Front::start(&world.central, world.good().server());
    let mut charge_point = start(&front.url("wss"), &world.trusting());
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    let data = "x".repeat(40_000);
    let request = json!({"vendorId": "ocpp-rs", "messageId": "Echo", "data": data});
    let answer = world.central.call(IDENTITY, "DataTransfer", request, SOON);
    // What is longer than the transmit buffer is not sent back; the frame has arrived whole.
    assert!(
        answer.is_ok() || charge_point.told("error").is_empty(),
        "{answer:?}"
    );
    let all = world
        .central
        .call(IDENTITY, "GetConfiguration", json!({}), SOON);
    assert!(all.unwrap()["configurationKey"].as_array().unwrap().len() > 30);
}

#[test]
fn a_password_is_in_nothing_that_is_told() {
    let world = World::new("secret");
    let secret = "a-secret-password";
    world.central.adjust(|it| it.password(IDENTITY, secret));
    let front = Front::start(&world.central, world.good().server());
    let path = file(world.scratch.path(), "password", secret);
    for json in [true, false] {
        // What is stored of the last round is another password.
        let storage = world.scratch.path().join(format!("storage-{json}"));
        let mut command = binary();
        command.args([
            "--csms",
            &front.url("wss"),
            "--id",
            IDENTITY,
            "--password-file",
        ]);
        command
            .arg(&path)
            .args(world.trusting())
            .arg("--storage")
            .arg(&storage);
        command.args(json.then_some("--json"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let boots = world.boots();
        let mut child = command.spawn().unwrap();
        assert!(world.central.wait_for(SOON, |books| {
            books
                .station(IDENTITY)
                .is_some_and(|it| it.calls("BootNotification") > boots)
        }));
        let request = json!({"key": "AuthorizationKey", "value": "another-secret-password"});
        let _ = world
            .central
            .call(IDENTITY, "ChangeConfiguration", request, SOON);
        let request = json!({"location": "ftp://localhost:1/"});
        let _ = world
            .central
            .call(IDENTITY, "GetDiagnostics", request, SOON);
        drop(child.stdin.take());
        let output = child.wait_with_output().unwrap();
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).unwrap();
            assert!(!text.contains("secret"), "{text}");
            assert!(!text.contains("YS1zZWNyZXQ"), "{text}");
        }
        let diagnostics = std::fs::read_to_string(storage.join("diagnostics-1")).unwrap();
        assert!(!diagnostics.contains("secret"), "{diagnostics}");
    }
}

#[cfg(unix)]
#[test]
fn stored_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new("owner");
    let scratch = Scratch::new("tls-owner-storage");
    let mut charge_point = ChargePoint::online(&world.central, &scratch.option());
    assert_eq!(charge_point.end(), Some(0));
    let mut records = 0;
    for entry in std::fs::read_dir(scratch.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        if entry.file_name().to_str().unwrap().starts_with("record-") {
            assert_eq!(mode, 0o600, "{entry:?}");
            records += 1;
        }
    }
    assert!(records > 0);
}
