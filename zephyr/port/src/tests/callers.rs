//! Who calls: many threads, an interrupt, the engine's own thread.

use std::sync::mpsc;

use super::*;

#[test]
fn starts_and_stops_from_many_threads_do_not_meet() {
    let _turn = Turn::take();
    host::dawdle(true);
    let rounds = if cfg!(miri) { 2 } else { 200 };
    let (done, finished) = mpsc::channel();
    for number in 0..4 {
        let done = done.clone();
        thread::spawn(move || {
            let (mut started, mut stopped) = (0, 0);
            for round in 0..rounds {
                match (number + round) % 3 {
                    0 => started += usize::from(start().is_ok()),
                    1 => stopped += usize::from(charge_point::stop().is_ok()),
                    // A call meanwhile gets an answer.
                    _ => drop(charge_point::set_plugged(1, round % 2 == 0)),
                }
            }
            done.send((started, stopped)).unwrap();
        });
    }
    let (mut started, mut stopped) = (0, 0);
    for _ in 0..4 {
        let all = finished.recv_timeout(PATIENCE);
        let (starts, stops) = all.expect("a start or a stop waits for ever");
        started += starts;
        stopped += stops;
    }
    let runs = charge_point::stop().is_ok();
    assert_eq!(started, stopped + usize::from(runs));
    assert!(started > 0);
    // It is as good as new.
    start().unwrap();
    assert_eq!(start(), Err(Error::Invalid));
    assert_eq!(charge_point::stop(), Ok(()));
    assert_eq!(charge_point::stop(), Err(Error::Invalid));
}

#[test]
fn calls_from_an_interrupt_are_refused() {
    let _turn = Turn::online();
    let mut session = charge("DRIVER");
    let refused = Err(Error::WouldBlock);
    host::interrupt(|| {
        assert_eq!(start(), refused);
        assert_eq!(charge_point::stop(), refused);
        assert_eq!(Session::open().map(|_| ()), refused);
        assert_eq!(charge_point::connection(), Reach::Offline);
        assert_eq!(charge_point::set_plugged(1, true), refused);
        assert_eq!(
            charge_point::set_fault(0, None, "".try_into().unwrap()),
            refused
        );
        assert_eq!(charge_point::set_available(0, true), refused);
        assert_eq!(charge_point::set_time(0), refused);
        assert_eq!(
            charge_point::present_id_tag(1, "A".try_into().unwrap()),
            refused
        );
        let id_tag = IdToken::try_from("A").unwrap();
        assert_eq!(session.authorize(id_tag, LONG_MS).map(|_| ()), refused);
        assert_eq!(session.start_transaction(1, 0, LONG_MS), refused);
        assert_eq!(session.stop_transaction(0, LONG_MS), refused);
    });
    assert_eq!(session.stop_transaction(9, LONG_MS), Ok(()));
}

#[test]
fn calls_from_where_the_engine_tells_something_do_not_wait_for_themselves() {
    let _turn = Turn::online();
    fn meanwhile() {
        let deadlock = Err(Error::WaitsForItself);
        assert_eq!(charge_point::set_plugged(1, false), deadlock);
        assert_eq!(charge_point::stop(), deadlock);
        let mut session = Session::open().unwrap();
        let id_tag = IdToken::try_from("A").unwrap();
        assert_eq!(session.authorize(id_tag, LONG_MS).map(|_| ()), deadlock);
        // It is closed when it goes out of scope, though that cannot be waited for here.
        drop(session);
        APP.note("did not wait".into());
    }
    *APP.meanwhile.lock().unwrap() = Some(meanwhile);
    charge_point::set_plugged(2, true).unwrap();
    assert!(APP.hears("did not wait", PATIENCE));
    *APP.meanwhile.lock().unwrap() = None;
    // All of them can be opened.
    let closed = || {
        let sessions: Vec<_> = (0..crate::limits::SESSIONS)
            .map(|_| Session::open())
            .collect();
        sessions.iter().all(Result::is_ok)
    };
    assert!(wait_until(closed, PATIENCE));
}
