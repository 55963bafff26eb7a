//! A mistake in a file, told to its author.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

/// A range of bytes of a file; line and column count from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub start: usize,
    pub end: usize,
    pub line: usize,
    pub column: usize,
}

/// Something to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the file, as the author knows it.
    pub file: Arc<str>,
    pub place: Place,
    /// A stable name: `unknown-target`.
    pub code: &'static str,
    /// What is wrong and what was expected; lower case, no full stop.
    pub text: String,
    /// Who comes to hear it, if it takes a call to show: "a caller who presses 3, then nothing, ...".
    pub caller: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// What to write at `place` instead.
    pub fix: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {} [{}]", self.file, self.place.line, self.place.column, self.text, self.code)?;
        for more in [&self.caller, &self.help].into_iter().flatten() {
            write!(f, "\n    {more}")?;
        }
        Ok(())
    }
}

/// Collects the problems of all files of a line.
#[derive(Debug, Default)]
pub struct Problems {
    found: RefCell<Vec<Problem>>,
}

impl Problems {
    /// Adds a problem without help; see [`Problems::add`].
    pub fn report(&self, file: &Arc<str>, place: Place, code: &'static str, text: impl Into<String>) {
        self.add(Problem {
            file: Arc::clone(file),
            place,
            code,
            text: text.into(),
            caller: None,
            help: None,
            fix: None,
        });
    }

    /// Adds a problem whose help is a list of what could stand there; the closest becomes the fix.
    pub fn report_choice<'a>(
        &self,
        file: &Arc<str>,
        place: Place,
        code: &'static str,
        text: impl Into<String>,
        written: &str,
        choices: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        let fix = did_you_mean(written, choices.clone());
        let help = if let Some(fix) = &fix {
            Some(format!("did you mean `{fix}`?"))
        } else {
            let all: Vec<&str> = choices.into_iter().take(13).collect();
            (1..=12).contains(&all.len()).then(|| format!("possible here: {}", all.join(", ")))
        };
        self.add(Problem { file: Arc::clone(file), place, code, text: text.into(), caller: None, help, fix });
    }

    pub fn add(&self, problem: Problem) {
        self.found.borrow_mut().push(problem);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// All problems, by file and place.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| (&a.file, a.place, a.code).cmp(&(&b.file, b.place, b.code)));
        found.dedup();
        found
    }
}

/// The word of `choices` that `written` is most likely a slip of.
pub fn did_you_mean<'a>(written: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = |choice: &&str| strsim::damerau_levenshtein(written, choice) <= 1 + choice.chars().count() / 4;
    let distance = |choice: &&str| (strsim::damerau_levenshtein(written, choice), choice.len());
    choices.into_iter().filter(near).min_by_key(distance).map(str::to_owned)
}
