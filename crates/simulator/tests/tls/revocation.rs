//! Certificates that are in a revocation list (`--crl`).

use central_system::{Behaviour, CentralSystem};
use rustls::pki_types::{CertificateRevocationListDer, pem::PemObject};
use serde_json::{Value, json};

use super::{CERTIFICATE, World, assert_refused, start};
use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON},
    server::{
        front::Front,
        pki::{Authority, Validity, file},
    },
};

/// `--crl` with a file of this content.
fn crl(world: &World, name: &str, content: &str) -> Vec<String> {
    let path = file(world.scratch.path(), name, content);
    vec!["--crl".to_owned(), path.to_str().unwrap().to_owned()]
}

#[test]
fn a_certificate_that_was_revoked_is_refused_and_others_are_not() {
    let world = World::new("revoked");
    let (revoked, good) = (world.good(), world.good());
    let between = world.authority.signs_authority("Between");
    let below = || {
        let shown = between.signs(&["localhost"], Validity::Now);
        shown.followed_by(&between)
    };
    let list = |pem: &str, made| world.authority.revokes(&[pem], made);
    let lists = [
        crl(&world, "one.pem", &list(&revoked.pem, 2101)),
        // Beyond its nextUpdate.
        crl(&world, "old.pem", &list(&revoked.pem, 2020)),
        // Of two the later one counts, in whichever order they are given.
        crl(
            &world,
            "two.pem",
            &(world.authority.revokes(&[], 2020) + &list(&revoked.pem, 2021)),
        ),
        [
            crl(&world, "late.pem", &list(&revoked.pem, 2021)),
            crl(&world, "early.pem", &world.authority.revokes(&[], 2020)),
        ]
        .concat(),
    ];
    for (shown, is_revoked) in [(&revoked, true), (&good, false), (&below(), false)] {
        let front = Front::start(&world.central, shown.server());
        for lists in &lists {
            if is_revoked {
                let error = world.refused_by(&front.url("wss"), lists);
                assert_refused(&error, CERTIFICATE, "it was revoked");
            } else {
                let options = [world.trusting(), lists.clone()].concat();
                let mut charge_point = start(&front.url("wss"), &options);
                charge_point.wait("connected", |_| true);
            }
        }
    }
}

#[test]
fn a_chain_is_refused_where_an_authority_in_it_was_revoked() {
    let world = World::new("revoked-between");
    let between = world.authority.signs_authority("Between");
    let shown = between.signs(&["localhost"], Validity::Now);
    let front = Front::start(&world.central, shown.followed_by(&between).server());
    let list = world.authority.revokes(&[&between.pem()], 2026);
    let error = world.refused_by(&front.url("wss"), &crl(&world, "list.pem", &list));
    assert_refused(&error, CERTIFICATE, "it was revoked");
}

#[test]
fn a_revocation_list_of_another_authority_changes_nothing_and_a_forged_one_refuses() {
    let world = World::new("revoked-elsewhere");
    let shown = world.good();
    let front = Front::start(&world.central, shown.server());
    let other = Authority::new("Other Root").revokes(&[&shown.pem], 2026);
    let options = [world.trusting(), crl(&world, "other.pem", &other)].concat();
    start(&front.url("wss"), &options).wait("connected", |_| true);
    // One that only bears the name of the root.
    let forged = Authority::new("Test Root").revokes(&[], 2026);
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let front = Front::start(&central, shown.server());
    let options = [world.trusting(), crl(&world, "forged.pem", &forged)].concat();
    let error = start(&front.url("wss"), &options).wait("error", |_| true);
    assert_refused(&error, CERTIFICATE, "revocation list of its authority");
    assert_eq!(central.station(IDENTITY).calls("BootNotification"), 0);
}

fn connects_anew_and_sees_it_revoked(charge_point: &mut ChargePoint) {
    charge_point.connect_anew();
    let error = charge_point.wait("error", |e| e["securityEvent"] != Value::Null);
    assert_refused(&error, CERTIFICATE, "it was revoked");
}

#[test]
fn a_revocation_list_that_is_replaced_counts_from_the_next_connection_on() {
    let world = World::new("revoked-later");
    let shown = world.good();
    let front = Front::start(&world.central, shown.server());
    // The first in DER.
    let first = world.authority.revokes(&[], 2026);
    let first = CertificateRevocationListDer::from_pem_slice(first.as_bytes()).unwrap();
    let options = [world.trusting(), crl(&world, "list.crl", "")].concat();
    let path = world.scratch.path().join("list.crl");
    std::fs::write(&path, &first).unwrap();
    let mut charge_point = start(&front.url("wss"), &options);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    std::fs::write(&path, world.authority.revokes(&[&shown.pem], 2026)).unwrap();
    connects_anew_and_sees_it_revoked(&mut charge_point);
    // What cannot be used meanwhile lets no connection pass.
    std::fs::write(&path, "").unwrap();
    charge_point.command("connect");
    charge_point.wait("error", |e| {
        let message = e["message"].as_str().unwrap();
        message.contains("there is no revocation list in it")
    });
    std::fs::write(&path, &first).unwrap();
    charge_point.command("connect");
    charge_point.wait("connected", |_| true);
}

#[test]
fn a_revocation_list_counts_for_roots_that_the_central_system_has_installed() {
    let world = World::new("revoked-installed");
    let other = Authority::new("Other Root");
    let [revoked, good] = [0, 1].map(|_| other.signs(&["localhost"], Validity::Now));
    let front = Front::start(&world.central, world.good().server());
    let list = other.revokes(&[&revoked.pem], 2026);
    let options = [world.trusting(), crl(&world, "list.pem", &list)].concat();
    let mut charge_point = start(&front.url("wss"), &options);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    let request = json!({
        "certificateType": "CentralSystemRootCertificate",
        "certificate": other.pem(),
    });
    let answer = world
        .central
        .call(IDENTITY, "InstallCertificate", request, SOON);
    assert_eq!(answer.unwrap()["status"], "Accepted");
    front.shows(revoked.server());
    connects_anew_and_sees_it_revoked(&mut charge_point);
    front.shows(good.server());
    charge_point.command("connect");
    charge_point.wait("connected", |_| true);
}
