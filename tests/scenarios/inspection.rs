//! What a console at the charge point shows and does.

use ocpp::{
    domain::{ChargePointError, ConfigurationStatus, RegistrationStatus, Status},
    limits::JOURNAL_SLOTS,
    station::{Event, Key, Mutability, Queue, QueuedKind},
    storage::StorageError,
};

use crate::support::{Bench, MINUTE, Reply, SECOND, Setup};

const NO_ERROR: ChargePointError = ChargePointError::NoError;

#[test]
fn the_condition_of_a_connector_is_what_it_reports() {
    let mut bench = Bench::new();
    let seen = |bench: &Bench, connector| bench.station().condition(connector);
    assert_eq!(seen(&bench, 0), Some((Status::Available, NO_ERROR)));
    assert_eq!(seen(&bench, 2), Some((Status::Available, NO_ERROR)));
    assert_eq!(seen(&bench, 3), None);
    assert_eq!(seen(&bench, u8::MAX), None);

    bench.plug(1);
    assert_eq!(seen(&bench, 1), Some((Status::Preparing, NO_ERROR)));
    bench.tag(1, "TAG");
    assert_eq!(seen(&bench, 1), Some((Status::Charging, NO_ERROR)));

    bench.fault(2, ChargePointError::GroundFailure, "water");
    let faulted = (Status::Faulted, ChargePointError::GroundFailure);
    assert_eq!(seen(&bench, 2), Some(faulted));
    assert_eq!(bench.station().fault_info(2), "water");
    bench.clear_fault(2);
    assert_eq!(seen(&bench, 2), Some((Status::Available, NO_ERROR)));
    assert_eq!(bench.station().fault_info(2), "");
    assert_eq!(bench.station().fault_info(9), "");

    // What all share holds the energy back.
    bench.fault(0, ChargePointError::PowerMeterFailure, "");
    assert_eq!(seen(&bench, 1), Some((Status::SuspendedEvse, NO_ERROR)));
    for connector in 0..=2 {
        let condition = seen(&bench, connector).map(|(status, _)| status);
        assert_eq!(condition, bench.status(connector), "{connector}");
    }
}

#[test]
fn the_register_is_what_the_meter_said_last() {
    let mut bench = Bench::new();
    assert_eq!(bench.station().register(1), None);
    bench.set_register(1, 1_234);
    bench.charge(1, "TAG");
    assert_eq!(bench.station().register(1), Some(1_234));
    assert_eq!(bench.station().register(2), None);
    assert_eq!(bench.station().register(9), None);
}

#[test]
fn the_queue_grows_while_offline_and_is_empty_afterwards() {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    let empty = Queue {
        messages: 0,
        free: JOURNAL_SLOTS,
        attempts: 0,
        retry_at: None,
    };
    assert_eq!(bench.station().queue(), empty);

    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.tag(1, "TAG");
    let waiting = Queue {
        messages: 2,
        free: JOURNAL_SLOTS - 2,
        ..empty
    };
    assert_eq!(bench.station().queue(), waiting);
    let start = bench.station().queued_after(0).unwrap();
    assert_eq!((start.kind, start.connector), (QueuedKind::Start, 1));
    assert_eq!(start.transaction, start.sequence);
    let stop = bench.station().queued_after(start.sequence).unwrap();
    assert_eq!(stop.kind, QueuedKind::Stop);
    assert_eq!(stop.transaction, start.sequence);
    assert_eq!(bench.station().queued_after(stop.sequence), None);

    bench.reconnect();
    assert_eq!(bench.station().queue(), empty);
}

#[test]
fn the_queue_tells_when_a_message_that_failed_is_sent_again() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "3");
    bench.set("TransactionMessageRetryInterval", "20");
    bench.reply_always("StartTransaction", Reply::Error("InternalError"));
    bench.charge_quietly(1, "TAG");
    let failed_at = bench.now();
    let queue = bench.station().queue();
    assert_eq!((queue.messages, queue.attempts), (1, 1));
    assert_eq!(queue.retry_at, Some(failed_at + 20 * SECOND));

    bench.advance(20 * SECOND);
    let queue = bench.station().queue();
    assert_eq!(queue.attempts, 2);
    assert_eq!(queue.retry_at, Some(failed_at + (20 + 40) * SECOND));

    // Without a connection it waits for that.
    bench.disconnect();
    assert_eq!(bench.station().queue().retry_at, None);
    assert_eq!(bench.station().queue().attempts, 2);

    bench.reply_normally("StartTransaction");
    bench.reconnect();
    let queue = bench.station().queue();
    assert_eq!((queue.attempts, queue.retry_at), (0, None));
}

