//! Prompt files -> catalogue, with all mistakes at once. A file is a flat mapping `id: text`; what it says is what
//! callers hear, so figures are placeholders and keys are words.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::catalogue::{Catalogue, Entry};
use super::clip::Manifest;
use super::say::{self, Tongue};
use super::template::{Fault, Slot, Template};
use super::voice::Voice;
use super::{Reading, is_written};
use crate::call::{Language, PromptId};
use crate::yaml::{self, At, Place, Problem, Problems, Tree};

/// A text as it was found.
struct Found {
    file: Arc<str>,
    place: Place,
    /// `None` if it could not be read; that has been reported.
    template: Option<Template>,
    /// A placeholder of it was left out; that has been reported.
    faulty: bool,
}

/// The texts of one language.
struct Texts {
    language: Language,
    by_id: BTreeMap<PromptId, Found>,
    /// All of its files could be read, so what is not here is missing.
    complete: bool,
}

impl Texts {
    /// Every text that there is could be read.
    fn is_readable(&self) -> bool {
        self.complete && self.by_id.values().all(|found| found.template.is_some())
    }
}

pub(super) fn read(files: &BTreeMap<String, String>, languages: &[Language], problems: &Problems) -> Catalogue {
    let mut all: Vec<Texts> = Vec::new();
    for language in languages {
        match say::tongue(language) {
            Ok(tongue) => all.push(read_language(files, tongue, problems)),
            Err(error) => {
                let file = Arc::from(format!("prompts/{language}"));
                problems.report(&file, Place::default(), "unknown-language", error.to_string());
            }
        }
    }
    report_missing(&all, problems);
    report_differences(&all, problems);
    let mut catalogue = collect(&all);
    let all_read = all.len() == languages.len() && all.iter().all(Texts::is_readable);
    catalogue.is_incomplete = languages.is_empty() || !all_read;
    report_words(&all, &catalogue, problems);
    for language in languages {
        if let Ok(tongue) = say::tongue(language) {
            let voice = read_voice(files, language, problems);
            catalogue.give_voice(language, tongue, voice);
        }
    }
    catalogue.give_sounds(read_manifest(files, &format!("prompts/{SOUNDS}/{}", Manifest::FILE), problems));
    catalogue
}

/// The folder of what is heard and is no speech.
const SOUNDS: &str = "sounds";
/// Words that a voice would get wrong.
const PRONUNCIATION: &str = "pronunciation.csv";

/// What there is of clips in a language, and how its words are pronounced.
fn read_voice(files: &BTreeMap<String, String>, language: &Language, problems: &Problems) -> Voice {
    let manifest = read_manifest(files, &format!("prompts/{language}/{}", Manifest::FILE), problems);
    let path = format!("prompts/{language}/{PRONUNCIATION}");
    let mut voice = Voice::new(manifest);
    let mut reader = csv::Reader::from_reader(files.get(&path).map_or("", String::as_str).as_bytes());
    for row in reader.deserialize::<(String, String)>() {
        match row {
            Ok(row) => voice.pronunciation.push(row),
            Err(failed) => {
                let at = failed.position().map_or((1, 0), |at| (at.line(), at.byte()));
                report_row(&path, at, "expected a word and how it is pronounced, `还款,huan2 kuan3`", problems);
            }
        }
    }
    voice
}

fn read_manifest(files: &BTreeMap<String, String>, path: &str, problems: &Problems) -> Manifest {
    let (manifest, bad) = Manifest::read(files.get(path).map_or("", String::as_str));
    for row in bad {
        let text = format!("a line of the clip manifest cannot be read: {}", row.text);
        report_row(path, (row.line, row.start), &text, problems);
    }
    manifest
}

/// `at`: the line and its first byte.
fn report_row(path: &str, at: (u64, u64), text: &str, problems: &Problems) {
    let [line, start] = [at.0, at.1].map(|number| usize::try_from(number).unwrap_or_default());
    let place = Place { start, end: start, line, column: 1 };
    problems.report(&Arc::from(path), place, "bad-row", text);
}

