//! Plays a `.call` file: does what it does, checks what it expects, and says where they part.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::call_file::{Action, Caller, Expectation, Expected, Script, Setting, Step, write};
use super::carrier::Exchange;
use super::failure::{Difference, Failure};
use super::pace::Pace;
use super::phone::{Mistaken, Phone};
use super::said::{Medium, Said};
use super::transcript::{Heard, Note, Transcript};
use crate::call::{EndCause, Keys, Language, Name, PhoneNumber, Timestamp};
use crate::flow::Loaded;

/// Who calls where a file does not say.
const ANYBODY: &str = "+8612012345678";

/// What is around a call: time, lookups, switches, a store.
#[async_trait]
pub trait Scene: Send + Sync {
    fn loaded(&self) -> Arc<Loaded>;

    fn clock(&self) -> Arc<dyn Pace>;

    /// The first call arrives at this time, as its file says.
    fn begin(&self, at: Timestamp);

    /// Who calls where a file does not say.
    fn anybody(&self) -> PhoneNumber {
        PhoneNumber::parse(ANYBODY).expect("it is a number")
    }

    /// Whether no more is seen than a provider sees: not whose numbers are dialled, and not why a call has ended.
    fn is_outside(&self) -> bool {
        false
    }

    /// Whether there are clips to be heard, and not only text.
    fn has_clips(&self) -> bool;

    /// The name of the dial target that these numbers are behind.
    fn target_of(&self, numbers: &[PhoneNumber]) -> Option<Name>;

    /// Makes it so from here on.
    ///
    /// # Errors
    /// Why it cannot be so.
    async fn set(&self, setting: &Setting) -> Result<(), String>;

    /// Why the call that came last has ended, if that is on record.
    ///
    /// # Errors
    /// Why it cannot be told.
    async fn cause_of_last_end(&self) -> Result<Option<EndCause>, String>;
}

/// Plays a call in a language. The scene must be fresh: what one call leaves behind (tries, PINs, switches) would be
/// there for the next.
///
/// # Errors
/// [`Failure`] at the first line that does not hold.
#[must_use]
pub fn play<'a>(
    scene: &'a dyn Scene,
    exchange: Arc<dyn Exchange>,
    script: &'a Script,
    language: &'a Language,
) -> BoxFuture<'a, Result<Transcript, Failure>> {
    // Boxed so that a task can be spawned with it: the compiler cannot see by itself that it may be.
    Box::pin(async move {
        let mut player = Player::new(scene, exchange, script, language);
        player.play().await?;
        Ok(player.transcript)
    })
}

/// Plays a call whatever it expects, and tells what is so instead where an expectation does not hold: by line number.
///
/// # Errors
/// [`Failure`] where something that is done is not possible.
#[must_use]
pub fn hear<'a>(
    scene: &'a dyn Scene,
    exchange: Arc<dyn Exchange>,
    script: &'a Script,
    language: &'a Language,
) -> BoxFuture<'a, Result<Vec<(u32, Difference)>, Failure>> {
    Box::pin(async move {
        let mut player = Player::new(scene, exchange, script, language);
        player.differences = Some(Vec::new());
        player.play().await?;
        Ok(player.differences.unwrap_or_default())
    })
}

struct Player<'a> {
    scene: &'a dyn Scene,
    exchange: Arc<dyn Exchange>,
    script: &'a Script,
    language: &'a Language,
    loaded: Arc<Loaded>,
    /// `None` until the first line that is about the call: switches can be set before.
    phone: Option<Phone>,
    transcript: Transcript,
    /// Expectations that do not hold, if the call goes on after one.
    differences: Option<Vec<(u32, Difference)>>,
}

const NOBODY: &str = "nobody has called";

/// What does not hold, in words, and as lines.
struct Unlike {
    text: String,
    difference: Option<Difference>,
}

type Held = Result<(), Unlike>;

impl From<String> for Unlike {
    fn from(text: String) -> Self {
        Self { text, difference: None }
    }
}

impl Unlike {
    fn line(text: String, expected: String, instead: Option<String>) -> Self {
        Self { text, difference: Some(Difference { expected, instead }) }
    }
}

impl<'a> Player<'a> {
    fn new(scene: &'a dyn Scene, exchange: Arc<dyn Exchange>, script: &'a Script, language: &'a Language) -> Self {
        let loaded = scene.loaded();
        let (phone, transcript, differences) = (None, Transcript::default(), None);
        Self { scene, exchange, script, language, loaded, phone, transcript, differences }
    }

    async fn play(&mut self) -> Result<(), Failure> {
        let mut last = 1;
        for (line, step) in &self.script.steps {
            last = *line;
            if let Err(unlike) = self.step(*line, step).await {
                match (&mut self.differences, unlike.difference) {
                    (Some(differences), Some(difference)) => differences.push((*line, difference)),
                    (_, difference) => return Err(self.failure(*line, Unlike { difference, ..unlike })),
                }
            }
        }
        self.leave().await.map_err(|unlike| self.failure(last, unlike))
    }

