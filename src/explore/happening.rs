//! What can happen to a call where it stands: every class of key, silence, every outcome of what is under way, a
//! hang-up, and time.

use std::time::Duration;

use super::answers::Answers;
use crate::call::{DialOutcome, Keys, Leg, RecordOutcome, Signature, ValueRecord};
use crate::flow::definition::Format;
use crate::flow::node::{QUEUE, Verify};
use crate::flow::{Input, LOOKUP_LIMIT, Loaded, LookupRequest, Node, SUBJECT_LIFETIME, SecretEntry, Session, Stage};

/// The keys of a telephone.
const KEYS: [&str; 12] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"];
/// The kinds of an entry that is secret.
const SECRET_ENTRIES: [(SecretEntry, &str); 6] = [
    (SecretEntry::Complete, "keys a PIN"),
    (SecretEntry::TooShort, "keys too few digits of a PIN"),
    (SecretEntry::TooLong, "keys too many digits for a PIN"),
    (SecretEntry::Operator, "presses 0"),
    (SecretEntry::Left, "presses *"),
    (SecretEntry::Nothing, "keys nothing"),
];

/// Something that happens to a call.
#[derive(Clone, Debug)]
pub struct Happening {
    pub input: Input,
    /// How long after what happened before.
    pub after: Duration,
    /// "presses 1": what a caller does or meets.
    pub told: String,
}

/// Knows what can happen in the calls of a line.
pub struct Happenings<'a> {
    loaded: &'a Loaded,
    signatures: &'a [&'static Signature],
    answers: Answers,
}

