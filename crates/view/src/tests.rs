extern crate std;

use ocpp::domain::Reason;
use std::string::ToString;

use super::*;

fn status(connector: u8, status: Status) -> Event {
    Event::Status {
        connector,
        status,
        error: ChargePointError::NoError,
    }
}

fn fault(connector: u8) -> Event {
    Event::Status {
        connector,
        status: Status::Faulted,
        error: ChargePointError::GroundFailure,
    }
}

fn transaction(connector: u8, state: TransactionState) -> Event {
    Event::Transaction {
        connector,
        state,
        transaction_id: None,
        id_tag: Some(tag()),
        reason: (state == TransactionState::Stopped).then_some(Reason::Local),
    }
}

fn tag() -> IdToken {
    IdToken::try_from("ZepId00").unwrap()
}

fn states(view: &View) -> std::vec::Vec<&'static str> {
    let connectors = view.connectors().iter();
    connectors
        .map(|connector| view.state(connector).text())
        .collect()
}

#[test]
fn a_session_from_the_id_tag_to_the_end() {
    let mut view = View::new(2);
    assert_eq!(states(&view), ["Idle", "Idle"]);
    view.metered(1, 500, 0);
    view.authorizing(1, &tag());
    assert_eq!(states(&view), ["Authorizing", "Idle"]);
    assert_eq!(view.connectors()[0].id_tag(), "ZepId00");

    view.happened(1_000, &transaction(1, TransactionState::Started));
    view.happened(1_000, &status(1, Status::Charging));
    view.metered(1, 1_734, 11_040);
    let connector = &view.connectors()[0];
    assert_eq!(states(&view), ["Charging", "Idle"]);
    assert_eq!(connector.energy().to_string(), "1234 Wh");
    assert_eq!(connector.power().unwrap().to_string(), "11.0 kW");
    assert_eq!(connector.elapsed(313_999).unwrap().to_string(), "0:05:12");

    view.happened(400_000, &transaction(1, TransactionState::Stopped));
    view.happened(400_000, &status(1, Status::Available));
    view.metered(1, 1_800, 0);
    let connector = &view.connectors()[0];
    assert_eq!(states(&view), ["Idle", "Idle"]);
    assert_eq!(connector.id_tag(), "");
    // What the last driver took can still be read.
    assert_eq!(connector.energy(), Energy(1_234));
    assert_eq!(connector.power(), None);
    assert_eq!(connector.elapsed(900_000), Some(Elapsed(399)));
}

#[test]
fn a_refused_driver_leaves_nothing_behind() {
    let mut view = View::new(1);
    let fresh = view.clone();
    view.authorizing(1, &tag());
    view.happened(
        0,
        &Event::Authorization {
            connector: 1,
            id_tag: tag(),
            status: AuthorizationStatus::Blocked,
        },
    );
    assert_eq!(view, fresh);
}

#[test]
fn another_id_tag_does_not_hide_who_charges() {
    let mut view = View::new(1);
    view.happened(0, &transaction(1, TransactionState::Started));
    view.happened(0, &status(1, Status::Charging));
    let charging = view.clone();
    view.authorizing(1, &IdToken::try_from("other").unwrap());
    view.left(1);
    assert_eq!(view, charging);
}

#[test]
fn a_fault_of_the_charge_point_is_one_of_each_connector() {
    let mut view = View::new(2);
    view.happened(0, &fault(2));
    assert_eq!(states(&view), ["Idle", "Error"]);
    assert_eq!(view.error(&view.connectors()[0]), None);
    view.happened(0, &status(2, Status::Available));
    view.happened(0, &fault(0));
    assert_eq!(states(&view), ["Error", "Error"]);
    let error = view.error(&view.connectors()[0]);
    assert_eq!(error, Some(ChargePointError::GroundFailure));
    view.happened(0, &status(0, Status::Unavailable));
    assert_eq!(states(&view), ["Unavailable", "Unavailable"]);
}

#[test]
fn steps_go_with_the_elapsed_time() {
    let mut view = View::new(1);
    let step = |view: &View, now| view.step(&view.connectors()[0], now);
    assert_eq!(step(&view, 70), None);
    view.authorizing(1, &tag());
    assert_eq!(step(&view, 0), Some(0));
    assert_eq!(step(&view, STEP_MS * STEPS + 70), Some(1));

    view.happened(1_030, &transaction(1, TransactionState::Started));
    view.happened(1_030, &status(1, Status::Charging));
    assert_eq!(step(&view, 1_030), Some(0));
    assert_eq!(step(&view, 1_129), Some(1));
    assert_eq!(step(&view, 1_130), Some(2));
    view.happened(2_000, &status(1, Status::SuspendedEv));
    assert_eq!(step(&view, 2_000), None);
}

#[test]
fn the_next_second_is_that_of_the_elapsed_time() {
    let mut view = View::new(1);
    let next = |view: &View, now| view.connectors()[0].next_second(now);
    assert_eq!(next(&view, 0), 1_000);
    assert_eq!(next(&view, 1_999), 2_000);
    view.happened(2_300, &transaction(1, TransactionState::Started));
    for (now, then) in [(2_300, 3_300), (3_299, 3_300), (3_300, 4_300)] {
        assert_eq!(next(&view, now), then);
        let connector = &view.connectors()[0];
        assert_ne!(connector.elapsed(then - 1), connector.elapsed(then));
    }
    view.happened(5_000, &transaction(1, TransactionState::Stopped));
    assert_eq!(next(&view, 5_000), 6_000);
}

