//! What a turn can make happen: the effects that flow files name, and what they take. They are written with the turn by
//! `store`; *how* is no business of the flow.

use crate::call::{Field, PromptId, RecordingKind, Signature, Type, Value, ValueRecord};

/// Something that must happen because of a turn, with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub kind: EffectKind,
    pub arguments: ValueRecord,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// The new PIN that was keyed twice becomes the member's.
    ChangePin,
    /// What becomes of a caller who waits for an operator. No flow file names it: `queue` does it.
    Queue(QueueChange),
    /// A recording that was made is to be kept. No flow file names it: `record` does it.
    KeepRecording,
    /// A message for whoever works here.
    LeaveMessage,
    /// A complaint or a report, with a reference.
    FileTicket,
    /// The caller is called back, at the place that they have in the queue.
    BookCallBack,
    /// How the caller rates the service.
    Rate,
    /// Why.
    RateReason,
    /// The verified member's card is reported lost.
    ReportCardLoss,
    /// The caller gets a text on their telephone.
    Sms,
}

/// What becomes of a caller who waits for an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueChange {
    /// An operator has taken the call.
    Taken,
    /// The caller does something else.
    Left,
    /// The call is over.
    Gone,
}

/// What a caller complains about.
pub const COMPLAINTS: Type = Type::Word { set: "complaint", words: &["not-insured", "underpaid", "deducted", "other"] };
/// What a ticket is.
pub const TICKETS: Type = Type::Word { set: "ticket", words: &["complaint", "report"] };

const CONTACT: Field = Field::optional("contact", Type::Digits);
const DAYS: Field = Field::new("days", Type::Number);
const RECORDING: Field = Field::new("recording", Type::Text);

impl EffectKind {
    /// Every effect that flow files can have, by its signature.
    pub const ALL: &'static [(&'static Signature, Self)] = &[
        (&effect("change-pin", "The new PIN becomes the member's.", &[]), Self::ChangePin),
        (
            &effect(
                "leave-message",
                "Files a recorded message; it is answered within `days` working days. Without `contact` the number that \
                 called is called back.",
                &[RECORDING, CONTACT, DAYS],
            ),
            Self::LeaveMessage,
        ),
        (
            &effect(
                "file-ticket",
                "Files a complaint (by a verified member) or a report under a `reference` that `new-reference` gave.",
                &[
                    Field::new("reference", Type::Digits),
                    Field::new("kind", TICKETS),
                    Field::new("about", COMPLAINTS),
                    Field::optional("since", Type::YearMonth),
                    CONTACT,
                    Field::optional("recording", Type::Text),
                    DAYS,
                ],
            ),
            Self::FileTicket,
        ),
        (
            &effect(
                "book-call-back",
                "The caller keeps the place in the queue and is called back until `date`, `clock`, as `call-back-time` \
                 gave them. Without `contact` the number that called is called.",
                &[CONTACT, Field::new("date", Type::Date), Field::new("clock", Type::Clock)],
            ),
            Self::BookCallBack,
        ),
        (&effect("rate", "The caller's rating, 1 to 5.", &[Field::new("score", Type::Number)]), Self::Rate),
        (&effect("rate-reason", "The recorded reason of a rating.", &[RECORDING]), Self::RateReason),
        (
            &Signature {
                personal: true,
                ..effect(
                    "report-card-loss",
                    "The verified member's card is lost, until `until` as `card-loss` gave it.",
                    &[Field::new("until", Type::Date)],
                )
            },
            Self::ReportCardLoss,
        ),
        (
            &effect(
                "sms",
                "The caller gets the text `prompt`, one of `sms.*`, on the telephone that they call from; its placeholders are \
                 in `with`. Ask `sms-available` first.",
                &[],
            ),
            Self::Sms,
        ),
    ];

    /// What the effect takes; `None` for the one that no flow file names.
    #[must_use]
    pub fn signature(self) -> Option<&'static Signature> {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map(|(signature, _)| *signature)
    }

    /// Whether it is the verified member's: without one it does not happen.
    #[must_use]
    pub fn is_personal(self) -> bool {
        self.signature().is_some_and(|signature| signature.personal)
    }
}

impl Effect {
    /// What becomes of the caller who waits.
    #[must_use]
    pub fn queue(change: QueueChange) -> Self {
        Self { kind: EffectKind::Queue(change), arguments: ValueRecord::new() }
    }

    /// A recording is kept: `name` and `seconds` of it.
    #[must_use]
    pub fn keep_recording(what: RecordingKind, mut recording: ValueRecord) -> Self {
        recording.insert("what".to_owned(), Value::Word(what.name().to_owned()));
        Self { kind: EffectKind::KeepRecording, arguments: recording }
    }

    /// The caller gets the text `prompt` with these values.
    #[must_use]
    pub fn sms(prompt: &PromptId, values: ValueRecord) -> Self {
        let prompt = ("prompt".to_owned(), Value::Text(prompt.to_string()));
        Self { kind: EffectKind::Sms, arguments: [prompt, ("values".to_owned(), Value::Record(values))].into() }
    }

    /// Whether what is asked in the same turn may depend on it, so that it must be on record first.
    #[must_use]
    pub fn is_asked_about(&self) -> bool {
        !matches!(self.kind, EffectKind::KeepRecording | EffectKind::Sms)
    }
}

const fn effect(name: &'static str, summary: &'static str, args: &'static [Field]) -> Signature {
    Signature { name, summary, args, outcomes: &[], personal: false, secret: false }
}
