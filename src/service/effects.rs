//! The effects of a flow as the store writes them: who is meant, until when, and what of it is sealed.

use jiff::civil::Date;

use super::calls::Kept;
use super::sms;
use crate::call::{PhoneNumber, RecordingKind, Timestamp, Value, ValueRecord};
use crate::flow::{Effect, EffectKind, Fault, Line, Node};
use crate::store::{self, CONTACT, CallBack, CallKey, KeptRecording, NewTicket, SOURCE, TicketKind};

/// How many digits a reference has.
pub(crate) const REFERENCE_DIGITS: usize = 8;

/// What an effect may need beside its arguments.
pub(super) struct Around<'a> {
    pub(super) line: &'a Line,
    pub(super) key: &'a CallKey,
    /// Where the provider has what was recorded in this turn.
    pub(super) source: Option<&'a str>,
    pub(super) texts: sms::Around<'a>,
    pub(super) now: Timestamp,
}

/// What the store writes for an effect; `None` if there is nothing to be written.
pub(super) fn to_be_written(
    effect: &Effect,
    kept: &mut Kept,
    around: &Around<'_>,
) -> Result<Option<store::Effect>, Fault> {
    let arguments = Arguments(&effect.arguments);
    let at = around.now;
    let written = match effect.kind {
        EffectKind::ChangePin => {
            let Some(new) = kept.candidate.take() else { return Ok(None) };
            store::Effect::SetPin { person_no: new.person_no, hash: new.hash, at }
        }
        EffectKind::Queue(change) => store::Effect::Queue { change, at },
        EffectKind::KeepRecording => store::Effect::KeepRecording(KeptRecording {
            name: arguments.text("name")?,
            kind: arguments.recording_kind()?,
            seconds: u32::try_from(arguments.number("seconds")?).unwrap_or(0),
            source: around.key.seal(SOURCE, around.source.unwrap_or_default().as_bytes()),
            at,
        }),
        EffectKind::LeaveMessage => {
            let due_at = due_at(around, arguments.number("days")?);
            let recording = Some(arguments.text("recording")?);
            store::Effect::FileTicket(Box::new(NewTicket {
                reference: new_reference(),
                kind: TicketKind::Message,
                language: kept.session.language.to_string(),
                subject: kept.session.topic().unwrap_or_default().to_owned(),
                since: None,
                contact: contact(&arguments, kept, around),
                recording,
                at,
                due_at,
            }))
        }
        EffectKind::FileTicket => {
            let complaint = arguments.word("kind")? == TicketKind::Complaint.name();
            store::Effect::FileTicket(Box::new(NewTicket {
                reference: arguments.digits("reference")?,
                kind: if complaint { TicketKind::Complaint } else { TicketKind::Report },
                language: kept.session.language.to_string(),
                subject: arguments.word("about")?,
                since: arguments.month("since"),
                contact: contact(&arguments, kept, around),
                recording: arguments.text("recording").ok(),
                at,
                due_at: due_at(around, arguments.number("days")?),
            }))
        }
        EffectKind::BookCallBack => {
            let (date, clock) = (arguments.date("date")?, arguments.get("clock")?);
            let Value::Clock(clock) = clock else { return Err(missing("clock")) };
            store::Effect::BookCallBack(CallBack {
                queue: queue(around.line),
                language: kept.session.language.to_string(),
                subject: kept.session.topic().unwrap_or_default().to_owned(),
                contact: contact(&arguments, kept, around).ok_or_else(|| missing("contact"))?,
                at,
                due_at: instant(around, date.to_datetime(*clock)),
            })
        }
        EffectKind::Rate => {
            let score = u8::try_from(arguments.number("score")?).ok().filter(|score| (1..=5).contains(score));
            store::Effect::Rate { score: score.ok_or_else(|| missing("score"))?, at }
        }
        EffectKind::RateReason => store::Effect::RateReason { recording: arguments.text("recording")? },
        EffectKind::ReportCardLoss => store::Effect::ReportCardLoss { until: arguments.date("until")?, at },
        EffectKind::Sms => return sms::to_be_sent(effect, kept, &around.texts, at),
    };
    Ok(Some(written))
}

/// The queue of a caller who has been in none.
fn queue(line: &Line) -> String {
    let queues =
        line.nodes.values().filter_map(|node| if let Node::Queue(queue) = node { Some(&queue.queue) } else { None });
    queues.min().unwrap_or(&line.apology.dial).to_string()
}

/// Digits that nobody can guess from others.
pub(crate) fn new_reference() -> String {
    let number = rand::random_range(0..10_u64.pow(8));
    format!("{number:0REFERENCE_DIGITS$}")
}

/// What was keyed, or else the number that called.
fn contact(arguments: &Arguments<'_>, kept: &Kept, around: &Around<'_>) -> Option<Vec<u8>> {
    let keyed = arguments.digits("contact").ok();
    let number = keyed.or_else(|| kept.arrival.caller.as_ref().map(PhoneNumber::as_str).map(str::to_owned))?;
    Some(around.key.seal(CONTACT, number.as_bytes()))
}

/// The end of so many working days.
fn due_at(around: &Around<'_>, days: i64) -> Timestamp {
    let today = around.now.in_zone(&around.line.zone).date();
    instant(around, around.line.calendar.working_days_after(today, u16::try_from(days).unwrap_or(0)))
}

fn instant(around: &Around<'_>, local: jiff::civil::DateTime) -> Timestamp {
    let at = local.to_zoned(around.line.zone.clone()).map(|at| at.timestamp().as_millisecond());
    at.map_or(around.now, Timestamp::from_millis)
}

fn missing(name: &str) -> Fault {
    Fault::NoValue { path: name.to_owned() }
}

/// The check of flow files has found them to be there, and of the right type.
struct Arguments<'a>(&'a ValueRecord);

impl Arguments<'_> {
    fn get(&self, name: &str) -> Result<&Value, Fault> {
        self.0.get(name).ok_or_else(|| missing(name))
    }

    fn text(&self, name: &str) -> Result<String, Fault> {
        if let Value::Text(text) = self.get(name)? { Ok(text.clone()) } else { Err(missing(name)) }
    }

    fn word(&self, name: &str) -> Result<String, Fault> {
        if let Value::Word(word) = self.get(name)? { Ok(word.clone()) } else { Err(missing(name)) }
    }

    fn digits(&self, name: &str) -> Result<String, Fault> {
        if let Value::Digits(digits) = self.get(name)? { Ok(digits.clone()) } else { Err(missing(name)) }
    }

    fn number(&self, name: &str) -> Result<i64, Fault> {
        if let Value::Number(number) = self.get(name)? { Ok(*number) } else { Err(missing(name)) }
    }

    fn date(&self, name: &str) -> Result<Date, Fault> {
        if let Value::Date(date) = self.get(name)? { Ok(*date) } else { Err(missing(name)) }
    }

    fn month(&self, name: &str) -> Option<crate::call::YearMonth> {
        if let Ok(Value::YearMonth(month)) = self.get(name) { Some(*month) } else { None }
    }

    fn recording_kind(&self) -> Result<RecordingKind, Fault> {
        let word = self.word("what")?;
        let kinds = [RecordingKind::Message, RecordingKind::Statement, RecordingKind::Reason];
        kinds.into_iter().find(|kind| kind.name() == word).ok_or_else(|| missing("what"))
    }
}
