//! Who gets in, and what a restart looks like.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use std::thread;
use std::time::{Duration, Instant};

use central_system::tungstenite::Error;
use central_system::{Behaviour, CentralSystem, EventKind, Subprotocol};
use charge_point::{ChargePoint, SOON, start};
use data_encoding::BASE64;
use serde_json::json;

const OCPP: (&str, &str) = ("Sec-WebSocket-Protocol", "ocpp1.6");

fn refused_with(result: Result<ChargePoint, Error>) -> u16 {
    match result.err() {
        Some(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn basic_authentication() {
    let behaviour = Behaviour::new().password("CP1", "0123456789abcdef");
    let central = CentralSystem::start(behaviour).unwrap();
    let events = central.observe();
    let wrong = format!("Basic {}", BASE64.encode(b"CP1:wrong"));
    for headers in [&[OCPP][..], &[OCPP, ("Authorization", &wrong)]] {
        let attempt = ChargePoint::connect_with(&central, "CP1", headers);
        assert_eq!(refused_with(attempt), 401);
        assert_eq!(events.recv().unwrap().kind, EventKind::Refused(401));
    }
    assert_eq!(central.books().refusals.len(), 2);
    assert!(!central.books().is_online("CP1"));

    let right = format!("Basic {}", BASE64.encode(b"CP1:0123456789abcdef"));
    let headers = [OCPP, ("Authorization", right.as_str())];
    ChargePoint::connect_with(&central, "CP1", &headers)
        .unwrap()
        .boot();
}

#[test]
fn only_known_identities() {
    let behaviour = Behaviour::new().only(["CP 1/A"]);
    let central = CentralSystem::start(behaviour).unwrap();
    let stranger = ChargePoint::connect_with(&central, "CP2", &[OCPP]);
    assert_eq!(refused_with(stranger), 404);
    let mut cp = ChargePoint::connect_with(&central, "CP%201%2FA", &[OCPP]).unwrap();
    assert!(central.wait_online("CP 1/A", SOON));
    cp.boot();
}

#[test]
fn the_subprotocol_is_required() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut without = ChargePoint::connect_with(&central, "CP1", &[]).unwrap();
    assert!(without.ends_with_close());
    assert_eq!(central.station("CP1").connections, 0);

    central.adjust(|behaviour| behaviour.subprotocol(Subprotocol::Omit));
    // The client fails, because it offered one. It is another one: where the central system takes its
    // connection up late, that would replace a newer one.
    let offered = ChargePoint::connect_with(&central, "CP2", &[OCPP]);
    assert!(matches!(offered.err(), Some(Error::Protocol(_))));
    ChargePoint::connect_with(&central, "CP1", &[])
        .unwrap()
        .boot();
}

#[test]
fn several_at_once_and_a_newcomer_replaces() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut stations: Vec<_> = (0..20)
        .map(|n| ChargePoint::connect(&central, &format!("CP{n}")))
        .collect();
    for station in &mut stations {
        station.boot();
    }
    let online = |books: &central_system::Books| books.stations.values().all(|s| s.online);
    assert!(online(&central.books()));
    let mut again = ChargePoint::connect(&central, "CP0");
    assert!(!stations[0].ends_with_close());
    again.boot();
    assert!(online(&central.books()));
}

#[test]
fn a_charge_point_that_has_its_answer_is_online() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    for _ in 0..50 {
        let cp = ChargePoint::connect_with(&central, "CP1", &[OCPP]).unwrap();
        assert!(central.books().is_online("CP1"));
        central.drop_connection("CP1").unwrap();
        drop(cp);
    }
}

#[test]
fn what_is_sent_to_a_newcomer_comes_after_the_handshake() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let events = central.observe();
    thread::scope(|scope| {
        let central = &central;
        let sending = scope.spawn(move || {
            while let Ok(event) = events.recv_timeout(SOON) {
                if event.kind == EventKind::Connected && event.identity == "the last" {
                    return;
                }
                if event.kind == EventKind::Connected {
                    central.send_raw(&event.identity, "[]").unwrap();
                }
            }
        });
        for _ in 0..50 {
            let mut cp = ChargePoint::connect_with(central, "CP1", &[OCPP]).unwrap();
            assert_eq!(cp.receive(), json!([]));
        }
        let _last = ChargePoint::connect_with(central, "the%20last", &[OCPP]).unwrap();
        sending.join().unwrap();
    });
}

#[test]
fn a_restart_on_the_same_port() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let port = central.port();
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.boot();
    let began = Instant::now();
    drop(central);
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(!cp.ends_with_close());

    let central = CentralSystem::start_on(port, Behaviour::new()).unwrap();
    assert_eq!(central.port(), port);
    assert!(central.books().stations.is_empty());
    ChargePoint::connect(&central, "CP1").boot();
    assert!(CentralSystem::start_on(port, Behaviour::new()).is_err());
}

#[test]
fn an_outage_keeps_the_books() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    let frame = json!([2, "1", "StartTransaction", start("TAG", 0)]);
    cp.send(&frame);
    let answer = cp.receive();
    central.pause();
    assert!(!central.books().is_online("CP1"));
    assert!(ChargePoint::connect_with(&central, "CP1", &[OCPP]).is_err());
    central.resume().unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.send(&frame);
    assert_eq!(cp.receive(), answer);
    assert_eq!(central.station("CP1").connections, 2);
}

#[test]
fn a_client_that_says_nothing_does_not_delay_the_end() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let silent = std::net::TcpStream::connect(("127.0.0.1", central.port())).unwrap();
    let began = Instant::now();
    drop(central);
    assert!(began.elapsed() < Duration::from_secs(2));
    drop(silent);
}

#[test]
fn books_belong_to_one_central_system_and_what_is_none_stays() {
    let path = std::env::temp_dir().join(format!("books-{}", std::process::id()));
    let open = || {
        let address = "127.0.0.1:0".parse().unwrap();
        CentralSystem::listen_with_books(address, Behaviour::new(), &path)
    };
    let first = open().unwrap();
    let problem = open().unwrap_err();
    assert!(
        problem.to_string().contains("another central system"),
        "{problem}"
    );
    drop(first);
    let line = r#"["CP1","1","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":5,"timestamp":"2026-01-01T00:00:00Z"},{"idTagInfo":{"status":"Accepted"},"transactionId":7}]"#;
    for content in [
        "a letter".to_owned(),
        "a letter\n".to_owned(),
        format!("{line}\nX{line}\n"),
        format!("{line}\n\n{line}\n"),
    ] {
        std::fs::write(&path, &content).unwrap();
        let problem = open().unwrap_err();
        assert!(problem.to_string().contains("line "), "{problem}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    // What a kill cuts off was not answered.
    std::fs::write(&path, format!("{line}\n{}", &line[..50])).unwrap();
    let central = open().unwrap();
    assert_eq!(central.station("CP1").transactions.len(), 1);
    drop(central);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{line}\n"));
    std::fs::remove_file(&path).unwrap();
}
