//! What a driver, an application and a central system can do to the station on the bench.

use ocpp::{
    domain::{ChargePointError, ConfigurationStatus, IdToken, Reason},
    station::{Input, Reading, SettingId, Suspension},
};
use serde_json::{Value, json};

use super::{
    bench::Bench,
    central_system::Reply,
    frames::Answer,
    heard,
    meter::Wiring,
    schemas::{self, Half},
};

/// An idTag, as a reader has it.
pub fn id_tag(text: &str) -> IdToken {
    IdToken::try_from(text).unwrap()
}

/// The driver and the application.
impl Bench {
    pub fn plug(&mut self, connector: u8) {
        self.do_now(Input::Plugged(connector));
    }

    pub fn unplug(&mut self, connector: u8) {
        self.do_now(Input::Unplugged(connector));
    }

    pub fn tag(&mut self, connector: u8, text: &str) {
        let id_tag = &id_tag(text);
        self.do_now(Input::Tag { connector, id_tag });
    }

    pub fn start(&mut self, connector: u8, text: &str) {
        let id_tag = &id_tag(text);
        self.do_now(Input::Start { connector, id_tag });
    }

    pub fn stop(&mut self, connector: u8, reason: Reason) {
        self.do_now(Input::Stop { connector, reason });
    }

    pub fn suspend(&mut self, connector: u8, by: Suspension) {
        let by = Some(by);
        self.do_now(Input::Suspended { connector, by });
    }

    pub fn resume(&mut self, connector: u8) {
        let by = None;
        self.do_now(Input::Suspended { connector, by });
    }

    pub fn fault(&mut self, connector: u8, error: ChargePointError, info: &str) {
        self.do_now(Input::Fault {
            connector,
            error,
            info,
            vendor_error_code: "",
        });
    }

    /// [`Bench::fault`] with a code of the vendor's.
    pub fn vendor_fault(&mut self, connector: u8, vendor_error_code: &str) {
        self.do_now(Input::Fault {
            connector,
            error: ChargePointError::OtherError,
            info: "",
            vendor_error_code,
        });
    }

    pub fn clear_fault(&mut self, connector: u8) {
        self.do_now(Input::FaultCleared(connector));
    }

    /// What the vehicle draws while it may.
    pub fn power(&mut self, connector: u8, watts: u64) {
        self.meters[usize::from(connector)].watts = watts;
    }

    /// Sets the register of a meter, in Wh.
    pub fn set_register(&mut self, connector: u8, wh: u64) {
        self.meters[usize::from(connector)].set_register(wh);
    }

    /// What the register of a meter says now, in Wh.
    pub fn register(&self, connector: u8) -> i32 {
        self.meters[usize::from(connector)].register()
    }

    pub fn wire_meter(&mut self, connector: u8, wiring: Wiring) {
        self.meters[usize::from(connector)].wiring = wiring;
    }

    /// The meter no longer answers.
    pub fn break_meter(&mut self, connector: u8) {
        self.meters[usize::from(connector)].answers = false;
    }

    /// The meter answers again.
    pub fn mend_meter(&mut self, connector: u8) {
        self.meters[usize::from(connector)].answers = true;
    }

    /// The meter tells its readings without having been asked.
    pub fn read_meter(&mut self, connector: u8) {
        let readings = self.meters[usize::from(connector)].readings();
        self.tell_meter(connector, &readings);
    }

    pub fn tell_meter(&mut self, connector: u8, readings: &[Reading]) {
        self.do_now(Input::Meter {
            connector,
            readings,
        });
    }

    /// Plugs and presents a tag: a transaction runs afterwards. What it took to get there is
    /// forgotten, so the calls a test reads are those that come later.
    pub fn charge(&mut self, connector: u8, id_tag: &str) {
        self.charge_quietly(connector, id_tag);
        self.forget();
    }

    /// [`Bench::charge`], and nothing is forgotten.
    pub fn charge_quietly(&mut self, connector: u8, id_tag: &str) {
        self.plug(connector);
        self.tag(connector, id_tag);
        assert!(
            self.station.transaction(connector).is_some(),
            "no transaction after plug and tag"
        );
    }

    pub fn do_now(&mut self, input: Input<'_>) {
        let text = format!("{input:?}");
        assert_eq!(self.input(input), Ok(()), "{text}");
    }
}

/// A console at the charge point.
impl Bench {
    /// Gives a setting a value: the status.
    pub fn configure(&mut self, setting: impl Into<SettingId>, value: &str) -> ConfigurationStatus {
        self.operate(|station, now| station.configure(now, setting, value))
    }

    /// The station takes nothing from now on that is not to the letter.
    pub fn be_strict(&mut self) {
        self.operate(|station, _| station.set_strict(true));
    }