#[test]
fn boots_are_counted_and_their_answers_known() {
    let mut bench = Bench::cold(Setup::default());
    bench.register_with("Pending", 60);
    assert_eq!(bench.station().registration(), None);
    bench.advance(SECOND);
    let pending = Some(RegistrationStatus::Pending);
    assert_eq!(bench.station().registration(), pending);
    bench.register_with("Accepted", 300);
    bench.advance(MINUTE);
    let accepted = Some(RegistrationStatus::Accepted);
    assert_eq!(bench.station().registration(), accepted);

    let boot = bench.station().boot();
    bench.disconnect();
    bench.power_loss();
    assert_eq!(bench.station().boot(), boot + 1);
    assert_eq!(bench.station().registration(), None);
}

#[test]
fn an_attempt_to_connect_that_is_awaited_can_be_made_at_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.station().next_attempt(), None);
    assert!(!bench.connect_now(), "it is connected");
    assert!(bench.is_connected());

    bench.disconnect();
    bench.advance(10 * MINUTE);
    let next = bench.station().next_attempt();
    assert!(
        next.is_some_and(|at| at > bench.now() + 10 * SECOND),
        "{next:?}"
    );
    bench.attempts.clear();
    assert!(bench.connect_now());
    assert_eq!(bench.attempts, [bench.now()]);
    // It failed, as if it were the first.
    let next = bench.station().next_attempt();
    assert!(
        next.is_some_and(|at| at <= bench.now() + 2 * SECOND),
        "{next:?}"
    );

    bench.allow_connections();
    assert!(bench.connect_now());
    assert!(bench.is_online());
    assert_eq!(bench.station().next_attempt(), None);
}

#[test]
fn a_connection_that_is_given_up_on_purpose_loses_nothing() {
    let mut bench = Bench::new();
    bench.reply_once("StartTransaction", Reply::Never);
    bench.charge_quietly(1, "TAG");
    let start = bench.find_sent("StartTransaction");
    bench.cut();
    assert!(bench.connect_now());
    assert!(bench.is_online());
    let again = bench.find_sent("StartTransaction");
    assert_eq!((again.id, again.payload), (start.id, start.payload));
    assert!(bench.is_charging(1));
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_key_is_given_a_value_as_the_central_system_does() {
    let mut bench = Bench::new();
    let accepted = ConfigurationStatus::Accepted;
    assert_eq!(
        bench.configure(Key::MeterValueSampleInterval, "10"),
        accepted
    );
    assert!(bench.saw(&Event::ConfigurationChanged(Key::MeterValueSampleInterval)));
    assert_eq!(bench.get("MeterValueSampleInterval"), "10");
    bench.charge(1, "TAG");
    assert_eq!(
        bench.configure(Key::MeterValueSampleInterval, "20"),
        accepted
    );
    bench.advance(MINUTE);
    assert_eq!(bench.all_calls("MeterValues").len(), 3);

    bench.power_loss();
    bench.advance(SECOND);
    assert_eq!(bench.get("MeterValueSampleInterval"), "20");
}

#[test]
fn what_is_no_value_of_a_key_is_rejected() {
    let mutability = [
        (Key::NumberOfConnectors, Mutability::ReadOnly),
        (Key::HeartbeatInterval, Mutability::ReadWrite),
        (Key::AuthorizationKey, Mutability::WriteOnly),
    ];
    for (key, expected) in mutability {
        assert_eq!(key.mutability(), expected, "{}", key.name());
    }
    let mut bench = Bench::new();
    let rejected = ConfigurationStatus::Rejected;
    for (key, value) in [
        (Key::LightIntensity, "101"),
        (Key::LightIntensity, "\"50"),
        (Key::LocalPreAuthorize, "maybe"),
        (Key::MeterValuesSampledData, "Nonsense"),
        (Key::NumberOfConnectors, "2"),
        (Key::GetConfigurationMaxKeys, "64"),
    ] {
        let before = bench.configuration();
        assert_eq!(bench.configure(key, value), rejected, "{key:?} = {value}");
        assert_eq!(bench.configuration(), before);
    }
    bench.disk.fail(true);
    assert_eq!(bench.configure(Key::LightIntensity, "42"), rejected);
    assert_eq!(bench.get("LightIntensity"), "100");
    assert!(bench.saw(&Event::StorageFailed(StorageError::Failed)));
}

#[test]
fn keys_are_found_by_name_without_case() {
    assert_eq!(Key::NAMES.len(), Key::ALL.len());
    for (&key, &name) in Key::ALL.iter().zip(Key::NAMES) {
        assert_eq!(key.name(), name);
        assert_eq!(Key::from_name(&name.to_lowercase()), Some(key));
    }
    assert_eq!(Key::from_name(""), None);
    assert_eq!(Key::from_name("HeartbeatInterva"), None);
}
