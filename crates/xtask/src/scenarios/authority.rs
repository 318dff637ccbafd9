//! The certificates of the peers' central systems, made by openssl for a run.

use std::{fs, path::PathBuf};

use crate::shell::{command, run, target};

pub fn folder() -> PathBuf {
    target().join("scenarios/authority")
}

pub fn file(name: &str) -> String {
    folder().join(name).display().to_string()
}

/// An authority (`ca`), which signs the certificate of the central system (`server`), that of a charge point
/// (`client`), and that of the authority that comes after it (`next`).
pub fn make() -> Result<(), String> {
    let complain = |error| format!("{}: {error}", folder().display());
    fs::create_dir_all(folder()).map_err(complain)?;
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
    fs::write(file("server.ext"), names).map_err(complain)?;
    fs::write(file("client.ext"), "basicConstraints=CA:FALSE\n").map_err(complain)?;
    let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
    fs::write(file("next.ext"), authority).map_err(complain)?;
    let new_key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ];
    let root = ["req", "-x509", "-days", "30", "-subj", "/CN=Central system"];
    let into = ["-keyout", "ca.key", "-out", "ca.pem"];
    openssl(&[&root[..], &new_key, &into].concat())?;
    for (name, subject) in [
        ("server", "/CN=localhost"),
        ("client", "/CN=Charge point"),
        ("next", "/CN=Next root of the central system"),
    ] {
        let named = |ending: &str| format!("{name}.{ending}");
        let (key, request, pem, ext) = (named("key"), named("csr"), named("pem"), named("ext"));
        let asks = ["req", "-subj", subject];
        let into = ["-keyout", &key, "-out", &request];
        openssl(&[&asks[..], &new_key, &into].concat())?;
        let signs = ["x509", "-req", "-days", "30", "-CA", "ca.pem", "-CAkey"];
        let from = ["ca.key", "-extfile", &ext, "-in", &request, "-out", &pem];
        openssl(&[&signs[..], &from].concat())?;
    }
    Ok(())
}

fn openssl(words: &[&str]) -> Result<(), String> {
    let mut openssl = command("openssl", words);
    openssl.current_dir(folder());
    run(openssl)
}
