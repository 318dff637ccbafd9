//! What the shell prints of the feature profiles: a line for each answer.

#[cfg(feature = "smart-charging")]
use ocpp::domain::ChargingProfilePurpose;
#[cfg(feature = "local-list")]
use ocpp::limits::LOCAL_LIST_ENTRIES;
#[cfg(feature = "smart-charging")]
use ocpp::wire::number::Digits;

#[cfg(any(feature = "local-list", feature = "smart-charging"))]
use super::begin;
#[cfg(any(feature = "local-list", feature = "reservation", feature = "security"))]
use super::push_time;
use super::{Engine, Piece, Text, put};

#[cfg(feature = "local-list")]
impl Engine {
    #[inline(never)]
    pub(super) fn describe_list(&self, text: &mut Text) {
        let list = self.station.local_list();
        begin(text, "version");
        match list.version {
            -1 => text.push("-1, switched off by LocalAuthListEnabled"),
            version => say!(text, version),
        }
        text.push("\n");
        begin(text, "entries");
        say!(
            text,
            list.entries as i64,
            " of ",
            LOCAL_LIST_ENTRIES as i64,
            "\n"
        );
    }

    #[inline(never)]
    pub(super) fn describe_listed(&mut self, text: &mut Text, place: usize) {
        let listed = match self.station.listed(place) {
            Ok(Some(listed)) => listed,
            Ok(None) => return,
            Err(_) => return text.push("an entry that cannot be read\n"),
        };
        text.push_foreign(&listed.id_tag);
        say!(text, ", ", listed.status.as_str());
        if let Some(parent) = &listed.parent {
            text.push(", of the group ");
            text.push_foreign(parent);
        }
        if let Some(expires) = listed.expires {
            text.push(", until ");
            push_time(text, expires);
        }
        text.push("\n");
    }
}

#[cfg(feature = "security")]
impl Engine {
    /// Its place, use and end, then what names it as GetInstalledCertificateIds does.
    #[inline(never)]
    pub(super) fn describe_certificate(&mut self, text: &mut Text, place: u8) {
        let Some(id) = self.station.installed_certificate_id(place) else {
            return;
        };
        say!(text, place);
        text.pad_to(4);
        text.push(id.used.as_str());
        match self.certificate_end(place) {
            Some(end) => {
                text.push(", until ");
                push_time(text, end * 1000);
            }
            None => text.push(", its end cannot be read now"),
        }
        if !self.station.counts_certificate(place) {
            text.push(", not used now");
        }
        text.push("\n");
        let algorithm = id.algorithm.as_str();
        say!(text, "    ", algorithm, " of the issuer's name ");
        say!(text, id.issuer_name.as_str(), "\n");
        say!(text, "    ", algorithm, " of the issuer's key  ");
        say!(text, id.issuer_key.as_str(), "\n");
        say!(text, "    serial number ", id.serial_number.as_str(), "\n");
    }
}

#[cfg(feature = "reservation")]
impl Engine {
    #[inline(never)]
    pub(super) fn describe_reservation(&self, text: &mut Text, connector: u8) {
        let Some(reserved) = self.station.reservation(connector) else {
            return;
        };
        say!(text, connector);
        text.pad_to(4);
        say!(text, "reservation ", reserved.id, ", ");
        text.push_foreign(reserved.id_tag);
        if let Some(parent) = reserved.parent {
            text.push(" and the group ");
            text.push_foreign(parent);
        }
        text.push(", until ");
        push_time(text, reserved.expires);
        text.push("\n");
    }
}

#[cfg(feature = "smart-charging")]
impl Engine {
    #[inline(never)]
    pub(super) fn describe_profile(&self, text: &mut Text, place: usize) {
        let Some(profile) = self.station.charging_profiles().nth(place) else {
            return;
        };
        begin(text, "profile");
        // As OCPP 1.6 calls them: no other version has them here.
        let purpose = match profile.purpose {
            ChargingProfilePurpose::StationMax => "ChargePointMaxProfile",
            ChargingProfilePurpose::TxDefault => "TxDefaultProfile",
            ChargingProfilePurpose::Tx => "TxProfile",
        };
        say!(
            text,
            profile.id,
            ", ",
            purpose,
            ", connector ",
            profile.connector
        );
        say!(text, ", stack level ", profile.stack_level, "\n");
    }

    #[inline(never)]
    pub(super) fn describe_limit(&self, text: &mut Text, connector: u8) {
        match connector {
            0 => begin(text, "together"),
            connector => {
                let from = text.len();
                say!(text, "connector ", connector);
                text.pad_to(from + super::COLUMN);
            }
        }
        match self.station.charging_limit(connector) {
            Some(limit) => {
                text.push(Digits::decimal(limit.deciamperes.into(), 1).as_str());
                say!(text, " A, ", limit.watts, " W, ", limit.phases);
                text.push(match limit.phases {
                    1 => " phase\n",
                    _ => " phases\n",
                });
            }
            None => text.push("no limit\n"),
        }
    }
}
