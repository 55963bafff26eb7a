//! Mistakes in files, shown to their author: the line, what is wrong with it, and the fix.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use std::io::IsTerminal as _;

use crate::flow::Files;
use crate::yaml::Problem;

/// Prints every problem with its place in the file.
pub(super) fn problems(files: &Files, problems: &[Problem]) {
    let renderer = if std::io::stderr().is_terminal() { Renderer::styled() } else { Renderer::plain() };
    for problem in problems {
        eprintln!("{}\n", render(&renderer, files, problem));
    }
}

fn render(renderer: &Renderer, files: &Files, problem: &Problem) -> String {
    let place = problem.place;
    let source = files.0.get(&*problem.file).map_or("", String::as_str);
    // A place that is not in the text is that of a file that is missing.
    if place.line == 0 || place.end > source.len() {
        return problem.to_string();
    }
    let span = place.start..place.end.max(place.start);
    let snippet = Snippet::source(source).path(&*problem.file).annotation(AnnotationKind::Primary.span(span.clone()));
    let mut report = vec![Level::ERROR.primary_title(&problem.text).id(problem.code).element(snippet)];
    if let Some(caller) = &problem.caller {
        report.push(Group::with_title(Level::NOTE.secondary_title(caller)));
    }
    if let Some(help) = &problem.help {
        let mut group = Group::with_title(Level::HELP.secondary_title(help));
        if let Some(fix) = &problem.fix {
            group = group.element(Snippet::source(source).path(&*problem.file).patch(Patch::new(span, fix.as_str())));
        }
        report.push(group);
    }
    renderer.render(&report)
}