#[test]
fn more_connectors_than_fit_take_turns() {
    let numbers = |view: &View, now| {
        let page = view.page(now).iter();
        page.map(Connector::number).collect::<std::vec::Vec<_>>()
    };
    assert_eq!(numbers(&View::new(2), 0), [1, 2]);
    assert_eq!(numbers(&View::new(2), PAGE_MS), [1, 2]);
    assert_eq!(numbers(&View::new(0), PAGE_MS), []);
}

#[test]
fn figures_are_written_for_people() {
    assert_eq!(Power(999).to_string(), "999 W");
    assert_eq!(Power(1_000).to_string(), "1.0 kW");
    assert_eq!(Power(22_190).to_string(), "22.1 kW");
    assert_eq!(Elapsed(0).to_string(), "0:00:00");
    assert_eq!(Elapsed(360_000).to_string(), "100:00:00");
}

/// WCAG 2.1: the contrast of a colour to white.
fn contrast(colour: Colour) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        match value <= 0.040_45 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    let Colour { red, green, blue } = colour;
    let luminance = 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
    1.05 / (luminance + 0.05)
}

#[test]
fn every_colour_can_be_read_on_white() {
    for state in State::ALL {
        let contrast = contrast(state.colour());
        assert!(contrast >= 4.5, "{state:?} has {contrast:.1}");
    }
    for link in [Link::Offline, Link::Pending, Link::Online] {
        assert!(contrast(link.colour()) >= 4.5, "{link:?}");
    }
}

fn charging(view: &mut View) {
    view.metered(1, 500, 0);
    view.happened(1_000, &transaction(1, TransactionState::Started));
    view.happened(1_000, &status(1, Status::Charging));
}

#[test]
fn a_share_is_of_the_battery_or_of_the_goal_or_there_is_none() {
    let mut view = View::new(1);
    let share = |view: &View, now| view.share(&view.connectors()[0], now);
    view.set_goal(1, Some(Goal::Time(60)));
    assert_eq!(share(&view, 0), None);
    charging(&mut view);
    for (now, thousandths) in [
        (1_000, 0),
        (1_999, 0),
        (19_000, 300),
        (44_999, 716),
        (61_000, 1000),
        (500_000, 1000),
    ] {
        assert_eq!(share(&view, now), Some(thousandths), "{now}");
    }
    view.set_goal(1, Some(Goal::Energy(200)));
    assert_eq!(share(&view, 19_000), Some(0));
    view.metered(1, 555, 11_040);
    assert_eq!(share(&view, 19_000), Some(275));
    view.metered(1, 1_000, 11_040);
    assert_eq!(share(&view, 19_000), Some(1000));

    for (percent, thousandths) in [(0, 0), (48, 480), (100, 1000)] {
        view.set_state_of_charge(1, Some(percent));
        assert_eq!(share(&view, 19_000), Some(thousandths));
    }
    // That is none, and so the goal counts.
    view.set_state_of_charge(1, Some(101));
    assert_eq!(share(&view, 19_000), Some(1000));
    view.set_goal(1, None);
    assert_eq!(share(&view, 19_000), None);
    view.set_goal(1, Some(Goal::Time(0)));
    assert_eq!(share(&view, 19_000), None);
}

#[test]
fn a_share_stays_while_suspended_and_goes_with_the_transaction() {
    let mut view = View::new(1);
    view.set_goal(1, Some(Goal::Time(10)));
    charging(&mut view);
    view.happened(2_000, &status(1, Status::SuspendedEv));
    assert_eq!(view.share(&view.connectors()[0], 3_000), Some(200));
    view.happened(4_000, &transaction(1, TransactionState::Stopped));
    assert_eq!(view.share(&view.connectors()[0], 5_000), None);
}

#[test]
fn an_id_tag_has_no_lines() {
    let mut view = View::new(1);
    let id_tag = IdToken::try_from("A\n\u{9b}1m\u{202e}B").unwrap();
    view.authorizing(1, &id_tag);
    assert_eq!(view.connectors()[0].id_tag(), "A??1m?B");
}

#[test]
fn a_limit_is_shown_in_turns_with_the_power() {
    let mut view = View::new(1);
    let figure = |view: &View, now| {
        let figure = view.figure(&view.connectors()[0], now);
        figure.map(|figure| figure.to_string()).unwrap_or_default()
    };
    view.set_limit(1, Some(0));
    view.happened(0, &status(1, Status::Reserved));
    assert_eq!(
        (states(&view)[0], figure(&view, 0).as_str()),
        ("Reserved", "")
    );

    view.happened(0, &transaction(1, TransactionState::Started));
    view.set_limit(1, None);
    view.happened(0, &status(1, Status::Charging));
    view.metered(1, 0, 11_040);
    let turns = |view: &View| [0, FIGURE_MS].map(|now| figure(view, now));
    assert_eq!(turns(&view), ["11.0 kW", "11.0 kW"]);
    view.set_limit(1, Some(160));
    assert_eq!(turns(&view), ["11.0 kW", "max 16 A"]);
    view.set_limit(1, Some(165));
    assert_eq!(turns(&view), ["11.0 kW", "max 16.5 A"]);
    view.happened(0, &status(1, Status::SuspendedEv));
    assert_eq!(turns(&view), ["max 16.5 A", "max 16.5 A"]);
    view.set_limit(1, Some(0));
    assert_eq!(turns(&view), ["", ""], "on its way to a pause");
    view.happened(0, &status(1, Status::SuspendedEvse));
    assert_eq!(turns(&view), ["max 0 A", "max 0 A"]);
    view.happened(0, &fault(1));
    assert_eq!(turns(&view), ["", ""]);
    // There is no such connector.
    view.set_limit(2, Some(60));
}
