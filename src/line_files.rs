//! Where the files of lines come from: the shipped line is in the program, others are folders.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use rust_embed::Embed;

use crate::flow::Files;

/// The name of the line that the program brings along.
pub const SHIPPED: &str = "12333";

#[derive(Embed)]
#[folder = "call-flows/12333"]
#[include = "*.yaml"]
struct ShippedFlows;

#[derive(Embed)]
#[folder = "prompts"]
#[include = "*.yaml"]
#[include = "*.csv"]
struct ShippedPrompts;

/// A folder that is no line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the line folder {path} cannot be read")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is no line folder: it has no line.yaml; give the folder that has it")]
    NoLine { path: PathBuf },
    #[error("the line has no prompts: they are expected in {own} or in {beside}")]
    NoPrompts { own: PathBuf, beside: PathBuf },
    #[error("{path} would not be read; files of a line end in .yaml: rename it")]
    Yml { path: PathBuf },
    #[error("{path} is not UTF-8 text; save it as UTF-8")]
    NotText { path: PathBuf },
}

/// The files of the shipped line.
///
/// # Panics
/// Never: its files are text, which the tests see to.
#[must_use]
pub fn shipped() -> Files {
    let text = |file: Option<rust_embed::EmbeddedFile>| {
        let file = file.expect("a listed file is there");
        String::from_utf8(file.data.into_owned()).expect("the shipped files are UTF-8")
    };
    let flows = ShippedFlows::iter().map(|path| (path.to_string(), text(ShippedFlows::get(&path))));
    let prompts = ShippedPrompts::iter().map(|path| (format!("prompts/{path}"), text(ShippedPrompts::get(&path))));
    Files(flows.chain(prompts).collect())
}

/// The text files of the line in `folder`: `*.yaml` in it, and `*.yaml` and `*.csv` of `prompts/<language>/` in it or
/// two folders up.
///
/// # Errors
/// [`Error`], with the path that is wrong.
pub fn read_folder(folder: &Path) -> Result<Files, Error> {
    if !folder.join("line.yaml").is_file() {
        return Err(Error::NoLine { path: folder.to_owned() });
    }
    let mut files = BTreeMap::new();
    read_into(&mut files, folder, "", &["yaml"])?;
    let prompts = prompts_folder(folder)?;
    for language in entries(&prompts)? {
        if language.is_dir()
            && let Some(name) = language.file_name().and_then(|name| name.to_str())
        {
            read_into(&mut files, &language, &format!("prompts/{name}/"), &["yaml", "csv"])?;
        }
    }
    Ok(Files(files))
}

/// The folder with the prompts of the line in `folder`: `prompts/` in it or two folders up.
///
/// # Errors
/// [`Error::NoPrompts`] if there is neither.
pub fn prompts_folder(folder: &Path) -> Result<PathBuf, Error> {
    let (own, beside) = (folder.join("prompts"), folder.join("../../prompts"));
    match (own.is_dir(), beside.is_dir()) {
        (true, _) => Ok(own),
        (false, true) => Ok(beside),
        (false, false) => Err(Error::NoPrompts { own, beside }),
    }
}

fn read_into(
    files: &mut BTreeMap<String, String>,
    folder: &Path,
    prefix: &str,
    extensions: &[&str],
) -> Result<(), Error> {
    for path in entries(folder)? {
        if path.extension().is_some_and(|own| own == "yml") {
            return Err(Error::Yml { path });
        }
        let wanted = path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension));
        if let (true, Some(name)) = (wanted && path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            let bytes = std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
            let text = String::from_utf8(bytes).map_err(|_| Error::NotText { path: path.clone() })?;
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let read: Result<Vec<_>, io::Error> =
        std::fs::read_dir(folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = read.map_err(failed)?;
    paths.sort();
    Ok(paths)
}
