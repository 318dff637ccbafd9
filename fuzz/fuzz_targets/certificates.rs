//! Any bytes as what a central system sends for a certificate or a chain, in PEM or DER, to what the simulator
//! does with InstallCertificate, CertificateSigned and SignedUpdateFirmware.
#![no_main]

#[path = "../../crates/simulator/src/certificates.rs"]
mod certificates;
#[path = "../../crates/simulator/src/tls/issued.rs"]
mod issued;

use certificates::Hash;
use data_encoding::BASE64;
use issued::Issued;
use libfuzzer_sys::fuzz_target;
use rustls::RootCertStore;

const ROOTS: [&str; 3] = [
    include_str!("../seeds/certificates/ec.pem"),
    include_str!("../seeds/certificates/rsa.pem"),
    include_str!("../seeds/certificates/p384.pem"),
];
const CHAIN: &str = include_str!("../seeds/certificates/chain.pem");
/// That of the chain.
const KEY: &str = include_str!("../seeds/key.pem");
/// While the seeds are valid.
const NOW: i64 = 1_830_000_000;

/// What arrives: PEM as it is, DER (whose first byte says that it is a sequence) as PEM.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0x30, ..] => format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64.encode(bytes)
        ),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The station takes no other.
fn check(hash: Option<Hash>) {
    let Some(hash) = hash else {
        return;
    };
    for (text, most) in [
        (hash.issuer_name, 128),
        (hash.issuer_key, 128),
        (hash.serial_number, 40),
    ] {
        assert!((1..=most).contains(&text.len()), "{text}");
        assert!(
            text.bytes().all(|digit| digit.is_ascii_hexdigit()),
            "{text}"
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let pem = text(bytes);
    let mut roots = ROOTS.map(str::to_owned).to_vec();
    check(certificates::root(&pem, NOW));
    check(certificates::next_root(&pem, &roots, NOW));
    check(certificates::issued(&pem, &roots, NOW));
    certificates::public_key(&pem);
    certificates::has_signed(&pem, "MEUCIQ==", b"an image");
    let chain = format!("{pem}{}", ROOTS[0]);
    certificates::is_signed_by_one_of(&chain, &roots, NOW);
    roots.push(pem.clone());
    certificates::is_signed_by_one_of(CHAIN, &roots, NOW);

    issued::trust(&mut RootCertStore::empty(), &pem);
    let key = KEY.to_owned();
    let _ = Issued { chain: pem, key }.certified_key();
});
