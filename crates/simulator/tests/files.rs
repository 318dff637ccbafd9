//! Firmware that is downloaded and diagnostics that are uploaded, with a real server.

use std::{net::TcpListener, time::Duration};

use central_system::{Behaviour, CentralSystem, IdTag, Station};
use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, Scratch},
    server::{
        Answer, Server,
        ftp::FtpServer,
        tls::{TlsServer, self_signed},
    },
};

const PAST: &str = "2001-01-01T00:00:00Z";

fn central() -> CentralSystem {
    CentralSystem::start(Behaviour::new().tag("TAG", IdTag::accepted())).unwrap()
}

fn call(central: &CentralSystem, action: &str, payload: Value) -> Value {
    central.call(IDENTITY, action, payload, SOON).unwrap()
}

fn update(central: &CentralSystem, location: &str, retries: u32) {
    let request = json!({
        "location": location,
        "retrieveDate": PAST,
        "retries": retries,
        "retryInterval": 0,
    });
    assert_eq!(call(central, "UpdateFirmware", request), json!({}));
}

/// The statuses of notifications, once the last of them is one of these.
fn statuses(central: &CentralSystem, action: &str, ends: &[&str]) -> Vec<String> {
    let told = |station: &Station| {
        let told = station.payloads(action).into_iter();
        told.map(|payload| payload["status"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let ended = central.wait_for(SOON, |books| {
        let told = books.station(IDENTITY).map(told).unwrap_or_default();
        told.last()
            .is_some_and(|last| ends.contains(&last.as_str()))
    });
    let told = told(&central.station(IDENTITY));
    assert!(ended, "{told:?}");
    told
}

fn firmware(central: &CentralSystem) -> Vec<String> {
    let ends = ["Installed", "InstallationFailed", "DownloadFailed"];
    statuses(central, "FirmwareStatusNotification", &ends)
}

fn diagnostics(central: &CentralSystem) -> Vec<String> {
    statuses(
        central,
        "DiagnosticsStatusNotification",
        &["Uploaded", "UploadFailed"],
    )
}

const WHOLE: [&str; 4] = ["Downloading", "Downloaded", "Installing", "Installed"];
const FAILED: [&str; 2] = ["Downloading", "DownloadFailed"];

fn image() -> Vec<u8> {
    (0..200_000_u32).map(|n| (n % 251) as u8).collect()
}

#[test]
fn an_image_is_installed_with_a_reboot_with_storage_and_without() {
    for has_storage in [false, true] {
        let (central, server) = (central(), Server::start());
        let scratch = Scratch::new("image");
        let options = scratch.option();
        let options = if has_storage { &options[..] } else { &[] };
        let mut charge_point = ChargePoint::online(&central, options);
        server.answer("/image.bin", Answer::File(image()));
        update(&central, &server.url("/image.bin"), 0);
        assert_eq!(firmware(&central), WHOLE);
        let done = charge_point.wait("transfer", |e| e["state"] == "done");
        assert_eq!(
            (&done["file"], &done["bytes"]),
            (&json!("firmware"), &json!(200_000))
        );
        charge_point.wait("firmware", |e| e["status"] == "InstallRebooting");
        charge_point.wait("boot", |_| true);
        charge_point.wait("firmware", |e| e["status"] == "Installed");
        if has_storage {
            let running = std::fs::read(scratch.path().join("firmware-running")).unwrap();
            assert_eq!(running, image());
        }
        assert_eq!(charge_point.end(), Some(0));
        let (told, mut order) = (charge_point.told("frame"), Vec::new());
        for frame in told.iter().filter(|frame| frame["dir"] == "out") {
            let frame: Value = serde_json::from_str(frame["text"].as_str().unwrap()).unwrap();
            match frame[2].as_str() {
                Some("FirmwareStatusNotification") => order.push(frame[3]["status"].clone()),
                Some("BootNotification") => order.push(json!("boot")),
                _ => {}
            }
        }
        let expected = [
            "boot",
            "Downloading",
            "Downloaded",
            "Installing",
            "boot",
            "Installed",
        ];
        assert_eq!(order, expected.map(|text| json!(text)));
    }
}

#[test]
fn a_download_fails_as_the_server_does() {
    let central = central();
    let server = Server::start();
    server.answer("/empty", Answer::File(Vec::new()));
    let part = |bytes| Answer::Part {
        file: image(),
        bytes,
    };
    server.answer("/truncated", part(100));
    server.answer("/dies", part(180_000));
    let chunks = Answer::PartOfChunks {
        file: image(),
        bytes: 180_000,
    };
    server.answer("/chunks-die", chunks);
    server.answer("/broken", Answer::Status(500));
    server.answer("/large", Answer::File(vec![1; 300_000]));
    server.answer("/large-chunks", Answer::Chunks(vec![1; 300_000]));
    // No server listens there.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut charge_point = ChargePoint::online(&central, &["--max-firmware", "250000"]);
    let mut count = 0;
    for (location, failure) in [
        (server.url("/empty"), "Empty"),
        (server.url("/truncated"), "Interrupted"),
        (server.url("/dies"), "Interrupted"),
        (server.url("/chunks-die"), "Interrupted"),
        (server.url("/missing"), "Refused"),
        (server.url("/broken"), "Refused"),
        (server.url("/large"), "TooLarge"),
        (server.url("/large-chunks"), "TooLarge"),
        (format!("http://{closed}/image"), "Interrupted"),
        (format!("ftp://{closed}/image"), "Interrupted"),
    ] {
        update(&central, &location, 0);
        count += 1;
        let failed = charge_point.wait("transfer", |e| e["state"] == "failed");
        assert_eq!(failed["failure"], failure, "{location}: {failed}");
        charge_point.wait("firmware", |e| e["status"] == "DownloadFailed");
        assert!(central.wait_for(SOON, |books| {
            let station = books.station(IDENTITY).unwrap();
            station.payloads("FirmwareStatusNotification").len() == 2 * count
        }));
        assert_eq!(firmware(&central)[2 * count - 2..], FAILED, "{location}");
    }
    // After all of that an image is taken.
    server.answer("/chunks", Answer::Chunks(image()));
    update(&central, &server.url("/chunks"), 0);
    charge_point.wait("firmware", |e| e["status"] == "Installed");
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn five_redirections_are_followed_and_six_are_not() {
    for (count, expected) in [(5, &WHOLE[..]), (6, &FAILED[..])] {
        let (central, server) = (central(), Server::start());
        let charge_point = ChargePoint::online(&central, &[]);
        for step in 0..count {
            let status = [301, 302, 307, 308][step % 4];
            let next = match step % 2 {
                0 => format!("/{}", step + 1),
                _ => server.url(&format!("/{}", step + 1)),
            };
            server.answer(&format!("/{step}"), Answer::Redirect(status, next));
        }
        server.answer(&format!("/{count}"), Answer::File(image()));
        update(&central, &server.url("/0"), 0);
        assert_eq!(firmware(&central), expected);
        drop(charge_point);
    }
}

#[test]
fn a_download_is_tried_again_and_begins_anew() {
    let (central, server) = (central(), Server::start());
    let _charge_point = ChargePoint::online(&central, &[]);
    let dies = Answer::Part {
        file: image(),
        bytes: 180_000,
    };
    let whole = Answer::File(image());
    server.answer("/image", Answer::Once(Box::new(dies), Box::new(whole)));
    update(&central, &server.url("/image"), 2);
    assert_eq!(firmware(&central), WHOLE);
    assert_eq!(server.requests().len(), 2);
    // One with 3 attempts.
    update(&central, &server.url("/missing"), 2);
    assert!(central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY).unwrap();
        station.payloads("FirmwareStatusNotification").len() == 6
    }));
    assert_eq!(firmware(&central)[4..], FAILED);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn user_and_password_are_sent_and_not_shown() {
    let (central, server) = (central(), Server::start());
    let mut charge_point = ChargePoint::online(&central, &[]);
    server.answer("/image", Answer::File(image()));
    update(&central, &server.url_of("user:p%40ss", "/image"), 0);
    assert_eq!(firmware(&central), WHOLE);
    let authorization = server.requests()[0].authorization.clone();
    assert_eq!(authorization.unwrap(), "Basic dXNlcjpwQHNz");
    let started = charge_point.wait("transfer", |e| e["state"] == "started");
    assert!(!started["url"].as_str().unwrap().contains("p%40ss"));
}

#[test]
fn an_installation_waits_for_a_transaction_and_connectors_are_unavailable_meanwhile() {
    let (central, server) = (central(), Server::start());
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    server.answer("/image", Answer::File(image()));
    update(&central, &server.url("/image"), 0);
    charge_point.wait_status(2, "Unavailable");
    charge_point.command("firmware fail");
    charge_point.command("tag 1 TAG");
    charge_point.wait("firmware", |e| e["status"] == "InstallationFailed");
    charge_point.wait_status(2, "Available");
    let failed = [
        "Downloading",
        "Downloaded",
        "Installing",
        "InstallationFailed",
    ];
    assert_eq!(firmware(&central), failed);
    charge_point.command(r#"{"command":"firmware","answer":"ok"}"#);
    update(&central, &server.url("/image"), 0);
    charge_point.wait("firmware", |e| e["status"] == "Installed");
}

#[test]
fn a_crash_in_the_download_begins_it_again() {
    let (central, server) = (central(), Server::start());
    let scratch = Scratch::new("crash-in-download");
    let charge_point = ChargePoint::online(&central, &scratch.option());
    let slowly = Answer::Slowly(Duration::from_secs(60), Box::new(Answer::Status(500)));
    let whole = Box::new(Answer::File(image()));
    server.answer("/image", Answer::Once(Box::new(slowly), whole));
    update(&central, &server.url("/image"), 0);
    server.wait(1, SOON);
    charge_point.kill();
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.wait("firmware", |e| e["status"] == "Installed");
    let told = firmware(&central);
    assert_eq!(told.last().unwrap(), "Installed");
    assert_eq!(
        told.iter().filter(|status| *status == "Installed").count(),
        1
    );
}

#[test]
fn a_second_update_takes_the_place_of_the_first() {
    let (central, server) = (central(), Server::start());
    let mut charge_point = ChargePoint::online(&central, &[]);
    let slowly = Answer::Slowly(Duration::from_secs(60), Box::new(Answer::File(image())));
    server.answer("/slow", slowly);
    server.answer("/image", Answer::File(image()));
    update(&central, &server.url("/slow"), 0);
    server.wait(1, SOON);
    update(&central, &server.url("/image"), 0);
    charge_point.wait("firmware", |e| e["status"] == "Installed");
    assert_eq!(
        firmware(&central),
        [
            "Downloading",
            "Downloading",
            "Downloaded",
            "Installing",
            "Installed"
        ]
    );
}

#[test]
fn diagnostics_are_put_into_the_folder_as_one_text() {
    let (central, server) = (central(), Server::start());
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.wait_status(1, "Preparing");
    server.answer_all(Answer::Take);
    for folder in ["/logs", "/logs/", "/"] {
        let before = server.requests().len();
        let request = json!({ "location": server.url(folder) });
        let answer = call(&central, "GetDiagnostics", request);
        let name = answer["fileName"].as_str().unwrap().to_owned();
        let put = server.wait(before + 1, SOON).pop().unwrap();
        assert_eq!(put.method, "PUT");
        assert_eq!(put.path, format!("{}/{name}", folder.trim_end_matches('/')));
        let text = String::from_utf8(put.body).unwrap();
        assert!(text.contains("BootNotification"), "{text}");
        assert!(text.contains(r#"status {"connector":1"#), "{text}");
        charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    }
    assert!(central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY).unwrap();
        station.payloads("DiagnosticsStatusNotification").len() == 6
    }));
    assert_eq!(diagnostics(&central)[4..], ["Uploading", "Uploaded"]);
}

#[test]
fn an_upload_is_tried_again_and_redirected() {
    let (central, server) = (central(), Server::start());
    let mut charge_point = ChargePoint::online(&central, &[]);
    server.answer_all(Answer::Status(503));
    let request = json!({ "location": server.url("/a"), "retries": 2, "retryInterval": 0 });
    call(&central, "GetDiagnostics", request);
    charge_point.wait("diagnostics", |e| e["status"] == "UploadFailed");
    assert_eq!(server.requests().len(), 3);
    assert_eq!(diagnostics(&central), ["Uploading", "UploadFailed"]);
    server.answer_all(Answer::Redirect(307, "/other".to_owned()));
    server.answer("/other", Answer::Take);
    let request = json!({ "location": server.url("/a") });
    call(&central, "GetDiagnostics", request);
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let last = server.requests().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.path.as_str()),
        ("PUT", "/other")
    );
    assert!(!last.body.is_empty());
}

