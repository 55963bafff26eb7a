//! What calls came by, as a table on the terminal.

use crate::call::Language;
use crate::simulator::{Coverage, Figures, Share};

pub(super) fn print(coverage: &Coverage) {
    let name_width = coverage.files.keys().map(String::len).max().unwrap_or(0).max("all files".len());
    print!("{:name_width$}", "");
    for language in &coverage.languages {
        print!("  {:<30}", language.as_str());
    }
    println!();
    print!("{:name_width$}", "");
    coverage.languages.iter().for_each(|_| print!("  {:>9}  {:>19}", "nodes", "edges"));
    println!();
    for (file, figures) in &coverage.files {
        row(file, figures, name_width);
    }
    row("all files", &coverage.total(), name_width);
    print!("{:name_width$}", "prompts");
    coverage.prompts.iter().for_each(|prompts| print!("  {:>30}", share(*prompts)));
    println!("\n");
    for missed in &coverage.missed {
        let languages: Vec<&str> = missed.languages.iter().map(Language::as_str).collect();
        let everywhere = languages.len() == coverage.languages.len();
        let languages = if everywhere { String::new() } else { format!("  (in {})", languages.join(", ")) };
        println!("{}:{}: no call comes by {}{languages}", missed.file, missed.line, missed.what);
    }
    if !coverage.missed.is_empty() {
        println!();
    }
}

fn row(name: &str, figures: &[Figures], name_width: usize) {
    print!("{name:name_width$}");
    for Figures { nodes, edges } in figures {
        print!("  {:>9}  {:>19}", format!("{}/{}", nodes.seen, nodes.all), share(*edges));
    }
    println!();
}

fn share(share: Share) -> String {
    format!("{}/{} {:5.1} %", share.seen, share.all, share.percent())
}
