//! What the central system asks of a charge point's certificates: one is requested, issued and taken, and a
//! root is installed, told of and deleted (OCPP 1.6 security whitepaper, 4).

use central_system::{Answer, Behaviour, CentralSystem};
use serde_json::{Value, json};

use super::{IDENTITY, LONGEST, tls};

/// A charge point that sends a request for a certificate is promised one.
pub fn promised(behaviour: Behaviour) -> Behaviour {
    behaviour.on_call(|_, action, _| {
        let answer = || Answer::Result(json!({ "status": "Accepted" }));
        (action == "SignCertificate").then(answer)
    })
}

/// Goes through all of it.
pub fn exchange(central_system: &CentralSystem) -> Result<(), String> {
    let ask = |action: &str, payload: Value| {
        let answer = central_system.call(IDENTITY, action, payload, LONGEST);
        let answer = answer.map_err(|error| format!("{action}: {error}"))?;
        match answer.get("status").is_some_and(|it| it == "Accepted") {
            true => Ok(answer),
            false => Err(format!("{action}: {answer}")),
        }
    };
    ask(
        "ChangeConfiguration",
        json!({ "key": "CpoName", "value": "Operator" }),
    )?;
    ask(
        "ExtendedTriggerMessage",
        json!({ "requestedMessage": "SignChargePointCertificate" }),
    )?;
    let request = request(central_system)?;
    ask(
        "CertificateSigned",
        json!({ "certificateChain": tls::issued(&request)? }),
    )?;
    let kind = "ManufacturerRootCertificate";
    let root = tls::root()?;
    ask(
        "InstallCertificate",
        json!({ "certificateType": kind, "certificate": root }),
    )?;
    let installed = ask(
        "GetInstalledCertificateIds",
        json!({ "certificateType": kind }),
    )?;
    let hashes = installed.pointer("/certificateHashData/0");
    ask(
        "DeleteCertificate",
        json!({ "certificateHashData": hashes }),
    )?;
    Ok(())
}

/// The request that comes (PEM).
fn request(central_system: &CentralSystem) -> Result<String, String> {
    let requests = |books: &central_system::Books| {
        let station = books.station(IDENTITY);
        station.map(|station| station.payloads("SignCertificate"))
    };
    let came = |books: &central_system::Books| requests(books).is_some_and(|all| !all.is_empty());
    if !central_system.wait_for(LONGEST, came) {
        return Err(format!("no SignCertificate within {LONGEST:?}"));
    }
    let all = requests(&central_system.books()).unwrap_or_default();
    let request = all.last().and_then(|payload| payload.get("csr")?.as_str());
    Ok(request.ok_or("a SignCertificate without csr")?.to_owned())
}
