//! The central system of this program as the one that a scenario is played with: it obeys by itself.

use std::{sync::Arc, thread, time::Duration};

use central_system::{Answer, Behaviour, BootStatus, CentralSystem, IdTag, IdTagStatus};
use serde_json::{Value, json};

use super::{
    authority::Validity,
    operator::{Deed, Trouble},
    secured::{Certificates, Secured},
};

/// How long it waits for the answer to its CALL.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// A new one for each scenario.
pub struct BuiltIn {
    central: Arc<CentralSystem>,
    certificates: Arc<Certificates>,
    /// Where the scenario is for a security profile.
    secured: Option<Secured>,
}

impl BuiltIn {
    /// Starts it for a scenario of that security profile; gives its URL as well. The error is for the user.
    pub fn start(
        profile: Option<u32>,
        certificates: &Arc<Certificates>,
    ) -> Result<(Self, String), String> {
        let complain = |error| format!("no central system: {error}");
        let central = CentralSystem::start(Behaviour::new().all_versions());
        let central = central.map_err(complain)?;
        let secured = profile.map(|_| Secured::start(central.port(), certificates));
        let secured = secured.transpose().map_err(complain)?;
        let url = match (&secured, profile) {
            (Some(secured), Some(profile)) => secured.url(profile >= 2),
            _ => central.url(),
        };
        let built_in = Self {
            central: Arc::new(central),
            certificates: Arc::clone(certificates),
            secured,
        };
        Ok((built_in, url))
    }

    pub fn act(&self, identity: &str, deed: Deed) -> Result<(), Trouble> {
        match deed {
            Deed::Send { action, payload } => self.send(identity, action, payload),
            Deed::Sign { request } => {
                let authority = self.certificates.authority();
                let chain = authority.issues(&request, Validity::Now);
                let payload = json!({"certificateChain": chain.map_err(Trouble::Failed)?});
                self.send(identity, "CertificateSigned".to_owned(), payload)
            }
            Deed::Know { what, value } => self.know(identity, &what, &value),
            Deed::Told => Ok(()),
        }
    }

    fn send(&self, identity: &str, action: String, payload: Value) -> Result<(), Trouble> {
        let (central, identity) = (Arc::clone(&self.central), identity.to_owned());
        // What comes of it is in the frames.
        let call = move || drop(central.call(&identity, &action, payload, ANSWER_PATIENCE));
        let sending = thread::Builder::new()
            .name("central system's call".to_owned())
            .spawn(call);
        let sending = sending.map(|_| ());
        sending.map_err(|error| Trouble::Failed(error.to_string()))
    }

    fn know(&self, identity: &str, what: &str, value: &Value) -> Result<(), Trouble> {
        let known = match what {
            "idTag" => self.know_id_tag(value),
            "boot" => self.know_boot(value),
            "profile" => self.know_profile(identity, value),
            "csr" => self.know_csr(value),
            _ => self.know_password(identity, value),
        };
        known.ok_or_else(|| Trouble::Failed(format!("{what} cannot be {value}")))
    }

    fn know_id_tag(&self, value: &Value) -> Option<()> {
        let status = match text(value, "status") {
            None | Some("Accepted") => IdTagStatus::Accepted,
            Some("Blocked") => IdTagStatus::Blocked,
            Some("Expired") => IdTagStatus::Expired,
            Some("Invalid") => IdTagStatus::Invalid,
            Some("ConcurrentTx") => IdTagStatus::ConcurrentTx,
            Some(_) => return None,
        };
        let mut tag = IdTag::new(status);
        if let Some(parent) = text(value, "parentIdTag") {
            tag = tag.parent(parent);
        }
        if let Some(date) = text(value, "expiryDate") {
            tag = tag.expires(date);
        }
        let id_tag = text(value, "idTag")?;
        self.central.adjust(|behaviour| behaviour.tag(id_tag, tag));
        Some(())
    }

    fn know_boot(&self, value: &Value) -> Option<()> {
        let status = match text(value, "status") {
            None | Some("Accepted") => BootStatus::Accepted,
            Some("Pending") => BootStatus::Pending,
            Some("Rejected") => BootStatus::Rejected,
            Some(_) => return None,
        };
        let interval = value.get("interval").map_or(Some(300), Value::as_u64)?;
        let interval = u32::try_from(interval).ok()?;
        self.central
            .adjust(|behaviour| behaviour.boot(status, interval));
        Some(())
    }

    /// From profile 3 on a certificate is wanted in the place of a password.
    fn know_profile(&self, identity: &str, value: &Value) -> Option<()> {
        let profile = value.get("profile")?.as_u64()?;
        let secured = self.secured.as_ref().filter(|_| profile <= 3)?;
        secured.needs_certificates(profile == 3);
        if profile == 3 {
            self.central
                .adjust(|behaviour| behaviour.without_password(identity));
        }
        Some(())
    }

    /// How SignCertificate is answered.
    fn know_csr(&self, value: &Value) -> Option<()> {
        let status = match text(value, "status") {
            None | Some("Accepted") => "Accepted",
            Some("Rejected") => "Rejected",
            Some(_) => return None,
        };
        self.central.adjust(|behaviour| {
            behaviour.on_call(move |_, action, _| {
                let answer = || Answer::Result(json!({"status": status}));
                (action == "SignCertificate").then(answer)
            })
        });
        Some(())
    }

    fn know_password(&self, identity: &str, value: &Value) -> Option<()> {
        let password = text(value, "password")?;
        self.central
            .adjust(|behaviour| behaviour.password(identity, password));
        Some(())
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}
