//! `hotline prompts sheet`: every clip as somebody needs it who is to speak it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::examples;
use super::html::{escape, page};
use super::open::{Opened, Scope, Status};
use super::shelf::replace;
use crate::call::Language;
use crate::prompt::{Wanted, speaking_time};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// Tab-separated: clip, language, text, pronunciation; what a renderer reads, without the path
    #[arg(long, conflicts_with = "csv")]
    tsv: bool,
    /// Comma-separated, with all that the page has
    #[arg(long)]
    csv: bool,
    /// Only what is missing or whose text has changed
    #[arg(long)]
    missing: bool,
    /// The file to write; by default recording-script.html, tables go to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A clip to be spoken.
struct Entry {
    language: Language,
    wanted: Wanted,
    status: Status,
    /// Where it is said: what comes before it, and what after it.
    context: (String, String),
    target_s: f32,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (opened, languages) = args.scope.open()?;
    let mut entries = Vec::new();
    for language in &languages {
        entries.extend(entries_of(&opened, language, args));
    }
    let text = if args.tsv {
        tsv(&entries)
    } else if args.csv {
        csv(&entries)?
    } else {
        html(&languages, &entries)
    };
    let default = (!args.tsv && !args.csv).then_some(Path::new("recording-script.html"));
    if let Some(path) = args.out.as_deref().or(default) {
        replace(path, text.as_bytes())?;
        println!("{} clips in {}", entries.len(), path.display());
        return Ok(ExitCode::SUCCESS);
    }
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn entries_of(opened: &Opened, language: &Language, args: &Args) -> Vec<Entry> {
    // A renderer has no use for where something is said.
    let examples = if args.tsv { BTreeMap::new() } else { examples::of_pieces(opened, language) };
    let mut entries = Vec::new();
    // The prompt whose fragments are being listed, and what of its text is behind them.
    let mut seen = (None, 0);
    for wanted in opened.catalogue.wanted(language) {
        let status = opened.status(language, &wanted);
        let whole = match &wanted.prompt {
            Some(prompt) => opened.catalogue.text(prompt.as_str(), language),
            None => examples.get(&wanted.clip).map(|example| example.said.clone()),
        };
        let from = if wanted.prompt.is_some() && seen.0 == wanted.prompt { seen.1 } else { 0 };
        let (context, end) = around(whole.as_deref().unwrap_or(&wanted.text), &wanted.text, from);
        seen = (wanted.prompt.clone(), end);
        if args.missing && !status.is_wanting() {
            continue;
        }
        let target_s = speaking_time(language, &wanted.text).as_secs_f32();
        entries.push(Entry { language: language.clone(), wanted, status, context, target_s });
    }
    entries
}

/// What stands before and after a part of a text, and where the part ends.
fn around(whole: &str, part: &str, from: usize) -> ((String, String), usize) {
    let start = whole.get(from..).and_then(|rest| rest.find(part)).map_or(0, |at| from + at);
    let end = start + part.len();
    let slice = |range: Option<&str>| range.unwrap_or_default().to_owned();
    ((slice(whole.get(..start)), slice(whole.get(end..))), end)
}

fn tsv(entries: &[Entry]) -> String {
    let mut lines = String::new();
    for Entry { language, wanted, .. } in entries {
        let fields = [wanted.clip.as_str(), language.as_str(), &wanted.text, &wanted.pronounced];
        lines.push_str(&fields.map(|field| field.replace(['\t', '\r', '\n'], " ")).join("\t"));
        lines.push('\n');
    }
    lines
}

fn csv(entries: &[Entry]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["clip", "language", "text", "pronounced", "context", "target-s", "state"])?;
    for Entry { language, wanted, status, context: (before, after), target_s } in entries {
        let context = format!("{before}[{}]{after}", wanted.text);
        let target = format!("{target_s:.1}");
        let Wanted { clip, text, pronounced, .. } = wanted;
        writer.write_record([clip, language.as_str(), text, pronounced, &context, &target, status.word()])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn html(languages: &[Language], entries: &[Entry]) -> String {
    let mut body = String::from(
        "<p>Speak each text as it stands, at an even pace and loudness, in one file named as the clip \
         (<code>main.menu.wav</code>, WAV or FLAC); then <code>hotline prompts import --folder DIR --by NAME</code>. \
         What is marked is to be spoken; the rest shows where callers hear it.</p>\n\
         <p lang=\"zh-CN\">请按原文朗读，语速和音量保持均匀，每条存为一个文件，文件名与“clip”一栏相同（WAV 或 FLAC）。\
         只读标出的部分，其余文字说明它在哪里播放。</p>\n",
    );
    for language in languages {
        let own: Vec<&Entry> = entries.iter().filter(|entry| entry.language == *language).collect();
        section(&mut body, language, &own).expect("writing to a string does not fail");
    }
    page("Recording script · 录音脚本", &body)
}

fn section(body: &mut String, language: &Language, entries: &[&Entry]) -> std::fmt::Result {
    let seconds: f32 = entries.iter().map(|entry| entry.target_s).sum();
    let tag = escape(language.as_str());
    writeln!(body, "<section>\n<h2>{tag}</h2>\n<p>{} clips, about {:.0} minutes.</p>", entries.len(), seconds / 60.0)?;
    body.push_str(
        "<table>\n<thead><tr><th scope=\"col\">clip</th><th scope=\"col\">text · 文本</th>\
         <th scope=\"col\">where · 语境</th><th scope=\"col\">about s · 秒</th><th scope=\"col\">now · 现状</th></tr></thead>\n<tbody>\n",
    );
    for Entry { wanted, status, context: (before, after), target_s, .. } in entries {
        let (text, before, after) = (escape(&wanted.text), escape(before), escape(after));
        let pronounced = match wanted.pronounced.as_str() {
            "" => String::new(),
            pronounced => format!("<br><small>{}</small>", escape(pronounced)),
        };
        let class = if status.is_wanting() { " class=\"wanting\"" } else { "" };
        writeln!(
            body,
            "<tr><td class=\"clip\">{}</td><td class=\"text\" lang=\"{tag}\">{text}{pronounced}</td>\
             <td class=\"context\" lang=\"{tag}\">{before}<mark>{text}</mark>{after}</td>\
             <td class=\"figure\">{target_s:.1}</td><td{class}>{}</td></tr>",
            escape(&wanted.clip),
            status.word(),
        )?;
    }
    body.push_str("</tbody>\n</table>\n</section>\n");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_found_where_it_stands() {
        let whole = "共{a: amount}元，其中{b: amount}元。";
        let (context, end) = around(whole, "元", 0);
        assert_eq!(context, ("共{a: amount}".to_owned(), "，其中{b: amount}元。".to_owned()));
        let (context, _) = around(whole, "元。", end);
        assert_eq!(context, ("共{a: amount}元，其中{b: amount}".to_owned(), String::new()));
    }
}
