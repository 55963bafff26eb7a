//! `queue`: the caller waits for a free operator, who is then rung and joined to them.
//!
//! Who is whose turn is not decided here: each time a piece of the wait has been heard, the queue is asked, as a
//! lookup is, and says where the caller stands. This node decides what the caller hears of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Missing, Move, Prompt, WhisperPrompt};
use crate::call::{
    self, DialOutcome, EndCause, Field, Name, NodeId, Outcome, PhoneNumber, PromptId, Signature, Spoken, Timestamp,
    Type, Value, ValueRecord, Whisper,
};
use crate::flow::run::Run;
use crate::flow::{Effect, Fault, Input, QueueChange, Universal};

/// Where a caller stands: how many are served before them and themselves, and within how many minutes four out of
/// five of such callers have been connected.
const PLACE: &[Field] = &[Field::new("place", Type::Number), Field::new("minutes", Type::Number)];
/// When people answer, and on which day they are back.
pub const HOURS: &[Field] =
    &[Field::new("opens", Type::Clock), Field::new("closes", Type::Clock), Field::new("resumes", Type::Date)];

/// What a queue answers. `operator` also brings `number` and `address`, which no prompt may say; it and `overflow` bring
/// [`RECORDED`] where talks are recorded.
pub static SIGNATURE: Signature = Signature {
    name: "queue",
    summary: "Where a caller stands who waits for a person.",
    args: &[],
    outcomes: &[
        Outcome::with("waiting", PLACE),
        Outcome::bare("operator"),
        Outcome::bare("served"),
        Outcome::bare("overflow"),
        Outcome::nobody("closed", HOURS),
        Outcome::nobody("holiday", HOURS),
        Outcome::nobody("closed-today", HOURS),
        Outcome::nobody("nobody", HOURS),
        Outcome::nobody("full", &[]),
        Outcome::nobody("too-long", &[]),
    ],
    personal: false,
    secret: false,
};

/// The name of the value 1 that says that the talk is to be recorded.
pub const RECORDED: &str = "recorded";

/// Has the caller wait for an operator.
#[derive(Clone, Debug)]
pub struct Queue {
    pub queue: Name,
    /// The name under which the answer is held.
    pub name: Name,
    /// Said when somebody is rung.
    pub connecting: Prompt,
    /// Said behind it if the talk is recorded; without it none is.
    pub recorded: Option<Prompt>,
    pub place: Prompt,
    pub better: Prompt,
    pub soon: Prompt,
    pub offer: Option<Offer>,
    pub keys: BTreeMap<char, NodeId>,
    pub whisper: WhisperPrompt,
    pub ring: Duration,
    /// Who is rung when no operator is at work.
    pub overflow: Name,
    pub on: BTreeMap<String, NodeId>,
    /// The music, cut into pieces of four seconds; none if the line has no music.
    pub music: Vec<PromptId>,
}

/// What else can be done than wait.
#[derive(Clone, Debug)]
pub struct Offer {
    pub after: Duration,
    pub prompt: Prompt,
}

/// What a caller who waits has been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    pub node: NodeId,
    /// When they came.
    pub since: Timestamp,
    told: Option<Told>,
    #[serde(default)]
    offered: bool,
    #[serde(default)]
    soon: bool,
    /// How much of the music they have heard.
    piece: u8,
    /// Who is being rung is an operator of the queue, not the overflow.
    #[serde(default)]
    operator: bool,
}