fn read_language(files: &BTreeMap<String, String>, tongue: &Tongue, problems: &Problems) -> Texts {
    let mut texts = Texts { language: Language::from(tongue.tag), by_id: BTreeMap::new(), complete: true };
    let is_own = |path: &str| folder(path) == Some(tongue.tag) && path.rsplit('.').next() == Some("yaml");
    let mut files = files.iter().filter(|(path, _)| is_own(path)).peekable();
    if files.peek().is_none() {
        texts.complete = false;
        let file = Arc::from(format!("prompts/{}", tongue.tag));
        problems.report(
            &file,
            Place::default(),
            "missing-language",
            "the line speaks this language and has no prompts",
        );
    }
    for (path, source) in files {
        read_file(path, source, tongue, &mut texts, problems);
    }
    texts
}

/// The name of the folder that a file is in.
fn folder(path: &str) -> Option<&str> {
    path.rsplit(['/', '\\']).nth(1)
}

fn read_file(path: &str, source: &str, tongue: &Tongue, texts: &mut Texts, problems: &Problems) {
    let file: Arc<str> = Arc::from(path);
    // The colon of a placeholder is YAML's own where a text has no quotes; its complaint does not help an author.
    let own = Problems::default();
    let read = Tree::parse(path, source, &own).and_then(|tree| yaml::read::<BTreeMap<String, At<String>>>(&tree, &own));
    texts.complete &= read.is_some();
    for problem in own.into_sorted() {
        let unclear = problem.code == "yaml-syntax" || problem.text.ends_with("found a mapping");
        let quotes = "a text with a colon or a placeholder stands in quotes: `id: \"... {total: amount} ...\"`";
        let help = if unclear { Some(quotes.to_owned()) } else { problem.help.clone() };
        problems.add(Problem { help, ..problem });
    }
    for (id, text) in read.unwrap_or_default() {
        check_id(&file, &id, text.place, problems);
        let mut found = Found { file: Arc::clone(&file), place: text.place, template: None, faulty: false };
        if let Some(value) = text.get() {
            let (template, faults) = Template::parse(value);
            found.template = Some(template);
            found.faulty = !faults.is_empty();
            report_faults(&found, source, value, faults, problems);
            if !is_written(&id) {
                report_digits(&found, source, value, tongue, problems);
            }
        }
        let id = PromptId::from(id);
        if let Some(first) = texts.by_id.get(&id) {
            let text = format!("`{id}` is written twice; first at {}:{}", first.file, first.place.line);
            problems.report(&file, found.place, "written-twice", text);
        } else {
            texts.by_id.insert(id, found);
        }
    }
}

fn check_id(file: &Arc<str>, id: &str, place: Place, problems: &Problems) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if id.is_empty() || !id.chars().all(allowed) {
        let text = format!("`{id}` is no name for a prompt; names are words of a-z with dots and hyphens between");
        problems.report(file, place, "bad-id", text);
    }
}

/// Reports what is wrong in one text: its placeholders, or that it is empty.
fn report_faults(found: &Found, source: &str, text: &str, faults: Vec<Fault>, problems: &Problems) {
    if text.trim().is_empty() {
        problems.report(&found.file, found.place, "empty-text", "a prompt says something; this text is empty");
    }
    report_all(found, source, text, faults, problems);
}

/// Reports digits in a text that is said.
fn report_digits(found: &Found, source: &str, text: &str, tongue: &Tongue, problems: &Problems) {
    let faults = digits_outside_placeholders(text).map(|range| Fault {
        code: "digit-in-text",
        text: "a digit in a text is read as each voice pleases".to_owned(),
        help: tongue.instead_of_digits.to_owned(),
        fix: None,
        range,
    });
    report_all(found, source, text, faults, problems);
}

fn report_all(found: &Found, source: &str, text: &str, faults: impl IntoIterator<Item = Fault>, problems: &Problems) {
    for fault in faults {
        let (place, exact) = within(source, found.place, text, &fault.range);
        problems.add(Problem {
            file: Arc::clone(&found.file),
            place,
            code: fault.code,
            text: fault.text,
            caller: None,
            help: Some(fault.help),
            fix: fault.fix.filter(|_| exact),
        });
    }
}

