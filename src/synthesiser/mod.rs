//! A program of somebody's choice that speaks: text in, a WAV file out. Clips are rendered by it, and [`OwnVoice`] has it,
//! or a service of its own, say what there are no clips for.
//!
//! It reads lines on standard input, `id<TAB>language<TAB>text<TAB>pronounced<TAB>path`, writes a WAV file of any rate
//! to the path and answers `id` on standard output, or `id<TAB>why` where it cannot. It is *not* the sound itself: what
//! comes out is brought to the telephone's form and level by [`crate::audio`].

mod cache;
mod http;
mod own_voice;
mod speaker;

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

pub use own_voice::OwnVoice;
pub use speaker::{BadSource, Source, SpeakError, Words};

/// A text to be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    pub id: &'a str,
    /// `zh-CN`.
    pub language: &'a str,
    pub text: &'a str,
    /// Words that are not pronounced as usual: `还款=huan2 kuan3;...`.
    pub pronounced: &'a str,
    /// Where the WAV file goes; its folder is there.
    pub path: &'a Path,
}

/// Why a text was not spoken. It never holds the text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the command `{0}` is no command line; close its quotation marks")]
    NoCommand(String),
    #[error("`{program}` does not start; is it installed, and is its path right from this folder?")]
    Start { program: String, source: io::Error },
    #[error("{0}")]
    Refused(String),
    #[error("the synthesiser ended before it answered ({0}); what it says about it is on standard error")]
    Died(String),
    #[error("the synthesiser took longer than {} s", .0.as_secs())]
    Late(Duration),
    #[error("the synthesiser answered `{0}` where it was asked for another clip; it has to answer in turn")]
    OutOfTurn(String),
    #[error("the synthesiser says that it is done and there is no file")]
    NoFile,
}

/// One process of such a program: started when it is first needed, and again after it died or was too slow.
#[derive(Debug)]
pub struct Synthesiser {
    program: String,
    arguments: Vec<String>,
    limit: Duration,
    /// What it writes on standard error is thrown away.
    quiet: bool,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What became of one try.
enum Outcome {
    Answered(Result<(), Error>),
    /// How it ended.
    Died(String),
}

impl Synthesiser {
    /// `command` is a program and its arguments, quoted as in a shell; no shell reads it. `limit`: the time that one
    /// text may take.
    ///
    /// # Errors
    /// [`Error::NoCommand`] for an empty command or one with an open quotation.
    pub fn new(command: &str, limit: Duration) -> Result<Self, Error> {
        let no_command = || Error::NoCommand(command.to_owned());
        let mut words = shlex::split(command).ok_or_else(no_command)?.into_iter();
        let program = words.next().ok_or_else(no_command)?;
        Ok(Self { program, arguments: words.collect(), limit, quiet: false, running: None })
    }

    /// The same, but what it writes on standard error is thrown away: it may quote what callers hear.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Whether it has been started and has not ended, as far as is known.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Has a text spoken into its file. A program that dies gets the text once more, newly started.
    ///
    /// # Errors
    /// [`Error`]. After any of them the next text can be asked for.
    pub async fn speak(&mut self, request: &Request<'_>) -> Result<(), Error> {
        let mut died = String::new();
        for _ in 0..2 {
            match timeout(self.limit, self.ask(request)).await {
                Ok(Ok(Outcome::Answered(answer))) => {
                    answer?;
                    return if request.path.is_file() { Ok(()) } else { Err(Error::NoFile) };
                }
                Ok(Ok(Outcome::Died(how))) => died = how,
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    // Its late answer would be taken for the next one's.
                    self.running = None;
                    return Err(Error::Late(self.limit));
                }
            }
        }
        Err(Error::Died(died))
    }

    async fn ask(&mut self, request: &Request<'_>) -> Result<Outcome, Error> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let Request { id, language, text, pronounced, path } = request;
        let (text, pronounced) = (one_line(text), one_line(pronounced));
        let line = format!("{id}\t{language}\t{text}\t{pronounced}\t{}\n", path.display());
        let written = match running.requests.write_all(line.as_bytes()).await {
            Ok(()) => running.requests.flush().await,
            failed => failed,
        };
        let answer = if written.is_ok() { running.answers.next_line().await } else { Ok(None) };
        let Ok(Some(answer)) = answer else {
            drop(running.requests);
            let how = running.child.wait().await.map_or_else(|failed| failed.to_string(), |how| how.to_string());
            return Ok(Outcome::Died(how));
        };
        let (answered, why) = answer.split_once('\t').map_or((answer.as_str(), None), |(id, why)| (id, Some(why)));
        if answered != *id {
            return Ok(Outcome::Answered(Err(Error::OutOfTurn(answer))));
        }
        self.running = Some(running);
        Ok(Outcome::Answered(why.map_or(Ok(()), |why| Err(Error::Refused(why.to_owned())))))
    }