impl Queued {
    /// Leaves out what differs only by how long somebody has waited and what exactly they were told.
    pub(in crate::flow) fn blur(&mut self) {
        self.piece = 0;
        if let Some(told) = &mut self.told {
            (told.place, told.minutes) = (i64::MAX, i64::MAX);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    place: i64,
    minutes: i64,
    at: Timestamp,
}

/// The longest talk with an operator: what providers allow by default.
const LONGEST_TALK: Duration = Duration::from_hours(4);
/// How long one announcement follows the other at the soonest.
const APART: Duration = Duration::from_secs(45);
/// After a piece of music or an announcement; with it a piece lasts 9 s, and 5 s at the head.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a piece of the music lasts.
pub const MUSIC: Duration = Duration::from_secs(4);
/// Pieces of music in a piece of the wait.
const PIECES: u8 = 2;

impl Queue {
    /// What every queue has an edge for.
    pub fn ends() -> impl Iterator<Item = &'static str> {
        let waits = ["waiting", "operator", "served", "overflow"];
        let dials = DialOutcome::ALL.iter().filter(|outcome| **outcome != DialOutcome::Abandoned);
        let answers = SIGNATURE.outcome_names().filter(move |outcome| !waits.contains(outcome));
        answers.chain(dials.map(|outcome| outcome.name()))
    }

    pub(super) fn enter(&self, id: &NodeId, run: &mut Run<'_>) -> Move {
        // Whoever comes back in the same step has not left.
        run.effects.retain(|effect| *effect != Effect::queue(QueueChange::Left));
        let queued = Queued {
            node: id.clone(),
            since: run.now,
            told: None,
            offered: false,
            soon: false,
            piece: 0,
            operator: false,
        };
        run.session.queue = Some(queued);
        self.ask(run, None)
    }

    fn ask(&self, run: &mut Run<'_>, ended: Option<DialOutcome>) -> Move {
        let word = |text: &str| Value::Word(text.to_owned());
        let mut arguments = ValueRecord::from([("queue".to_owned(), word(self.queue.as_str()))]);
        arguments.insert("overflow".to_owned(), word(self.overflow.as_str()));
        if let Some(topic) = &run.session.topic {
            arguments.insert("subject".to_owned(), word(topic));
        }
        let ring_s = i64::try_from(self.ring.as_secs()).unwrap_or(i64::MAX);
        arguments.insert("ring-s".to_owned(), Value::Number(ring_s));
        if let Some(ended) = ended {
            arguments.insert("ended".to_owned(), word(ended.name()));
            arguments.insert("dials".to_owned(), Value::Number(i64::from(run.session.dials)));
        }
        run.ask(&Name::from(SIGNATURE.name), arguments)
    }

    pub(super) fn resume(&self, run: &mut Run<'_>, input: &Input) -> Move {
        match input {
            Input::LookupDone { outcome, values } => self.stands(run, outcome, values),
            Input::DialEnded { outcome, .. } => self.rang(run, *outcome),
            Input::Pressed(keys) => self.pressed(run, keys.single()),
            // What was keyed in an entry before may come late.
            Input::Silent | Input::Continued | Input::Entered(_) => self.ask(run, None),
            Input::Arrived
            | Input::LookupLate
            | Input::PeerAnswered { .. }
            | Input::PeerPressed { .. }
            | Input::PeerSilent { .. }
            | Input::RecordEnded { .. }
            | Input::HungUp
            | Input::Lost => Move::Fault(Fault::Unexpected { input: "an event that no caller who waits can have" }),
        }
    }

    fn pressed(&self, run: &mut Run<'_>, key: Option<char>) -> Move {
        if let Some(target) = key.and_then(|key| self.keys.get(&key)) {
            return run.moved_to(target);
        }
        match key.and_then(|key| run.line.keys.get(&key)) {
            Some(Universal::Back) => Move::Back,
            Some(Universal::Again) => {
                if let Some(queued) = &mut run.session.queue {
                    (queued.told, queued.offered) = (None, false);
                }
                self.ask(run, None)
            }
            // They wait for a person already; and a wrong key costs nobody their place.
            Some(Universal::Node(_) | Universal::Onward) | None => self.ask(run, None),
        }
    }

    /// What the caller hears of where they stand.
    fn stands(&self, run: &mut Run<'_>, outcome: &str, values: &ValueRecord) -> Move {
        match outcome {
            "waiting" => {
                run.hold(self.name.as_str(), Value::Record(values.clone()), false);
                self.wait(run, values).unwrap_or_else(Move::from)
            }
            "operator" => {
                let address = values.get("address").and_then(|address| {
                    if let Value::Text(address) = address { PhoneNumber::parse(address).ok() } else { None }
                });
                // Without an address they are behind the target's own, as in a rehearsal.
                self.dial(run, address.into_iter().collect(), true, values)
            }
            "overflow" => self.dial(run, Vec::new(), false, values),
            "served" => self.served(run),
            _ => {
                if !values.is_empty() {
                    run.hold(self.name.as_str(), Value::Record(values.clone()), false);
                }
                self.on(outcome)
            }
        }
    }

    /// One piece of the wait: news, or music.
    fn wait(&self, run: &mut Run<'_>, values: &ValueRecord) -> Result<Move, Missing> {
        let number = |name: &str| match values.get(name) {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(Missing(format!("{}.{name}", self.name))),
        };
        let now = Told { place: number("place")?, minutes: number("minutes")?, at: run.now };
        let Some(mut queued) = run.session.queue.clone() else { return Err(Missing(self.queue.to_string())) };
        let mut prompts = self.news(run, &mut queued, now)?;
        let mut first_key = PAUSE;
        if prompts.is_empty() {
            let pieces = if now.place <= 1 { 1 } else { PIECES };
            prompts = self.music(run, queued.piece, pieces);
            queued.piece = queued.piece.wrapping_add(pieces);
            if prompts.is_empty() {
                first_key = PAUSE + MUSIC * u32::from(pieces);
            }
        }
        run.session.queue = Some(queued);
        Ok(Move::Hold(prompts, first_key))
    }

    /// What must be said now, if anything.
    fn news(&self, run: &Run<'_>, queued: &mut Queued, now: Told) -> Result<Vec<Spoken>, Missing> {
        let prompt = match queued.told {
            // The offer follows the first announcement in a piece of its own: a key works in each.
            Some(_) if self.offer_is_due(queued, now) => {
                queued.offered = true;
                return self.offer.as_ref().map_or(Ok(Vec::new()), |offer| run.spoken(&offer.prompt));
            }
            None => {
                queued.soon = now.place <= 1;
                if now.place <= 1 && now.minutes <= 1 { &self.soon } else { &self.place }
            }
            Some(told) if run.now.since(told.at) < APART => return Ok(Vec::new()),
            Some(_) if now.place <= 1 && !queued.soon => {
                queued.soon = true;
                &self.soon
            }
            Some(told) if now.place < told.place && now.minutes < told.minutes => &self.place,
            Some(told) if now.place < told.place && now.place > 1 => &self.better,
            Some(_) => return Ok(Vec::new()),
        };
        queued.told = Some(now);
        run.spoken(prompt)
    }

    fn offer_is_due(&self, queued: &Queued, now: Told) -> bool {
        let wait = Duration::from_secs(u64::try_from(now.minutes).unwrap_or(0) * 60);
        !queued.offered && self.offer.as_ref().is_some_and(|offer| wait > offer.after)
    }

    fn music(&self, run: &Run<'_>, from: u8, pieces: u8) -> Vec<Spoken> {
        let music = self.music.iter().cycle().skip(usize::from(from) % self.music.len().max(1));
        music.take(usize::from(pieces)).map(|piece| run.in_language(piece)).collect()
    }

    fn dial(&self, run: &mut Run<'_>, numbers: Vec<PhoneNumber>, operator: bool, answer: &ValueRecord) -> Move {
        let announced = self.recorded.as_ref().filter(|_| self.is_recorded(answer));
        let said = [&self.connecting].into_iter().chain(announced).map(|prompt| run.spoken(prompt));
        let said: Result<Vec<_>, Missing> = said.collect();
        let whisper = match (said, run.spoken(&self.whisper.prompt)) {
            (Ok(said), Ok(whisper)) => {
                for prompt in said {
                    run.say(prompt);
                }
                whisper
            }
            (Err(missing), _) | (_, Err(missing)) => return missing.into(),
        };
        if let Some(queued) = &mut run.session.queue {
            queued.operator = operator;
        }
        Move::Dial(call::Dial {
            target: self.overflow.clone(),
            numbers,
            ring: self.ring,
            limit: LONGEST_TALK,
            whisper: Some(Whisper { prompts: in_first_language(run, whisper), accept: self.whisper.accept }),
            recorded: announced.is_some(),
        })
    }

    /// A dial has ended: an operator who did not answer is passed over, and the caller keeps the place.
    fn rang(&self, run: &mut Run<'_>, outcome: DialOutcome) -> Move {
        let operator = run.session.queue.as_ref().is_some_and(|queued| queued.operator);
        match outcome {
            DialOutcome::Abandoned => Move::End(EndCause::CallerHungUp),
            // They may have been passed on.
            _ if operator => self.ask(run, Some(outcome)),
            DialOutcome::Talked => self.served(run),
            DialOutcome::Busy | DialOutcome::NoAnswer | DialOutcome::Declined | DialOutcome::Failed => {
                self.on(outcome.name())
            }
        }
    }

    /// What comes next is no longer leaving the queue.
    fn served(&self, run: &mut Run<'_>) -> Move {
        run.session.queue = None;
        self.on(DialOutcome::Talked.name())
    }

    fn on(&self, outcome: &str) -> Move {
        match self.on.get(outcome) {
            Some(target) => Move::Goto(target.clone()),
            None => Move::Fault(Fault::UnknownOutcome { lookup: self.queue.clone(), outcome: outcome.to_owned() }),
        }
    }

    /// Whether the talk to which an answer of the queue leads is recorded. Nobody is who is not told so.
    #[must_use]
    pub fn is_recorded(&self, answer: &ValueRecord) -> bool {
        self.recorded.is_some() && answer.get(RECORDED) == Some(&Value::Number(1))
    }

    /// What whoever picks up hears.
    pub(in crate::flow) fn whisper(&self, run: &Run<'_>) -> Option<Whisper> {
        let prompts = run.spoken(&self.whisper.prompt).ok()?;
        Some(Whisper { prompts: in_first_language(run, prompts), accept: self.whisper.accept })
    }
}

/// Whoever answers works in the line's own language, whatever the caller chose.
pub(super) fn in_first_language(run: &Run<'_>, mut prompts: Vec<Spoken>) -> Vec<Spoken> {
    for spoken in &mut prompts {
        spoken.language = run.line.first_language().clone();
    }
    prompts
}