/// Runs of digits, of any script, that would be spoken as they stand.
fn digits_outside_placeholders(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            // 一 is numeric as well, but it is a word.
            digit if depth == 0 && (digit.is_ascii_digit() || ('０'..='９').contains(&digit)) => {
                let end = at + digit.len_utf8();
                match runs.last_mut() {
                    Some(run) if run.end == at => run.end = end,
                    _ => runs.push(at..end),
                }
            }
            _ => {}
        }
    }
    runs.into_iter()
}

/// The place of a range of a text. Exact (`true`) where the text stands in the file as it is, in quotes or without;
/// the place of the whole text otherwise.
fn within(source: &str, place: Place, text: &str, range: &Range<usize>) -> (Place, bool) {
    let raw = source.get(place.start..place.end).unwrap_or_default();
    let quote = usize::from(raw.starts_with(['"', '\'']));
    let inner = raw.get(quote..raw.len().saturating_sub(quote));
    let before = text.get(..range.start).filter(|_| inner == Some(text) && !text.contains('\n'));
    let Some(before) = before else { return (place, false) };
    let start = place.start + quote;
    let column = place.column + quote + before.chars().count();
    (Place { start: start + range.start, end: start + range.end, line: place.line, column }, true)
}

fn report_missing(all: &[Texts], problems: &Problems) {
    for texts in all {
        for other in all.iter().filter(|other| other.language != texts.language && other.complete) {
            for (id, found) in texts.by_id.iter().filter(|(id, _)| !other.by_id.contains_key(*id)) {
                let name = found.file.rsplit(['/', '\\']).next().unwrap_or_default();
                problems.add(Problem {
                    file: Arc::clone(&found.file),
                    place: found.place,
                    code: "missing-text",
                    text: format!("`{id}` has no text in {}", other.language),
                    caller: None,
                    help: Some(format!("write it in prompts/{}/{name}", other.language)),
                    fix: None,
                });
            }
        }
    }
}

/// The placeholders of a prompt are those of the first language that has it.
fn report_differences(all: &[Texts], problems: &Problems) {
    let mut first: BTreeMap<&PromptId, (&Language, &Template)> = BTreeMap::new();
    for texts in all {
        for (id, found) in texts.by_id.iter().filter(|(_, found)| !found.faulty) {
            let Some(here) = &found.template else { continue };
            let (language, known) = *first.entry(id).or_insert((&texts.language, here));
            let (known, here) = (known.slots(), here.slots());
            let show = |slot: &Slot| format!("`{{{}: {}}}`", slot.name, slot.reading);
            let absent = known.iter().filter(|slot| !here.contains(slot));
            let absent = absent.map(|slot| format!("`{id}` lacks {}, which it has in {language}", show(slot)));
            let extra = here.iter().filter(|slot| !known.contains(slot));
            let extra = extra.map(|slot| format!("`{id}` has {}, which it has not in {language}", show(slot)));
            for text in absent.chain(extra) {
                problems.report(&found.file, found.place, "placeholders-differ", text);
            }
        }
    }
}

/// Words are said inside other prompts: they have no placeholders, and a placeholder names a set that there is.
fn report_words(all: &[Texts], catalogue: &Catalogue, problems: &Problems) {
    let ids = catalogue.ids().map(PromptId::as_str);
    let sets: BTreeSet<&str> = ids.filter_map(|id| id.strip_prefix("word.")?.split('.').next()).collect();
    for (id, found) in all.iter().flat_map(|texts| &texts.by_id) {
        let slots = found.template.as_ref().map(Template::slots).unwrap_or_default();
        if id.as_str().starts_with("word.") && !slots.is_empty() {
            let text = format!("`{id}` is a word said inside other prompts; it takes no placeholders");
            problems.report(&found.file, found.place, "word-with-placeholder", text);
        }
        for slot in slots {
            if let Reading::Word(set) = &slot.reading
                && !sets.contains(set.as_str())
            {
                let near = yaml::did_you_mean(set, sets.iter().copied());
                problems.add(Problem {
                    file: Arc::clone(&found.file),
                    place: found.place,
                    code: "unknown-word-set",
                    text: format!("`{{{}: {}}}`: there are no prompts `word.{set}.*`", slot.name, slot.reading),
                    caller: None,
                    help: near.map(|near| format!("did you mean `{near}`?")),
                    fix: None,
                });
            }
        }
    }
}

