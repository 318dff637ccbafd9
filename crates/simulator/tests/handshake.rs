//! Handshakes and frames that break RFC 6455, and ones that only look as if they did.

use std::{io::Write, thread, time::Duration};

use crate::{
    charge_point::{ChargePoint, SOON, binary},
    peer::{Door, Peer, SWITCHING, frame},
};

/// What the charge point says of a connection that was answered so; `{accept}` is the right key.
fn refusal(headers: &str) -> String {
    let door = Door::open();
    let mut charge_point = ChargePoint::start_at(&door.url(), &[]);
    let (mut stream, accept) = door.request();
    let answer = headers.replace("{accept}", &accept);
    stream
        .write_all(format!("{answer}\r\n").as_bytes())
        .unwrap();
    let told = charge_point.wait("error", |_| true);
    assert!(charge_point.told("connected").is_empty(), "{headers}");
    told["message"].as_str().unwrap().to_owned()
}

#[test]
fn an_answer_that_was_not_asked_for_is_refused() {
    let accept = "Sec-WebSocket-Accept: {accept}\r\n";
    let without = |name: &str| -> String {
        let lines = SWITCHING.split_inclusive("\r\n");
        lines.filter(|line| !line.starts_with(name)).collect()
    };
    let protocol = "Sec-WebSocket-Protocol";
    for (headers, reason) in [
        (
            format!("{SWITCHING}{accept}Sec-WebSocket-Extensions: permessage-deflate\r\n"),
            "the extension permessage-deflate, which was not asked for",
        ),
        (SWITCHING.to_owned(), "Sec-WebSocket-Accept is missing"),
        (
            format!("{SWITCHING}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "Sec-WebSocket-Accept is wrong",
        ),
        (
            format!("{}{accept}{protocol}: ocpp2.0.1\r\n", without(protocol)),
            "did not choose the subprotocol ocpp1.6 but ocpp2.0.1",
        ),
        (
            format!("{}{accept}", without(protocol)),
            "did not choose the subprotocol ocpp1.6",
        ),
        (format!("{}{accept}", without("Upgrade")), "Upgrade"),
        (format!("{}{accept}", without("Connection")), "Connection"),
        (format!("HTTP/1.1 200 OK\r\n{accept}"), "HTTP status 200"),
    ] {
        let problem = refusal(&headers);
        assert!(problem.contains(reason), "{headers}: {problem}");
    }
}

#[test]
fn an_answer_in_single_bytes_with_frames_behind_it_is_taken() {
    let door = Door::open();
    let mut charge_point = ChargePoint::start_at(&door.url(), &[]);
    let (mut stream, accept) = door.request();
    stream.set_nodelay(true).unwrap();
    let head = SWITCHING.replace("Connection: Upgrade", "connection: keep-alive, UPGRADE");
    let head = format!("{head}Sec-WebSocket-Accept: {accept}\r\n\r\n");
    for byte in head.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    charge_point.wait("connected", |_| true);
    let mut peer = Peer::new(stream);
    peer.boot();

    // The head and the first frame in one piece.
    drop(peer);
    let (mut stream, accept) = door.request();
    let head = format!("{SWITCHING}Sec-WebSocket-Accept: {accept}\r\n\r\n");
    let call = frame(0x81, br#"[2,"early","ClearCache",{}]"#);
    stream
        .write_all(&[head.as_bytes(), &call].concat())
        .unwrap();
    let answer = Peer::new(stream).answer("early");
    assert_eq!(answer[2]["status"], "Accepted");
}

#[test]
fn frames_that_break_the_rules_end_the_connection() {
    let door = Door::open();
    let mut charge_point = ChargePoint::start_at(&door.url(), &[]);
    for (bytes, status, reason) in [
        (vec![0x81, 0x82, 1, 2, 3, 4, 5, 6], 1002u16, "masked"),
        (frame(0x80, b"{}"), 1002, "continuation of no message"),
        (frame(0xc1, b"{}"), 1002, "extension"),
        (frame(0x81, b"\xff"), 1007, "not UTF-8"),
        (frame(0x82, b"{}"), 1003, "binary"),
    ] {
        let mut peer = door.accept();
        peer.stream.write_all(&bytes).unwrap();
        let close = loop {
            match peer.frame().unwrap() {
                (8, payload) => break payload,
                (1, _) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(close, status.to_be_bytes(), "{reason}");
        drop(peer);
        let told = charge_point.wait("error", |_| true);
        assert!(told["message"].as_str().unwrap().contains(reason), "{told}");
        charge_point.wait("disconnected", |_| true);
        charge_point.command("connect");
    }
}

#[test]
fn secrets_of_the_url_and_escapes_of_others_are_not_printed() {
    let door = Door::open();
    let url = format!("{}?token=s3cret", door.url());
    let mut child = binary()
        .args(["--csms", &url, "--id", "CP1"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut peer = door.accept();
    let boot = peer.message();
    let evil = "\u{1b}[2K\r\u{202e}evil\u{9b}1A";
    let error = serde_json::json!([4, boot[1], "InternalError", evil, {}]);
    peer.send(&error.to_string());
    peer.send(&serde_json::json!([2, evil, evil, { evil: evil }]).to_string());
    let mut close = 1008u16.to_be_bytes().to_vec();
    close.extend(evil.as_bytes());
    peer.stream.write_all(&frame(0x88, &close)).unwrap();
    assert!(peer.is_left_within(SOON));
    drop((peer, door));
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    for text in [output.stdout, output.stderr] {
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        let is_bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(is_bad), "{text:?}");
        assert_eq!(text.matches("evil").count() > 0, !text.is_empty(), "{text}");
    }
}
