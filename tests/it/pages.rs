//! The pages of the telephone and the desk: what a browser would only find out when somebody gets there. That they do
//! what they should is *not* asked here: the browser tests do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hotline::call::{DialOutcome, Type};
use regex_lite::Regex;

/// A page and the scripts that look up elements of it.
const PAGES: &[(&str, &[&str])] = &[
    ("phone.html", &["phone.js", "microphone.js", "screen.js"]),
    (
        "desk/desk.html",
        &[
            "desk/desk.js",
            "desk/voice.js",
            "desk/card.js",
            "desk/records.js",
            "desk/lists.js",
            "microphone.js",
            "screen.js",
        ],
    ),
];

/// The folders of the pages.
const FOLDERS: &[&str] = &["", "desk/"];

/// What a script imports from there, by its name among all files.
fn imported(by: &str, from: &str) -> String {
    let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
    match (from.strip_prefix("../"), from.strip_prefix("./")) {
        (Some(name), _) => name.to_owned(),
        (_, Some(name)) if folder.is_empty() => name.to_owned(),
        (_, Some(name)) => format!("{folder}/{name}"),
        (None, None) => panic!("{by} imports {from}"),
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Every file of the pages, by name.
fn files() -> BTreeMap<String, String> {
    let names = FOLDERS.iter().flat_map(|inner| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/pages").join(inner);
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(move |entry| format!("{inner}{}", entry.file_name().into_string().unwrap()))
    });
    names.map(|name| (name.clone(), read(&format!("src/http/pages/{name}")))).collect()
}

/// What the first group of `pattern` matches in `text`.
fn all(pattern: &str, text: &str) -> BTreeSet<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The variants of an enum, as they are written in messages.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let source = read(file);
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let capital = Regex::new("(.)([A-Z])").unwrap();
    let kebab = |variant: &String| capital.replace_all(variant, "$1-$2").to_lowercase();
    let found: BTreeSet<String> = all("(?m)^    ([A-Z][A-Za-z]*)", body).iter().map(kebab).collect();
    assert!(found.len() > 3, "{name}: {found:?}");
    found
}

/// Texts by key, in Chinese and in English.
fn texts() -> BTreeMap<String, [String; 2]> {
    let mut texts = BTreeMap::new();
    for (file, table) in [("texts.js", "const TEXTS = {\n"), ("desk/words.js", "export const WORDS = {\n")] {
        texts.extend(texts_of(file, table));
    }
    texts
}

/// Those of one file.
fn texts_of(file: &str, table: &str) -> BTreeMap<String, [String; 2]> {
    let source = read(&format!("src/http/pages/{file}"));
    let (_, table) = source.split_once(table).unwrap();
    let (table, _) = table.split_once("\n};").unwrap();
    let row = Regex::new(r#"^  "([a-z.-]+)": \["([^"]+)", "([^"]+)"\],$"#).unwrap();
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with("  //"));
    let read = rows.map(|line| row.captures(line).unwrap_or_else(|| panic!("no text in two languages: {line}")));
    let mut texts = BTreeMap::new();
    for found in read {
        let doubled = texts.insert(found[1].to_owned(), [found[2].to_owned(), found[3].to_owned()]);
        assert!(doubled.is_none(), "{} twice", &found[1]);
    }
    texts
}

/// Whether a file has this extension.
fn is(name: &str, extension: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|own| own == extension)
}