    async fn step(&mut self, line: u32, step: &Step) -> Held {
        match step {
            Step::Sets(setting) => Ok(self.scene.set(setting).await?),
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

    /// The first call, at the time that the file names.
    async fn begin(&mut self, line: u32) -> Held {
        if self.phone.is_some() {
            return Ok(());
        }
        self.scene.begin(self.at()?);
        self.call(line).await
    }

    /// When the first call arrives.
    fn at(&self) -> Result<Timestamp, String> {
        let local = self.script.at.to_zoned(self.loaded.line.zone.clone());
        local.map(|at| Timestamp::from_millis(at.timestamp().as_millisecond())).map_err(|failed| failed.to_string())
    }

    async fn call(&mut self, line: u32) -> Held {
        if self.script.line != self.loaded.line.name {
            return Err(
                format!("expected line `{}`; this is line `{}`", self.script.line, self.loaded.line.name).into()
            );
        }
        let from = match &self.script.from {
            Caller::Anybody => Some(self.scene.anybody()),
            Caller::Withheld => None,
            Caller::Number(number) => Some(number.clone()),
        };
        // A number that is not listed reaches the first line.
        let to = PhoneNumber::parse(self.script.line.as_str()).map_err(|failed| failed.to_string())?;
        self.transcript.note(line, Note::Did("calls".to_owned()));
        let phone = Phone::call(Arc::clone(&self.exchange), self.scene.clock(), from, to).await;
        self.phone = Some(phone.map_err(|mistaken| told(&mistaken))?);
        self.wait_out_fillers().await?;
        self.heard(line);
        Ok(())
    }

    async fn expect(&self, expectation: &Expectation) -> Held {
        let Some(phone) = &self.phone else { return Err(NOBODY.to_owned().into()) };
        match expectation {
            Expectation::Hears(ids) => self.hears("hears", ids, phone.heard()),
            Expectation::OperatorHears(ids) => self.hears("operator hears", ids, phone.operator_heard()),
            Expectation::Says { language, .. } if language != self.language => Ok(()),
            Expectation::Says { language, text } => says(language, text, &self.recognised(phone.heard())),
            Expectation::Dials(target) => {
                let dialled = phone.dialling().map(|dial| self.scene.target_of(&dial.numbers));
                let text = match &dialled {
                    Some(_) if self.scene.is_outside() => return Ok(()),
                    Some(Some(other)) if other == target => return Ok(()),
                    Some(_) => format!("expected a dial of `{target}`; others are dialled"),
                    None => format!("expected a dial of `{target}`; nobody is dialled"),
                };
                let instead = dialled.flatten().map(|target| format!("dials {target}"));
                Err(Unlike::line(text, format!("dials {target}"), instead))
            }
            Expectation::Ends(cause) => self.ends(*cause, phone.ended()).await,
        }
    }

    async fn act(&mut self, line: u32, action: &Action) -> Held {
        let chosen = self.language_key();
        let Some(phone) = self.phone.as_mut() else { return Err(NOBODY.to_owned().into()) };
        let (did, done) = match action {
            Action::Presses(keys) => (format!("presses {keys:?}"), phone.press(keys).await),
            Action::ChoosesLanguage => {
                let keys = chosen.ok_or_else(|| format!("the line does not speak `{}`", self.language))?;
                ("chooses language".to_owned(), phone.press(&keys).await)
            }
            Action::WaitsSilent => ("waits silent".to_owned(), phone.wait_silent().await),
            Action::Waits => ("waits".to_owned(), phone.wait().await),
            Action::Speaks(time) => (format!("says {} s", time.as_secs_f32()), phone.speak(*time).await),
            Action::RecordingFails => ("recording fails".to_owned(), phone.recording_fails().await),
            Action::HangsUp => ("hangs up".to_owned(), phone.hang_up().await),
            Action::CallsAgain => return self.call(line).await,
            Action::OperatorAnswers => ("operator answers".to_owned(), phone.operator_answers().await),
            Action::OperatorPresses(keys) => (format!("operator presses {keys:?}"), phone.operator_presses(keys).await),
            Action::OperatorWaits => ("operator waits".to_owned(), phone.operator_waits().await),
            Action::DialEnds { outcome, talk } => {
                (format!("dial ends {}", outcome.name()), phone.dial_ends(*outcome, *talk).await)
            }
        };
        self.transcript.note(line, Note::Did(did));
        done.map_err(|mistaken| told(&mistaken))?;
        self.wait_out_fillers().await?;
        self.heard(line);
        Ok(())
    }

    /// How fast lookups are is not in the hands of who calls from outside: whoever is asked to wait, waits.
    async fn wait_out_fillers(&mut self) -> Held {
        let Some(phone) = self.phone.as_mut().filter(|_| self.scene.is_outside()) else { return Ok(()) };
        while phone.goes_on() {
            let last = phone.heard().last().map(std::slice::from_ref).unwrap_or_default();
            let last = Heard::all(last, |language, text| self.loaded.catalogue.recognise(language, text));
            if !last.first().is_some_and(|last| last.prompts.contains(&self.loaded.line.wait)) {
                break;
            }
            phone.wait_on().await.map_err(|mistaken| told(&mistaken))?;
        }
        Ok(())
    }

    /// Languages are chosen by their place among the line's.
    fn language_key(&self) -> Option<Keys> {
        let place = self.loaded.line.languages.iter().position(|language| language == self.language)?;
        Keys::parse(&(place + 1).to_string()).ok()
    }

    /// Whether the call is over, for this cause. The service has it on record; a provider's document tells no cause.
    async fn ends(&self, cause: EndCause, told: Option<EndCause>) -> Held {
        let expected = || format!("ends {}", cause.name());
        let Some(told) = told else {
            let text = format!("expected the end of the call, `{}`; it goes on", cause.name());
            return Err(Unlike::line(text, expected(), None));
        };
        if self.scene.is_outside() {
            return Ok(());
        }
        let found = self.scene.cause_of_last_end().await?.unwrap_or(told);
        if found == cause {
            return Ok(());
        }
        let text = format!("expected the end of the call for `{}`; it has ended for `{}`", cause.name(), found.name());
        Err(Unlike::line(text, expected(), Some(format!("ends {}", found.name()))))
    }

    /// A file may stop in mid-call.
    async fn leave(&mut self) -> Held {
        match self.phone.as_mut() {
            Some(phone) if phone.ended().is_none() => phone.hang_up().await.map_err(|mistaken| told(&mistaken).into()),
            _ => Ok(()),
        }
    }

    fn hears(&self, who: &str, expected: &[Expected], said: &[Said]) -> Held {
        let heard = self.recognised(said);
        // Where clips are off there is nothing but text.
        let same_medium = |expected: &Expected, heard: &Heard| {
            expected.medium.is_none_or(|medium| !self.scene.has_clips() || medium == heard.medium)
        };
        let same_prompts =
            expected.len() == heard.len() && expected.iter().zip(&heard).all(|(this, heard)| heard.is(&this.prompt));
        let differs = expected.iter().zip(&heard).find(|(expected, heard)| !same_medium(expected, heard));
        let text = match differs {
            _ if !same_prompts => {
                let names: Vec<&str> = heard.iter().map(Heard::name).collect();
                let names = if names.is_empty() { "nothing".to_owned() } else { names.join(" ") };
                let expected: Vec<&str> = expected.iter().map(|expected| expected.prompt.as_str()).collect();
                format!("expected to hear {}; heard {names}", expected.join(" "))
            }
            Some((expected, heard)) => match heard.medium {
                Medium::Clip => format!("expected {} as text; it came from clips", expected.prompt),
                Medium::Text => format!("expected {} from clips; it came as text", expected.prompt),
            },
            None => return Ok(()),
        };
        let with_media = expected.iter().any(|expected| expected.medium.is_some());
        let expected = write::hears(who, expected.iter().map(|one| (one.prompt.as_str(), one.medium)));
        let media = heard.iter().map(|one| (one.name(), with_media.then_some(one.medium)));
        let instead = (!heard.is_empty()).then(|| write::hears(who, media));
        Err(Unlike::line(text, expected, instead))
    }

    fn recognised(&self, said: &[Said]) -> Vec<Heard> {
        Heard::all(said, |language, text| self.loaded.catalogue.recognise(language, text))
    }

    /// Writes down what has been heard since the last action, and whether somebody is dialled or the call is over.
    fn heard(&mut self, line: u32) {
        let Some(phone) = &self.phone else { return };
        for (operator, said) in [(false, phone.heard()), (true, phone.operator_heard())] {
            for said in said.iter().filter(|said| said.has_words()) {
                let (language, text) = (said.language.clone(), Arc::clone(&said.text));
                self.transcript.note(line, Note::Hears { operator, language, text });
            }
        }
        if phone.dialling().is_some() {
            self.transcript.note(line, Note::Connecting);
        }
        if phone.ended().is_some() {
            self.transcript.note(line, Note::Over);
        }
    }

    fn failure(&self, line: u32, unlike: Unlike) -> Failure {
        let Unlike { text, difference } = unlike;
        Failure {
            file: self.script.file.clone(),
            line,
            language: self.language.clone(),
            way: self.exchange.name().to_owned(),
            text,
            difference,
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
    let said = heard.iter().map(|heard| &*heard.text).collect::<Vec<_>>().join(between);
    if said == text || heard.iter().any(Heard::is_unheard) {
        return Ok(());
    }
    let line = |text: &str| format!("says {language} {}", write::quoted(text));
    let told = format!("expected \"{text}\"\n  heard    \"{said}\"");
    Err(Unlike::line(told, line(text), (!said.is_empty()).then(|| line(&said))))
}