impl<'a> Happenings<'a> {
    /// `signatures`: of every lookup that the line may ask.
    #[must_use]
    pub fn of(loaded: &'a Loaded, signatures: &'a [&'static Signature]) -> Self {
        Self { loaded, signatures, answers: Answers::of(&loaded.line) }
    }

    /// Everything that can happen next.
    #[must_use]
    pub fn at(&self, session: &Session) -> Vec<Happening> {
        let mut all = Vec::new();
        match &session.stage {
            Stage::New => all.push(now(Input::Arrived, "arrives")),
            Stage::Waiting { node, .. } => {
                match self.loaded.line.nodes.get(node) {
                    Some(Node::Collect(collect)) if collect.secret => {
                        all.extend(SECRET_ENTRIES.map(|(entry, told)| now(Input::Entered(entry), told)));
                    }
                    Some(Node::Collect(collect)) => {
                        all.extend(entries(collect.format).into_iter().map(|(keys, told)| now(pressed(keys), told)));
                    }
                    _ => {
                        all.extend(KEYS.map(|key| now(pressed(key), format!("presses {key}"))));
                        all.push(now(pressed("12"), "presses two keys at once"));
                        all.push(now(pressed(""), "presses nothing that is told"));
                    }
                }
                all.push(now(Input::Silent, "waits"));
                // An apology of ours has rung somebody, or has been heard.
                all.push(now(dialled(DialOutcome::Talked), "comes back from an apology"));
                all.push(now(Input::Continued, "comes back from a failed step"));
            }
            Stage::Asking { request, .. } => {
                all.extend(self.answers(session, request));
                let told = format!("has `{}` take long", request.lookup);
                all.push(now(Input::LookupLate, told));
                let told = format!("has `{}` take too long", request.lookup);
                all.push(Happening { after: LOOKUP_LIMIT, ..now(Input::LookupLate, told) });
                all.push(now(Input::Continued, "hears that it takes a moment"));
            }
            Stage::Dialling { leg, .. } => {
                let ended = |outcome: &DialOutcome| {
                    now(dialled(*outcome), format!("has the transfer end as {}", outcome.name()))
                };
                all.extend(DialOutcome::ALL.iter().map(ended));
                all.extend(peer(*leg));
                let stale = Input::PeerAnswered { leg: Leg(leg.0.wrapping_add(1)) };
                all.push(now(stale, "whom a phone answers that rings no more"));
            }
            Stage::Recording { .. } => {
                let ended = |outcome: &RecordOutcome| {
                    let (name, seconds) = ("recording".to_owned(), 3);
                    let told = format!("has the recording end as {}", outcome.name());
                    now(Input::RecordEnded { outcome: *outcome, name, seconds }, told)
                };
                all.extend(RecordOutcome::ALL.iter().map(ended));
                all.push(now(Input::Continued, "comes back from a failed step"));
            }
            Stage::Ended { .. } => {
                all.push(now(Input::Silent, "waits"));
                all.push(now(pressed("1"), "presses 1"));
                all.push(now(Input::Continued, "comes back from a failed step"));
                all.extend(peer(Leg(1)));
                return all;
            }
        }
        all.push(now(Input::HungUp, "hangs up"));
        all.push(now(Input::Lost, "is heard of no more"));
        if session.can_expire() {
            let late = |happening: &Happening| Happening {
                after: SUBJECT_LIFETIME,
                told: format!("after 15 minutes {}", happening.told),
                ..happening.clone()
            };
            all.extend(all.iter().filter(|happening| happening.after.is_zero()).map(late).collect::<Vec<_>>());
        }
        if let Stage::Waiting { .. } | Stage::Asking { .. } | Stage::Dialling { .. } = session.stage {
            let told = "stays until the longest call is over";
            all.push(Happening { after: self.loaded.line.longest_call, ..now(Input::Silent, told) });
        }
        all
    }

    /// Every way in which a question can be answered.
    fn answers(&self, session: &Session, request: &LookupRequest) -> Vec<Happening> {
        let name = request.lookup.as_str();
        // A queue is no lookup that flows may name, but answers as one.
        let known = self.signatures.iter().copied().chain([&QUEUE]);
        let Some(signature) = known.into_iter().find(|signature| signature.name == name) else {
            return Vec::new();
        };
        let held = match session.node().and_then(|node| self.loaded.line.nodes.get(node)) {
            Some(Node::Lookup(lookup)) => lookup.name.as_ref(),
            Some(Node::Verify(verify)) => Some(&verify.name),
            Some(Node::Queue(queue)) => Some(&queue.name),
            _ => None,
        };
        let mut all = Vec::new();
        for outcome in signature.outcome_names() {
            let told = if name == Verify::NAME {
                format!("has the PIN check end as {outcome}")
            } else {
                format!("has `{name}` answer {outcome}")
            };
            for values in self.answers.to(signature, outcome, held.map(crate::call::Name::as_str)) {
                all.push(now(answered(outcome, values), told.clone()));
            }
        }
        all
    }
}

fn now(input: Input, told: impl Into<String>) -> Happening {
    Happening { input, after: Duration::ZERO, told: told.into() }
}

fn pressed(keys: &str) -> Input {
    Input::Pressed(Keys::parse(keys).unwrap_or_default())
}

fn dialled(outcome: DialOutcome) -> Input {
    Input::DialEnded { outcome, talk_s: None }
}

fn answered(outcome: &str, values: ValueRecord) -> Input {
    Input::LookupDone { outcome: outcome.to_owned(), values }
}

/// What whoever picks up does, or does not.
fn peer(leg: Leg) -> Vec<Happening> {
    let keys = |key: &str| Input::PeerPressed { leg, keys: Keys::parse(key).unwrap_or_default() };
    let mut all = vec![now(Input::PeerAnswered { leg }, "whom an operator answers")];
    all.extend(["1", "2"].map(|key| now(keys(key), format!("has the operator press {key}"))));
    all.push(now(Input::PeerSilent { leg }, "has the operator press nothing"));
    all
}

/// What may be keyed where digits are asked for.
fn entries(format: Format) -> Vec<(&'static str, String)> {
    let (right, wrong) = match format {
        Format::IdNumber => ("000101198503121233", Some("000101198503121234")),
        Format::LastFour => ("1233", None),
        Format::CardNumber | Format::Phone | Format::Free => ("12333", None),
        Format::Pin => ("135790", None),
        Format::YearMonth => ("202602", Some("202613")),
        Format::Year => ("2025", Some("0026")),
    };
    let digits = format.in_words();
    let mut all = vec![
        (right, format!("keys {digits}")),
        ("1*", format!("keys too few digits for {digits}")),
        ("111111111111111111111111111111111", format!("keys too many digits for {digits}")),
        ("0", "presses 0".to_owned()),
        ("*", "presses *".to_owned()),
        ("*12", "presses * and then more".to_owned()),
        ("", "keys nothing".to_owned()),
    ];
    all.extend(wrong.map(|keys| (keys, format!("keys what is not {digits}"))));
    all
}
