//! Writes a call down as a test: what was done, what was heard, in the words of `.call` files.
//!
//! Keys stand in it as they were pressed. What is *not* in it is what was around the call: switches, slow lookups.

use crate::call::{DialOutcome, EndCause, Ending, Keys, Language, PhoneNumber, Timestamp};
use crate::simulator::call_file::{Action, Caller, Expectation, Expected, Script, Step, write};
use crate::simulator::{Playing, Said};

use super::event::{Event, Who};
use super::known::Known;

const COMMENT: &str =
    "Recorded by `hotline phone`. Keys stand here as they were pressed: only demo people may be in it.";

/// A call written down so far.
pub(super) struct Recorder {
    began: Timestamp,
    from: Caller,
    language: Option<Language>,
    steps: Vec<Step>,
    /// The prompts since the caller's last action; `None` if one of them is not known.
    heard: Option<Vec<Expected>>,
    /// What each end waits for, and the keys that count so far.
    caller: Waiting,
    operator: Waiting,
    /// The caller has hung up on a dial.
    abandoned: bool,
    /// Sentences that are no prompts of the line.
    pub(super) unknown: usize,
}

/// What has to happen at one end until the next document.
#[derive(Default)]
struct Waiting {
    what: Option<WaitsFor>,
    keys: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    Keys,
    /// The next document comes by itself.
    Nothing,
}

impl Recorder {
    pub(super) fn new(began: Timestamp, from: Option<&PhoneNumber>) -> Self {
        Self {
            began,
            from: from.map_or(Caller::Withheld, |number| Caller::Number(number.clone())),
            language: None,
            steps: Vec::new(),
            heard: Some(Vec::new()),
            caller: Waiting::default(),
            operator: Waiting::default(),
            abandoned: false,
            unknown: 0,
        }
    }

    /// A document has come.
    pub(super) fn document(&mut self, who: Who, document: &Playing, known: &Known) {
        let what = match &document.performance().reply.ending {
            Ending::Listen(_) => Some(WaitsFor::Keys),
            // Without a word it is not noticed.
            Ending::GoTo => document.says().next().map(|_| WaitsFor::Nothing),
            Ending::Record(_) => Some(WaitsFor::Nothing),
            Ending::Dial(_) | Ending::Join | Ending::HangUp(_) | Ending::Refuse(_) => None,
        };
        let said: Vec<&Said> = document.says().filter(|said| said.has_words()).collect();
        let prompt = |said: &&Said| known.prompt(said).map(|prompt| Expected { prompt, medium: None });
        self.unknown += said.iter().filter(|said| prompt(said).is_none()).count();
        let prompts: Option<Vec<Expected>> = said.iter().map(prompt).collect();
        match who {
            Who::Caller => {
                if let Some(action) = self.caller.ends(Action::Presses, Action::WaitsSilent) {
                    self.does(action);
                }
                self.caller.what = what;
                self.language = said.last().map(|said| said.language.clone()).or(self.language.take());
                self.heard = self.heard.take().zip(prompts).map(|(heard, prompts)| [heard, prompts].concat());
            }
            Who::Operator => {
                if let Some(action) = self.operator.ends(Action::OperatorPresses, Action::OperatorWaits) {
                    self.does(action);
                }
                self.operator.what = what;
                // Once they are joined, nobody asks what the operator has heard.
                let joins = document.performance().reply.ending == Ending::Join;
                if let Some(prompts) = prompts.filter(|prompts| !joins && !prompts.is_empty()) {
                    self.steps.push(Step::Expects(Expectation::OperatorHears(prompts)));
                }
            }
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Key { who, key, lost: false } => match who {
                Who::Caller => self.caller.keys.push(*key),
                Who::Operator => self.operator.keys.push(*key),
            },
            Event::Rings { target, .. } => {
                self.hears();
                if let Some(target) = target {
                    self.steps.push(Step::Expects(Expectation::Dials(target.as_str().into())));
                }
            }
            Event::Answers => self.does(Action::OperatorAnswers),
            Event::Apart { outcome, talk_s } => {
                self.operator = Waiting::default();
                self.abandoned = *outcome == DialOutcome::Abandoned;
                let talk = talk_s.map(std::time::Duration::from_secs);
                self.does(Action::DialEnds { outcome: *outcome, talk });
            }
            Event::Ended { cause, .. } => {
                if *cause == EndCause::CallerHungUp && !self.abandoned {
                    self.does(Action::HangsUp);
                }
                self.hears();
                // A call that has broken off is written as far as it went.
                if *cause != EndCause::ProviderFault {
                    self.steps.push(Step::Expects(Expectation::Ends(*cause)));
                }
            }
            Event::Key { lost: true, .. }
            | Event::Calls { .. }
            | Event::Says { .. }
            | Event::Listens { .. }
            | Event::Records { .. }
            | Event::Talks
            | Event::Trouble { .. } => {}
        }
    }

    /// The text of the file.
    pub(super) fn written(self, known: &Known) -> String {
        let steps = self.steps.into_iter().map(|step| (0, step)).collect();
        write(&Script {
            file: String::new(),
            comment: COMMENT.to_owned(),
            line: known.name.clone(),
            at: self.began.in_zone(&known.zone).datetime(),
            from: self.from,
            language: self.language,
            steps,
        })
    }

    fn does(&mut self, action: Action) {
        self.hears();
        self.steps.push(Step::Does(action));
    }

    /// What has been heard up to here.
    fn hears(&mut self) {
        if let Some(heard) = self.heard.replace(Vec::new()).filter(|heard| !heard.is_empty()) {
            self.steps.push(Step::Expects(Expectation::Hears(heard)));
        }
    }
}

impl Waiting {
    /// What it was that brought the next document.
    fn ends(&mut self, presses: impl FnOnce(Keys) -> Action, silent: Action) -> Option<Action> {
        let keys = Keys::parse(&std::mem::take(&mut self.keys)).unwrap_or_default();
        Some(match self.what.take()? {
            WaitsFor::Nothing => Action::Waits,
            WaitsFor::Keys if keys.is_empty() => silent,
            WaitsFor::Keys => presses(keys),
        })
    }
}
