//! Which scripts a load plays, and how often each.

use crate::call::Language;
use crate::simulator::call_file::{Action, Script, Setting, Step};

/// Scripts with their weights.
#[derive(Clone, Debug)]
pub struct Mix {
    pub parts: Vec<Part>,
    /// A round of calls: the place of each one's script.
    round: Vec<usize>,
}

/// A script of a mix.
#[derive(Clone, Debug)]
pub struct Part {
    pub script: Script,
    /// So many calls of a round are its.
    pub weight: u32,
    /// Those that it is played in, one after the other.
    pub languages: Vec<Language>,
}

/// A script that needs what a load cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct NotForLoad {
    pub file: String,
    pub line: u32,
    pub why: &'static str,
}

impl Mix {
    /// A mix; each script is played in those of `languages` that it is for.
    ///
    /// # Errors
    /// Every script that sets something: a server that is called is as it is.
    pub fn of(scripts: Vec<(Script, u32)>, languages: &[Language]) -> Result<Self, Vec<NotForLoad>> {
        let refused: Vec<NotForLoad> = scripts.iter().filter_map(|(script, _)| refused(script)).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let parts = scripts.into_iter().map(|(script, weight)| {
            let languages = script.language.as_ref().map_or_else(|| languages.to_vec(), |only| vec![only.clone()]);
            Part { script, weight, languages }
        });
        let parts: Vec<Part> = parts.filter(|part| part.weight > 0).collect();
        let round = round(&parts.iter().map(|part| part.weight).collect::<Vec<_>>());
        Ok(Self { parts, round })
    }

    /// The script of call number `place`, from 0, and in which round it is.
    ///
    /// # Panics
    /// If the mix is empty.
    #[must_use]
    pub fn at(&self, place: u64) -> (&Part, u64) {
        let calls = self.round.len() as u64;
        let within = usize::try_from(place % calls).expect("it is less than the length of a list");
        let part = self.round.get(within).and_then(|part| self.parts.get(*part));
        (part.expect("a round is of parts"), place / calls)
    }
}

impl Part {
    /// The language of the calls of a round.
    ///
    /// # Panics
    /// If it is for none.
    #[must_use]
    pub fn language(&self, round: u64) -> &Language {
        let within = usize::try_from(round % self.languages.len() as u64).unwrap_or_default();
        self.languages.get(within).expect("a script is for a language")
    }
}

/// The places of the parts, each as often as its weight, and spread over the round.
fn round(weights: &[u32]) -> Vec<usize> {
    let all: u64 = weights.iter().copied().map(u64::from).sum();
    let mut given = vec![0_u64; weights.len()];
    let mut round = Vec::new();
    for place in 1..=all {
        // Whoever is furthest behind is next.
        let behind = |(part, weight): (usize, &u32)| {
            let due = i128::from(*weight) * i128::from(place);
            (due - i128::from(given.get(part).copied().unwrap_or_default()) * i128::from(all), std::cmp::Reverse(part))
        };
        let Some((_, std::cmp::Reverse(next))) = weights.iter().enumerate().map(behind).max() else { break };
        round.push(next);
        if let Some(given) = given.get_mut(next) {
            *given += 1;
        }
    }
    round
}

/// The first line of a script that a load cannot play.
fn refused(script: &Script) -> Option<NotForLoad> {
    let why = |step: &Step| match step {
        Step::Sets(Setting::Lookup { .. }) => Some("it sets what a lookup does; a load can only call"),
        Step::Sets(Setting::Switch(_)) => Some("it sets a switch; a load can only call"),
        Step::Sets(Setting::DatabaseDown(_)) => Some("it takes the database away; a load can only call"),
        Step::Sets(Setting::Later(_)) => Some("it lets time pass between calls; a load cannot"),
        Step::Does(Action::CallsAgain) => Some("it calls again; a script of a load is one call"),
        Step::Does(_) | Step::Expects(_) => None,
    };
    let (line, why) = script.steps.iter().find_map(|(line, step)| Some((*line, why(step)?)))?;
    Some(NotForLoad { file: script.file.clone(), line, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::call_file::read;

    fn script(rest: &str) -> Script {
        read("a.call", &format!("line 12333 at 2026-03-31 10:00\n{rest}")).unwrap()
    }

    #[test]
    fn a_round_has_each_script_as_often_as_it_weighs_and_spreads_it() {
        assert_eq!(round(&[1]), [0]);
        assert_eq!(round(&[3, 1]), [0, 0, 1, 0]);
        assert_eq!(round(&[2, 2, 1]), [0, 1, 2, 0, 1]);
        let mix =
            Mix::of(vec![(script(""), 2), (script(""), 0), (script(""), 1)], &["zh-CN".into(), "en".into()]).unwrap();
        assert_eq!(mix.parts.len(), 2, "a weight of 0 is none");
        let languages: Vec<&str> =
            (0..6).map(|place| mix.at(place)).map(|(part, round)| part.language(round).as_str()).collect();
        assert_eq!(languages, ["zh-CN", "zh-CN", "zh-CN", "en", "en", "en"]);
    }

    #[test]
    fn what_sets_something_is_refused_with_its_line() {
        for (line, why) in [
            ("lookup payments fails", "it sets what a lookup does"),
            ("switch closed-today on", "it sets a switch"),
            ("database down", "it takes the database away"),
            ("ends finished\nlater 24h", "it lets time pass"),
            ("ends finished\ncalls again", "it calls again"),
        ] {
            let text = format!("hears main.menu\n{line}");
            let refused = Mix::of(vec![(script(&text), 1)], &[]).unwrap_err();
            let at = 1 + u32::try_from(text.lines().count()).unwrap();
            assert!(refused[0].to_string().starts_with(&format!("a.call:{at}: {why}")), "{refused:?}");
        }
    }
}
