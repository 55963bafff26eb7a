//! What a call did in its last turn, in words: for an author who calls the own line and watches.
//!
//! Read from the call's log, as committed. Secrets are not in there; what identifies a person is a mask. It is *not* for
//! anybody but who makes the call: figures are shown.

use crate::call::{Leg, Value, ValueRecord, mask_id};
use crate::flow::{Event, Input};
use crate::store::CallKey;

use super::{LoggedStep, Service, call_id, read_steps};

/// From how many keys on an entry may be somebody's number.
const IDENTIFIES: usize = 7;

/// A turn, as an author sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The nodes that were entered, in order.
    pub nodes: Vec<String>,
    /// What reached the line and what it said.
    pub events: Vec<String>,
    /// What was keyed is a secret.
    pub secret: bool,
}

impl Service {
    /// The last turn on record of a leg, by the names of the provider: of the caller's, or of the one that was dialled last
    /// for the caller's leg `parent`. `None` if there is none.
    pub async fn last_turn(&self, profile: &str, leg: &str, parent: Option<&str>) -> Option<Trace> {
        let profile = self.settings.profiles.get(profile)?;
        let call = call_id(profile, parent.unwrap_or(leg));
        let stored = self.store.load(call).await.ok()??;
        let dialled = parent.is_some();
        let last = stored.legs.iter().filter(|it| (it.leg != Leg::CALLER) == dialled).max_by_key(|it| it.leg)?;
        let log = self.store.turn_log(call, last.leg, last.turn).await.ok()??;
        let key = CallKey::unwrap(&self.key, call, &stored.key).ok()?;
        Some(Trace::of(&read_steps(&key, &log).ok()?))
    }
}

impl Trace {
    fn of(steps: &[LoggedStep]) -> Self {
        let mut trace = Self::default();
        for event in steps.iter().flat_map(|step| &step.events) {
            match event {
                Event::Entered(node) => {
                    trace.nodes.push(node.to_string());
                    continue;
                }
                Event::Input(Input::Entered(_)) => trace.secret = true,
                Event::Input(_) | Event::Said(_) | Event::Fault(_) | Event::Ended(_) => {}
            }
            trace.events.extend(words(event));
        }
        for step in steps {
            trace.events.extend(step.reply.as_ref().map(|reply| format!("replies {reply}")));
        }
        trace
    }
}

fn words(event: &Event) -> Vec<String> {
    match event {
        Event::Input(input) => vec![input_in_words(input)],
        Event::Entered(node) => vec![format!("enters {node}")],
        Event::Said(said) => {
            let one = |spoken: &crate::call::Spoken| {
                let values = in_words(&spoken.values);
                let gap = if values.is_empty() { "" } else { " " };
                format!("says {} in {}{gap}{values}", spoken.prompt, spoken.language)
            };
            said.iter().map(one).collect()
        }
        Event::Fault(fault) => vec![format!("our fault: {fault}")],
        Event::Ended(cause) => vec![format!("ends: {}", cause.name())],
    }
}

fn input_in_words(input: &Input) -> String {
    match input {
        Input::Arrived => "a call arrives".to_owned(),
        Input::Pressed(keys) if keys.as_str().len() < IDENTIFIES => format!("pressed {}", keys.as_str()),
        Input::Pressed(keys) => format!("pressed {}", mask_id(keys.as_str())),
        Input::Entered(entry) => format!("keyed a secret: {entry:?}").to_lowercase(),
        Input::Silent => "pressed nothing".to_owned(),
        Input::Continued => "asks for the next document".to_owned(),
        Input::LookupDone { outcome, values } => {
            let values = in_words(values);
            format!("the lookup ends as `{outcome}` {values}").trim_end().to_owned()
        }
        Input::LookupLate => "the lookup has not answered yet".to_owned(),
        Input::DialEnded { outcome, talk_s } => {
            let talked = talk_s.map_or_else(String::new, |talked| format!(" after {talked} s"));
            format!("the dial ends: {}{talked}", outcome.name())
        }
        Input::PeerAnswered { leg } => format!("somebody picks up leg {}", leg.0),
        Input::PeerPressed { keys, .. } => format!("whoever picked up presses {}", keys.as_str()),
        Input::PeerSilent { .. } => "whoever picked up presses nothing".to_owned(),
        // What it is known by is for those who may hear it.
        Input::RecordEnded { outcome, seconds, .. } => format!("the recording ends: {}, {seconds} s", outcome.name()),
        Input::HungUp => "hung up".to_owned(),
        Input::Lost => "nothing has come for too long".to_owned(),
    }
}

/// `(total 1023.05, date 2026-03-31)`; nothing if there is none.
fn in_words(values: &ValueRecord) -> String {
    if values.is_empty() {
        return String::new();
    }
    let all: Vec<String> = values.iter().map(|(name, value)| format!("{name} {}", value_in_words(value))).collect();
    format!("({})", all.join(", "))
}

fn value_in_words(value: &Value) -> String {
    match value {
        Value::Amount(fen) => {
            let sign = if *fen < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
        }
        Value::Number(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::YearMonth(month) => month.to_string(),
        Value::Year(year) => year.to_string(),
        Value::Clock(clock) => clock.strftime("%H:%M").to_string(),
        Value::Word(word) => word.clone(),
        Value::Digits(digits) if digits.len() < IDENTIFIES => digits.clone(),
        Value::Digits(digits) => mask_id(digits),
        Value::Flag(flag) => flag.to_string(),
        // A bulletin, or a name.
        Value::Text(text) => format!("text of {} characters", text.chars().count()),
        Value::Periods(periods) => format!("{} period(s)", periods.len()),
        Value::Record(record) => in_words(record),
        Value::List(items) => format!("{} item(s)", items.len()),
    }
}