#[test]
fn nothing_needs_a_looser_content_security_policy() {
    for (name, content) in files() {
        let forbidden: &[&str] = match name.rsplit_once('.').unwrap().1 {
            "html" => &["<style", " style=", "javascript:", "<base", "<iframe", " action=", "<!--"],
            "js" => {
                &["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "\"style\""]
            }
            "css" => &["@import", "url("],
            "svg" => &["<script", "<style", " style=", "href"],
            other => panic!("{name}: what kind of file is {other}?"),
        };
        let found: Vec<_> = forbidden.iter().filter(|word| content.contains(*word)).collect();
        assert!(found.is_empty(), "{name} has {found:?}");
        let elsewhere = all(r"((?:https?|wss?):?//[^\s]*)", &content.replace("http://www.w3.org/2000/svg", ""));
        assert!(elsewhere.is_empty(), "{name} names {elsewhere:?}");
        if is(&name, "html") {
            assert!(!Regex::new(r"\son[a-z]+=").unwrap().is_match(&content), "{name} has an event attribute");
            let scripts = all(r"(<script[^\n]*)", &content);
            let modules = Regex::new(r#"^<script type="module" src="/phone/files/[a-z/]+\.js"></script>$"#).unwrap();
            assert!(scripts.len() == 1 && scripts.iter().all(|script| modules.is_match(script)), "{scripts:?}");
        }
    }
}

#[test]
fn every_file_that_is_named_exists_and_every_file_is_named() {
    let files = files();
    let mut named: BTreeSet<String> = PAGES.iter().map(|(page, _)| (*page).to_owned()).collect();
    for (name, content) in &files {
        named.extend(all(r#""/phone/files/([^"]+)""#, content));
        named.extend(all(r#"new URL\("\./([^"]+)", import.meta.url\)"#, content));
        named.extend(all(r#"from "(\.[^"]+)""#, content).iter().map(|from| imported(name, from)));
    }
    assert_eq!(named, files.keys().cloned().collect());
}

#[test]
fn every_name_that_is_imported_is_exported() {
    let files = files();
    for (name, content) in files.iter().filter(|(name, _)| is(name, "js")) {
        for found in Regex::new(r#"import \{([^}]+)\} from "(\.[^"]+)";"#).unwrap().captures_iter(content) {
            let from = &files[&imported(name, &found[2])];
            let exported = all(r"(?m)^export (?:async )?(?:class|function|const) (\w+)", from);
            for word in found[1].split(',').map(str::trim).filter(|word| !word.is_empty()) {
                assert!(exported.contains(word), "{name} imports {word} from {}", &found[2]);
                assert!(content.matches(word).count() > 1, "{name} does not use {word}");
            }
        }
    }
}

#[test]
fn every_element_that_is_looked_up_is_on_the_page_once() {
    let files = files();
    for (page, scripts) in PAGES {
        let html = &files[*page];
        let ids = all(r#" id="([^"]+)""#, html);
        assert_eq!(ids.len(), html.matches(" id=\"").count(), "{page} has an id twice");
        let mut wanted = all(r##"(?: for="| href="#| aria-(?:controls|labelledby|describedby)=")([a-z-]+)""##, html);
        for script in *scripts {
            wanted.extend(all(r#"(?:element|shows)\("([^"]+)""#, &files[*script]));
        }
        let missing: Vec<_> = wanted.difference(&ids).collect();
        assert!(missing.is_empty(), "{page} lacks {missing:?}");
        assert!(wanted.contains("mute") && wanted.contains("keys"), "{page}: {wanted:?}");
    }
}

fn of(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn quoted(list: &str) -> BTreeSet<String> {
    all(r#""([a-z-]+)""#, list)
}

/// The fields that lookups at the desk may answer, lists of payments apart: they are a table.
fn fields_of_records() -> BTreeSet<String> {
    let offered = hotline::lookup::ALL
        .iter()
        .filter(|lookup| hotline::desk::work::OFFERED.contains(&lookup.signature.name))
        .flat_map(|lookup| lookup.signature.outcomes)
        .flat_map(|outcome| outcome.answer);
    offered.filter(|field| !matches!(field.of, Type::List(_))).map(|field| field.name.to_owned()).collect()
}

/// The words that records have and callers are never told.
fn words_without_a_prompt() -> BTreeSet<String> {
    fn of_type(of: &Type, into: &mut BTreeSet<String>) {
        if let Type::Word { set, words } = of {
            into.extend(words.iter().map(|word| format!("{set}.{word}")));
        } else if let Type::Record(fields) = of {
            fields.iter().for_each(|field| of_type(&field.of, into));
        } else if let Type::List(of) = of {
            of_type(of, into);
        }
    }
    let mut words = BTreeSet::new();
    let offered = |name: &str| hotline::desk::work::OFFERED.contains(&name);
    for lookup in hotline::lookup::ALL.iter().filter(|lookup| offered(lookup.signature.name)) {
        lookup
            .signature
            .outcomes
            .iter()
            .flat_map(|outcome| outcome.answer)
            .for_each(|field| of_type(&field.of, &mut words));
    }
    let prompts = read("prompts/en/words.yaml");
    words.into_iter().filter(|word| !prompts.contains(&format!("word.{word}:"))).collect()
}

/// How a wait can end, as the table says.
fn outcomes() -> BTreeSet<String> {
    let sql = read("src/store/migrations/sqlite/0004_desk.sql");
    let (_, list) = sql.split_once("CHECK (outcome IN (").unwrap();
    all("'([a-z-]+)'", list.split_once(')').unwrap().0)
}

/// Every word with which the desk refuses something.
fn refusals() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    crate::tidy::sources(&folder.join("desk/work"), &mut files);
    crate::tidy::sources(&folder.join("http/desk"), &mut files);
    let sources: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut words = all(r#"Refused\("([a-z-]+)"\)"#, &sources);
    words.extend(all(r#"StatusCode::[A-Z_]+, "([a-z-]+)"\)"#, &sources));
    words.insert("no-connection".to_owned());
    words
}

#[test]
fn every_text_is_there_in_both_languages_and_used() {
    let (texts, files) = (texts(), files());
    let is_chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    for (key, [chinese, english]) in &texts {
        // The button names the other language in that language.
        if key != "language.other" {
            assert!(is_chinese(chinese) && !is_chinese(english), "{key}: {chinese} / {english}");
        }
        assert_eq!(all(r"\{(\w+)\}", chinese), all(r"\{(\w+)\}", english), "{key}");
    }

    // A quoted word with a dot in it whose first part is that of a text is meant as one.
    let known: BTreeSet<String> = texts.keys().cloned().collect();
    let is_one = |word: &str| {
        word.split_once('.').is_some_and(|(group, _)| known.iter().any(|key| key.starts_with(&format!("{group}."))))
    };
    let mut used = BTreeSet::new();
    for (_, content) in files.iter().filter(|(name, _)| !matches!(name.as_str(), "texts.js" | "desk/words.js")) {
        used.extend(all(r#"(?:data-text=|data-label=|text\()"([^"]+)""#, content));
        used.extend(all(r#"text\([^()"]*\? "([^"]+)" : ""#, content));
        used.extend(all(r#"text\([^()"]*\? "[^"]+" : "([^"]+)"\)"#, content));
        used.extend(all(r#""([a-z.-]+)""#, content).into_iter().filter(|word| is_one(word) || known.contains(word)));
    }
    // Keys that a script puts together.
    let together = [
        ("state", all(r#"(?:showState\(|  state: )"([a-z-]+)""#, &files["phone.js"])),
        ("state", all(r#"talks\([a-z]+, "([a-z-]+)"\)"#, &files["phone.js"])),
        ("desk", ["in-call", "talking", "held", "lost"].map(str::to_owned).into()),
        ("presence", ["offline", "available", "away", "reserved", "talking", "wrap-up"].map(str::to_owned).into()),
        (
            "reason",
            all(r"const REASONS = \[([^\]]+)\]", &files["desk/desk.js"]).iter().flat_map(|list| quoted(list)).collect(),
        ),
        ("reason", ["no-answer", "declined", "restart"].map(str::to_owned).into()),
        ("call", ["back", "reserved", "talking", "wrap-up"].map(str::to_owned).into()),
        ("in", ["zh-cn", "en"].map(str::to_owned).into()),
        ("proof", ["open", "verified", "closed"].map(str::to_owned).into()),
        ("by", ["id-number", "card"].map(str::to_owned).into()),
        ("member", of(hotline::desk::work::FIELDS)),
        ("look", of(hotline::desk::work::OFFERED)),
        ("field", fields_of_records()),
        ("result", of(hotline::desk::work::RESULTS)),
        ("word", words_without_a_prompt()),
        ("back", ["due", "sending", "done", "failed", "unknown"].map(|state| format!("calling.{state}")).into()),
        ("sms", ["due", "sending", "done", "failed", "unknown"].map(str::to_owned).into()),
        ("outcome", outcomes()),
        ("ticket", ["message", "complaint", "report"].map(str::to_owned).into()),
        ("complaint", complaints()),
        ("ticket", hotline::desk::work::TicketState::ALL.iter().map(|(_, name)| (*name).to_owned()).collect()),
        ("refused", refusals()),
        ("mic", ["later", "asking", "on", "muted", "denied", "missing"].map(str::to_owned).into()),
        ("apart", DialOutcome::ALL.iter().map(|outcome| outcome.name().to_owned()).collect()),
        ("ended", variants("src/call/reply.rs", "EndCause")),
        ("trouble", variants("src/switchboard/message.rs", "TroubleTold")),
        ("author", ["caller", "operator"].map(str::to_owned).into()),
    ];
    used.extend(together.iter().flat_map(|(group, keys)| keys.iter().map(move |key| format!("{group}.{key}"))));

    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "nobody shows {unused:?}");
}

fn complaints() -> BTreeSet<String> {
    let Type::Word { words, .. } = hotline::flow::COMPLAINTS else { panic!("a complaint is about a word") };
    of(words)
}

#[test]
fn the_way_to_a_balance_follows_prompts_that_there_are() {
    let script = read("src/http/pages/tryit.js");
    let (_, named) = script.split_once("const ASKED_BY = ").unwrap();
    let (named, _) = named.split_once("\n\n").unwrap();
    let named = all(r#""([a-z.]+)""#, named);
    let mut known = BTreeSet::new();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts/en")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            known.extend(all(r"(?m)^([a-z.-]+):", &std::fs::read_to_string(path).unwrap()));
        }
    }
    assert_eq!(named.len(), 6);
    assert!(named.is_subset(&known), "{named:?}");
}

#[test]
fn every_message_of_the_switchboard_is_acted_on() {
    let files = files();
    let handled = |name: &str| all(r#"case "([a-z-]+)":"#, &files[name]);
    let (phone, desk) = (handled("phone.js"), handled("desk/voice.js"));
    let told = variants("src/switchboard/message.rs", "Told");
    let acted: BTreeSet<String> = phone.union(&desk).cloned().chain(["ticket".to_owned()]).collect();
    assert_eq!(acted, told);

    let does = variants("src/switchboard/message.rs", "Does");
    let said = all(r#"\{ t: "([a-z-]+)""#, &files.values().map(String::as_str).collect::<String>());
    assert_eq!(said, does);
}
