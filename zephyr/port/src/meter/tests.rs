use super::*;

const VOLTAGE: c_int = Omm::OCPP_OMM_VOLTAGE_AC_RMS as c_int;

fn undeclared() -> Meters {
    let mut meters = Meters::new();
    meters.begin();
    meters
}

/// What an application in C answers with that text, or with an error.
fn answered(measured: Measured, said: Option<&str>) -> Option<i32> {
    asked(measured, |_, text| {
        crate::text::fill(text, said.unwrap_or("1"));
        said.is_some()
    })
}

#[test]
fn only_what_is_wanted_is_asked_for_the_register_first() {
    let meters = undeclared();
    let wanted = [Measurand::SoC, Measurand::EnergyActiveImportRegister];
    let wanted = meters.those(|measured| wanted.contains(&measured.measurand));
    let mut asked = std::vec::Vec::new();
    meters.read(wanted, |measured| {
        asked.push(measured.measurand);
        None
    });
    assert_eq!(
        asked,
        [Measurand::EnergyActiveImportRegister, Measurand::SoC]
    );
    assert!(meters.read(Selection::NONE, |_| unreachable!()).is_empty());
}

#[test]
fn without_a_declaration_every_measurand_is_asked_for_once_and_scaled() {
    let meters = undeclared();
    assert_eq!(meters.declared(), None);
    let mut asked_for = std::vec::Vec::new();
    let mut value_of = |measured: Measured| {
        asked(measured, |api, text| {
            asked_for.push(api as usize);
            let said = match api {
                Omm::OCPP_OMM_VOLTAGE_AC_RMS => "229.95",
                Omm::OCPP_OMM_ACTIVE_ENERGY_TO_EV => "1234",
                Omm::OCPP_OMM_FAN_SPEED => "fast",
                _ => return false,
            };
            crate::text::fill(text, said);
            true
        })
    };
    let mut tried = Selection::NONE;
    for place in 0..meters.count() {
        if value_of(meters.at(place).unwrap()).is_some() {
            tried.add(place);
        }
    }
    let measured: std::vec::Vec<_> = meters.selected(tried).collect();
    let (register, voltage) = (
        Measured::of(Measurand::EnergyActiveImportRegister),
        Measured::of(Measurand::Voltage),
    );
    assert_eq!(measured, [register, voltage]);
    let readings = meters.read(tried, &mut value_of);
    assert!(has_register(&readings));
    let expected = [
        Reading::energy(1234),
        Reading::of(Measurand::Voltage, 229_950),
    ];
    assert_eq!(readings[..], expected);

    asked_for.truncate(Omm::OCPP_OMM_END as usize);
    asked_for.sort_unstable();
    let all: std::vec::Vec<_> = (0..Omm::OCPP_OMM_END as usize).collect();
    assert_eq!(asked_for, all);
}

#[test]
fn every_phase_can_be_declared_and_is_asked_for_by_its_name() {
    unsafe extern "C" fn read(
        connector: c_int,
        mes: Omm,
        phase: ocpp_phase,
        val: *mut c_char,
        size: usize,
        user_data: *mut c_void,
    ) -> c_int {
        assert_eq!((connector, mes as c_int, size), (3, VOLTAGE, CISTR50));
        assert_eq!(user_data.addr(), 77);
        if phase == ocpp_phase::OCPP_PHASE_N {
            return -1;
        }
        // SAFETY: the caller gives room for a value.
        let text = unsafe { core::slice::from_raw_parts_mut(val, size) };
        let digit = [b'2', b'0' + (phase as u8) % 10];
        crate::text::fill(text, core::str::from_utf8(&digit).unwrap());
        0
    }

    let declared: std::vec::Vec<_> = (0..PHASES.len() as c_int)
        .map(|phase| ocpp_measured {
            mes: VOLTAGE,
            phase,
        })
        .collect();
    let mut meters = Meters::new();
    let user_data = core::ptr::without_provenance_mut(77);
    meters
        .declare_read(&declared, Some(read), user_data)
        .unwrap();
    meters.begin();
    let (register, phases) = meters.declared().unwrap().split_first().unwrap();
    assert_eq!(register.measurand, Measurand::EnergyActiveImportRegister);
    assert_eq!(phases.len(), 1 + Phase::ALL.len());
    let reader = meters.reader().unwrap();
    for (&measured, at) in phases.iter().zip(0..) {
        let phase = measured.phase;
        let value = asked(measured, |api, text| reader.read(3, api, phase, text));
        let expected = (phase != Some(Phase::N)).then_some((20 + at % 10) * 1000);
        assert_eq!(value, expected, "{phase:?}");
    }
}

#[test]
fn what_cannot_be_read_cannot_be_declared() {
    let measured = |mes, phase| ocpp_measured { mes, phase };
    let mut meters = Meters::new();
    let mut declare = |measured: &[_]| {
        let declared = meters.declare_read(measured, None, core::ptr::null_mut());
        (declared, meters.declared().map(<[_]>::len))
    };
    // The register always belongs to it.
    assert_eq!(declare(&[measured(VOLTAGE, 0)]), (Ok(()), Some(2)));
    assert_eq!(declare(&[measured(VOLTAGE, 0); 100]), (Ok(()), Some(2)));
    for bad in [
        measured(VOLTAGE, 1),
        measured(VOLTAGE, 11),
        measured(VOLTAGE, -1),
        measured(Omm::OCPP_OMM_END as c_int, 0),
        measured(-1, 0),
    ] {
        assert_eq!(declare(&[bad]), (Err(Error::Invalid), None));
    }
    assert_eq!(declare(&[]), (Ok(()), None));
}

#[test]
fn there_is_room_for_64() {
    let of_each = |&phase| Measured::on(Measurand::Voltage, phase);
    let on_each = |&phase| Measured::on(Measurand::CurrentImport, phase);
    let all = Measurand::ALL
        .iter()
        .map(|&measurand| Measured::of(measurand));
    let all = all.chain(Phase::ALL.iter().map(of_each));
    let all = all.chain(Phase::ALL.iter().map(on_each));
    let all: std::vec::Vec<_> = all
        .chain(
            Phase::ALL
                .iter()
                .map(|&phase| Measured::on(Measurand::SoC, phase)),
        )
        .chain(
            Phase::ALL
                .iter()
                .map(|&phase| Measured::on(Measurand::Rpm, phase)),
        )
        .chain(
            Phase::ALL
                .iter()
                .map(|&phase| Measured::on(Measurand::Frequency, phase)),
        )
        .collect();
    assert!(all.len() > MOST);
    let mut meters = Meters::new();
    assert_eq!(meters.declare(Some(&all[..MOST])), Ok(()));
    assert_eq!(meters.declared(), Some(&all[..MOST]));
    assert_eq!(meters.declare(Some(&all)), Err(Error::NoRoom));
    assert_eq!(meters.declared(), None);
}

#[test]
fn what_is_no_number_is_no_value() {
    let voltage = Measured::of(Measurand::Voltage);
    assert_eq!(answered(voltage, Some("230.1")), Some(230_100));
    assert_eq!(answered(voltage, Some("")), None);
    assert_eq!(answered(voltage, Some("n/a")), None);
    assert_eq!(answered(voltage, None), None);
    let interval = Measured::of(Measurand::EnergyActiveImportInterval);
    assert_eq!(answered(interval, Some("1")), None);
}
