//! The folders of lines, read for callers: their names, their files, their clips.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::call::PhoneNumber;
use crate::clip_files::ClipFiles;
use crate::config::Config;
use crate::flow::Files;
use crate::line_files;

/// The folders of the lines, read: name, files, numbers that reach it. Their clips are kept in the data folder.
pub(super) fn folders(config: &Config, clips: &ClipFiles) -> anyhow::Result<Vec<(String, Files, Vec<PhoneNumber>)>> {
    let mut folders = Vec::new();
    if config.lines.is_empty() {
        folders.push((line_files::SHIPPED.to_owned(), line_files::shipped()));
    }
    for folder in &config.lines {
        folders.push(read(folder, clips)?);
    }
    for (number, line) in &config.numbers {
        if !folders.iter().any(|(name, _)| name == line) {
            bail!("[numbers] sends {number:?} to line `{line}`, which is not configured");
        }
    }
    let numbers =
        |line: &str| config.numbers.iter().filter(|(_, to)| to == line).map(|(number, _)| number.clone()).collect();
    Ok(folders
        .into_iter()
        .map(|(line, files)| {
            let numbers = numbers(&line);
            (line, files, numbers)
        })
        .collect())
}

/// The name and the files of the line in a folder. Its clips are kept in the data folder.
pub(super) fn read(folder: &Path, clips: &ClipFiles) -> anyhow::Result<(String, Files)> {
    let files = line_files::read_folder(folder)?;
    clips.take_in(&line_files::prompts_folder(folder)?, &files)?;
    let name =
        folder.canonicalize().ok().and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    Ok((name.with_context(|| format!("{} has no name", folder.display()))?, files))
}