#[test]
fn diagnostics_are_of_the_time_that_is_asked_for_and_survive_a_restart() {
    let (central, server) = (central(), Server::start());
    let scratch = Scratch::new("diagnostics");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("plug 2");
    charge_point.wait_status(2, "Preparing");
    charge_point.kill();
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    server.answer_all(Answer::Take);
    let text = |request: Value, count| {
        call(&central, "GetDiagnostics", request);
        let put = server.wait(count, SOON).pop().unwrap();
        String::from_utf8(put.body).unwrap()
    };
    let all = text(json!({ "location": server.url("/") }), 1);
    assert_eq!(all.matches(r#"command"#).count(), 0);
    assert!(
        all.matches(r#""frame":"BootNotification.req""#).count() >= 2,
        "{all}"
    );
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let future = json!({ "location": server.url("/"), "startTime": "2099-01-01T00:00:00Z" });
    let none = text(future, 2);
    assert_eq!(none.lines().count(), 1, "{none}");
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let past = json!({ "location": server.url("/"), "stopTime": PAST });
    assert_eq!(text(past, 3).lines().count(), 1);
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let whole = json!({
        "location": server.url("/"),
        "startTime": PAST,
        "stopTime": "2099-01-01T00:00:00Z",
    });
    assert!(text(whole, 4).len() > all.len());
}

#[test]
fn without_file_transfer_there_is_nothing() {
    let central = central();
    let _charge_point = ChargePoint::online(&central, &["--file-transfer", "none"]);
    update(&central, "http://127.0.0.1:9/image", 3);
    assert_eq!(firmware(&central), ["DownloadFailed"]);
    let answer = call(
        &central,
        "GetDiagnostics",
        json!({ "location": "ftp://127.0.0.1:9/" }),
    );
    assert_eq!(answer, json!({}));
    let keys = call(
        &central,
        "GetConfiguration",
        json!({ "key": ["SupportedFileTransferProtocols"] }),
    );
    assert_eq!(keys["configurationKey"][0]["value"], "");
}

#[test]
fn both_statuses_can_be_triggered() {
    let central = central();
    let _charge_point = ChargePoint::online(&central, &[]);
    for message in [
        "FirmwareStatusNotification",
        "DiagnosticsStatusNotification",
    ] {
        let answer = call(
            &central,
            "TriggerMessage",
            json!({ "requestedMessage": message }),
        );
        assert_eq!(answer["status"], "Accepted");
        assert_eq!(statuses(&central, message, &["Idle"]), ["Idle"]);
    }
}

#[test]
fn ftp_fetches_and_stores_files() {
    let (central, server) = (central(), FtpServer::start("user", "p@ss"));
    let mut charge_point = ChargePoint::online(&central, &[]);
    server.put("a b/image.bin", image());
    update(&central, &server.url("user:p%40ss", "/a%20b/image.bin"), 0);
    assert_eq!(firmware(&central), WHOLE);
    let request = json!({ "location": server.url("user:p%40ss", "/logs") });
    let answer = call(&central, "GetDiagnostics", request);
    let name = answer["fileName"].as_str().unwrap().to_owned();
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let text = server.get(&format!("logs/{name}")).unwrap();
    assert!(
        String::from_utf8(text)
            .unwrap()
            .contains("BootNotification")
    );
}

#[test]
fn ftp_that_fails_ends_in_a_failure() {
    let (central, server) = (central(), FtpServer::start("user", "p@ss"));
    let mut charge_point = ChargePoint::online(&central, &[]);
    server.put("image.bin", image());
    server.put("empty", Vec::new());
    server.put("dies", vec![1; 100_000]);
    for (user, path, failure) in [
        ("user:wrong", "/image.bin", "Refused"),
        ("user:p%40ss", "/missing", "Refused"),
        ("user:p%40ss", "/empty", "Empty"),
        ("user:p%40ss", "/dies", "Interrupted"),
        ("user:p%40ss", "/a%0d%0aDELE%20image.bin", "NotSupported"),
    ] {
        update(&central, &server.url(user, path), 0);
        let failed = charge_point.wait("transfer", |e| e["state"] == "failed");
        assert_eq!(failed["failure"], failure, "{path}: {failed}");
        charge_point.wait("firmware", |e| e["status"] == "DownloadFailed");
    }
    let request =
        json!({ "location": server.url("user:wrong", "/logs"), "retries": 1, "retryInterval": 0 });
    call(&central, "GetDiagnostics", request);
    charge_point.wait("transfer", |e| e["attempt"] == 2);
    charge_point.wait("diagnostics", |e| e["status"] == "UploadFailed");
    assert!(server.get("image.bin").is_some());
}

#[test]
fn ftps_is_used_with_servers_that_are_trusted_and_no_others() {
    let (tls, certificate) = self_signed();
    let (central, server) = (central(), FtpServer::start_secured("user", "p@ss", tls));
    server.put("image.bin", image());
    server.put("dies", vec![1; 100_000]);
    let url = |path| server.secure_url("user:p%40ss", path);
    let failure = |charge_point: &mut ChargePoint, location: &str| {
        update(&central, location, 0);
        let failed = charge_point.wait("transfer", |e| e["state"] == "failed");
        charge_point.wait("firmware", |e| e["status"] == "DownloadFailed");
        failed["failure"].as_str().unwrap().to_owned()
    };
    let mut charge_point = ChargePoint::online(&central, &[]);
    assert_eq!(
        failure(&mut charge_point, &url("/image.bin")),
        "Interrupted"
    );
    // In the clear there is nothing.
    let clear = server.url("user:p%40ss", "/image.bin");
    assert_eq!(failure(&mut charge_point, &clear), "Refused");
    assert_eq!(charge_point.end(), Some(0));

    let scratch = Scratch::new("ftps");
    std::fs::create_dir_all(scratch.path()).unwrap();
    let file = scratch.path().join("ca.pem");
    std::fs::write(&file, certificate).unwrap();
    let options = ["--trust", file.to_str().unwrap()];
    let mut charge_point = ChargePoint::online(&central, &options);
    assert_eq!(failure(&mut charge_point, &url("/missing")), "Refused");
    assert_eq!(failure(&mut charge_point, &url("/dies")), "Interrupted");
    update(&central, &url("/image.bin"), 0);
    charge_point.wait("firmware", |e| e["status"] == "Installed");
    assert!(central.wait_online(IDENTITY, SOON));
    let answer = call(
        &central,
        "GetDiagnostics",
        json!({ "location": url("/logs") }),
    );
    let name = answer["fileName"].as_str().unwrap().to_owned();
    charge_point.wait("diagnostics", |e| e["status"] == "Uploaded");
    let text = server.get(&format!("logs/{name}")).unwrap();
    assert!(
        String::from_utf8(text)
            .unwrap()
            .contains("BootNotification")
    );
}

#[test]
fn https_is_taken_from_servers_that_are_trusted_and_no_others() {
    let (central, server) = (central(), TlsServer::start(image()));
    let mut charge_point = ChargePoint::online(&central, &[]);
    update(&central, &server.url("/image"), 0);
    assert_eq!(firmware(&central), FAILED);
    let failed = charge_point.wait("transfer", |e| e["state"] == "failed");
    assert_eq!(failed["failure"], "Interrupted", "{failed}");
    assert_eq!(charge_point.end(), Some(0));

    let scratch = Scratch::new("trust");
    std::fs::create_dir_all(scratch.path()).unwrap();
    let file = scratch.path().join("ca.pem");
    std::fs::write(&file, &server.certificate).unwrap();
    let options = ["--trust", file.to_str().unwrap()];
    let mut charge_point = ChargePoint::online(&central, &options);
    update(&central, &server.url("/image"), 0);
    charge_point.wait("firmware", |e| e["status"] == "Installed");
}
