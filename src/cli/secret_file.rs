//! Secrets that this installation makes for itself: a file of the data folder that only its owner can read.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;

/// The secret in the file, which is made if there is none: 128 random bits in hexadecimal digits.
pub(super) fn load_or_make(path: &Path) -> anyhow::Result<String> {
    if let Some(secret) = load(path)? {
        return Ok(secret);
    }
    let secret = format!("{:032x}", rand::random::<u128>());
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| writeln!(file, "{secret}"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(secret)
}

/// The secret in the file; `None` if there is no such file.
pub(super) fn load(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(secret) => Ok(Some(secret.trim().to_owned())),
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
        Err(failed) => Err(failed).with_context(|| format!("{} cannot be read", path.display())),
    }
}
