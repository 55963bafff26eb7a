//! A caller who does anything at all, and somebody beside them who knows which figure was read about whom.
//!
//! That knowledge is not the engine's: every figure that a personal lookup answers is one of a kind, so wherever it
//! comes up it tells under whose verification it was read.

use std::collections::HashMap;
use std::time::Duration;

use hotline::call::{Ending, Reply, Signature, Spoken, Timestamp, Value, ValueRecord, YearMonth};
use hotline::explore::{Happening, Happenings};
use hotline::flow::{self, EffectKind, Input, Loaded, Next, SUBJECT_LIFETIME, SecretEntry, Session, Stage, Step};
use hotline::service::signatures;

use super::author::Tape;

/// 2026-03-31 10:00 in Shanghai.
const MORNING: Timestamp = Timestamp::from_millis(1_774_922_400_000);

/// How many lookups one request of a provider may make.
const MOST_LOOKUPS: usize = 16;

/// Drives calls.
pub(super) struct Caller<'a> {
    loaded: &'a Loaded,
    happenings: Happenings<'a>,
    session: Session,
    now: Timestamp,
    /// Who is verified, by number, and until when.
    verified: Option<(u32, Timestamp)>,
    /// When an initial PIN was right.
    initial: Option<Timestamp>,
    people: u32,
    figures: HashMap<String, u32>,
    /// Lookups since a document went out.
    asked: usize,
    way: Vec<String>,
    pub(super) spoken_of_somebody: usize,
}

