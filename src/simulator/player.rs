//! Plays a `.call` file: does what it does, checks what it expects, and says where they part.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::call_file::{Action, Caller, Expectation, Expected, Script, Setting, Step};
use super::carrier::Carrier;
use super::phone::{Mistaken, Phone};
use super::said::{Medium, Said};
use super::transcript::{Heard, Transcript};
use super::world::World;
use crate::call::{EndCause, Keys, Language, PhoneNumber, Timestamp};
use crate::flow::Loaded;

/// Who calls where a file does not say.
const ANYBODY: &str = "+8612012345678";

/// Where a call did not go as its file says.
#[derive(Debug)]
pub struct Failure {
    pub file: String,
    pub line: u32,
    pub language: Language,
    /// The profile that it was played through.
    pub profile: String,
    /// What was expected and what was heard.
    pub text: String,
    /// The call so far.
    pub transcript: Transcript,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, language, profile, text, transcript } = self;
        write!(f, "{file}:{line}: {text}\n  played in {language} through {profile}; so far:\n{transcript}")
    }
}

impl std::error::Error for Failure {}

/// Plays a call in a language through a carrier. The world must be fresh: what one call leaves behind (tries, PINs,
/// switches) would be there for the next.
///
/// # Errors
/// [`Failure`] at the first line that does not hold.
#[must_use]
pub fn play<'a>(
    world: &'a World,
    carrier: &'a Carrier,
    script: &'a Script,
    language: &'a Language,
) -> BoxFuture<'a, Result<Transcript, Failure>> {
    let loaded = world.service.lines().first();
    let player = Player { world, carrier, script, language, loaded, phone: None, transcript: Transcript::default() };
    // Boxed so that a task can be spawned with it: the compiler cannot see by itself that it may be.
    Box::pin(player.play())
}

struct Player<'a> {
    world: &'a World,
    carrier: &'a Carrier,
    script: &'a Script,
    language: &'a Language,
    loaded: Arc<Loaded>,
    /// `None` until the first line that is about the call: switches can be set before.
    phone: Option<Phone>,
    transcript: Transcript,
}

const NOBODY: &str = "nobody has called";

/// What does not hold, in words.
type Held = Result<(), String>;

