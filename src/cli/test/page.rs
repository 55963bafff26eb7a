//! What calls came by, as a page that stands by itself: the figures, what is missed, the picture of the flow.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::call::Language;
use crate::cli::prompts::html::{escape, page as whole};
use crate::cli::prompts::open::Opened;
use crate::picture::{self, Mark, Overlay, Tone};
use crate::simulator::{Coverage, Figures, Share, What};

/// The page. `calls` were played, of which `failed` did not go as told.
pub(super) fn page(opened: &Opened, coverage: &Coverage, calls: usize, failed: usize) -> String {
    let line = opened.line.as_ref().map(|line| line.name.as_str()).unwrap_or_default();
    let sections = [summary(calls, failed), figures(coverage), missed(coverage), picture(opened, coverage)];
    whole(&format!("Calls of line {line}"), &sections.concat())
}

/// The line, with what is missed in any language marked in it.
fn picture(opened: &Opened, coverage: &Coverage) -> String {
    let Some(line) = &opened.line else { return String::new() };
    let missed: BTreeSet<&What> = coverage.missed.iter().map(|missed| &missed.what).collect();
    let mark =
        |is_missed: bool| Mark { label: String::new(), tone: if is_missed { Tone::Missing } else { Tone::Good } };
    let mut overlay = Overlay::default();
    for (id, node) in &line.nodes {
        let unseen = missed.contains(&What::Node(id.to_string()));
        overlay.nodes.insert(id.clone(), mark(unseen));
        for edge in node.edges() {
            let what = What::Edge(id.to_string(), edge.name());
            overlay.edges.insert((id.clone(), edge.name()), mark(unseen || missed.contains(&what)));
        }
    }
    format!("<h2>The line</h2>\n{}\n", picture::svg(line, &overlay))
}

fn summary(calls: usize, failed: usize) -> String {
    let ended = if failed == 0 { "all went as told".to_owned() } else { format!("{failed} did not go as told") };
    format!("<p>{calls} calls were played: {ended}.</p>\n")
}

fn figures(coverage: &Coverage) -> String {
    let mut rows = String::from("<table>\n<thead><tr><th>file</th>");
    for language in &coverage.languages {
        let tag = escape(language.as_str());
        rows.extend(["<th>nodes, ", &tag, "</th><th>edges, ", &tag, "</th>"]);
    }
    rows.push_str("</tr></thead>\n<tbody>\n");
    for (file, figures) in &coverage.files {
        row(&mut rows, file, figures);
    }
    row(&mut rows, "all files", &coverage.total());
    rows.push_str("<tr><td>prompts</td>");
    for prompts in &coverage.prompts {
        write!(rows, "<td></td><td class=\"figure\">{}</td>", share(*prompts))
            .expect("writing to a string does not fail");
    }
    rows.push_str("</tr>\n</tbody>\n</table>\n");
    rows
}

fn row(rows: &mut String, name: &str, figures: &[Figures]) {
    rows.extend(["<tr><td>", &escape(name), "</td>"]);
    for Figures { nodes, edges } in figures {
        rows.extend(["<td class=\"figure\">", &share(*nodes), "</td><td class=\"figure\">", &share(*edges), "</td>"]);
    }
    rows.push_str("</tr>\n");
}

fn share(share: Share) -> String {
    let class = if share.seen < share.all { "wanting" } else { "whole" };
    format!("<span class=\"{class}\">{} of {}, {:.1} %</span>", share.seen, share.all, share.percent())
}

fn missed(coverage: &Coverage) -> String {
    if coverage.missed.is_empty() {
        return "<p>No call is missing: every node, edge and prompt is come by in every language.</p>\n".to_owned();
    }
    let mut list = String::from("<h2>What no call comes by</h2>\n<ul>\n");
    for missed in &coverage.missed {
        let languages: Vec<&str> = missed.languages.iter().map(Language::as_str).collect();
        let place = format!("{}:{}", missed.file, missed.line);
        let (what, languages) = (missed.what.to_string(), languages.join(", "));
        list.extend(["<li><code>", &escape(&place), "</code> ", &escape(&what), " (", &escape(&languages), ")</li>\n"]);
    }
    list.push_str("</ul>\n");
    list
}
