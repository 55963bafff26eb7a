//! `hotline prompts report`: one page to listen to every clip, from a file, without a server.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::examples::{self, Example};
use super::html::{escape, link, page};
use super::open::{Opened, Scope};
use super::shelf::{SOUNDS, Shelf, replace};
use crate::audio;
use crate::call::Language;
use crate::prompt::{Row, Wanted};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// The page to write
    #[arg(long, value_name = "FILE", default_value = "voice.html")]
    out: PathBuf,
    /// Puts the clips into the page, so that it can be sent to somebody: about 30 MB for the shipped line
    #[arg(long)]
    embed: bool,
}

/// Where the page finds a clip.
struct Links<'a> {
    shelf: &'a Shelf,
    /// The folder of the page; `None` if clips are inside of it.
    from: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (opened, languages) = args.scope.open()?;
    let shelf = opened.shelf()?;
    let folder = args.out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    let links = Links { shelf: &shelf, from: (!args.embed).then_some(folder) };
    let mut body = String::new();
    for language in &languages {
        section(&mut body, &opened, &links, language)?;
    }
    sounds(&mut body, &opened, &links)?;
    replace(&args.out, page("The voice of the line · 语音清单", &body).as_bytes())?;
    println!("{}", args.out.display());
    Ok(ExitCode::SUCCESS)
}

const HEAD: &str = "<table>\n<thead><tr><th scope=\"col\">clip</th><th scope=\"col\">text · 文本</th>\
    <th scope=\"col\">s · 秒</th><th scope=\"col\">dBFS</th><th scope=\"col\">now · 现状</th>\
    <th scope=\"col\">voice · 声音</th><th scope=\"col\">listen · 试听</th></tr></thead>\n<tbody>\n";
const FOOT: &str = "</tbody>\n</table>\n";

fn section(body: &mut String, opened: &Opened, links: &Links<'_>, language: &Language) -> anyhow::Result<()> {
    writeln!(body, "<section>\n<h2>{}</h2>", escape(language.as_str()))?;
    let examples = examples::of_pieces(opened, language);
    let mut pieces: BTreeMap<&str, Vec<Wanted>> = BTreeMap::new();
    body.push_str(HEAD);
    for wanted in opened.catalogue.wanted(language) {
        if wanted.prompt.is_some() {
            entry(body, opened, links, language, &wanted, None)?;
        } else {
            let kind = examples.get(&wanted.clip).map_or("other", |example| example.kind);
            pieces.entry(kind).or_default().push(wanted);
        }
    }
    body.push_str(FOOT);
    for (kind, pieces) in &pieces {
        writeln!(body, "<details>\n<summary>{}: {} pieces</summary>", escape(kind), pieces.len())?;
        body.push_str(HEAD);
        for wanted in pieces {
            entry(body, opened, links, language, wanted, examples.get(&wanted.clip))?;
        }
        body.push_str(FOOT);
        body.push_str("</details>\n");
    }
    body.push_str("</section>\n");
    Ok(())
}

/// A clip. A piece is shown with a value that it is part of.
fn entry(
    body: &mut String,
    opened: &Opened,
    links: &Links<'_>,
    language: &Language,
    wanted: &Wanted,
    example: Option<&Example>,
) -> anyhow::Result<()> {
    let row = opened.catalogue.manifest(language).and_then(|manifest| manifest.rows.get(&wanted.clip));
    let status = opened.status(language, wanted);
    let example = example.map_or_else(String::new, |example| format!("<br><small>{}</small>", escape(&example.said)));
    let text = format!("{}{example}", escape(&wanted.text));
    line(body, links, language.as_str(), &wanted.clip, &text, row, status.word())
}

fn sounds(body: &mut String, opened: &Opened, links: &Links<'_>) -> anyhow::Result<()> {
    let rows = &opened.catalogue.sounds().rows;
    if rows.is_empty() {
        return Ok(());
    }
    body.push_str("<section>\n<h2>Sounds · 提示音</h2>\n");
    body.push_str(HEAD);
    for row in rows.values() {
        line(body, links, SOUNDS, &row.clip, "", Some(row), "")?;
    }
    body.push_str(FOOT);
    body.push_str("</section>\n");
    Ok(())
}

/// A row of the table; `text` and `state` are escaped.
fn line(
    body: &mut String,
    links: &Links<'_>,
    folder: &str,
    clip: &str,
    text: &str,
    row: Option<&Row>,
    state: &str,
) -> anyhow::Result<()> {
    let (mut length, mut level, mut voice) = (String::new(), String::new(), "");
    if let Some(row) = row {
        length = format!("{:.1}", audio::length(row.samples as usize).as_secs_f32());
        level = format!("{:.1}", row.level_dbfs);
        voice = &row.voice;
    }
    let listen = links.audio(folder, clip)?.map_or_else(String::new, |url| {
        format!("<audio controls preload=\"none\" aria-label=\"{}\" src=\"{}\"></audio>", escape(clip), escape(&url))
    });
    writeln!(
        body,
        "<tr><td class=\"clip\">{}</td><td class=\"text\" lang=\"{}\">{text}</td><td class=\"figure\">{length}</td>\
         <td class=\"figure\">{level}</td><td>{state}</td><td>{}</td><td>{listen}</td></tr>",
        escape(clip),
        escape(folder),
        escape(voice),
    )?;
    Ok(())
}

impl Links<'_> {
    /// The URL of a clip; `None` if it is not there.
    fn audio(&self, folder: &str, clip: &str) -> anyhow::Result<Option<String>> {
        let path = self.shelf.path(folder, clip);
        if !path.is_file() {
            return Ok(None);
        }
        let shown = || format!("cannot read {}", path.display());
        let Some(from) = &self.from else {
            let bytes = std::fs::read(&path).with_context(shown)?;
            return Ok(Some(format!("data:audio/wav;base64,{}", BASE64.encode(bytes))));
        };
        Ok(Some(link(&relative(from, &path.canonicalize().with_context(shown)?))))
    }
}

/// The way from a folder to a file; both are absolute.
fn relative(from: &Path, to: &Path) -> String {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.map(|part: Component<'_>| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_the_page_to_the_clip() {
        for (from, to, expected) in [
            ("/a/b", "/a/b/c/d.wav", "c/d.wav"),
            ("/a/out", "/a/prompts/en/clips/d.wav", "../prompts/en/clips/d.wav"),
            ("/", "/a.wav", "a.wav"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), expected);
        }
    }
}