fn collect(all: &[Texts]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for texts in all {
        for (id, found) in &texts.by_id {
            let Some(template) = &found.template else { continue };
            let new = || Entry { slots: template.slots(), texts: BTreeMap::new() };
            let entry = catalogue.prompts.entry(id.clone()).or_insert_with(new);
            entry.texts.insert(texts.language.clone(), template.clone());
        }
    }
    catalogue
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problems of these files, `zh-CN/main.yaml:2:7 code text | help | fix`.
    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (format!("prompts/{path}"), (*text).to_owned())).collect();
        let problems = Problems::default();
        read(&files, &[Language::from("zh-CN"), Language::from("en")], &problems);
        let show = |problem: Problem| {
            let Problem { file, place, code, text, help, fix, caller: _ } = problem;
            let file = file.trim_start_matches("prompts/").to_owned();
            format!(
                "{file}:{}:{} {code} {text}|{}|{}",
                place.line,
                place.column,
                help.unwrap_or_default(),
                fix.unwrap_or_default()
            )
        };
        problems.into_sorted().into_iter().map(show).collect()
    }

    #[test]
    fn a_whole_line_without_mistakes_has_no_problems() {
        let none: [String; 0] = [];
        assert_eq!(
            problems(&[
                ("zh-CN/med.yaml", "med.balance: \"截至{as-of: date}，{i: word insurance}余额{total: amount}。\"\n"),
                ("zh-CN/words.yaml", "word.insurance.pension: 养老保险\n"),
                ("en/med.yaml", "med.balance: As of {as-of:date}, {i:word insurance} holds {total:amount}.\n"),
                ("en/words.yaml", "word.insurance.pension: pension\n"),
                ("nl/med.yaml", "med.balance: 100 {x}"),
            ]),
            none
        );
    }

    #[test]
    fn a_mistake_in_a_text_is_shown_where_it_is() {
        for (text, expected) in [
            (
                "a: \"共{t: amuont}。\"",
                "1:6 unknown-reading unknown reading `amuont`|did you mean `amount`?|{t: amount}",
            ),
            ("a: '共{t: amuont}。'", "1:6 unknown-reading unknown reading `amuont`|did you mean `amount`?|{t: amount}"),
            (
                "a: 共{t:amuont}。  # why",
                "1:5 unknown-reading unknown reading `amuont`|did you mean `amount`?|{t:amount}",
            ),
            // Folded and escaped texts do not stand in the file as they are read.
            ("a: >\n  共\n  {t: amuont}", "2:3 unknown-reading unknown reading `amuont`|did you mean `amount`?|"),
            ("a: \"共\\t{t: amuont}。\"", "1:4 unknown-reading unknown reading `amuont`|did you mean `amount`?|"),
            (
                "a: \"{n: count monht}\"",
                "1:5 unknown-reading unknown unit `monht`|did you mean `month`?|{n: count month}",
            ),
            (
                "a: 共{total}。",
                "1:5 bad-placeholder `{total}` does not say how it is read|a placeholder is `{name: reading}`, for example `{total: amount}` or `{n: count month}`|",
            ),
            (
                "a: \"{i: word insurrance}\"\nword.insurance.x: 养老",
                "1:4 unknown-word-set `{i: word insurrance}`: there are no prompts `word.insurrance.*`|did you mean `insurance`?|",
            ),
            (
                "word.insurance.x: \"{n: integer}\"",
                "1:19 word-with-placeholder `word.insurance.x` is a word said inside other prompts; it takes no placeholders||",
            ),
            (
                "a: 请拨打12333。",
                "1:7 digit-in-text a digit in a text is read as each voice pleases|write 一 for a key or a quantity, 幺 in a number that is dialled, or use a placeholder|",
            ),
            (
                "a: 请按１。",
                "1:6 digit-in-text a digit in a text is read as each voice pleases|write 一 for a key or a quantity, 幺 in a number that is dialled, or use a placeholder|",
            ),
            ("a: '  '", "1:4 empty-text a prompt says something; this text is empty||"),
            ("a:", "1:2 wrong-type expected a word or text, found nothing||"),
            (
                "a: {t: amount}",
                "1:1 wrong-type expected a word or text, found a mapping|a text with a colon or a placeholder stands in quotes: `id: \"... {total: amount} ...\"`|",
            ),
            (
                "a: 共{t: amount}",
                "1:7 yaml-syntax this is not YAML: mapping values are not allowed in this context|a text with a colon or a placeholder stands in quotes: `id: \"... {total: amount} ...\"`|",
            ),
            (
                "Main Menu: 您好",
                "1:12 bad-id `Main Menu` is no name for a prompt; names are words of a-z with dots and hyphens between||",
            ),
            ("a: 您好\na: 再见", "2:1 written-twice `a` is written twice; first at line 1||"),
        ] {
            // The same in English, so that nothing is missing there; its own problems are those of the other file.
            let found = problems(&[("zh-CN/main.yaml", text), ("en/main.yaml", text)]);
            let found: Vec<&String> = found.iter().filter(|line| line.starts_with("zh-CN")).collect();
            assert_eq!(found, [&format!("zh-CN/main.yaml:{expected}")], "{text}");
        }
    }

    #[test]
    fn languages_and_files_are_compared() {
        assert_eq!(
            problems(&[
                ("zh-CN/a.yaml", "x: \"{n: integer}\"\nonly-zh: 您好\nsame: \"{a: date}{b: clock}\"\n"),
                ("zh-CN/b.yaml", "x: 又\n"),
                ("en/a.yaml", "x: \"{n: ordinal}\"\nonly-en: hello\nsame: \"{b: clock}, {a: date}\"\n"),
            ]),
            [
                "en/a.yaml:1:4 placeholders-differ `x` lacks `{n: integer}`, which it has in zh-CN||",
                "en/a.yaml:1:4 placeholders-differ `x` has `{n: ordinal}`, which it has not in zh-CN||",
                "en/a.yaml:2:10 missing-text `only-en` has no text in zh-CN|write it in prompts/zh-CN/a.yaml|",
                "zh-CN/a.yaml:2:10 missing-text `only-zh` has no text in en|write it in prompts/en/a.yaml|",
                "zh-CN/b.yaml:1:4 written-twice `x` is written twice; first at prompts/zh-CN/a.yaml:1||",
            ]
        );
    }

    #[test]
    fn one_mistake_is_one_problem() {
        // A file that cannot be read does not make the others' texts missing, nor a bad placeholder a difference.
        let syntax = problems(&[("zh-CN/a.yaml", "x: 一\ny: 二"), ("en/a.yaml", "x: [")]);
        assert!(syntax.len() == 1 && syntax[0].contains("yaml-syntax"), "{syntax:?}");
        let absent = problems(&[("zh-CN/a.yaml", "x: 一\ny: 二")]);
        assert_eq!(absent, ["en:0:0 missing-language the line speaks this language and has no prompts||"]);
        let slip = problems(&[("zh-CN/a.yaml", "x: \"{n: integre}\""), ("en/a.yaml", "x: \"{n: integer}\"")]);
        assert!(slip.len() == 1 && slip[0].contains("unknown-reading"), "{slip:?}");
    }

    #[test]
    fn a_language_without_readings_is_told() {
        let problems = Problems::default();
        read(&BTreeMap::new(), &[Language::from("zh-cn")], &problems);
        let found = problems.into_sorted();
        assert!(found.len() == 1 && found[0].code == "unknown-language" && found[0].text.contains("`zh-CN`"));
    }
}