impl Player<'_> {
    async fn play(mut self) -> Result<Transcript, Failure> {
        let mut last = 1;
        for (line, step) in &self.script.steps {
            last = *line;
            if let Err(text) = self.step(*line, step).await {
                return Err(self.failure(*line, text));
            }
        }
        match self.leave().await {
            Ok(()) => Ok(self.transcript),
            Err(text) => Err(self.failure(last, text)),
        }
    }

    async fn step(&mut self, line: u32, step: &Step) -> Held {
        match step {
            Step::Sets(setting) => self.set(setting).await,
            Step::Does(action) => {
                self.begin(line).await?;
                self.act(line, action).await
            }
            Step::Expects(expectation) => {
                self.begin(line).await?;
                self.expect(expectation).await
            }
        }
    }

    async fn set(&self, setting: &Setting) -> Held {
        match setting {
            Setting::Lookup { name, does } => self.world.lookups.set(name.clone(), does.clone()),
            Setting::Switch(switch) => {
                self.world.switch(&self.loaded.line, switch).await.map_err(|failed| failed.to_string())?;
            }
            Setting::DatabaseDown(down) => self.world.set_database_down(*down),
            Setting::Later(time) => self.world.clock.advance(*time),
        }
        Ok(())
    }

    /// The first call, at the time that the file names.
    async fn begin(&mut self, line: u32) -> Held {
        if self.phone.is_some() {
            return Ok(());
        }
        self.world.clock.set(self.at()?);
        self.call(line).await
    }

    /// When the first call arrives.
    fn at(&self) -> Result<Timestamp, String> {
        let local = self.script.at.to_zoned(self.loaded.line.zone.clone());
        local.map(|at| Timestamp::from_millis(at.timestamp().as_millisecond())).map_err(|failed| failed.to_string())
    }

    async fn call(&mut self, line: u32) -> Held {
        if self.script.line != self.loaded.line.name {
            return Err(format!("expected line `{}`; this is line `{}`", self.script.line, self.loaded.line.name));
        }
        let from = match &self.script.from {
            Caller::Anybody => Some(PhoneNumber::parse(ANYBODY).expect("it is a number")),
            Caller::Withheld => None,
            Caller::Number(number) => Some(number.clone()),
        };
        // A number that is not listed reaches the first line.
        let to = PhoneNumber::parse(self.script.line.as_str()).map_err(|failed| failed.to_string())?;
        self.transcript.note(line, "calls".to_owned());
        let phone = Phone::call(self.carrier.clone(), Arc::clone(&self.world.clock), from, to).await;
        self.phone = Some(phone.map_err(|mistaken| told(&mistaken))?);
        self.heard(line);
        Ok(())
    }

    async fn expect(&self, expectation: &Expectation) -> Held {
        let Some(phone) = &self.phone else { return Err(NOBODY.to_owned()) };
        match expectation {
            Expectation::Hears(ids) => self.hears(ids, phone.heard()),
            Expectation::OperatorHears(ids) => self.hears(ids, phone.operator_heard()),
            Expectation::Says { language, .. } if language != self.language => Ok(()),
            Expectation::Says { language, text } => says(language, text, &self.recognised(phone.heard())),
            Expectation::Dials(target) => {
                let numbers = self.world.service.settings().dial.get(target);
                match phone.dialling() {
                    Some(dial) if numbers == Some(&dial.numbers) => Ok(()),
                    Some(_) => Err(format!("expected a dial of `{target}`; others are dialled")),
                    None => Err(format!("expected a dial of `{target}`; nobody is dialled")),
                }
            }
            Expectation::Ends(cause) => self.ends(*cause, phone.ended()).await,
        }
    }

    async fn act(&mut self, line: u32, action: &Action) -> Held {
        let chosen = self.language_key();
        let Some(phone) = self.phone.as_mut() else { return Err(NOBODY.to_owned()) };
        let (did, done) = match action {
            Action::Presses(keys) => (format!("presses {keys:?}"), phone.press(keys).await),
            Action::ChoosesLanguage => {
                let keys = chosen.ok_or_else(|| format!("the line does not speak `{}`", self.language))?;
                ("chooses language".to_owned(), phone.press(&keys).await)
            }
            Action::WaitsSilent => ("waits silent".to_owned(), phone.wait_silent().await),
            Action::Waits => ("waits".to_owned(), phone.wait().await),
            Action::HangsUp => ("hangs up".to_owned(), phone.hang_up().await),
            Action::CallsAgain => return self.call(line).await,
            Action::OperatorAnswers => ("operator answers".to_owned(), phone.operator_answers().await),
            Action::OperatorPresses(keys) => (format!("operator presses {keys:?}"), phone.operator_presses(keys).await),
            Action::OperatorWaits => ("operator waits".to_owned(), phone.operator_waits().await),
            Action::DialEnds { outcome, talk } => {
                (format!("dial ends {}", outcome.name()), phone.dial_ends(*outcome, *talk).await)
            }
        };
        self.transcript.note(line, did);
        done.map_err(|mistaken| told(&mistaken))?;
        self.heard(line);
        Ok(())
    }

    /// Languages are chosen by their place among the line's.
    fn language_key(&self) -> Option<Keys> {
        let place = self.loaded.line.languages.iter().position(|language| language == self.language)?;
        Keys::parse(&(place + 1).to_string()).ok()
    }

    /// Whether the call is over, for this cause. The service has it on record; a provider's document tells no cause.
    async fn ends(&self, cause: EndCause, told: Option<EndCause>) -> Held {
        let Some(told) = told else {
            return Err(format!("expected the end of the call, `{}`; it goes on", cause.name()));
        };
        let on_record = self.world.cause_of_last_end().await.map_err(|failed| failed.to_string())?;
        let found = on_record.unwrap_or(told);
        if found == cause {
            Ok(())
        } else {
            Err(format!("expected the end of the call for `{}`; it has ended for `{}`", cause.name(), found.name()))
        }
    }

    /// A file may stop in mid-call.
    async fn leave(&mut self) -> Held {
        match self.phone.as_mut() {
            Some(phone) if phone.ended().is_none() => phone.hang_up().await.map_err(|mistaken| told(&mistaken)),
            _ => Ok(()),
        }
    }

    fn hears(&self, expected: &[Expected], said: &[Said]) -> Held {
        let heard = self.recognised(said);
        // Where clips are off there is nothing but text.
        let same_medium = |expected: &Expected, heard: &Heard| {
            expected.medium.is_none_or(|medium| !self.world.clips || medium == heard.medium)
        };
        let same_prompts =
            expected.len() == heard.len() && expected.iter().zip(&heard).all(|(this, heard)| heard.is(&this.prompt));
        if !same_prompts {
            let expected: Vec<&str> = expected.iter().map(|expected| expected.prompt.as_str()).collect();
            let heard: Vec<&str> = heard.iter().map(Heard::name).collect();
            let heard = if heard.is_empty() { "nothing".to_owned() } else { heard.join(" ") };
            return Err(format!("expected to hear {}; heard {heard}", expected.join(" ")));
        }
        match expected.iter().zip(&heard).find(|(expected, heard)| !same_medium(expected, heard)) {
            Some((expected, heard)) => Err(match heard.medium {
                Medium::Clip => format!("expected {} as text; it came from clips", expected.prompt),
                Medium::Text => format!("expected {} from clips; it came as text", expected.prompt),
            }),
            None => Ok(()),
        }
    }

    fn recognised(&self, said: &[Said]) -> Vec<Heard> {
        Heard::all(said, |language, text| self.loaded.catalogue.recognise(language, text))
    }

    /// Writes down what has been heard since the last action, and whether somebody is dialled or the call is over.
    fn heard(&mut self, line: u32) {
        let Some(phone) = &self.phone else { return };
        let mut notes = Vec::new();
        for (who, said) in [("hears", phone.heard()), ("operator hears", phone.operator_heard())] {
            let heard = self.recognised(said);
            notes.extend(heard.iter().map(|heard| format!("{who} {} \"{}\"", heard.language, heard.text)));
        }
        if phone.dialling().is_some() {
            notes.push("is connecting".to_owned());
        }
        if phone.ended().is_some() {
            notes.push("the call is over".to_owned());
        }
        for note in notes {
            self.transcript.note(line, note);
        }
    }

    fn failure(&self, line: u32, text: String) -> Failure {
        Failure {
            file: self.script.file.clone(),
            line,
            language: self.language.clone(),
            profile: self.carrier.profile.name.clone(),
            text,
            transcript: self.transcript.clone(),
        }
    }
}

fn told(mistaken: &Mistaken) -> String {
    let mut text = mistaken.to_string();
    let mut cause = std::error::Error::source(mistaken);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn says(language: &Language, text: &str, heard: &[Heard]) -> Held {
    // Chinese is written without spaces between sentences.
    let between = if language.as_str().starts_with("zh") { "" } else { " " };
    let said = heard.iter().map(|heard| heard.text.as_str()).collect::<Vec<_>>().join(between);
    if said == text { Ok(()) } else { Err(format!("expected \"{text}\"\n  heard    \"{said}\"")) }
}