    /// Connects at once, if an attempt is awaited.
    pub fn connect_now(&mut self) -> bool {
        self.operate(|station, now| station.connect_now(now))
    }
}

/// The central system.
impl Bench {
    /// Sends a CALL; its id.
    pub fn ask(&mut self, action: &str, payload: Value) -> String {
        let subprotocol = self.setup.version.subprotocol();
        schemas::check_in(subprotocol, action, Half::Request, &payload);
        heard::note_request(subprotocol, action, &payload);
        let id = format!(
            "cs-{}",
            self.sent.len() + self.answers.len() + self.asked.len()
        );
        self.asked.insert(id.clone(), action.to_owned());
        let frame = json!([2, id, action, payload]).to_string();
        self.frame(frame.as_bytes());
        id
    }

    /// Sends a CALL that is answered at once with a CALLRESULT.
    pub fn call(&mut self, action: &str, payload: Value) -> Value {
        let id = self.ask(action, payload);
        self.answer(&id)
    }

    /// Sends a CALL that is answered at once with a CALLERROR: its code.
    pub fn call_error(&mut self, action: &str, payload: Value) -> String {
        let id = self.ask(action, payload);
        match self.answers.remove(&id) {
            Some(Answer::Error { code, .. }) => code,
            other => panic!("{action} was not refused: {other:?}"),
        }
    }

    /// Sends what no central system should send: what the station answers to `id`.
    pub fn odd_frame(&mut self, frame: Input<'_>, id: &str) -> Vec<Answer> {
        let (Input::Frame(bytes) | Input::FrameTooLong(bytes)) = frame else {
            panic!("{frame:?} is no frame");
        };
        self.wire.odd_incoming(bytes, id);
        let _ = self.input(frame);
        self.wire.forget_asked();
        let answers = std::mem::take(&mut self.answers);
        answers.into_values().collect()
    }

    /// The CALLRESULT of a CALL that was sent before.
    pub fn answer(&mut self, id: &str) -> Value {
        match self.answers.remove(id) {
            Some(Answer::Result(payload)) => payload,
            other => panic!("{id} has no result: {other:?}"),
        }
    }

    /// The status in the CALLRESULT of a CALL, if there is one yet.
    pub fn take_status(&mut self, id: &str) -> Option<String> {
        match self.answers.remove(id)? {
            Answer::Result(payload) => payload["status"].as_str().map(str::to_owned),
            Answer::Error { .. } => None,
        }
    }

    pub fn is_answered(&self, id: &str) -> bool {
        self.answers.contains_key(id)
    }

    /// Sends a CALL whose answer holds a status only: the status.
    pub fn status_of(&mut self, action: &str, payload: Value) -> String {
        let answer = self.call(action, payload);
        answer["status"].as_str().unwrap().to_owned()
    }

    /// ChangeConfiguration: the status.
    pub fn change(&mut self, key: &str, value: &str) -> String {
        let change = json!({ "key": key, "value": value });
        self.status_of("ChangeConfiguration", change)
    }

    /// ChangeConfiguration that has to succeed.
    pub fn set(&mut self, key: &str, value: &str) {
        assert_eq!(self.change(key, value), "Accepted", "{key} = {value}");
    }

    /// GetConfiguration of one key: its value.
    pub fn get(&mut self, key: &str) -> String {
        let answer = self.call("GetConfiguration", json!({ "key": [key] }));
        let value = &answer["configurationKey"][0]["value"];
        value
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// GetConfiguration of all keys.
    pub fn configuration(&mut self) -> Value {
        self.call("GetConfiguration", json!({}))
    }

    /// How long the station waits for an answer before it may send another CALL.
    pub fn call_timeout(&mut self, ms: u64) {
        self.wire.call_timeout = Some(ms);
    }

    /// The next CALL of that action is answered with this; then as before.
    pub fn reply_once(&mut self, action: &str, reply: Reply) {
        self.central_system.reply_once(action, reply);
    }

    /// Every CALL of that action is answered with this.
    pub fn reply_always(&mut self, action: &str, reply: Reply) {
        self.central_system.reply_always(action, reply);
    }

    pub fn reply_normally(&mut self, action: &str) {
        self.central_system.reply_normally(action);
    }

    pub fn reply_normally_to_all(&mut self) {
        self.central_system.reply_normally_to_all();
    }

    /// The idTagInfo that the central system has for a tag; `Accepted` without.
    pub fn know_tag(&mut self, id_tag: &str, info: Value) {
        self.central_system.know_tag(id_tag, info);
    }

    /// Status and interval that BootNotification is answered with.
    pub fn register_with(&mut self, status: &'static str, interval: i64) {
        self.central_system.registration = (status, interval);
    }
}