impl<'a> Caller<'a> {
    /// Drives calls as the tape says; what first went wrong, and on which way.
    pub(super) fn call(
        loaded: &'a Loaded,
        known: &'a [&'static Signature],
        tape: &mut Tape<'_>,
    ) -> Result<usize, String> {
        let mut caller = Self {
            loaded,
            happenings: Happenings::of(loaded, known),
            session: Session::new(loaded.line.first_language().clone(), MORNING),
            now: MORNING,
            verified: None,
            initial: None,
            people: 0,
            figures: HashMap::new(),
            asked: 0,
            way: Vec::new(),
            spoken_of_somebody: 0,
        };
        while !tape.is_over() {
            if caller.session.ended().is_some() {
                caller.session = Session::new(loaded.line.first_language().clone(), caller.now);
                (caller.verified, caller.initial, caller.asked) = (None, None, 0);
                caller.way.clear();
                caller.figures.clear();
            }
            let happening = caller.choose(tape);
            caller.way.push(happening.told.clone());
            caller
                .happens(&happening)
                .map_err(|wrong| format!("{wrong}, to a caller who {}", caller.way.join(", ")))?;
        }
        Ok(caller.spoken_of_somebody)
    }

    /// Mostly what somebody does who wants to get on.
    fn choose(&self, tape: &mut Tape<'_>) -> Happening {
        let mut all = self.happenings.at(&self.session);
        let whim = tape.roll(100);
        if whim >= 8 {
            // Nobody leaves, and no time passes.
            let goes_on = |happening: &Happening| {
                !matches!(happening.input, Input::HungUp | Input::Lost) && happening.after < SUBJECT_LIFETIME
            };
            all.retain(goes_on);
        }
        if whim >= 45 {
            let good = |happening: &Happening| match (&happening.input, &self.session.stage) {
                (Input::LookupDone { outcome, .. }, _) => matches!(outcome.as_str(), "found" | "verified"),
                (Input::Pressed(keys), Stage::Waiting { .. }) => {
                    matches!(keys.as_str(), "1" | "2" | "3" | "4" | "000101198503121233" | "202602")
                }
                (Input::Entered(entry), _) => *entry == SecretEntry::Complete,
                _ => false,
            };
            let choices: Vec<&Happening> = all.iter().filter(|happening| good(happening)).collect();
            if !choices.is_empty() {
                return choices[tape.roll(choices.len())].clone();
            }
        }
        tape.of(&all)
    }

    fn happens(&mut self, happening: &Happening) -> Result<(), String> {
        self.now = self.now.plus(happening.after + Duration::from_secs(1));
        let mut input = happening.input.clone();
        let asked = if let Stage::Asking { request, .. } = &self.session.stage {
            Some(request.lookup.to_string())
        } else {
            None
        };
        if let (Input::LookupDone { outcome, values }, Some(lookup)) = (&mut input, &asked) {
            self.answered(lookup, outcome, values);
        }
        if self.verified.is_some_and(|(_, until)| self.now >= until) {
            self.verified = None;
        }
        let step = flow::step(&self.loaded.line, self.session.clone(), &input, self.now);
        let result = self.judge(&input, &step);
        self.session = step.session;
        result
    }

    /// What an answer says about who is verified; the figures in it are made one of a kind.
    fn answered(&mut self, lookup: &str, outcome: &str, values: &mut ValueRecord) {
        if outcome == Signature::EXPIRED {
            self.verified = None;
        }
        match (lookup, outcome) {
            ("verify", "verified") => {
                self.people += 1;
                self.verified = Some((self.people, self.now.plus(SUBJECT_LIFETIME)));
            }
            ("verify", "initial") => (self.verified, self.initial) = (None, Some(self.now)),
            ("verify", "refused") => self.verified = None,
            _ => {}
        }
        // Whoever is not verified when the answer comes is nobody: such figures may never be heard.
        let person = self.verified.filter(|(_, until)| self.now < *until).map_or(0, |(person, _)| person);
        let is_personal = signatures().iter().any(|signature| signature.name == lookup && signature.personal);
        if is_personal {
            for value in values.values_mut() {
                self.mark(value, person);
            }
        }
    }

    fn mark(&mut self, value: &mut Value, person: u32) {
        let number = i64::try_from(self.figures.len()).unwrap();
        match value {
            Value::Amount(amount) => *amount = 1_000_000 + number,
            // As long as there are months that nobody keys in.
            Value::YearMonth(month) if number < 1_500 => {
                *month = YearMonth::new(1900, 1).unwrap().plus(i32::try_from(number).unwrap());
            }
            Value::Record(record) => return record.values_mut().for_each(|value| self.mark(value, person)),
            Value::List(items) => return items.iter_mut().for_each(|value| self.mark(value, person)),
            Value::Number(_)
            | Value::Date(_)
            | Value::Year(_)
            | Value::Clock(_)
            | Value::Word(_)
            | Value::Digits(_)
            | Value::Flag(_)
            | Value::Text(_)
            | Value::YearMonth(_)
            | Value::Periods(_) => return,
        }
        self.figures.insert(figure(value).unwrap_or_default(), person);
    }

    fn judge(&mut self, input: &Input, step: &Step) -> Result<(), String> {
        if step.effects.iter().any(|effect| effect.kind == EffectKind::ChangePin)
            && self.verified.is_none()
            && let Some(proved_at) = self.initial
        {
            self.people += 1;
            self.verified = Some((self.people, proved_at.plus(SUBJECT_LIFETIME)));
        }
        let reply = match &step.next {
            Next::Current => return Ok(()),
            Next::Fault(fault) => return Err(format!("a fault: {fault}")),
            Next::Ask(request) => {
                self.asked += 1;
                self.allowed(&request.arguments, "a lookup is told")?;
                return if self.asked >= MOST_LOOKUPS { Err("lookups without end".to_owned()) } else { Ok(()) };
            }
            Next::Reply(reply) => reply,
        };
        self.asked = 0;
        for spoken in said(reply) {
            self.loaded.catalogue.utterance(spoken).map_err(|error| error.to_string())?;
            self.allowed(&spoken.values, spoken.prompt.as_str())?;
        }
        let peer = matches!(input, Input::PeerAnswered { .. } | Input::PeerPressed { .. } | Input::PeerSilent { .. });
        let gone = matches!(input, Input::HungUp | Input::Lost)
            || matches!(input, Input::DialEnded { outcome: hotline::call::DialOutcome::Abandoned, .. });
        let over = self.session.ended().is_some();
        if matches!(reply.ending, Ending::HangUp(_)) && reply.prompts.is_empty() && !peer && !gone && !over {
            return Err("an end without a word".to_owned());
        }
        Ok(())
    }

    /// Every figure about somebody has to be about whoever is verified now.
    fn allowed(&mut self, values: &ValueRecord, by: &str) -> Result<(), String> {
        let mut figures = Vec::new();
        for value in values.values() {
            figures_of(value, &mut figures);
        }
        for figure in figures {
            let Some(person) = self.figures.get(&figure) else { continue };
            if self.verified.map(|(person, _)| person) != Some(*person) {
                return Err(format!(
                    "`{by}` tells what was read about person {person}, and {:?} is verified",
                    self.verified.map(|(person, _)| person)
                ));
            }
            self.spoken_of_somebody += 1;
        }
        Ok(())
    }
}

/// A figure that tells about whom it is.
fn figure(value: &Value) -> Option<String> {
    match value {
        Value::Amount(amount) => Some(amount.to_string()),
        Value::YearMonth(month) => Some(month.to_string()),
        Value::Number(_)
        | Value::Date(_)
        | Value::Year(_)
        | Value::Clock(_)
        | Value::Word(_)
        | Value::Digits(_)
        | Value::Flag(_)
        | Value::Text(_)
        | Value::Periods(_)
        | Value::Record(_)
        | Value::List(_) => None,
    }
}

fn figures_of(value: &Value, into: &mut Vec<String>) {
    into.extend(figure(value));
    if let Value::Record(record) = value {
        for value in record.values() {
            figures_of(value, into);
        }
    }
    if let Value::List(items) = value {
        for value in items {
            figures_of(value, into);
        }
    }
}

/// All that a reply says, to the caller and to whoever picks up.
fn said(reply: &Reply) -> impl Iterator<Item = &Spoken> {
    let within: &[Spoken] = match &reply.ending {
        Ending::Listen(listen) => &listen.prompts,
        Ending::Dial(dial) => dial.whisper.as_ref().map_or(&[], |whisper| &whisper.prompts),
        Ending::Record(_) | Ending::GoTo | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => &[],
    };
    reply.prompts.iter().chain(within)
}