    fn start(&self) -> Result<Running, Error> {
        let failed = |source| Error::Start { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        if self.quiet {
            command.stderr(Stdio::null());
        }
        // Ctrl-C is for us: we end it when what is under way has been kept.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, answers) = pipes.ok_or_else(|| failed(io::Error::other("it has no pipes")))?;
        Ok(Running { child, requests, answers: BufReader::new(answers).lines() })
    }
}

/// Tabs and line ends mean something in the protocol.
fn one_line(text: &str) -> String {
    text.split(['\t', '\r', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// A synthesiser in a few lines of shell; `$path` and `$id` are those of the request.
    fn synthesiser(folder: &Path, does: &str) -> Synthesiser {
        let script = folder.join("speak.sh");
        let tab = "IFS=$(printf '\\t')";
        let text = format!("{tab}\nwhile read -r id language text pronounced path; do\n{does}\ndone\n");
        std::fs::write(&script, text).unwrap();
        Synthesiser::new(&format!("sh '{}'", script.display()), Duration::from_secs(20)).unwrap()
    }

    async fn spoken(synthesiser: &mut Synthesiser, folder: &Path, id: &str) -> Result<String, String> {
        let path = folder.join(format!("{id}.wav"));
        let request = Request { id, language: "en", text: "two\n\twords", pronounced: "a=b", path: &path };
        synthesiser.speak(&request).await.map_err(|error| error.to_string())?;
        Ok(std::fs::read_to_string(&path).unwrap())
    }

    #[tokio::test]
    async fn a_text_becomes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let does = "echo \"$language|$text|$pronounced\" >\"$path\"; echo \"$id\"";
        let mut synthesiser = synthesiser(folder.path(), does);
        for id in ["one", "two"] {
            assert_eq!(spoken(&mut synthesiser, folder.path(), id).await, Ok("en|two words|a=b\n".to_owned()));
        }
    }

    #[tokio::test]
    async fn what_it_cannot_say_is_told_and_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let does = "if [ $id = bad ]; then printf '%s\\tno voice\\n' $id; else echo x >\"$path\"; echo $id; fi";
        let mut synthesiser = synthesiser(folder.path(), does);
        assert_eq!(spoken(&mut synthesiser, folder.path(), "bad").await, Err("no voice".to_owned()));
        assert!(spoken(&mut synthesiser, folder.path(), "good").await.is_ok());
    }

    #[tokio::test]
    async fn a_program_that_dies_is_started_once_more() {
        let folder = tempfile::tempdir().unwrap();
        // It dies at its first request, and at every one that is for `bad`.
        let once = folder.path().join("once");
        let does = format!(
            "[ -e '{0}' ] || {{ touch '{0}'; exit 3; }}; [ $id = bad ] && exit 4; echo x >\"$path\"; echo $id",
            once.display()
        );
        let mut synthesiser = synthesiser(folder.path(), &does);
        assert!(spoken(&mut synthesiser, folder.path(), "a").await.is_ok());
        let died = spoken(&mut synthesiser, folder.path(), "bad").await.unwrap_err();
        assert!(died.contains("exit status: 4"), "{died}");
        assert!(spoken(&mut synthesiser, folder.path(), "b").await.is_ok());
    }

    #[tokio::test]
    async fn one_that_is_too_slow_or_answers_for_another_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let does = "[ $id = slow ] && exec sleep 600; [ $id = other ] && id=else; [ $id = none ] || echo x >\"$path\"; echo $id";
        let mut synthesiser = synthesiser(folder.path(), does);
        let error = spoken(&mut synthesiser, folder.path(), "other").await.unwrap_err();
        assert!(error.contains("answered `else`"), "{error}");
        assert!(spoken(&mut synthesiser, folder.path(), "none").await.unwrap_err().contains("no file"));
        synthesiser.limit = Duration::ZERO;
        assert!(spoken(&mut synthesiser, folder.path(), "slow").await.unwrap_err().contains("took longer"));
        synthesiser.limit = Duration::from_secs(20);
        assert!(spoken(&mut synthesiser, folder.path(), "good").await.is_ok());
    }

    #[tokio::test]
    async fn a_command_that_is_none_says_what_to_do() {
        for (command, expected) in [("", "no command line"), ("sh 'x", "close its quotation"), ("/nowhere/x", "")] {
            let error = match Synthesiser::new(command, Duration::from_secs(1)) {
                Ok(mut synthesiser) => spoken(&mut synthesiser, Path::new("/"), "x").await.unwrap_err(),
                Err(error) => error.to_string(),
            };
            assert!(error.contains(if expected.is_empty() { "does not start" } else { expected }), "{error}");
        }
    }
}
